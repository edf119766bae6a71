"""Which piece of a solution is meant: its compact text form, its checks, and its label."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import prod
from typing import TypeVar

from verifier.derive.chain import LinkKind
from verifier.errors import DocumentError, nearest, shown
from verifier.language.operations import Shape
from verifier.problem import Problem
from verifier.problem.backward import backward
from verifier.problem.loss import is_own
from verifier.report.kinds import KINDS as DOCUMENTS
from verifier.solution import Solution

S = TypeVar("S", bound=Solution)

LINKS: tuple[LinkKind, ...] = (
    "equation",
    "numbers",
    "products",
    "preactivation",
    "exact",
    "value",
    "rounded",
)
"""The links of a chain in their order."""

OF_A_CELL = ("entries", "partial", "jacobian", "unrolled")
"""General: entries written out, derivatives of the equation and of a state, unrolled to inputs."""

OF_A_QUANTITY = (*LINKS, "chain", "terms", "number", *OF_A_CELL)
"""A link of the chain, the whole chain, the matrix products written out, digits alone, general."""

STEPLESS = ("equation", "entries", "partial", "jacobian")
"""What is also there at the general step."""

OF_A_STEP = ("step", "table", "backward")
OF_A_PROBLEM: tuple[str, ...] = ("table", "given", "cell", "notes", "backward", *DOCUMENTS)
PIECES = tuple(dict.fromkeys((*OF_A_QUANTITY, *OF_A_STEP, *OF_A_PROBLEM)))

FORM = re.compile(
    r"(?P<name>[^\W\d][\w\u0300-\u036f\u20d7]*)"  # letters may have accents behind them
    r"(?:@(?P<step>\d{1,7}))?(?P<index>(?:\[\d{1,7}(?:,\d{1,7})*\])*)"
    r"(?::(?P<kind>[\w-]+))?"
)
EXAMPLES = "forms such as z@2, z@2:numbers, z:equation, s[2][1], step@2, table or audit:drift"


@dataclass(frozen=True)
class Piece:
    """A part of a solution: its kind, and the quantity, step and entry that it is of.

    `index` counts from 0, as in the JSON rows; steps count from 1, 0 being the initial value.
    `section` is of a whole document.
    """

    kind: str
    name: str = ""
    step: int | None = None
    index: tuple[int, ...] = ()
    section: str = ""

    @property
    def whole(self) -> bool:
        """Whether it holds sentences and tables; the others are mathematics alone."""
        return not self.name and self.kind != "cell"

    def of(self, solution: S) -> S:
        """The solution that the piece is a part of: that of the backward pass for what is its own.

        Errors: VerifierError for a problem without a loss.
        """
        return solution.backward if self._backward(solution.problem) else solution

    def _backward(self, problem: Problem) -> bool:
        own = problem.loss is not None and is_own(self.name)
        return problem.backward is None and (self.kind == "backward" or own)

    @property
    def general(self) -> bool:
        """Whether it is of the cell, whatever the numbers are."""
        return self.kind in ("cell", *OF_A_CELL) or (self.kind == "equation" and self.step is None)

    def __str__(self) -> str:
        """The compact text form."""
        step = "" if self.step is None else str(self.step)
        if not self.name:
            section = f":{self.section}" if self.section else ""
            return self.kind + (f"@{step}" if step else "") + section
        if self.kind == "number":
            entry = f"[{','.join(map(str, self.index))}]" if self.index else ""
            return self.name + (f"[{step}]" if step else "") + entry
        return self.name + (f"@{step}" if step else "") + f":{self.kind}"


def parse(text: str) -> Piece:
    """The piece that a compact text form names.

    `z@2` is the chain of z at step 2, `z@2:numbers` a link of it, `z:equation` its equation at the
    general step, `s[2][1]` the second entry of s at step 2, `U_z[0,1]` an entry of a parameter;
    `step@2`, `table`, `given`, `cell`, `notes`, `backward` and `backward@2` are larger, and so is
    every kind of document, as `solution`; `audit:drift` is a section of one. `d_s@2` is of the
    backward pass.
    Errors: DocumentError for other forms and unknown kinds.
    """
    found = FORM.fullmatch(text.strip())
    if found is None:
        raise DocumentError(f"{shown(text)} names no piece", accepted=EXAMPLES)
    name, kind = found["name"], found["kind"]
    step = None if found["step"] is None else int(found["step"])
    index = tuple(int(k) for k in re.findall(r"\d+", found["index"]))
    if index:
        _one_of(kind or "number", ("number",), "the piece of an entry")
        return Piece("number", name, *((index[0], index[1:]) if step is None else (step, index)))
    if kind and name in DOCUMENTS and step is None and kind not in OF_A_QUANTITY:
        return Piece(name, section=kind)
    if kind:
        return Piece(_one_of(kind, OF_A_QUANTITY, "the piece of a quantity"), name, step)
    if name in (OF_A_PROBLEM if step is None else OF_A_STEP):
        return Piece(name, step=step)
    return Piece("number" if step is None else "chain", name, step)


def checked(problem: Problem, piece: Piece) -> Piece:
    """The piece, its parts held against the problem; the brackets of a parameter are its index.

    Errors: DocumentError for a kind, step, name or index that the problem does not have; what
    would be accepted is listed.
    """
    _one_of(piece.kind, PIECES, "the kind of a piece")
    if piece._backward(problem):
        problem = backward(problem)
    if not piece.name:
        return _checked_whole(problem, piece)
    _one_of(piece.kind, OF_A_QUANTITY, "the piece of a quantity")
    if piece.kind == "number":
        return _checked_number(problem, piece)
    _one_of(piece.name, problem.cell.equation, "a quantity")
    if piece.step is None and piece.kind in STEPLESS:
        return piece
    step = _in_steps(problem, piece.step)
    _check_there(problem, piece.name, step)
    return replace(piece, step=step)


def _check_there(problem: Problem, name: str, step: int) -> None:
    """Refuse a quantity at a step at which it is not there."""
    equation = problem.cell.equation.get(name)
    if equation is not None and equation.at(step) is None:
        there = [str(k) for k in range(1, problem.steps + 1) if equation.at(k) is not None]
        steps = f"step{'s' * (len(there) > 1)} {', '.join(there[:10])}"
        raise DocumentError(f"{name} is not there at step {step}", accepted=steps)


def _checked_whole(problem: Problem, piece: Piece) -> Piece:
    if piece.kind in OF_A_STEP and piece.step is not None:
        return replace(piece, step=_in_steps(problem, piece.step))
    if piece.kind == "step":
        return replace(piece, step=_in_steps(problem, None))
    _one_of(piece.kind, OF_A_PROBLEM, "the piece of a whole problem (others take a name)")
    if piece.step is not None:
        raise DocumentError(f"{piece.kind} is not of one step", accepted=piece.kind)
    return piece


def _checked_number(problem: Problem, piece: Piece) -> Piece:
    _one_of(piece.name, problem.shapes, "a name")
    shape = problem.shapes[piece.name]
    if piece.name in problem.parameters:
        step = () if piece.step is None else (piece.step,)
        return replace(piece, step=None, index=_inside(piece.name, shape, (*step, *piece.index)))
    ends = problem.cell.roles
    low = 0 if piece.name in ends.initial else 1
    high = problem.steps + (piece.name in ends.final)
    step_ = _in_steps(problem, piece.step, low, high)
    if 1 <= step_ <= problem.steps:
        _check_there(problem, piece.name, step_)
    return replace(piece, step=step_, index=_inside(piece.name, shape, piece.index))


def _inside(name: str, shape: Shape, index: tuple[int, ...]) -> tuple[int, ...]:
    """The index, where it is of one entry of the shape; none of all entries is right too."""
    right = len(index) == len(shape) and all(k < n for k, n in zip(index, shape, strict=True))
    if right or not index or (prod(shape) == 1 and set(index) == {0}):
        return index
    sides = " and ".join(f"0 to {n - 1}" for n in shape)
    raise DocumentError(
        f"{name} has no entry [{','.join(map(str, index))}]",
        accepted=f"indices from {sides}" if shape else "no index: it is a single number",
    )


def _in_steps(problem: Problem, step: int | None, low: int = 1, high: int | None = None) -> int:
    high = problem.steps if high is None else high
    if step is None or not low <= step <= high:
        what = "no step is named" if step is None else f"there is no step {step}"
        raise DocumentError(what, accepted=f"a step from {low} to {high}")
    return step


def _one_of(word: str, known: Iterable[str], what: str) -> str:
    choices = tuple(known)
    if word not in choices:
        raise DocumentError(
            f"{shown(word)} is not {what}{nearest(word, choices)}", accepted=", ".join(choices)
        )
    return word


def label_of(stem: str, piece: Piece) -> str:
    """The label by which notes refer to the piece: "eq:hw10-z-2"; stable while it is the same."""
    kind = "" if piece.name and piece.kind in ("chain", "number") else piece.kind
    step = "" if piece.step is None else str(piece.step)
    of_name = piece.name, step, *map(str, piece.index), kind
    quantity = of_name if piece.name else (kind, step, piece.section)
    slug = "-".join(re.sub(r"\W+", "-", part).strip("-") for part in (stem, *quantity) if part)
    return f"eq:{slug}"
