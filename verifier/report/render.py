"""The only code that knows Jinja: view data and a template give a document."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from verifier.report.style import Style
from verifier.report.words import Math, Prose


def render(template: str, style: Style, **data: Any) -> str:
    """The document that `templates/<folder>/<template>` arranges from the data."""
    environment = _environment(style.folder, style.escape, style.inline)
    return str(environment.get_template(f"{template}.{style.extension}.j2").render(**data))


@lru_cache
def _environment(folder: str, escape: Callable[[str], str], inline: str) -> Environment:
    """Jinja with delimiters that no document syntax uses, and the format's own escaping."""

    def finalize(value: Any) -> Any:
        if isinstance(value, Math):
            return Markup(str(value))
        return value if hasattr(value, "__html__") else Markup(escape(str(value)))

    def math(part: Math) -> Markup:
        """Mathematics between the format's signs."""
        return Markup(inline.replace("{}", str(part)))

    def prose(parts: Prose) -> Markup:
        """A sentence with its mathematics."""
        texts = (math(p) if isinstance(p, Math) else Markup(escape(p)) for p in parts)
        return Markup("").join(texts)

    environment = Environment(
        loader=FileSystemLoader(templates() / folder),
        block_start_string="((*",
        block_end_string="*))",
        variable_start_string="(((",
        variable_end_string=")))",
        comment_start_string="((=",
        comment_end_string="=))",
        autoescape=True,
        finalize=finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"math": math, "prose": prose}
    return environment


def templates() -> Path:
    """Where the templates lie: in the installed package, or at the top of a checkout."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "templates"
    return inside if inside.is_dir() else package.parent / "templates"
