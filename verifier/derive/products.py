"""Matrix products written out: every entry as a sum of products."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from math import prod
from typing import TypeGuard

from verifier.derive.figures import Figures
from verifier.derive.work import Work
from verifier.language.tree import Call, Expression, Number, Path, nodes
from verifier.notation.layout import shown

MOST_TERMS = 8
"""Longer sums are not written out: with dots in them nobody could check them."""


@dataclass(frozen=True)
class Product:
    """One entry: `left` = `terms` = `value`, with the relations between them."""

    left: Expression
    terms: Expression
    value: Expression
    relations: tuple[str, str]
    path: Path = ()  # of the product in the equation


def products(work: Work) -> Iterator[Product]:
    """The entries of all products of a vector with a matrix or a vector in the equation."""
    for path, node in nodes(work.tree):
        if is_product(node):
            yield from _product(work, path, node)


def is_product(node: Expression) -> TypeGuard[Call]:
    """Whether a term is a matrix product or an inner one."""
    return isinstance(node, Call) and node.operation in ("matmul", "inner")


def _product(work: Work, path: Path, node: Call) -> Iterator[Product]:
    left, right = work.figures((*path, 0)), work.figures((*path, 1))
    if len(left.shape) + len(right.shape) > 3 or left.shape[-1] > MOST_TERMS:
        return
    values = work.figures(path)
    count = prod(values.shape)
    own = work.problem.only.chosen(work.name) if count == work.problem.size(work.name) else None
    for k in shown(count) if own is None else own:
        if k is not None:
            terms = _terms(left, right, k)
            value = values.at(k)
            exact = [isinstance(t, Number) and t.exact for t in (value, *_numbers(terms))]
            relations = ("=" if all(exact[1:]) else "≈", "=" if all(exact) else "≈")
            head = Call("entry", (node, Number(str(k + 1)))) if count > 1 else node
            yield Product(head, terms, value, relations, path)


def _terms(left: Figures, right: Figures, k: int) -> Expression:
    """Σ_i left_i right_ik, Σ_i left_ki right_i, or Σ_i left_i right_i."""
    rows, columns = ((k,) if len(side.shape) == 2 else () for side in (left, right))
    parts: list[Expression] = [
        Call("multiply", (left.at(*rows, i), right.at(i, *columns))) for i in range(left.shape[-1])
    ]
    return reduce(_add, parts)


def _add(total: Expression, part: Expression) -> Expression:
    return Call("add", (total, part))


def _numbers(tree: Expression) -> list[Number]:
    return [node for _, node in nodes(tree) if isinstance(node, Number)]
