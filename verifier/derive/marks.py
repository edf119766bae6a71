"""Marks at printed numbers that a reader of the lines does not get, and what the reader gets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from verifier.arithmetic.protocol import QuantityAt
from verifier.derive.chain import Chain, Chains
from verifier.derive.recompute import Miss, leaves, misses
from verifier.language.operations import OPERATIONS
from verifier.language.tree import Array, Call, Expression, Number, Path, with_children
from verifier.language.tree import replace as replaced
from verifier.solution import Solution


@dataclass(frozen=True)
class Mark:
    """Why a number is marked: what its terms give, and what is printed.

    Where the terms of the one entry cannot be told apart from those of others, there are none.
    """

    terms: Expression | None
    gives: str
    printed: str


@dataclass(frozen=True)
class Recomputed:
    """A chain whose lines were computed again: as it is, with marks, and what these stand for."""

    chain: Chain
    shown: Chain
    marks: tuple[Mark, ...]


def recomputed(solution: Solution, worked: Chains) -> dict[QuantityAt, Recomputed]:
    """Each chain beside what a reader of its lines gets: the same in every format."""
    return {site: _recomputed(solution, own) for site, own in worked.items()}


def _recomputed(solution: Solution, own: Chain) -> Recomputed:
    found = misses(solution, own)
    return Recomputed(own, marked(own, found), tuple(marks(found)))


def marked(worked: Chain, found: Iterable[Miss]) -> Chain:
    """The chain in which the numbers that were missed bear a mark."""
    links, products = list(worked.links), list(worked.products)
    for miss in found:
        k = miss.line
        if miss.product:
            products[k] = replace(products[k], value=_at(products[k].value, (), miss.entry))
        else:
            links[k] = replace(links[k], tree=_at(links[k].tree, miss.path, miss.entry))
    return replace(worked, links=tuple(links), products=tuple(products))


def marks(found: Iterable[Miss]) -> list[Mark]:
    """What a reader gets in place of each marked number, each once, with terms where there are."""
    each = [Mark(_terms(miss.source, miss.entry), miss.gives, miss.printed) for miss in found]
    told = {(mark.gives, mark.printed) for mark in each if mark.terms}
    kept = (mark for mark in each if mark.terms or (mark.gives, mark.printed) not in told)
    return list(dict.fromkeys(kept))


def _at(tree: Expression, path: Path, entry: int) -> Expression:
    """The tree with a mark at one entry of the term at a path."""

    def rule(node: Expression, at: Path) -> Expression | None:
        return _leaf(node, entry)[0] if at == path else None

    return replaced(tree, rule)


def _leaf(node: Expression, entry: int) -> tuple[Expression, int]:
    """The term with a mark at an entry, and how many entries are left to count."""
    if isinstance(node, Number) and entry == 0:
        return replace(node, marked=True), -1
    if not isinstance(node, Array):
        return node, entry - 1
    parts = []
    for item in node.items:
        part, entry = _leaf(item, entry)
        parts.append(part)
    return Array(tuple(parts)), entry


def _terms(tree: Expression, entry: int) -> Expression | None:
    """The numbers that give one entry of a term that is worked out entry by entry."""
    match tree:
        case Number():
            return tree
        case Array():
            found = leaves(tree)[entry : entry + 1]
            return found[0] if found and isinstance(found[0], Number) else None
        case Call(operation, arguments) if _by_entries(operation):
            parts = [_terms(part, entry) for part in arguments]
            known = tuple(part for part in parts if part is not None)
            sign = "multiply" if operation == "hadamard" else operation
            return with_children(Call(sign, ()), known) if len(known) == len(parts) else None
    return None


def _by_entries(operation: str) -> bool:
    row = OPERATIONS.get(operation)
    return operation == "hadamard" or bool(row and row.slopes)
