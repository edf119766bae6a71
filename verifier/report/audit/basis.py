"""What an audit rests on, in words: the model of evaluation, the hypotheses and the versions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from verifier.arithmetic.ieee import Ieee
from verifier.audit.functions import Accuracy, used
from verifier.report.audit.deployed import assumed
from verifier.report.audit.numbers import error_text
from verifier.report.audit.view import Part, Table
from verifier.report.scribe import Scribe


class Rests(Protocol):
    """What bounds rest on, and what floats were computed with."""

    @property
    def accuracy(self) -> Accuracy:
        """What is assumed of functions."""

    @property
    def numpy(self) -> str:
        """NumPy's version."""

    @property
    def features(self) -> tuple[str, ...]:
        """The processor's instruction sets."""


def basis(models: Sequence[Ieee], findings: Rests, scribe: Scribe, computed: bool = True) -> Part:
    """The model of evaluation, the hypotheses and the versions, in words."""
    words, sentences = scribe.words, [scribe.words("audit.model.ulp")]
    sentences += [assumed(scribe, model) for model in models]
    sentences += [words("audit.model.any"), words("audit.model.subnormals")]
    sentences.append(words("audit.hypotheses.text", source=findings.accuracy.source))
    if computed:
        features = ", ".join(findings.features) or "–"
        sentences.append(words("audit.versions", numpy=findings.numpy, features=features))
    return Part(
        "model",
        words("audit.model.heading"),
        tuple(sentences),
        (_hypotheses(models, findings, scribe),),
    )


def _hypotheses(models: Sequence[Ieee], findings: Rests, scribe: Scribe) -> Table:
    words, ulps = scribe.words, findings.accuracy.ulps
    equations = scribe.problem.cell.equations
    shown = used(equation.expression for equation in equations) | {"exp", "tanh", "log1p"}
    owns = {model.format.functions for model in models}
    functions = dict.fromkeys(name for own, name in ulps if own in owns and name in shown)
    rows = []
    for model in models:
        own = model.format.functions
        found = (ulps.get((own, function)) for function in functions)
        cells = ((scribe.plain_number(error_text(most)) if most else "–",) for most in found)
        rows.append(((model.float,), *cells))
    columns = (words("audit.column.format"), *((function,) for function in functions))
    return Table(words("audit.hypotheses.caption"), columns, tuple(rows), 1)
