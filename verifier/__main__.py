"""The entry point: `verifier`, and `python -m verifier`."""

from __future__ import annotations

import gc
import os
import signal
import sys
from types import FrameType

INTERRUPTED, UNUSABLE, TERMINATED = 130, 2, 143
"""Exit codes: Ctrl-C, any error, and SIGTERM. 1 always means what the command's page says."""


def main() -> None:
    """Run the command line."""
    # A run is short and its imports make a million objects that stay: collecting them a hundred
    # times over is a sixth of the time of a cold solve.
    gc.set_threshold(200_000)
    sys.exit(_run())


def _run() -> int:
    try:
        signal.signal(signal.SIGTERM, _terminated)
        _speak_utf8()
        from verifier.cli import main as commands

        code = commands(prog_name="verifier", standalone_mode=False)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return _say("interrupted", INTERRUPTED)
    except SystemExit as end:  # a command's own exit code; its output may still not be written
        return _ended(end.code)
    except Exception as error:
        return _failed(error)
    return code if isinstance(code, int) else 0


def _speak_utf8() -> None:
    """Write UTF-8 whatever the terminal's encoding is; names of files as they are on the disk."""
    for name, errors in (("stdout", "surrogateescape"), ("stderr", "backslashreplace")):
        stream = getattr(sys, name)
        if stream is None:  # closed before the program began
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors=errors)


def _terminated(number: int, frame: FrameType | None) -> None:
    """End as Ctrl-C does, so that temporary files are removed."""
    raise SystemExit(TERMINATED)


def _ended(code: object) -> int:
    try:
        sys.stdout.flush()
    except OSError as error:
        return _failed(error)
    return code if isinstance(code, int) else UNUSABLE


def _failed(error: Exception) -> int:
    """Say what went wrong in a line or two; a reader who has left needs no words."""
    import click

    if isinstance(error, click.ClickException):
        error.show()
        return error.exit_code if error.exit_code != 1 else UNUSABLE
    if isinstance(error, click.Abort):
        return _say("interrupted", INTERRUPTED)
    if isinstance(error, BrokenPipeError):
        return _silenced(0)
    if isinstance(error, OSError):
        return _silenced(_say(error.strerror or str(error), UNUSABLE))
    if os.environ.get("VERIFIER_DEBUG"):
        raise error
    what = f"{type(error).__name__}: {error}".splitlines()[0][:300]
    return _say(f"this is a fault of the program, please report it: {what}", UNUSABLE, DEBUG)


DEBUG = "VERIFIER_DEBUG=1 verifier … shows where it happened."


def _say(what: str, code: int, *more: str) -> int:
    try:
        print(f"verifier: {what}", *more, sep="\n", file=sys.stderr, flush=True)
    except OSError:  # nobody listens
        return _silenced(code)
    return code


def _silenced(code: int) -> int:
    """The code; what is left in the buffer of an output that is closed or full is dropped."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(nowhere, stream.fileno())
    return code


if __name__ == "__main__":
    main()
