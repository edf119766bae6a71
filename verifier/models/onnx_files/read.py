"""ONNX models as recurrent models: a node, or a stack of them, with what feeds it."""

from __future__ import annotations

from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from verifier.errors import ProblemError, nearest, shown
from verifier.models.model import Direction, Model
from verifier.models.onnx_files.graph import RECURRENT, Graph, called
from verifier.models.onnx_files.node import Node
from verifier.models.onnx_files.protos import Source, onnx_package, source
from verifier.models.sequences import typed
from verifier.models.wanted import Wanted

Array = Any
Layer = tuple[Direction, ...]


def read_onnx(path: Path, wanted: Wanted) -> Model:
    """The recurrent model of an ONNX file. Errors: ProblemError with what is not understood."""
    found = source(path)
    graph = _graph(found, wanted)
    notes: list[str] = list(_warnings(found))
    chain = _chain(graph, wanted.layer)
    x, count, batch = _sequences(graph, chain[0], notes)
    notes += _worked(graph, chain[0].name_of("X"))
    if batch > 1:
        notes.append(f"Sequence {wanted.item} of {batch} of the batch, counted from 0.")
    if not 0 <= wanted.item < batch:
        raise ProblemError(f"item {wanted.item}", accepted=f"from 0 to {batch - 1}")
    chain, layers = _linked(chain, count, batch, wanted.item, notes)
    steps = {node.steps(count, wanted.item, notes) for node in chain}
    if len(steps) > 1:
        raise ProblemError("layers take sequences of several lengths", accepted="--layer NAME")
    notes += (note for node in chain for note in node.said.notes)
    notes += _flaws(chain)
    inputs = np.ascontiguousarray(x[: steps.pop(), wanted.item])
    title = f"{chain[-1].proto.op_type} of {path.name}"
    return Model(layers, inputs, title, tuple(dict.fromkeys(notes)))


def _worked(graph: Graph, name: str) -> list[str]:
    """That the sequence is worked from what was given, by other operators than arrange it."""
    found = list(dict.fromkeys(graph.worked(name)))[::-1]
    if not found:
        return []
    return [
        f"x is {name[:80]}, which comes of the model's input by {', '.join(found)}: worked by "
        "ONNX's reference in the file's types, and taken as it comes out."
    ]


def _warnings(found: Source) -> list[str]:
    producer = found.model.producer_name
    resets_before = [
        node.name
        for node in found.graph.node
        if node.op_type == "GRU"
        and not any(a.name == "linear_before_reset" and a.i for a in node.attribute)
    ]
    if producer == "pytorch" and resets_before:
        return [
            "The file says linear_before_reset = 0, and that is what is imported: PyTorch's own "
            "GRU resets after the product, and an exporter of PyTorch's is known to leave the "
            "attribute out by mistake."
        ]
    return []


def _flaws(chain: list[Node]) -> list[str]:
    clipped = any(form.clip for node in chain for form in node.said.forms if form.kind == "lstm")
    told = (
        "clip is applied to the cell state in h = o ∘ tanh(c) too, as ONNX says; ONNX Runtime does "
        "not."
    )
    return [told] if clipped else []


def _graph(found: Source, wanted: Wanted) -> Graph:
    """The graph with the arrays that were given; one without a name is the missing input."""
    given = dict(wanted.inputs)
    graph = Graph(found, given)
    known = {*graph.inputs, *graph.makers, *graph.constants}
    for name in (name for name in given if name and name not in known):
        what = f"{found.path.name} has no value {shown(name)}{nearest(name, known)}"
        raise ProblemError(what, accepted=", ".join(name[:80] for name in graph.inputs[:12]))
    return graph


def _nodes(graph: Graph) -> list[Any]:
    found = [node for node in graph.source.graph.node if node.op_type in RECURRENT]
    if not found:
        inside = _nested(graph.source.graph)
        where = f"; one stands inside of {inside}" if inside else ""
        what = f"{graph.source.path.name} has no GRU, LSTM or RNN{where}"
        raise ProblemError(what, accepted="a graph with one of these nodes")
    return found


def _nested(graph: Any) -> str:
    """The node in whose subgraph a recurrent node stands; empty when there is none."""
    for node in graph.node:
        for entry in node.attribute:
            if any(inner.op_type in RECURRENT for inner in entry.g.node):
                return called(node)
    return ""


def _chain(graph: Graph, layer: str) -> list[Node]:
    """The nodes from the first layer to the one that is asked for, or to the last one."""
    nodes = _nodes(graph)
    last = _named(nodes, layer) if layer else _last(graph, nodes)
    chain = [Node.of(graph, last)]
    while True:
        before = list(graph.upstream(chain[0].name_of("X")))
        if not before:
            return chain
        if len(before) > 1 or any(before[0] is node.proto for node in chain):
            names = ", ".join(map(called, before))
            what = f"{called(chain[0].proto)} is fed by {names}"
            name = chain[0].name_of("X")
            raise ProblemError(what, accepted=f"--inputs {name[:80]}=FILE.npy, what enters it")
        chain.insert(0, Node.of(graph, before[0]))


def _named(nodes: list[Any], layer: str) -> Any:
    for node in nodes:
        if layer in (node.name, *filter(None, node.output)):
            return node
    raise ProblemError(f"no recurrent node {shown(layer)}", accepted=_names(nodes))


def _last(graph: Graph, nodes: list[Any]) -> Any:
    """The one node that feeds no other."""
    feeding = {
        tuple(other.output)
        for node in nodes
        for name in node.input
        for other in graph.upstream(name)
    }
    last = [node for node in nodes if tuple(node.output) not in feeding]
    if len(last) != 1:
        what = f"{len(nodes)} recurrent nodes, {len(last)} of which feed no other"
        raise ProblemError(what, accepted=f"--layer with one of {_names(nodes)}")
    return last[0]


