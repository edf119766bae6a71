"""Programs that compute a problem too: NumPy, PyTorch, ONNX Runtime, or any Python function."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from verifier.arithmetic.floats.binary import Format
from verifier.arithmetic.floats.deployed import FORMATS
from verifier.arithmetic.protocol import QuantityAt
from verifier.audit.functions import Accuracy, accuracy
from verifier.audit.implementations.arrays import as_numpy, by_time
from verifier.audit.implementations.filed import Filed, is_filed
from verifier.audit.implementations.handed import by_quantity
from verifier.audit.implementations.modules import as_forward, library
from verifier.audit.implementations.named import Own, function_of, is_named
from verifier.audit.implementations.weights import CellError
from verifier.errors import MissingExtraError, VerifierError, extra, nearest, shown
from verifier.evaluate import sites
from verifier.problem import Problem

Array = Any
Function = Callable[[Array], Array]
Given = Mapping[Any, Array]
Forward = Callable[[Problem, np.dtype[Any]], Given]
"""Takes a problem and a NumPy type; gives arrays of that type by (step, name), or by name with one
row a step. Quantities may be left out."""

Layers = Callable[[Problem, str, str], Any]
"""Takes a problem and the names of a library and of a format; gives the library's layers as what
`as_forward` takes, or raises a VerifierError that says why they are not those of the equations."""


@dataclass(frozen=True, eq=False)
class Outputs:
    """What a program computed in a format: arrays of its type by (step, name).

    `accuracy` is what is assumed of the program's functions.
    """

    implementation: str
    version: str
    float: str
    values: Mapping[QuantityAt, Array]
    accuracy: Accuracy


class Implementation(Protocol):
    """What a module of this package offers."""

    def version(self) -> str:
        """The version of the program that is installed."""

    def formats(self) -> tuple[str, ...]:
        """The formats that the program computes in."""

    def forward(self, problem: Problem, format: Format) -> Given:
        """The quantities that the program shows."""

    def functions(self, format: str) -> Mapping[str, Function]:
        """The program's functions by their names, from and to arrays of the format."""


class OutputsError(VerifierError):
    """What a program did or returned cannot be compared."""


IMPLEMENTATIONS = ("numpy", "torch", "onnxruntime", "jax")
_MODULES = {name: f"with_{name}" for name in IMPLEMENTATIONS}


def implementation(name: str) -> Implementation:
    """A program by its name, a saved model by its file, or one's own as `module:function`.

    Errors: VerifierError, MissingExtraError with what to install.
    """
    if is_filed(name):
        return Filed(Path(name))
    if is_named(name):
        function_of(name)
        return Own(name)
    if name not in _MODULES:
        what = f"no implementation {shown(name)}{nearest(name, _MODULES)}"
        raise VerifierError(
            what, accepted=f"{', '.join(_MODULES)}, a file (.onnx, .keras), or module:function"
        )
    try:
        found: Any = import_module(f"{__name__}.{_MODULES[name]}")
    except ImportError as error:
        raise MissingExtraError(
            f"{name} cannot be imported: {shown(str(error), 120)}",
            accepted=extra(name),
        ) from None
    return found  # type: ignore[no-any-return]


def run(
    problem: Problem, name: str, float: str = "float32", layers: Layers | None = None
) -> Outputs:
    """What an implementation computes; `layers` are asked for cells that it does not know by name.

    Errors: VerifierError for a format or a cell that it does not have, and for what it returns.
    """
    found = implementation(name)
    if float not in found.formats():
        what = f"{name} does not compute this in {shown(float)}"
        raise VerifierError(what, accepted=", ".join(found.formats()))
    if is_named(name):
        own = function_of(name)
        outputs = run_callable(problem, own, float, functions_of(own))
        return replace(outputs, implementation=name)
    try:
        given = found.forward(problem, FORMATS[float])
    except CellError as error:
        return replace(_in_layers(problem, name, float, layers, error), version=found.version())
    values = checked(problem, float, given, name)
    like = found.like if isinstance(found, Filed) else name
    return Outputs(name, found.version(), float, values, accuracy(like))


def _in_layers(
    problem: Problem, name: str, float: str, layers: Layers | None, error: CellError
) -> Outputs:
    """What a library's layers compute. Errors: the error, where there are none to ask, or why not.

    Deployed models are those of the cells that are known by name.
    """
    if layers is None or FORMATS[float].kind:
        raise error
    try:
        own = layers(problem, name, float)
    except VerifierError as why:
        raise CellError(f"{error.what}: {why.what}", accepted=error.accepted) from None
    return replace(run_callable(problem, own, float), implementation=name)


