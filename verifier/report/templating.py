"""How templates are written, where they lie, and what they become before anyone needs them.

Jinja takes longer to compile the templates of a document than the document takes to write, so
`make_ready` does it ahead: `python -m verifier.report.templating`, which the package's build calls
too. Both have Jinja and little else, so nothing of the package is imported here.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import jinja2
from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    ModuleLoader,
    StrictUndefined,
)

SYNTAX: dict[str, Any] = {
    "block_start_string": "((*",
    "block_end_string": "*))",
    "variable_start_string": "(((",
    "variable_end_string": ")))",
    "comment_start_string": "((=",
    "comment_end_string": "=))",
    "autoescape": True,
    "optimized": False,
    "trim_blocks": True,
    "lstrip_blocks": True,
    "keep_trailing_newline": True,
}
"""Delimiters that no document syntax uses; what a format escapes is left to the time of use."""

FILTERS = ("quoted", "math", "prose", "spoken", "blocks", "even", "verbatim", "plain")
"""What templates may ask of a piece of view data."""


def templates() -> Path:
    """Where the templates lie: in the installed package, or at the top of a checkout."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "templates"
    return inside if inside.is_dir() else package.parent / "templates"


def environment(
    loader: BaseLoader, finalize: Callable[[Any], Any], filters: Mapping[str, Callable[..., Any]]
) -> Environment:
    """Jinja for the templates that a loader finds.

    `finalize` is what every value goes through on its way into a document.
    """

    @jinja2.pass_context  # so that constants go through it as well, when the document is written
    def late(_: Any, value: Any) -> Any:
        return finalize(value)

    made = Environment(loader=loader, finalize=late, undefined=StrictUndefined, **SYNTAX)
    made.filters |= filters
    return made


def prepared(folder: Path) -> BaseLoader:
    """The templates of a folder, compiled ones where they were made from its sources."""
    return ChoiceLoader([ModuleLoader(ready(folder)), FileSystemLoader(folder)])


def ready(folder: Path) -> Path:
    """Where a folder's compiled templates lie, if they do.

    The name is a hash of all that they are made from, the version of Jinja with it: what another
    one made of other sources is not found, and the sources are compiled when they are used.
    """
    digest = hashlib.sha256(repr((jinja2.__version__, SYNTAX, FILTERS)).encode())
    for source in sorted(folder.glob("*.j2")):
        text = source.read_bytes()
        digest.update(f"{source.name} {len(text)}\n".encode() + text)
    return folder / "compiled" / digest.hexdigest()[:16]


def make_ready() -> None:
    """Compile the templates of every folder, and drop what was compiled from other sources."""
    for folder in filter(Path.is_dir, templates().iterdir()):
        target = ready(folder)
        target.mkdir(parents=True, exist_ok=True)
        _compile(folder, target)
        for other in target.parent.iterdir():
            if other != target:
                shutil.rmtree(other)


def _compile(folder: Path, target: Path) -> None:
    """Put compiled templates in their place one by one, each whole: programs may be running."""
    jinja = environment(FileSystemLoader(folder), str, dict.fromkeys(FILTERS, str))
    with tempfile.TemporaryDirectory(dir=folder.parent.parent, prefix=".templates-") as aside:
        jinja.compile_templates(aside, extensions=["j2"], zip=None, ignore_errors=False)
        for module in Path(aside).iterdir():
            os.replace(module, target / module.name)


if __name__ == "__main__":
    make_ready()
