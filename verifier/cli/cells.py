"""`verifier cells`."""

from __future__ import annotations

import click

from verifier import cells as catalogue


@click.command()
@click.argument("name", required=False)
def cells(name: str | None) -> None:
    """List the catalogue, or show the cell NAME."""
    from verifier.report.terminal import show_catalogue, show_cell

    if name is None:
        show_catalogue([catalogue.load(known) for known in catalogue.catalogue()])
    else:
        show_cell(catalogue.load(name))
