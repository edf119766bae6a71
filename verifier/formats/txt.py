"""Plain text, for terminals and mail."""

from __future__ import annotations

from verifier.formats import Format, Frame
from verifier.letters import seen
from verifier.notation.text import TextPrinter

FORMAT = Format("txt", "text", "txt", TextPrinter(), 90, seen, "{}", wraps={"none": Frame()})
