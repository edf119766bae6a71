"""What programs show on their consoles, as lines `name = value` that one reader reads.

MATLAB, Octave, R, Julia, Mathematica, WolframAlpha, IPython and Python each have their prompt and
their way to show a value under its name. A line keeps its number, so that places stay true.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from verifier import effort
from verifier.check.answers.marks import LISTS
from verifier.check.answers.words import STEPS

Line = tuple[int, str]
"""The number of a line, from 0, and its text."""

PROMPTS: Final = (
    ("Python", r">>>|\.\.\.(?=\s)"),
    ("IPython and Mathematica, what was typed", r"In\s?\[\d+\]:=?"),
    ("IPython and Mathematica, what was shown", r"Out\s?\[\d+\](?://\w+)?\s?=|Out\[\d+\]:"),
    ("Octave", r"octave:\d+>"),
    ("Julia", r"julia>"),
    ("MATLAB and R", r">>?(?=\s)"),
)
PROMPT: Final = re.compile(rf"\s*+(?:{'|'.join(pattern for _, pattern in PROMPTS)})[ \t]*+")
SHOWN: Final = re.compile(r"\s*+Out")

SHAPES: Final = (
    ("MATLAB", r"Columns?\s\d+(?:\s(?:through|and|to)\s\d+)?:?"),
    ("MATLAB", r"(?:scalar\s)?struct(?:ure)?\s[\w ]{1,40}+:"),
    ("MATLAB and Julia", r"\d+[×x]\d+\s[\w{} ,]{1,40}+:?"),
    ("Julia", r"\d+[×x]\d+\s\w{1,20}+\(::[\w{}, ]{1,60}+\)\swith\seltype\s[\w{}]{1,40}+:"),
    ("Julia", r"\d+-element\s[\w{} ,.]{1,60}+:"),
    ("R", r"(?:\s*+\[,\d+\])++"),
    ("R", r"#\sA\s(?:tibble|data\.table):\s[\d,]++\s[x×]\s\d+"),
    ("polars", r"shape:\s\(\d+,(?:\s\d+)?\)"),
    ("pandas and databases", r"[\[(]?\d+\srows?(?:\s[x×]\s\d+\scolumns?)?[\])]?"),
    ("pandas", r"(?:Name:\s[^,\n]{1,60}+,\s)?(?:Length:\s\d+,\s)?dtype:\s\w++"),
)
SKIPPED: Final = re.compile(rf"\s*+(?:{'|'.join(pattern for _, pattern in SHAPES)})\s*+")
"""Lines about the shape of what stands beside them: 1×3 Matrix{Float64}:, [2 rows x 9 columns]."""

STEP: Final = re.compile(
    rf"\W*+(?:time[\s_]?step|step|{STEPS}|t)\s*+(?:[=:_]\s*+)?\d{{1,9}}\W*+", re.IGNORECASE
)
"""A heading of a step, which names no value: Step 1:, t = 2."""

NAME: Final = re.compile(r"\s*+(?P<name>[^\W\d][^=:≈|\n]{0,80}?)\s*[=:](?:\s*\d+[×x]\d+)?\s*")
"""A name alone on a line, whose value follows: z1 =, h_1:, h1 = 1×3."""

FORMED: Final = re.compile(r"\s*+(?P<name>[^\W\d][\w\[\]]{0,60}+)\s*+//\s*+\w{1,20}Form\s*+")
"""A name before what Mathematica shows as a matrix: h1 // MatrixForm."""

ELEMENT: Final = re.compile(r"\[\[(?P<number>\d{1,9})\]\]|\$`?(?P<name>[\w. ]{1,60}+)`?")
ELEMENTS: Final = re.compile(r"\s*+(?:\[\[\d{1,9}\]\]|\$`?[\w. ]{1,60}+`?)+")
"""The name of an element of a list of R, whose value follows: $h1, $t1$h, [[1]]$h."""

