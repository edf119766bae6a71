"""Arrays under the names that a framework gives them, as recurrent models."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from verifier.errors import ProblemError, nearest, shown
from verifier.models.layout import layout
from verifier.models.model import KINDS, STATES, Direction, Form, Kind, Model, parameter
from verifier.models.sequences import sequence
from verifier.models.stacked import split
from verifier.models.wanted import Wanted
from verifier.problem.arrays import Arrays, damaged
from verifier.problem.headers import check_headers
from verifier.problem.weights import PARTS

Array = Any
FRAMEWORKS = ("pytorch", "flax_nnx", "flax_linen", "keras")
Place = tuple[int, bool]
"""A layer, counted from 0, and whether it runs backwards."""


@dataclass
class Module:
    """The arrays of one module: those of each layer and direction by their part and gate."""

    framework: str
    prefix: str
    arrays: dict[Place, dict[tuple[str, str], str]] = field(default_factory=dict)

    @property
    def rules(self) -> dict[str, Any]:
        """The layout of the framework."""
        return layout(self.framework)


def read_state_dict(arrays: Arrays, wanted: Wanted) -> Model:
    """The model whose weights stand in a file.

    Errors: ProblemError for names that are no framework's, and several models without a choice.
    """
    module = _chosen(list(modules(arrays.names).values()), arrays, wanted.layer)
    held = {place: _read(arrays, parts) for place, parts in module.arrays.items()}
    kind = _kind(module, held, arrays.file)
    assumed = _assumed(module, kind, wanted.assumed, held)
    layers = _layers(module, kind, held, assumed, arrays.file)
    batched = np.ndim(wanted.inputs.get("x", wanted.inputs.get(""))) == 3
    notes = [_source(module), *_not_said(module, kind, assumed, batched)]
    first = layers[0][0].parameters["U" if kind == "rnn" else f"U_{module.rules[kind]['gates'][0]}"]
    x = sequence(wanted, first.shape[0], first.dtype, assumed["batch_first"] == "true", notes)
    layers = _started(layers, wanted, notes)
    title = f"{kind.upper()} of {arrays.file}"
    return Model(layers, x, title, tuple(notes))


def modules(names: tuple[str, ...]) -> dict[tuple[str, str], Module]:
    """The modules whose arrays have these names, by framework and prefix."""
    found: dict[tuple[str, str], Module] = {}
    for name in names:
        match = next(_matches(name), None)
        if match is not None:
            framework, groups = match
            key = framework, groups["prefix"]
            module = found.setdefault(key, Module(*key))
            place = int(groups.get("layer") or 0), bool(groups.get("reverse"))
            part = " ".join(filter(None, (groups["part"], groups.get("leaf"))))
            gate = (groups.get("gate") or "").removesuffix("_")
            module.arrays.setdefault(place, {})[part, gate] = name
    return found


def _matches(name: str) -> Any:
    for framework in FRAMEWORKS:
        match = re.fullmatch(layout(framework)["pattern"], name) if len(name) < 500 else None
        if match is not None:
            yield framework, match.groupdict()


def _chosen(found: list[Module], arrays: Arrays, layer: str) -> Module:
    recurrent = [module for module in found if _is_recurrent(module)]
    named = [module for module in recurrent if module.prefix.rstrip("./") == layer.rstrip("./")]
    chosen = named if layer else recurrent
    if len(chosen) == 1:
        return chosen[0]
    names = ", ".join(module.prefix.rstrip("./") or '""' for module in recurrent[:12])
    if not recurrent:
        what = f"{arrays.file} has no recurrent weights that are known"
        titles = ", ".join(layout(name)["title"] for name in FRAMEWORKS)
        raise ProblemError(what, accepted=f"the names of {titles}")
    what = f"no module {shown(layer)}" if layer else f"{len(recurrent)} recurrent modules"
    raise ProblemError(what, accepted=f"--layer with one of {names}")


def _is_recurrent(module: Module) -> bool:
    letters = {module.rules["parts"].get(part) for part, _ in module.arrays[min(module.arrays)]}
    return {"U", "W"} <= letters


def _read(arrays: Arrays, parts: Mapping[tuple[str, str], str]) -> dict[tuple[str, str], Array]:
    with damaged(arrays.file):
        check_headers({name: arrays.header(name) for name in parts.values()}, arrays.file, PARTS)
        found = {key: arrays.array(name) for key, name in parts.items()}
    for key, array in found.items():
        _check_finite(array, f"{shown(parts[key])} in {arrays.file}")
    return found


def _check_finite(array: Array, what: str) -> None:
    if array.dtype.kind in "iu":
        raise ProblemError(f"{what} holds integers", accepted="floats")
    with np.errstate(invalid="ignore"):
        if not array.size or not np.isfinite(array.astype(np.float64)).all():
            raise ProblemError(
                f"{what} is empty, or has nan or infinity", accepted="finite numbers"
            )


def _kind(module: Module, held: Mapping[Place, Any], file: str) -> Kind:
    """The kind of cell, as the names of gates say, or the recurrent matrix's sides."""
    first = held[min(held)]
    gates = {gate for _, gate in first} - {""}
    if gates:
        fits = [kind for kind in KINDS if gates == {*module.rules[kind]["gates"]}]
    else:
        fits = [k for k in KINDS if len(module.rules[k]["gates"]) == _stacked(module, first)]
    if len(fits) != 1:
        what = f"{module.prefix or 'the module'} in {file}: gates that no RNN, GRU or LSTM has"
        raise ProblemError(what, accepted="an RNN's, GRU's or LSTM's arrays")
    return fits[0]