def _names(nodes: list[Any]) -> str:
    return ", ".join((node.name or next(iter(node.output), ""))[:80] for node in nodes[:12])


def _sequences(graph: Graph, first: Node, notes: list[str]) -> tuple[Array, int, int]:
    """What enters the first layer as (steps, batch, width), and the first two of these."""
    name = first.name_of("X")
    x = _placed(graph, name, 0 if first.said.batch_first else 1, notes)
    if np.ndim(x) != 3 or not np.size(x):
        what = f"{called(first.proto)}: X, {shown(name)}, is of shape {np.shape(x)}"
        raise ProblemError(what, accepted="(steps, batch, width)")
    x = x.swapaxes(0, 1) if first.said.batch_first else x
    first._check("X", x, (*np.shape(x)[:2], np.shape(first.needed("W"))[-1]))
    return x, *np.shape(x)[:2]


def _placed(graph: Graph, name: str, batch: int, notes: list[str]) -> Array:
    """The value of a name, with the array that has no name as the one input that is missing.

    One without an axis for the batch gets it where the value has a batch of one at its axis.
    """
    given: Any = graph.given
    array = given.pop("", None)
    if array is None:
        return graph.value(name)
    missing = _missing(graph, name)
    declared = {entry.name: entry.type.tensor_type for entry in graph.source.graph.input}[missing]
    dtype = onnx_package().helper.tensor_dtype_to_np_dtype(declared.elem_type)
    array = typed(array, np.dtype(dtype), missing, notes)
    rank = len(declared.shape.dim)
    tries = [array]
    if rank == np.ndim(array) + 1:  # a sequence without an axis for the batch
        tries = [np.expand_dims(array, axis) for axis in _free(declared, rank)]
    error: ProblemError | None = None
    for one in tries:
        graph.given, graph.known = {**given, missing: one}, {}
        try:
            found = graph.value(name)
        except ProblemError as raised:
            error = raised
            continue
        if np.ndim(found) == 3 and (one is array or np.shape(found)[batch] == 1):
            return found
    raise error or ProblemError(
        f"{shown(missing)} of shape {np.shape(array)}", accepted=f"an array of {rank} axes"
    )


def _free(declared: Any, rank: int) -> list[int]:
    """The axes that may be that of a batch of one, those that the graph says are 1 first."""
    sizes = [dim.dim_value for dim in declared.shape.dim]
    names = [dim.dim_param.lower() for dim in declared.shape.dim]
    axes = [axis for axis in range(rank - 1) if sizes[axis] in (0, 1)]
    return sorted(axes, key=lambda axis: (sizes[axis] != 1, "batch" not in names[axis], axis == 0))


def _missing(graph: Graph, name: str) -> str:
    """The one input of the graph that a value needs and that is not given."""
    waiting, found, seen = [name], [], set(graph.given)
    while waiting:
        one = waiting.pop()
        if one in seen:
            continue
        seen.add(one)
        if one in graph.inputs:
            found.append(one)
        elif one in graph.makers:
            waiting += filter(None, graph.makers[one].input)
    if len(found) != 1:
        what = f"{len(found)} inputs are missing"
        raise ProblemError(what, accepted="--inputs NAME=FILE for each of " + ", ".join(found))
    return found[0]


def _linked(
    chain: list[Node], steps: int, batch: int, item: int, notes: list[str]
) -> tuple[list[Node], tuple[Layer, ...]]:
    """The nodes, each behind the one before it, and their layers.

    Between layers numbers are only arranged: marked ones come through as a layer takes them.
    """
    chain, layers = list(chain), []
    for number, node in enumerate(chain):
        layers.append(node.directions(item, notes))
        if number + 1 < len(chain):
            marks = _marks(layers[-1], steps, batch)
            after = chain[number + 1] = _behind(node, chain[number + 1], marks)
            _check_arranged(node, after, marks)
    return chain, tuple(layers)


def _marks(layer: Layer, steps: int, batch: int) -> Array:
    """A different number for every entry of a layer's output (steps, directions, batch, hidden)."""
    hidden = next(iter(layer[0].parameters[n] for n in layer[0].parameters if n[0] == "W")).shape[0]
    shape = (steps, len(layer), batch, hidden)
    if prod(shape) > 2**24:  # the whole numbers that float32 has
        raise ProblemError("a stack of layers too large to look at", accepted="--layer NAME")
    return np.arange(1, prod(shape) + 1, dtype=np.float32).reshape(shape)


def _behind(before: Node, after: Node, marks: Array) -> Node:
    output = before.proto.output[0] if before.proto.output else ""
    turned = marks.transpose(2, 0, 1, 3) if before.said.batch_first else marks
    return after.behind(output, np.ascontiguousarray(turned))


def _check_arranged(before: Node, after: Node, marks: Array) -> None:
    steps, _, batch, _ = marks.shape
    expected = marks.transpose(0, 2, 1, 3).reshape(steps, batch, -1)
    name = after.name_of("X")
    found = after.graph.value(name)
    found = found.swapaxes(0, 1) if after.said.batch_first and np.ndim(found) == 3 else found
    if not np.array_equal(found, expected):
        what = f"between {called(before.proto)} and {called(after.proto)} numbers are changed"
        accepted = f"--layer, and --inputs {name[:80]}=FILE.npy, what enters it"
        raise ProblemError(what, accepted=accepted)
