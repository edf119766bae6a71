"""Words for a step in the languages of students, for every pattern that looks for one."""

from __future__ import annotations

from typing import Final

STEPS: Final = (
    "zeitschritt|schritt|tijdstap|stap|étape|etape|paso|passo|krok|adım|adim|zaman adımı|шаг"
)
"""Alternatives of a pattern, beside step and t."""
