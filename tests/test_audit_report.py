"""The report of an audit: golden files of hand-made findings, the schema, the figure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator
from markdown_it import MarkdownIt

from tests.conftest import ROOT, SEED, module
from tests.made_audit import findings
from tests.random_problems import problems
from verifier.arithmetic.ieee import Ieee
from verifier.audit.against import against
from verifier.audit.findings import Findings, cpu_features
from verifier.audit.functions import accuracy
from verifier.audit.implementations import run
from verifier.audit.measure import audit
from verifier.audit.model import Measured
from verifier.documents.audit import audit_documents
from verifier.problem import Problem, load, loads
from verifier.report.audit.lines import terminal_lines
from verifier.report.audit.numbers import bound_text, error_text, signed_text
from verifier.report.audit.steps import thinned
from verifier.solution import Solution

Golden = Callable[[Path, str], None]
FOLDER = ROOT / "tests" / "golden"


def seed(language: str = "en") -> Problem:
    text = SEED.read_text("utf-8")
    return loads(text if language == "en" else f'language = "{language}"\n{text}')


def text(found: Findings, format: str) -> str:
    made = audit_documents(found, [format])[format]
    return made if isinstance(made, str) else made.decode()


def without_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    """A figure's bytes are those of one version of matplotlib."""
    monkeypatch.setattr("verifier.report.audit.parts.figure", lambda *_: b"<svg></svg>")


@pytest.mark.parametrize("language", ["en", "de", "zh"])
def test_markdown(language: str, golden: Golden) -> None:
    golden(FOLDER / f"audit_{language}.md", text(findings(seed(language)), "md"))


@pytest.mark.parametrize("format", ["html", "typ"])
def test_sources(format: str, golden: Golden, monkeypatch: pytest.MonkeyPatch) -> None:
    without_figure(monkeypatch)
    golden(FOLDER / f"audit.{format}", text(findings(seed()), format))


def test_json(golden: Golden) -> None:
    made = text(findings(seed()), "json")
    golden(FOLDER / "audit.json", re.sub(r'("source": )"[^"]+"', r'\1"…"', made))


def schema() -> Any:
    name = "schemas/audit.schema.json"
    return json.loads(resources.files("verifier.report").joinpath(name).read_text("utf-8"))


def real(problem: Problem, floats: tuple[str, ...] = ("float16", "float64")) -> Findings:
    """Findings as the command makes them."""
    solution, assumed = Solution(problem), accuracy("numpy")
    found = audit(solution, [Ieee(float) for float in floats], assumed.ulps)
    compared = tuple(against(solution, run(problem, "numpy", float)) for float in floats)
    return Findings(found, assumed, compared)


def test_json_keeps_the_published_schema() -> None:
    Draft202012Validator.check_schema(schema())
    judge = Draft202012Validator(schema())
    for problem in problems(6, seed=2):
        judge.validate(json.loads(text(real(problem), "json")))
    data = json.loads(text(findings(seed()), "json"))
    judge.validate(data)
    for broken in (
        {**data, "more": 1},
        {**data, "rows": [{**data["rows"][0], "error_ulp": "infinite"}]},
        {**data, "rows": [{**data["rows"][0], "error_ulp": -1}]},
        {**data, "models": [{**data["models"][0], "float": "float8"}]},
    ):
        assert not judge.is_valid(broken)


def test_json_says_what_overflows() -> None:
    given = 'cell = "rnn"\n[parameters]\nU = [[300.5]]\nW = [[1]]\n[inputs]\nx = [[300.5]]\n'
    data = json.loads(text(real(loads(given)), "json"))
    Draft202012Validator(schema()).validate(data)
    relu = 'equations = "h[t] = relu(x[t] @ U)"\n[parameters]\nU = [[300]]\n[inputs]\nx = [[300]]\n'
    solution, assumed = Solution(loads(relu)), accuracy("numpy")
    found = Findings(audit(solution, [Ieee("float16")], assumed.ulps), assumed)
    row = json.loads(text(found, "json"))["rows"][0]
    assert (row["computed"], row["error_ulp"], row["bound_ulp"]) == ("inf", "inf", "inf")
    assert "h_1 is ∞. In x_1 U the product of 300 and 300 overflows" in next(terminal_lines(found))
    Draft202012Validator(schema()).validate(json.loads(text(found, "json")))


def test_relative_and_absolute_errors_agree_with_ulps() -> None:
    for row in json.loads(text(real(seed()), "json"))["rows"]:
        true = float(row["lower"])
        ulp = float(np.spacing(np.float16(true) if row["float"] == "float16" else true))
        assert row["error_absolute"] == pytest.approx(row["error_ulp"] * ulp)
        assert row["error_relative"] == pytest.approx(row["error_absolute"] / true, rel=1e-6)
        assert row["error_ulp"] <= row["bound_ulp"]


def test_useless_bounds_are_said_in_words() -> None:
    found = findings(seed())
    changed = with_bounds(found, lambda row: np.full_like(row.ulp, np.inf))
    assert text(changed, "md").count("There is no useful bound") == 2


def with_bounds(found: Findings, bound: Callable[[Measured], Any]) -> Findings:
    """The findings with other bounds, for the stated order and for any."""
    rows = {
        place: replace(
            row,
            absolute={**row.absolute, **dict.fromkeys(("bound", "bound_any_order"), bound(row))},
        )
        for place, row in found.audit.measured.items()
    }
    return replace(found, audit=replace(found.audit, measured=rows))


