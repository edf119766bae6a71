"""What the report says of the models that cells are deployed in."""

from __future__ import annotations

from typing import Any

from verifier.arithmetic.ieee import Ieee
from verifier.audit.nonfinite import text_of
from verifier.report.scribe import Scribe
from verifier.report.words import Prose


def assumed(scribe: Scribe, model: Ieee) -> Prose:
    """The stated model of evaluation of a format, and of a deployed model what it may do."""
    words, format = scribe.words, model.format
    values: dict[str, Any] = {
        "float": model.float,
        "order": words.text(f"audit.order.{model.order}"),
        "accumulator": model.sums.name,
        "fma": words.text("audit.fma.with" if model.fma else "audit.fma.without"),
        "sigmoid": words.text(f"audit.sigmoid.{model.logistic}"),
        "low": format.functions,
        "largest": scribe.plain_number(text_of(format.cast(format.largest))),
    }
    return words(f"audit.model.{format.kind}" if format.kind else "audit.model.text", **values)
