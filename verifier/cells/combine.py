"""Layers, both directions and an output layer: the equations of a cell, once for each.

A copy's names end in the layer (from 1) and the direction: `W_h_2_back` prints as ←W with its layer
above. The input of a layer is the output of the one below, of both directions side by side.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from verifier.cells import Cell, lengths, shared_words
from verifier.errors import ProblemError
from verifier.language.operations import FUNCTIONS
from verifier.language.shapes import infer
from verifier.language.tree import Call, Equation, Expression, Name, Path
from verifier.language.tree import replace as replaced

INPUT = "x"
MOST = 16
"""Layers of a stack."""

HEADS = ("identity", "sigmoid", "tanh", "relu", "softmax")
"""Functions of an output layer."""

ARROWS = {"fwd": "\u20d7", "back": "\u20d6"}
HEAD = ("y", "V", "b_y")
"""An output layer's quantity, matrix and bias."""


@dataclass(frozen=True)
class Stack:
    """How many layers, whether each runs in both directions, and the output layer's function."""

    layers: int = 1
    bidirectional: bool = False
    head: str = ""


ALONE = Stack()
"""The cell as it is."""


@dataclass(frozen=True)
class _Copy:
    """The cell in one layer and direction."""

    cell: Cell
    stack: Stack
    layer: int
    direction: str

    @property
    def suffix(self) -> str:
        """What the names of the copy end in."""
        layer = f"_{self.layer}" if self.stack.layers > 1 else ""
        return layer + (f"_{self.direction}" if self.direction else "")

    @property
    def own(self) -> tuple[str, ...]:
        """The names that each copy has for itself."""
        return (*self.cell.roles.defined, *self.cell.roles.parameters)

    def renamed(self, name: str) -> str:
        """A name of the cell in this copy."""
        if name == INPUT and self.layer > 1:
            return joined(self.cell, self.stack, self.layer - 1)
        return name + self.suffix if name in self.own else name

    def equations(self) -> Iterator[Equation]:
        """The equations; time runs the other way in the copy that goes back."""
        sign = -1 if self.direction == "back" else 1

        def rule(node: Expression, path: Path) -> Expression | None:
            if not isinstance(node, Name):
                return None
            return Name(self.renamed(node.name), node.offset and sign * node.offset)

        for equation in self.cell.equations:
            tree = replaced(equation.expression, rule)
            yield Equation(self.renamed(equation.name), tree, equation.place)

    def sizes(self, letter: str) -> Mapping[str, tuple[str, ...]]:
        """The sizes of parameters and inputs; a layer above the first has inputs of this length."""
        turned = {"n": letter} if self.layer > 1 else {}
        return {
            self.renamed(name): tuple(turned.get(part, part) for part in size)
            for name, size in self.cell.sizes.items()
            if name != INPUT or self.layer == 1
        }

    def spelling(self, name: str) -> str:
        """How a name of the copy is spelled: the layer above, what stood there below."""
        layer = f"^({self.layer})" if self.stack.layers > 1 else ""
        return _marked(self.cell.names.get(name, name), layer, self.direction)


def joined(cell: Cell, stack: Stack, layer: int) -> str:
    """The name of what a layer hands to the next."""
    return cell.output + (f"_{layer}" if stack.layers > 1 else "")


def _marked(spelled: str, layer: str, direction: str) -> str:
    base, _, rest = spelled.replace("^", "_").partition("_")
    below = f"_{rest}" if rest else ""
    return f"{base}{ARROWS.get(direction, '')}{layer}{below}"


def combine(cell: Cell, stack: Stack) -> Cell:
    """The cell in layers and directions, with an output layer where one is asked for.

    Errors: ProblemError for a cell that cannot be stacked so, and for what there is too much of.
    """
    _check(cell, stack)
    letter = ("2" if stack.bidirectional else "") + _letter(cell)
    if stack.layers > 1 or stack.bidirectional:
        cell = _stacked(cell, stack, letter)
    return _headed(cell, stack.head, letter) if stack.head else cell


