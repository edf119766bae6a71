"""Whether a question is fair: entries that depend on rounding, mistakes unseen, tolerances."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.conftest import SEED
from verifier.check.fairness import Fairness, Honest, Judged, fairness
from verifier.cli import main
from verifier.documents.fairness import fairness_documents
from verifier.problem import load, loads
from verifier.problem.insert import with_setting
from verifier.rounding import Rounding
from verifier.solution import Solution


def test_the_seed() -> None:
    """The gate is a scalar, so it may act before or after the product: no one can see which."""
    found = fairness(Solution(load(SEED)))
    odd = {judged.entry: judged for judged in found.entries if judged.others}
    others = {entry: [o.text for o in judged.others] for entry, judged in odd.items()}
    assert others == {
        (1, "z", (0,)): ["0.5380"],
        (1, "s", (1,)): ["0.0382"],
        (2, "s", (1,)): ["0.1879"],
    }
    assert all(way.named("places") == ("5",) for way in odd[1, "z", (0,)].others[0].ways)
    assert {way.id for way in odd[2, "s", (1,)].others[0].ways} == {"mixed-equation"}
    assert not found.unseen
    assert {mistake.id for mistake in found.same} == {"reset-after"}
    assert not found.fair


def test_digits_of_function_tables() -> None:
    """σ at 0.152 is 0.5379 in a table of four places."""
    found = fairness(Solution(load(SEED)))
    tabled = {judged.entry: judged.tabled for judged in found.entries}
    (fine,) = (
        o for o in tabled[1, "z", (0,)] if {w.named("table") for w in o.ways} == {("3", "4")}
    )
    assert fine.text == "0.5379"
    for judged in found.entries:
        known = {judged.asked, *(other.text for other in judged.others)}
        assert not known & {other.text for other in judged.tabled}


def test_a_fair_question_is_fair_whatever_tables_give() -> None:
    task = replace(load(SEED), rounding=Rounding(5))
    (judged, *_) = fairness(Solution(task)).entries
    assert not judged.tabled  # no table of four places gives five
    fair = Fairness((Judged((1, "z", (0,)), "0.5381", tabled=(Honest("0.5379", ()),)),))
    assert fair.fair


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


def test_every_honest_number_is_one_that_earns_all_points() -> None:
    """What is said to be honest and what earns are one thing, in both directions."""
    from verifier.check.engine import check
    from verifier.check.model import Answers
    from verifier.outcomes.honest import Question
    from verifier.outcomes.model import Given

    question = Question(Solution(load(SEED)))
    found = fairness(question.solution)
    known = {
        j.entry: {j.asked, *(other.text for other in (*j.others, *j.tabled))} for j in found.entries
    }
    for k, way in enumerate(question.ways):
        if not way.earns or way.policy.only is not None:
            continue
        rule = question.problem.rounding
        texts = {
            e: rule.text(Fraction(v))
            for e, v in zip(question.entries, question.honest[k].tolist(), strict=True)
        }
        assert all(text in known[entry] for entry, text in texts.items()), way
        given = {entry: Given(text, Fraction(text), 4) for entry, text in texts.items()}
        assert check(question.solution, Answers("", "", given)).right, way


SMALL = """# A cell that every class knows.
cell = "rnn"
[rounding]
places = 4
[parameters]
U = [[0.5, 0.3], [0.2, -0.3]] # of the input
W = [["0.4", 0.6], [0.1, 0.2]]
b = [0.1, 0.2]
[initial]
h = [0.7, -0.8]
[inputs]
x = [[0.3, 0.9], [0.5, 0.25], [0.7, -0.6]]
"""


def test_a_question_that_says_what_to_carry_is_fair(tmp_path: Path) -> None:
    """To three places, no number needs another one: 4 places are to be carried."""
    coarse = SMALL.replace("places = 4", "places = 3")
    path = tmp_path / "coarse.toml"
    path.write_text(coarse)
    call = ["check", str(path), "--fairness", "--repair", "--output", str(tmp_path)]
    found = CliRunner().invoke(main, call)
    assert (found.exit_code, "carry: not said becomes 4" in found.output) == (0, True)
    made = tmp_path / "coarse" / "fair.toml"
    assert made.read_text() == coarse.replace("[rounding]\n", "[rounding]\ncarry = 4\n")
    assert not fairness(Solution(load(path))).fair
    assert fairness(Solution(load(made))).fair
    with_results = Solution(load(made)).rows
    assert [row.rounded for row in with_results] == [r.rounded for r in Solution(load(path)).rows]


def test_the_report_says_what_is_honest_where_places_are_to_be_carried() -> None:
    """Who carries the four asked places is not honest where five are to be carried."""
    task = replace(load(SEED), carry=5)
    text = fairness_documents(task, fairness(Solution(task)), ["md"])["md"]
    assert "to the 5 places that are to be carried" in text
    assert "to the asked or up to four more places" not in text
    assert "$0.1879$" not in text  # what carrying four places gives
    assert "$0.5380$" in text


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("a = 1\n", "a = 1\n\n[rounding]\ncarry = 6\n"),
        ("[rounding] # four\nplaces = 4\n", "[rounding] # four\ncarry = 6\nplaces = 4\n"),
        ("[rounding]\ncarry = 5 # at least\n", "[rounding]\ncarry = 6 # at least\n"),
        ("rounding = {places = 4}\nb = 1\n", "rounding = {carry = 6, places = 4}\nb = 1\n"),
        ("rounding = {}\n", "rounding = {carry = 6}\n"),
        ("rounding.places = 4\n", "rounding.carry = 6\nrounding.places = 4\n"),
        ("[rounding.z]\nplaces = 4\n", "[rounding.z]\nplaces = 4\n\n[rounding]\ncarry = 6\n"),
        ('{"a": 1}', '{"rounding": {"carry": 6}, "a": 1}'),
        ('{"rounding": {"places": 4}}', '{"rounding": {"carry": 6, "places": 4}}'),
        ('{"rounding": {"carry": 5}}', '{"rounding": {"carry": 6}}'),
    ],
)
def test_a_setting_is_put_into_a_file_and_all_else_stays(text: str, made: str) -> None:
    file = "p.json" if text.startswith("{") else "p.toml"
    found = with_setting(text, file, "rounding", "carry", 6)
    assert found == made
    assert (json.loads if file == "p.json" else tomllib.loads)(found)["rounding"]["carry"] == 6


def test_a_question_is_repaired_by_the_smallest_change(tmp_path: Path) -> None:
    """The file keeps its comments and its quotes; no other file is touched."""
    path = tmp_path / "small.toml"
    path.write_text(SMALL)
    call = ["check", str(path), "--fairness", "--repair", "--output", str(tmp_path)]
    assert not fairness(Solution(load(path))).fair
    assert CliRunner().invoke(main, call).exit_code == 0
    made = tmp_path / "small" / "fair.toml"
    changed = [
        (a, b) for a, b in zip(SMALL.split(), made.read_text().split(), strict=True) if a != b
    ]
    assert len(changed) == 1
    solution = Solution(load(made))
    assert fairness(solution).fair
    assert all(Fraction(row.margin) >= Fraction(1, 20) for row in solution.rows if row.margin)
    assert all(abs(Fraction(str(row.rounded))) >= Fraction(1, 100) for row in solution.rows)
    made.write_text("mine")
    assert CliRunner().invoke(main, call).exit_code == 0
    assert made.read_text() == "mine"
    again = ["check", str(tmp_path / "small" / "fair_2.toml"), *call[2:]]
    assert "fair as it is" in CliRunner().invoke(main, again).output
    assert path.read_text() == SMALL
