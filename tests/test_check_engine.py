"""The verdicts: honest people are right, mistakes are named, what follows is told apart."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import islice
from random import Random

import pytest

from tests import check_campaign
from tests.conftest import SEED
from verifier.check.engine import check
from verifier.check.model import Answers, Checked
from verifier.outcomes.model import Entry, Given
from verifier.outcomes.ways import NEAREST
from verifier.problem import Problem, load
from verifier.rewrites.catalogue import CATALOGUE, variants
from verifier.rewrites.model import unwrapped
from verifier.rounding import MODES, POLICIES, Mode, Policy
from verifier.solution import Solution, in_mode

SOLVED = Solution(load(SEED))


def given(text: str) -> Given:
    return Given(text, Fraction(text), len(text.partition(".")[2]))


def sheet(**quantities: str) -> dict[Entry, Given]:
    """Numbers by "name_step": digits separated by spaces."""
    found: dict[Entry, Given] = {}
    for key, texts in quantities.items():
        name, step = key.split("_")
        for k, text in enumerate(texts.split()):
            found[int(step), name, (k,)] = given(text)
    return found


RIGHT = {
    "z_1": "0.5381",
    "r_1": "0.5294",
    "h_1": "0.1516 0.0828 0.0939",
    "s_1": "0.0700 0.0383 0.0434",
    "z_2": "0.6910",
    "r_2": "0.5930",
    "h_2": "0.4738 0.5223 0.3563",
    "s_2": "0.1948 0.1878 0.1401",
}


def judged(numbers: dict[Entry, Given], solution: Solution = SOLVED) -> Checked:
    return check(solution, Answers("somebody", "file", numbers))


def verdicts(checked: Checked) -> dict[Entry, str]:
    return {(row.step, row.name, row.index): row.verdict for row in checked.rows}


def test_the_certified_digits_are_correct() -> None:
    found = judged(sheet(**RIGHT))
    assert set(verdicts(found).values()) == {"correct"}
    assert (found.right, found.first, found.findings) == (True, None, ())


@pytest.mark.parametrize(
    ("key", "texts", "verdict"),
    [
        ("z_1", "0.538", "coarse"),  # fewer places
        ("z_1", "0.538051", "correct"),  # more
        ("z_1", "0.53805128", "correct"),
        ("z_1", "0.53806", "correct"),  # its fifth place is told
        ("z_1", "0.5380", "rounding"),  # cut off
        ("z_1", "0.5382", "wrong"),
        ("z_2", "0.69", "coarse"),
        ("z_2", "0.6909", "rounding"),
    ],
)
def test_numbers_alone(key: str, texts: str, verdict: str) -> None:
    found = judged(sheet(**{key: texts}))
    assert [row.verdict for row in found.rows if row.given] == [verdict]
    assert {row.verdict for row in found.rows if not row.given} == {"missing"}


def test_another_policy_in_one_entry_is_rounding() -> None:
    found = judged(sheet(**{**RIGHT, "s_1": "0.0700 0.0382 0.0434"}))
    odd = [row for row in found.rows if row.verdict != "correct"]
    assert [(row.step, row.name, row.index, row.verdict) for row in odd] == [
        (1, "s", (1,), "rounding")
    ]
    assert odd[0].explanation is not None
    assert (odd[0].explanation.kind, odd[0].explanation.id) == ("policy", "equation")


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("mode", MODES)
def test_every_policy_and_mode_is_honest(policy: str, mode: str) -> None:
    problem = in_mode(load(SEED), mode)  # type: ignore[arg-type]
    numbers = check_campaign.written(problem, problem, Policy(policy))  # type: ignore[arg-type]
    assert numbers is not None
    found = judged(numbers)
    assert set(verdicts(found).values()) <= {"correct", "rounding", "coarse"}
    assert found.right or mode not in NEAREST
    assert not found.findings


@pytest.mark.parametrize("places", [2, 3, 5, 6])
@pytest.mark.parametrize("policy", ["equation", "operation"])
def test_other_places_that_are_carried_are_honest(places: int, policy: str) -> None:
    problem = load(SEED)
    carried = Policy(policy, places=places)  # type: ignore[arg-type]
    numbers = check_campaign.written(problem, problem, carried)
    assert numbers is not None
    found = judged(numbers)
    assert set(verdicts(found).values()) <= {"correct", "rounding", "coarse"}
    assert found.right == (places > 4)
    assert not found.findings


@pytest.mark.parametrize(
    "rule", [rule for rule, row in CATALOGUE.items() if row.tags != {"convention"}]
)
def test_every_rule_that_fits_the_seed_is_named(rule: str) -> None:
    problem = load(SEED)
    honest = check_campaign.honest_sheets(problem)
    for variant in islice(CATALOGUE[rule].variants(problem), 3):
        numbers = check_campaign.written(problem, variant.problem, Policy(), variant.wrap)
        if numbers is None or check_campaign.texts(numbers) in honest:
            continue
        found = judged(numbers)
        assert not found.right
        named = check_campaign.names(found)
        assert rule in named or check_campaign.very_same(found), variant.about
        assert found.first is not None


def test_a_mistake_is_told_from_what_follows() -> None:
    """z and 1 − z exchanged in s: s is mistaken, what is made of it follows."""
    problem = load(SEED)
    variant = next(iter(CATALOGUE["blend-swapped"].variants(problem)))
    numbers = check_campaign.written(problem, variant.problem, Policy())
    assert numbers is not None
    found = judged(numbers)
    said = verdicts(found)
    assert {said[1, "s", (k,)] for k in range(3)} == {"mistake"}
    assert said[2, "h", (0,)] == "follows"
    assert found.findings[0].explanation.id == "blend-swapped"
    assert [equation.name for equation in found.findings[0].used] == ["s"]
    assert found.findings[0].chance is not None
    assert found.findings[0].chance < Fraction(1, 10**6)


@pytest.mark.parametrize("mode", ["down", "up", "floor", "ceiling"])
def test_beside_a_mistake_rounding_is_no_mistake(mode: Mode) -> None:
    """z, r and h of the first step are honest, whatever happens to s: z_1 cut off is rounding."""
    problem = load(SEED)
    variant = next(iter(CATALOGUE["blend-swapped"].variants(problem)))
    numbers = check_campaign.written(problem, in_mode(variant.problem, mode), Policy())
    assert numbers is not None
    found = judged(numbers)
    said = verdicts(found)
    before = {said[1, name, (k,)] for name, k in (("z", 0), ("r", 0), ("h", 0), ("h", 1), ("h", 2))}
    assert before == {"correct", "rounding"}
    assert found.first == (1, "s", (0,))
    assert found.findings[0].explanation.id == "blend-swapped"
    assert (1, "z", (0,)) not in found.findings[0].entries


def test_every_gate_that_is_left_out_is_found() -> None:
    """Two changes may be about the same gate: one must not hide the other."""
    problem = load(SEED)
    found = list(CATALOGUE["gate-left-out"].variants(problem))
    assert len({variant.key for variant in found}) == len(found)
    for variant in found:
        numbers = check_campaign.written(problem, variant.problem, Policy())
        assert numbers is not None
        checked = judged(numbers)
        assert checked.right or "gate-left-out" in check_campaign.names(checked)


@pytest.mark.parametrize("units", [3, 7, 12])
def test_one_number_off_is_no_mistake_of_method(units: int) -> None:
    problem = load(SEED)
    right = check_campaign.written(problem, problem, Policy())
    assert right is not None
    for entry, number in right.items():
        text = f"{float(number.value) + units * 1e-4:.4f}"
        assert not judged({**right, entry: given(text)}).findings, entry


def test_two_mistakes_show_both_equations() -> None:
    problem = load(SEED)
    first = next(iter(CATALOGUE["blend-swapped"].variants(problem)))
    second = next(
        v for v in CATALOGUE["exponent-sign"].variants(first.problem) if v.touches == {"r"}
    )
    numbers = check_campaign.written(problem, second.problem, Policy())
    assert numbers is not None
    found = judged(numbers)
    assert check_campaign.names(found) >= {"blend-swapped", "exponent-sign"}
    assert {eq.name for finding in found.findings for eq in finding.used} == {"r", "s"}


def test_two_mistakes_show_in_the_last_state_alone() -> None:
    """Only s_2 is given: what is wrong with it was done in equations of which nothing is known."""
    problem = load(SEED)
    first = next(iter(CATALOGUE["sign-exchanged"].variants(problem)))
    second = next(iter(CATALOGUE["gates-permuted"].variants(first.problem)))
    numbers = check_campaign.written(problem, second.problem, Policy())
    assert numbers is not None
    last = {entry: number for entry, number in numbers.items() if entry[:2] == (2, "s")}
    (finding,) = judged(last).findings
    assert set(finding.explanation.id.split("+")) == {"sign-exchanged", "gates-permuted"}
    assert {eq.name for eq in finding.used} == {*first.touches, *second.touches}


def test_two_mistakes_in_one_quantity() -> None:
    problem = load(SEED)
    first = next(iter(CATALOGUE["blend-swapped"].variants(problem)))
    second = next(v for v in CATALOGUE["gate-left-out"].variants(first.problem))
    numbers = check_campaign.written(problem, second.problem, Policy())
    assert numbers is not None
    found = judged(numbers)
    assert {"blend-swapped", "gate-left-out"} <= check_campaign.names(
        found
    ) or check_campaign.very_same(found)


@pytest.mark.parametrize(
    ("text", "slip"), [("-0.5381", "sign"), ("0.5831", "transposition"), ("0.5391", "digit")]
)
def test_a_slip_is_found_and_what_follows_from_it_is_not_blamed(text: str, slip: str) -> None:
    """z_1 wrong by a slip, and s_1 computed from it as the equation says."""
    z, h = float(text), (0.15162181, 0.08280993, 0.09392235)
    state = " ".join(f"{(1 - z) * x:.4f}" for x in h)
    found = judged(sheet(z_1=text, r_1=RIGHT["r_1"], h_1=RIGHT["h_1"], s_1=state))
    said = {(row.name, row.index): row for row in found.rows if row.given}
    assert said["z", (0,)].verdict == "wrong"
    assert said["z", (0,)].explanation is not None
    assert said["z", (0,)].explanation.id == slip
    assert {said["s", (k,)].verdict for k in range(3)} == {"follows"}
    assert found.first == (1, "z", (0,))


def test_people_who_mix_policies_are_not_accused() -> None:
    """z and h rounded before s is made of them, the rest carried in full."""
    z, h = 0.5381, (0.1516, 0.0828, 0.0939)
    state = " ".join(f"{(1 - z) * x:.4f}" for x in h)
    found = judged(sheet(**{**RIGHT, "s_1": state}))
    assert set(verdicts(found).values()) <= {"correct", "rounding"}


def test_a_published_key_is_checked() -> None:
    """A digit that rounding some quantities gives, as all others: rounding, and how."""
    cut = {**RIGHT, "z_1": "0.5380", "h_1": "0.1516 0.0828 0.0939", "r_1": "0.5294"}
    found = judged(sheet(**cut))
    (odd,) = (row for row in found.rows if row.verdict != "correct")
    assert odd.explanation is not None
    assert (odd.verdict, odd.explanation.kind, odd.explanation.id) == (
        "rounding",
        "policy",
        "mixed-equation",
    )


def test_a_few_random_sheets_of_each_kind() -> None:
    counted: Counter[str] = Counter()
    rng = Random(11)
    for _ in range(12):
        check_campaign.one(rng, counted)
        check_campaign.KINDS["honest"](rng, counted)
    for _ in range(6):
        check_campaign.two(rng, counted)
    assert counted["one named"] >= 11
    assert counted["two named"] >= 4
    assert not counted["honest accused"]


def test_what_else_gives_the_numbers_contradicts_none_of_them() -> None:
    """The same sign lost in r as well would give another r than the right one that stands there."""
    found = judged(sheet(**{**RIGHT, "z_1": "0.4619"}))
    (finding,) = found.findings
    assert finding.explanation.id == "exponent-sign"
    assert all(other.named("quantities") == ("z",) for other in finding.also)


def test_a_number_that_stands_for_anything_does_not_follow() -> None:
    numbers = sheet(**{**RIGHT, "r_1": "0.529", "h_1": "0.15 0.1 0"})
    assert verdicts(judged(numbers))[1, "h", (2,)] == "wrong"


def test_a_cell_of_ones_own_has_its_mistakes_too() -> None:
    from verifier.problem import loads

    problem: Problem = loads(
        'equations = """\nk[t] = sigmoid(A @ x[t] + B @ m[t-1])\n'
        'm[t] = k[t] * m[t-1] + (1 - k[t]) * x[t]\n"""\n'
        "[parameters]\nA = [[0.5, -0.3], [0.2, 0.7]]\nB = [[0.1, 0.4], [-0.6, 0.3]]\n"
        "[initial]\nm = [0.3, -0.2]\n[inputs]\nx = [[0.4, 0.9], [-0.5, 0.2]]\n"
    )
    solution = Solution(problem)
    rules = {variant.rule for variant in variants(problem, "mistake")}
    assert {"blend-swapped", "transposed", "function-exchanged", "state-not-carried"} <= rules
    for rule in ("blend-swapped", "transposed", "state-not-carried"):
        variant = next(v for v in variants(problem, "mistake") if v.rule == rule)
        numbers = check_campaign.written(problem, variant.problem, Policy(), unwrapped)
        assert numbers is not None
        found = judged(numbers, solution)
        assert rule in check_campaign.names(found) or check_campaign.very_same(found)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"h_1": "0.2000 0.1000 0.3000"}, {None}),  # what follows is right, and does not follow
        ({"h_2": "0.4738 0.7777 0.3563"}, {None}),
        ({"h_1": "0.5 0.5 0.5"}, {None}),  # one digit is no point in another place
        ({"z_1": "5.381"}, {"point"}),
        ({"z_1": "0.7345", "s_1": "0.0403 0.0220 0.0249"}, {"other"}),  # the one cause of all
        # two numbers are off, so neither is the only one
        ({"z_1": "0.7345", "r_1": "0.7612", "s_1": "0.0403 0.0220 0.0249"}, {None}),
    ],
)
def test_a_reason_for_a_wrong_number_is_true(changed: dict[str, str], said: set[str]) -> None:
    upto = {key: text for key, text in RIGHT.items() if key.endswith("_1")}
    found = judged(sheet(**{**(upto if "s_1" in changed else RIGHT), **changed}))
    wrong = [row.explanation for row in found.rows if row.verdict == "wrong"]
    assert {None if why is None else why.id for why in wrong} == said


