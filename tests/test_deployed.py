"""Deployed models: their numbers, their bounds against programs, and what is said of them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from importlib import resources
from pathlib import Path
from random import Random
from typing import Any

import ml_dtypes
import numpy as np
import pytest

from tests import audit_campaign
from tests.adversary import ACCURACY, Deployer
from tests.conftest import SEED, module
from tests.test_audit_cli import verifier
from tests.test_torch_layers import started
from verifier.arithmetic.floats.deployed import DEPLOYED, FORMATS, SHORT
from verifier.arithmetic.ieee import Ieee
from verifier.audit import deploy
from verifier.audit.against import against
from verifier.audit.functions import accuracy
from verifier.audit.implementations import run, run_callable
from verifier.audit.measure import audit, limits
from verifier.cells.combine import Stack
from verifier.cli.audit import DEPLOYED as OFFERED
from verifier.documents.audit import audit_documents
from verifier.errors import VerifierError
from verifier.evaluate import evaluate
from verifier.numbers import Numbers
from verifier.problem import Problem, load, loads
from verifier.report.audit.figure import DRAWN
from verifier.report.audit.lines import comparison_line
from verifier.solution import Solution
from verifier.testing import assert_forward

EVERY = pytest.mark.parametrize("name", DEPLOYED)


def drawn(seed: str, count: int = 20_000) -> Any:
    """Numbers of all sizes, ties among them."""
    rng = np.random.default_rng(abs(hash(seed)) % 2**32)
    sizes = rng.standard_normal(count) * 2.0 ** rng.integers(-20, 12, count)
    return np.concatenate([sizes, np.round(sizes * 2**6) / 2**6, [0.0, -0.0, np.inf, np.nan]])


TYPES = {
    "float8_e4m3fn": (ml_dtypes.float8_e4m3fn, 448.0),
    "float8_e5m2": (ml_dtypes.float8_e5m2, 57344.0),
    "autocast-bfloat16": (ml_dtypes.bfloat16, np.inf),
    "autocast-float16": (np.float16, np.inf),
}


@pytest.mark.parametrize("name", TYPES)
def test_numbers_are_those_of_ml_dtypes_but_saturate(name: str) -> None:
    dtype, most = TYPES[name]
    values = np.float32(drawn(name)).astype(np.float64)
    with np.errstate(all="ignore"):
        own = np.clip(values, -most, most).astype(np.float32).astype(dtype).astype(np.float64)
    found = FORMATS[name].rounded(values)
    assert np.array_equal(found, own, equal_nan=True)
    assert np.array_equal(np.signbit(found), np.signbit(own))


def test_tf32_keeps_ten_bits_of_every_float32() -> None:
    values = np.float32(drawn("tf32"))
    values = values[np.isfinite(values)]
    found = SHORT.cast(values)
    assert not (found.view(np.int32) & (2**13 - 1)).any()
    assert (np.abs(found - values) <= 2.0**-11 * np.abs(values)).all()


@pytest.mark.parametrize("seed", range(5))
def test_no_program_breaks_the_bound_of_a_deployed_model(seed: int) -> None:
    rng, counted = Random(f"deployed {seed}"), Counter[str]()
    for _ in range(1 if seed == 0 else 3):
        most = (20, 5, 2) if seed == 0 else None
        problem = audit_campaign.draw(rng, most, any_cell=seed % 2 == 1)
        try:
            assert not audit_campaign.check_deployed(problem, rng, counted)
        except VerifierError:  # a division by zero, say
            continue
    assert counted["without a bound"] < counted["entries"]


@EVERY
def test_bounds_are_not_far_above_what_programs_reach(name: str) -> None:
    """A bound that nothing comes near would hold for the wrong model too."""
    problem, rng = load(SEED), Random(name)
    known, most = limits(problem, [Ieee(name)], ACCURACY), 0.0
    for _ in range(12):
        values = evaluate(problem, Deployer(name, rng=rng)).values
        for site, value in values.items():
            off = known.exact[name][site].distance(np.ravel(value).astype(np.float64))
            most = max(most, float((off / known.any_order[name][site]).max()))
    assert 0.3 < most <= 1


@EVERY
def test_an_audit_measures_bounds_and_attributes(name: str) -> None:
    found = audit(Solution(load(SEED)), [Ieee(name)], accuracy("numpy").allowed)
    for row in found.measured.values():
        assert row.computed.dtype in FORMATS[name].dtypes
        assert (row.error <= row.bound).all()
        assert (row.bound == row.bound_any_order).all()
    for each in found.attributions:
        total = sum(share.ulps for share in each.shares) + each.remainder
        assert total == pytest.approx(each.error, rel=1e-9)
        assert abs(each.remainder) < abs(each.error) / 2


def test_types_are_promoted_as_pytorch_does() -> None:
    """A gate of one matrix product is 16 bits wide, what a float32 state enters is not."""
    text = """z[t] = sigmoid(x[t] @ U)
