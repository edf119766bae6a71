"""The only code that knows Jinja: view data and a template give a document."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from verifier.report.scribe import Line
from verifier.report.style import Style, typst_string
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
        return Markup(inline.replace("{spoken}", quoted(part.spoken)).replace("{}", str(part)))

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
    environment.filters |= {"math": math, "prose": prose, "quoted": quoted, "spoken": spoken}
    return environment


def quoted(text: str) -> Markup:
    """The text as it stands between quotes in Typst."""
    return Markup(typst_string(text))


def spoken(lines: Iterable[Line]) -> Markup:
    """The alternative text of lines of mathematics."""
    return quoted("; ".join(line.spoken for line in lines))


def templates() -> Path:
    """Where the templates lie: in the installed package, or at the top of a checkout."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "templates"
    return inside if inside.is_dir() else package.parent / "templates"