METHOD: Final = re.compile(
    r"(?:\.(?:round|numpy|detach|cpu|tolist|item|T|values?|flatten|ravel|squeeze))+$"
)
"""What is asked of a value, and is no part of its name: h_1.round(4)."""

TYPED: Final = re.compile(r"(?P<name>[^\W\d][\w.]{0,60}+)\s*+(?P<code>(?:=|<-)(?!=))?")
CALLED: Final = re.compile(
    r"(?:(?:[\w.]{0,20}\.)?(?:print|disp|show|display|round|signif|format|dput|N)[(\[]){1,3}"
    r"(?P<name>[^\W\d][\w.]{0,60}+)\s*[,)\]]"
)
COUNTED: Final = re.compile(r"\s*+\[(?P<row>\d{1,6})(?P<comma>,?)\]\s*+")
"""The number before a line of R: [1] of a vector, [1,] of a matrix."""

SCALE: Final = re.compile(r"\s*+1(?:\.0*)?(?P<power>[eE][+\-]?\d{1,3})\s*\*\s*")
NUMBERS: Final = re.compile(
    r"\s*+(?:[+\-−]?(?:\d[\d.,]*+|\.\d[\d,]*+)(?:[eE][+\-]?\d++,?+)?+(?:[\s;]++|$))++"
)
FLOATS: Final = (
    (re.compile(r"(?<=[\d.])\*\^(?=[+\-]?\d)"), "e"),
    (re.compile(r"(?<=[\d.])`[\d.]*+"), ""),
    (re.compile(r"(?<=\d)f(?=[+\-]?\d)"), "e"),
    (re.compile(r"\b(?:Float|Int)(?:16|32|64)(?=\[)"), ""),
    *LISTS,
)
"""Numbers as programs write them: 1.2*^-5, 0.5381`4, 0.5f0, Float32[…], c(0.1, 0.2)."""

RULES: Final = re.compile(
    r'\s*+(?:\{|<\|)(?P<inner>\s*+"?[^\W\d][\w\[\]]{0,60}+"?\s*+->.*)(?:\}|\|>)\s*+'
)
"""Rules of Mathematica, in a list or an association: {z1 -> 0.5, r1 -> 0.25}."""

BARS: Final = re.compile(r"\([^()]*+\)")
"""A matrix of WolframAlpha: (0.1 | 0.2)."""


def canonical(lines: Sequence[str]) -> Iterator[Line]:
    """The lines with values beside their names, prompts and shapes left out."""
    console = _Console()
    for number, line in enumerate(lines):
        yield from console.line(number, line)
    yield from console.ended()


def plain(line: str) -> str:
    """The line with numbers as everyone writes them."""
    if rules := RULES.fullmatch(line):
        line = rules["inner"]
    for pattern, instead in FLOATS:
        line = pattern.sub(instead, line)
    return BARS.sub(lambda found: found[0].replace("|", ","), line) if "|" in line else line


@dataclass
class _Shown:
    """A value that is being shown under its name: rows of numbers, perhaps in blocks of columns."""

    name: str
    number: int
    typed: bool

    def __post_init__(self) -> None:
        self.rows: list[list[str]] = []
        self.at = 0
        self.power = ""

    def row(self, numbers: Sequence[str], at: int | None = None) -> None:
        """Take in a line of it: the next row, or more of one that is there."""
        at = self.at if at is None else at
        if at >= len(self.rows):
            self.rows.append([])
            at = len(self.rows) - 1
        scaled = (text if re.search("[eE]", text) else text + self.power for text in numbers)
        self.rows[at] += scaled
        self.at = at + 1

    @property
    def text(self) -> str:
        """The line that says it."""
        rows = [" ".join(row) for row in self.rows]
        if len(rows) == 1:
            value = rows[0] if len(self.rows[0]) == 1 else f"[{rows[0]}]"
        else:
            value = "[" + ", ".join(f"[{row}]" for row in rows) + "]"
        return f"{self.name} = {value}"


