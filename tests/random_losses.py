"""Random problems with a loss: layers of random cells, stacked or in both directions of time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from tests import random_cells, random_problems
from verifier.problem import Problem, from_data

SECOND = {"h": "g", "z": "zz", "u": "uu", "q0": "r0", "q1": "r1"}
"""What the quantities of a second layer are called."""


WHOLE = ["exp({0} / 4)", "tanh({0} / 4)", "sqrt(1 + abs({0}))", "1 / (3 + square({0}))"]
WHOLE += ["softplus({0})", "concat({0}, {0})[0:1]", "log(1 + abs({0}))", "{0} ** 3 / 9"]
"""What a function of a whole loss may be; one is a vector of one entry."""


@dataclass(frozen=True)
class Drawn:
    """Equations, a loss at steps, and the numbers, as text that others can read, too."""

    text: str
    loss: str
    at: str | list[int]
    data: dict[str, Any]
    count: int

    @property
    def problem(self) -> Problem:
        """The problem of it all."""
        task = {"equations": self.text, "loss": self.loss, "loss_at": self.at, **self.data}
        return from_data(task, Path())

    @property
    def steps(self) -> list[int]:
        """The steps that count."""
        if isinstance(self.at, list):
            return self.at
        return list(range(1, self.count + 1)) if self.at == "all" else [self.count]


def draw(rng: Random, most: tuple[int, int, int] = (3, 2, 3)) -> Drawn:
    """A cell, two stacked ones, or two in both directions, and a loss over any quantities."""
    shapes = random_cells.draw(rng, most)
    n, count = shapes["initial"]["h"][0], shapes["inputs"]["x"][0]
    text = _layer(rng, n)
    kind = rng.choice(["one", "one", "stacked", "both"])
    if kind != "one":
        text += "\n" + _second(_layer(rng, n), kind)
    loss = _loss(rng, n, text)
    at: str | list[int] = rng.choice(["all", "last", "list"])
    if at == "list":
        at = sorted(rng.sample(range(1, count + 1), rng.randint(1, count)))
    shapes["inputs"]["y"] = (count, n)
    data: dict[str, Any] = _numbers(rng, shapes, text, loss, n)
    if rng.random() < 0.5:
        own = re.findall(r"[A-Za-z_]\w*", text)
        data |= {"rate": "0.125", "gradients": [n for n in shapes["inputs"] if n in own]}
    return Drawn(text, loss, at, data, count)


def _layer(rng: Random, n: int) -> str:
    """A cell, half of the time with a scalar gate, and with quantities that its state uses."""
    *lines, last = random_cells.equations(rng, n).splitlines()
    state = last.partition("=")[2].strip()
    if rng.random() < 0.5:
        gate = random_cells.expression(rng, n, rng.choice("so"), 1)
        lines.append(f"u[t] = sigmoid({gate})")
        state = f"(1 - u[t]) * ({state}) + u[t] * h[t-1]"
    if rng.random() < 0.5:
        state = f"tanh({state} + 0.25 * mean(a * {rng.choice(['q0', 'q1'])}[t]))"
    return "\n".join([*lines, f"h[t] = {state}"])


def _second(text: str, kind: str) -> str:
    """The text as a second layer: over the first, or beside it and backwards in time."""
    found = re.sub(r"[A-Za-z_]\w*", lambda m: SECOND.get(m[0], m[0]), text)
    if kind == "stacked":
        return found.replace("xv[t]", "h[t]")
    return found.replace("g[t-1]", "g[t+1]") + "\nout[t] = concat(h[t], g[t])[1:]"


def _loss(rng: Random, n: int, text: str) -> str:
    """A loss over states, gates and others, with a squared error or a cross-entropy or neither."""
    defined = [line.partition("[")[0] for line in text.splitlines()]
    state = "g" if "g" in defined else "h"
    inner = random_cells.expression(rng, n, "s", 1).replace("h[t-1]", f"{state}[t]")
    usual = [
        f"half_squared_error({state}[t], y[t])",
        f"squared_error(y[t], {state}[t])",
        f"cross_entropy(softmax({state}[t]), y[t])",
        f"binary_cross_entropy(sigmoid({state}[t]), y[t])",
        f"mean(square({state}[t] - y[t]))",
        "0",
    ]
    own = [f"0.5 * ({inner})", f"mean(b * {rng.choice(defined)}[t])", f"mean({state}[t] / v)"]
    total = " + ".join([rng.choice(usual), *rng.sample(own, rng.randint(1, 2))])
    return rng.choice(["{0}"] * 12 + WHOLE).format(f"({total})")


def _numbers(
    rng: Random, shapes: dict[str, Any], text: str, loss: str, n: int
) -> dict[str, dict[str, Any]]:
    used = set(re.findall(r"[A-Za-z_]\w*", text + loss))
    ends: dict[str, dict[str, Any]] = {"initial": {}, "final": {}}
    for name, sign, section in (("h", "-", "initial"), ("g", "-", "initial"), ("g", "+", "final")):
        if f"{name}[t{sign}1]" in text:
            ends[section][name] = random_problems.array(rng, n)
    return {
        section: {
            name: random_problems.array(rng, *shape)
            for name, shape in shapes[section].items()
            if name in used
        }
        for section in ("parameters", "inputs")
    } | ends
