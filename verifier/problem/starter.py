"""A problem file to start from: a catalogue cell with numbers to change, and comments."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from math import prod
from random import Random
from typing import Any

from verifier import cells
from verifier.cells import Cell
from verifier.cells.combine import ALONE, Stack, combine
from verifier.errors import ProblemError
from verifier.language.operations import Shape, describe
from verifier.language.shapes import infer
from verifier.language.write import text_of
from verifier.rewrites.column import turn

WIDTH = 100
"""Characters of a line of comments or numbers; longer matrices have a row a line."""


@dataclass(frozen=True)
class Sizes:
    """How large a problem to start from is; a batch of 0 sequences is one without an axis for it.

    With `biases`, what a cell may leave out is given; with `column`, matrices stand on the left.
    """

    steps: int = 2
    inputs: int = 2
    hidden: int = 3
    batch: int = 0
    biases: bool = False
    column: bool = False
    stack: Stack = ALONE


PLAIN = Sizes()


def starter(name: str, sizes: Sizes = PLAIN) -> str:
    """The text of a TOML problem file for a cell of the catalogue: it has numbers, and solves.

    The same call gives the same text. Errors: ProblemError for a name that is not in the catalogue.
    """
    cell = combine(cells.load(name), sizes.stack)
    if sizes.batch and not cell.batch:
        raise ProblemError(f"{name} takes one sequence at a time", accepted="no batch")
    return "\n".join(_Starter(_turned(cell) if sizes.column else cell, sizes).lines()) + "\n"


def _turned(cell: Cell) -> Cell:
    return replace(cell, equations=turn(cell.equations))


@dataclass(frozen=True)
class _Starter:
    cell: Cell
    sizes: Sizes

    def lines(self) -> Iterator[str]:
        yield from self._head()
        yield from RULES.format(next(iter(self._shapes))).splitlines()
        yield from self._parameters()
        yield from self._ends()
        yield from self._inputs()

    def _head(self) -> Iterator[str]:
        cell, sizes = self.cell, self.sizes
        yield from _comment(cell.summary)
        yield "#"
        yield from (f"#     {line}" for line in self._equations())
        yield "#"
        yield from _comment(
            "All numbers here are examples: put your own in their place. `verifier solve` writes "
            "the worked solution, `verifier sheet` the question with blanks."
        )
        yield f"title = {_quoted(cell.title[:1].upper() + cell.title[1:])}"
        yield f"cell = {_quoted(cell.name)}"
        yield from _stacked(sizes.stack)
        if sizes.column:
            yield 'convention = "column"                # W @ x; left out: x @ W'
        yield from TEXTS.splitlines()

    def _equations(self) -> Iterable[str]:
        """The equations as the cell's author wrote them, with the parentheses that help."""
        equations = self.cell.equations
        if self.sizes.column or self.sizes.stack != ALONE:
            return text_of(equations).splitlines()
        return (equation.place.text if equation.place else "" for equation in equations)

    def _parameters(self) -> Iterator[str]:
        yield "[parameters]"
        yield '# Decimals are exact and print as they are typed; "1/3" is a number too.'
        yield '# Or: file = "weights.npz", with arrays of these names.'
        for name in self.cell.roles.parameters:
            shape = self._shapes[name]
            optional = name in self.cell.optional
            out = optional and not self.sizes.biases
            said = describe(shape) + ("; may be left out" if optional else "")
            yield from _given(name, self._numbers(name, shape), said, out)

    def _ends(self) -> Iterator[str]:
        for section, used, when in (
            ("initial", self.cell.roles.initial, "before the first step"),
            ("final", self.cell.roles.final, "behind the last step"),
        ):
            if used:
                yield ""
                yield f"[{section}]"
                yield f"# Values {when}; zeros when left out."
            for name in used:
                shape = self._batched(self._shapes[name])
                yield from _given(name, _nested(["0"] * prod(shape), shape), self._called(name))

    def _inputs(self) -> Iterator[str]:
        if not self.cell.roles.inputs:
            return
        yield ""
        yield "[inputs]"
        yield f"# One {'matrix' if self.sizes.batch else 'row'} a step."
        for name in self.cell.roles.inputs:
            shape = (self.sizes.steps, *self._batched(self._shapes[name]))
            yield from _given(name, self._numbers(name, shape), self._called(name))

    def _called(self, name: str) -> str:
        known = self.cell.words.get(name)
        return known.name if known else ""

    @property
    def _shapes(self) -> dict[str, Shape]:
        known = cells.lengths(self.sizes.inputs, self.sizes.hidden)
        given = {
            name: tuple(known[letter] for letter in size) for name, size in self.cell.sizes.items()
        }
        if self.sizes.column:
            given = {name: shape[::-1] for name, shape in given.items()}
        return infer(self.cell.equations, given)

    def _batched(self, shape: Shape) -> Shape:
        return (self.sizes.batch, *shape) if self.sizes.batch else shape

    def _numbers(self, name: str, shape: Shape) -> Any:
        """Decimals of two places, none of them zero, that look like those of a homework.

        Where the cell's file says what a number should be, they are that.
        """
        wanted, draw = self.cell.examples.get(name, ""), Random(f"{self.cell.name} {name}").random
        if wanted and wanted != "positive":
            return _nested([wanted] * prod(shape), shape)
        negative = 0.0 if wanted else 0.3
        signed = (
            ("-" if draw() < negative else "", 1 + int(98 * draw())) for _ in range(prod(shape))
        )
        return _nested([f"{sign}0.{count:02}" for sign, count in signed], shape)


RULES = """
[rounding]
places = 4                           # or figures = 4; [rounding.z] for a quantity z alone
mode = "half-even"                   # half-even half-up half-down up down ceiling floor
policy = "final"                     # what is rounded: results; or each "equation", "operation"

# [notation]
# hadamard = "∘"                     # or "⊙"
# [notation.names]                   # how names print: a base, ^above and _below, Greek by name
# {} = "xi_1"

"""

TEXTS = """
# statement = "What is asked for."   # printed on sheet and key, as course, author, date, points are
# language = "en"                    # or "de", "zh"
# detail = "full"                    # or "vector", "result": how much of each chain is shown
"""


def _stacked(stack: Stack) -> Iterator[str]:
    if stack.layers > 1:
        yield f"layers = {stack.layers}"
    if stack.bidirectional:
        yield "bidirectional = true"
    if stack.head:
        yield f'output_layer = "{stack.head}"'


def _comment(text: str) -> Iterable[str]:
    return (f"# {line}" for line in textwrap.wrap(text, WIDTH - 2))


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _nested(texts: list[str], shape: Shape) -> Any:
    """The texts as nested lists of a shape."""
    if not shape:
        return texts[0]
    width = len(texts) // shape[0]
    return [_nested(texts[k * width : (k + 1) * width], shape[1:]) for k in range(shape[0])]


def _given(name: str, value: Any, said: str, out: bool = False) -> Iterator[str]:
    """A key with its value and a comment; one that is left out is a comment as a whole."""
    mark = "# " if out else ""
    line = f"{mark}{name} = {_shown(value)}"
    if len(line) <= WIDTH:
        yield line.ljust(35) + (f"  # {said}" if said else "")
        return
    yield f"{mark}{name} = [" + (f"  # {said}" if said else "")
    yield from (f"{mark}  {_shown(row)}," for row in value)
    yield f"{mark}]"


def _shown(value: Any) -> str:
    return f"[{', '.join(map(_shown, value))}]" if isinstance(value, list) else value
