"""View data and a template give a document."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from verifier.report.scribe import Line
from verifier.report.style import Style
from verifier.report.templating import FILTERS, environment, prepared, templates
from verifier.report.words import Math, Prose, Svg


def render(template: str, style: Style, **data: Any) -> str:
    """The document that `templates/<folder>/<template>` arranges from the data."""
    return str(_environment(style).get_template(f"{template}.{style.extension}.j2").render(**data))


@lru_cache
def _environment(style: Style) -> Environment:
    """Jinja with the format's own escaping."""

    def finalize(value: Any) -> Any:
        if isinstance(value, Math | Svg):
            return Markup(str(value))
        return value if hasattr(value, "__html__") else Markup(style.escape(str(value)))

    made = environment(prepared(templates() / style.folder), finalize, _filters(style))
    made.globals["newline"] = Markup(getattr(style.printer, "newline", ""))
    return made


def _filters(style: Style) -> dict[str, Callable[..., Any]]:
    """The filters by name."""

    def quoted(text: str) -> Markup:
        """The text as it stands between quotes."""
        return Markup(style.quote(text))

    def math(part: Math) -> Markup:
        """Mathematics between the format's signs."""
        frame = style.inline.replace("{spoken}", quoted(part.spoken))
        return Markup(frame.replace("{}", str(part)))

    def prose(parts: Prose) -> Markup:
        """A sentence with its mathematics."""
        texts = (math(p) if isinstance(p, Math) else Markup(style.escape(p)) for p in parts)
        return Markup("").join(texts)

    def spoken(lines: Iterable[Line]) -> Markup:
        """The alternative text of lines of mathematics."""
        return quoted("; ".join(line.spoken for line in lines))

    def join_plain(texts: Iterable[str], between: str) -> str:
        """Plain texts as one."""
        return between.join(texts)

    def verbatim(number: float) -> Markup:
        """A number of the layout, which is no text."""
        return Markup(str(number))

    def plain(parts: Prose) -> str:
        """A sentence as a label: mathematics as it is spoken."""
        return "".join(p.spoken if isinstance(p, Math) else p for p in parts)

    filters = (quoted, math, prose, spoken, join_plain, verbatim, plain)
    return dict(zip(FILTERS, filters, strict=True))
