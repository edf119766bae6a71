"""Compiles message catalogues (.po) to what gettext reads (.mo), and templates to Python modules.

Wheels hold both; a checkout gets them when it is installed.
"""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Compiled(BuildHookInterface):  # type: ignore[type-arg]
    """Hatchling's hook; it runs for `pip install -e .` as well."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write what is compiled beside its sources; all that lies with the templates is taken."""
        package = Path(self.root, "verifier")
        for source in package.joinpath("report", "words").glob("*.po"):
            with source.open("rb") as text, source.with_suffix(".mo").open("wb") as binary:
                write_mo(binary, read_po(text))
        build_data["artifacts"].append("verifier/report/words/*.mo")
        runpy.run_path(str(package / "report" / "templating.py"))["make_ready"]()
