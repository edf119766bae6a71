"""Names that a reader could not tell apart, in whatever format they are printed, are refused."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping

from verifier.errors import DocumentError
from verifier.language.tree import Name
from verifier.notation.latex import LatexPrinter, MarkdownPrinter
from verifier.notation.mathml import MathmlPrinter
from verifier.notation.spoken import SpokenPrinter
from verifier.notation.symbols import Symbol
from verifier.notation.text import TextPrinter
from verifier.notation.typst import TypstPrinter
from verifier.problem import Problem

PRINTERS = (
    MarkdownPrinter,
    LatexPrinter,
    MathmlPrinter,
    TypstPrinter,
    TextPrinter,
    SpokenPrinter,
)

SAME_GLYPH = str.maketrans(
    "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧοАВЕКМНОРСТУХІЈЅаеорсухіјѕ", "ABEZHIKMNOPTYXoABEKMHOPCTYXIJSaeopcyxijs"
)
"""Letters of Greek and Cyrillic that fonts draw as they draw Latin ones."""


def told_apart(
    problem: Problem, spellings: Mapping[str, str], symbols: Mapping[str, Symbol]
) -> None:
    """Refuse names that would print alike, such as the parameter x_1 beside x at step 1.

    Errors: DocumentError that names both.
    """
    timed = set(problem.shapes) - set(problem.parameters)
    steps = _steps(spellings.get(name, name) for name in problem.parameters)
    for kind in PRINTERS:
        printer = kind(spellings, symbols=symbols, delta=problem.notation.gradient == "delta")
        seen: dict[str, tuple[str, int | None]] = {}
        for name in sorted(problem.shapes, key=lambda name: name not in timed):
            for step in (None, *steps) if name in timed else (None,):
                node = Name(name, 0 if name in timed else None)
                first, at = seen.setdefault(_glyphs(printer.show(node, step)), (name, step))
                if first != name:
                    raise _alike(name, first, at is None and (first in timed) is (name in timed))


def _steps(spellings: Iterator[str]) -> list[int]:
    """The steps that parameters have in their spellings."""
    return sorted({int(n) for text in spellings for n in re.findall(r"\d{1,9}", text)})


def _glyphs(text: str) -> str:
    """The text as it looks: one form of each letter, and no space where none is seen."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).translate(SAME_GLYPH)


def _alike(name: str, other: str, same_kind: bool) -> DocumentError:
    return DocumentError(
        f"the names {other if same_kind else f'{other} at a step'} and {name} would print alike",
        accepted=f'another spelling under [notation.names], such as {name} = "{name[0]}^a"',
    )
