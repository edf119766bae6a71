"""The long campaign on checking: mistakes are named, and honest people are never accused.

    python -m tests.check_campaign
    python -m tests.check_campaign --only mixed,float32 --count 1000 --jobs 1

2,000 sheets with one known mistake of the catalogue, 2,000 with two, 5,000 honest ones under any
policy that rounds to the nearest, 5,000 under a mixed habit, and 1,000 each rounded up, down or
away, from float32, from function tables of
four places, with one number off by 1 to 12 units, with a term of a dot product missing in one
number, with every last digit off by one or by two, of random digits, and of constants, zeros among
them: three cells, hidden sizes 1 to 4, 1 to 3 steps, four places, nonzero initial states half of
the time. Sheets that equal an
honest one are drawn again, and counted. A mistake is named when the report names its rule, or a
rule (or two) that gives the very same numbers; `first` counts those that stand among the first two
named.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import partial
from random import Random
from typing import Any

import numpy as np
from flint import arb

from tests import random_problems
from verifier.arithmetic.ball import enclosure
from verifier.arithmetic.ieee import Ieee
from verifier.arithmetic.wrap.replaced import Replaced
from verifier.certify import certify, rounded_between
from verifier.check.engine import check
from verifier.check.judge import DIRECTED
from verifier.check.model import Answers, Checked
from verifier.check.scores import score
from verifier.errors import ProblemError
from verifier.evaluate import Trace, evaluate
from verifier.outcomes.model import Entry, Given
from verifier.outcomes.ways import NEAREST
from verifier.problem import Problem
from verifier.rewrites.catalogue import variants
from verifier.rewrites.model import Variant, made, unwrapped
from verifier.rewrites.readings import MISSED, READINGS, Reading, change
from verifier.rounding import MODES, POLICIES, Mode, Policy, Rounding
from verifier.solution import Solution, in_mode

BATCH, REPORT = 25, 20
VERBOSE = False
SIZES = (4, 3, 3)
SHOWS = 0.002
"""A term that is missing moves a number by so much at least: twenty units."""

Sheet = dict[Entry, Given]


def main() -> None:
    """Run the campaign and print what came out; exit 1 where a figure was not reached."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mistakes", type=int, default=2000)
    parser.add_argument("--honest", type=int, default=5000)
    parser.add_argument("--others", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default=",".join(KINDS), help="kinds, separated by commas")
    parser.add_argument("--count", type=int, help="sheets of each kind")
    parser.add_argument("--jobs", type=int, help="processes")
    options = parser.parse_args()
    most = {"one": options.mistakes, "two": options.mistakes}
    most |= {"honest": options.honest, "mixed": options.honest}
    counts = {
        kind: options.count or most.get(kind, options.others) for kind in options.only.split(",")
    }
    start = time.perf_counter()
    jobs = [
        (kind, options.seed * 10**6 + k)
        for kind, count in counts.items()
        for k in range(count // BATCH)
    ]
    total = Counter[str]()
    with multiprocessing.Pool(options.jobs) as pool:
        for done, counted in enumerate(pool.imap_unordered(batch, jobs), 1):
            total += counted
            if done % REPORT == 0 or done == len(jobs):
                found = ", ".join(f"{count} {what}" for what, count in sorted(total.items()))
                print(f"{found} in {time.perf_counter() - start:.0f} s", flush=True)
    for kind in counts:
        _say(kind, total)
    sys.exit(not all(met(total) for kind, met in REACHED.items() if kind in counts))


def _say(kind: str, total: Counter[str]) -> None:
    """The mean part of the points, and what was counted of a kind."""
    most = total[f"{kind} most"]
    if most:
        print(f"{kind}: {100 * total[f'{kind} points'] / most:.3f} % of the points")


def batch(job: tuple[str, int]) -> Counter[str]:
    """What one batch of sheets of a kind gave."""
    kind, seed = job
    rng, counted = Random(seed), Counter[str]()
    for _ in range(BATCH):
        KINDS[kind](rng, counted)
    return counted


def draw(rng: Random) -> Problem:
    """A random problem to four places."""
    cell, numbers = random_problems.draw(rng, most=SIZES)
    return random_problems.problem(cell, numbers, turned=rng.random() < 0.3)


def entries(problem: Problem) -> Iterator[tuple[tuple[int, str], int, Entry]]:
    """Every entry with its quantity and its place in it."""
    for step in range(1, problem.steps + 1):
        for name in problem.cell.equation:
            shape = problem.shapes[name]
            for k in range(problem.size(name)):
                index = tuple(int(i) for i in np.unravel_index(k, shape)) if shape else ()
                yield (step, name), k, (step, name, index)


def written(
    asked: Problem, problem: Problem, policy: Policy, wrap: Any = unwrapped
) -> Sheet | None:
    """The certified digits of a (changed) problem's quantities, as a person writes them."""
    try:
        trace = certify(problem, policy, wrap).trace
    except ProblemError:
        return None
    sheet: Sheet = {}
    for site, k, entry in entries(asked):
        value = trace.entries(*site)[k]
        text = rounded_between(enclosure(value), value, problem.rule(site[1]))
        if text is None:
            return None
        sheet[entry] = Given(text, Fraction(text), len(text.partition(".")[2]))
    return sheet


def honest_sheets(problem: Problem) -> list[dict[Entry, str]]:
    """What honest people write, under every policy and mode."""
    found = []
    for kind in POLICIES:
        for mode in MODES:
            sheet = written(problem, in_mode(problem, mode), Policy(kind))
            if sheet is not None:
                found.append(texts(sheet))
    return found


def texts(sheet: Sheet) -> dict[Entry, str]:
    """The digits of a sheet."""
    return {entry: given.text for entry, given in sheet.items()}


def judged(problem: Problem, sheet: Sheet) -> Checked:
    """The verdicts on a sheet."""
    return check(Solution(problem), Answers("somebody", "sheet", sheet))


def names(checked: Checked) -> set[str]:
    """The rules that the findings name."""
    ids = {e.id for f in checked.findings for e in (f.explanation, *f.also)}
    return {rule for id in ids for rule in id.split("+")}


def first_names(checked: Checked) -> set[str]:
    """The rules that the first two named explanations hold."""
    every = [e.id for f in checked.findings for e in (f.explanation, *f.also)]
    return {rule for id in every[:2] for rule in id.split("+")}


def very_same(checked: Checked) -> bool:
    """Whether an explanation gives the whole sheet, proven."""
    return any(finding.chance is not None for finding in checked.findings)


def some_variant(rng: Random, problem: Problem) -> Variant[Problem] | None:
    """A mistake: a rule at random, then one of its variants."""
    found: dict[str, list[Variant[Problem]]] = {}
    for variant in variants(problem, "mistake"):
        found.setdefault(variant.rule, []).append(variant)
    return rng.choice(found[rng.choice(sorted(found))]) if found else None


def one(rng: Random, counted: Counter[str]) -> None:
    """A sheet with one known mistake."""
    while True:
        problem = draw(rng)
        variant = some_variant(rng, problem)
        if variant is None:
            continue
        policy = Policy(rng.choice(["final", "equation"]))
        sheet = written(problem, variant.problem, policy, variant.wrap)
        if sheet is None:
            continue
        checked = judged(problem, sheet)
        if checked.right and texts(sheet) in honest_sheets(problem):
            counted["one that no one can see, drawn again"] += 1
            continue
        break
    named = variant.rule in names(checked) or very_same(checked)
    counted["one sheets"] += 1
    counted["one named"] += named
    counted["one first"] += variant.rule in first_names(checked) or very_same(checked)
    if not named:
        counted[f"one not named: {variant.rule}"] += 1


def two(rng: Random, counted: Counter[str]) -> None:
    """A sheet with two known mistakes."""
    while True:
        problem = draw(rng)
        first = some_variant(rng, problem)
        second = some_variant(rng, first.problem) if first is not None else None
        if first is None or second is None or first.key == second.key:
            continue
        wraps = [part.wrap for part in (first, second) if part.wrap is not unwrapped]
        if len(wraps) > 1:
            continue
        sheet = written(problem, second.problem, Policy(), wraps[0] if wraps else unwrapped)
        if sheet is None:
            continue
        checked = judged(problem, sheet)
        if checked.right and texts(sheet) in honest_sheets(problem):
            counted["two that no one can see, drawn again"] += 1
            continue
        break
    named = {first.rule, second.rule} <= names(checked) or very_same(checked)
    counted["two sheets"] += 1
    counted["two named"] += named


def single(kind: str, modes: Sequence[Mode], rng: Random, counted: Counter[str]) -> None:
    """An honest sheet, under any policy and one of these modes."""
    sheet, problem = None, draw(rng)
    while sheet is None:
        problem = draw(rng)
        policy = Policy(rng.choice(POLICIES), places=rng.choice([None, None, 5, 6, 7, 8]))
        sheet = written(problem, in_mode(problem, rng.choice(modes)), policy)
    _counted(kind, problem, sheet, counted)


def mixed(rng: Random, counted: Counter[str]) -> None:
    """An honest sheet that rounds to the nearest, with all quantities or some carried rounded."""
    sheet, problem = None, draw(rng)
    while sheet is None:
        problem = draw(rng)
        names = sorted(problem.cell.equation)
        some = frozenset(rng.sample(names, rng.randint(1, len(names))))
        places = rng.choice([None, None, 5, 6, 7, 8])
        policy = Policy(rng.choice(POLICIES[1:]), places=places, only=some)
        sheet = written(problem, problem, policy if rng.random() < 0.9 else Policy())
    _counted("mixed", problem, sheet, counted)


def float32(rng: Random, counted: Counter[str]) -> None:
    """A sheet from a program in float32, printed to as many places as one likes."""
    problem, places = draw(rng), rng.choice([4, 4, 5, 6, 7, 8])
    trace = evaluate(problem, Ieee("float32"))
    sheet = _from(trace, problem, places)
    _counted("float32", problem, sheet, counted)


def tables(rng: Random, counted: Counter[str]) -> None:
    """A sheet with functions looked up in a table of four places."""
    sheet, problem = None, draw(rng)
    while sheet is None:
        problem = draw(rng)
        policy = Policy(rng.choice(POLICIES), table=(rng.choice([2, 3, 4]), 4))
        sheet = written(problem, problem, policy)
    _counted("tables", problem, sheet, counted)


def term(rng: Random, counted: Counter[str]) -> None:
    """A sheet on which a term of a dot product is missing in one number, and the rest follows."""
    sheet, problem, entry = None, draw(rng), (0, "", ())
    while sheet is None:
        problem = draw(rng)
        numbers = list(READINGS[MISSED](problem))
        found = _without(rng, problem, rng.choice(numbers)) if numbers else None
        if found is not None:
            entry, wrap = found
            sheet = written(problem, problem, Policy(), wrap)
    checked = _counted("term", problem, sheet, counted)
    rows = {(row.step, row.name, row.index): row for row in checked.rows}
    counted["term named"] += MISSED in names(checked) or very_same(checked)
    counted["term called a slip"] += getattr(rows[entry].explanation, "kind", "") == "slip"


def _without(rng: Random, problem: Problem, reading: Reading) -> tuple[Entry, Any] | None:
    """An entry that misses a number, and the arithmetic in which it alone does."""
    variant, right = made(MISSED, problem, change(problem, reading)), Ieee("float64")
    if variant is None:
        return None
    own, computed = evaluate(problem, right).values, dict[Any, Any]()
    evaluate(variant.problem, Replaced(right, own, computed))
    far = [
        (entry, k, float(np.ravel(computed[site])[k]))
        for site, k, entry in entries(problem)
        if abs(np.ravel(computed[site])[k] - np.ravel(own[site])[k]) > SHOWS
    ]
    if not far:
        return None
    entry, k, value = rng.choice(far)
    return entry, lambda inner: Replaced(inner, {entry[:2]: {k: arb(value)}})


def _from(trace: Trace, problem: Problem, places: int) -> Sheet:
    """The numbers of a trace of floats to so many places."""
    sheet: Sheet = {}
    for site, k, entry in entries(problem):
        text = f"{float(trace.entries(*site)[k]):.{places}f}"
        sheet[entry] = Given(text, Fraction(text), places)
    return sheet


def moved(rng: Random, counted: Counter[str]) -> None:
    """An honest sheet with one number off by 1 to 12 units."""
    problem, sheet = _right(rng)
    entry = rng.choice(sorted(sheet))
    sheet[entry] = _off(sheet[entry], rng.choice([-1, 1]) * rng.randint(1, 12))
    _counted("moved", problem, sheet, counted)


def off_by(units: int, rng: Random, counted: Counter[str]) -> None:
    """A sheet with every last digit off by so many units, all to one side."""
    problem, sheet = _right(rng)
    sign = rng.choice([-1, 1])
    changed = {entry: _off(number, sign * units) for entry, number in sheet.items()}
    _counted(f"off{units}", problem, changed, counted)


def dice(rng: Random, counted: Counter[str]) -> None:
    """A sheet of random digits."""
    problem = draw(rng)
    texts = {entry: f"{rng.uniform(-1, 1):.4f}" for _, _, entry in entries(problem)}
    sheet = {entry: Given(text, Fraction(text), 4) for entry, text in texts.items()}
    _counted("dice", problem, sheet, counted)


def constants(rng: Random, counted: Counter[str]) -> None:
    """A sheet with one number for each quantity; that of the state follows at the first step."""
    problem, places = draw(rng), rng.choice([0, 1, 2, 3, 4])
    own = {name: f"{rng.uniform(-1, 1):.{places}f}" for name in problem.cell.equation}
    if rng.random() < 0.5:
        own = dict.fromkeys(own, next(iter(own.values())))
    last = {"gru": "s", "lstm": "c"}.get(problem.cell.name)
    if last is not None:
        put = {
            (1, name): {k: float(text) for k in range(problem.size(name))}
            for name, text in own.items()
        }
        computed: dict[Any, Any] = {}
        evaluate(problem, Replaced(Ieee("float64"), put, computed))
        own[last] = str(float(np.ravel(computed[1, last])[0]))
    texts = {entry: f"{float(own[site[1]]):.4f}" for site, _, entry in entries(problem)}
    sheet = {entry: Given(text, Fraction(text), 4) for entry, text in texts.items()}
    _counted("constants", problem, sheet, counted)


def _right(rng: Random) -> tuple[Problem, Sheet]:
    while True:
        problem = draw(rng)
        sheet = written(problem, problem, Policy())
        if sheet is not None:
            return problem, sheet


def _off(number: Given, units: int) -> Given:
    text = Rounding(4).text(number.value + Fraction(units, 10**4))
    return Given(text, Fraction(text), 4)


def _counted(kind: str, problem: Problem, sheet: Sheet, counted: Counter[str]) -> Checked:
    """Count the points of a sheet, and what is said of it."""
    checked = judged(problem, sheet)
    earned = score(problem, checked)
    verdicts = {row.verdict for row in checked.rows}
    counted[f"{kind} sheets"] += 1
    counted[f"{kind} accused"] += bool(verdicts & {"mistake", "wrong"})
    counted[f"{kind} mistake"] += bool(checked.findings)
    counted[f"{kind} points"] += float(earned.points)  # type: ignore[assignment]
    counted[f"{kind} most"] += float(earned.most)  # type: ignore[assignment]
    if checked.findings and VERBOSE:
        print(kind, [f.explanation for f in checked.findings], flush=True)
    return checked


KINDS: dict[str, Callable[[Random, Counter[str]], None]] = {
    "one": one,
    "two": two,
    "honest": partial(single, "honest", NEAREST),
    "directed": partial(single, "directed", DIRECTED),
    "mixed": mixed,
    "float32": float32,
    "tables": tables,
    "moved": moved,
    "term": term,
    "off1": partial(off_by, 1),
    "off2": partial(off_by, 2),
    "dice": dice,
    "constants": constants,
}


def _part(total: Counter[str], what: str, of: str) -> float:
    return total[what] / max(1, total[of])


def _fair(kind: str, total: Counter[str]) -> bool:
    """Whether no sheet of a kind was accused, and all together keep nearly all points."""
    return not total[f"{kind} accused"] and _part(total, f"{kind} points", f"{kind} most") >= 0.998


REACHED: dict[str, Callable[[Counter[str]], bool]] = {
    "one": lambda total: _part(total, "one first", "one sheets") >= 0.98,
    "two": lambda total: _part(total, "two named", "two sheets") >= 0.88,
    "honest": partial(_fair, "honest"),
    "directed": lambda total: not total["directed accused"],
    "mixed": partial(_fair, "mixed"),
    "float32": lambda total: not total["float32 mistake"],
    "tables": lambda total: not total["tables mistake"],
    "moved": lambda total: not total["moved mistake"],
    "term": lambda total: _part(total, "term named", "term sheets") >= 0.9,
    "off1": lambda total: _part(total, "off1 points", "off1 most") <= 0.3,
    "off2": lambda total: _part(total, "off2 points", "off2 most") <= 0.01,
    "dice": lambda total: (
        not total["dice mistake"] and _part(total, "dice points", "dice most") <= 0.01
    ),
    "constants": lambda total: _part(total, "constants points", "constants most") <= 0.01,
}
"""What each kind of sheet must come to."""


if __name__ == "__main__":
    main()
