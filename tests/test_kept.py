"""Verdicts that are kept in a file come back as they were, whatever they hold."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import islice

import pytest

from tests.test_feedback import checked, perfect, problem
from verifier.check.engine import check
from verifier.check.kept import Kept
from verifier.check.model import Answers, Checked, Complaint
from verifier.errors import Place
from verifier.outcomes.model import Given
from verifier.rewrites.catalogue import variants
from verifier.solution import Solution

TASK = problem()
SOLVED = Solution(TASK)
ODD = Answers(
    'Ada "A.\u2028\x85" <b>',
    "a,b.csv",
    {
        (1, "z", (0,)): Given("1/3", Fraction(1, 3), None, Place("a.csv", 2, 3, "z, 1/3", 3)),
        (2, "s", (1,)): Given("-0.07", Fraction(-7, 100), 2),
    },
    (Complaint("no number", Place("a.csv", 1, 1), (1, "r", ())), Complaint("other")),
)


def mistaken() -> list[Checked]:
    """Sheets with mistakes, whose findings hold equations."""
    found = []
    for variant in islice(variants(TASK, "mistake"), 0, 60, 9):
        rows = Solution(variant.problem).rows if variant.problem.shapes == TASK.shapes else ()
        given = {
            (row.step, row.name, row.index): Given(row.rounded, Fraction(row.rounded), 4)
            for row in rows
            if row.rounded is not None
        }
        found.append(check(SOLVED, Answers("who", "file", given)))
    return found


EVERYONE = [
    checked(TASK),
    perfect(TASK),
    replace(checked(TASK), answers=ODD, by_hand=Fraction(7, 3), words={"a": "b"}),
    Checked(ODD, ()),
    replace(perfect(TASK), problem=replace(TASK, title="mine")),
    *mistaken(),
]


@pytest.mark.parametrize("held", [0, 3])
@pytest.mark.parametrize("k", range(len(EVERYONE)))
def test_a_person_comes_back(k: int, held: int) -> None:
    kept = Kept(EVERYONE, held)
    assert kept[k] == EVERYONE[k]
    assert kept[k - len(EVERYONE)] == EVERYONE[k]
    assert kept[k].problem is EVERYONE[k].problem


@pytest.mark.parametrize("held", [0, 2, 500])
def test_a_class_is_a_sequence(held: int) -> None:
    kept = Kept(iter(EVERYONE), held)
    assert len(kept) == len(EVERYONE)
    assert list(kept) == EVERYONE
    assert kept[1:3] == EVERYONE[1:3]
    assert any(finding.used for one in kept for finding in one.findings)
    with pytest.raises(IndexError):
        kept[len(EVERYONE)]


def test_two_readers_do_not_disturb_each_other() -> None:
    kept = Kept(EVERYONE, 2)
    assert all(a == b for a, b in zip(kept, kept, strict=True))
