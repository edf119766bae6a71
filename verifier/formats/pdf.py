"""PDF, made from the Typst or the LaTeX document."""

from __future__ import annotations

from dataclasses import replace

from verifier.formats import Engine, Format, tex, typ

FORMAT: dict[Engine, Format] = {
    "typst": replace(typ.FORMAT, name="pdf", compile=typ.pdf, wraps={}),
    "latex": replace(tex.FORMAT, name="pdf", compile=tex.pdf, wraps={}),
}
