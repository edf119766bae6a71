"""Float64 under many policies at once: a lane each. An estimate, never a proof.

What a search among thousands of hypotheses needs first is speed: this arithmetic tells which of
them may hold, and balls then prove it. Ties are recognised within the error of float64.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

import numpy as np

from verifier.arithmetic.ieee import Ieee
from verifier.arithmetic.objects import sliced
from verifier.arithmetic.protocol import LITERAL, Origin, Site, Value
from verifier.language.operations import MOVES
from verifier.numbers import Numbers
from verifier.rounding import TABLED, Policy, Rounding

Array = np.ndarray[Any, Any]
IEEE = Ieee("float64")
OFFSETS = {
    "floor": 0.0,
    "ceiling": 0.0,
    "down": 0.0,
    "up": 1 - 1e-6,
    "half-up": 0.5,
    "half-down": 0.5 - 1e-6,
    "half-even": 0.5,
}
"""What is added before the floor is taken, of sizes, or of the value and its negative."""

NEAR = 1e-8
"""Units of the last place within which a value counts as a tie or as a whole number."""


@dataclass(frozen=True, eq=False)
class Lanes:
    """One value a lane; the first axis counts lanes, and has length 1 where all agree."""

    data: Array

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the value in one lane."""
        shape: tuple[int, ...] = self.data.shape[1:]
        return shape

    def reshape(self, shape: tuple[int, ...]) -> Lanes:
        """The same entries in another shape."""
        return Lanes(self.data.reshape(len(self.data), *shape))

    def __getitem__(self, index: Any) -> Lanes:
        """A part of the value, in every lane."""
        where = index if isinstance(index, tuple) else (index,)
        return Lanes(self.data[(slice(None), *where)])

    def put(self, found: Mapping[int, float]) -> Lanes:
        """The value with some of its entries replaced, alike in all lanes."""
        data = self.data.copy()
        flat = data.reshape(len(data), -1)
        for k, entry in found.items():
            flat[:, k] = entry
        return Lanes(data)

    def flat(self) -> Array:
        """Lanes by entries."""
        return self.data.reshape(len(self.data), -1)


@dataclass(frozen=True)
class ManyPolicies:
    """Float64 in as many lanes as there are policies, those of kind `final` first.

    `policies` must come in the order final, equation, operation.
    """

    policies: tuple[Policy, ...] = (Policy(),)
    rules: Callable[[str], Rounding] = lambda name: Rounding()
    made: dict[tuple[str, int], _Rule] = field(default_factory=dict, compare=False)
    looked: dict[str, tuple[_Rule, _Rule]] = field(default_factory=dict, compare=False)
    name = "lanes"

    def session(self) -> Any:
        """Infinities and nan are no accident here: they match no number."""
        return np.errstate(all="ignore")

    @property
    def unrounded(self) -> ManyPolicies:
        """The same lanes, in which nothing is rounded."""
        return ManyPolicies((Policy(),) * len(self.policies))

    @cached_property
    def starts(self) -> tuple[int, int]:
        """The first lanes in which equations, and operations too, are rounded."""
        kinds = [policy.kind for policy in self.policies]
        finals, operations = kinds.count("final"), kinds.count("operation")
        return finals, len(kinds) - operations

    def given(self, numbers: Numbers, origin: Origin = LITERAL) -> Lanes:
        """Given numbers, the same in all lanes."""
        return Lanes(numbers.doubles.reshape(1, *numbers.shape))

    def apply(self, operation: str, arguments: Sequence[Value], site: Site) -> Lanes:
        """The value of an operation, rounded where a lane's policy rounds."""
        given = [part.data for part in arguments if isinstance(part, Lanes)]
        wholes = arguments[len(given) :]
        if self.tabled and operation in TABLED:
            return Lanes(self._looked_up(operation, given, site))
        data = _PARTS.get(operation, _entry_by_entry(operation))(given, *wholes)
        return Lanes(self._carried(data, operation, site))

    def _carried(self, data: Array, operation: str, site: Site) -> Array:
        first = self.starts[bool(site.path)]
        if first == len(self.policies) or (site.path and operation in MOVES):
            return data
        data = self._spread(data)
        rule = self._rule(site.name, first)
        return np.concatenate((data[:first], rule.round(data[first:])))

    def _spread(self, data: Array) -> Array:
        return (
            np.repeat(data, len(self.policies), axis=0) if len(data) < len(self.policies) else data
        )

    def _looked_up(self, operation: str, given: list[Array], site: Site) -> Array:
        """A function's value, from a table in the lanes that have one."""
        argument, value = self._tables(site.name)
        parts = [argument.round(self._spread(part)) for part in given]
        data = value.round(_PARTS.get(operation, _entry_by_entry(operation))(parts))
        return self._carried(data, operation, site)

    @cached_property
    def tabled(self) -> bool:
        """Whether functions are looked up in some lanes."""
        return any(policy.table is not None for policy in self.policies)

    def _tables(self, name: str) -> tuple[_Rule, _Rule]:
        """The rounding of arguments and of values, in the lanes that have a table."""
        if name not in self.looked:
            own = self.rules(name)
            covered = [policy.table is not None for policy in self.policies]
            places = [policy.table or (0, 0) for policy in self.policies]
            modes = [policy.carried(own).mode for policy in self.policies]
            rules = [
                [Rounding(n[k], mode) for n, mode in zip(places, modes, strict=True)]
                for k in (0, 1)
            ]
            self.looked[name] = _Rule(rules[0], covered), _Rule(rules[1], covered)
        return self.looked[name]

    def _rule(self, name: str, first: int) -> _Rule:
        if (name, first) not in self.made:
            own = self.rules(name)
            policies = self.policies[first:]
            carried = [policy.carried(own) for policy in policies]
            covered = [policy.covers(name) for policy in policies]
            self.made[name, first] = _Rule(carried, covered)
        return self.made[name, first]


