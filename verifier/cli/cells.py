"""`verifier cells`."""

from __future__ import annotations

import click

from verifier import cells as catalogue
from verifier.cli.options import cells_beginning


@click.command()
@click.argument("name", required=False, shell_complete=cells_beginning)
@click.option(
    "--compare",
    type=(str, str),
    metavar="NAME NAME",
    help="Two cells side by side, and how far their outputs are apart on an example.",
)
def cells(name: str | None, compare: tuple[str, str] | None) -> None:
    """List the catalogue, show the cell NAME, or compare two."""
    from verifier.report.terminal import show_catalogue, show_cell, show_comparison

    if compare is not None:
        if name is not None:
            raise click.UsageError("a NAME beside --compare; give one or the other")
        show_comparison(catalogue.load(compare[0]), catalogue.load(compare[1]))
    elif name is None:
        show_catalogue([catalogue.load(known) for known in catalogue.catalogue()])
    else:
        show_cell(catalogue.load(name))
