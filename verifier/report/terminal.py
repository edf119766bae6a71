"""What the terminal shows: tables and equations in plain text."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from verifier.audit.trials import Trial
from verifier.cells import Cell
from verifier.derive.general import default_shapes, skeleton
from verifier.language.tree import Name
from verifier.notation.paper import in_columns, on_paper
from verifier.notation.text import TextPrinter
from verifier.report.audit.numbers import bound_text, error_text


def show_catalogue(cells: Sequence[Cell]) -> None:
    """One row a cell: its name and what it is."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("cell", no_wrap=True)
    table.add_column("what it is")
    table.add_column("parameters, inputs", overflow="fold")
    for cell in cells:
        names = (*cell.roles.parameters, *cell.roles.inputs)
        shown = [f"[{name}]" if name in cell.optional else name for name in names]
        table.add_row(Text(cell.name), Text(cell.title), Text(" ".join(shown)))
    Console().print(table)
    Console().print(Text("[in brackets]: may be left out. More: verifier cells NAME"))


def show_cell(cell: Cell) -> None:
    """The cell's equations, words and source."""
    console = Console()
    console.print(Text(f"{cell.name}: {cell.title}\n", style="bold"))
    console.print(Text(cell.summary + "\n"))
    shapes = skeleton(cell, default_shapes(cell, {"n": 2, "m": 2})).shapes if cell.sizes else None
    trees = [equation.expression for equation in cell.equations]
    printer = TextPrinter(cell.names, columns=bool(shapes) and in_columns(trees, shapes or {}))
    for equation in cell.equations:
        left, tree = Name(equation.name, 0), equation.expression
        right = printer.show(on_paper(tree, shapes) if shapes else tree)
        console.print(Text(f"    {printer.show(left)} = {right}"), soft_wrap=True)
    console.print()
    for name, words in cell.words.items():
        console.print(Text(f"{name}: {words.name}. {words.does}"))
    if cell.sizes:
        sizes = ", ".join(f"{name} ({' × '.join(size)})" for name, size in cell.sizes.items())
        console.print(Text(f"\nshapes: {sizes}"))
    console.print(Text(f"\nsource: {cell.source}"))


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
    Console(width=None if Console().is_terminal else 120).print(table)
