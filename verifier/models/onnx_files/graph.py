"""Values of an ONNX graph: what feeds a recurrent node, worked out when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from verifier import effort
from verifier.errors import ProblemError, shown
from verifier.models.onnx_files.operators import MADE
from verifier.models.onnx_files.protos import Source, onnx_package, tensor
from verifier.problem.arrays import damaged

Array = Any
RECURRENT = ("GRU", "LSTM", "RNN")


class Unknown(ProblemError):  # noqa: N818 - what it says is that a value is not there
    """A value that no file and no operator gives; `name` is what the graph calls it."""

    def __init__(self, name: str, what: str, accepted: str) -> None:
        super().__init__(what, accepted=accepted)
        self.name = name


@dataclass(eq=False)
class Graph:
    """A graph with values that were `given` from outside, by name."""

    source: Source
    given: Mapping[str, Array]
    known: dict[str, Array] = field(default_factory=dict)

    @cached_property
    def makers(self) -> Mapping[str, Any]:
        """The node that makes each name. Errors: ProblemError for two that make one."""
        found: dict[str, Any] = {}
        for node in self.source.graph.node:
            for name in filter(None, node.output):
                if found.setdefault(name, node) is not node:
                    raise ProblemError(f"two nodes make {shown(name)}", accepted="one node a name")
        return found

    @cached_property
    def constants(self) -> Mapping[str, Any]:
        """The tensors of the file by name."""
        return {proto.name: proto for proto in self.source.graph.initializer}

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        """The names that the graph takes from outside."""
        names = (entry.name for entry in self.source.graph.input)
        return tuple(name for name in names if name not in self.constants)

    def value(self, name: str) -> Array:
        """The value of a name.

        Errors: Unknown where an input or a recurrent node would have to give it; ProblemError for
        operators that are not read, circles, and what would be too large.
        """
        waiting, begun = [name], set[str]()
        while waiting:  # no recursion: a row of nodes may be as long as a file
            one = waiting[-1]
            missing = [] if self._has(one) else [n for n in self._needs(one) if not self._has(n)]
            for other in (other for other in missing if other in begun or other == one):
                what = f"a circle through {shown(other)}"
                raise ProblemError(what, accepted="a graph without circles")
            if not missing:
                self._find(waiting.pop())
            begun.add(one)
            waiting += reversed(missing)
        return self._held(name)

    def _has(self, name: str) -> bool:
        return name in self.given or name in self.known

    def _held(self, name: str) -> Array:
        return self.given[name] if name in self.given else self.known[name]

    def _needs(self, name: str) -> list[str]:
        """What has to be known first."""
        if name in self.constants:
            return []
        node = self.makers.get(name)
        if node is None or node.op_type in RECURRENT:
            raise self._unknown(name, node)
        if node.domain not in ("", "ai.onnx") or node.op_type not in MADE:
            what = f"{called(node)}, which makes {shown(name)}, is not read"
            raise ProblemError(what, accepted=f"--inputs {name[:80]}=FILE.npy, its value")
        return [one for one in node.input if one]

    def _find(self, name: str) -> None:
        """Make a value known whose needs are."""
        if self._has(name):
            return
        if name in self.constants:
            self.known[name] = tensor(self.source, self.constants[name])
            return
        node = self.makers[name]
        taken = [self._held(one) if one else None for one in node.input]
        self._check(node, taken)
        self.known |= dict(zip(node.output, self._run(node, taken), strict=False))

    def _unknown(self, name: str, node: Any) -> Unknown:
        accepted = f"--inputs {name[:80]}=FILE.npy"
        if node is not None:
            return Unknown(name, f"{shown(name)} comes from {called(node)}", accepted)
        what = "is not given" if name in self.inputs else "is made by no node"
        return Unknown(name, f"{shown(name)} {what}", accepted)

    def _check(self, node: Any, taken: list[Array]) -> None:
        with damaged(called(node), TAKEN):
            count = MADE[node.op_type](taken, attributes(node))
        if count > effort.ENTRIES:
            what = f"{called(node)} would make {count} numbers"
            raise ProblemError(what, accepted=f"at most {effort.ENTRIES}")

    def _run(self, node: Any, taken: list[Array]) -> list[Array]:
        if node.op_type == "Constant":
            return [self._constant(node)]
        from onnx.reference import ReferenceEvaluator

        feeds = {n: v for n, v in zip(node.input, taken, strict=True) if n}
        with damaged(called(node), TAKEN), np.errstate(all="ignore"):
            runner = ReferenceEvaluator(_alone(node, feeds, self.source.opset))
            return [np.asarray(found) for found in runner.run(None, feeds)]

    def _constant(self, node: Any) -> Array:
        held = {entry.name: entry for entry in node.attribute}
        if "value" in held:
            return tensor(self.source, held["value"].t)
        value = next(iter(attributes(node).values()), None)
        kind = np.int64 if isinstance(value, int) or _whole(value) else np.float32
        if not isinstance(value, int | float | list):
            raise ProblemError(f"{called(node)} holds no numbers", accepted="a tensor of numbers")
        return np.array(value, kind)

    def upstream(self, name: str) -> Iterator[Any]:
        """The recurrent nodes that a value comes from, each once; those behind them are not."""
        waiting, seen, found = [name], set(self.given), set()
        while waiting:
            one = waiting.pop()
            node = self.makers.get(one)
            if one in seen or node is None:
                continue
            seen.add(one)
            if node.op_type not in RECURRENT:
                waiting += filter(None, node.input)
            elif (made := tuple(node.output)) not in found:
                found.add(made)
                yield node

    def worked(self, name: str) -> Iterator[str]:
        """The operators that make other numbers on the way to a value, the last one first."""
        waiting, seen = [name], set(self.given)
        while waiting:
            one = waiting.pop(0)
            node = self.makers.get(one)
            if one in seen or node is None or node.op_type == "Shape":
                continue
            seen.add(one)
            if node.op_type not in ARRANGING or node.input[0] in self.constants:
                yield str(node.op_type)
            waiting += filter(None, node.input)


ARRANGING = (
    *("Identity", "Transpose", "Reshape", "Squeeze", "Unsqueeze", "Flatten", "Cast", "Dropout"),
    *("Slice", "Split", "Concat", "Gather", "Expand", "Tile", "ReverseSequence"),
)
"""Operators that leave the numbers of a sequence what they are."""

TAKEN = "what ONNX's operator takes"


def _alone(node: Any, feeds: Mapping[str, Array], opset: int) -> Any:
    """A model of one node: operators mean what they meant in the model's opset."""
    helper = onnx_package().helper
    taken = [helper.make_tensor_value_info(name, 0, None) for name in feeds]
    made = [helper.make_tensor_value_info(name, 0, None) for name in node.output]
    graph = helper.make_graph([node], "one", taken, made)
    least = SINCE.get(node.op_type, 1)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", max(opset, least))])


SINCE = {"DequantizeLinear": 19}
"""The opset from which on ONNX's reference has an operator that meant the same before."""


def _whole(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(part, int) for part in value)


def called(node: Any) -> str:
    """How errors call a node: its operator, and its name where it has one."""
    return f"{shown(node.op_type)} {shown(node.name)}" if node.name else shown(node.op_type)


def attributes(node: Any) -> dict[str, Any]:
    """The attributes of a node that are numbers, texts or lists of them, by name.

    Errors: ProblemError for two of one name.
    """
    helper, found = onnx_package().helper, {}
    for entry in node.attribute:
        if entry.name in found:
            raise ProblemError(f"{called(node)} has {shown(entry.name)} twice", accepted="it once")
        if entry.type in SIMPLE:
            found[entry.name] = _plain(helper.get_attribute_value(entry))
    return found


SIMPLE = {1, 2, 3, 6, 7, 8}
"""The numbers of attributes' types: float, int, string, and lists of them."""


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if isinstance(value, int | float) else [_plain(part) for part in value]
