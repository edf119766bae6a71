"""What a recurrent model is, whatever the framework: layers, directions, numbers, in one naming.

Of a gate g, `U_g` multiplies the input, `W_g` the hidden state, `b_g` and `b_hg` are added beside
them, `p_g` multiplies the cell state; an RNN, which has no gates, has U, W, b and b_h. Matrices are
as in x @ U. A projection is `W_p`. States are h and, of an LSTM, c.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

Kind = Literal["rnn", "gru", "lstm"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Array = Any

GATES: Mapping[str, tuple[str, ...]] = {
    "rnn": ("",),
    "gru": ("z", "r", "n"),
    "lstm": ("i", "f", "g", "o"),
}
STATES: Mapping[str, tuple[str, ...]] = {"rnn": ("h",), "gru": ("h",), "lstm": ("h", "c")}
USUAL: Mapping[str, tuple[str, ...]] = {
    "rnn": ("tanh({})",),
    "gru": ("sigmoid({})", "tanh({})"),
    "lstm": ("sigmoid({})", "tanh({})", "tanh({})"),
}
"""Activations as texts with a hole: of the gates, the candidate, and the LSTM's output."""


@dataclass(frozen=True)
class Form:
    """How a cell computes; `clip` is the threshold of what enters activations, as a text.

    `clips_output` says that what enters the LSTM's last activation is clipped too.
    """

    kind: Kind
    activations: tuple[str, ...] = ()
    clip: str = ""
    clips_output: bool = True
    reset_after: bool = False
    coupled: bool = False

    @property
    def functions(self) -> tuple[str, ...]:
        """The activations, the usual ones where none are said."""
        return self.activations or USUAL[self.kind]


@dataclass(frozen=True, eq=False)
class Direction:
    """A cell that runs over a sequence; `states` are the values before its first step."""

    form: Form
    parameters: Mapping[str, Array]
    states: Mapping[str, Array] = field(default_factory=dict)
    backwards: bool = False


@dataclass(frozen=True, eq=False)
class Model:
    """A stack of layers, each of one or two directions, over the sequence `inputs` (steps, width).

    `notes` say what was taken for granted. `title` is what documents are called.
    """

    layers: tuple[tuple[Direction, ...], ...]
    inputs: Array
    title: str = ""
    notes: tuple[str, ...] = ()


def parameter(letter: str, gate: str) -> str:
    """The name of a gate's parameter: U_z, b_hz; of an RNN U, b_h.

    >>> parameter("U", "z"), parameter("bh", "z"), parameter("bh", ""), parameter("W", "")
    ('U_z', 'b_hz', 'b_h', 'W')
    """
    base, mark = ("b", "h") if letter == "bh" else (letter, "")
    return f"{base}_{mark}{gate}" if mark or gate else base
