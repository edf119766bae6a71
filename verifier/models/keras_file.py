"""Keras' .keras files: a configuration in JSON and weights in HDF5, both read as data."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from verifier import effort
from verifier.errors import ProblemError, nearest, shown
from verifier.models.hdf5 import Weights
from verifier.models.keras_calls import Calls
from verifier.models.keras_cells import Cell, cells_of
from verifier.models.layout import layout
from verifier.models.model import Direction, Model
from verifier.models.sequences import sequence
from verifier.models.wanted import Wanted
from verifier.problem.arrays import damaged, raw_of

ACCEPTED = "a .keras file of Keras 3"
Config = Mapping[str, Any]


@dataclass(frozen=True)
class Layer:
    """A layer of the configuration, and the path of its weights."""

    kind: str
    name: str
    config: Config
    path: str
    calls: Calls


def read_keras(path: Path, wanted: Wanted) -> Model:
    """The recurrent layers of a .keras file, from the first to the one that is asked for.

    Errors: ProblemError for layers and settings that are not understood.
    """
    config, raw = _members(path)
    every = list(_layers(config, path.name))
    layers = _chain(every, wanted, path.name)
    weights = Weights(raw, path.name)
    before = _before(every, layers[0])
    notes = [*_given(before, every), *_aside(layers), *_computed(layers)]
    stack = [cells for layer in layers if layer.kind in RECURRENT for cells in cells_of(layer)]
    found = tuple(tuple(_direction(cell, weights) for cell in cells) for cells in stack)
    _check_backwards(stack, found, notes)
    first = found[0][0]
    x = _first(first)
    inputs = sequence(_only(wanted, before), x.shape[0], x.dtype, True, notes)
    notes.append("The states begin with zeros.")
    return Model(found, inputs, f"{layers[-1].name} of {path.name}", tuple(notes))


RECURRENT = ("SimpleRNN", "GRU", "LSTM", "Bidirectional", "RNN")


def _members(path: Path) -> tuple[Config, bytes]:
    raw = raw_of(path, ACCEPTED)
    with damaged(path.name, ACCEPTED):
        if not raw.startswith(b"PK"):
            raise ProblemError(f"{path.name} is no zip file", accepted=ACCEPTED)
        archive = zipfile.ZipFile(io.BytesIO(raw))
        config = json.loads(_member(archive, "config.json", effort.CONFIGURATION, path.name))
        weights = _member(archive, "model.weights.h5", effort.FILE_BYTES, path.name)
    if not isinstance(config, dict):
        raise ProblemError(f"{path.name}: config.json is no object", accepted=ACCEPTED)
    return config, weights


def _member(archive: zipfile.ZipFile, name: str, most: int, file: str) -> bytes:
    """The bytes of a member: no more than are allowed, whatever its header says."""
    if name not in archive.namelist():
        raise ProblemError(f"{file} has no {name}", accepted=ACCEPTED)
    with archive.open(name) as member:
        raw = member.read(most + 1)
    if len(raw) > most:
        raise ProblemError(f"{name} in {file} expands beyond {most} bytes", accepted=ACCEPTED)
    return raw


def _layers(config: Config, file: str) -> Iterator[Layer]:
    """The layers in the file's order; weights stand under class names with counters."""
    kind = config.get("class_name")
    if kind not in ("Sequential", "Functional"):
        what = f"{file} is of the class {shown(str(kind))}"
        raise ProblemError(what, accepted="Sequential or Functional")
    counts: dict[str, int] = {}
    for entry in _dict(config, "config").get("layers", []):
        if not isinstance(entry, dict) or not isinstance(entry.get("class_name"), str):
            raise ProblemError(f"{file}: a layer without a class", accepted=ACCEPTED)
        own, called = _dict(entry, "config"), snake(entry["class_name"])
        number = counts[called] = counts.get(called, -1) + 1
        path = f"layers/{called}" + (f"_{number}" if number else "")
        nodes = entry.get("inbound_nodes")
        calls = Calls(tuple(nodes) if isinstance(nodes, list) else ())
        yield Layer(entry["class_name"], str(own.get("name", "")), own, path, calls)


def _dict(data: Config, key: str) -> Config:
    value = data.get(key)
    return value if isinstance(value, dict) else {}


def snake(name: str) -> str:
    """A class name as Keras writes it in paths: simple_rnn, lstm, bidirectional.

    >>> snake("SimpleRNN"), snake("GRU"), snake("Bidirectional"), snake("InputLayer")
    ('simple_rnn', 'gru', 'bidirectional', 'input_layer')
    """
    import re

    text = re.sub(r"(.)([A-Z][a-z0-9]+)", r"\1_\2", name[:100])
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", text).lower()


