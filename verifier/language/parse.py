"""Equations from text. Python's own grammar reads them; nothing is ever run."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass

from verifier.errors import EquationError, Place, nearest
from verifier.language.operations import FUNCTIONS
from verifier.language.tree import Call, Equation, Expression, Name, Number, nodes

MAX_LENGTH = 20_000
MAX_DEPTH = 100

BINARY: dict[type[ast.operator], str] = {
    ast.Add: "add",
    ast.Sub: "subtract",
    ast.Mult: "multiply",
    ast.Div: "divide",
    ast.MatMult: "matmul",
}
OFFSETS = {"t": 0, "t-1": -1, "t+1": 1}
ACCEPTED = "+ - * / @, unary minus, .T, numbers, names, name[t], name[t-1], name[t+1], functions"


@dataclass(frozen=True)
class Source:
    """Where a text of equations stands: a file and the line before its first line."""

    file: str = "<equations>"
    before: int = 0
    indent: int = 0


def parse(text: str, source: Source | None = None) -> tuple[Equation, ...]:
    """The equations of a text, one a line, in source order.

    Errors: EquationError with the place in the text.
    """
    return _Reader(text, source or Source()).equations()


def parse_expression(text: str) -> Expression:
    """The tree of a single expression."""
    reader = _Reader(text, Source("<expression>"))
    return reader.expression(reader.parsed("eval").body)  # type: ignore[attr-defined]


class _Reader:
    def __init__(self, text: str, source: Source) -> None:
        self.text = text
        self.lines = text.splitlines() or [""]
        self.source = source
        if len(text) > MAX_LENGTH:
            raise EquationError(f"equations of {len(text)} characters; the limit is {MAX_LENGTH}")

    def place(self, line: int, column: int, width: int = 1) -> Place:
        shown = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        column = len(shown.encode()[:column].decode(errors="ignore"))
        before, indent = self.source.before, self.source.indent if line == 1 else 0
        return Place(self.source.file, before + line, column + 1 + indent, " " * indent + shown, width)

    def error(self, node: ast.AST, what: str, accepted: str = ACCEPTED) -> EquationError:
        line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
        end = getattr(node, "end_col_offset", column + 1)
        return EquationError(what, self.place(line, column, max(1, end - column)), accepted)

    def parsed(self, mode: str) -> ast.AST:
        try:
            return ast.parse(self.text, mode=mode)
        except SyntaxError as error:
            place = self.place(min(error.lineno or 1, len(self.lines)), (error.offset or 1) - 1)
            what = f"the equation cannot be read: {error.msg}"
        except (RecursionError, MemoryError, ValueError) as error:
            place, what = self.place(1, 0), f"the equations cannot be read: {error}"
        raise EquationError(what, place, "name[t] = expression, one equation a line")

    def equations(self) -> tuple[Equation, ...]:
        body = self.parsed("exec").body  # type: ignore[attr-defined]
        found: dict[str, Equation] = {}
        for statement in body:
            equation = self.equation(statement)
            if equation.name in found:
                raise self.error(statement, f"{equation.name!r} is defined twice", "one equation a name")
            found[equation.name] = equation
        if not found:
            raise EquationError("there is no equation", self.place(1, 0), "name[t] = expression")
        return tuple(found.values())

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
        return Equation(name.name, tree, self.place(statement.lineno, statement.col_offset))

    def expression(self, node: ast.AST) -> Expression:
        try:
            tree = self._expression(node)
            depth = max(len(path) for path, _ in nodes(tree))
        except RecursionError:
            depth = MAX_DEPTH + 1
        if depth > MAX_DEPTH:
            raise self.error(node, f"an expression nested deeper than {MAX_DEPTH}", "a shorter one")
        return tree

    def _expression(self, node: ast.AST) -> Expression:
        rule = _RULES.get(type(node))
        if rule is None:
            raise self.error(node, f"{type(node).__name__} has no meaning in an equation")
        return rule(self, node)

    def timed(self, node: ast.Subscript) -> Name:
        if not isinstance(node.value, ast.Name):
            raise self.error(node, "only a name can have a step", "name[t], name[t-1], name[t+1]")
        offset = re.sub(r"\s", "", ast.unparse(node.slice))
        if offset not in OFFSETS:
            raise self.error(node, f"the step [{offset}]", "[t], [t-1] or [t+1]")
        return Name(self.identifier(node.value), OFFSETS[offset])

    def identifier(self, node: ast.Name) -> str:
        if node.id in FUNCTIONS or node.id == "t":
            raise self.error(node, f"{node.id!r} cannot be a name", "a name that is no function")
        return node.id

    def name(self, node: ast.Name) -> Expression:
        return Name(self.identifier(node))

    def binary(self, node: ast.BinOp) -> Expression:
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
        if type(node.value) not in (int, float):
            raise self.error(node, f"{node.value!r} is no number", "an integer or a decimal")
        text = ast.get_source_segment(self.text, node) or repr(node.value)
        if not re.fullmatch(r"(\d[\d_]*\.?[\d_]*|\.\d[\d_]*)([eE][+-]?\d{1,4})?", text):
            raise self.error(node, f"the number {text[:40]}", "a decimal number such as 0.25 or 1e-3")
        return Number(text.replace("_", ""))

    def attribute(self, node: ast.Attribute) -> Expression:
        if node.attr != "T":
            raise self.error(node, f"the attribute .{node.attr}", ".T")
        return Call("transpose", (self._expression(node.value),))

    def call(self, node: ast.Call) -> Expression:
        if not isinstance(node.func, ast.Name) or node.keywords:
            raise self.error(node, "this call cannot be read", "function(argument, …)")
        function = FUNCTIONS.get(node.func.id)
        if function is None:
            hint = nearest(node.func.id, FUNCTIONS)
            raise self.error(
                node.func, f"the function {node.func.id!r} is not known{hint}", ", ".join(FUNCTIONS)
            )
        count = len(node.args)
        if count < function.least or (function.most is not None and count > function.most):
            most = "or more" if function.most is None else f"to {function.most}"
            raise self.error(node, f"{function.name} with {count} arguments", f"{function.least} {most}")
        return Call(function.name, tuple(self._expression(part) for part in node.args))


_RULES: dict[type[ast.AST], Callable[..., Expression]] = {
    ast.Name: _Reader.name,
    ast.Subscript: _Reader.timed,
    ast.BinOp: _Reader.binary,
    ast.UnaryOp: _Reader.unary,
    ast.Constant: _Reader.number,
    ast.Attribute: _Reader.attribute,
    ast.Call: _Reader.call,
}
