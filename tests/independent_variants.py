"""Honest and mistaken sheets of a GRU with gates, made without the verifier's arithmetic.

Plain Python: decimals for those who round, floats for those who err. `tests.vary_campaign` tries
variants by them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import ROUND_HALF_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, getcontext
from typing import Any

getcontext().prec = 40

Row = list[Any]
Matrix = list[list[Any]]
Keep = Callable[[str, Any], Any]


def table(numbers: Any) -> Any:
    """The texts of given numbers as nested lists of decimals."""
    values = [Decimal(text) for text in numbers.texts]
    if len(numbers.shape) == 1:
        return values
    wide = numbers.shape[1]
    return [values[k : k + wide] for k in range(0, len(values), wide)]


def sigmoid(x: Decimal) -> Decimal:
    """The logistic function."""
    return 1 / (1 + (-x).exp())


def tanh(x: Decimal) -> Decimal:
    """The hyperbolic tangent."""
    e = (2 * x).exp()
    return (e - 1) / (e + 1)


def times(row: Row, matrix: Matrix) -> Row:
    """A row times a matrix."""
    return [
        sum((a * b[k] for a, b in zip(row, matrix, strict=True)), Decimal(0))
        for k in range(len(matrix[0]))
    ]


class Witness:
    """A GRU's numbers, and people who work them out."""

    def __init__(self, problem: Any, carry: int, dice: Any) -> None:
        self.w = {name: table(numbers) for name, numbers in problem.parameters.items()}
        self.x = table(problem.inputs["x"])
        self.s0 = table(problem.end("s", 0))
        self.places, self.carry, self.dice = problem.rounding.places, carry, dice

    def run(self, keep: Keep, **wrong: Any) -> list[str]:
        """All results in order, as printed; `keep` is what a person does with a number."""
        w, s, printed = self.w, self.s0, []
        for x in self.x[::-1] if wrong.get("reversed") else self.x:
            of = wrong.get("state", lambda s, s0: s)(s, self.s0)
            z = self.gate(
                x, of, w[wrong.get("u_z", "U_z")], w[wrong.get("w_z", "W_z")], keep, **wrong
            )
            r = self.gate(x, of, w["U_r"], w["W_r"], keep, **wrong)
            if wrong.get("swap_gates"):
                z, r = r, z
            reset = (
                of
                if wrong.get("no_reset")
                else [keep("o", a * b) for a, b in zip(of, spread(r, of), strict=True)]
            )
            parts = (
                [keep("o", v) for v in times(x, w["U_h"])],
                [keep("o", v) for v in times(reset, w["W_h"])],
            )
            sums = [keep("o", a + b) for a, b in zip(*parts, strict=True)]
            h = [keep("e", wrong.get("tanh", tanh)(v)) for v in sums]
            one = [keep("o", 1 - v) for v in z]
            first, last = (z, one) if wrong.get("blend") else (one, z)
            new = [keep("o", a * b) for a, b in zip(spread(first, h), h, strict=True)]
            old = [keep("o", a * b) for a, b in zip(spread(last, of), of, strict=True)]
            s = [keep("e", a + b) for a, b in zip(new, old, strict=True)]
            printed += [self.text(v) for part in (z, r, h, s) for v in part]
        return printed

    def gate(self, x: Row, s: Row, u: Matrix, w: Matrix, keep: Keep, **wrong: Any) -> Row:
        """A gate."""
        parts = [keep("o", v) for v in times(x, u)], [keep("o", v) for v in times(s, w)]
        sums = [keep("o", a + b) for a, b in zip(*parts, strict=True)]
        return [keep("e", wrong.get("sigmoid", sigmoid)(v)) for v in sums]

    def text(self, value: Decimal) -> str:
        """A number as it is written down."""
        return str(value.quantize(Decimal(1).scaleb(-self.places), rounding=ROUND_HALF_EVEN))

    def honest(self) -> Keep:
        """Someone who rounds some numbers, to as many places as asked to carry or more."""
        mode = (ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_HALF_DOWN)[self.dice.integers(3)]
        places, often = self.carry + int(self.dice.integers(4)), self.dice.choice([0.3, 0.7, 1.0])
        lines = bool(self.dice.integers(2))

        def keep(kind: str, value: Decimal) -> Decimal:
            rounds = (kind == "e" or lines) and self.dice.random() <= often
            return value.quantize(Decimal(1).scaleb(-places), rounding=mode) if rounds else value

        return keep

    def unfair(self, tries: int) -> list[str]:
        """What is unfair: honest sheets that differ, mistaken ones that do not."""
        exact = self.run(lambda kind, value: value)
        found = ["honest" for _ in range(tries) if self.run(self.honest()) != exact]
        return found + [
            name for name, wrong in MISTAKES.items() if self.run(lambda k, v: v, **wrong) == exact
        ]


def spread(gate: Row, like: Row) -> Row:
    """A gate's value for each entry; a scalar one is the same for all."""
    return gate * len(like) if len(gate) == 1 else gate


MISTAKES: dict[str, dict[str, Any]] = {
    "z and 1 - z": {"blend": True},
    "gates exchanged": {"swap_gates": True},
    "no reset": {"no_reset": True},
    "state not carried": {"state": lambda s, s0: s0},
    "inputs reversed": {"reversed": True},
    "another gate's U": {"u_z": "U_r"},
    "another gate's W": {"w_z": "W_r"},
    "tanh for sigmoid": {"sigmoid": tanh},
    "sigmoid for tanh": {"tanh": sigmoid},
    "e^x for e^-x": {"sigmoid": lambda x: sigmoid(-x)},
    "base ten": {"sigmoid": lambda x: sigmoid(x * Decimal(10).ln())},
    "degrees": {"tanh": lambda x: tanh(x * Decimal(math.pi) / 180)},
}