def test_the_summary_has_the_largest_bound_of_all_entries() -> None:
    """Not that of the entry with the largest error."""
    found = findings(seed())
    least = with_bounds(found, lambda row: (9 + 90 / (1 + row.error)) * row.ulp)
    rows = [row for row in least.audit.measured.values() if row.float == "float32"]
    most = max(row.bound.max() for row in rows)
    line = list(terminal_lines(least))[1]
    assert f"at most {bound_text(most)} ulp in the stated order" in line
    assert max(rows, key=lambda row: row.error.max()).bound.min() < most
    limit = max(row.absolute["bound"].max() for row in rows)
    assert f"at most {bound_text(limit)} in any order".replace("-", "−") in line


def test_some_bounds_may_say_nothing() -> None:
    """A sentence on all entries needs a bound of each."""
    found = with_bounds(
        findings(seed()), lambda row: row.ulp if row.step == 1 else np.inf * row.ulp
    )
    assert "For 8 entries there is no useful bound" in next(terminal_lines(found))


def test_true_values_that_vanish_alone() -> None:
    """No ulps are told, in any format, of what is zero."""
    given = 'equations = "h[t] = x[t] @ U"\n[parameters]\nU = [0.1, 0.2, -0.3]\n'
    made = real(loads(f"{given}[inputs]\nx = [[4, 4, 4], [0, 0, 0]]\n"))
    for line in terminal_lines(made):
        assert "ulp" not in line
        assert "∞" not in line
    data = json.loads(text(made, "json"))
    Draft202012Validator(schema()).validate(data)
    assert [row["bound_any_order_ulp"] for row in data["rows"] if row["step"] == 2] == [0, 0]
    assert "abs." in text(made, "md")


def test_the_hypothesis_on_subnormal_numbers_is_stated() -> None:
    assert "it is assumed that nothing is flushed to zero" in text(findings(seed()), "md")
    data = json.loads(text(findings(seed()), "json"))
    assert data["hypotheses"]["subnormals"] == "kept"
    for name in ("float16", "float32", "float64"):  # and holds in this process
        small = np.finfo(name).smallest_normal
        assert small / small.dtype.type(2) > 0


def test_headlines_have_absolute_sizes_beside_ulps() -> None:
    for line in terminal_lines(findings(seed())):
        assert re.search(r"largest error is \S+ ulp \(\S+\)|OUTSIDE.* \S+ ulp \(\S+\)", line), line


@pytest.mark.parametrize(
    ("value", "error", "bound"),
    [
        (0.0, "0", "0"),
        (0.5, "0.500", "0.500"),
        (1.2345, "1.23", "1.24"),
        (0.99999, "1.00", "1.00"),
        (999.6, "1000", "1000"),
        (123456.0, "123000", "124000"),
        (999_999.0, "1.00e6", "1.00e6"),
        (1.2345e-8, "1.23e-8", "1.24e-8"),
        (5e-324, "4.94e-324", "4.95e-324"),
        (float("inf"), "∞", "∞"),
        (float("nan"), "?", "?"),
    ],
)
def test_figures_of_errors_and_bounds(value: float, error: str, bound: str) -> None:
    assert (error_text(value), bound_text(value)) == (error, bound)


def test_signs_of_shares() -> None:
    assert [signed_text(x) for x in (0.25, -0.25, 0.0)] == ["+0.250", "-0.250", "0"]


def test_long_sequences_show_some_steps() -> None:
    assert thinned([1, 2, 3], 3) == [1, 2, 3]
    assert thinned(list(range(1, 101)), 5) == [1, 26, 51, 75, 100]


def test_the_same_findings_give_the_same_bytes() -> None:
    module("matplotlib")
    for format in ("svg", "png", "pdf"):
        once, again = (audit_documents(findings(seed()), [format]) for _ in range(2))
        assert once == again


@pytest.mark.parametrize("language", ["en", "de", "zh"])
def test_the_figure_holds_every_format(language: str) -> None:
    module("matplotlib")
    made = audit_documents(findings(seed(language)), ["svg", "png"])
    svg = made["svg"]
    assert isinstance(svg, bytes)
    assert b"<dc:date>" not in svg
    assert made["png"][:8] == b"\x89PNG\r\n\x1a\n"  # type: ignore[comparison-overlap]


def test_pdf_is_tagged_and_accepted_as_universally_accessible() -> None:
    made = audit_documents(findings(seed("zh")), ["pdf"])["pdf"]
    assert isinstance(made, bytes)
    assert made.startswith(b"%PDF")


def test_hostile_titles_and_versions_are_text() -> None:
    title = "<script>alert(1)</script> | #eval(1) $x$ _a_"
    problem = loads(f"title = {json.dumps(title)}\n" + SEED.read_text().split("\n", 2)[2])
    found = findings(problem, features=("<b>", "`|`"))
    assert "<script>" not in text(found, "html")
    rendered = MarkdownIt("commonmark").enable("table").render(text(found, "md"))
    assert "<script" not in rendered
    assert "<em>" not in rendered
    assert isinstance(audit_documents(found, ["pdf"])["pdf"], bytes)


def test_tables_in_markdown_have_as_many_cells_as_heads() -> None:
    rows = [line for line in text(findings(seed()), "md").splitlines() if line.startswith("|")]
    assert rows
    for line, below in pairwise(rows):
        if re.fullmatch(r"[|:-]+", below):
            wanted = line.count("|")
        elif not re.fullmatch(r"[|:-]+", line):
            assert line.count("|") == wanted


def test_the_command_names_what_numpy_found() -> None:
    assert all(re.fullmatch(r"[A-Z0-9_]+", name) for name in cpu_features())


def test_the_seed_is_audited_from_its_file() -> None:
    assert "float32" in next(terminal_lines(real(load(SEED), ("float32",))))
