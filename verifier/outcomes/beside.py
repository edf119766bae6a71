"""What a mistake leaves as it is, so that it need not be worked out again beside another one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from verifier.arithmetic.protocol import QuantityAt, Value
from verifier.language.tree import names
from verifier.problem import Problem
from verifier.rewrites.model import Variant


def unchanged(
    before: Mapping[QuantityAt, Value], variant: Variant[Problem]
) -> dict[QuantityAt, Value]:
    """Those of the values before a change that it does not reach: they stay as they are."""
    reached = _reached(variant)
    return {site: value for site, value in before.items() if site not in reached}


def _reached(variant: Variant[Problem]) -> set[QuantityAt]:
    """The quantities in which a change is made, and all that read these, through others too."""
    problem: Any = variant.problem
    readers: dict[str, list[tuple[str, int]]] = {}
    for equation in problem.cell.equations:
        for tree in (equation.expression, *equation.cases.values()):
            for used in names(tree) if tree is not None else ():
                if used.offset is not None:
                    readers.setdefault(used.name, []).append((equation.name, used.offset))
    steps = range(1, problem.steps + 1)
    left = [
        site for name in variant.touches for step in steps if variant.changes(site := (step, name))
    ]
    found = {*left}
    while left:
        step, name = left.pop()
        for reader, offset in readers.get(name, ()):
            site = step - offset, reader
            if site not in found and site[0] in steps:
                found.add(site)
                left.append(site)
    return found
