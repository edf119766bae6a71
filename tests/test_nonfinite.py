"""Numbers that are not finite: which is the first, what made it, and what is said of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from tests.test_audit_report import schema
from verifier.arithmetic.ieee import Ieee
from verifier.audit.against import against
from verifier.audit.functions import accuracy
from verifier.audit.implementations import Outputs, run
from verifier.audit.nonfinite import first
from verifier.audit.whole import whole
from verifier.cli import main
from verifier.documents.audit import audit_documents
from verifier.evaluate import evaluate
from verifier.problem import Problem, load, loads
from verifier.report.audit.lines import comparison_line, terminal_lines
from verifier.solution import Solution
from verifier.testing import assert_forward

X = "[inputs]\nx = [[300, 2]]\n"


def made(equations: str, more: str = X) -> Problem:
    return loads(f'equations = """\n{equations}\n"""\n{more}')


SUM = made("h[t] = tanh(x[t] @ U)", "[parameters]\nU = [[2], [-2]]\n[inputs]\nx = [[60000, 59999]]")
EXP = made("a[t] = exp(x[t])\nh[t] = a[t] - 1 + 0 * h[t-1]", "[inputs]\nx = [[1, 2], [3, 12]]")

TABLE = [
    (SUM, {}, "h", 1, (0,), "nan", ["product 60000 2", "inf-inf"]),
    (made("h[t] = x[t] * x[t]"), {}, "h", 1, (0,), "inf", ["result 300 300"]),
    (made("h[t] = -x[t] * x[t]"), {}, "h", 1, (0,), "-inf", ["result -300 300"]),
    (made("h[t] = relu(exp(x[t])) - 1"), {}, "h", 1, (0,), "inf", ["result 300"]),
    (made("h[t] = exp(x[t]) - exp(x[t])"), {}, "h", 1, (0,), "nan", ["result 300", "inf-inf"]),
    (made("h[t] = 0 * exp(x[t])"), {}, "h", 1, (0,), "nan", ["result 300", "0*inf"]),
    (made("h[t] = softsign(exp(x[t]))"), {}, "h", 1, (0,), "nan", ["result 300", "inf/inf"]),
    (made("h[t] = softmax(x[t] * x[t])"), {}, "h", 1, (0,), "nan", ["result 300 300", "inf-inf"]),
    (made("h[t] = concat(1, x[t] * x[t])"), {}, "h", 1, (1,), "inf", ["result 300 300"]),
    (made("h[t] = x[t]", "[inputs]\nx = [[1, 70000]]"), {}, "h", 1, (1,), "inf", ["given"]),
    (made("h[t] = x[t] / 70000 - 70000"), {}, "h", 1, (0,), "-inf", ["given"]),
    (made("h[t] = x[t] / exp(-x[t])"), {}, "h", 1, (0,), "inf", ["divisor 300 0"]),
    (made("h[t] = exp(-x[t]) / exp(-x[t])"), {}, "h", 1, (0,), "nan", ["0/0 0 0"]),
    (made("h[t] = x[t] ** 2"), {}, "h", 1, (0,), "inf", ["result 300"]),
    (made("h[t] = sum(square(x[t])) + 1"), {}, "h", 1, (), "inf", ["result 300"]),
    (made("h[t] = pad(square(x[t])[0:1], 1, 1)"), {}, "h", 1, (1,), "inf", ["result 300"]),
    (made("h[t] = fill(square(x[t]), 2)"), {}, "h", 1, (0, 0), "inf", ["result 300"]),
    (made("h[t] = mean(outer(x[t], x[t]), 0)"), {}, "h", 1, (0,), "inf", ["result 300 300"]),
    (
        made("h[t] = x[t] @ W.T", f"[parameters]\nW = [[1, 2], [218, 218]]\n{X}"),
        *({"accumulator": "float32"}, "h", 1, (1,), "inf", ["sum"]),
    ),
    (
        made("h[t] = x[t] @ W.T", f"[parameters]\nW = [[1, 2], [300, 0]]\n{X}"),
        *({"order": "numpy"}, "h", 1, (1,), "inf", ["sum"]),
    ),
    (
        made("h[t] = h[t-1] * h[t-1]", "steps = 9\n[initial]\nh = [1, 3]"),
        *({}, "h", 4, (1,), "inf", ["result 6560 6560"]),
    ),
    (
        made("h[t] = h[t+1] * h[t+1]", "steps = 9\n[final]\nh = [1, 3]"),
        *({}, "h", 6, (1,), "inf", ["result 6560 6560"]),
    ),
]


@pytest.mark.parametrize(("task", "model", "name", "step", "index", "value", "events"), TABLE)
def test_the_first_that_is_not_finite_and_why(
    task: Problem,
    model: dict[str, Any],
    name: str,
    step: int,
    index: tuple[int, ...],
    value: str,
    events: list[str],
) -> None:
    found = first(task, Ieee("float16", **model))
    assert found is not None
    assert (found.name, found.step, found.index) == (name, step, index)
    assert str(found.computed) == value
    assert [" ".join((event.reason, *event.operands)) for event in found.events] == events
    assert first(task, Ieee("float64")) is None


def test_finite_numbers_have_no_such_entry() -> None:
    assert first(SUM, Ieee("float16", fma=True)) is None
    assert first(SUM, Ieee("float32")) is None


def test_a_long_way_back() -> None:
    """What overflowed thousands of steps ago."""
    task = made("h[t] = 2 * h[t-1]", "steps = 3000\n[initial]\nh = 1")
    values = {(3000, "h"): np.array(np.inf, "f2")}
    outputs = Outputs("mine", "", "float16", values, accuracy("numpy"))
    found = against(Solution(task), outputs)
    assert found.lost is not None
    assert [(event.step, event.reason) for event in found.lost.events] == [(16, "result")]


def test_a_report_on_nan_claims_no_digits() -> None:
    found = whole(Solution(SUM), [Ieee("float16")])
    text = str(audit_documents(found, ["md"])["md"])
    assert "all entries print" not in text
    assert "one entry is not a finite number and prints no digits" in text
    (line,) = terminal_lines(found)
    assert "h_1 is nan. In x_1 U the product of 60000 and 2 overflows" in line
    assert "∞ − ∞" in line


def test_json_names_what_is_not_finite() -> None:
    data = json.loads(str(audit_documents(whole(Solution(SUM)), ["json"])["json"]))
    Draft202012Validator(schema()).validate(data)
    (found,) = data["lost"]
    assert (found["float"], found["computed"], found["index"]) == ("float16", "nan", [0])
    assert [event["reason"] for event in found["events"]] == ["product", "inf-inf"]
    assert found["events"][0]["term"] == "x_1 U"
    assert data["rows"][0]["computed"] == "nan"


def test_the_command_reports_a_program_that_overflows(tmp_path: Path) -> None:
    path = tmp_path / "exp.toml"
    path.write_text('equations = "h[t] = exp(x[t]) - 1"\n[inputs]\nx = [[1, 2], [3, 12]]\n')
    options = ("--against", "numpy", "--format", "json", "--format", "md", "--output", tmp_path)
    done = CliRunner().invoke(main, [str(part) for part in ("audit", path, *options)])
    assert done.exit_code == 1, done.output
    assert (
        "float16: one output is NOT a finite number: the second entry of h_2 is ∞." in done.output
    )
    data = json.loads((tmp_path / "exp" / "audit.json").read_text())
    Draft202012Validator(schema()).validate(data)
    by_format = {each["float"]: each for each in data["against"]}
    assert by_format["float32"]["inside"]
    assert by_format["float32"]["lost"] is None
    assert not by_format["float16"]["inside"]
    assert by_format["float16"]["not_finite"] == 1
    assert by_format["float16"]["entry"]["computed"] == "inf"
    assert by_format["float16"]["lost"]["events"][0]["operands"] == ["12"]


def changed(float: str, change: Callable[[dict[Any, Any]], None]) -> Outputs:
    values = {site: value.copy() for site, value in evaluate(EXP, Ieee(float)).values.items()}
    change(values)
    return Outputs("mine", "", float, values, accuracy("numpy"))


def put(site: tuple[int, str], k: int, value: float) -> Callable[[dict[Any, Any]], None]:
    return lambda values: values[site].__setitem__(k, value)


def test_nan_in_one_step_alone_is_a_bug() -> None:
    found = against(Solution(EXP), changed("float32", put((2, "h"), 0, np.nan)))
    assert (found.inside, found.outside, found.not_finite, found.lost) == (False, 1, 1, None)
    said = comparison_line(Solution(EXP), found)
    assert "one output is NOT a finite number: the first entry of h_2 is nan" in said
    assert "in float32 these equations give a finite number there in every order" in said


def test_what_another_entry_overflows_does_not_explain_this_one() -> None:
    outputs = changed("float16", put((2, "h"), 0, np.nan))
    found = against(Solution(EXP), outputs)
    assert found.not_finite == 3  # a_2 and h_2 overflow in their second entries
    assert found.lost is not None
    assert found.first_not_finite.name == "a"
    del outputs.values[2, "a"]  # type: ignore[attr-defined]
    assert against(Solution(EXP), outputs).lost is None


def test_finite_outputs_are_still_compared() -> None:
    def both(values: dict[Any, Any]) -> None:
        values[1, "h"][0] += 1
        values[2, "h"][0] = -np.inf

    said = comparison_line(Solution(EXP), against(Solution(EXP), changed("float32", both)))
    assert "is −∞" in said
    assert "Of the finite outputs, one is OUTSIDE the bound." in said


def test_infinity_is_outside_an_infinite_bound() -> None:
    task = made("h[t] = relu(x[t] * x[t])")
    found = against(Solution(task), run(task, "numpy", "float16"))
    assert np.isinf(found.held[0].bound[0])
    assert not found.inside


def test_assert_forward_says_where() -> None:
    def forward(problem: Problem, dtype: Any) -> dict[Any, Any]:
        with np.errstate(all="ignore"):
            return {"h": np.exp(np.array([[1, 2], [3, 12]], dtype)) - dtype.type(1)}

    assert_forward(EXP, forward, "float32")
    with pytest.raises(
        AssertionError, match=r"from 12 it is beyond(.|\n)*h\[1\] at step 2: got inf"
    ):
        assert_forward(EXP, forward, "float16")


def test_masked_arrays_are_refused() -> None:
    masked = np.ma.masked_array(np.zeros((2, 2), "f4"), mask=[[0, 1], [0, 0]])
    with pytest.raises(AssertionError, match="MaskedArray"):
        assert_forward(EXP, {"h": masked})


def test_the_seed_is_finite_everywhere() -> None:
    from tests.conftest import SEED

    assert whole(Solution(load(SEED))).lost == ()
