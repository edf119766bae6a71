"""Model files as recurrent models, by the kind of file."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from verifier.errors import ProblemError
from verifier.models.model import Model
from verifier.models.wanted import Wanted
from verifier.problem.arrays import PICKLED, PICKLES, damaged, opened
from verifier.problem.headers import check_headers
from verifier.problem.weights import PARTS


def read_model(path: Path, wanted: Wanted) -> Model:
    """The recurrent model in a file; no code of the file is run.

    Errors: VerifierError for kinds of files, and parts of models, that are not read.
    """
    suffix = path.suffix.lower()
    reader = _READERS.get(suffix)
    if reader is None:
        pickled = PICKLED if suffix in PICKLES else ""
        what = f"{path.name}: the kind of file is not known{pickled}"
        raise ProblemError(what, accepted=", ".join(_READERS))
    return reader(path, wanted)


def given_arrays(texts: Iterable[str]) -> dict[str, Any]:
    """The arrays of options such as x.npy, NAME=x.npy and all.npz, by name.

    An array of an .npy file without a name has the name "". Errors: ProblemError.
    """
    found: dict[str, Any] = {}
    for text in texts:
        name, equals, file = text.rpartition("=")
        arrays = opened(Path(file))
        with damaged(arrays.file):
            check_headers({n: arrays.header(n) for n in arrays.names}, arrays.file, PARTS)
            read = {one: arrays.array(one) for one in arrays.names}
        if Path(file).suffix.lower() == ".npy" or equals:
            if len(read) != 1:
                what = f"{arrays.file} holds {len(read)} arrays"
                raise ProblemError(what, accepted="one array behind NAME=")
            read = {name: next(iter(read.values()))}
        for twice in (one for one in read if one in found):
            raise ProblemError(f"two arrays for {twice or 'the input'}", accepted="one")
        found |= read
    return found


def _onnx(path: Path, wanted: Wanted) -> Model:
    from verifier.models.onnx_files.read import read_onnx

    return read_onnx(path, wanted)


def _state_dict(path: Path, wanted: Wanted) -> Model:
    from verifier.models.state_dict import read_state_dict

    return read_state_dict(opened(path), wanted)


def _keras(path: Path, wanted: Wanted) -> Model:
    from verifier.models.keras_file import read_keras

    return read_keras(path, wanted)


_READERS: dict[str, Callable[[Path, Wanted], Model]] = {
    ".onnx": _onnx,
    ".safetensors": _state_dict,
    ".npz": _state_dict,
    ".keras": _keras,
}
