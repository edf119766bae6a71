"""Where an entry's error comes from: every rounding times the adjoint of its place.

The parts add up to the measured error but for effects of second order, which are the remainder.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import chain
from math import fsum
from typing import Any

import numpy as np
from flint import arb, fmpq

from verifier.arithmetic.ball import Ball
from verifier.arithmetic.floats.fused import two_product
from verifier.arithmetic.ieee import Ieee
from verifier.arithmetic.objects import as_objects
from verifier.arithmetic.protocol import Site
from verifier.audit.backwards import Adjoints, Backwards
from verifier.audit.model import Attribution, Audit, Measured, Share, Source
from verifier.evaluate import Trace, evaluate, sites
from verifier.language.operations import OPERATIONS
from verifier.language.tree import Call, Expression, Path, children, nodes, operands, wholes
from verifier.numbers import Numbers
from verifier.problem import Problem

Floats = Any
"""A float64 array."""

Key = tuple[int, str, Source]
Parts = dict[Key, float]
EXACT = Ball(256)
TAME = 2.0**-480
MANY_STEPS = 12
"""With more steps, only the worst entry of all and of the last step are attributed by default."""


def attribute(
    audit: Audit, model: Ieee, entries: Iterable[tuple[int, str, int]]
) -> Iterator[Attribution]:
    """The attribution of entries (step, name, number of the entry) in a model's arithmetic."""
    problem = audit.solution.problem
    work = _Roundings(problem, model)
    for step, name, k in entries:
        measured = audit.measured[model.float, step, name]
        truth, computed = audit.truth[step, name], measured.computed.astype(np.float64)
        error = float(truth.signed(computed)[k])
        if not truth.resolved(computed)[k]:
            continue  # of an error that is only bounded there are no parts
        sizes = error / measured.ulp[k], measured.absolute["representation"][k]
        if not np.isfinite(sizes).all():
            continue  # of what overflowed there are no parts
        parts = work.parts(step, name, k)
        if np.isfinite(list(parts.values())).all():  # nothing on the way overflowed
            yield _attributed(work, measured, k, error, parts)


def worst(audit: Audit, model: Ieee) -> list[tuple[int, str, int]]:
    """The entry with the largest error of each step, or of all and of the last of many steps.

    Entries whose true value vanishes are taken where no other has an error: their ulps are tiny.
    Of an error that is only bounded there are no parts.
    """
    steps = audit.solution.problem.steps
    found = [_worst(audit, model, step) for step in range(1, steps + 1)]
    if steps > MANY_STEPS:
        found = [max(found), found[-1]]
    places = [place for (_, error), place in found if error > 0]
    return list(dict.fromkeys(places))


def _worst(audit: Audit, model: Ieee, step: int) -> tuple[tuple[bool, float], tuple[int, str, int]]:
    rows = ((name, audit.measured[model.float, step, name]) for name in audit.solution.order)
    errors = [
        ((size > 0 and not vanishes, size), (step, name, k))
        for name, row in rows
        for k, (size, vanishes) in enumerate(zip(row.error.tolist(), row.vanishes, strict=True))
        if np.isfinite(size) and not row.below("error", k)
    ]
    return max(errors, default=((False, 0.0), (step, audit.solution.order[0], 0)))


def _attributed(
    work: _Roundings, measured: Measured, k: int, error: float, parts: Parts
) -> Attribution:
    ulp = float(measured.ulp[k])
    shares = [Share(*key, size / ulp) for key, size in parts.items() if size]
    shares.sort(key=lambda share: (-abs(share.ulps), share.step, share.name, share.source))
    shape = work.problem.shapes[measured.name]
    index = tuple(int(i) for i in np.unravel_index(k, shape)) if shape else ()
    remainder = error / ulp - sum(share.ulps for share in shares)
    return Attribution(
        measured.float,
        measured.step,
        measured.name,
        index,
        error / ulp,
        tuple(shares),
        remainder,
    )


