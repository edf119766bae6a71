"""Random cells: equations of every operation, with scalars and vectors of length 1 spread out.

Shapes have a letter each: s a scalar, o a vector of length 1, v and k vectors of two lengths, M a
square matrix, U one that takes k to v.
"""

from __future__ import annotations

from random import Random

FUNCTIONS = ["tanh", "sigmoid", "exp", "softplus", "relu", "leaky_relu", "hard_sigmoid"]
FUNCTIONS += ["hard_sigmoid_relu6", "hard_tanh", "softsign"]

EVERY = [
    *(f"{name}({{0}})" for name in FUNCTIONS * 2),
    *["({0} + {0})", "({0} + {s})", "({0} * {0})", "({s} * {0})", "(-{0})"] * 3,
    *["({0} / (2 + exp({0})))", "({s} / {0})", "({0} / {0})", "clip({0}, -0.7, 0.9)"] * 2,
]
"""What makes a quantity of any shape, {0} being one of its own."""

RULES = {
    "s": ["({v} @ {v})", "({k} @ {k})"] * 5,
    "o": [],
    "v": [
        *["({k} @ {U})", "({v} @ {M})", "({M} @ {v})", "({U}.T @ {k})", "softmax({v})"] * 3,
        *["({v} + {o})", "({o} * {v})", "((1 - z[t]) * {v} + z[t] * {v})"] * 3,
        *["((1 - z[t]) * {s} + z[t] * {v})", "((1 - z[t]) * {v} + z[t] * {s})"] * 2,
    ],
    "k": [],
    "M": ["({M} @ {M})", "({M} + {o})", "({U}.T @ {U})", "({o} * {M})", "softmax({M})"] * 4,
    "U": [],
}

LEAVES = {
    "s": ["a", "b", "xs[t]", "h[t-1] @ w", "0.3", "3"],
    "o": ["o", "xo[t]"],
    "v": ["v", "w", "xv[t]", "h[t-1]", "h[t-1]", "z[t]"],
    "k": ["x[t]"],
    "M": ["W"],
    "U": ["U"],
}


def draw(rng: Random, most: tuple[int, int, int]) -> dict[str, dict[str, tuple[int, ...]]]:
    """The shapes of a problem's numbers by section; `most` bounds both lengths and the steps."""
    n, k, steps = (rng.randint(min(2, size), size) for size in most)
    k += k == n
    return {
        "parameters": {"a": (), "b": (), "o": (1,), "v": (n,), "w": (n,), "W": (n, n), "U": (k, n)},
        "inputs": {"xs": (steps,), "xo": (steps, 1), "xv": (steps, n), "x": (steps, k)},
        "initial": {"h": (n,)},
    }


def equations(rng: Random) -> str:
    """A gate, one or two quantities that follow from it, and the state."""
    depth = rng.choice((1, 2, 3))
    parts = [f"q{i}[t] = {expression(rng, rng.choice('svM'), depth)}" for i in range(2)]
    gate = f"z[t] = sigmoid({expression(rng, 'v', 1, first=True)})"
    return "\n".join([gate, *parts, f"h[t] = {expression(rng, 'v', depth)}"])


def expression(rng: Random, shape: str, depth: int, *, first: bool = False) -> str:
    """An expression of a shape; the `first` one names no gate, since there is none yet."""
    rules = RULES[shape] + EVERY
    if depth <= 0 or shape in "kU":
        return _without_gate(rng, LEAVES[shape]) if first else rng.choice(LEAVES[shape])
    rule = _without_gate(rng, rules) if first else rng.choice(rules)
    found = ""
    while rule:
        before, _, rule = rule.partition("{")
        hole, _, rule = rule.partition("}")
        found += before
        if hole:
            inner = shape if hole == "0" else hole
            found += f"({expression(rng, inner, depth - 1, first=first)})"
    return found


def _without_gate(rng: Random, choices: list[str]) -> str:
    return rng.choice([choice for choice in choices if "z[t]" not in choice])