def _chain(layers: list[Layer], wanted: Wanted, file: str) -> list[Layer]:
    """The layers from the input to the last recurrent one, or to the one that is asked for.

    They begin behind the layer whose output was given.
    """
    recurrent = [layer for layer in layers if layer.kind in RECURRENT]
    names = [layer.name for layer in recurrent]
    named = [layer for layer in recurrent if wanted.layer in ("", layer.name)]
    if not named:
        what = f"{file} has no recurrent layer {shown(wanted.layer) if wanted.layer else ''}"
        accepted = ", ".join(names) or "a model with GRU, LSTM, SimpleRNN"
        raise ProblemError(what.rstrip() + nearest(wanted.layer, names), accepted=accepted)
    chain = [named[-1]]
    while (before := _before(layers, chain[0])) is not None:
        _check_call(chain[0], file)
        if before.name not in ("", "x") and before.name in wanted.inputs:
            break
        chain.insert(0, before)
        if len(chain) > len(layers):
            raise ProblemError(f"{file}: layers in a circle", accepted=ACCEPTED)
    for layer in chain:
        _check_passing(layer, file)
        _check_call(layer, file)
    aside = [name for name in names if name not in {layer.name for layer in chain}]
    if aside and not wanted.layer and len(names) > len(aside):
        what = f"{file}: {shown(aside[0])} does not lead to {shown(chain[-1].name)}"
        raise ProblemError(what, accepted=f"--layer with one of {', '.join(names)}")
    return chain


def _before(layers: list[Layer], layer: Layer) -> Layer | None:
    source = layer.calls.source
    if source:
        return next((one for one in layers if one.name == source), None)
    place = next(k for k, one in enumerate(layers) if one is layer)
    functional = any(one.calls.source for one in layers)
    return layers[place - 1] if place and not functional else None


def _only(wanted: Wanted, before: Layer | None) -> Wanted:
    """What is asked for, with the one sequence. Errors: ProblemError for other names."""
    known = ("x", "") if before is None else (before.name,)
    for name in (name for name in wanted.inputs if name not in known):
        what = f"--inputs {shown(name)}{nearest(name, known)}"
        raise ProblemError(what, accepted="x, or the name of a layer in front of the recurrent one")
    return replace(wanted, inputs=dict(zip(("x",), wanted.inputs.values(), strict=False)))


def _given(before: Layer | None, layers: list[Layer]) -> Iterator[str]:
    """What is said where the output of a layer was given, and where layers mask steps."""
    if before is not None:
        yield f"x is what {before.name} ({before.kind}) gives."
        for layer in layers:
            if layer.kind == "Masking" or layer.config.get("mask_zero") is True:
                yield f"{layer.name} ({layer.kind}) may mask steps: the problem takes every step."


def _computed(layers: list[Layer]) -> Iterator[str]:
    """What a layer does with the numbers of the file that the problem does not do."""
    for layer in layers:
        policy = str(_dict(_dict(layer.config, "dtype"), "config").get("name"))
        if policy.startswith("mixed_"):
            yield f"{layer.name} has the dtype {policy}: Keras rounds the file's numbers to it."
    last = layers[-1]
    if last.kind == "Bidirectional" and not _is_sequence(last):
        told = "the last state of each direction, forwards of the last step, backwards of step 1"
        yield f"{last.name} gives one vector: {told}."


def _is_sequence(layer: Layer) -> bool:
    inner = _dict(_dict(layer.config, "layer"), "config") or layer.config
    return inner.get("return_sequences") is True


def _check_call(layer: Layer, file: str) -> None:
    unread = layer.kind != "InputLayer" and layer.calls.unread
    if unread:
        what = f"{file}: the layer {shown(layer.name)} {unread}"
        raise ProblemError(what, accepted="layers that are called once, with one sequence")


def _check_passing(layer: Layer, file: str) -> None:
    known = layout("keras")["common"]["passing"]
    if layer.kind not in (*RECURRENT, *known):
        what = f"{file}: the layer {shown(layer.name)} is {shown(layer.kind)}, which is not read"
        given = f"--inputs {layer.name}=FILE.npy, what it gives; or {', '.join(RECURRENT)}"
        raise ProblemError(what, accepted=", ".join((given, *known)))


def _aside(layers: list[Layer]) -> Iterator[str]:
    for layer in layers:
        if layer.kind not in (*RECURRENT, "InputLayer"):
            yield f"{layer.name} ({layer.kind}) passes on what it takes, as in inference."
    for layer in [one for one in layers if one.kind in RECURRENT][:-1]:
        if not _is_sequence(layer):
            what = f"{shown(layer.name)} gives its last step only"
            raise ProblemError(what, accepted="return_sequences in front of another layer")


def _direction(cell: Cell, weights: Weights) -> Direction:
    return Direction(cell.form, cell.parameters(weights), {}, cell.backwards)


def _check_backwards(
    stack: list[tuple[Cell, ...]], found: tuple[tuple[Direction, ...], ...], notes: list[str]
) -> None:
    for number, cells in enumerate(stack):
        if len(cells) == 1 and cells[0].backwards:
            if number + 1 < len(found):
                what = f"{shown(cells[0].name)} goes backwards in front of another layer"
                raise ProblemError(what, accepted="Bidirectional, or the last layer")
            told = (
                "runs backwards: Keras returns its steps in reversed order, the problem does not."
            )
            notes.append(f"{cells[0].name} {told}")


def _first(direction: Direction) -> Any:
    return next(array for name, array in direction.parameters.items() if name[0] == "U")