@dataclass(frozen=True, eq=False)
class _Roundings:
    """The roundings of a problem in a model's arithmetic, made when they are asked for."""

    problem: Problem
    model: Ieee

    @cached_property
    def trace(self) -> Trace:
        return evaluate(self.problem, self.model, terms=True)

    @cached_property
    def errors(self) -> dict[Site, list[tuple[Source, Floats]]]:
        return {}

    @cached_property
    def backwards(self) -> Backwards:
        return Backwards(self.trace, self.model)

    def parts(self, step: int, name: str, k: int) -> Parts:
        """The parts of an entry's error by step, quantity and source; not in ulps."""
        adjoints = self.backwards.adjoints(step, name, k)
        found: Parts = {}
        for key, off, adjoint in chain(self._roundings(adjoints), self._literals(adjoints)):
            slopes = adjoint.reshape(off.shape)
            with np.errstate(all="ignore"):
                total = float(np.where(slopes == 0, 0.0, slopes * off).sum())
            if total:
                found[key] = found.get(key, 0.0) + total
        return found

    def _roundings(self, adjoints: Adjoints) -> Iterator[tuple[Key, Floats, Floats]]:
        """What each operation erred, with the adjoint of its result."""
        for step, name in sites(self.problem):
            for path, node in nodes(self.problem.cell.equation[name].expression):
                site = Site(step, name, path)
                adjoint = adjoints.of(site) if isinstance(node, Call) else None
                if adjoint is not None and adjoint.any():
                    for source, off in self.made(site, node):  # type: ignore[arg-type]
                        yield (step, name, source), off, adjoint

    def _literals(self, adjoints: Adjoints) -> Iterator[tuple[Key, Floats, Floats]]:
        """What given numbers lost when they were rounded, with their adjoints."""
        problem = self.problem
        for name, numbers, adjoint in adjoints.given(problem):
            if adjoint is not None and adjoint.any():
                off = self._lost(numbers)
                if off is not None:
                    yield (0, name, "literals"), off, adjoint

    def _lost(self, numbers: Numbers) -> Floats | None:
        """The float less the number, for each; None where no number is moved."""
        floats = np.asarray(self.model.given(numbers)).astype(np.float64)
        if numbers.floats is not None:  # a float less a coarser one near it is a float
            off = floats - numbers.doubles
            return off if off.any() else None
        pairs = zip(floats.ravel().tolist(), numbers.fractions, strict=True)
        lost = [float(Fraction(near) - exact) for near, exact in pairs]
        return np.array(lost).reshape(floats.shape)

    def made(self, site: Site, node: Call) -> list[tuple[Source, Floats]]:
        """The errors that an operation made on its computed arguments, by source."""
        if site not in self.errors:
            self.errors[site] = list(self._made(site, node))
        return self.errors[site]

    def _made(self, site: Site, node: Call) -> Iterator[tuple[Source, Floats]]:
        values = self.arguments(site, node)
        off = self._off(site, node, values)
        if node.operation != "matmul":
            yield source_of(self.problem.cell.equation[site.name].expression, site.path), off
            return
        products = self._products(*values)
        yield "products", products
        yield "sums", off - products

    def arguments(self, site: Site, node: Call) -> list[Any]:
        """The computed arguments of an operation."""
        paths = [(*site.path, k) for k in range(len(operands(node)))]
        return [self.trace.terms[site._replace(path=path)] for path in paths]

    def _off(self, site: Site, node: Call, values: list[Any]) -> Floats:
        """Computed less what exact arithmetic gives on the computed arguments."""
        computed = np.asarray(self.trace.terms[site]).astype(np.float64)
        floats = (np.asarray(value).astype(np.float64) for value in (*values, computed))
        if not all(np.isfinite(value).all() for value in floats):
            return np.full(computed.shape, np.nan)
        if node.operation == "matmul" and all(map(_tame, values)):
            return _off_sum(values[0], values[1], computed)
        with EXACT.session():
            given = [*map(_rationals, values), *wholes(node)]
            exact = EXACT.apply(node.operation, given, site)
            pairs = zip(_rationals(computed).flat, np.asarray(exact).flat, strict=True)
            off = [_certain(arb(own) - arb(true)) for own, true in pairs]
        return np.array(off).reshape(computed.shape)

    def _products(self, left: Any, right: Any) -> Floats:
        """What rounding single products, or their factors before, adds to each sum."""
        wide, format = self.model.sums.dtype, self.model.format
        shape = np.shape(left)[:-1] + np.shape(right)[1:]
        if self.model.fma or (self.model.order == "numpy" and not format.kind):
            return np.zeros(shape)
        narrow = (part.astype(wide) for part in format.factors(left, right))
        (rows, columns), given = _sides(*narrow), _sides(left, right)
        exact, rest = two_product(*(part.astype(np.float64) for part in given))
        off = ((rows * columns).astype(np.float64) - exact) - rest
        return off.sum(axis=0).reshape(shape)


def _tame(value: Any) -> bool:
    """Whether products of such numbers have errors that are float64 numbers."""
    sizes = np.abs(np.asarray(value).astype(np.float64))
    return bool(((sizes == 0) | ((sizes > TAME) & (sizes < 1 / TAME))).all())


def _off_sum(left: Any, right: Any, computed: Floats) -> Floats:
    """A computed product of matrices less the exact one, rounded once."""
    sides = (part.astype(np.float64) for part in _sides(left, right))
    terms = np.concatenate(two_product(*sides)).reshape(-1, computed.size)
    pairs = zip(computed.ravel().tolist(), (-terms).T.tolist(), strict=True)
    return np.array([fsum((own, *parts)) for own, parts in pairs]).reshape(computed.shape)


def _sides(left: Any, right: Any) -> tuple[Any, Any]:
    """Both sides of a product with the index that is summed over as the first axis."""
    columns = right.reshape(-1, 1) if right.ndim == 1 else right
    return np.atleast_2d(left).T[:, :, None], columns[:, None, :]


def _certain(off: arb) -> float:
    """An error; none where the ball does not tell it from zero, as of a saturated tanh."""
    return 0.0 if off.contains(0) else float(off)


def source_of(tree: Expression, path: Path) -> Source:
    """What a rounding at a place of an equation belongs to.

    Inside of functions, and in sums of matrix products, lies the pre-activation.
    """
    node, inside = tree, False
    for k in path:
        inside = inside or _kind(node) == "function"
        node = children(node)[k]
    if _kind(node) == "function":
        return "functions"
    before = any(_kind(part) == "matrix product" for _, part in nodes(node))
    if not inside and not before:
        return "blend"
    return "sums" if _kind(node) == "sum" else "products"


def _kind(node: Expression) -> str:
    return OPERATIONS[node.operation].kind if isinstance(node, Call) else ""


def _rationals(values: Any) -> Any:
    """Floats as FLINT's rationals, exactly."""
    flat = np.asarray(values).astype(np.float64).ravel().tolist()
    found = as_objects([fmpq(*value.as_integer_ratio()) for value in flat])
    return found.reshape(np.shape(values))