h[t] = (1 - z[t]) * z[t]
s[t] = h[t] + s[t-1]"""
    task = loads(f'equations = """{text}"""\n[parameters]\nU = [[0.3]]\n[inputs]\nx = [[0.7]]\n')
    values = evaluate(task, Ieee("autocast-bfloat16")).values
    types = {name: str(value.dtype) for (_, name), value in values.items()}
    assert types == {"z": "bfloat16", "h": "bfloat16", "s": "float32"}


def dot(x: str) -> Problem:
    text = (
        f'equations = "y[t] = x[t] @ w"\n[parameters]\nw = [[0.5], [0.25]]\n[inputs]\nx = [{x}]\n'
    )
    return loads(text)


def test_int8_is_not_continuous() -> None:
    """An input moves by a four-thousandth of a step, the result by a whole one."""
    near, far = (
        float(evaluate(dot(f"[1, {x}]"), Ieee("int8-dynamic")).values[1, "y"][0])
        for x in (0.507873, 0.507875)
    )
    assert far - near == pytest.approx(64 / 127 * 0.5 / 127, rel=1e-4)


def test_the_range_of_a_call_is_that_of_the_whole_sequence() -> None:
    """Quantised with the step of 100, 0.3 is nothing: the bound of step 1 allows it."""
    task = loads(
        'equations = "y[t] = x[t] @ w"\n[parameters]\nw = [[1.0]]\n[inputs]\nx = [[0.3], [100]]\n'
    )
    known = limits(task, [Ieee("int8-dynamic")], ACCURACY)
    assert 0.3 <= known.any_order["int8-dynamic"][1, "y"][0] < 0.5


RUN = [
    ("rnn", Stack(), "autocast-bfloat16", ("bfloat16",)),
    ("gru-pytorch", Stack(2), "autocast-bfloat16", ("float32",)),
    ("gru-pytorch", Stack(), "autocast-float16", ("float32",)),
    (
        "lstm-projection",
        Stack(),
        "autocast-float16",
        (
            "float16",
            "float32",
        ),
    ),
    ("gru-pytorch", Stack(), "int8-dynamic", ("float32",)),
    ("lstm-pytorch", Stack(1, True), "int8-dynamic", ("float32",)),
    ("rnn", Stack(), "int8-dynamic", ("float32",)),
]
"""What PyTorch runs on every processor, and the types in which it stores states."""


@pytest.mark.parametrize(("name", "stack", "float", "types"), RUN, ids=str)
def test_pytorch_is_inside(name: str, stack: Stack, float: str, types: tuple[str, ...]) -> None:
    module("torch")
    task = started(name, stack)
    outputs = run(task, "torch", float)
    assert {str(value.dtype) for value in outputs.values.values()} == {*types}
    found = against(Solution(task), outputs)
    assert found.inside
    # it is no float32: the bound of that format does not hold
    exact = evaluate(task, Ieee("float64")).values
    off = [np.abs(v.astype(np.float64) - exact[s]).max() for s, v in outputs.values.items()]
    assert max(off) > 1e-6


def test_an_lstm_under_autocast_is_inside_whichever_kernel_runs_it() -> None:
    module("torch")
    task = started("lstm", Stack())
    found = against(Solution(task), run(task, "torch", "autocast-bfloat16"))
    assert found.inside


def test_gates_of_very_different_sizes_share_the_step_of_one_tensor() -> None:
    module("torch")
    task = started("gru-pytorch", Stack())
    weights = {
        key: Numbers(x.shape, (), x.doubles * (10 if key.endswith("_z") else 0.01))
        for key, x in task.parameters.items()
        if len(x.shape) == 2
    }
    task = replace(task, parameters={**task.parameters, **weights})
    assert against(Solution(task), run(task, "torch", "int8-dynamic")).inside


def test_a_convention_is_named_under_autocast() -> None:
    module("torch")
    task = started("gru", Stack())
    found = against(Solution(task), run(task, "torch", "autocast-float16"))
    assert not found.inside
    assert [c.rule for c in found.explanations[0].conventions] == ["reset-after"]


@pytest.mark.parametrize(
    ("stated", "computed"),
    [("float64", "float32"), *(("float32", name) for name in ("tf32", "float16", "bfloat16"))],
)
def test_outputs_of_a_coarser_format_are_said_to_be(stated: str, computed: str) -> None:
    values = evaluate(load(SEED), Ieee(computed)).values
    dtype = FORMATS[stated].dtype
    shown = {site: value.astype(dtype) for site, value in values.items() if site[1] == "s"}
    found = against(Solution(load(SEED)), run_callable(load(SEED), lambda *_: shown, stated))
    assert (found.coarser, found.explanations) == (computed, ())
    assert f"inside the bound of {computed}" in comparison_line(Solution(found.problem), found)


UNFIT: list[tuple[Callable[[], Any], str]] = [
    (
        lambda: Ieee("tf32", accumulator="float64"),
        "tf32 with an accumulator\naccepted: its own: tf32 adds up in float32",
    ),
    (lambda: Ieee("int8-dynamic", fma=True), "int8-dynamic with fma"),
    (lambda: run(load(SEED), "numpy", "tf32"), "numpy does not compute this in 'tf32'"),
    (lambda: run(started("rnn", Stack(2)), "torch", "int8-dynamic"), "quantises no nn.RNN"),
    (lambda: run(started("lstm", Stack(2)), "torch", "int8-dynamic"), "in layers"),
    (
        lambda: run(started("lstm-projection", Stack()), "torch", "int8-dynamic"),
        "with a projection",
    ),
    (
        lambda: run_callable(load(SEED), lambda task, dtype: np.zeros((2, 3)), "tf32"),
        "float64",
    ),
]


@pytest.mark.parametrize(("call", "says"), UNFIT)
def test_what_has_no_meaning_is_refused(call: Callable[[], Any], says: str) -> None:
    if "torch" in says or "nn." in says or "projection" in says or "layers" in says:
        module("torch")
    with pytest.raises(VerifierError, match=says):
        call()


def test_quantised_weights_have_no_backward_pass(tmp_path: Path) -> None:
    file = tmp_path / "p.toml"
    file.write_text('loss = "sum(s[t])"\n' + SEED.read_text("utf-8"), "utf-8")
    done = verifier("audit", file, "--backward", "--float", "int8-dynamic", "--stdout")
    assert done.exit_code == 2
    assert "whose weights are quantised" in done.output


def test_outputs_in_either_type_of_a_mixed_model_are_taken() -> None:
    values = evaluate(load(SEED), Ieee("autocast-bfloat16")).values
    mixed = {site: value for site, value in values.items() if site[1] in ("z", "s")}
    assert {str(value.dtype) for value in mixed.values()} == {"bfloat16", "float32"}
    assert_forward(load(SEED), mixed, "autocast-bfloat16")


def test_every_table_knows_every_model() -> None:
    schema = resources.files("verifier.report").joinpath("schemas/audit.schema.json").read_text()
    assert list(OFFERED) == list(DEPLOYED)
    assert json.loads(schema)["$defs"]["float"]["enum"] == list(FORMATS)
    assert list(DRAWN) == list(FORMATS)
    known = {format for format, _ in accuracy("numpy").ulps}
    assert {row.functions for row in FORMATS.values()} <= known
    assert {row.functions for row in FORMATS.values()} <= set(accuracy("numpy").logistic)


SHOWN = ("tf32", "autocast-bfloat16", "float8_e5m2", "int8-dynamic")


def test_the_report_says_what_each_model_assumes() -> None:
    from verifier.audit.whole import whole

    found = whole(Solution(load(SEED)), [Ieee(name) for name in ("float64", *SHOWN)])
    text = audit_documents(found, ["md"])["md"]
    assert isinstance(text, str)
    basis = text[text.index("## What this rests on") :]
    for name in SHOWN:
        assert f"\n{name.replace('_', '&#95;')}: " in basis
    assert "the largest, becomes that one" in basis
    assert "57344" in basis
    assert "every program in float64 prints the certified digits of all 16 entries" in text
    assert "tf32 does not keep the digits: 2 of 16 computed numbers round to others." in text


def test_digits_are_proven_or_measured_or_lost() -> None:
    """Bounds of float32 prove four places and seven at some entries; float16 loses them."""
    found = audit(
        Solution(load(SEED)), [Ieee("float32"), Ieee("float16")], accuracy("numpy").allowed
    )
    single, half = deploy.keeping(found)
    assert (single.entries, single.kept, single.proven) == (16, 16, 16)
    assert half.proven < half.kept <= 16


@pytest.mark.parametrize("places", [2, 4, 6, 8])
def test_distances_decide_as_exact_arithmetic_does(
    places: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = SEED.read_text("utf-8").replace("places = 4", f"places = {places}")
    models = [Ieee(name) for name in ("float16", "float32", "tf32", "int8-dynamic")]
    found = audit(Solution(loads(text)), models, accuracy("numpy").allowed, ())
    quick = deploy.keeping(found)
    monkeypatch.setattr(
        deploy,
        "_by_distance",
        lambda found, row, size: (row.absolute[size] < 0, np.isfinite(row.absolute[size])),
    )
    assert deploy.keeping(found) == quick
    assert len({(one.kept, one.proven) for one in quick}) > 1