def run_callable(
    problem: Problem, forward: Forward, float: str = "float32", like: str = "numpy"
) -> Outputs:
    """What a Python function computes; its exp and tanh are taken to be those of `like`.

    A module of Keras, PyTorch or Flax computes with its library's.

    Errors: OutputsError when the function raises, or returns what cannot be compared.
    """
    name = str(getattr(forward, "__name__", type(forward).__name__))
    format, like = known_format(float), functions_of(forward) if library(forward) else like
    try:
        given = as_forward(forward)(problem, format.dtype)
        given = as_given(problem, given, name)
        like = "jax" if _of_jax(given) else like
    except VerifierError:
        raise
    except (Exception, SystemExit) as error:  # whatever someone else's function raises
        what = f"{name} raised {type(error).__name__}: {shown(str(error), 200)}"
        raise OutputsError(what, accepted="a function that returns arrays") from error
    values = checked(problem, float, given, name)
    return Outputs(name, "", float, values, accuracy(like))


def as_given(problem: Problem, found: Any, source: str) -> Any:
    """A mapping of arrays as it is; a bare array, or the first one of a pair, by its quantity.

    So an output and the last states, as a module returns them, are the output. Errors:
    OutputsError for shapes that are not its own.
    """
    first = found[0] if isinstance(found, tuple) and found else found
    if not hasattr(first, "shape"):
        return found
    try:
        return by_quantity(problem, first, source)
    except VerifierError as error:
        raise OutputsError(error.what, accepted=error.accepted) from None


def _of_jax(given: Any) -> bool:
    """Whether some array is JAX's: then its functions are, too."""
    arrays = given.values() if isinstance(given, Mapping) else (given,)
    return any(type(array).__module__.partition(".")[0] in ("jax", "jaxlib") for array in arrays)


def functions_of(found: Any) -> str:
    """Whose functions a module, or a model of ONNX, computes with; others: NumPy's."""
    if library(found) == "keras":
        import keras

        return str(keras.backend.backend())
    return {"flax": "jax", "onnx": "onnxruntime"}.get(library(found), library(found)) or "numpy"


def known_format(float: str) -> Format:
    """A format by its name. Errors: VerifierError."""
    if float not in FORMATS:
        what = f"the format {shown(float)}{nearest(str(float), FORMATS)}"
        raise VerifierError(what, accepted=", ".join(FORMATS))
    return FORMATS[float]


def checked(problem: Problem, float: str, given: Any, source: str) -> dict[QuantityAt, Array]:
    """The arrays by (step, name), each of the quantity's shape and of the format's type.

    Tensors of other libraries count as arrays, and a sequence may have a batch of one.

    Errors: OutputsError for other keys, shapes and types, and for nothing.
    """
    if not isinstance(given, Mapping) or not given:
        nothing = given is None or (isinstance(given, Mapping) and not given)
        what = f"{source} returned {'nothing' if nothing else shown(given)}"
        raise OutputsError(what, accepted="arrays by (step, name), or by name with a row a step")
    known = set(sites(problem))
    values: dict[QuantityAt, Array] = {}
    for key, value in given.items():
        for site, part in _by_step(problem, key, as_numpy(value), source):
            if site not in known:
                names = ", ".join(problem.cell.equation)
                what = f"{source} returned {shown(str(site[1]))} at step {shown(site[0])}"
                raise OutputsError(what, accepted=f"steps 1 to {problem.steps} of {names}")
            values[site] = _fitting(problem, float, site, part, source)
    return values


def _by_step(problem: Problem, key: Any, value: Any, source: str) -> list[tuple[QuantityAt, Any]]:
    if isinstance(key, tuple) and len(key) == 2:
        return [(key, value)]
    if isinstance(key, str) and key in problem.shapes:
        value = by_time(value, problem.steps, len(problem.shapes[key]))
    rows = value if isinstance(value, list | tuple | np.ndarray) else ()
    if len(rows) != problem.steps:
        what = f"{source} returned {len(rows)} rows for {shown(key)}"
        raise OutputsError(what, accepted=f"{problem.steps} rows, one a step")
    return [((step, key), row) for step, row in enumerate(rows, 1)]


def _fitting(problem: Problem, float: str, site: QuantityAt, value: Any, source: str) -> Array:
    step, name = site
    what = f"{source} returned for {name} at step {step}"
    dtypes, shape = FORMATS[float].dtypes, problem.shapes[name]
    types = " or ".join(map(str, dtypes))
    found = value if isinstance(value, np.ndarray | np.generic) else None
    if found is None or isinstance(found, np.ma.MaskedArray):
        raise OutputsError(f"{what} {shown(type(value).__name__)}", accepted=f"a {types} array")
    if found.dtype not in dtypes:
        raise OutputsError(f"{what} an array of {found.dtype}", accepted=types)
    ahead = found.ndim - len(shape)  # a batch of one, as of a last state: (1, H), (1, 1, H)
    one = ahead > 0 and found.shape == (*(1,) * ahead, *shape)
    if found.shape != shape and not one and {found.shape, shape} != {(), (1,)}:
        raise OutputsError(f"{what} the shape {found.shape}", accepted=f"{shape}")
    return np.asarray(found).reshape(shape)
