"""ONNX models for ONNX Runtime, and whether they are more than their recurrent nodes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from verifier.errors import VerifierError, shown

RECURRENT = ("GRU", "LSTM", "RNN")
ARRANGING = (
    *("Transpose", "Squeeze", "Unsqueeze", "Reshape", "Flatten", "Identity", "Cast", "Dropout"),
    *("Slice", "Gather", "Split", "Concat"),
)
"""Operators that leave numbers what they are."""

TYPES = {
    "tensor(float)": "float32",
    "tensor(float16)": "float16",
    "tensor(bfloat16)": "bfloat16",
    "tensor(double)": "float64",
}


def session(model: Path | bytes) -> Any:
    """A model in ONNX Runtime, on one thread of the CPU. Errors: whatever the runtime raises."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level, options.intra_op_num_threads = 4, 1
    given = model if isinstance(model, bytes) else str(model)
    return onnxruntime.InferenceSession(given, options, ["CPUExecutionProvider"])


def format_of(type: str) -> str:
    """The format that ONNX Runtime's name of a type means; empty where it is none of ours."""
    return TYPES.get(type, "")


def check_whole(graph: Any, given: str, file: str) -> None:
    """That only numbers are arranged before, between and behind the nodes GRU, LSTM and RNN.

    A model without such nodes is a program of its own. Errors: VerifierError.
    """
    if not any(node.op_type in RECURRENT for node in graph.node):
        return
    way = list(_way(graph, given))
    own = [node for node in way if node.op_type in RECURRENT]
    for node in way:
        if node.op_type not in (*RECURRENT, *ARRANGING):
            what = f"{file} is more than its recurrent nodes: {shown(node.op_type)} makes "
            part = f"from {own[-1].input[0]!r} to {own[0].output[0]!r} " if own else ""
            accepted = f"the part {part}alone (onnx.utils.extract_model), or module:function"
            raise VerifierError(what + shown(node.output[0]), accepted=accepted)


def _way(graph: Any, given: str) -> Iterator[Any]:
    """The nodes on the way from the first output back to the given input, by first inputs."""
    makers = {name: node for node in graph.node for name in node.output}
    name, left = graph.output[0].name, len(graph.node)
    while name != given and name in makers and left:
        node = makers[name]
        yield node
        name, left = _entering(node, makers, given), left - 1


def _entering(node: Any, makers: Any, given: str) -> str:
    """The first input that is computed, or given: others are numbers of the file."""
    for name in node.input:
        if name == given or name in makers:
            return str(name)
    return ""
