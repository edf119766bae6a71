"""Mathematics as a lecturer would say it, for those who hear a document instead of seeing it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from verifier.language.tree import Call, Expression
from verifier.notation.accents import one_letter
from verifier.notation.printer import DOTS, Printer
from verifier.notation.spelling import LETTERS, Spelling


@dataclass(frozen=True)
class SpokenPrinter(Printer):
    """Spoken words; `vocabulary` holds them by key ("plus", "sigmoid", "row", …)."""

    vocabulary: Mapping[str, str] = field(default_factory=dict)

    def say(self, key: str, *parts: str) -> str:
        """The words of a key with parts put in; a key without words is said as it is."""
        return self.vocabulary.get(key, f"{key} {{0}}" if parts else key).format(*parts)

    def call(self, operation: str, arguments: Sequence[Expression], step: int | None) -> str:
        if operation in DOTS:
            return self.dots(operation)
        if operation == "stacked":
            return self._lines(arguments, step)
        spoken = [self._argument(operation, k, part, step) for k, part in enumerate(arguments)]
        # A phrase that has no place for an argument would leave it unsaid.
        last = f"{{{len(spoken) - 1}}}"
        if last in self.vocabulary.get(operation, last if len(spoken) == 1 else ""):
            return self.say(operation, *spoken)
        return self.function(operation, spoken)

    def _lines(self, lines: Sequence[Expression], step: int | None) -> str:
        text = self.show(lines[0], step)
        for line in lines[1:]:
            join, operands = "add", (text, self.show(line, step))
            if isinstance(line, Call) and line.operation.startswith(("then_", "negate")):
                join = "subtract" if line.operation == "negate" else line.operation[5:]
                operands = (text, self.show(line.arguments[0], step))
            text = self.say(join, *operands)
        return text

    def name(self, spelling: Spelling, time: str) -> str:
        parts = (spelling.base, spelling.superscript, spelling.subscript.replace(",", " "), time)
        return " ".join(_said(part) for part in parts if part)

    def time(self, offset: int | None, step: int | None) -> str:
        if offset is None or step is not None:
            return super().time(offset, step)
        return {-1: self.say("previous"), 0: "t", 1: self.say("next")}[offset]

    def figures(self, digits: str) -> str:
        spoken = super().figures(digits).replace("…", " " + self.say("and so on"))
        return self.say("minus", spoken[1:]) if spoken.startswith("-") else spoken

    def fraction(self, sign: str, top: str, bottom: str) -> str:
        return self.say("over", self.say("minus", top) if sign else top, bottom)

    def scientific(self, digits: str, exponent: str) -> str:
        return self.say("scientific", digits, self.figures(exponent))

    def array(self, rows: list[list[str]], matrix: bool) -> str:
        if not matrix:
            return self.say("vector", ", ".join(entry for row in rows for entry in row))
        spoken = (self.say("row", str(k), ", ".join(row)) for k, row in enumerate(rows, 1))
        return self.say("matrix", "; ".join(spoken))

    def function(self, operation: str, arguments: list[str]) -> str:
        return self.say("function", operation, ", ".join(arguments))

    def parentheses(self, text: str) -> str:
        return self.say("parentheses", text)

    def dots(self, kind: str) -> str:
        return self.say("dots")

    def relation(self, sign: str) -> str:
        return self.say({"=": "equals", "≈": "about"}[sign])


def _said(text: str) -> str:
    letter, accents = one_letter(text) or (text, ())
    return " ".join([LETTERS.get(letter, letter), *(accent.name for accent in accents)])
