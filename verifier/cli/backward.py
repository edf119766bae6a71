"""`verifier backward`."""

from __future__ import annotations

from typing import Any

import click

from verifier.cli.solve import solve_options, solved


@click.command()
@solve_options
def backward(**options: Any) -> None:
    """Write the worked backward pass of PROBLEM: the gradients of its loss through time."""
    solved("backward", True, **options)
