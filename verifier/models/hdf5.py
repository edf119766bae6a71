"""Arrays of an HDF5 file in memory, by their paths; links out of it are not followed."""

from __future__ import annotations

import io
from math import prod
from typing import Any

import numpy as np

from verifier import effort
from verifier.errors import MissingExtraError, ProblemError, extra, shown
from verifier.problem.arrays import damaged

Array = Any
ACCEPTED = "a .keras file of Keras 3"


class Weights:
    """The datasets of an HDF5 file."""

    def __init__(self, raw: bytes, file: str) -> None:
        try:
            import h5py
        except ImportError:
            raise MissingExtraError(
                "reading .keras files needs the package h5py", accepted=extra("keras")
            ) from None
        self.file, self.h5py = file, h5py
        with damaged(file, ACCEPTED):
            self.root = h5py.File(io.BytesIO(raw), "r")

    def array(self, path: str, shape: tuple[int | None, ...]) -> Array:
        """The array of a path; None stands for any side.

        Errors: ProblemError for what is not there, of another shape, or not finite.
        """
        what = f"{shown(path, 100)} in {self.file}"
        with damaged(self.file, ACCEPTED):
            found = self._dataset(path, what)
            sides = tuple(int(side) for side in found.shape or ())
            fits = len(sides) == len(shape) and all(
                b in (None, a) for a, b in zip(sides, shape, strict=True)
            )
            if not fits or prod(sides) > effort.ENTRIES:
                wanted = ", ".join("any" if side is None else str(side) for side in shape)
                raise ProblemError(f"{what} is of shape {str(sides)[:60]}", accepted=f"({wanted})")
            return _floats(found, what)

    def _dataset(self, path: str, what: str) -> Any:
        """The dataset, through hard links only."""
        node: Any = self.root
        for part in path.split("/"):
            link = node.get(part, getlink=True) if isinstance(node, self.h5py.Group) else None
            if not isinstance(link, self.h5py.HardLink):
                raise ProblemError(f"{what} is not there", accepted="the weights of the layer")
            node = node[part]
        if not isinstance(node, self.h5py.Dataset) or node.external or node.is_virtual:
            raise ProblemError(f"{what} is no array of this file", accepted="arrays in the file")
        return node


def _floats(found: Any, what: str) -> Array:
    dtype = found.dtype
    if dtype.kind == "V" and dtype.itemsize == 2 and dtype.names is None:  # as Keras stores it
        import ml_dtypes

        array = found[()].view(ml_dtypes.bfloat16)
    elif dtype.kind == "f" and dtype.itemsize <= 8:
        array = found[()]
    else:
        raise ProblemError(f"{what} is of type {shown(str(dtype))}", accepted="floats")
    with np.errstate(invalid="ignore"):
        if not array.size or not np.isfinite(array.astype(np.float64)).all():
            raise ProblemError(
                f"{what} is empty, or has nan or infinity", accepted="finite numbers"
            )
    return array
