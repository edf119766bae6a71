"""The file of a stream, by what its name ends in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from verifier.errors import ProblemError, shown
from verifier.problem import Problem
from verifier.streams.arrays import ArrayFile
from verifier.streams.objects import Objects
from verifier.streams.tables import Table
from verifier.streams.walk import Source

KINDS: dict[str, Callable[[Path, Problem], Source]] = {
    ".npy": ArrayFile,
    ".csv": Table,
    ".jsonl": Objects,
    ".ndjson": Objects,
}
ACCEPTED = "a file of one sequence, a row a step: .npy, .csv or .jsonl"


def opened(path: Path, problem: Problem) -> Source:
    """The inputs of a problem in a file. Errors: ProblemError for what cannot be read so."""
    kind = KINDS.get(path.suffix.lower())
    if kind is None:
        raise ProblemError(f"{shown(path.name)}: the kind of file is not known", accepted=ACCEPTED)
    try:
        if path.exists() and not path.is_file():  # what is done is read again where it is needed
            raise ProblemError(f"{path.name} is no file", accepted=ACCEPTED)
        return kind(path, problem)
    except OSError as error:
        raise ProblemError(f"{path}: {error.strerror or error}", accepted=ACCEPTED) from None
    except ValueError as error:  # a null character in the name
        raise ProblemError(f"{shown(str(path))}: {error}", accepted=ACCEPTED) from None
