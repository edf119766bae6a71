"""Equations from text. Python's own grammar reads them; nothing is ever run."""

from __future__ import annotations

import ast
import keyword
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass

from verifier import effort
from verifier.errors import EquationError, Place, nearest, shown
from verifier.language.operations import FUNCTIONS, Operation
from verifier.language.tree import Call, Equation, Expression, Name, Number, Whole, nodes, replace

RESERVED = ("t", "file")  # the step, and the key that names a weights file

BINARY: dict[type[ast.operator], str] = {
    ast.Add: "add",
    ast.Sub: "subtract",
    ast.Mult: "multiply",
    ast.Div: "divide",
    ast.MatMult: "matmul",
}
NUMBER = re.compile(r"(\d[\d_]*\.?[\d_]*|\.\d[\d_]*)([eE][+-]?\d{1,3})?", re.ASCII)
WORD_OF_PYTHON = re.compile(rf"\b({'|'.join(keyword.kwlist)})\b")
NEWLINE = re.compile(r"\r\n|\r|\n")
SUGAR = {
    "square": ("x", "x ** 2"),
    "squared_error": ("x y", "sum((x - y) ** 2)"),
    "half_squared_error": ("x y", "sum((x - y) ** 2) / 2"),
    "cross_entropy": ("p y", "-sum(y * log(p))"),
    "binary_cross_entropy": ("p y", "-sum(y * log(p) + (1 - y) * log(1 - p))"),
}
"""Names that stand for an expression: what they take, and what is read in their place."""

KNOWN = sorted(name for name, row in FUNCTIONS.items() if row.kind == "function")
ACCEPTED = (
    "+ - * / @, ** with a whole number, unary minus, .T, numbers, names, name[t], name[t-1],"
    " name[t+1], slices, functions"
)


@dataclass(frozen=True)
class Source:
    """Where a text of equations stands: a file and the line before its first line."""

    file: str = "<equations>"
    before: int = 0
    indent: int = 0


def parse(text: str, source: Source | None = None) -> tuple[Equation, ...]:
    """The equations of a text, one a line, in source order; lines may be indented.

    Errors: EquationError with the place in the text.
    """
    return _Reader(text, source or Source()).equations()


def parse_expression(text: str) -> Expression:
    """The tree of a single expression."""
    reader = _Reader(text, Source("<expression>"))
    return reader.expression(reader.parsed("eval").body)  # type: ignore[attr-defined]


