"""The recurrent layers of a Keras configuration as cells with the paths of their weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from verifier.errors import ProblemError, nearest, shown
from verifier.models.hdf5 import Weights
from verifier.models.layout import layout
from verifier.models.model import USUAL, Form, Kind
from verifier.models.stacked import split

Config = Mapping[str, Any]
KIND_OF: Mapping[str, Kind] = {
    layout("keras")[kind]["class"]: kind for kind in ("rnn", "gru", "lstm")
}


class LayerLike(Protocol):
    """What is read of a layer."""

    @property
    def kind(self) -> str:
        """Its class."""

    @property
    def name(self) -> str:
        """Its name in the file."""

    @property
    def config(self) -> Config:
        """Its configuration."""

    @property
    def path(self) -> str:
        """Where its weights stand."""


@dataclass(frozen=True, eq=False)
class Cell:
    """A cell: its form, its direction, and where its weights stand."""

    name: str
    form: Form
    backwards: bool
    config: Config
    path: str

    def parameters(self, weights: Weights) -> dict[str, Any]:
        """The parameters by our names. Errors: ProblemError for shapes that do not fit."""
        gates, units = layout("keras")[self.form.kind]["gates"], self.config.get("units")
        if not isinstance(units, int) or isinstance(units, bool) or units < 1:
            raise ProblemError(f"{shown(self.name)}: units = {shown(units)}", accepted="a number")
        wide = len(gates) * units
        kernel = weights.array(f"{self.path}/vars/0", (None, wide))
        recurrent = weights.array(f"{self.path}/vars/1", (units, wide))
        found = split(kernel, "U", gates) | split(recurrent, "W", gates)
        if self.config.get("use_bias", True):
            rows = (2, wide) if self.form.reset_after else (wide,)
            bias = weights.array(f"{self.path}/vars/2", rows)
            both = zip(("b", "bh"), bias.reshape(-1, wide), strict=False)
            found |= {n: a for mark, row in both for n, a in split(row, mark, gates).items()}
        return found


def cells_of(layer: LayerLike) -> list[tuple[Cell, ...]]:
    """The cells of a recurrent layer: a tuple of one or two directions for each that it stacks."""
    if layer.kind == "Bidirectional":
        return [_both(layer)]
    if layer.kind == "RNN":
        return [(cell,) for cell in _wrapped(layer)]
    return [(_cell(layer.kind, layer.config, f"{layer.path}/cell", layer.name),)]


def _both(layer: LayerLike) -> tuple[Cell, ...]:
    _refuse(
        layer.name,
        layer.config,
        ("name", "trainable", "dtype", "merge_mode", "layer", "backward_layer"),
    )
    if layer.config.get("merge_mode") != "concat":
        what = f"{shown(layer.name)}: merge_mode = {shown(str(layer.config.get('merge_mode')))}"
        raise ProblemError(what, accepted="concat")
    inner = [_entry(layer, key) for key in ("layer", "backward_layer")]
    paths = (f"{layer.path}/{way}_layer/cell" for way in ("forward", "backward"))
    return tuple(
        _cell(kind, config, path, layer.name, back)
        for (kind, config), path, back in zip(inner, paths, (False, True), strict=True)
    )


def _entry(layer: LayerLike, key: str) -> tuple[str, Config]:
    entry = layer.config.get(key)
    if not isinstance(entry, dict) or not isinstance(entry.get("config"), dict):
        raise ProblemError(f"{shown(layer.name)} has no {key}", accepted="a layer's configuration")
    return str(entry.get("class_name")), entry["config"]


WRAPPER: tuple[str, ...] = (
    "name",
    "trainable",
    "dtype",
    "cell",
    "return_sequences",
    "return_state",
    "go_backwards",
)
WRAPPER += ("stateful", "unroll", "zero_output_for_mask")


def _wrapped(layer: LayerLike) -> list[Cell]:
    """The cells of RNN(cell), or of RNN of several cells."""
    _refuse(layer.name, layer.config, WRAPPER)
    kind, config = _entry(layer, "cell")
    back = layer.config.get("go_backwards") is True
    if kind != "StackedRNNCells":
        return [_cell(kind.removesuffix("Cell"), config, f"{layer.path}/cell", layer.name, back)]
    found, counts = [], dict[str, int]()
    for entry in config.get("cells", []):
        inner = str(entry.get("class_name"))
        number = counts[inner] = counts.get(inner, -1) + 1
        name = _PATHS.get(inner, "") + (f"_{number}" if number else "")
        path = f"{layer.path}/cell/cells/{name}"
        found.append(_cell(inner.removesuffix("Cell"), entry["config"], path, layer.name, back))
    return found


_PATHS = {"LSTMCell": "lstm_cell", "GRUCell": "gru_cell", "SimpleRNNCell": "simple_rnn_cell"}


def _cell(kind: str, config: Config, path: str, name: str, backwards: bool | None = None) -> Cell:
    if kind not in KIND_OF:
        raise ProblemError(f"{shown(name)}: the cell {shown(kind)}", accepted=", ".join(KIND_OF))
    rules, common = layout("keras")[KIND_OF[kind]], layout("keras")["common"]
    _refuse(name, config, (*rules["attributes"], *common["attributes"], *common["idle"]))
    own = config.get("go_backwards") is True
    form = _form(KIND_OF[kind], config, name)
    return Cell(name, form, own if backwards is None else backwards, config, path)


def _refuse(name: str, config: Config, known: tuple[str, ...]) -> None:
    for key in config:
        if key not in known:
            what = f"{shown(name)}: the setting {shown(key)} is not known{nearest(key, known)}"
            raise ProblemError(what, accepted=", ".join(known))


def _form(kind: Kind, config: Config, name: str) -> Form:
    table, keys = layout("keras")["functions"], layout("keras")[kind]["functions"]
    texts = []
    for key in keys:
        function = config.get(key, "sigmoid" if key == "recurrent_activation" else "tanh")
        if not isinstance(function, str) or function not in table:
            what = f"{shown(name)}: {key} = {shown(function)}"
            raise ProblemError(what, accepted=", ".join(table))
        texts.append(table[function])
    functions = () if tuple(texts) == USUAL[kind] else tuple(texts)
    resets = kind == "gru" and config.get("reset_after", True) is True
    return Form(kind, functions, reset_after=resets)
