"""The JSON contract of `solve`; its schema is `schemas/solve.schema.json`."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from verifier.problem import Problem
from verifier.rounding import Rounding
from verifier.solution import Solution
from verifier.version import __version__


def solution_json(solution: Solution) -> str:
    """The solution as JSON text, one row an entry."""
    problem = solution.problem
    data = {
        "problem": problem_data(problem),
        "rounding": rounding_data(problem),
        "version": __version__,
        "rows": [asdict(row) for row in solution.rows],
    }
    return dumped(data)


def problem_data(problem: Problem) -> dict[str, Any]:
    """What a problem is, and the digest by which it is known again."""
    return {
        "title": problem.title,
        "cell": problem.cell.name or None,
        "steps": problem.steps,
        "sha256": problem.sha256,
    }


def rounding_data(problem: Problem) -> dict[str, Any]:
    """A problem's rounding: the rule, the policy, and the rules of single quantities."""
    own = {"own": {name: rule_data(rule) for name, rule in problem.rules.items()}}
    return {
        **rule_data(problem.rounding),
        "policy": problem.policy.kind,
        **(own if problem.rules else {}),
    }


def rule_data(rule: Rounding) -> dict[str, Any]:
    """A rounding rule as data: places or figures, and the mode."""
    count = {"figures": rule.figures} if rule.places is None else {"places": rule.places}
    return {**count, "mode": rule.mode}


def dumped(data: dict[str, Any]) -> str:
    """JSON with one row a line, so that two documents can be compared line by line."""
    rows = data["rows"]
    head = json.dumps({**data, "rows": []}, ensure_ascii=False, indent=2)
    lines = ",\n".join("    " + json.dumps(row, ensure_ascii=False) for row in rows)
    return head.replace('"rows": []', f'"rows": [\n{lines}\n  ]') + "\n"