class _Rule:
    """The rounding of one value a lane, in the lanes that are covered."""

    def __init__(self, rules: Sequence[Rounding], covered: Sequence[bool]) -> None:
        self.covered = None if all(covered) else np.array(covered)
        self.places = np.array([r.places if r.places is not None else 0 for r in rules], float)
        self.figures = np.array([r.figures or 0 for r in rules], float)
        self.by_figures = bool(self.figures.any())
        modes = [rule.mode for rule in rules]
        self.offset = np.array([OFFSETS[mode] for mode in modes])
        self.even = np.array([1e-6 if mode == "half-even" else 0.0 for mode in modes])
        signs = {"floor": 1.0, "ceiling": -1.0}
        self.sign = np.array([signs.get(mode, 0.0) for mode in modes])

    def round(self, data: Array) -> Array:
        """The data, lane by lane, rounded; the lanes are the first axis."""
        lanes = (slice(None), *(None,) * (data.ndim - 1))
        unit = 10.0 ** self.places[lanes]
        if self.by_figures:
            figures = self.figures[lanes]
            size = np.floor(np.log10(np.where(data == 0, 1.0, np.abs(data))) + 1e-12)
            unit = np.where(figures > 0, 10.0 ** (figures - 1 - size), unit)
        scaled = data * unit
        sign = self.sign[lanes]
        sign = np.where(sign == 0, np.where(scaled < 0, -1.0, 1.0), sign)
        size = scaled * sign
        halves = np.rint(2 * size) / 2
        size = np.where(np.abs(size - halves) < NEAR, halves, size)
        even = self.even[lanes] * (np.floor(size) % 2 == 0)
        found: Array = np.floor(size + self.offset[lanes] - even) * sign / unit
        return found if self.covered is None else np.where(self.covered[lanes], found, data)


def _aligned(parts: Sequence[Array]) -> list[Array]:
    """The parts with as many axes each, so that NumPy spreads scalars and vectors of length 1."""
    rank = max((part.ndim for part in parts), default=0)
    return [p.reshape(len(p), *(1,) * (rank - p.ndim), *p.shape[1:]) for p in parts]


def _entry_by_entry(operation: str) -> Callable[..., Array]:
    return lambda parts, *wholes: IEEE.function(operation)(*_aligned(parts), *wholes)


def _matmul(parts: Sequence[Array]) -> Array:
    left, right = parts
    if left.ndim == 2 and right.ndim == 3 and len(right) == 1:
        found: Array = left @ right[0]
        return found
    rows = left[:, None, :] if left.ndim == 2 else left
    columns = right[:, :, None] if right.ndim == 2 else right
    product = rows @ columns
    return product.reshape(len(product), *left.shape[1:-1], *right.shape[2:])


def _concat(parts: Sequence[Array]) -> Array:
    lanes = max(map(len, parts))
    spread = [np.repeat(p, lanes // len(p), axis=0) for p in parts]
    return np.concatenate([p[:, None] if p.ndim == 1 else p for p in spread], axis=-1)


def _constant(parts: Sequence[Array]) -> Array:
    return np.array([np.pi])


def _slice(parts: Sequence[Array], *ends: int | None) -> Array:
    found: Array = sliced(parts[0], None, None, *ends)
    return found


def _fill(parts: Sequence[Array], *sizes: int) -> Array:
    (x,) = parts
    shape = (len(x), *sizes, *x.shape[1:])
    return np.broadcast_to(x.reshape(len(x), *(1,) * len(sizes), *x.shape[1:]), shape)


def _joined(join: Callable[..., Array], parts: Sequence[Array], axis: int | None = None) -> Array:
    """A sum or a mean of all entries, or along an axis, in each lane."""
    (x,) = parts
    whole, along = (x.reshape(len(x), -1), 1) if axis is None else (x, axis + 1)
    return join(whole, axis=along)


_PARTS: dict[str, Callable[..., Array]] = {
    "pi": _constant,
    "slice": _slice,
    "fill": _fill,
    "sum": partial(_joined, np.sum),
    "mean": partial(_joined, np.mean),
    "outer": lambda parts: parts[0][:, :, None] * parts[1][:, None, :],
    "matmul": _matmul,
    "concat": _concat,
    "transpose": lambda parts: parts[0].swapaxes(1, 2),
    "softmax": lambda parts: IEEE.softmax(parts[0]),
}
