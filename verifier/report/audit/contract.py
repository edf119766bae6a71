"""The JSON contract of `audit`; its schema is `schemas/audit.schema.json`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isfinite, isnan
from typing import Any

import numpy as np

from verifier.arithmetic.ieee import BINARY, Ieee
from verifier.audit.against import Comparison, Deviation
from verifier.audit.findings import Findings
from verifier.audit.functions import Accuracy
from verifier.audit.hazards import Hazard
from verifier.audit.model import Attribution, Measured, Size, in_ulps
from verifier.audit.nonfinite import NonFinite
from verifier.derive.kinks import met, term_of
from verifier.notation.paper import on_paper
from verifier.report.audit.lines import PLAIN
from verifier.report.contract import dumped, problem_data
from verifier.report.scribe import Scribe
from verifier.report.words import Words
from verifier.solution import Solution
from verifier.version import __version__

Data = dict[str, Any]

ROWS: tuple[Size, ...] = ("error", "representation", "arithmetic", "bound", "bound_any_order")
"""What a row has in ulps."""


def audit_json(findings: Findings) -> str:
    """The findings as JSON text, one row an entry."""
    audit, assumed = findings.audit, findings.accuracy
    kinks = [row for model in audit.models for row in _kinks(audit.solution, model)]
    data = {
        "problem": problem_data(audit.solution.problem),
        **basis_data(audit.models, assumed, findings.numpy, findings.features),
        "keeps": [
            {"float": k.float, "entries": k.entries, "computed": k.kept, "proven": k.proven}
            for k in findings.keeping
        ],
        "attributions": [_attribution(found) for found in audit.attributions],
        **({"kinks": kinks} if kinks else {}),
        "hazards": [_hazard(found) for found in findings.hazards],
        "lost": [_lost(audit.solution, found) for found in findings.lost],
        "against": [_comparison(audit.solution, found) for found in findings.comparisons],
        "rows": [row for found in audit.measured.values() for row in _rows(audit.solution, found)],
    }
    return dumped(data)


def basis_data(
    models: Sequence[Ieee], assumed: Accuracy, numpy: str, features: Sequence[str]
) -> Data:
    """What an audit rests on."""
    return {
        "models": [
            {
                "float": model.float,
                "order": model.order,
                "accumulator": model.sums.name,
                "fma": model.fma,
                "sigmoid": model.logistic,
            }
            for model in models
        ],
        "hypotheses": {
            "source": assumed.source,
            "subnormals": "kept",
            "ulps": [
                {"float": format, "function": function, "ulps": most}
                for (format, function), most in assumed.ulps.items()
                if format in BINARY or format in {model.float for model in models}
            ],
        },
        "versions": {
            "verifier": __version__,
            "numpy": numpy,
            "cpu_features": list(features),
        },
    }


def number(value: float) -> float | str:
    """A number of the contract; infinity is "inf", and zero has no sign."""
    return float(value) + 0.0 if isfinite(value) else str(float(value))


def ulps(value: float) -> float | str:
    """A size in ulps; what nothing is known of may be infinite."""
    return "inf" if isnan(value) else number(value)


def _rows(solution: Solution, found: Measured) -> Iterator[Data]:
    problem = solution.problem
    if not problem.only.shows(found.step, found.name):
        return
    chosen = problem.only.chosen(found.name)
    ends = solution.ends(found.step, found.name)
    sizes, rows = found.absolute["error"], {size: found.ulps(size) for size in ROWS}
    for k in range(len(ends)) if chosen is None else chosen:
        lower, upper = ends[k]
        value = float(found.computed[k])
        true = abs(value) if not lower else abs(float(lower))
        yield {
            "float": found.float,
            "step": found.step,
            "name": found.name,
            "index": [int(i) for i in np.unravel_index(k, problem.shapes[found.name])]
            if problem.shapes[found.name]
            else [],
            "computed": number(value),
            "lower": lower,
            "upper": upper,
            **{f"{size}_ulp": ulps(row[k]) for size, row in rows.items()},
            "error_absolute": ulps(sizes[k]),
            "error_relative": ulps(sizes[k] / true) if true else None,
        }


def _attribution(found: Attribution) -> Data:
    return {
        "float": found.float,
        "step": found.step,
        "name": found.name,
        "index": list(found.index),
        "error_ulp": number(found.error),
        "remainder_ulp": number(found.remainder),
        "shares": [
            {"step": s.step, "name": s.name, "source": s.source, "ulp": number(s.ulps)}
            for s in found.shares
        ],
    }


def _kinks(solution: Solution, model: Ieee) -> Iterator[Data]:
    """The kinks that the computed numbers of a format stand at, with both sides."""
    scribe, shapes = Scribe(solution.problem, PLAIN, Words()), solution.problem.shapes
    for kink in met(solution.problem, model):
        sides = kink.values if kink.jumps else kink.slopes
        below, above = (number(float(side)) for side in sides)
        yield {
            "float": model.float,
            "step": kink.site.step,
            "name": kink.site.name,
            "operation": kink.operation,
            "term": scribe.shown(on_paper(term_of(solution.problem, kink), shapes), kink.site.step),
            "index": list(kink.index),
            "what": "value" if kink.jumps else "slope",
            "below": below,
            "above": above,
        }


def _hazard(found: Hazard) -> Data:
    return {
        "float": found.float,
        "step": found.step,
        "name": found.name,
        "index": list(found.index),
        "computed": float(found.computed),
        "certified": found.certified,
        "prints": [
            {"function": p.method, "text": p.text, "reason": p.reason} for p in found.prints
        ],
    }


def _lost(solution: Solution, found: NonFinite) -> Data:
    scribe = Scribe(solution.problem, PLAIN, Words())
    return {
        "float": found.float,
        **_place(found),
        "computed": number(found.computed),
        "events": [
            {
                "reason": event.reason,
                "step": event.step,
                "term": scribe.shown(on_paper(event.term, solution.problem.shapes), event.step),
                "format": event.format,
                "operands": list(event.operands),
            }
            for event in found.events
        ],
    }


def _place(found: Any) -> Data:
    return {"step": found.step, "name": found.name, "index": list(found.index)}


def _comparison(solution: Solution, found: Comparison) -> Data:
    return {
        "implementation": found.outputs.implementation,
        "version": found.outputs.version,
        "float": found.outputs.float,
        "inside": found.inside,
        "outside": found.outside,
        "not_finite": found.not_finite,
        "entry": _entry(found.worst if found.inside else found.first),
        "lost": _lost(solution, found.lost) if found.lost else None,
        "unseen": {
            **_place(found.blindest),
            "ulp": ulps(
                float(in_ulps(np.float64(found.blindest.unseen), np.float64(found.blindest.ulp)))
            ),
            "absolute": ulps(found.blindest.unseen),
        },
        "conventions": ["+".join(c.rule for c in e.conventions) for e in found.explanations],
        "blind": [] if found.not_finite else list(found.power.rules),
        "own_steps": list(found.own_steps),
        "coarser": found.coarser or None,
        "explanations": [
            [
                {"convention": c.rule, "about": {kind: list(names) for kind, names in c.about}}
                for c in each.conventions
            ]
            for each in found.explanations
        ],
    }


def _entry(found: Deviation) -> Data:
    return {
        **_place(found),
        "computed": number(found.computed),
        "error_ulp": number(found.error),
        "bound_any_order_ulp": number(found.bound),
    }
