"""What lanes that move have in common: an operation goes by its row's slopes, or is composed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar

from verifier.arithmetic.composite import composed
from verifier.arithmetic.lanes import Lanes
from verifier.arithmetic.protocol import LITERAL, Origin, Site, Value
from verifier.language.operations import OPERATIONS
from verifier.numbers import Numbers


class Differing:
    """Lanes in which what is `moving` changes; what does not is the value of each lane alone.

    `still` makes such a value; `alike` are operations that do to changes what they do to values, by
    the method `linear`. A method of an operation's name computes it; `sloped` does the others.
    """

    lanes: Lanes
    moving: Mapping[Origin, Any]
    still: ClassVar[Callable[..., Any]]
    alike: ClassVar[Collection[str]]
    linear: Callable[..., Any]
    sloped: Callable[..., Any]

    def session(self) -> Any:
        """What overflows is known by its result."""
        return self.lanes.session()

    def given(self, numbers: Numbers, origin: Origin = LITERAL) -> Any:
        """What moves, else the value of each lane."""
        return self.moving.get(origin) or type(self).still(self.lanes.given(numbers, origin))

    def apply(self, operation: str, arguments: Sequence[Value], site: Site) -> Any:
        """The value of an operation, and how it changes."""
        return self.function(operation)(*arguments)

    def function(self, operation: str) -> Callable[..., Any]:
        """An operation by its row's slopes, where it has them, else composed."""
        if operation in self.alike:
            return partial(self.linear, operation)
        if hasattr(type(self), operation):
            return getattr(self, operation)  # type: ignore[no-any-return]
        if OPERATIONS[operation].slopes:
            return partial(self.sloped, operation)
        return lambda *arguments: composed(self, operation, arguments)

    def constant(self, text: str) -> Any:
        """A number that belongs to a function's definition."""
        return type(self).still(self.lanes.constant(text))

    def pi(self) -> Any:
        """π."""
        return type(self).still(self.lanes.pi())
