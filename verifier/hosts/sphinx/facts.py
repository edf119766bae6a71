"""What is known of an entry beyond its digits: where it lies, how close the call was, policies."""

from __future__ import annotations

import re

from verifier.documents.pieces import Piece, parse
from verifier.errors import DocumentError, shown
from verifier.hosts.sphinx.nodes import Inline
from verifier.report.means import means
from verifier.report.scribe import Scribe
from verifier.report.selection import checked
from verifier.rounding import POLICIES
from verifier.solution import Row, Solution

FIELDS = ("lower", "upper", "margin", *POLICIES)
FORM = re.compile(rf"(?P<entry>.*\])\s*:\s*(?P<field>{'|'.join(FIELDS)})")
"""As in `s[1][1]:margin`; a bracket stands before the colon, so that no link is meant."""


def fact(solution: Solution, text: str) -> Inline | None:
    """The number that a form such as `s[1][1]:lower` names; None for other forms."""
    found = FORM.fullmatch(text.strip())
    if found is None:
        return None
    piece = checked(solution.problem, parse(found["entry"]))
    value = _value(_row(solution, piece), found["field"])
    latex, mathml = (_number(solution, value, format) for format in ("tex", "html"))
    return Inline(latex, latex, mathml=f"<math>{mathml}</math>")


def _row(solution: Solution, piece: Piece) -> Row:
    rows = [r for r in solution.rows if (r.step, r.name) == (piece.step, piece.name)]
    rows = [r for r in rows if piece.index in ((), r.index)]
    if len(rows) != 1:
        raise DocumentError(f"{piece} is no single result", accepted="an entry such as s[2][1]")
    return rows[0]


def _value(row: Row, field: str) -> str:
    value = row.policies.get(field) if field in POLICIES else getattr(row, field)
    if value is None:
        known = [f for f in FIELDS if f not in POLICIES and getattr(row, f) is not None]
        accepted = ", ".join((*known, *(kind for kind in row.policies if row.policies[kind])))
        raise DocumentError(f"{shown(row.name)} has no {field} here", accepted=accepted)
    return value


def _number(solution: Solution, text: str, format: str) -> str:
    style, words = means(solution.problem.texts.language, format)
    return Scribe(solution.problem, style, words).number(text)
