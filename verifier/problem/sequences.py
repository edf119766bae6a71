"""Files of many sequences: an array an input, sequences along the first axis."""

from __future__ import annotations

from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from verifier import effort
from verifier.errors import ProblemError, shown
from verifier.problem.arrays import damaged, opened
from verifier.problem.model import Problem


def sequences(path: Path, problem: Problem) -> dict[str, np.ndarray[Any, Any]]:
    """The arrays of a file by the names of inputs; a single one is that of the single input.

    Errors: ProblemError for a file that cannot be read, or whose arrays are too large.
    """
    arrays = opened(path)
    alone = len(arrays.names) == len(problem.inputs) == 1
    names = {next(iter(problem.inputs)): arrays.names[0]} if alone else {n: n for n in arrays.names}
    found = {}
    for name, key in names.items():
        with damaged(path.name):
            if prod(arrays.header(key).shape) > effort.SEQUENCES:
                what = f"{shown(key)} in {path.name} has more than {effort.SEQUENCES} numbers"
                raise ProblemError(what, accepted="fewer sequences at a time")
            found[name] = arrays.array(key)
    return found
