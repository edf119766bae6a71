"""The page and its files, with the words of a language."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

from verifier import effort
from verifier.cells import catalogue
from verifier.formats import NAMES
from verifier.problem.read import LANGUAGES
from verifier.report.templating import templates
from verifier.report.words import Words
from verifier.rounding import MODES, POLICIES

__all__ = ["FILES", "LANGUAGES", "page"]

STATIC = Path(__file__).parent / "static"


def _text(name: str) -> str:
    return (STATIC / name).read_text("utf-8")


FILES: dict[str, tuple[Callable[[], str], str]] = {
    "page.js": (lambda: _text("page.js"), "text/javascript"),
    "grid.js": (lambda: _text("grid.js"), "text/javascript"),
    "page.css": (lambda: _text("page.css"), "text/css"),
    "style.css": (
        lambda: (templates() / "html" / "style.css.j2").read_text("utf-8"),
        "text/css",
    ),
}
"""What the page loads: its own script and style, and the style of documents."""


@cache
def page(language: str) -> str:
    """The page in a language."""
    words = Words(language)
    told = {key: str(text) for key, text in words.phrases("serve.").items() if isinstance(key, str)}
    blanks = {
        "language": language,
        "words": json.dumps({**told, "link.most": effort.SERVED_LINK}).replace("<", "\\u003c"),
        "cells": _options(catalogue()),
        "modes": _options(MODES),
        "policies": _options(POLICIES, {kind: told[f"policy.{kind}"] for kind in POLICIES}),
        "formats": _options((*NAMES, "json", "toml")),
        "side": str(effort.SERVED_SIDE),
    }

    def filled(found: re.Match[str]) -> str:
        key = found[1]
        return blanks[key] if key in blanks else html.escape(told[key])

    return re.sub(r"\{\{([\w.-]+)\}\}", filled, _text("page.html"))


def _options(values: tuple[str, ...], said: dict[str, str] | None = None) -> str:
    return "".join(
        f'<option value="{html.escape(v)}">{html.escape((said or {}).get(v, v))}</option>'
        for v in values
    )
