"""A Python script of NumPy alone, which runs any problem's equations, and its arrays in .npz."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import numpy as np

from verifier.arithmetic.ieee import Ieee
from verifier.errors import VerifierError
from verifier.language.definitions import definition
from verifier.language.operations import OPERATIONS
from verifier.language.schedule import Block
from verifier.language.tree import Call, Expression, Name, Number, Whole, nodes
from verifier.models.problem_file import held
from verifier.models.targets import Written
from verifier.problem import Problem

SECTIONS = ("parameters", "inputs", "initial", "final")


def files(problem: Problem, float: str) -> Written:
    """The script and its arrays. Errors: VerifierError for the equations of a backward pass."""
    if any(equation.cases for equation in problem.cell.equations):
        raise VerifierError("a backward pass is not exported", accepted="a problem itself")
    if float == "bfloat16":
        raise VerifierError("NumPy has no bfloat16", accepted="float16, float32 or float64")
    stem = problem.stem
    made: dict[str, str | bytes] = {f"{stem}.npz": _arrays(problem, float)}
    return Written(made | {f"{stem}.py": _script(problem, float)})


def _arrays(problem: Problem, float: str) -> bytes:
    numbers, out = Ieee(float), io.BytesIO()
    arrays: dict[str, Any] = {
        f"{section}.{name}": held(np.asarray(numbers.given(value)))
        for section in SECTIONS
        for name, value in getattr(problem, section).items()
    }
    ends = {"initial": (problem.cell.roles.initial, 0), "final": (problem.cell.roles.final, 10**9)}
    for section, (names, step) in ends.items():
        for name in (name for name in names if f"{section}.{name}" not in arrays):
            arrays[f"{section}.{name}"] = np.asarray(numbers.given(problem.end(name, step)))
    np.savez(out, **arrays)
    return out.getvalue()


HEAD = '''"""Equations in {float}, step by step: `python {stem}.py` prints every quantity."""

import math
from pathlib import Path

import numpy as np

F = np.{float}
given = np.load(Path(__file__).with_suffix(".npz"))
STEPS = {steps}


def softmax(x):
    powers = np.exp(x - np.max(x, axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)

'''

PRIMITIVES = {
    "max": "np.maximum({0}, {1})",
    "min": "np.minimum({0}, {1})",
    "abs": "np.abs({0})",
    "exp": "np.exp({0})",
    "tanh": "np.tanh({0})",
    "sqrt": "np.sqrt({0})",
    "log": "np.log({0})",
    "sin": "np.sin({0})",
    "cos": "np.cos({0})",
    "erf": "np.vectorize(math.erf, otypes=[F])({0})",
    "step": "np.heaviside({0}, F(0.5))",
    "positive": "np.heaviside({0}, F(0))",
    "softplus": "np.logaddexp({0}, F(0))",
    "pi": "F(math.pi)",
    "identity": "{0}",
    "outer": "np.outer({0}, {1})",
    "add": "({0} + {1})",
    "subtract": "({0} - {1})",
    "multiply": "({0} * {1})",
    "divide": "({0} / {1})",
    "matmul": "({0} @ {1})",
    "negate": "(-{0})",
    "transpose": "{0}.T",
}
"""Operations as expressions of NumPy."""


def _script(problem: Problem, float: str) -> str:
    lines = [HEAD.format(float=float, stem=problem.stem, steps=problem.steps)]
    lines += _functions(problem)
    lines += [
        "\nvalues = {}",
        *_ends(problem),
        *(line for block in problem.cell.blocks for line in _block(problem, block)),
        '\nif __name__ == "__main__":',
        "    for t in range(1, STEPS + 1):",
        f"        for name in {list(problem.cell.equation)!r}:",
        "            print(t, name, values[name, t])",
    ]
    return "\n".join(lines) + "\n"


def _functions(problem: Problem) -> Iterator[str]:
    """Functions that are defined by others, each behind those that it uses."""
    done: set[str] = set()

    def define(operation: str) -> Iterator[str]:
        tree = definition(operation)
        if operation in done or operation in PRIMITIVES or tree is None:
            return
        done.add(operation)
        for call in _calls(tree):
            yield from define(call)
        arguments = ", ".join(OPERATIONS[operation].arguments)
        yield f"def {operation}({arguments}):\n    return {_text(tree, False)}\n"

    for equation in problem.cell.equations:
        for call in _calls(equation.expression):
            yield from define(call)


def _calls(tree: Expression) -> list[str]:
    return [node.operation for _, node in nodes(tree) if isinstance(node, Call)]


def _ends(problem: Problem) -> Iterator[str]:
    """Inputs at every step, and what stands before the first or after the last one."""
    for name in problem.cell.roles.inputs:
        yield f'values |= {{({name!r}, t): row for t, row in enumerate(given["inputs.{name}"], 1)}}'
    for section, names, at in (
        ("initial", problem.cell.roles.initial, "0"),
        ("final", problem.cell.roles.final, "STEPS + 1"),
    ):
        yield from (f'values[{name!r}, {at}] = given["{section}.{name}"]' for name in names)


def _block(problem: Problem, block: Block) -> Iterator[str]:
    steps = "range(1, STEPS + 1)" if block.direction > 0 else "range(STEPS, 0, -1)"
    yield f"for t in {steps}:"
    for name in block.names:
        text = _text(problem.cell.equation[name].expression, True)
        yield f"    values[{name!r}, t] = np.asarray({text}, F)"


def _text(tree: Expression, timed: bool) -> str:
    """An expression of NumPy; in a function's definition names are arguments."""
    match tree:
        case Name(name, None):
            return f'given["parameters.{name}"]' if timed else name
        case Name(name, offset):
            return f"values[{name!r}, t{offset:+d}]" if offset else f"values[{name!r}, t]"
        case Number(text):
            return f"F({text})"
        case Call(operation, arguments):
            wholes = [part.value for part in arguments if isinstance(part, Whole)]
            parts = [_text(part, timed) for part in arguments if not isinstance(part, Whole)]
            return _call(operation, parts, wholes)
    raise VerifierError("an array in an equation", accepted="names and numbers")


