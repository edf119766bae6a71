"""Compiles the message catalogues (.po) to what gettext reads (.mo), for wheels and checkouts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Catalogues(BuildHookInterface):  # type: ignore[type-arg]
    """Hatchling's hook; it runs for `pip install -e .` as well."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write each catalogue beside its source."""
        for source in Path(self.root, "verifier", "report", "words").glob("*.po"):
            with source.open("rb") as text, source.with_suffix(".mo").open("wb") as binary:
                write_mo(binary, read_po(text))
        build_data["artifacts"].append("verifier/report/words/*.mo")