class _Console:
    """Lines of a console while they are read; `shown` is the value that a name waits for."""

    def __init__(self) -> None:
        self.shown: _Shown | None = None

    def ended(self) -> Iterator[Line]:
        """The value that was shown, if one was."""
        shown, self.shown = self.shown, None
        if shown is not None and shown.rows:
            yield shown.number, shown.text

    def line(self, number: int, line: str) -> Iterator[Line]:
        """What a line says, and what has ended with it."""
        if len(line) > effort.LINE:
            yield from self.ended()
            yield number, line
            return
        prompt = PROMPT.match(line)
        if prompt is None:
            yield from self.output(number, plain(line))
        elif SHOWN.match(line):
            yield from self.output(number, plain(line[prompt.end() :]))
        else:
            yield from self.ended()
            yield from self.typed(number, line[prompt.end() :])

    def typed(self, number: int, code: str) -> Iterator[Line]:
        """What was typed gives its value a name; numbers that were typed are answers."""
        code = plain(code)
        found = CALLED.match(code) or TYPED.match(code)
        if found is None:
            self.shown = _Shown("", number, True)
        elif found.re is TYPED and found["code"] and _is_value(code[found.end() :]):
            yield number, code
        else:
            self.shown = _Shown(METHOD.sub("", found["name"]), number, True)

    def output(self, number: int, line: str) -> Iterator[Line]:
        """What a program shows: a name, a shape, a row of numbers, or a line that says it all."""
        if not line.strip():
            return
        shown = self.shown
        if SKIPPED.fullmatch(line):
            if shown is not None:
                shown.at = 0
        elif shown is not None and (scale := SCALE.fullmatch(line)):
            shown.power = scale["power"]
        elif STEP.fullmatch(line):
            yield from self.ended()
            yield number, line
        elif name := _name(line):
            if shown is None or not shown.typed or shown.rows or name != shown.name:
                yield from self.ended()
                self.shown = _Shown(name, number, False)
        elif shown is not None and self.row(shown, number, line):
            return
        else:
            yield from self.otherwise(number, line)

    def row(self, shown: _Shown, number: int, line: str) -> bool:
        """Take in a row of numbers of what is being shown; False for another line."""
        counted = COUNTED.match(line)
        text = line[counted.end() :] if counted else line
        if not shown.name or not NUMBERS.fullmatch(text):
            return False
        if not shown.rows:
            shown.number = number
        at = None
        if counted:
            at = int(counted["row"]) - 1 if counted["comma"] else 0
        shown.row([part.strip(",;") for part in text.split()], at)
        return True

    def otherwise(self, number: int, line: str) -> Iterator[Line]:
        """A line that is no row of numbers: the value of what was typed, or one by itself."""
        shown = self.shown
        bare = line.lstrip()[:1] in tuple("[({") or _WRAPPED.match(line)
        if shown is not None and shown.name and not shown.rows and bare:
            self.shown = None
            yield number, f"{shown.name} = {line.strip()}"
        else:
            yield from self.ended()
            yield number, line


def _name(line: str) -> str:
    """The name that a line says of the value below it; empty for another line."""
    if ELEMENTS.fullmatch(line):
        return _element(line)
    found = NAME.fullmatch(line) or FORMED.fullmatch(line)
    return found["name"] if found else ""


def _element(line: str) -> str:
    """The name of an element of a list; a number in front of all is a step."""
    found = ""
    for part in ELEMENT.finditer(line):
        if part["number"]:
            found += f"[{part['number']}]" if found else f"t{part['number']}"
        else:
            found += f"_{part['name']}" if found else part["name"]
    return found


_WRAPPED = re.compile(r"\s*+(?:\w+\.)?(?:array|tensor|Array|matrix|float\d*)\(|\s*+<tf\.")
_PLAIN = re.compile(r"[\s\d.,;+\-−eE\[\](){}]++")


def _is_value(code: str) -> bool:
    return bool(_PLAIN.fullmatch(code)) and any(map(str.isdigit, code))
