"""The notes of a solution: how lines are read, and what rounding did."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from verifier.arithmetic.ball import enclosure
from verifier.certify import two_figures
from verifier.derive.figures import exact_texts, more_digits
from verifier.language.definitions import has_kinks
from verifier.language.tree import Number
from verifier.problem import Problem
from verifier.report.entries import entry_of
from verifier.report.scribe import Scribe
from verifier.report.words import Math, Prose, Words, capital
from verifier.rounding import MODES, POLICIES, Mode
from verifier.solution import Digits, Solution, outside

Place = tuple[int, str, int]
MOST_LISTED = 12


def reading(solution: Solution, scribe: Scribe) -> Iterator[Prose]:
    """How the lines of the solution are to be read."""
    problem, words = solution.problem, scribe.words
    yield words(f"policy.{problem.policy.kind}", approx=scribe.sign("≈"))
    if any(not exact_texts(numbers) for numbers in problem.parameters.values()):
        yield words("reading.floats")
    some = next((text for text in _values(solution) if "…" in text), None)
    if some:
        yield words("reading.dots", example=scribe.number(some))
    yield from _guard(problem, words)


def _guard(problem: Problem, words: Words) -> Iterator[Prose]:
    """What numbers on the way to a result have more than it; nothing where all are rounded."""
    more, kind = problem.notation.guard, problem.policy.kind
    if more and kind != "operation":
        rules = [problem.rule(name) for name in problem.cell.equation]
        units = {"figures" if rule.places is None else "places" for rule in rules}
        unit = units.pop() if len(units) == 1 else "digits"
        yield words(f"reading.guard.{kind}.{unit}", more)


def notes(solution: Solution, scribe: Scribe, rule: Sequence[Prose]) -> Iterator[Prose]:
    """What the reader must know of the rounding in the table of results."""
    words = scribe.words
    policy = words.text(f"notes.policy.{solution.problem.policy.kind}")
    rules = tuple(part for prose in rule for part in (*prose, " "))
    yield words("notes.rule", rounding=rules[:-1], policy=policy)
    yield _certainty(solution, scribe)
    if solution.carried.instead is not None:
        bits = solution.carried.precisions[-1]
        yield words(f"notes.balls.{solution.carried.instead}", bits=bits)
    yield from _kinks(solution, scribe)
    if not solution.complete:
        return  # of digits that are not known, nothing can be said that holds for all
    if not solution.with_policies:
        yield words("notes.large")
        return
    yield from _policies(solution, scribe)
    yield from _modes(solution, scribe)
    yield from _closest(solution, scribe)


def _certainty(solution: Solution, scribe: Scribe) -> Prose:
    undecided = solution.undecided
    if undecided:
        names = scribe.words.join([_between(solution, scribe, p) for p in sorted(undecided)])
        bits = solution.carried.precisions[-1]
        return scribe.words("notes.undecided", len(undecided), bits=bits, entries=names)
    return scribe.words("notes.certified", sum(1 for _ in _places(solution)))


def _kinks(solution: Solution, scribe: Scribe) -> Iterator[Prose]:
    """What is met by the numbers that are carried."""
    if solution.with_terms and has_kinks(solution.problem.cell.equations):
        from verifier.report.kinks import kinks  # few problems have any

        yield from map(capital, kinks(scribe, solution.carried.trace.arithmetic))


def _between(solution: Solution, scribe: Scribe, place: Place) -> Prose:
    """An undecided entry with the interval that is proven to hold it."""
    step, name, k = place
    found = solution.carried.trace.entries(step, name)[k]
    lower, upper = outside(enclosure(found), solution.problem.rule(name))
    named = entry(solution, scribe, place)
    if lower is None or upper is None:
        return named
    low, high = scribe.plain_number(lower), scribe.plain_number(upper)
    return scribe.words("entry.between", entry=named, lower=low, upper=high)


def _policies(solution: Solution, scribe: Scribe) -> Iterator[Prose]:
    words, own_kind = scribe.words, solution.problem.policy.kind
    others = [kind for kind in POLICIES if kind != own_kind]
    differing = {kind: solution.differences(kind) for kind in others}
    places = sorted(set().union(*differing.values()))
    broken = [kind for kind in others if solution.breaks(kind)]
    for kind in broken:
        yield words(f"notes.breaks.{kind}")
    known = all(None not in texts for kind in others for texts in solution.digits(kind).values())
    if not places and known:
        yield words("notes.same")
    for place in places[:MOST_LISTED]:
        step, name, k = place
        gives = [
            words(f"notes.gives.{kind}", text=scribe.number(solution.digits(kind)[step, name][k]))
            for kind in others
            if place in differing[kind]
        ]
        yield words(
            "notes.differs",
            entry=capital(entry(solution, scribe, place)),
            own=scribe.number(solution.digits(own_kind)[step, name][k]),
            value=_value(solution, scribe, place),
            others=tuple(part for prose in gives for part in (*prose, " "))[:-1],
        )
    if len(places) > MOST_LISTED:
        yield words("notes.more", len(places) - MOST_LISTED)


def _modes(solution: Solution, scribe: Scribe) -> Iterator[Prose]:
    """Which digits other modes change; modes that give the same digits are named together."""
    words, kind = scribe.words, solution.problem.policy.kind
    same, *others = _alike(solution)
    if same:
        yield words("notes.modes.same", len(same), modes=_named(words, same))
    for modes in others:
        places, digits = solution.differences(kind, modes[0]), solution.digits(kind, modes[0])
        listed = [_with(solution, scribe, place, digits) for place in places[:MOST_LISTED]]
        listed += [("…",)] if len(places) > MOST_LISTED else []
        named, entries = _named(words, modes), words.join(listed)
        if places:
            yield words("notes.modes.differ", len(places), modes=named, entries=entries)
        undecided = sum(text is None for texts in digits.values() for text in texts)
        if undecided:
            yield words("notes.modes.open", undecided, modes=named)


def _named(words: Words, modes: Sequence[Mode]) -> Prose:
    return words.join([words("quoted", text=words.text(f"mode.short.{mode}")) for mode in modes])


def _alike(solution: Solution) -> list[list[Mode]]:
    """The modes in groups of equal digits; first those that give the solution's own digits."""
    kind = solution.problem.policy.kind
    seen: list[Digits] = [solution.digits(kind)]
    groups: list[list[Mode]] = [[]]
    for mode in MODES:
        digits = solution.digits(kind, mode)
        if digits not in seen:
            seen.append(digits)
            groups.append([])
        groups[seen.index(digits)].append(mode)
    return groups


