"""Org, for Emacs."""

from __future__ import annotations

import re

from verifier.formats import Format, Frame
from verifier.letters import seen
from verifier.notation.latex import LatexPrinter


def escape(text: str) -> str:
    """The text for Org, signs of its syntax apart from what they would mark."""
    return re.sub(r"([*/_=~+|\[\]<>#$\\:-])", "\\1\u200b", seen(text))


FORMAT = Format("org", "org", "org", LatexPrinter(), 84, escape, r"\({}\)", wraps={"none": Frame()})
