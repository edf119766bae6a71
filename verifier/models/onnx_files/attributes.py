"""The attributes of a recurrent node: each is understood, or refused by its name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np

from verifier.errors import ProblemError, nearest, shown
from verifier.models.layout import layout
from verifier.models.model import Form, Kind
from verifier.models.onnx_files.graph import SIMPLE, attributes, called

KIND_OF: Mapping[str, Kind] = {"RNN": "rnn", "GRU": "gru", "LSTM": "lstm"}
WAYS = {"forward": (False,), "reverse": (True,), "bidirectional": (False, True)}


@dataclass(frozen=True)
class Said:
    """What a node says of itself: a form for each direction, and which of them run backwards."""

    kind: Kind
    forms: tuple[Form, ...]
    backwards: tuple[bool, ...]
    batch_first: bool
    hidden: int | None
    notes: tuple[str, ...]


def said(node: Any) -> Said:
    """What the attributes of a node say.

    Errors: ProblemError for attributes and values that are not known.
    """
    kind, given = KIND_OF[node.op_type], attributes(node)
    _check_known(node, kind)
    reader = _Reader(node, kind, given)
    way = reader.choice("direction", tuple(WAYS), "forward")
    count = len(WAYS[way])
    functions = list(reader.functions(count))
    size = len(functions) // count
    return Said(
        kind,
        tuple(reader.form(functions[k * size : (k + 1) * size]) for k in range(count)),
        WAYS[way],
        bool(reader.whole("layout", (0, 1), 0)),
        given.get("hidden_size"),
        tuple(reader.notes),
    )


def _check_known(node: Any, kind: Kind) -> None:
    known = [*layout("onnx")["common"]["attributes"], *layout("onnx")[kind]["attributes"]]
    for entry in node.attribute:
        if entry.name not in known:
            what = f"{called(node)}: the attribute {shown(entry.name)} is not known"
            raise ProblemError(what + nearest(entry.name, known), accepted=", ".join(known))
        if entry.type not in SIMPLE:
            what = f"{called(node)}: {entry.name} is neither numbers nor texts"
            raise ProblemError(what, accepted="the type that ONNX states")


class _Reader:
    """The attributes of one node, one after the other."""

    def __init__(self, node: Any, kind: Kind, given: Mapping[str, Any]) -> None:
        self.node, self.kind, self.given = node, kind, given
        self.notes: list[str] = []

    def refused(self, name: str, accepted: str) -> ProblemError:
        what = f"{called(self.node)}: {name} = {shown(str(self.given.get(name)))}"
        return ProblemError(what, accepted=accepted)

    def choice(self, name: str, known: tuple[str, ...], default: str) -> str:
        value = self.given.get(name, default)
        if not isinstance(value, str) or value not in known:
            raise self.refused(name, ", ".join(known))
        return value

    def whole(self, name: str, known: tuple[int, ...], default: int) -> int:
        value = self.given.get(name, default)
        if not isinstance(value, int) or value not in known:
            raise self.refused(name, " or ".join(map(str, known)))
        return value

    def form(self, functions: list[str]) -> Form:
        return Form(
            self.kind,
            tuple(functions),
            self.clip(),
            reset_after=bool(self.whole("linear_before_reset", (0, 1), 0)),
            coupled=bool(self.whole("input_forget", (0, 1), 0)),
        )

    def clip(self) -> str:
        """The threshold as a text; ONNX's zero, which runtimes take for none, is refused."""
        if "clip" not in self.given:
            return ""
        value = self.given["clip"]
        if not isinstance(value, float) or not isfinite(value) or value <= 0:
            raise self.refused("clip", "a positive number")
        return self.decimal(value, "clip")

    def decimal(self, value: Any, name: str) -> str:
        """The shortest decimal that is the float32 number in the file."""
        if not isinstance(value, float) or not isfinite(value):
            raise self.refused(name, "finite numbers")
        text = np.format_float_positional(np.float32(value), trim="-")
        if float(text) != value:
            self._note(f"{name} = {text} is that decimal; the file holds the float32 next to it.")
        return text

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def functions(self, directions: int) -> Iterator[str]:
        """The activations of all directions as texts."""
        usual = layout("onnx")[self.kind]["activations"]
        names = self.given.get("activations") or usual * directions
        if not isinstance(names, list) or len(names) != len(usual) * directions:
            raise self.refused("activations", f"{len(usual) * directions} names")
        rows = [self._row(name) for name in names]
        alphas, betas = (self._numbers(f"activation_{key}") for key in ("alpha", "beta"))
        yield from [self._function(row, names[k], alphas, betas) for k, row in enumerate(rows)]
        for left, name in ((alphas, "activation_alpha"), (betas, "activation_beta")):
            if left:
                raise self.refused(name, "as many numbers as activations take")

    def _row(self, name: str) -> Mapping[str, str]:
        known = layout("onnx")["functions"]
        found = {key.lower(): row for key, row in known.items()}.get(str(name).lower())
        if found is None:
            what = f"{called(self.node)}: the activation {shown(name)}{nearest(name, known)}"
            raise ProblemError(what, accepted=", ".join(known))
        return found  # type: ignore[no-any-return]

    def _numbers(self, name: str) -> list[str]:
        values = self.given.get(name, [])
        if not isinstance(values, list):
            raise self.refused(name, "a list of numbers")
        return [self.decimal(value, name) for value in values]

    def _function(
        self, row: Mapping[str, str], name: str, alphas: list[str], betas: list[str]
    ) -> str:
        """The text of an activation; it takes its numbers off the lists, as ONNX says."""
        text = row["text"]
        for key, left in (("alpha", alphas), ("beta", betas)):
            if key in row:
                number = left.pop(0) if left else row[key]
                if not number:
                    what = f"{called(self.node)}: {name} without activation_{key}"
                    raise ProblemError(what, accepted="the number: ONNX has no default for it")
                text = text.replace(key.upper(), number)
        return text
