"""Whether a question is fair: entries that depend on rounding, mistakes unseen, tolerances."""

from __future__ import annotations

from fractions import Fraction

from tests.conftest import SEED
from verifier.check.fairness import fairness
from verifier.problem import load, loads
from verifier.solution import Solution


def test_the_seed() -> None:
    """The gate is a scalar, so it may act before or after the product: no one can see which."""
    found = fairness(Solution(load(SEED)))
    (odd,) = (judged for judged in found.entries if judged.others)
    assert odd.entry == (1, "s", (1,))
    assert [honest.text for honest in odd.others] == ["0.0382"]
    assert {way.id for way in odd.others[0].ways} == {"equation", "operation"}
    assert {mistake.id for mistake in found.unseen} == {"reset-after"}
    assert not found.fair


def test_a_tolerance_accepts_the_honest_and_rejects_the_mistaken() -> None:
    for judged in fairness(Solution(load(SEED))).entries:
        if judged.tolerance is None:
            continue
        tolerance = Fraction(judged.tolerance)
        assert judged.least is not None
        assert Fraction(judged.least) <= tolerance
        assert judged.below is None or tolerance < Fraction(judged.below)


def test_zero_states_hide_mistakes() -> None:
    problem = loads(
        'cell = "rnn"\n[parameters]\nU = [[0.5, 0.1], [0.2, -0.3]]\nW = [[0.4, 0.6], [0.1, 0.2]]\n'
        "[inputs]\nx = [[0.3, 0.9]]\n"
    )
    unseen = {mistake.id for mistake in fairness(Solution(problem)).unseen}
    assert "term-dropped" in unseen  # the state is zero: its term is nothing
    shown = loads(
        'cell = "rnn"\n[parameters]\nU = [[0.5, 0.1], [0.2, -0.3]]\nW = [[0.4, 0.6], [0.1, 0.2]]\n'
        "[initial]\nh = [0.7, -0.8]\n[inputs]\nx = [[0.3, 0.9]]\n"
    )
    assert len(fairness(Solution(shown)).unseen) < len(fairness(Solution(problem)).unseen)
