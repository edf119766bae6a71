"""The entry point: `verifier`, and `python -m verifier`."""

from __future__ import annotations

import gc


def main() -> None:
    """Run the command line."""
    # A run is short and its imports make a million objects that stay: collecting them a hundred
    # times over is a sixth of the time of a cold solve.
    gc.set_threshold(200_000)
    from verifier.cli import main as commands

    commands(prog_name="verifier")


if __name__ == "__main__":
    main()
