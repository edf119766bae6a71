"""Kinks that are met, in words: the entry, the quantity, the step, and both sides."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from verifier.arithmetic.ball import exact_value
from verifier.arithmetic.protocol import Arithmetic
from verifier.arithmetic.wrap.kinks import Kink
from verifier.derive.figures import more_digits
from verifier.derive.kinks import met, term_of
from verifier.language.shapes import shape_of
from verifier.language.tree import Number, operands
from verifier.notation.paper import on_paper
from verifier.report.entries import entry_of
from verifier.report.scribe import Scribe
from verifier.report.words import Math, Prose
from verifier.rounding import Rounding, exact_places, fraction_text

MOST, LONG = 12, 12
FIGURES = Rounding(None, figures=6)


def kinks(scribe: Scribe, arithmetic: Arithmetic) -> Iterator[Prose]:
    """A sentence for each kink that is met, or may be, for so many that one reads them."""
    found = met(scribe.problem, arithmetic)
    yield from (sentence(scribe, kink) for kink in found[:MOST])
    if len(found) > MOST:
        yield scribe.words("kinks.more", len(found) - MOST)


def sentence(scribe: Scribe, kink: Kink) -> Prose:
    """What stands at a kink, and what it is just below and just above."""
    problem, (step, name, _) = scribe.problem, kink.site
    node = term_of(problem, kink)
    shape = shape_of(node, problem.shapes) or ()
    k = int(np.ravel_multi_index(kink.index, shape)) if kink.index else 0
    term, argument = (
        scribe.math(on_paper(part, problem.shapes), step) for part in (node, operands(node)[0])
    )
    kind = "slope" if not kink.jumps else "jump" if kink.settled else "open"
    kind = "undecided" if kink.open else kind
    below, above = kink.values if kink.jumps else kink.slopes
    return scribe.words(
        f"kinks.{kind}",
        entry=entry_of(scribe, term, shape, k),
        symbol=scribe.symbol(name, step),
        argument=argument,
        below=_number(scribe, below),
        above=_number(scribe, above),
    )


def _number(scribe: Scribe, value: Any) -> Math:
    exact = exact_value(value)
    places = None if exact is None else exact_places(exact)
    if exact is None or (places or 0) > LONG:
        return scribe.shown(more_digits(value, FIGURES) or Number("?"))
    return scribe.number(fraction_text(exact))
