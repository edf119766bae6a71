"""What a reader of a cell's equations must be told: signs of jumps, and rows that vectors join."""

from __future__ import annotations

from collections.abc import Iterator

from verifier.language.shapes import shape_of
from verifier.language.tree import Call, Expression, nodes
from verifier.notation.paper import on_paper
from verifier.problem import Problem
from verifier.report import gradients
from verifier.report.scribe import Scribe
from verifier.report.words import Prose

SIGNS = ("step", "positive", "hadamard_power")
"""What has a sentence of its own, `legend.<sign>`."""


def legend(scribe: Scribe) -> Iterator[Prose]:
    """The sentences below the equations, each once."""
    yield from _signs(scribe, scribe.problem)
    yield from gradients.legend(scribe)


def question(scribe: Scribe) -> Iterator[Prose]:
    """The sentences below the equations of a question about gradients: none gives them away."""
    behind = scribe.problem.backward
    assert behind is not None
    yield from _signs(scribe, behind.task)
    yield gradients.counted(scribe, "gradient.summed")


def _signs(scribe: Scribe, problem: Problem) -> Iterator[Prose]:
    words = scribe.words
    for operation in ("add", "subtract"):
        vectors = list(dict.fromkeys(_in_rows(problem, operation)))
        if vectors:
            named = words.join([(scribe.shown(vector),) for vector in vectors])
            yield words(f"legend.rows.{operation}", len(vectors), vectors=named)
    trees = [on_paper(own.expression, problem.shapes) for own in problem.cell.equations]
    used = {call.operation for tree in trees for call in _calls(tree)}
    yield from (words(f"legend.{sign}") for sign in SIGNS if sign in used)
    outer = next(
        (call for tree in trees for call in _calls(tree) if call.operation == "outer"), None
    )
    if outer:
        yield words("legend.outer", product=scribe.shown(outer))


def _in_rows(problem: Problem, operation: str) -> Iterator[Expression]:
    """The vectors of several entries that stand beside a matrix in a sum or a difference."""
    for equation in problem.cell.equations:
        parts = dict(nodes(equation.expression))
        for path in sorted(path for path in parts if path):
            above = parts[path[:-1]]
            if isinstance(above, Call) and above.operation == operation:
                own, other = parts[path], above.arguments[1 - path[-1]]
                sizes = [shape_of(part, problem.shapes) or () for part in (own, other)]
                if [len(size) for size in sizes] == [1, 2] and sizes[0] != (1,):
                    yield on_paper(own, problem.shapes)


def _calls(tree: Expression) -> Iterator[Call]:
    return (node for _, node in nodes(tree) if isinstance(node, Call))