def _stacked(module: Module, first: Mapping[tuple[str, str], Array]) -> float:
    """How many gates the recurrent matrix holds; a projection makes it narrower."""
    letters = {letter: part for part, letter in module.rules["parts"].items()}
    matrix = first[letters["W"], ""]
    if matrix.ndim != 2:
        return 0
    rows, columns = matrix.shape if module.rules["turned"] else matrix.shape[::-1]
    projection = first.get((letters.get("W_p", ""), ""))
    return float(rows / (columns if projection is None else projection.shape[-1]))


def _assumed(
    module: Module, kind: Kind, said: Mapping[str, str], held: Mapping[Place, Any]
) -> dict[str, str]:
    """What the file does not say: as it was said, or as is usual."""
    known = {**module.rules["assumed"], **module.rules[kind].get("assumed", {})}
    if any(("bias", "") in parts for parts in held.values()):
        known.pop("reset_after", None)
    for key, value in said.items():
        if key not in known or value not in known[key]:
            what = f"--assume {shown(f'{key}={value}')}{nearest(key, known)}"
            accepted = ", ".join(f"{name}={'|'.join(values)}" for name, values in known.items())
            raise ProblemError(what, accepted=accepted)
    return {key: said.get(key, values[0]) for key, values in known.items()}


def _source(module: Module) -> str:
    where = f" of {module.prefix.rstrip('./')}" if module.prefix else ""
    return f"The names{where} are those of {module.rules['title']}."


def _not_said(module: Module, kind: Kind, assumed: Mapping[str, str], batched: bool) -> list[str]:
    """What is taken for granted, a note each."""
    found = [
        f"The file does not say {key}: taken as {value}."
        for key, value in assumed.items()
        if batched or key != "batch_first"
    ]
    if "(?P<reverse>" not in module.rules["pattern"]:
        found.append("The file does not say the direction: taken as forwards.")
    usual = "The file does not say the activations: taken as sigmoid and tanh."
    return found if kind == "rnn" else [usual, *found]


def _layers(
    module: Module, kind: Kind, held: Mapping[Place, Any], assumed: Mapping[str, str], file: str
) -> tuple[tuple[Direction, ...], ...]:
    numbers = sorted({layer for layer, _ in held})
    ways = sorted({reverse for _, reverse in held})
    what = f"{module.prefix or 'the module'} in {file}"
    if numbers != list(range(len(numbers))) or {*held} != {(n, w) for n in numbers for w in ways}:
        raise ProblemError(f"{what}: layers or directions are missing", accepted="all of a stack's")
    return tuple(
        tuple(_direction(module, kind, held[n, w], assumed, w, what + _placed(n, w)) for w in ways)
        for n in numbers
    )


def _placed(layer: int, backwards: bool) -> str:
    """Which of several layers and directions is meant, in errors; counted from 0."""
    return (f", layer {layer}" if layer else "") + (", backwards" if backwards else "")


