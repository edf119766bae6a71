"""Closed forms as texts that sympy reads."""

from __future__ import annotations

from typing import Any

from verifier import effort
from verifier.arithmetic.context import alone


@alone()
def short_text(form: Any) -> str | None:
    """A closed form as text that sympy reads, None when it is long."""
    if form is None or _longer(form, effort.EXACT_CHARACTERS):
        return None
    try:
        text = str(form)
    except Exception:  # Python writes no integer of more than 4300 digits, and sympy has its own
        return None
    return text if 0 < len(text) <= effort.EXACT_CHARACTERS else None


def _longer(form: Any, limit: int) -> bool:
    """Whether a form has more parts than characters are allowed, without looking at all of it."""
    waiting, seen = [form], 0
    while waiting and seen <= limit:
        waiting += getattr(waiting.pop(), "args", ())
        seen += 1
    return seen > limit
