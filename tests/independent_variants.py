"""Honest and mistaken sheets of GRUs with gates, made without the verifier's arithmetic.

Plain NumPy, many variants at once in float64. `tests.vary_campaign` tries variants by them. A fair
variant's numbers lie a twentieth of a unit from where they print otherwise, and floats err by less
than a billionth of one, so that what they print is right.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

Row = Any
"""A row vector of each variant: an array of variants by entries."""

Keep = Callable[[str, Row], Row]
"""What people do with a number of an operation, "o", or of an equation, "e"."""

MODES = (np.rint, lambda v: np.floor(v + 0.5), lambda v: np.ceil(v - 0.5))


def table(numbers: Sequence[Any]) -> Any:
    """The texts of each variant's numbers as an array of floats."""
    return np.array([np.array(one.texts, dtype=float).reshape(one.shape) for one in numbers])


def sigmoid(x: Row) -> Row:
    """The logistic function."""
    return 1 / (1 + np.exp(-x))


def times(row: Row, matrix: Any) -> Row:
    """A row times a matrix."""
    return np.einsum("vi,vij->vj", row, matrix)


def all_of_it(kind: str, value: Row) -> Row:
    """The number as it is."""
    return value


class Witness:
    """The numbers of variants of one GRU, and people who work them out."""

    def __init__(self, problems: Sequence[Any], carry: int, dice: Any) -> None:
        first = problems[0]
        self.w = {name: table([p.parameters[name] for p in problems]) for name in first.parameters}
        self.x = table([p.inputs["x"] for p in problems]).swapaxes(0, 1)
        self.s0 = table([p.end("s", 0) for p in problems])
        self.places, self.carry, self.dice = first.rounding.places, carry, dice

    def run(self, keep: Keep, **wrong: Any) -> Any:
        """All results in order, in units of the last place: an array of variants by entries."""
        w, s, printed = self.w, self.s0, []
        for x in self.x[::-1] if wrong.get("reversed") else self.x:
            of = self.s0 if wrong.get("forgets") else s
            z = self.gate(
                x, of, w[wrong.get("u_z", "U_z")], w[wrong.get("w_z", "W_z")], keep, **wrong
            )
            r = self.gate(x, of, w["U_r"], w["W_r"], keep, **wrong)
            if wrong.get("swap_gates"):
                z, r = r, z
            reset = of if wrong.get("no_reset") else keep("o", r * of)
            sums = keep("o", keep("o", times(x, w["U_h"])) + keep("o", times(reset, w["W_h"])))
            h = keep("e", wrong.get("tanh", np.tanh)(sums))
            one = keep("o", 1 - z)
            first, last = (z, one) if wrong.get("blend") else (one, z)
            s = keep("e", keep("o", first * h) + keep("o", last * of))
            printed += [z, r, h, s]
        return np.rint(np.concatenate(printed, axis=1) * 10.0**self.places)

    def gate(self, x: Row, s: Row, u: Any, w: Any, keep: Keep, **wrong: Any) -> Row:
        """A gate."""
        sums = keep("o", keep("o", times(x, u)) + keep("o", times(s, w)))
        return keep("e", wrong.get("sigmoid", sigmoid)(sums))

    def texts(self, printed: Any) -> list[list[str]]:
        """The results of each variant as they are written down."""
        return [[f"{v / 10.0**self.places:.{self.places}f}" for v in one] for one in printed]

    def honest(self) -> Keep:
        """People who round some numbers, to as many places as asked to carry or more."""
        dice, people = self.dice, (len(self.s0), 1)
        mode, lines = dice.integers(3, size=people), dice.integers(2, size=people) == 1
        unit = 0.1 ** (self.carry + dice.integers(4, size=people))
        often = dice.choice([0.3, 0.7, 1.0], size=people)

        def keep(kind: str, value: Row) -> Row:
            rounds = ((kind == "e") | lines) & (dice.random(value.shape) <= often)
            kept = np.choose(mode, [rule(value / unit) for rule in MODES]) * unit
            return np.where(rounds, kept, value)

        return keep

    def unfair(self, tries: int) -> list[list[str]]:
        """What is unfair of each variant: honest sheets that differ, mistaken ones that do not."""
        exact, found = self.run(all_of_it), [list[str]() for _ in self.s0]
        for _ in range(tries):
            tell(found, "honest", (self.run(self.honest()) != exact).any(axis=1))
        for name, wrong in MISTAKES.items():
            tell(found, name, (self.run(all_of_it, **wrong) == exact).all(axis=1))
        return found


def tell(found: list[list[str]], what: str, where: Any) -> None:
    """Add to what was found of variants."""
    for k in np.flatnonzero(where):
        found[k].append(what)


MISTAKES: dict[str, dict[str, Any]] = {
    "z and 1 - z": {"blend": True},
    "gates exchanged": {"swap_gates": True},
    "no reset": {"no_reset": True},
    "state not carried": {"forgets": True},
    "inputs reversed": {"reversed": True},
    "another gate's U": {"u_z": "U_r"},
    "another gate's W": {"w_z": "W_r"},
    "tanh for sigmoid": {"sigmoid": np.tanh},
    "sigmoid for tanh": {"tanh": sigmoid},
    "e^x for e^-x": {"sigmoid": lambda x: sigmoid(-x)},
    "base ten": {"sigmoid": lambda x: sigmoid(x * np.log(10))},
    "degrees": {"tanh": lambda x: np.tanh(np.radians(x))},
}