def _with(solution: Solution, scribe: Scribe, place: Place, digits: Digits) -> Prose:
    text = scribe.number(digits[place[0], place[1]][place[2]])
    return scribe.words("entry.with", entry=entry(solution, scribe, place), text=text)


def _closest(solution: Solution, scribe: Scribe) -> Iterator[Prose]:
    found: tuple[Fraction, Place] | None = None
    for place in _places(solution):
        least = solution.margin(*place)
        if least is not None and (found is None or least < found[0]):
            found = least, place
    if found:
        yield scribe.words(
            "notes.margin",
            entry=entry(solution, scribe, found[1]),
            value=_value(solution, scribe, found[1]),
            margin=scribe.number(two_figures(found[0])),
        )


def entry(solution: Solution, scribe: Scribe, place: Place) -> Prose:
    """An entry in words: the second entry of s_1."""
    step, name, k = place
    return entry_of(scribe, scribe.symbol(name, step), solution.problem.shapes[name], k)


def _places(solution: Solution) -> Iterator[Place]:
    for (step, name), texts in solution.digits(solution.problem.policy.kind).items():
        for k in range(len(texts)):
            yield step, name, k


def _values(solution: Solution) -> Iterator[str]:
    for place in _places(solution):
        number = _more(solution, place)
        if number:
            yield number.text


def _more(solution: Solution, place: Place) -> Number | None:
    step, name, k = place
    entries = solution.full.trace.entries(step, name)
    return more_digits(entries[k], solution.problem.rule(name), solution.problem.notation.guard)


def _value(solution: Solution, scribe: Scribe, place: Place) -> Math:
    number = _more(solution, place)
    step, name, k = place
    text = number.text if number and number.text != "?" else solution.digits("final")[step, name][k]
    return scribe.number(text)
