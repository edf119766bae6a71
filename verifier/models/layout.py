"""What frameworks call gates, arrays and functions: data files of this folder, used both ways."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "layouts"


@cache
def layout(name: str) -> dict[str, Any]:
    """The layout of a framework: the tables of its file."""
    return tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8"))


def layouts() -> tuple[str, ...]:
    """The names of all layouts."""
    return tuple(sorted(file.stem for file in FOLDER.glob("*.toml")))
