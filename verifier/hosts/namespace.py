"""Numbers from the names of a notebook: NumPy arrays, torch tensors, lists and plain numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from verifier.errors import ProblemError, shown
from verifier.numbers import MAX_AXES, Numbers

ACCEPTED = "a NumPy array, a torch tensor, or lists of numbers"
ENDS = {"initial": ("{}_0", "{}0"), "final": ("{}_end",)}
"""What the value of a state before the first and after the last step is called in a notebook."""


@dataclass
class Namespace:
    """The names of a notebook, asked for numbers; `taken` is what was found, for the note."""

    names: Mapping[str, Any]
    taken: dict[str, Numbers] = field(default_factory=dict)

    def __call__(self, section: str, name: str) -> Numbers | None:
        """The numbers of a name in a section of a problem; None where the notebook has none.

        Errors: ProblemError for a value that holds no numbers.
        """
        for spelling in ENDS.get(section, ("{}",)):
            own = spelling.format(name)
            if own in self.names:
                return self.taken.setdefault(own, self._numbers(own))
        return None

    def _numbers(self, name: str) -> Numbers:
        try:
            return numbers_of(self.names[name])
        except ProblemError as error:
            raise ProblemError(
                f"{name} in the notebook: {error.what}", None, error.accepted
            ) from None

    def notes(self) -> Iterator[str]:
        """What was taken from the notebook; of floats, what is exact about them."""
        if self.taken:
            yield "from the notebook: " + ", ".join(map(_described, self.taken.items()))
        floats = {name: n for name, n in self.taken.items() if n.floats is not None}
        if floats:
            yield f"floats are taken as exactly the numbers they are{_example(floats)}"


def numbers_of(value: Any) -> Numbers:
    """The numbers that a value holds: floats as they are, all else as it is written.

    Errors: ProblemError for what holds no numbers.
    """
    _check_nesting(value)
    array = _array(value)
    if array is None or array.dtype.kind in "OUS":
        plain = value.tolist() if isinstance(value, np.ndarray) else value
        return Numbers.typed(_texts(plain))
    if array.dtype.kind in "iu":
        return Numbers.typed(array.tolist())
    if array.dtype.kind == "f" or array.dtype.name == "bfloat16":
        if array.dtype.itemsize > 8:
            raise ProblemError(f"an array of {array.dtype}", accepted="floats up to float64")
        return Numbers.of_floats(array.copy())
    raise ProblemError(f"an array of {array.dtype}", accepted="floats or integers")


def _check_nesting(value: Any, depth: int = 0) -> None:
    """Refuse lists that are nested too deeply, such as one that holds itself, and masked arrays."""
    if isinstance(value, np.ma.MaskedArray):  # what it masks has no value
        raise ProblemError("a masked array", accepted="an array without a mask")
    if isinstance(value, list | tuple):
        if depth == MAX_AXES:
            raise ProblemError(f"lists nested deeper than {MAX_AXES}", accepted="rows of numbers")
        for part in value:
            _check_nesting(part, depth + 1)


def _array(value: Any) -> np.ndarray[Any, Any] | None:
    """The value as an array of a float or integer type; None for what is read as text."""
    if hasattr(value, "detach") and hasattr(value, "cpu"):
        return _tensor(value)
    if isinstance(value, float) or (isinstance(value, list | tuple) and _has_floats(value)):
        return _float_lists(value)
    return np.asarray(value) if hasattr(value, "__array__") else None


def _tensor(value: Any) -> np.ndarray[Any, Any]:
    """A torch tensor as an array; NumPy has no bfloat16, which float32 holds exactly."""
    tensor = value.detach().cpu()
    array = (tensor.float() if "bfloat16" in str(tensor.dtype) else tensor).numpy()
    return np.asarray(array)


def _has_floats(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return any(map(_has_floats, value))
    return isinstance(value, float | np.floating)


def _float_lists(value: Any) -> np.ndarray[Any, Any]:
    texts = Numbers.typed(_texts(value))  # refuses ragged rows and what is no number
    array = np.array(value, dtype=np.float64)
    if any(isinstance(x, int) and int(float(x)) != x for x in np.array(value, object).flat):
        raise ProblemError("an integer that no float64 holds", accepted="numbers of one kind")
    return array.reshape(texts.shape)


def _texts(value: Any) -> Any:
    """Nested lists whose entries are texts, integers or fractions as `Numbers.typed` reads them."""
    if isinstance(value, list | tuple):
        return [_texts(part) for part in value]
    if isinstance(value, bool) or not isinstance(value, str | int | float | Fraction | Decimal):
        raise ProblemError(f"{shown(type(value).__name__)} is no number", accepted=ACCEPTED)
    return str(value)


def _described(pair: tuple[str, Numbers]) -> str:
    name, numbers = pair
    kind = "exact" if numbers.floats is None else str(numbers.floats.dtype)
    sides = "×".join(map(str, numbers.shape))
    return f"{name} ({kind}{', ' if sides else ''}{sides})"


def _example(floats: Mapping[str, Numbers]) -> str:
    """A float that is not the decimal it prints as, written out."""
    for numbers in floats.values():
        for k, exact in enumerate(numbers.fractions):
            printed = numbers.text(k)
            if Fraction(printed) != exact:
                return f": {printed} is {_written(exact)}"
    return ""


def _written(exact: Fraction, most: int = 24) -> str:
    """The first digits of a dyadic rational, with dots where more follow."""
    text = str(Decimal(float(exact)))
    return text if len(text) <= most else f"{text[:most]}…" if "E" not in text else text
