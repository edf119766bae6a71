"""What honest people may do: every policy, mode and number of carried places, and mixtures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations

from verifier.certify import total_products
from verifier.language.tree import Call, nodes
from verifier.outcomes.model import About, Explanation
from verifier.problem import Problem
from verifier.rounding import MODES, TABLED, Mode, Policy, PolicyKind, Rounding

MORE_PLACES, FEWER_PLACES = 4, 16
"""How many places more, or fewer, than asked a person may carry on: fewer down to a single one."""

BEYOND = 2
"""How many places more than the question says to carry are tried at least."""

WIDE_PRODUCTS = 20_000
"""Beyond so many scalar products, only the asked places and modes are tried."""

NEAREST: tuple[Mode, ...] = ("half-even", "half-up", "half-down")
"""Modes that differ at ties only: one family, unless the question says what becomes of a tie."""

MOST_MIXED = 6
"""Up to so many quantities, all their subsets are tried."""

MIXED, TABLES = 1000, 2000
"""The ranks from which ways are mixed, and from which functions are looked up in tables."""

TABLE_PLACES, ARGUMENTS = 4, (4, 3, 2)
"""The places of printed tables, and those of the arguments that they have."""


@dataclass(frozen=True)
class Way:
    """A policy with the mode in which results are printed; `rank` counts from the simplest.

    A `habit` is a way that earns all points: it rounds to the nearest, or as the question says, and
    carries no fewer places than asked, or than the question says. What tables give `earns` as much:
    they are coarser, and no question can be fair to them.
    """

    policy: Policy
    mode: Mode
    rank: int
    habit: bool = True

    @property
    def earns(self) -> bool:
        """Whether what fits this way earns all points."""
        return self.habit or self.policy.table is not None


def ways(problem: Problem) -> tuple[Way, ...]:
    """All ways, those of kind `final` first, then `equation`, then `operation`."""
    modes, family = _modes(problem)
    found = [Way(Policy(), mode, 3 * k, mode in family) for k, mode in enumerate(modes)]
    found += _tables(problem, "final", TABLES)
    asked = problem.rounding.count
    least = max(asked, problem.carry or 0)
    for kind in ("equation", "operation"):
        late = 1 + int(kind == "operation")
        for far, count in enumerate(_counts(problem)):
            fewer = (asked if count is None else count) < least
            for k, mode in enumerate(modes):
                policy = _policy(problem.rounding, kind, None if k == 0 else mode, count)
                habit = mode in family and not fewer
                found.append(Way(policy, mode, 3 * k + 30 * far + late, habit))
            if not fewer:
                found += _mixed(problem, kind, count, MIXED + 30 * far + late)
        found += _tables(problem, kind, TABLES + late)
    return tuple(replace(w, rank=-1) if _own(problem, w) else w for w in found)


def _tables(problem: Problem, kind: PolicyKind, rank: int) -> Iterator[Way]:
    """Functions looked up in tables, where no more places are asked than these have."""
    own, trees = problem.rounding, (eq.expression for eq in problem.cell.equations)
    used = {node.operation for tree in trees for _, node in nodes(tree) if isinstance(node, Call)}
    few = own.places is not None and own.places <= TABLE_PLACES
    if few and used & TABLED and total_products(problem) <= WIDE_PRODUCTS:
        for far, count in enumerate(ARGUMENTS):
            policy = Policy(kind, table=(count, TABLE_PLACES))
            yield Way(policy, own.mode, rank + 3 * far, habit=False)


def _modes(problem: Problem) -> tuple[list[Mode], tuple[Mode, ...]]:
    """All modes, the question's own first, and those of habits."""
    own = problem.rounding.mode
    modes = [own, *(mode for mode in MODES if mode != own)]
    return modes, (own,) if problem.states_ties or own not in NEAREST else NEAREST


def _own(problem: Problem, way: Way) -> bool:
    policy = way.policy
    asked = (policy.places, policy.figures, policy.only, policy.table) == (None,) * 4
    return asked and policy.kind == problem.policy.kind and way.mode == problem.rounding.mode


def _mixed(problem: Problem, kind: PolicyKind, count: int | None, rank: int) -> Iterator[Way]:
    """Some quantities rounded and carried on, the others in full."""
    if total_products(problem) > WIDE_PRODUCTS:
        return
    own, names = problem.rounding, tuple(problem.cell.equation)
    for some in _subsets(names):
        carried = _policy(own, kind, None, count)
        policy = replace(carried, only=frozenset(some))
        yield Way(policy, own.mode, rank)


def _subsets(names: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Subsets of names, neither none nor all: of many names, those that leave one or take one."""
    sizes = range(1, len(names))
    few = len(names) <= MOST_MIXED
    for size in sizes if few else (1, len(names) - 1):
        yield from combinations(names, size)


def _counts(problem: Problem) -> Iterator[int | None]:
    """Places (or figures) that are carried: as asked, more, then fewer."""
    yield None
    if total_products(problem) > WIDE_PRODUCTS:
        return
    asked = problem.rounding.count
    yield from range(asked + 1, max(asked + MORE_PLACES, (problem.carry or 0) + BEYOND) + 1)
    yield from (n for n in range(asked - 1, asked - FEWER_PLACES - 1, -1) if n > 0)


def _policy(own: Rounding, kind: PolicyKind, mode: Mode | None, count: int | None) -> Policy:
    """What is carried to so many places (or figures), None to those of each quantity.

    Without a mode, each quantity is carried in its own.
    """
    if own.figures is None:
        return Policy(kind, mode, places=count)
    return Policy(kind, mode, figures=count)


def explained(way: Way, problem: Problem) -> Explanation:
    """A way in terms of what it does otherwise than the problem asks."""
    own, about = problem.rounding, dict[str, tuple[str, ...]]()
    if way.mode != own.mode:
        about["mode"] = (way.mode,)
    count = way.policy.places if own.figures is None else way.policy.figures
    if count is not None:
        about["places" if own.figures is None else "figures"] = (str(count),)
    if way.policy.table is not None:
        kind = way.policy.kind
        about |= {"policy": (kind,)} if kind not in ("final", problem.policy.kind) else {}
        about["table"] = tuple(map(str, way.policy.table))
        return Explanation("policy", "table", tuple(about.items()))
    parts: About = tuple(about.items())
    if way.policy.only is not None:
        names = tuple(name for name in problem.cell.equation if name in way.policy.only)
        return Explanation("policy", f"mixed-{way.policy.kind}", (("quantities", names), *parts))
    if way.policy.kind != problem.policy.kind or count is not None:
        return Explanation("policy", way.policy.kind, parts)
    return Explanation("mode", way.mode)
