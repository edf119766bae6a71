"""The backward pass of a cell in general: what is passed back at any step, for any numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from verifier.cells import Cell
from verifier.derive.general import skeleton
from verifier.language.operations import Shape
from verifier.language.parse import parse_expression
from verifier.numbers import Numbers
from verifier.problem import Problem
from verifier.problem.backward import backward
from verifier.problem.loss import Loss


def passed_back(problem: Problem | None, cell: Cell, shapes: Mapping[str, Shape]) -> Problem:
    """The backward pass at the general step, of a problem with a loss, or of a cell.

    Without a loss of a problem, that is half the squared error of the last quantity.
    """
    if problem is None or problem.loss is None:
        problem = problem or skeleton(cell, shapes)
        problem = replace(problem, loss=_squared(problem))
    assert problem.loss is not None
    rows = {name: problem.loss.rows(name, problem.steps) for name in problem.loss.inputs}
    everywhere = replace(problem.loss, at="all", inputs=rows, rate=None)
    return backward(replace(problem, loss=everywhere), uniform=True)


def _squared(problem: Problem) -> Loss:
    """Half the squared error of the last quantity, beside a target."""
    name = [*problem.cell.equation][-1]
    target = "y" if "y" not in problem.shapes else "target"
    tree = parse_expression(f"half_squared_error({name}[t], {target}[t])")
    rows = Numbers.zeros((problem.steps, *problem.shapes[name]))
    return Loss(tree, inputs={target: rows})
