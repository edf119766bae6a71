"""The command line. Exit codes: 0 done, 1 done and something is wrong, 2 any error, 130 Ctrl-C.

A command is one module of this package, holding a click command of the module's name.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import click

from verifier.errors import LetterWarning, VerifierError, nearest
from verifier.version import __version__

COMMANDS = (
    "solve",
    "backward",
    "sheet",
    "vary",
    "slides",
    "check",
    "audit",
    "embed",
    "derive",
    "cells",
    "new",
    "import",
    "export",
    "serve",
)
"""The commands in the order in which the help lists them."""

MODULES = {"import": "import_model"}
"""Modules whose names are not those of their commands, which are words of Python."""

WHOLE = 10_000
"""Characters of a sentence of help: none is cut off."""


class Commands(click.Group):
    """Commands that are imported when they are called; their errors are messages."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            ctx.fail(f"there is no command {cmd_name!r}{nearest(cmd_name, COMMANDS)}")
        module = MODULES.get(cmd_name, cmd_name)
        found: click.Command = getattr(import_module(f"verifier.cli.{module}"), module)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Each command with its whole first sentence, over several lines where it is long."""
        known = ((name, self.get_command(ctx, name)) for name in self.list_commands(ctx))
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, found.get_short_help_str(WHOLE)) for name, found in known if found]
            )

    def invoke(self, ctx: click.Context) -> object:
        try:
            with letters_named():
                return super().invoke(ctx)
        except VerifierError as error:
            click.echo(f"verifier: {error}", err=True)
            ctx.exit(2)
        except BrokenPipeError:  # the reader has seen enough; click would end with 1
            ctx.exit(0)


@contextmanager
def letters_named() -> Iterator[None]:
    """Each warning of letters as one line on stderr; other warnings as ever."""
    said: set[str] = set()

    def say(message: Warning | str, category: type[Warning], *a: Any, **k: Any) -> None:
        if not issubclass(category, LetterWarning):
            ordinary(message, category, *a, **k)
        elif str(message) not in said:
            said.add(str(message))
            click.echo(f"verifier: {message}", err=True)

    with warnings.catch_warnings():
        warnings.simplefilter("always", LetterWarning)
        ordinary: Callable[..., None] = warnings.showwarning
        warnings.showwarning = say
        yield


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", prog_name="verifier")
def main() -> None:
    """Worked solutions for recurrent cells in which every printed digit is proven."""
