"""Random cells: equations of every operation, with scalars and vectors of length 1 spread out.

Shapes have a letter each: s a scalar, o a vector of length 1, v and k vectors of two lengths, M a
square matrix, U one that takes k to v.
"""

from __future__ import annotations

from random import Random

FUNCTIONS = ["tanh", "sigmoid", "exp", "softplus", "relu", "leaky_relu", "hard_sigmoid"]
FUNCTIONS += ["hard_sigmoid_relu6", "hard_tanh", "softsign", "sin", "cos", "erf", "abs", "elu"]
FUNCTIONS += ["silu", "gelu", "gelu_tanh", "thresholded_relu", "square"]

EVERY = [
    *(f"{name}({{0}})" for name in FUNCTIONS * 2),
    *["({0} + {0})", "({0} + {s})", "({0} * {0})", "({s} * {0})", "(-{0})"] * 3,
    *["max({0}, {0})", "min({0}, {0})", "sqrt(abs({0}))", "log(1 + abs({0}))"] * 2,
    *[
        "({0}) ** 3",
        "(0.5 + {0}) ** 5",
        "({0}) ** 4",
        "(1 + abs({0})) ** -2",
        "affine({0}, {s}, {s})",
        "elu({0}, 0.3)",
    ],
    *["(pi() * {0})", "identity({0})", "positive({0})", "({0} * step({0} - 0.1))"],
    *["scaled_tanh({0}, 1.2, 0.7)", "thresholded_relu({0}, 0.2)", "leaky_relu({0}, {s})"],
    *["({0} / (2 + exp({0})))", "({s} / {0})", "({0} / {0})", "clip({0}, -0.7, 0.9)"] * 2,
]
"""What makes a quantity of any shape, {0} being one of its own."""

RULES = {
    "s": [*["({v} @ {v})", "({k} @ {k})"] * 5, "sum({v})", "sum({M})", "mean({v})", "mean({M})"],
    "o": [],
    "v": [
        *["({k} @ {U})", "({v} @ {M})", "({M} @ {v})", "({U}.T @ {k})", "softmax({v})"] * 3,
        *["({v} + {o})", "({o} * {v})", "((1 - z[t]) * {v} + z[t] * {v})"] * 3,
        *[
            "sum({M}, 0)",
            "sum({M}, axis=1)",
            "mean({M}, 0)",
            "fill({s}, {n})",
            "({M} @ {v})[0:{n}]",
        ],
        *["concat({v}, {o})[1:]", "concat({v}, {v})[0:{n}]", "pad({v}[1:], 0, 1)"],
        *["((1 - z[t]) * {s} + z[t] * {v})", "((1 - z[t]) * {v} + z[t] * {s})"] * 2,
    ],
    "k": [],
    "M": [
        *[
            "({M} + {v})",
            "({v} - {M})",
            "outer({v}, {v})",
            "(outer({v}, {k})[:, 0:1] @ outer({v}, {v})[0:1] + {M})",
        ],
        *["fill({v}, {n})", "{M}[:, 0:{n}]", "pad({M}[:, 1:], 1, 0)"],
        *["({M} @ {M})", "({M} + {o})", "({U}.T @ {U})", "({o} * {M})", "softmax({M})"] * 4,
    ],
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


def equations(rng: Random, n: int) -> str:
    """A gate, one or two quantities that follow from it, and the state, of n entries."""
    depth = rng.choice((1, 2, 3))
    parts = [f"q{i}[t] = {expression(rng, n, rng.choice('svM'), depth)}" for i in range(2)]
    gate = f"z[t] = sigmoid({expression(rng, n, 'v', 1, first=True)})"
    return "\n".join([gate, *parts, f"h[t] = {expression(rng, n, 'v', depth)}"])


def expression(rng: Random, n: int, shape: str, depth: int, *, first: bool = False) -> str:
    """An expression of a shape; the `first` one names no gate, since there is none yet."""
    if shape == "n":
        return str(n)
    leaf = depth <= 0 or shape in "kU"
    rules = LEAVES[shape] if leaf else RULES[shape] + EVERY
    rule = rng.choice([r for r in rules if not ((first and "z[t]" in r) or (n < 2 and "1:]" in r))])
    found = ""
    while rule:
        before, _, rule = rule.partition("{")
        hole, _, rule = rule.partition("}")
        found += before
        if hole:
            inner = shape if hole == "0" else hole
            found += f"({expression(rng, n, inner, depth - 1, first=first)})"
    return found
