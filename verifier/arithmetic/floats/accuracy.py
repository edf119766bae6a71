"""How far libraries' functions may err: what bounds of float errors take for granted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from verifier.arithmetic.floats.binary import Format
from verifier.errors import VerifierError
from verifier.language.operations import OPERATIONS


@dataclass(frozen=True)
class Units:
    """An error of at most `count` ulps of the numbers from 1/2 to 1, however small the result."""

    count: float


Accuracy = Mapping[tuple[str, str], float | Units]
"""How far a function may err, by (format, function): in ulps where it is a number."""


def allowed(
    accuracy: Accuracy, format: Format, function: str, default: float | None = None
) -> tuple[float, float]:
    """How many ulps a function may err, and how much more as an absolute number.

    `default` stands for what neither hypotheses nor the function's row say.

    Errors: VerifierError for so many ulps that a result may skip a binade, which bounds do not see.
    """
    row = OPERATIONS.get(function)
    most = accuracy.get((format.functions, function), row.accuracy if row else None)
    most = default if most is None else most
    if most is None:
        raise KeyError(function)
    if isinstance(most, Units):
        return 0.0, most.count * format.unit
    highest = 2 ** (format.precision - 3)
    if not 0 <= most <= highest:
        what = f"{function} within {most} ulp of {format.name}"
        raise VerifierError(what, accepted=f"0 to {highest}, or an absolute error")
    return most, 0.0


KNOWN = {name: row.rational for name, row in OPERATIONS.items() if row.rational}
KNOWN["log1p"] = (0, 0)
"""An argument at which a function gives a value exactly; it may err at others."""