class _Reader:
    def __init__(self, text: str, source: Source) -> None:
        self.lines = NEWLINE.split(text)
        self.stripped = [line.lstrip() for line in self.lines]
        self.source = source
        self.bare: dict[str, ast.Name] = {}
        self.stepped: set[str] = set()
        if len(text) > effort.EQUATIONS:
            raise EquationError(
                f"equations of {len(text)} characters",
                self.place(1, 0),
                f"at most {effort.EQUATIONS}",
            )

    def place(self, line: int, column: int, width: int = 1) -> Place:
        """The place of a column of a stripped line; columns count characters from 0."""
        text = self.lines[line - 1]
        column += len(text) - len(self.stripped[line - 1])
        before, indent = self.source.before, self.source.indent if line == 1 else 0
        return Place(
            self.source.file, before + line, column + 1 + indent, " " * indent + text, width
        )

    def span(self, node: ast.AST) -> tuple[int, int, int]:
        """The line, first column and last column of a node; `ast` counts columns in bytes."""
        line = getattr(node, "lineno", 1)
        text = self.stripped[line - 1].encode(errors="replace")
        start = getattr(node, "col_offset", 0)
        last = getattr(node, "end_lineno", line) == line
        end = getattr(node, "end_col_offset", len(text)) if last else len(text)
        return line, len(text[:start].decode()), len(text[:end].decode())

    def source_of(self, node: ast.AST) -> str:
        """The characters of a node, its first line only."""
        line, start, end = self.span(node)
        return self.stripped[line - 1][start:end]

    def error(self, node: ast.AST, what: str, accepted: str = ACCEPTED) -> EquationError:
        line, start, end = self.span(node)
        return EquationError(what, self.place(line, start, max(1, end - start)), accepted)

    def parsed(self, mode: str) -> ast.AST:
        try:
            with warnings.catch_warnings():  # Python warns of `1if`, '\\d' and the like
                warnings.simplefilter("ignore")
                return ast.parse("\n".join(self.stripped), mode=mode)
        except SyntaxError as error:
            line = min(max(1, error.lineno or 1), len(self.lines))
            place = self.place(line, max(0, (error.offset or 1) - 1))
            reason = _reason(error.msg, self.stripped[line - 1])
            what = f"the equation cannot be read: {reason}"
        except (RecursionError, MemoryError):
            place, what = self.place(1, 0), "the equations are nested too deeply to be read"
        except ValueError as error:  # null characters, halves of surrogate pairs
            place, what = self.place(1, 0), f"the equations cannot be read: {shown(str(error))}"
        raise EquationError(what, place, "name[t] = expression, one equation a line")

    def equations(self) -> tuple[Equation, ...]:
        body = self.parsed("exec").body  # type: ignore[attr-defined]
        found: dict[str, Equation] = {}
        for statement in body:
            equation = self.equation(statement)
            if equation.name in found:
                what = f"{equation.name!r} is defined twice"
                raise self.error(statement, what, "one equation a name")
            found[equation.name] = equation
        if not found:
            raise EquationError("there is no equation", self.place(1, 0), "name[t] = expression")
        self.check_bare()
        return tuple(found.values())

    def check_bare(self) -> None:
        """Refuse a name that stands with a step here and without one there."""
        for name, node in self.bare.items():
            if name in self.stepped:
                raise self.error(
                    node,
                    f"{name!r} stands without a step, but has one elsewhere",
                    f"{name}[t], {name}[t-1] or {name}[t+1]",
                )

    def equation(self, statement: ast.stmt) -> Equation:
        if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
            raise self.error(statement, "this is no equation", "name[t] = expression")
        target = statement.targets[0]
        if not isinstance(target, ast.Subscript):
            raise self.error(target, "the left-hand side is no quantity at step t", "name[t]")
        name = self.timed(target)
        if name.offset != 0:
            raise self.error(target, f"{name.name!r} is defined at another step than t", "name[t]")
        tree = self.expression(statement.value)
        line, start, end = self.span(target)
        return Equation(name.name, tree, self.place(line, start, end - start))

    def expression(self, node: ast.AST) -> Expression:
        try:
            tree = self._expression(node)
            depth = max(len(path) for path, _ in nodes(tree))
        except RecursionError:
            depth = effort.NESTING + 1
        if depth > effort.NESTING:
            raise self.error(
                node, f"an expression nested deeper than {effort.NESTING}", "a shorter one"
            )
        return tree

    def _expression(self, node: ast.AST) -> Expression:
        rule = _RULES.get(type(node))
        if rule is None:
            raise self.error(node, f"{type(node).__name__} has no meaning in an equation")
        return rule(self, node)

    def subscript(self, node: ast.Subscript) -> Expression:
        """A name at a step, or a slice."""
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if not any(isinstance(part, ast.Slice) for part in parts):
            return self.timed(node)
        if len(parts) > 2 or not all(isinstance(part, ast.Slice) for part in parts):
            raise self.error(node, "this slice cannot be read", "[a:b] or [a:b, c:d]")
        if any(part.step is not None for part in parts):  # type: ignore[attr-defined]
            raise self.error(node, "a slice with a stride", "[a:b]")
        ends = [self.end(end) for part in parts for end in (part.lower, part.upper)]  # type: ignore[attr-defined]
        return Call("slice", (self._expression(node.value), *ends))

    def end(self, node: ast.expr | None) -> Whole:
        return Whole(None) if node is None else self.whole(node, effort.WHOLE)

    def whole(self, node: ast.expr, most: int) -> Whole:
        """A whole number, which shapes the result."""
        sign = 1
        while isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            sign, node = -sign, node.operand
        value = node.value if isinstance(node, ast.Constant) else None
        if type(value) is not int or value > most:
            what = f"{shown(self.source_of(node))} where a whole number belongs"
            raise self.error(node, what, f"a number from -{most} to {most}, such as 2")
        return Whole(sign * value)

    def timed(self, node: ast.Subscript) -> Name:
        if not isinstance(node.value, ast.Name):
            raise self.error(node, "only a name can have a step", "name[t], name[t-1], name[t+1]")
        offset = _offset(node.slice)
        if offset is None:
            step = shown(self.source_of(node.slice)).strip("'\"")
            raise self.error(node, f"the step [{step}]", "[t], [t-1] or [t+1]")
        name = self.identifier(node.value)
        self.stepped.add(name)
        return Name(name, offset)

    def identifier(self, node: ast.Name) -> str:
        if node.id in FUNCTIONS or node.id in RESERVED:
            what = f"{shown(node.id)} cannot be a name"
            raise self.error(node, what, "a name that is neither t nor a function")
        if len(node.id) > effort.NAME:
            what = f"a name of {len(node.id)} characters"
            raise self.error(node, what, f"at most {effort.NAME}")
        return node.id

    def name(self, node: ast.Name) -> Expression:
        name = self.identifier(node)
        self.bare.setdefault(name, node)
        return Name(name)

    def binary(self, node: ast.BinOp) -> Expression:
        if isinstance(node.op, ast.Pow):
            exponent = self.whole(node.right, effort.POWER)
            return Call("power", (self._expression(node.left), exponent))
        operation = BINARY.get(type(node.op))
        if operation is None:
            raise self.error(node, f"the operator {type(node.op).__name__} has no meaning here")
        return Call(operation, (self._expression(node.left), self._expression(node.right)))

    def unary(self, node: ast.UnaryOp) -> Expression:
        if isinstance(node.op, ast.UAdd):
            return self._expression(node.operand)
        if not isinstance(node.op, ast.USub):
            raise self.error(node, f"the operator {type(node.op).__name__} has no meaning here")
        return Call("negate", (self._expression(node.operand),))

    def number(self, node: ast.Constant) -> Expression:
        text = self.source_of(node)
        if type(node.value) not in (int, float) or not NUMBER.fullmatch(text):
            what = f"{text[:40]} is no decimal number"
            raise self.error(node, what, "a decimal number such as 0.25 or 1e-3")
        if len(text) > effort.NUMBER:
            what = f"a number of {len(text)} characters"
            raise self.error(node, what, f"at most {effort.NUMBER}")
        return Number(text.replace("_", ""))

    def attribute(self, node: ast.Attribute) -> Expression:
        if node.attr != "T":
            raise self.error(node, f"the attribute .{node.attr}", ".T")
        return Call("transpose", (self._expression(node.value),))

    def call(self, node: ast.Call) -> Expression:
        if not isinstance(node.func, ast.Name):
            raise self.error(node, "this call cannot be read", "function(argument, …)")
        if node.func.id in SUGAR:
            return self.sweet(node, *SUGAR[node.func.id])
        function = FUNCTIONS.get(node.func.id)
        if function is None:
            hint = nearest(node.func.id, [*FUNCTIONS, *SUGAR])
            what = f"the function {shown(node.func.id)} is not known{hint}"
            raise self.error(node.func, what, ", ".join(KNOWN))
        arguments = self.arguments(node, function)
        count = len(arguments)
        if count < function.least or (function.most is not None and count > function.most):
            what = f"{function.name} with {count} argument{'s' if count != 1 else ''}"
            raise self.error(node, what, _count(function))
        plain = count if function.most is None else len(function.arguments)
        wholes = [self.whole(part, effort.WHOLE) for part in arguments[plain:]]
        return Call(function.name, (*map(self._expression, arguments[:plain]), *wholes))

    def sweet(self, node: ast.Call, takes: str, text: str) -> Expression:
        """What a name stands for, its arguments put in."""
        names = takes.split()
        if len(node.args) != len(names) or node.keywords:
            what = f"{node.func.id} with {len(node.args)} argument{'s' * (len(node.args) != 1)}"  # type: ignore[attr-defined]
            raise self.error(node, what, f"{len(names)}")
        parts = dict(zip(names, map(self._expression, node.args), strict=True))
        return replace(
            parse_expression(text),
            lambda part, path: parts.get(part.name) if isinstance(part, Name) else None,
        )

    def arguments(self, node: ast.Call, function: Operation) -> list[ast.expr]:
        """The arguments in order; an axis may be named, as in NumPy."""
        named = [word.value for word in node.keywords if word.arg == "axis"]
        if len(named) != len(node.keywords) or (named and function.wholes != (0, 1)):
            what = "an argument with a keyword"
            raise self.error(node.keywords[0], what, "arguments without keywords, in order")
        return [*node.args, *named]


def _offset(node: ast.AST) -> int | None:
    match node:
        case ast.Name("t"):
            return 0
        case ast.BinOp(ast.Name("t"), ast.Add() | ast.Sub() as sign, ast.Constant(int(one))):
            if one == 1 and one is not True:
                return 1 if isinstance(sign, ast.Add) else -1
    return None


def _count(function: Operation) -> str:
    if function.most is None:
        return f"{function.least} or more"
    least, most = function.least, function.most
    return f"{least}" if least == most else f"{least} to {most}"


def _reason(message: str, line: str) -> str:
    word = WORD_OF_PYTHON.search(line)
    if word:
        return f"{word[0]!r} is a word of Python and cannot be a name"
    return "a number of too many digits" if message.startswith("Exceeds the limit") else message


_RULES: dict[type[ast.AST], Callable[..., Expression]] = {
    ast.Name: _Reader.name,
    ast.Subscript: _Reader.subscript,
    ast.BinOp: _Reader.binary,
    ast.UnaryOp: _Reader.unary,
    ast.Constant: _Reader.number,
    ast.Attribute: _Reader.attribute,
    ast.Call: _Reader.call,
}
