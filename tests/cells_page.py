"""The page of the documentation that shows the catalogue, from the cells' files."""

from __future__ import annotations

from collections.abc import Iterator

from verifier import cells
from verifier.cells import Cell
from verifier.report.compare import equations_of

HEAD = """# The catalogue of cells

Each cell is one file of `verifier/cells/`; `cell = "NAME"` in a problem takes it, `verifier new
NAME` writes a problem to start from, `verifier cells NAME` shows it with its words and shapes. Two
of them side by side, and how far their outputs are apart for the same numbers:

```console
$ verifier cells --compare gru-pytorch gru-flux
```

Products are written for row vectors, x W; with `convention = "column"` a problem turns them
around. Every cell is held against a program that was written from the same source.
"""


def page() -> str:
    """The page's text."""
    return "\n".join((HEAD, *_table(), *(line for cell in _all() for line in _section(cell))))


def _all() -> list[Cell]:
    return [cells.load(name) for name in cells.catalogue()]


def _table() -> Iterator[str]:
    yield "| cell | what it is | what differs |"
    yield "|---|---|---|"
    yield from (f"| `{cell.name}` | {cell.title} | {cell.differs} |" for cell in _all())
    yield ""


def _section(cell: Cell) -> Iterator[str]:
    yield from (f"## {cell.name}", "", cell.summary, "")
    if not cell.same_as:
        yield from ("```text", *equations_of(cell), "```", "")
        optional = ", ".join(f"`{n}`" for n in cell.roles.parameters if n in cell.optional)
        left_out = f" May be left out: {optional}." if optional else ""
        yield from (f"Output: `{cell.output}`.{left_out}", "")
    yield from (f"Source: {cell.source}", "")