def _direction(
    module: Module,
    kind: Kind,
    held: Mapping[tuple[str, str], Array],
    assumed: Mapping[str, str],
    backwards: bool,
    what: str,
) -> Direction:
    rules = module.rules
    parameters: dict[str, Array] = {}
    for (part, gate), array in held.items():
        letter = rules["parts"][part]
        matrix = array.T if rules["turned"] and array.ndim == 2 else array
        parameters |= _parameters(letter, gate, matrix, rules[kind]["gates"])
    both = np.ndim(held.get(("bias", ""), 0)) == 2 or "bh" in rules["parts"].values()
    resets = bool(rules[kind].get("reset_after")) and (both or ("bias", "") not in held)
    resets = resets and assumed.get("reset_after") != "false"
    activation = (
        assumed.get("nonlinearity") or assumed.get("activation_fn") or assumed.get("activation")
    )
    functions = (f"{activation}({{}})",) if activation and activation != "tanh" else ()
    _check_shapes(parameters, kind, rules[kind]["gates"], what)
    return Direction(Form(kind, functions, reset_after=resets), parameters, {}, backwards)


def _parameters(letter: str, gate: str, array: Array, gates: list[str]) -> dict[str, Array]:
    """The parameters of an array: one of them, a stack, or two rows of biases."""
    if letter == "W_p":
        return {letter: array}
    if letter == "b" and array.ndim == 2:
        rows = zip(("b", "bh"), array, strict=True) if len(array) == 2 else ()
        return {name: a for mark, row in rows for name, a in split(row, mark, gates).items()}
    own = [gate] if gate else gates
    if array.shape[-1:] and array.shape[-1] % len(own) == 0:
        return split(array, letter, own)
    return {}


def _check_shapes(parameters: Mapping[str, Array], kind: Kind, gates: list[str], what: str) -> None:
    """All that a direction needs is there, and of the sizes of its first gate."""
    first = parameters.get(parameter("U", gates[0]))
    if first is None or first.ndim != 2:
        raise ProblemError(f"{what}: no matrix for the input", accepted="gates × inputs")
    hidden = first.shape[1]
    state = parameters["W_p"].shape[-1] if "W_p" in parameters else hidden
    for gate in gates:
        for letter, shape in (
            ("U", first.shape),
            ("W", (state, hidden)),
            ("b", (hidden,)),
            ("bh", (hidden,)),
        ):
            name = parameter(letter, gate)
            array = parameters.get(name)
            if (array is None and letter in "UW") or (array is not None and array.shape != shape):
                found = "missing" if array is None else f"of shape {array.shape}"
                raise ProblemError(f"{what}: {name} is {found}", accepted=str(shape))


def _started(
    layers: tuple[tuple[Direction, ...], ...], wanted: Wanted, notes: list[str]
) -> tuple[tuple[Direction, ...], ...]:
    """The layers with the states h0 and c0 that were given, one row a layer and direction."""
    flat = [direction for layer in layers for direction in layer]
    known = [f"{name}0" for name in STATES[flat[0].form.kind]]
    for name in (name for name in wanted.inputs if name not in ("", "x", *known)):
        what = f"--inputs {shown(name)}{nearest(name, known)}"
        raise ProblemError(what, accepted=", ".join(("x", *known)))
    given = {name: _rows(wanted, name, len(flat)) for name in known if name in wanted.inputs}
    if not given:
        notes.append("The states begin with zeros.")
    ready = iter(
        replace(d, states={name[0]: rows[k] for name, rows in given.items()})
        for k, d in enumerate(flat)
    )
    return tuple(tuple(next(ready) for _ in layer) for layer in layers)


def _rows(wanted: Wanted, name: str, count: int) -> Array:
    array = np.asarray(wanted.inputs[name])
    rows = array[:, wanted.item] if array.ndim == 3 and wanted.item < array.shape[1] else array
    if rows.ndim == 1 and count == 1:
        rows = rows[None]
    if rows.ndim != 2 or len(rows) != count:
        accepted = f"({count} layers · directions, hidden), or a batch axis between"
        raise ProblemError(f"{name} is of shape {array.shape}", accepted=accepted)
    return rows
