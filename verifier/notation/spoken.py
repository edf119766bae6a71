"""Mathematics as a lecturer would say it, for those who hear a document instead of seeing it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from verifier.language.tree import Call, Expression
from verifier.notation.accents import one_letter
from verifier.notation.indices import axis_of, index_of
from verifier.notation.precedence import ATOM
from verifier.notation.printer import ALONE, DOTS, Printer
from verifier.notation.spelling import GREEK, LETTERS, Spelling
from verifier.notation.symbols import Symbol


@dataclass(frozen=True)
class SpokenPrinter(Printer):
    """Spoken words; `vocabulary` holds them by key ("plus", "sigmoid", "row", …)."""

    vocabulary: Mapping[str, str] = field(default_factory=dict)

    def say(self, key: str, *parts: str) -> str:
        """The words of a key with parts put in; a key without words is said as it is."""
        known = self.vocabulary.get(key)
        return " ".join((key, *parts)) if known is None else known.format(*parts)

    def call(self, operation: str, arguments: Sequence[Expression], step: int | None) -> str:
        if operation in DOTS:
            return self.dots(operation)
        if operation == ALONE:
            return self.show(arguments[0], step)
        if operation == "stacked":
            return self._lines(arguments, step)
        if operation == "slice":
            return self._slice(self._argument(operation, 0, arguments[0], step), arguments[1:])
        axis = axis_of(operation, arguments)
        if axis is not None:
            operation, arguments = f"{operation}{axis}", arguments[:1]
        spoken = [self._argument(operation, k, part, step) for k, part in enumerate(arguments)]
        return self._phrase(operation, spoken)

    def _phrase(self, operation: str, spoken: list[str]) -> str:
        """The words for so many arguments: leaky_relu2 are those for one and a slope."""
        if not spoken:
            return self.say(operation)
        # A phrase that has no place for an argument would leave it unsaid.
        last = f"{{{len(spoken) - 1}}}"
        more = f"{operation}{len(spoken)}" if len(spoken) > 1 else operation
        for key in (more, operation):
            if last in self.vocabulary.get(key, ""):
                return self.say(key, *spoken)
        return self.function(self.called(operation), spoken)

    def _slice(self, whole: str, ends: Sequence[Expression]) -> str:
        """The entries of a vector, or the rows and columns of a matrix, that a slice takes."""
        parts = index_of(ends).split(",")
        keys = ("slice",) if len(parts) == 1 else ("slice.rows", "slice.columns")
        for key, part in reversed([*zip(keys, parts, strict=True)]):
            first, colon, last = part.partition(":")
            if colon and (first or last):
                whole = self.say(key, whole, first or "1", last or self.say("slice.last"))
            elif not colon:
                whole = self.say(f"{key}.one", whole, first)
        return whole

    def _lines(self, lines: Sequence[Expression], step: int | None) -> str:
        text = self.show(lines[0], step)
        for line in lines[1:]:
            join, operands = "add", (text, self.show(line, step))
            if isinstance(line, Call) and line.operation.startswith(("then_", "negate")):
                join = "subtract" if line.operation == "negate" else line.operation[5:]
                operands = (text, self.show(line.arguments[0], step))
            text = self.say(join, *operands)
        return text

    def symbol(self, symbol: Symbol, time: str, index: str = "") -> str:
        if symbol.kind in ("gradient", "sum"):
            return super().symbol(symbol, time, index)
        plain = replace(symbol, kind="gradient").spelled(self.spelled(symbol.of))
        at = [] if symbol.kind == "new" else [time]
        return self.say(symbol.kind, self.name(plain, ",".join(filter(None, [*at, index]))))

    def derivative(self, x: str, y: str) -> str:
        return self.say("gradient", x, y)

    def show_partial(self, x: str, y: str) -> str:
        return self.say("partial", x, y)

    def differential(self, x: str) -> str:
        return self.say("differential", x)

    def since(self, x: str, time: str) -> str:
        return self.say("since", x, time)

    def level_of(self, symbol: Symbol) -> int:
        return ATOM

    def name(self, spelling: Spelling, time: str) -> str:
        above, below = map(self.index_said, (spelling.superscript, spelling.subscript))
        return " ".join(filter(None, [_said(spelling.base), above, below, time]))

    def index_said(self, text: str) -> str:
        """An index of a name; letters that are not the name of one are said one by one."""
        if text.startswith("("):
            return self.say("parentheses", self.index_said(text[1:-1]))
        return " ".join(text) if text in GREEK else _said(text.replace(",", " "))

    def time(self, offset: int | None, step: int | None) -> str:
        if offset is None or step is not None:
            return super().time(offset, step)
        return {-1: self.say("previous"), 0: "t", 1: self.say("next")}[offset]

    def figures(self, digits: str) -> str:
        spoken = super().figures(digits).replace("…", " " + self.say("and so on"))
        return self.say("minus", spoken[1:]) if spoken.startswith("-") else spoken

    def interval(self, low: str, high: str) -> str:
        return self.say("interval", low, high)

    def tolerance(self, middle: str, off: str) -> str:
        return self.say("tolerance", middle, off)

    def fraction(self, sign: str, top: str, bottom: str) -> str:
        return self.say("over", self.say("minus", top) if sign else top, bottom)

    def scientific(self, digits: str, exponent: str) -> str:
        return self.say("scientific", digits, self.figures(exponent))

    def array(self, rows: list[list[str]], matrix: bool) -> str:
        if not matrix:
            return self.say("vector", ", ".join(entry for row in rows for entry in row))
        spoken = (self.say("row", str(k), ", ".join(row)) for k, row in enumerate(rows, 1))
        return self.say("matrix", "; ".join(spoken))

    def sign(self, text: str) -> str:
        return text

    def function(self, sign: str, arguments: list[str]) -> str:
        return self.say("function", sign, ", ".join(arguments))

    def radical(self, x: str) -> str:
        return self.say("sqrt", x)

    def fence(self, x: str) -> str:
        return self.say("abs", x)

    def marked(self, number: str) -> str:
        return self.say("marked", number)

    def show_power(self, x: str, n: str) -> str:
        return self.say("power", x, n)

    def show_entry(self, x: str, index: str) -> str:
        return self.say("entry", x, index)

    def parentheses(self, text: str) -> str:
        return self.say("parentheses", text)

    def dots(self, kind: str) -> str:
        return self.say("dots")

    def relation(self, sign: str) -> str:
        return self.say({"=": "equals", "≈": "about"}[sign])


def _said(text: str) -> str:
    letter, accents = one_letter(text) or (text, ())
    return " ".join([LETTERS.get(letter, letter), *(accent.name for accent in accents)])
