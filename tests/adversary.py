"""Programs that err as much as the hypotheses of an audit allow, in every way they allow."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial, reduce
from random import Random
from typing import Any

import numpy as np

from verifier.arithmetic.floats.binary import BINARY
from verifier.arithmetic.floats.deployed import SHORT, Deployed
from verifier.arithmetic.floats.fused import fused
from verifier.arithmetic.ieee import Ieee
from verifier.arithmetic.objects import ScalarArithmetic
from verifier.language.operations import OPERATIONS
from verifier.language.tree import Call, Equation, Expression, Name
from verifier.problem import Problem

ACCURACY: Mapping[tuple[str, str], float] = {
    (name, function): ulps
    for name in BINARY
    for function, ulps in (("exp", 2.5), ("tanh", 1.5), ("log1p", 2.0))
} | {
    (name, function): ulps
    for name, ulps in (("float64", 4.0), ("float8_e4m3fn", 0.9), ("float8_e5m2", 0.9))
    for function in ("exp", "tanh", "log1p")
}


NEAR = {"erf": np.vectorize(math.erf, otypes=[float])}


@dataclass(frozen=True)
class Adversary(Ieee):
    """The model's arithmetic with functions anywhere within their ulps; `free`: in any order."""

    rng: Random = field(default_factory=Random)
    free: bool = False
    accuracy: Mapping[tuple[str, str], float] = field(default_factory=lambda: ACCURACY)

    def exp(self, x: Any) -> Any:
        return self.within("exp", x)

    def tanh(self, x: Any) -> Any:
        return self.within("tanh", x)

    def library(self, operation: str) -> Any:
        return partial(self.within, operation)

    def within(self, function: str, x: Any) -> Any:
        """Some float that the hypothesis allows: nearly the least, the largest, or one between.

        Of the allowance, half an ulp goes to the last rounding, and two ulps to NumPy's float64.
        """
        wide = np.asarray(x).astype(np.float64)
        near = NEAR.get(function) or getattr(np, function)
        near = np.asarray(near(wide), dtype=np.float64)
        row = OPERATIONS.get(function)
        most = self.accuracy.get((self.format.functions, function), row and row.accuracy)
        allowed = max(0.0, most - (2.0 if self.float == "float64" else 0.51))
        parts = [self.rng.choice((-1.0, 1.0, self.rng.uniform(-1, 1))) for _ in range(wide.size)]
        moved = near + np.reshape(parts, wide.shape) * allowed * self.format.ulps(near)
        moved = np.maximum(moved, 0.0) if function == "exp" else moved
        known = row.rational[0] if row and row.rational else 0
        exact = (wide == known) | ~np.isfinite(near) | (np.abs(near) > self.format.largest)
        return self.format.cast(np.where(exact, near, moved))

    def power(self, x: Any, n: int) -> Any:
        """In any order, factors are multiplied by a random tree."""
        if not self.free or abs(n) < 2:
            return super().power(x, n)
        terms = [x] * abs(n)
        while len(terms) > 1:
            first = terms.pop(self.rng.randrange(len(terms)))
            terms.append(first * terms.pop(self.rng.randrange(len(terms))))
        return self.constant("1") / terms[0] if n < 0 else terms[0]

    def total(self, terms: Any) -> Any:
        """In any order, by a random tree."""
        found = list(terms)
        if not self.free:
            return super().total(terms)
        while len(found) > 1:
            first = found.pop(self.rng.randrange(len(found)))
            found.append(first + found.pop(self.rng.randrange(len(found))))
        return found[0]

    def matmul(self, left: Any, right: Any) -> Any:
        if not self.free:
            return super().matmul(left, right)
        rows = np.atleast_2d(left).T[:, :, None]
        columns = (right.reshape(-1, 1) if right.ndim == 1 else right)[:, None, :]
        order = self.rng.sample(range(len(rows)), len(rows))
        total = self.any_sum(rows[order], columns[order])
        return total.reshape(left.shape[:-1] + right.shape[1:])

    def any_sum(self, x: Any, y: Any) -> Any:
        """A sum of products by a random tree, now and then fused or with a wide accumulator."""
        wide = self.rng.choice([name for name in BINARY if wider(name, self.format.computed.name)])
        own = BINARY[wide].dtype
        x, y = x.astype(own), y.astype(own)
        if self.rng.random() < 0.4:
            start = np.zeros(np.broadcast_shapes(x.shape, y.shape)[1:], dtype=own)
            step = partial(fused_step, format=BINARY[wide])
            return reduce(step, zip(x, y, strict=True), start).astype(self.format.dtype)
        terms = list(x * y)
        while len(terms) > 1:
            first = terms.pop(self.rng.randrange(len(terms)))
            second = terms.pop(self.rng.randrange(len(terms)))
            terms.append(first + second)
        return terms[0].astype(self.format.dtype)


