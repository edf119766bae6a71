"""The chain behind a quantity: successive reductions of its equation, one link a line.

The links are the equation; the numbers put in; the partial products; the pre-activation; the exact
form where it is short; the value; the rounded value. "=" stands before a link only when every
number in it is exact; when the link before it was not, the left-hand side is written again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from verifier.arithmetic.ball import plain
from verifier.derive.figures import Figures, more_digits
from verifier.derive.products import Product, products
from verifier.derive.work import Work
from verifier.language.operations import OPERATIONS
from verifier.language.tree import Call, Expression, Name, Number, Path, children, nodes, replace
from verifier.notation.layout import MOST
from verifier.solve import Solution

Kind = Literal["equation", "numbers", "products", "preactivation", "exact", "value", "rounded"]

EXACT_CHARACTERS = 100
"""A line of closed forms is shown up to this length."""


@dataclass(frozen=True)
class Link:
    """One line: its kind, its right-hand side, and how it follows from the line before."""

    kind: Kind
    tree: Expression
    relation: str = "="
    restart: bool = False  # the left-hand side stands again


@dataclass(frozen=True)
class Chain:
    """The derivation of one quantity at one step."""

    step: int
    name: str
    links: tuple[Link, ...]
    products: tuple[Product, ...]


def chain(solution: Solution, step: int, name: str, detail: str | None = None) -> Chain:
    """The links of a quantity, as many as `detail` (full, vector, result) wants."""
    work = Work(solution, step, name)
    detail = (detail or solution.problem.detail) if solution.with_terms else "result"
    links = [Link("equation", work.tree)]
    if detail != "result":
        links += reductions(work)
        links += exact_form(work, links)
    links += result(work, known=len(links) > 1 and links[-1].relation == "=")
    written = tuple(products(work)) if detail == "full" else ()
    return Chain(step, name, tuple(links), written)


def reductions(work: Work) -> Iterator[Link]:
    """The numbers put in, then level after level replaced by its value, the deepest first."""
    deepest = max(work.depths.values())
    last, followed = work.tree, True
    for level in range(deepest + 1, 0, -1):
        tree = _reduced(work, level)
        if tree != last:
            exact = all_exact(tree)
            kind: Kind = "numbers" if level > deepest else _reduced_kind(tree)
            yield Link(kind, tree, "=" if exact else "≈", restart=exact and not followed)
            last, followed = tree, exact


def _reduced(work: Work, level: int) -> Expression:
    """The tree with names, and operations at this depth or deeper, as numbers."""

    def rule(node: Expression, path: Path) -> Expression | None:
        deep = isinstance(node, Call) and bool(path) and work.depths[path] >= level
        return work.figures(path).tree() if deep or isinstance(node, Name) else None

    return replace(work.tree, rule)


def _reduced_kind(tree: Expression) -> Kind:
    if not isinstance(tree, Call) or OPERATIONS.get(tree.operation) is None:
        return "products"
    done = not any(isinstance(part, Call) and part.arguments for part in tree.arguments)
    function = OPERATIONS[tree.operation].kind == "function"
    return "preactivation" if done and function else "products"


def exact_form(work: Work, links: Sequence[Link]) -> Iterator[Link]:
    """The closed form, where it is short and says more than the pre-activation did."""
    solution = work.solution
    if links[-1].relation != "=" or solution.closed_forms is None:
        return
    from verifier.derive.forms import tree_of

    forms = solution.closed_forms.entries(work.step, work.name)
    texts = [solution.exact_text(work.step, work.name, k) for k in range(len(forms))]
    if None in texts or sum(len(text or "") for text in texts) > EXACT_CHARACTERS:
        return
    trees = [tree_of(form) for form in forms]
    if any(isinstance(part, Call) for tree in trees for part in children(tree)):
        yield Link("exact", Figures(work.problem.shapes[work.name], lambda k: trees[k]).tree())


def result(work: Work, known: bool) -> Iterator[Link]:
    """The value to a few more digits, and the value rounded."""
    carried = work.solution.carried.trace.values[work.step, work.name]
    raw = (work.unrounded(()) if work.solution.with_terms else plain(carried)).ravel()
    texts = work.solution.digits(work.problem.policy.kind)[work.step, work.name]
    more = [more_digits(entry, work.rule) for entry in raw]
    shape = work.problem.shapes[work.name]
    final = Figures(shape, lambda k: Number(texts[k] or "?", False)).tree(2 * MOST)
    if all(entry is None for entry in more):
        yield Link("rounded", final, "=", restart=not known)
        return
    value = Figures(shape, lambda k: more[k] or Number(texts[k] or "?"))
    yield Link("value", value.tree(2 * MOST), "=", restart=not known)
    yield Link("rounded", final, "≈")


def all_exact(tree: Expression) -> bool:
    """Whether every number in the tree is all there is of it."""
    return all(node.exact for _, node in nodes(tree) if isinstance(node, Number))
