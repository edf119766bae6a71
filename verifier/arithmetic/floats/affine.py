"""The arithmetic of affine forms: what several formats can compute, step after step.

A quantity's remainder becomes new symbols, so that errors cancel where they do, as in (s − h) Δz
and in products of Jacobians along the steps. Symbols of states last for a block of steps; then the
state's bounds, of its entries and of its 2-norm, become the ranges and the norm of new ones: a
product of sizes grows with the width where a product of norms does not. All arrays are float64, all
bounds rounded outwards.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any, ClassVar

import numpy as np

from verifier.arithmetic.composite import composed, has_definition
from verifier.arithmetic.floats import functions, sums
from verifier.arithmetic.floats.accuracy import Accuracy
from verifier.arithmetic.floats.binary import Floats
from verifier.arithmetic.floats.forms import Form, InputStep
from verifier.arithmetic.floats.frame import Frame, Lane
from verifier.arithmetic.floats.linear import Linear, Slopes, nothing
from verifier.arithmetic.floats.norms import lengths
from verifier.arithmetic.floats.recurrences import FAR, Recurrences
from verifier.arithmetic.floats.summation import GROWING, KEEPING, OUT, finite
from verifier.arithmetic.objects import sliced
from verifier.arithmetic.protocol import LITERAL, Origin, QuantityAt, Site
from verifier.language.tree import Path
from verifier.numbers import Numbers

__all__ = ["Affine", "Known", "Lane"]

STEPS_AT_ONCE, PRODUCTS_AT_ONCE = 64, 2**19
"""Of how many steps the inputs are multiplied by a matrix together: fewer by large ones."""


@dataclass(frozen=True, eq=False)
class Known:
    """A quantity in exact arithmetic on the rounded numbers, and a bound of its deviation.

    Arrays with the formats as first axis: the value lies within `radius` of `center`.
    """

    center: Floats
    radius: Floats
    cap: Floats


@dataclass(frozen=True, eq=False)
class Projection:
    """The product of some steps of a sequence, from number `start` on, with a matrix."""

    whole: Form
    matrix: Form
    start: int = 0
    product: Form | None = None


@dataclass(frozen=True, eq=False)
class Affine:
    """Forms for several lanes, whose models differ in formats only; one value serves one walk.

    Lanes of a stated order come first.

    `recurrences` know the computed quantities that another step needs, and the shapes of all,
    `heaviest` is the size of the largest weight. `known` holds what is known of each quantity
    beforehand, by (step, name). `bounds` collects the bounds of |computed − exact result of the
    rounded numbers|. Arrays have a row a lane.
    """

    recurrences: Recurrences
    lanes: Sequence[Lane]
    accuracy: Accuracy
    known: Mapping[QuantityAt, Known]
    heaviest: float = 0.0
    bounds: dict[QuantityAt, Floats] = field(default_factory=dict, init=False)
    projections: dict[tuple[str, Path], Projection] = field(default_factory=dict, init=False)
    entered: dict[tuple[int, int, int], tuple[Form, Form]] = field(default_factory=dict, init=False)
    name: ClassVar[str] = "affine forms"

    @cached_property
    def frame(self) -> Frame:
        """What the lanes have in common."""
        return Frame(self.lanes, self.accuracy, self.heaviest)

    def session(self) -> Any:
        """NumPy does not warn where a bound is infinite."""
        return np.errstate(all="ignore")

    def given(self, numbers: Numbers, origin: Origin = LITERAL) -> Form:
        """Given numbers, rounded to each format: they deviate from nothing."""
        return self.frame.given(numbers)

    def constant(self, text: str) -> Form:
        """A number of a function's definition, which each format rounds."""
        return self.frame.constant(text)

    def apply(self, operation: str, arguments: Sequence[Any], site: Site) -> Form:
        """The form of an operation's result; that of a whole equation is a named quantity's."""
        self.frame.symbols.enter(self.recurrences.home(site.name))
        parts = [self._entered(part, site) for part in arguments]
        parts = parts if operation in KEEPING else self._closed(parts)
        parts = [self._taken(part, operation) for part in parts]
        found = self._projected(parts[0], parts[1], site) if operation == "matmul" else None
        found = found or self._operated(operation, parts, site)
        if site.path and operation in GROWING:
            return found
        closed = self.frame.closed(found)
        return closed if site.path else self._quantity(closed, site)

    def function(self, operation: str) -> Callable[..., Form]:
        """The operation, of sums that are closed before it unless it lets them grow."""
        own = self._own(operation)
        return own if operation in KEEPING else lambda *parts: own(*self._closed(parts))

    def _own(self, operation: str) -> Callable[..., Form]:
        """The operation by its rule, else by its definition, else its library's."""
        rule = RULES.get(operation)
        if rule is None and has_definition(operation):
            return partial(self._composed, operation)
        return partial(rule or functions.library(operation), self.frame)

    def _composed(self, operation: str, *arguments: Form) -> Form:
        """By the definition, or in one call where there is a hypothesis on that."""
        found = self.frame.closed(composed(self, operation, arguments))
        return functions.or_in_one_call(self.frame, found, operation)

    def _closed(self, parts: Sequence[Any]) -> list[Any]:
        """The arguments with their sums rounded; whole numbers stay what they are."""
        return [self.frame.closed(part) if isinstance(part, Form) else part for part in parts]

    def _taken(self, part: Any, operation: str) -> Any:
        return self.frame.taken(part, operation) if isinstance(part, Form) else part

    def _operated(self, operation: str, arguments: Sequence[Form], site: Site) -> Form:
        found = self._own(operation)(*arguments)
        if operation in GROWING and all(part.certain for part in arguments):
            return self._computed(operation, arguments, found, site)
        return found

    def _entered(self, part: Any, site: Site) -> Any:
        """The argument; with new symbols where its own do not last, or not that far."""
        if not isinstance(part, Form) or part.home is None:
            return part
        renew = self._renewal(part, part.home, site)
        if renew is None:
            return part
        if self.entered and next(iter(self.entered))[0] != site.step:
            self.entered.clear()
        place = site.step, self.recurrences.home(site.name), id(part)
        if place not in self.entered:
            self.entered[place] = part, renew(part)  # the part, so that no other has its number
        return self.entered[place][1]

    def _renewal(self, part: Form, home: QuantityAt, site: Site) -> Callable[[Form], Form] | None:
        """What gives a quantity of some home new symbols where it is used, if any are needed."""
        step, name = home
        if self.recurrences.home(site.name) != self.recurrences.home(name):
            return self._passing
        if self.frame.symbols.lasting.count - part.linear.lasting.start > FAR:
            return self._passing
        return self._lasting if step != site.step and self.recurrences.ends(name, step) else None

    def _passing(self, form: Form) -> Form:
        """The form with symbols of its own for a step."""
        fresh = self.frame.symbols.passing.fresh(form.size)
        return self._renewed(form, Linear(nothing(form.shape), fresh))

    def _lasting(self, form: Form) -> Form:
        """The form with symbols of its own for a block of steps."""
        rest = form.rest.reshape(len(form.rest), -1)
        length = finite((self.frame.symbols.length(form.linear) + lengths(rest)) * OUT)
        fresh = self.frame.symbols.lasting.fresh(form.size, length)
        return self._renewed(form, Linear(fresh, nothing(form.shape)))

    def _renewed(self, form: Form, linear: Linear) -> Form:
        return replace(form, linear=linear, rest=np.zeros_like(form.rest), home=None)

    def _projected(self, row: Form, matrix: Form, site: Site) -> Form | None:
        """The product of a step's input with a given matrix: those of many steps are made at once.

        The same entries are added up in the same order, whatever the number of rows. None for other
        products, and for the first one: a matrix may be new at every step.
        """
        if not isinstance(row, InputStep) or row.whole is None or not _at_once(row, matrix):
            return None
        if self.frame.deployed.by_range:
            return None
        most = PRODUCTS_AT_ONCE // max(1, matrix.center[0].size)
        steps = max(1, min(STEPS_AT_ONCE, most))
        start, place = row.at - row.at % steps, (site.name, site.path)
        known = self.projections.get(place)
        if known is None or known.matrix is not matrix or known.whole is not row.whole:
            self.projections[place] = Projection(row.whole, matrix)
            return None
        if known.product is None or known.start != start:
            rows = known.whole.each(lambda array: array[:, start : start + steps])
            product = self._operated("matmul", (rows, matrix), site)
            self.projections[place] = Projection(row.whole, matrix, start, product)
        else:
            product = known.product
        return product.each(lambda array: array[:, row.at - start])

    def _computed(self, operation: str, arguments: Sequence[Form], form: Form, site: Site) -> Form:
        """The form with the very error that the stated order makes of known floats."""
        rest, size = form.rest.copy(), form.size.copy()
        for k, model in enumerate(self.frame.models[self.frame.stated]):
            floats = [part.center[k].astype(model.format.dtype) for part in arguments]
            result = np.asarray(model.apply(operation, floats, site)).astype(np.float64)
            rest[k] = size[k] = finite((np.abs(result - form.center[k]) + form.radius[k]) * OUT)
        return replace(form, rest=rest, size=size)

    def _quantity(self, form: Form, site: Site) -> Form:
        """A named quantity: its value is known, and its remainder becomes symbols."""
        known = self.known[site.step, site.name]
        shape = self.recurrences.shapes[site.name]
        form = form if form.shape == shape else form.reshape(shape)
        size = np.minimum(form.size, known.cap)
        self.bounds[site.step, site.name] = size
        less = bool((size < form.size).any())
        home = site.step, site.name
        form = replace(form, center=known.center, radius=known.radius, size=size, home=home)
        return self._state(form) if site.name in self.recurrences.states else self._gate(form, less)

    def _gate(self, form: Form, less: bool) -> Form:
        """The remainder is the smaller of two bounds, which differ where the cap made it `less`."""
        rest = self._remainder(form, form.linear) if less else form.rest
        fresh = self.frame.symbols.passing.fresh(rest)
        linear = replace(form.linear, passing=form.linear.passing + fresh)
        return replace(form, linear=linear, rest=np.zeros_like(rest))

    def _state(self, form: Form) -> Form:
        """Only symbols of states last."""
        none, lasting = nothing(form.shape), form.linear.lasting
        rest = self._remainder(form, Linear(lasting, none), form.linear.passing)
        linear = Linear(lasting + self.frame.symbols.lasting.fresh(rest), none)
        return replace(form, linear=linear, rest=np.zeros_like(rest))

    def _remainder(self, form: Form, kept: Linear, dropped: Slopes | None = None) -> Floats:
        """A bound of the deviation less what the kept slopes give."""
        symbols = self.frame.symbols
        rest = form.rest if dropped is None else form.rest + symbols.passing.reach(dropped)
        return finite(np.minimum(rest * OUT, (form.size + symbols.reach(kept)) * OUT))