@dataclass(frozen=True)
class Deployer(Adversary):
    """A deployed model whose every freedom is used: what is narrowed, kept wide, truncated."""

    free: bool = True
    known: list[Any] = field(default_factory=list)

    def apply(self, operation: str, arguments: Sequence[Any], site: Any) -> Any:
        if self.kept.mixed and operation in ("add", "subtract", "multiply"):
            arguments = [self.narrow(part) for part in arguments]
        opened = [self.format.opened(part) for part in arguments]
        found = ScalarArithmetic.apply(self, operation, opened, site)
        found = np.asarray(found, dtype=self.format.dtype)
        if not self.kept.closes or self.rng.random() < 0.5:
            return found
        return self.format.cast(found.astype(np.float64)).astype(self.format.dtypes[-1])

    def given(self, numbers: Any, origin: Any = None) -> Any:
        found = super().given(numbers)
        self.known.append(found)
        return found

    def narrow(self, value: Any) -> Any:
        """A given number as it is, or in the narrow format; what was computed stays."""
        known = any(np.may_share_memory(value, part) for part in self.known)
        wanted = known and self.rng.random() < 0.5
        return value.astype(self.format.dtypes[-1]) if wanted else value

    @property
    def kept(self) -> Deployed:
        assert isinstance(self.format, Deployed)
        return self.format

    def matmul(self, left: Any, right: Any) -> Any:
        columns = right.reshape(-1, 1) if right.ndim == 1 else right
        x, y = self.factors(np.atleast_2d(left), columns, left.ndim, right.ndim)
        add = self.truncated if self.kept.truncated else self.any_sum
        order = self.rng.sample(range(len(y)), len(y))
        total = add(x.T[order][:, :, None], y[order][:, None, :])
        return total.reshape(left.shape[:-1] + right.shape[1:])

    def factors(self, x: Any, y: Any, *axes: int) -> tuple[Any, Any]:
        """Both factors, off by as much as the model allows."""
        if self.kept.kind == "autocast":
            return self.kept.factors(x, y)
        if self.kept.kind == "tf32":
            return self.short(x), self.short(y)
        if self.kept.kind == "int8":
            first, second = (axes[0] > axes[1], axes[1] > axes[0])
            return self.stepped(x, first), self.stepped(y, second)
        return x, y

    def short(self, x: Any) -> Any:
        """Of each number 10 stored bits: nearest, towards zero, away from it, or all of it."""
        ulps = SHORT.ulps(x.astype(np.float64))
        ways = (np.rint, np.trunc, lambda a: np.copysign(np.ceil(np.abs(a)), a), lambda a: a)
        return np.float32(self.rng.choice(ways)(x / ulps) * ulps)

    def stepped(self, x: Any, weights: bool) -> Any:
        """Each number half a step off, or on a step."""
        x = x.astype(np.float64)
        low, high = min(float(x.min()), 0.0), max(float(x.max()), 0.0)
        step = (max(-low, high) if weights else high - low) / 127
        if self.rng.random() < 0.3 and step > 0:
            return np.float32(np.rint(x / step) * step)
        signs = [self.rng.choice((-0.5, 0.5, self.rng.uniform(-0.5, 0.5))) for _ in range(x.size)]
        return np.float32(x + np.reshape(signs, x.shape) * step * (x != 0))

    def truncated(self, x: Any, y: Any) -> Any:
        """Blocks of exact products and the sum so far, aligned to the largest and truncated."""
        terms, total = x.astype(np.float64) * y.astype(np.float64), 0.0
        while len(terms):
            size = self.rng.randint(1, 8)
            total, terms = self.aligned([total, *terms[:size]]), terms[size:]
        return np.float32(total)

    def aligned(self, terms: Sequence[Any]) -> Any:
        wide = np.stack(np.broadcast_arrays(*terms))
        single = BINARY["float32"]
        ulps = single.ulps(np.abs(wide).max(axis=0))
        found = (np.trunc(wide / ulps) * ulps).sum(axis=0)
        last = single.ulps(found)
        return np.trunc(found / last) * last


def fused_step(total: Any, pair: tuple[Any, Any], format: Any) -> Any:
    return fused(*pair, total, format)


def wider(name: str, other: str) -> bool:
    """Whether every number of the other format is one of the first."""
    return name == other or (
        BINARY[name].precision > BINARY[other].precision and BINARY[name].most >= BINARY[other].most
    )


def reordered(problem: Problem, rng: Random) -> Problem:
    """The problem with terms of sums exchanged, and blends as h + z ∘ (s − h)."""
    equations = tuple(
        Equation(eq.name, _reordered(eq.expression, rng), eq.place) for eq in problem.cell.equations
    )
    return replace(problem, cell=replace(problem.cell, equations=equations))


def _reordered(node: Expression, rng: Random) -> Expression:
    if not isinstance(node, Call):
        return node
    parts = tuple(_reordered(part, rng) for part in node.arguments)
    match node:
        case Call(
            "add",
            (
                Call("multiply", (Call("subtract", (_, Name() as kept)), Name() as h)),
                Call("multiply", (Name() as z, s)),
            ),
        ) if kept == z and rng.random() < 0.5:
            return Call("add", (h, Call("multiply", (z, Call("subtract", (s, h))))))
        case Call("add"):
            terms = list(_terms(Call("add", parts)))
            rng.shuffle(terms)
            return reduce(lambda a, b: Call("add", (a, b)), terms)
    return Call(node.operation, parts)


def _terms(node: Expression) -> Sequence[Expression]:
    match node:
        case Call("add", (left, right)):
            return (*_terms(left), *_terms(right))
    return (node,)
