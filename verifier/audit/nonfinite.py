"""Where a computation leaves the finite numbers, at which operation, and why.

From an entry that is infinite or nan the way goes back over sub-terms, and earlier quantities, to
the operation that made it: nan comes of infinities (∞ − ∞, 0 · ∞, 0/0, ∞/∞), and infinities of a
result, or a given number, beyond the largest number of the format.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from verifier.arithmetic.ieee import Ieee
from verifier.arithmetic.protocol import QuantityAt, Site
from verifier.evaluate import Trace, evaluate, sites
from verifier.language.tree import Call, Expression, Name, operands, wholes
from verifier.problem import Problem

Index = tuple[int, ...]

Cause = Literal["given", "result", "product", "sum", "divisor"]
"""A given number, an operation's result, a product or the sum of a matrix product is beyond the
format; or a divisor is zero."""

Undefined = Literal["inf-inf", "0*inf", "0/0", "inf/inf"]
"""What has no value."""

Reason = Cause | Undefined
UNDEFINED: tuple[Undefined, ...] = get_args(Undefined)


@dataclass(frozen=True)
class Event:
    """An operation that made infinity of finite numbers, or nan of what was none.

    `term` is the sub-term at the step, `format` the one whose range was left; `operands` are the
    numbers that met, as their format has them.
    """

    reason: Reason
    step: int
    term: Expression
    format: str
    operands: tuple[str, ...]


@dataclass(frozen=True)
class NonFinite:
    """An entry that is not finite, and what made it so: the cause first."""

    float: str
    step: int
    name: str
    index: Index
    computed: Any
    events: tuple[Event, ...]


def first(problem: Problem, model: Ieee) -> NonFinite | None:
    """The first entry that is not finite in a model's arithmetic; None where all are."""
    trace = evaluate(problem, model, terms=True)
    for site in sites(problem):
        entries = np.argwhere(~np.isfinite(trace.values[site].astype(np.float64)))
        if len(entries):
            return _found(model, trace, site, tuple(int(i) for i in entries[0]))
    return None


def origin(problem: Problem, model: Ieee, site: QuantityAt, index: Index) -> NonFinite | None:
    """What makes an entry not finite in a model's arithmetic; None where it is."""
    trace = evaluate(problem, model, terms=True)
    if np.isfinite(float(trace.values[site][index])):
        return None
    return _found(model, trace, site, index)


def _found(model: Ieee, trace: Trace, site: QuantityAt, index: Index) -> NonFinite:
    computed = float(trace.values[site][index])
    events = tuple(_Way(model, trace).back(*site, index))
    return NonFinite(model.float, *site, index, computed, events)


@dataclass(frozen=True)
class _Place:
    """An entry of a sub-term, in the equation of a quantity at a step."""

    site: Site
    node: Expression
    index: Index


@dataclass(frozen=True, eq=False)
class _Way:
    """The way back from an entry, in one trace."""

    model: Ieee
    trace: Trace

    def back(self, step: int, name: str, index: Index) -> Iterator[Event]:
        """What made a quantity's entry, the cause first."""
        place, later = self.quantity(step, name, index), list[Event]()
        while below := self.below(place):
            later += [self.event(self.undefined(place), place)] if self.begins(place, below) else []
            place = below
        yield from self.made(place)
        yield from reversed(later)

    def quantity(self, step: int, name: str, index: Index) -> _Place:
        """A quantity's entry as that of its equation's right-hand side."""
        site, shape = Site(step, name, ()), self.trace.problem.shapes[name]
        top = self.value(site).shape
        place = int(np.ravel_multi_index(index, shape)) if shape else 0
        own = tuple(int(i) for i in np.unravel_index(place, top)) if top else ()
        return _Place(site, self.trace.problem.cell.equation[name].expression, own)

    def value(self, site: Site) -> Any:
        return np.asarray(self.trace.terms[site])

    def number(self, place: _Place) -> float:
        return float(self.value(place.site)[place.index])

    def event(self, reason: Reason, place: _Place, *operands: str, format: str = "") -> Event:
        format = format or self.model.float
        return Event(reason, place.site.step, place.node, format, operands)

    def arguments(self, place: _Place) -> list[list[_Place]]:
        """The entries of each argument that an operation's entry was computed from."""
        node, path = place.node, place.site.path
        nodes = operands(node) if isinstance(node, Call) else ()
        sites = [place.site._replace(path=(*path, k)) for k in range(len(nodes))]
        used = _used(node, [self.value(site) for site in sites], place.index)
        rows = zip(sites, nodes, used, strict=True)
        return [[_Place(site, node, index) for index in own] for site, node, own in rows]

    def below(self, place: _Place) -> _Place | None:
        """What an entry has its nan, or its infinity, from; None where it begins."""
        match place.node:
            case Call():
                used = [each for own in self.arguments(place) for each in own]
                nans = (each for each in used if np.isnan(self.number(each)))
                others = (each for each in used if np.isinf(self.number(each)))
                return next(nans, None) or next(others, None)
            case Name(name, int(offset)):
                step = place.site.step + offset
                if (step, name) in self.trace.values:
                    return self.quantity(step, name, place.index)
        return None

    def begins(self, place: _Place, below: _Place) -> bool:
        """Whether nan begins at a place, of infinities below."""
        return bool(np.isnan(self.number(place)) and np.isinf(self.number(below)))

    def undefined(self, place: _Place) -> Undefined:
        """Which of the four an operation on infinities is that has no value."""
        numbers = [[self.number(each) for each in own] for own in self.arguments(place)]
        match place.node:
            case Call("divide" | "softsign"):
                return "inf/inf"
            case Call("multiply" | "matmul"):
                pairs = zip(*numbers, strict=True)
                return "0*inf" if any(np.isnan(x * y) for x, y in pairs) else "inf-inf"
        return "inf-inf"

    def made(self, place: _Place) -> Iterator[Event]:
        """What an operation made of finite numbers; a given number was there before."""
        if not isinstance(place.node, Call):
            yield self.event("given", place)
            return
        nan = np.isnan(self.number(place))
        used = [[self.value(x.site)[x.index] for x in own] for own in self.arguments(place)]
        shown = [text_of(x) for own in used for x in own]
        match place.node.operation:
            case "matmul":
                yield self.product(place, *(np.array(own) for own in used))
            case "divide" if not used[1][0]:
                yield self.event("0/0" if nan else "divisor", place, *shown)
                return
            case _:
                yield self.event("result", place, *shown)
        if nan:
            yield self.event("inf-inf", place)

    @np.errstate(all="ignore")
    def product(self, place: _Place, row: Any, column: Any) -> Event:
        """The first product beyond the format of sums; else the sum is, somewhere."""
        model, wide = self.model, self.model.sums
        products = row.astype(wide.dtype) * column.astype(wide.dtype)
        beyond = np.flatnonzero(~np.isfinite(products.astype(np.float64)))
        if beyond.size and not model.fma and model.order != "numpy":  # each is rounded by itself
            k = int(beyond[0])
            operands = text_of(row[k]), text_of(column[k])
            return self.event("product", place, *operands, format=wide.name)
        fits = np.isfinite(products.astype(np.float64).sum().astype(wide.dtype))
        return self.event("sum", place, format=model.float if fits else wide.name)


