"""Slopes of symbols: where deviations that several formats share come from.

A symbol stands for a deviation that is only known to be within a range, each format having its own;
slopes say how much of each symbol is in each entry of a quantity.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

import numpy as np

from verifier.arithmetic.floats.binary import Floats
from verifier.arithmetic.floats.norms import lengths, norm
from verifier.arithmetic.floats.summation import finite
from verifier.language.operations import Shape

LOSS = 2.0**-40
"""More than what slopes, computed in float64, may be off by, relative to what they carry."""

UNDERFLOW = 2.0**-1050
"""More than what float64 may lose of a slope by underflow, in products of long rows, too."""


@dataclass(frozen=True, eq=False)
class Slopes:
    """Coefficients of the symbols from number `start` on: one row a symbol, then the quantity.

    `single` where each entry has a symbol of its own, and that alone.
    """

    start: int
    rows: Floats
    single: bool = False

    @property
    def stop(self) -> int:
        """The number after the last symbol."""
        return self.start + len(self.rows)

    def each(self, function: Callable[[Floats], Floats]) -> Slopes:
        """The same linear change of every row."""
        return Slopes(self.start, function(self.rows))

    def over(self, start: int, stop: int) -> Floats:
        """The rows of a larger window, zeros where there was none."""
        if (start, stop) == (self.start, self.stop):
            return self.rows
        found = np.zeros((stop - start, *self.rows.shape[1:]))
        found[self.start - start : self.stop - start] = self.rows
        return found

    def times(self, factor: Floats | float) -> Slopes:
        """The slopes of a product with a number or an array."""
        return self.each(lambda rows: _lead(rows, np.ndim(factor)) * factor)

    def __add__(self, other: Slopes) -> Slopes:
        if not len(self.rows) or not len(other.rows):
            return self._spread(other) if len(self.rows) else other._spread(self)
        start, stop = min(self.start, other.start), max(self.stop, other.stop)
        if self.rows.shape[1:] != other.rows.shape[1:]:
            return Slopes(start, self.over(start, stop) + other.over(start, stop))
        found = np.zeros((stop - start, *self.rows.shape[1:]))
        found[self.start - start : self.stop - start] = self.rows
        found[other.start - start : other.stop - start] += other.rows
        return Slopes(start, found)

    @staticmethod
    def side_by_side(parts: Sequence[Slopes]) -> Slopes:
        """The slopes of quantities that are joined along the last axis."""
        used = [part for part in parts if len(part.rows)]
        start, stop = (
            min((p.start for p in used), default=0),
            max((p.stop for p in used), default=0),
        )
        rows = [
            part.over(start, stop) if len(part.rows) else _zeros(part, stop - start)
            for part in parts
        ]
        return Slopes(start, np.concatenate(rows, axis=-1))

    def _spread(self, other: Slopes) -> Slopes:
        if self.rows.shape[1:] == other.rows.shape[1:]:
            return self
        shape = np.broadcast_shapes(self.rows.shape[1:], other.rows.shape[1:])
        return self.each(lambda rows: np.broadcast_to(_lead(rows, len(shape)), (len(rows), *shape)))


def _zeros(part: Slopes, count: int) -> Floats:
    return np.zeros((count, *part.rows.shape[1:]))


def _lead(rows: Floats, axes: int) -> Floats:
    """Rows with as many axes behind the first as a quantity has."""
    return rows.reshape(len(rows), *(1,) * (axes - rows.ndim + 1), *rows.shape[1:])


def nothing(shape: Shape) -> Slopes:
    """No slopes at all."""
    return Slopes(0, np.zeros((0, *shape)))


@dataclass(frozen=True, eq=False)
class Group:
    """Symbols that were made together, from number `start` on, and their 2-norm in each format.

    `narrow` where the norm says more than the ranges do.
    """

    start: int
    stop: int
    length: Floats
    narrow: bool

    def part(self, slopes: Slopes) -> Floats:
        """The slopes of these symbols: a row a symbol, a column an entry."""
        rows = slopes.rows[self.start - slopes.start : self.stop - slopes.start]
        found: Floats = rows.reshape(len(rows), -1)
        return found


AT_ONCE = 512
"""Symbols whose slopes are looked at together: few enough that their sizes stay at hand."""


class Symbols:
    """The ranges of the symbols made so far, a row a format, and the groups they were made in."""

    def __init__(self, formats: int) -> None:
        self.count, self.widest = 0, 0.0
        self._ranges = np.zeros((formats, 1024))
        self._groups: list[Group] = []
        self._starts: list[int] = []
        self._reaches: WeakKeyDictionary[Slopes, Floats] = WeakKeyDictionary()

    def fresh(self, sizes: Floats, most: Floats | None = None) -> Slopes:
        """The slopes of one new symbol for each entry, of these ranges; `most` bounds their 2-norm.

        Symbols of a group are used together: slopes have all of them or none.
        """
        start, size = self.count, sizes[0].size
        self.count += size
        while self.count > self._ranges.shape[1]:
            self._ranges = np.concatenate([self._ranges, np.zeros_like(self._ranges)], axis=1)
        flat = sizes.reshape(len(sizes), size)
        self._ranges[:, start : self.count] = flat
        self.widest = max(self.widest, float(sizes.max(initial=0.0)))
        self._group(start, lengths(flat), most)
        return Slopes(start, np.eye(size).reshape(size, *sizes.shape[1:]), single=True)

    def _group(self, start: int, length: Floats, most: Floats | None) -> None:
        narrow = most is not None and bool((most < length).any())
        length = length if most is None else np.minimum(length, most)
        self._starts.append(start)
        self._groups.append(Group(start, self.count, length, narrow))

    def _groups_of(self, slopes: Slopes) -> list[Group]:
        first, last = (bisect_left(self._starts, k) for k in (slopes.start, slopes.stop))
        return self._groups[first:last] if len(slopes.rows) else []

    def lost(self, slopes: Slopes) -> Floats | float:
        """A bound of what slopes miss that are below the numbers of float64, for each format."""
        if (
            not len(slopes.rows) or self.widest * len(slopes.rows) < 1
        ):  # TINY makes good what is less
            return 0.0
        total = self._ranges[:, slopes.start : slopes.stop].sum(axis=1) * UNDERFLOW
        spread: Floats = total.reshape(-1, *(1,) * (slopes.rows.ndim - 1))
        return spread

    def reach(self, slopes: Slopes) -> Floats:
        """A bound of what the symbols add up to, for each format and entry."""
        shape = slopes.rows.shape[1:]
        if not len(slopes.rows):
            return np.zeros((len(self._ranges), *shape))
        if slopes not in self._reaches:
            found = np.zeros((len(self._ranges), int(np.prod(shape, dtype=int))))
            for some in self._together(slopes):
                found += self._reach(some, slopes)
            found *= 1 + len(slopes.rows) * 2.0**-50
            self._reaches[slopes] = found.reshape(-1, *shape)
        return self._reaches[slopes]

    def scaled(self, slopes: Slopes, factor: Floats) -> Slopes:
        """The slopes of a product entry by entry, whose reach follows if theirs is known."""
        found = slopes.times(factor)
        if slopes in self._reaches and factor.shape == slopes.rows.shape[1:]:
            reach = self._reaches[slopes] * np.abs(factor) * (1 + 2.0**-50)
            self._reaches[found] = finite(reach)
        return found

    def _together(self, slopes: Slopes) -> Iterator[Group]:
        """The groups of slopes, with those that are not narrow as one up to a size."""
        wide: Group | None = None
        for group in self._groups_of(slopes):
            joins = not group.narrow and wide is not None and group.stop - wide.start <= AT_ONCE
            if wide is not None and not joins:
                yield wide
                wide = None
            if group.narrow:
                yield group
            else:
                wide = replace(wide, stop=group.stop) if wide is not None else group
        if wide is not None:
            yield wide

    def _reach(self, group: Group, slopes: Slopes) -> Floats:
        """By the ranges; where a group is narrow, by the 2-norms of rows and symbols if less."""
        sizes = np.abs(group.part(slopes))
        ranged = self._ranged(group, sizes)
        return np.fmin(ranged, group.length[:, None] * lengths(sizes.T)) if group.narrow else ranged

    def _ranged(self, group: Group, sizes: Floats) -> Floats:
        """By the ranges; infinite in formats that have no bound for some of the symbols."""
        ranges = self._ranges[:, group.start : group.stop]
        known = np.isfinite(ranges).all(axis=1)
        if known.all():
            return ranges @ sizes
        found = np.full((len(ranges), sizes.shape[1]), np.inf)
        found[known] = ranges[known] @ sizes
        return found

    def length(self, slopes: Slopes) -> Floats:
        """A bound of the 2-norm of what the symbols add up to, for each format."""
        found = np.zeros(len(self._ranges))
        for group in self._groups_of(slopes):
            part = group.part(slopes)
            ranged = self._ranged(group, np.abs(part))
            each = np.fmin(ranged, group.length[:, None] * lengths(part.T))
            found = found + np.fmin(norm(part) * group.length, lengths(each))
        return found * (1 + len(slopes.rows) * 2.0**-50)


@dataclass(frozen=True, eq=False)
class Linear:
    """Slopes of symbols that states carry on, and of those of other quantities of the step."""

    lasting: Slopes
    passing: Slopes

    def each(self, function: Callable[[Floats], Floats]) -> Linear:
        """The same linear change of every row."""
        return Linear(self.lasting.each(function), self.passing.each(function))

    @property
    def shape(self) -> Shape:
        """The shape of the quantity, but for what scalars are spread to."""
        return self.lasting.rows.shape[1:]

    @property
    def count(self) -> int:
        """How many symbols of either kind there are at most."""
        return max(len(self.lasting.rows), len(self.passing.rows))

    @staticmethod
    def side_by_side(parts: Sequence[Linear]) -> Linear:
        """The slopes of quantities that are joined along the last axis."""
        lasting, passing = zip(*((part.lasting, part.passing) for part in parts), strict=True)
        return Linear(Slopes.side_by_side(lasting), Slopes.side_by_side(passing))

    def times(self, factor: Floats | float) -> Linear:
        """The slopes of a product with a number or an array."""
        return Linear(self.lasting.times(factor), self.passing.times(factor))

    def __bool__(self) -> bool:
        """Whether any symbol is there."""
        return bool(len(self.lasting.rows) or len(self.passing.rows))

    def __add__(self, other: Linear) -> Linear:
        if not other and self.shape == other.shape:
            return self
        if not self and self.shape == other.shape:
            return other
        return Linear(self.lasting + other.lasting, self.passing + other.passing)


class Ranges:
    """The symbols of states, and those of other quantities of the step.

    Those of states stand in spaces of their own, of which one is in use: what is worked out there
    has no symbols of another.
    """

    def __init__(self, formats: int) -> None:
        self._formats, self._spaces = formats, {0: Symbols(formats)}
        self.lasting, self.passing = self._spaces[0], Symbols(formats)

    def enter(self, space: int) -> None:
        """Use the symbols of a space from here on."""
        if space not in self._spaces:
            self._spaces[space] = Symbols(self._formats)
        self.lasting = self._spaces[space]

    def reach(self, linear: Linear) -> Floats:
        """A bound of what the symbols add up to."""
        return self.lasting.reach(linear.lasting) + self.passing.reach(linear.passing)

    def scaled(self, linear: Linear, factor: Floats) -> Linear:
        """As `Symbols.scaled`, of both kinds."""
        return Linear(
            self.lasting.scaled(linear.lasting, factor), self.passing.scaled(linear.passing, factor)
        )

    def length(self, linear: Linear) -> Floats:
        """A bound of the 2-norm of what the symbols add up to."""
        return self.lasting.length(linear.lasting) + self.passing.length(linear.passing)

    def lost(self, linear: Linear) -> Floats | float:
        """As `Symbols.lost`, of both kinds."""
        return self.lasting.lost(linear.lasting) + self.passing.lost(linear.passing)


def constant(shape: Shape) -> Linear:
    """No slopes at all."""
    return Linear(nothing(shape), nothing(shape))
