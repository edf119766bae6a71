"""Attribution: parts add up, and each is what its rounding alone does."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from operator import mul
from random import Random

import numpy as np
import pytest

from tests.adversary import ACCURACY
from tests.audit_campaign import draw
from tests.conftest import SEED
from tests.random_problems import problems
from verifier.arithmetic.digits import Digits
from verifier.arithmetic.floats.binary import BINARY
from verifier.arithmetic.ieee import Ieee
from verifier.audit.attribute import _off_sum, _tame
from verifier.audit.measure import audit
from verifier.audit.model import SOURCES, Audit
from verifier.errors import ProblemError
from verifier.evaluate import evaluate
from verifier.numbers import Numbers
from verifier.problem import Problem, load
from verifier.solution import Solution


def audited(problem: Problem, name: str, **settings: object) -> Audit:
    return audit(Solution(problem), [Ieee(name, **settings)], ACCURACY)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", BINARY)
def test_the_error_of_a_product_of_matrices_is_exact(name: str) -> None:
    dice, format = np.random.default_rng(3), BINARY[name]
    left, right = (format.cast(dice.standard_normal(shape)) for shape in (9, (9, 4)))
    row, columns = ([*map(Fraction, part.astype(float).ravel())] for part in (left, right.T))
    exact = [sum(map(mul, row, columns[9 * k : 9 * k + 9])) for k in range(4)]
    computed = format.cast(np.array([*map(float, exact)]))
    wanted = [float(Fraction(float(c)) - e) for c, e in zip(computed, exact, strict=True)]
    assert _off_sum(left, right, computed.astype(float)).tolist() == wanted
    sizes = (left, np.zeros(3), np.array([1.0, 2.0**-490]))
    assert [*map(_tame, sizes)] == [True, True, False]


@pytest.mark.parametrize("name", BINARY)
@pytest.mark.parametrize("settings", [{}, {"order": "pairwise"}, {"fma": True}, {"order": "numpy"}])
def test_the_parts_and_a_small_remainder_are_the_error(
    name: str, settings: dict[str, object]
) -> None:
    for problem in problems(6, seed=5):
        found = audited(problem, name, **settings)
        for entry in found.attributions:
            total = sum(share.ulps for share in entry.shares) + entry.remainder
            assert total == pytest.approx(entry.error)
            assert {share.source for share in entry.shares} <= set(SOURCES)
            size = sum(abs(share.ulps) for share in entry.shares)
            assert abs(entry.remainder) <= size * 300 * 2.0 ** -BINARY[name].precision + 1e-9


def test_a_literals_part_is_what_rounding_it_alone_does() -> None:
    """One given matrix rounded, all else exact: mpmath says how the entry moves."""
    problem = load(SEED)
    found = audited(problem, "float32")
    entry = max(found.attributions, key=lambda part: part.step)
    exact = evaluate(problem, Digits(40)).values[entry.step, entry.name]
    for name, numbers in problem.parameters.items():
        floats = Numbers.of_floats(np.asarray(Ieee("float32").given(numbers)))
        moved = replace(problem, parameters={**problem.parameters, name: floats})
        value = evaluate(moved, Digits(40)).values[entry.step, entry.name]
        k = entry.index
        off = float(Fraction(str(value[k])) - Fraction(str(exact[k])))
        share = sum(s.ulps for s in entry.shares if (s.source, s.name) == ("literals", name))
        ulp = float(
            found.measured["float32", entry.step, entry.name].ulp[
                np.ravel_multi_index(k, exact.shape)
            ]
        )
        assert share == pytest.approx(off / ulp, rel=1e-4, abs=1e-6)


def test_a_float_file_has_no_literals_to_blame() -> None:
    problem = load(SEED)
    floats = {
        name: Numbers.of_floats(np.asarray(Ieee("float32").given(numbers)))
        for name, numbers in problem.parameters.items()
    }
    found = audited(replace(problem, parameters=floats), "float32")
    blamed = {s.name for e in found.attributions for s in e.shares if s.source == "literals"}
    assert blamed <= {"x", "constants"}


def test_asked_for_entries_are_attributed() -> None:
    found = audit(Solution(load(SEED)), [Ieee("float32")], ACCURACY, [(2, "h", 1)])
    (entry,) = found.attributions
    assert (entry.step, entry.name, entry.index) == (2, "h", (1,))


@pytest.mark.parametrize("seed", range(6))
def test_every_operation_of_the_language_has_its_parts(seed: int) -> None:
    """Random cells, with slices, powers and sums among them; what overflows has no parts."""
    rng = Random(seed)
    for _ in range(4):
        problem = draw(rng, (3, 2, 2), any_cell=True)
        with suppress(ProblemError):  # a division by zero
            for entry in audited(problem, "float32").attributions:
                total = sum(share.ulps for share in entry.shares) + entry.remainder
                assert total == pytest.approx(entry.error)
