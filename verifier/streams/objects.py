"""A stream's inputs as JSON Lines: an object a step, or the numbers of the only input alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from verifier.errors import ProblemError, nearest, shown
from verifier.language.operations import describe
from verifier.numbers import Numbers
from verifier.problem.source import TwiceError, from_json
from verifier.streams.lines import Entries, Line, LineFile


@dataclass(eq=False)
class Objects(LineFile):
    """The lines of a file of JSON Lines."""

    closing: ClassVar[tuple[str, ...]] = ("]", "}")

    def lines(self, lines: Iterator[Line]) -> Iterator[Line]:
        """All lines."""
        return lines

    def entries(self, line: Line) -> Entries:
        """The numbers in a line."""
        value = _parsed(line)
        if not isinstance(value, dict):
            if len(self.shapes) > 1:
                raise line.wrong("this is no object", self._form())
            value = {next(iter(self.shapes)): value}
        for name in value:
            if name not in self.shapes:
                hint = nearest(name, self.shapes)
                raise line.wrong(f"{shown(name)} is no input{hint}", self._form())
        return {name: self._numbers(line, name, value) for name in self.shapes}

    def _numbers(self, line: Line, name: str, value: dict[str, Any]) -> tuple[str, ...]:
        if name not in value:
            raise line.wrong(f"{name} is missing at this step", self._form())
        try:
            found = Numbers.typed(_plain(value[name]))
        except ProblemError as error:
            raise line.wrong(f"{name}: {error.what}", error.accepted) from None
        if found.shape != self.shapes[name]:
            here, there = describe(found.shape), describe(self.shapes[name])
            raise line.wrong(f"{name} is {here} at this step", there)
        return found.texts

    def _form(self) -> str:
        """What a line looks like."""
        return "{" + ", ".join(f'"{name}": …' for name in self.shapes) + "}"


def _plain(value: Any) -> Any:
    """The value, in which words and objects are their texts, which are no numbers."""
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return value if isinstance(value, str) else json.dumps(value)


def _parsed(line: Line) -> Any:
    try:
        return from_json(line.text)
    except json.JSONDecodeError as error:
        what = f"this is not JSON: {error.msg}"
        raise line.wrong(what, "an object or a list", error.pos, error.pos + 1) from None
    except TwiceError as error:
        raise line.wrong(
            f"the key {shown(error.args[0])} stands twice", "one value a key"
        ) from None
    except RecursionError:
        raise line.wrong("this is nested too deeply", "numbers, or lists of them") from None