def _at_once(row: InputStep, matrix: Form) -> bool:
    """Whether it is a row of a given sequence of vectors, and a given matrix."""
    return (len(row.shape), len(matrix.shape)) == (1, 2) and row.certain and matrix.certain


def _same(frame: Frame, x: Form) -> Form:
    return x


def _slice(frame: Frame, x: Form, *ends: int | None) -> Form:
    return x.each(lambda array: sliced(array, None, None, *ends))


def _fill(frame: Frame, x: Form, *sizes: int) -> Form:
    return x.spread((*sizes, *x.shape))


def _pad(frame: Frame, x: Form, before: int, after: int) -> Form:
    zeros = [frame.constant("0").spread((*x.shape[:-1], count)) for count in (before, after)]
    return Form.joined([zeros[0], x, zeros[1]])


def _concat(frame: Frame, *parts: Form) -> Form:
    return Form.joined([part if part.shape else part.reshape((1,)) for part in parts])


def _transpose(frame: Frame, x: Form) -> Form:
    return x.transposed


RULES: Mapping[str, Callable[..., Form]] = {
    "add": sums.add,
    "subtract": sums.subtract,
    "negate": sums.negate,
    "multiply": sums.multiply,
    "divide": sums.divide,
    "matmul": sums.matmul,
    "outer": sums.outer,
    "sum": sums.sum_of,
    "mean": sums.mean,
    "power": functions.power,
    "exp": functions.exp,
    "tanh": functions.tanh,
    "sigmoid": functions.sigmoid,
    "softplus": functions.softplus,
    "softmax": functions.softmax,
    "max": functions.larger,
    "min": functions.smaller,
    "abs": functions.size,
    "positive": functions.positive,
    "step": functions.positive,
    "pi": functions.pi,
    "identity": _same,
    "slice": _slice,
    "fill": _fill,
    "pad": _pad,
    "concat": _concat,
    "transpose": _transpose,
}
"""What forms know themselves, by operation; each takes the frame first."""