def text_of(number: Any) -> str:
    """A number in as few digits as its format needs."""
    own = np.float32(number) if number.dtype.name == "bfloat16" else number
    if own == 0 or 1e-5 < abs(float(own)) < 1e9:
        return np.format_float_positional(own, trim="-")
    return np.format_float_scientific(own, trim="-", exp_digits=1).replace("e+", "e")


def _used(node: Expression, parts: Sequence[Any], index: Index) -> list[list[Index]]:
    """Which entries of each argument an entry of the result was computed from."""
    operation = node.operation if isinstance(node, Call) else ""
    if operation == "matmul":
        left, right = parts
        rows, columns = index[: left.ndim - 1], index[left.ndim - 1 :]
        inner = range(right.shape[0])
        return [[(*rows, k) for k in inner], [(k, *columns) for k in inner]]
    if operation == "transpose":
        return [[index[::-1]]]
    if operation == "concat":
        return list(_joined(parts, index))
    if operation == "softmax":
        return [[(*index[:-1], k) for k in range(parts[0].shape[-1])]]
    if operation == "outer":
        return [[index[:1]], [index[1:]]]
    numbers = wholes(node) if isinstance(node, Call) else ()
    if operation in _MOVED and parts:
        return [_MOVED[operation](parts[0].shape, index, *numbers)]
    return [[_spread(part.shape, index)] for part in parts]


def _summed(shape: Index, index: Index, axis: int | None = None) -> list[Index]:
    """Every entry, or those along an axis."""
    if axis is None:
        return list(np.ndindex(*shape))
    return [(*index[:axis], k, *index[axis:]) for k in range(shape[axis])]


def _sliced(shape: Index, index: Index, *ends: int | None) -> list[Index]:
    """The entry behind the first ones of each axis that is cut."""
    cuts = [slice(*pair) for pair in zip(ends[::2], ends[1::2], strict=True)]
    starts = [cut.indices(size)[0] for cut, size in zip(cuts, shape, strict=False)]
    starts += [0] * (len(index) - len(starts))
    return [tuple(i + start for i, start in zip(index, starts, strict=True))]


def _padded(shape: Index, index: Index, before: int, after: int) -> list[Index]:
    """The entry between the zeros, none of theirs."""
    at = index[-1] - before
    return [(*index[:-1], at)] if 0 <= at < shape[-1] else []


def _filled(shape: Index, index: Index, *sizes: int) -> list[Index]:
    """The entry that is repeated."""
    return [index[len(sizes) :]]


_MOVED: dict[str, Callable[..., list[Index]]] = {
    "sum": _summed,
    "mean": _summed,
    "slice": _sliced,
    "pad": _padded,
    "fill": _filled,
}
"""Which entries of its operand an operation takes, beside those that go entry by entry."""


def _joined(parts: Sequence[Any], index: Index) -> Iterator[list[Index]]:
    """The entry of the one part that it lies in."""
    at = index[-1]
    for part in parts:
        size = part.shape[-1] if part.shape else 1
        own = [(*index[:-1], at) if part.shape else ()]
        yield own if 0 <= at < size else []
        at -= size


def _spread(shape: Index, index: Index) -> Index:
    """The entry that NumPy repeats there."""
    own = index[len(index) - len(shape) :]
    return tuple(0 if size == 1 else i for size, i in zip(shape, own, strict=True))
