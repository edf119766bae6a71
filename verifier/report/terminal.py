"""What the terminal shows: tables and equations in plain text."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from verifier.audit.trials import Trial
from verifier.cells import Cell
from verifier.report.audit.numbers import bound_text, error_text
from verifier.report.compare import (
    HIDDEN,
    INPUTS,
    PLACES,
    STEPS,
    Apart,
    apart,
    equations_of,
    pairs,
)


def show_catalogue(cells: Sequence[Cell]) -> None:
    """One row a cell: its name and what it is."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("cell", no_wrap=True)
    table.add_column("what it is")
    table.add_column("what is other than in its neighbours")
    for cell in cells:
        table.add_row(Text(cell.name), Text(cell.title), Text(cell.differs))
    Console(width=_width()).print(table)
    Console().print(
        Text("More: verifier cells NAME, verifier cells --compare NAME NAME"), soft_wrap=True
    )


def show_cell(cell: Cell) -> None:
    """The cell's equations, words and source."""
    console = Console()
    console.print(Text(f"{cell.name}: {cell.title}\n", style="bold"))
    console.print(Text(cell.summary + "\n"))
    for line in equations_of(cell):
        console.print(Text(f"    {line}"), soft_wrap=True)
    if cell.same_as:
        console.print(Text(f"\nThese are the equations of {cell.same_as}."))
    console.print()
    for name, words in cell.words.items():
        console.print(Text(f"{name}: {words.name}. {words.does}".rstrip()))
    console.print(Text(f"\noutput: {cell.output}"))
    sizes = ", ".join(f"{name} ({_size(size)})" for name, size in cell.sizes.items())
    console.print(Text(f"shapes: {sizes}"))
    if cell.optional:
        left_out = (name for name in cell.roles.parameters if name in cell.optional)
        console.print(Text(f"may be left out: {', '.join(left_out)}"))
    console.print(Text(f"differs: {cell.differs}"))
    console.print(Text(f"source: {cell.source}"))


def _size(size: tuple[str, ...]) -> str:
    return " × ".join(size) or "a number"


def _width() -> int | None:
    """A width for pipes, where there is no terminal."""
    return None if Console().is_terminal else 120


def show_comparison(left: Cell, right: Cell) -> None:
    """The equations of both cells side by side, and how far their outputs are apart."""
    console, rows = Console(width=_width()), pairs(left, right)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(left.name)
    table.add_column("")
    table.add_column(right.name)
    for row in rows:
        table.add_row(Text(row.left), Text("" if row.same else "≠"), Text(row.right))
    console.print(table)
    for cell in (left, right):
        console.print(Text(f"{cell.name}: {cell.differs}"))
    if all(row.same for row in rows):
        console.print(
            Text("\nThe equations are the same: only names and layouts of arrays differ.")
        )
        return
    console.print(Text(f"\n{EXAMPLE}"))
    for found in apart(left, right):
        _show_apart(console, left, right, found)


EXAMPLE = (
    f"An example of {STEPS} steps, {INPUTS} inputs, {HIDDEN} units, from a state of zeros; what "
    f"has one name has the same numbers in both. Outputs at step {STEPS}, to {PLACES} places:"
)


def _show_apart(console: Console, left: Cell, right: Cell, found: Apart) -> None:
    console.print(Text("with all parameters" if found.whole else "without what may be left out"))
    width = max(len(left.name), len(right.name)) + len(left.output) + 1
    for cell, digits in ((left, found.left), (right, found.right)):
        console.print(Text(f"    {f'{cell.name} {cell.output}':{width}}  {'  '.join(digits)}"))
    if found.most is None:
        said = "the outputs have unlike shapes"
    else:
        said = f"largest difference: {found.most}, at step {found.step}"
    console.print(Text(f"    {said if found.most != 0 else 'these digits do not differ'}"))


def show_trials(found: Sequence[Trial]) -> None:
    """One row a function and format: the largest error beside what is assumed."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("program", "function", "format"):
        table.add_column(name, no_wrap=True)
    for name in ("arguments", "largest error", "at", "assumed"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("holds")
    for trial in found:
        table.add_row(
            trial.implementation,
            trial.function,
            trial.format,
            str(trial.count),
            f"{bound_text(trial.error)} ulp",
            f"{trial.argument:.9g}",
            f"{error_text(trial.hypothesis)} ulp",
            "yes" if trial.holds else "NO",
        )
    Console(width=_width()).print(table)