def test_a_zero_without_digits_is_no_coarse_number() -> None:
    found = judged(sheet(h_1="0 0.0828 0.0939"))
    assert verdicts(found)[1, "h", (0,)] == "wrong"


def test_a_mistake_that_shows_in_one_number_is_named_where_little_else_could_give_it() -> None:
    """tanh left out moves h_2 by 39 units, and no other mistake keeps h_1 and comes near."""
    counted: Counter[str] = Counter()
    check_campaign.one(Random(1014), counted)
    assert counted["one first"] == counted["one sheets"] == 1


def test_a_term_that_is_missing_in_one_number_is_no_slip() -> None:
    """z_1 without 0.12 · 0.6 is 0.5201, and 0.5391 is 0.5381 with another digit."""
    state = " ".join(f"{(1 - 0.5201) * h:.4f}" for h in (0.15162181, 0.08280993, 0.09392235))
    upto = {key: text for key, text in RIGHT.items() if key.endswith("_1")}
    found = judged(sheet(**{**upto, "z_1": "0.5201", "s_1": state}))
    (finding,) = found.findings
    assert finding.explanation.id == "number-missed"
    assert finding.explanation.named("quantities") == ("z",)
    assert finding.explanation.named("read") in {("0.6", "0"), ("0.12", "0")}
    assert {verdicts(found)[1, "s", (k,)] for k in range(3)} == {"follows"}
    slipped = judged(sheet(**{**RIGHT, "z_1": "0.5391"}))
    assert not slipped.findings


def test_terms_missing_in_one_number_of_random_problems() -> None:
    counted: Counter[str] = Counter()
    for seed in (2, 3, 5, 6):
        check_campaign.term(Random(seed), counted)
    assert (counted["term named"], counted["term called a slip"]) == (4, 0)