def _call(operation: str, parts: list[str], wholes: list[int | None]) -> str:
    if operation in PRIMITIVES:
        return PRIMITIVES[operation].format(*parts)
    layout = _LAYOUTS.get(operation)
    return layout(parts, wholes) if layout else f"{operation}({', '.join(parts)})"


def _sliced(parts: list[str], wholes: list[int | None]) -> str:
    ends = ["" if end is None else str(end) for end in wholes]
    pairs = (f"{a}:{b}" for a, b in zip(ends[::2], ends[1::2], strict=True))
    return f"{parts[0]}[{', '.join(pairs)}]"


def _reduced(name: str) -> Any:
    def text(parts: list[str], wholes: list[int | None]) -> str:
        axis = f", axis={wholes[0]}" if wholes else ""
        return f"np.{name}({parts[0]}{axis})"

    return text


_LAYOUTS: dict[str, Any] = {
    "slice": _sliced,
    "sum": _reduced("sum"),
    "mean": _reduced("mean"),
    "power": lambda parts, wholes: f"({parts[0]} ** {wholes[0]})",
    "concat": lambda parts, wholes: "np.concatenate([{}], axis=-1)".format(
        ", ".join(f"np.atleast_1d({part})" for part in parts)
    ),
    "pad": lambda p, w: f"np.pad({p[0]}, [(0, 0)] * (np.ndim({p[0]}) - 1) + [({w[0]}, {w[1]})])",
    "fill": lambda p, w: f"np.broadcast_to({p[0]}, ({', '.join(map(str, w))}, *np.shape({p[0]})))",
}
