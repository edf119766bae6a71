"""A recurrent node of an ONNX graph as a layer, for one sequence of its batch."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from verifier.errors import ProblemError, shown
from verifier.models.layout import layout
from verifier.models.model import STATES, Direction, parameter
from verifier.models.onnx_files.attributes import Said, said
from verifier.models.onnx_files.graph import Graph, Unknown, called
from verifier.models.stacked import split

Array = Any


@dataclass(frozen=True, eq=False)
class Node:
    """A recurrent node with what feeds it.

    Behind another layer, its graph has marks for what that one gives, and `twin` has zeros: what
    is equal in both, such as states of as many rows as a batch has, follows from shapes alone.
    """

    graph: Graph
    proto: Any
    said: Said
    twin: Graph | None = None

    @classmethod
    def of(cls, graph: Graph, proto: Any) -> Node:
        """The node of a proto. Errors: ProblemError for domains and attributes not known."""
        if proto.domain not in ("", "ai.onnx"):
            what = f"{called(proto)} is of the domain {shown(proto.domain)}"
            raise ProblemError(what, accepted="ONNX's own operators")
        return cls(graph, proto, said(proto))

    def name_of(self, input: str) -> str:
        """What the graph calls one of the node's inputs; empty where it has none."""
        place = layout("onnx")["common"]["inputs"].index(input)
        names = list(self.proto.input)
        return names[place] if place < len(names) else ""

    def optional(self, input: str) -> Array | None:
        """The value of an input that may be left out."""
        name = self.name_of(input)
        found: Array = self.graph.value(name) if name else None
        if self.twin is not None and name and not np.array_equal(self.twin.value(name), found):
            what = f"{called(self.proto)}: {input} depends on what another layer gives"
            raise ProblemError(what, accepted=f"--inputs {name[:80]}=FILE.npy, its value")
        return found

    def behind(self, output: str, marks: Array) -> Node:
        """The node where a layer before it gives marks as its output."""
        graphs = (
            Graph(self.graph.source, {**self.graph.given, output: given})
            for given in (marks, np.zeros_like(marks))
        )
        return replace(self, graph=next(graphs), twin=next(graphs))

    def needed(self, input: str) -> Array:
        """The value of an input. Errors: ProblemError where the node has none."""
        found = self.optional(input)
        if found is None:
            raise ProblemError(
                f"{called(self.proto)} has no {input}", accepted=f"a node with {input}"
            )
        return found

    def directions(self, item: int, notes: list[str]) -> tuple[Direction, ...]:
        """The directions, with the states that sequence `item` begins with."""
        kind, size = self.said.kind, self._hidden
        numbers = self._numbers(size)
        states = {name: self._state(name, item, notes) for name in STATES[kind]}
        return tuple(
            Direction(
                form,
                {name: array[k] for name, array in numbers.items()},
                {name: array[k] for name, array in states.items() if array is not None},
                self.said.backwards[k],
            )
            for k, form in enumerate(self.said.forms)
        )

    @property
    def _hidden(self) -> int:
        shape = np.shape(self.needed("R"))
        hidden = self.said.hidden
        if len(shape) != 3 or (hidden is not None and hidden != shape[2]):
            what = f"{called(self.proto)}: R is of shape {shape}, hidden_size is {shown(hidden)}"
            raise ProblemError(what, accepted="(directions, gates · hidden, hidden)")
        return int(shape[2])

    def _numbers(self, hidden: int) -> dict[str, Array]:
        """The parameters of all directions, the direction first; matrices as in x @ U."""
        table = layout("onnx")[self.said.kind]
        gates, count = table["gates"], len(self.said.forms)
        w, r = self.needed("W"), self.needed("R")
        width = np.shape(w)[-1] if np.ndim(w) else 0
        self._check("W", w, (count, len(gates) * hidden, width))
        self._check("R", r, (count, len(gates) * hidden, hidden))
        found = split(w.swapaxes(1, 2), "U", gates) | split(r.swapaxes(1, 2), "W", gates)
        found |= self._vectors("B", ("b", "bh"), gates, hidden)
        found |= self._vectors("P", ("p",), table.get("peepholes", []), hidden)
        unused = _FORGET if self.said.forms[0].coupled else ()
        return {name: array for name, array in found.items() if name not in unused}

    def _vectors(
        self, input: str, letters: tuple[str, ...], gates: list[str], hidden: int
    ) -> dict[str, Array]:
        array = self.optional(input) if gates else None
        if array is None:
            return {}
        count = len(self.said.forms)
        self._check(input, array, (count, len(letters) * len(gates) * hidden))
        parts = zip(letters, np.split(array, len(letters), axis=-1), strict=True)
        return {n: a for letter, part in parts for n, a in split(part, letter, gates).items()}

    def _check(self, input: str, array: Array, shape: tuple[int, ...]) -> None:
        what = f"{called(self.proto)}: {input}, {shown(self.name_of(input))},"
        if np.shape(array) != shape:
            raise ProblemError(f"{what} is of shape {np.shape(array)}", accepted=str(shape))
        if array.dtype.kind != "f" and array.dtype.name != "bfloat16":
            raise ProblemError(f"{what} is of type {array.dtype}", accepted="floats")
        with np.errstate(invalid="ignore"):
            if not np.isfinite(array.astype(np.float64)).all():
                raise ProblemError(f"{what} has nan or infinity", accepted="finite numbers")

    def _state(self, name: str, item: int, notes: list[str]) -> Array | None:
        """The values of a state before the sequence, one row a direction; zeros for None."""
        input = f"initial_{name}"
        try:
            array = self.optional(input)
        except Unknown as missing:
            if missing.name not in self.graph.inputs:
                raise
            notes.append(f"{missing.name}, from which {input} comes, was not given: zeros.")
            return None
        if array is None:
            return None
        rows = array.swapaxes(0, 1) if self.said.batch_first and np.ndim(array) == 3 else array
        batch = np.shape(rows)[1] if np.ndim(rows) == 3 else 0
        self._check(input, rows, (len(self.said.forms), batch, self._hidden))
        return rows[:, _of_batch(item, batch, input)]

    def steps(self, count: int, item: int, notes: list[str]) -> int:
        """How many of the steps sequence `item` has."""
        try:
            lengths = self.optional("sequence_lens")
        except Unknown as missing:
            notes.append(f"{missing.name}, the sequence lengths, was not given: all steps.")
            return count
        if lengths is None:
            return count
        length = int(np.ravel(lengths)[_of_batch(item, np.size(lengths), "sequence_lens")])
        if not 1 <= length <= count:
            what = f"{called(self.proto)}: sequence_lens has {length} for item {item}"
            raise ProblemError(what, accepted=f"from 1 to {count}")
        if length < count:
            notes.append(f"The sequence has {length} of {count} steps; behind it, Y is zero.")
        return length


_FORGET = tuple(parameter(letter, "f") for letter in ("U", "W", "b", "bh", "p"))
"""What an LSTM with f = 1 − i does not use."""


def _of_batch(item: int, batch: int, what: str) -> int:
    if not 0 <= item < batch:
        raise ProblemError(f"item {item} of {what}", accepted=f"from 0 to {batch - 1}")
    return item
