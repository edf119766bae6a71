"""The JSON contract of `audit`; its schema is `schemas/audit.schema.json`."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite, isnan
from typing import Any

import numpy as np

from verifier import __version__
from verifier.audit.against import Comparison, Entry
from verifier.audit.drift import absolute
from verifier.audit.findings import Findings
from verifier.audit.hazards import Hazard
from verifier.audit.model import Attribution, Measured
from verifier.report.contract import dumped, problem_data
from verifier.solution import Solution

Data = dict[str, Any]


def audit_json(findings: Findings) -> str:
    """The findings as JSON text, one row an entry."""
    audit, assumed = findings.audit, findings.accuracy
    data = {
        "problem": problem_data(audit.solution.problem),
        "models": [
            {
                "float": model.float,
                "order": model.order,
                "accumulator": model.accumulator or model.float,
                "fma": model.fma,
                "sigmoid": model.logistic,
            }
            for model in audit.models
        ],
        "hypotheses": {
            "source": assumed.source,
            "ulps": [
                {"float": format, "function": function, "ulps": most}
                for (format, function), most in assumed.ulps.items()
            ],
        },
        "versions": {
            "verifier": __version__,
            "numpy": findings.numpy,
            "cpu_features": list(findings.features),
        },
        "attributions": [_attribution(found) for found in audit.attributions],
        "hazards": [_hazard(found) for found in findings.hazards],
        "against": [_comparison(found) for found in findings.comparisons],
        "rows": [row for found in audit.measured.values() for row in _rows(audit.solution, found)],
    }
    return dumped(data)


def number(value: float) -> float | str:
    """A number of the contract; infinity is "inf", and zero has no sign."""
    return float(value) + 0.0 if isfinite(value) else str(float(value))


def ulps(value: float) -> float | str:
    """A size in ulps; what nothing is known of may be infinite."""
    return "inf" if isnan(value) else number(value)


def _rows(solution: Solution, found: Measured) -> Iterator[Data]:
    problem = solution.problem
    ends = solution.ends(found.step, found.name)
    sizes = absolute(found, found.error)
    for k, (lower, upper) in enumerate(ends):
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
            "error_ulp": ulps(found.error[k]),
            "representation_ulp": ulps(found.representation[k]),
            "arithmetic_ulp": ulps(found.arithmetic[k]),
            "bound_ulp": ulps(found.bound[k]),
            "bound_any_order_ulp": ulps(found.bound_any_order[k]),
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


def _comparison(found: Comparison) -> Data:
    return {
        "implementation": found.outputs.implementation,
        "version": found.outputs.version,
        "float": found.outputs.float,
        "inside": found.inside,
        "outside": found.outside,
        "entry": _entry(found.worst if found.inside else found.first),
        "explanations": [
            [
                {"convention": c.rule, "about": {kind: list(names) for kind, names in c.about}}
                for c in conventions
            ]
            for conventions in found.explanations
        ],
    }


def _entry(found: Entry) -> Data:
    return {
        "step": found.step,
        "name": found.name,
        "index": list(found.index),
        "computed": float(found.computed),
        "error_ulp": number(found.error),
        "bound_any_order_ulp": number(found.bound),
    }
