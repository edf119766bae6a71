"""GIFT: a numerical question for each number that is asked, in one text.

Read by Moodle (`qformat_gift::readquestion` of question/format/gift/format.php): a question ends
at an empty line, a weight has at most two digits before its point, so that all points have none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape

from verifier.exercises.model import Exercise, Field, Parts, Window
from verifier.exercises.targets.to_moodle import asked, percent, questions

SIGNS = re.compile(r"[\\~=#{}:]")
"""What a backslash stands before where it is text."""


def files(bank: Sequence[Exercise]) -> dict[str, Parts]:
    """The question bank as one file."""
    return {"questions.gift": _texts(bank)}


def _texts(bank: Sequence[Exercise]) -> Iterator[str]:
    """The questions, an empty line between two of them."""
    for k, question in enumerate(questions(bank)):
        yield f"{chr(10) * (k > 0)}{_question(*question)}\n"


def _question(exercise: Exercise, field: Field, name: str) -> str:
    answers = "\n".join(_answer(field, window) for window in field.windows)
    return f"::{_text(name)}::[html]{_text(asked(exercise, field))}{{#\n{answers}\n}}"


def _answer(field: Field, window: Window) -> str:
    weight = "" if window.share == 1 else f"%{percent(window)}%"
    told = f"#{_text(escape(window.feedback))}" if window.feedback else ""
    return f"={weight}{field.centre(window)}:{window.tolerance}{told}"


def _text(text: str) -> str:
    """A text on one line, its signs as text; what Moodle puts in place of them is parted."""
    plain = " ".join(text.replace("&&", "& &").split())
    return SIGNS.sub(r"\\\g<0>", plain)