def _stacked(cell: Cell, stack: Stack, letter: str) -> Cell:
    directions = ("fwd", "back") if stack.bidirectional else ("",)
    equations: list[Equation] = []
    found = replace(cell, names={}, words={INPUT: cell.words[INPUT]}, sizes={}, examples={})
    for layer in range(1, stack.layers + 1):
        copies = [_Copy(cell, stack, layer, direction) for direction in directions]
        for copy in copies:
            equations += copy.equations()
            found = _with(found, copy, letter)
        if stack.bidirectional:
            equations.append(_both(copies))
            found = _named(found, equations[-1].name, _Copy(cell, stack, layer, ""))
    output = joined(cell, stack, stack.layers)
    return replace(found, equations=tuple(equations), output=output, same_as="")


def _both(copies: list[_Copy]) -> Equation:
    """What both directions of a layer show, side by side."""
    first = copies[0]
    sides = tuple(Name(copy.renamed(copy.cell.output), 0) for copy in copies)
    return Equation(joined(first.cell, first.stack, first.layer), Call("concat", sides))


def _named(found: Cell, name: str, layer: _Copy) -> Cell:
    """The cell with words and spelling of what both directions of a layer show."""
    spelling = layer.spelling(layer.cell.output)
    words = {**found.words, name: shared_words()["joined"]}
    return replace(found, words=words, names={**found.names, name: spelling})


def _with(found: Cell, copy: _Copy, letter: str) -> Cell:
    """The cell with the words, spellings and sizes of a copy."""
    cell = copy.cell
    optional = {copy.renamed(name) for name in cell.optional}
    return replace(
        found,
        words={**{copy.renamed(k): words for k, words in cell.words.items() if k != INPUT}}
        | dict(found.words),
        names={**found.names, **{copy.renamed(n): copy.spelling(n) for n in copy.own}},
        optional=(found.optional - cell.optional) | optional,
        sizes={**found.sizes, **copy.sizes(letter)},
        examples={**found.examples, **{copy.renamed(k): v for k, v in cell.examples.items()}},
    )


def _letter(cell: Cell) -> str:
    """The letter of the length that the output has."""
    primes = dict(zip(lengths(1, 1), (101, 103, 107), strict=False))
    shapes = {name: tuple(primes[part] for part in size) for name, size in cell.sizes.items()}
    size = infer(cell.equations, shapes)[cell.output][-1]
    return next(letter for letter, length in primes.items() if length == size)


def _headed(cell: Cell, function: str, letter: str) -> Cell:
    """The cell with an output layer above what it shows, which has this length."""
    name, matrix, bias = HEAD
    taken = {*cell.roles.defined, *cell.roles.parameters, *cell.roles.inputs} & {*HEAD}
    if taken:
        what = f"{cell.name} has a {min(taken)} already"
        raise ProblemError(f"{what}, and an output layer another", accepted="no output_layer")
    product = Call("matmul", (Name(cell.output, 0), Name(matrix)))
    total: Expression = Call("add", (product, Name(bias)))
    tree = total if function == "identity" else Call(FUNCTIONS[function].name, (total,))
    return replace(
        cell,
        equations=(*cell.equations, Equation(name, tree)),
        words={**cell.words, name: shared_words()["output-layer"]},
        names={**cell.names, bias: "b^y"},
        optional=cell.optional | {bias},
        sizes={**cell.sizes, matrix: (letter, "p"), bias: ("p",)},
        output=name,
    )


def _check(cell: Cell, stack: Stack) -> None:
    if not 1 <= stack.layers <= MOST:
        raise ProblemError(f"{stack.layers} layers", accepted=f"from 1 to {MOST}")
    if stack.head and stack.head not in HEADS:
        raise ProblemError(f"the output layer {stack.head!r}", accepted=", ".join(HEADS))
    own_length = cell.sizes.get(INPUT) != ("n",) or _letter(cell) == "n"
    if own_length and stack.layers > 1 and stack.bidirectional:
        what = f"{cell.name}'s input and output are of one length"
        raise ProblemError(f"{what}, and both directions double it", accepted="layers = 1")
