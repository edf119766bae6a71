"""Slips in a single number: a sign, two digits exchanged, one digit off, the point elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from verifier.outcomes.model import Explanation
from verifier.rounding import Rounding


def slip(right: Fraction, given: Fraction, rule: Rounding) -> Explanation | None:
    """What turns the right number, rounded by a rule, into the given one."""
    units, own = rule.units(right), rule.units(given)
    return next((Explanation("slip", id) for id, made in _RULES.items() if made(units, own)), None)


def _sign(right: int, given: int) -> bool:
    return right == -given and bool(right)


def _transposition(right: int, given: int) -> bool:
    """Two neighbouring digits exchanged."""
    wide = max(len(str(abs(right))), len(str(abs(given))))
    a, b = (str(abs(number)).rjust(wide, "0") for number in (right, given))
    differ = [k for k in range(wide) if a[k] != b[k]]
    if len(differ) != 2 or differ[1] != differ[0] + 1:
        return False
    i, j = differ
    return (a[i], a[j]) == (b[j], b[i]) and (right < 0) == (given < 0)


def _digit(right: int, given: int) -> bool:
    """One digit off, the others right; what differs in the last one alone is only close."""
    a, b = str(abs(right)), str(abs(given))
    same = len(a) == len(b) > 2 and a[-1] == b[-1]
    return same and sum(x != y for x, y in zip(a, b, strict=True)) == 1


def _point(right: int, given: int) -> bool:
    """The point a place or two away: two digits at least must be the same."""
    if min(abs(right), abs(given)) < 10:
        return False
    moved = [(given, right * n, n // 2) for n in (10, 100)]
    moved += [(right, given * n, n // 2) for n in (10, 100)]
    return any(abs(a - b) <= slack for a, b, slack in moved)


_RULES: dict[str, Callable[[int, int], bool]] = {
    "sign": _sign,
    "transposition": _transposition,
    "digit": _digit,
    "point": _point,
}
"""The slips by their ids, the plainest first."""
