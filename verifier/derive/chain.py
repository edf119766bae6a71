"""The chain behind a quantity: successive reductions of its equation, one link a line.

The links are the equation; the numbers put in; the partial products; the pre-activation; the exact
form where it is short; the value; the rounded value. "=" stands before a link only when every
number in it is exact; when the link before it was not, the left-hand side is written again.
Where every operation is rounded, what follows an "≈" starts from the rounded numbers: then "="
joins a line to the line before, and no left-hand side is written again before the value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from dataclasses import replace as replaced
from itertools import pairwise
from typing import Any, Literal

from verifier import effort
from verifier.arithmetic.ball import exact_value
from verifier.arithmetic.closed_text import short_text
from verifier.arithmetic.matrices import plain
from verifier.arithmetic.protocol import QuantityAt
from verifier.derive.figures import Figures, more_digits, signed
from verifier.derive.products import Product, is_product, products
from verifier.derive.work import Work
from verifier.evaluate import shown_steps
from verifier.language.operations import OPERATIONS
from verifier.language.tree import Call, Expression, Name, Number, Path, children, replace
from verifier.notation.layout import MOST
from verifier.solution import Solution

Sign = Literal["=", "≈"]
LinkKind = Literal["equation", "numbers", "products", "preactivation", "exact", "value", "rounded"]


@dataclass(frozen=True)
class Link:
    """One line: its kind, its right-hand side, and how it follows from the line before."""

    kind: LinkKind
    tree: Expression
    relation: Sign = "="
    restart: bool = False  # the left-hand side stands again


Chains = dict[QuantityAt, "Chain"]


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
    links, known = [Link("equation", work.tree)], solution.problem.policy.kind != "operation"
    if detail != "result":
        links += reductions(work)
        known = len(links) > 1 and all_exact(_reduced(work, 1, carried=True))
        links += exact_form(work) if known else ()
    links += result(work, known)
    written = tuple(products(work)) if detail == "full" else ()
    return Chain(step, name, tuple(links), written)


def chains(solution: Solution) -> Chains:
    """The chains of all quantities that are shown, by (step, name)."""
    problem = solution.problem
    return {
        (step, name): chain(solution, step, name)
        for step, quantities in shown_steps(problem, problem.shown)
        for name in quantities
    }


def parts(own: Chain) -> list[Chain]:
    """The chain in parts: each but the first begins with the line that its products are used in.

    It begins with the left-hand side again, since the products stand before it.
    """
    used = [_use(own.links, product.path) for product in own.products]
    alone, cuts = tuple(to_the_left(own.links)), sorted({0, *used, len(own.links)})
    return [
        Chain(
            own.step,
            own.name,
            (replaced(alone[start], restart=start > 0), *own.links[start + 1 : stop]),
            tuple(p for p, at in zip(own.products, used, strict=True) if at == start),
        )
        for start, stop in pairwise(cuts)
    ]


def _use(links: Sequence[Link], path: Path) -> int:
    """The first link in which a product stands as its value."""
    return next(k for k, link in enumerate(links) if not _stands(link.tree, path))


def _stands(tree: Expression, path: Path) -> bool:
    """Whether a product that stands at a path of the equation stands there in a link."""
    for k in path:
        if k >= len(children(tree)):
            return False
        tree = children(tree)[k]
    return is_product(tree)


def to_the_left(links: Iterable[Link]) -> Iterator[Link]:
    """The links, each with the relation that it has to the left-hand side itself.

    A "=" that joins a line to a line of rounded numbers says nothing of the left-hand side.
    """
    relation: Sign = "="
    for link in links:
        kept = relation == "=" or link.restart
        relation = link.relation if kept else "≈"
        yield replaced(link, relation=relation)


def reductions(work: Work) -> Iterator[Link]:
    """The numbers put in, then level after level replaced by its value, the deepest first."""
    policy = work.problem.policy.kind
    deepest, rounding = max(work.depths.values()), policy == "operation"
    last, followed = work.tree, True
    for level in range(deepest + 1, 0, -1):
        tree = _reduced(work, level)
        if tree != last:
            exact = all_exact(tree) and (followed or not rounding)
            what: LinkKind = "numbers" if level > deepest else _reduced_kind(tree)
            yield Link(what, tree, "=" if exact else "≈", restart=exact and not followed)
            carried = tree if policy == "final" else _reduced(work, level, carried=True)
            last, followed = tree, all_exact(carried)


def _reduced(work: Work, level: int, carried: bool = False) -> Expression:
    """The tree with names, and operations at this depth or deeper, as numbers."""

    def rule(node: Expression, path: Path) -> Expression | None:
        deep = isinstance(node, Call) and bool(path) and work.depths[path] >= level
        wanted = deep or work.typed(node) is not None or _named(node)
        return work.shown(path, carried) if wanted else None

    return signed(replace(replace(work.tree, rule), _alone))


def _alone(node: Expression, path: Path) -> Expression | None:
    """What a vector of one number is made of, which it looks like."""
    match node:
        case Call("alone", (Number() as only,)):
            return only
    return None


def _named(node: Expression) -> bool:
    """A name, or a slice of one, which stands for its entries."""
    if isinstance(node, Call):
        return node.operation == "slice" and _named(node.arguments[0])
    return isinstance(node, Name)


def _reduced_kind(tree: Expression) -> LinkKind:
    if not isinstance(tree, Call) or OPERATIONS.get(tree.operation) is None:
        return "products"
    done = not any(isinstance(part, Call) and part.arguments for part in tree.arguments)
    function = OPERATIONS[tree.operation].kind == "function"
    return "preactivation" if done and function else "products"


def exact_form(work: Work) -> Iterator[Link]:
    """The closed form, where it is short and says more than the pre-activation did."""
    forms = work.closed_forms() if work.solution.with_exact else []
    texts = [short_text(form) for form in forms]
    if (
        not forms
        or None in texts
        or sum(len(text or "") for text in texts) > effort.LINK_CHARACTERS
    ):
        return
    from verifier.derive.forms import tree_of

    trees = [tree_of(form) for form in forms]
    if any(isinstance(part, Call) for tree in trees for part in children(tree)):
        yield Link("exact", Figures(work.problem.shapes[work.name], lambda k: trees[k]).tree())


def result(work: Work, known: bool) -> Iterator[Link]:
    """The value to a few more digits, and the value rounded.

    Digits that more places would not decide are left out.
    """
    raw, same = _raw(work)
    equal: Sign = "=" if same or not known else "≈"
    texts = work.solution.digits(work.problem.policy.kind)[work.step, work.name]
    more = [more_digits(entry, work.rule, work.problem.notation.guard) for entry in raw]
    shape = work.problem.shapes[work.name]
    final = Figures(shape, lambda k: Number(texts[k] or "?", False)).tree(2 * MOST)
    if all(entry is None for entry in more):
        yield Link("rounded", final, "=" if same else "≈", restart=not known)
        return
    if any(entry is not None and entry.text == "?" for entry in more):
        yield Link("rounded", final, "≈", restart=not known)
        return
    value = Figures(shape, lambda k: more[k] or Number(texts[k] or "?"))
    yield Link("value", value.tree(2 * MOST), equal, restart=not known)
    yield Link("rounded", final, "≈")


def _raw(work: Work) -> tuple[list[Any], bool]:
    """The entries before they are rounded, and whether they are what the last line says."""
    if work.solution.with_terms:
        raw, line = work.unrounded(()), work.unrounded((), line=True)
        pairs = zip(raw.flat, line.flat, strict=True)
        return raw.ravel().tolist(), all(exact_value(a) == exact_value(b) for a, b in pairs)
    carried = plain(work.solution.carried.trace.values[work.step, work.name])
    return carried.ravel().tolist(), work.problem.policy.kind == "final"


def all_exact(tree: Expression) -> bool:
    """Whether every number in the tree is all there is of it."""
    if isinstance(tree, Number):
        return tree.exact
    return all(map(all_exact, children(tree)))
