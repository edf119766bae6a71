"""Every cell of the catalogue once more, in NumPy, written from its source in column convention.

A witness is a step: from the parameters, the input and the states before it to the states and the
output. Matrices are the transposes of the problem's, so that W x is `p["W"] @ x`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

Array = Any
Named = Mapping[str, Array]
Step = Callable[[Any, Named, Named], dict[str, Array]]


def σ(x: Array) -> Array:
    """The logistic function."""
    return 1 / (1 + np.exp(-x))


class Given(dict[str, Any]):
    """Parameters by name, matrices transposed; what a problem leaves out is zero."""

    def __missing__(self, key: str) -> float:
        return 0.0

    def of(self, gate: str, x: Array, h: Array, state: str = "s") -> Array:
        """A gate's linear part, with both biases."""
        bias = self[f"b_{gate}"] + self[f"b_{state}{gate}"]
        return self[f"U_{gate}"] @ x + self[f"W_{gate}"] @ h + bias


def rnn(function: Callable[[Array], Array]) -> Step:
    """h = f(U x + W h + b), a second bias where there is one."""

    def step(p: Given, x: Named, old: Named) -> dict[str, Array]:
        return {"h": function(p["U"] @ x["x"] + p["W"] @ old["h"] + p["b"] + p["b_h"])}

    return step


def relu(x: Array) -> Array:
    """What is positive."""
    return np.where(x > 0, x, 0)


def with_output(fed_back: str) -> Step:
    """Elman's and Jordan's networks: what is fed back is h or y."""

    def step(p: Given, x: Named, old: Named) -> dict[str, Array]:
        h = σ(p["U"] @ x["x"] + p["W"] @ old[fed_back] + p["b"])
        return {"h": h, "y": σ(p["V"] @ h + p["b_y"])}

    return step


def indrnn(p: Given, x: Named, old: Named) -> dict[str, Array]:
    """A diagonal recurrent matrix."""
    return {"h": relu(p["U"] @ x["x"] + np.diag(p["w"]) @ old["h"] + p["b"])}


def gru(*, keep: bool = True, after: bool = False, inside: bool = True) -> Step:
    """Cho's, Chung's, and those that reset after the product, the bias inside or not."""

    def step(p: Given, x: Named, old: Named) -> dict[str, Array]:
        h, v = old["s"], x["x"]
        z, r = σ(p.of("z", v, h)), σ(p.of("r", v, h))
        if not after:
            n = np.tanh(p["U_h"] @ v + p["W_h"] @ (r * h) + p["b_h"] + p["b_sh"])
        else:
            n = np.tanh(p["U_h"] @ v + p["b_h"] + r * (p["W_h"] @ h + inside * p["b_sh"]))
        return {"s": h + (1 - z if keep else z) * (n - h)}

    return step


def mgu(p: Given, x: Named, old: Named) -> dict[str, Array]:
    """Zhou et al. 2016: [h, x] stacked."""
    h, v = old["s"], x["x"]
    f = σ(np.hstack([p["W_f"], p["U_f"]]) @ np.concatenate([h, v]) + p["b_f"])
    n = np.tanh(np.hstack([p["W_h"], p["U_h"]]) @ np.concatenate([f * h, v]) + p["b_h"])
    return {"s": (1 - f) * h + f * n}


def mgu_flax(p: Given, x: Named, old: Named) -> dict[str, Array]:
    """Flax: f keeps, and multiplies the recurrent layer with its bias."""
    h, v = old["s"], x["x"]
    f = σ(p["U_f"] @ v + p["b_f"] + p["W_f"] @ h)
    n = np.tanh(p["U_h"] @ v + p["b_h"] + f * (p["W_h"] @ h + p["b_sh"]))
    return {"s": (1 - f) * n + f * h}


def ligru(p: Given, x: Named, old: Named) -> dict[str, Array]:
    """Ravanelli et al. 2018."""
    z, n = σ(p.of("z", x["x"], old["s"])), relu(p.of("h", x["x"], old["s"]))
    return {"s": z * old["s"] + (1 - z) * n}


def lightru(p: Given, x: Named, old: Named) -> dict[str, Array]:
    """Ye et al. 2024."""
    f, n = σ(p.of("f", x["x"], old["s"])), np.tanh(p["U_h"] @ x["x"] + p["b_h"])
    return {"s": (1 - f) * old["s"] + f * n}


def mingru(p: Given, x: Named, old: Named) -> dict[str, Array]:
    """Feng et al. 2024."""
    z = σ(p["U_z"] @ x["x"] + p["b_z"])
    return {"s": (1 - z) * old["s"] + z * (p["U_h"] @ x["x"] + p["b_h"])}


def minlstm(p: Given, x: Named, old: Named) -> dict[str, Array]:
    """Feng et al. 2024."""
    f, i = (σ(p[f"U_{g}"] @ x["x"] + p[f"b_{g}"]) for g in "fi")
    total = f + i
    return {"s": f / total * old["s"] + i / total * (p["U_h"] @ x["x"] + p["b_h"])}


def lstm(*, forget: float = 0.0, coupled: bool = False, project: bool = False) -> Step:
    """With peepholes where there are any; the output gate sees the new cell state."""

    def step(p: Given, x: Named, old: Named) -> dict[str, Array]:
        v, h, c = x["x"], old["h"], old["c"]
        i = σ(p.of("i", v, h, "h") + p["P_i"] * c)
        f = 1 - i if coupled else σ(p.of("f", v, h, "h") + p["P_f"] * c + forget)
        c = f * c + i * np.tanh(p.of("g", v, h, "h"))
        m = σ(p.of("o", v, h, "h") + p["P_o"] * c) * np.tanh(c)
        return {"c": c, "h": p["V"] @ m if project else m}

    return step


def janet(p: Given, x: Named, old: Named) -> dict[str, Array]:
    """van der Westhuizen and Lasenby 2018."""
    s = p.of("f", x["x"], old["h"])
    c = σ(s) * old["c"] + (1 - σ(s - p["beta"])) * np.tanh(p.of("g", x["x"], old["h"]))
    return {"c": c, "h": c}


def sru(p: Given, x: Named, old: Named) -> dict[str, Array]:
    """Lei et al. 2018."""
    f, r = (σ(p[f"U_{g}"] @ x["x"] + p[f"V_{g}"] * old["c"] + p[f"b_{g}"]) for g in "fr")
    c = f * old["c"] + (1 - f) * (p["U"] @ x["x"])
    return {"c": c, "h": r * c + (1 - r) * x["x"]}


def lru(p: Given, x: Named, old: Named) -> dict[str, Array]:
    """Orvieto et al. 2023, in complex numbers."""
    decay = np.exp(-np.exp(p["nu_log"]) + 1j * np.exp(p["theta_log"]))
    b, c = p["B_re"] + 1j * p["B_im"], p["C_re"] + 1j * p["C_im"]
    state = decay * (old["h_re"] + 1j * old["h_im"]) + np.exp(p["gamma_log"]) * (b @ x["x"])
    return {"h_re": state.real, "h_im": state.imag, "y": (c @ state).real + p["D"] * x["x"]}


def slstm(p: Given, x: Named, old: Named) -> dict[str, Array]:
    """Beck et al. 2024 without the stabiliser, which leaves h the same."""
    i, f = (p.of(g, x["x"], old["h"]) for g in "if")
    c, n = old["c"] * np.exp(old["m"]), old["n"] * np.exp(old["m"])
    c = σ(f) * c + np.exp(i) * np.tanh(p.of("z", x["x"], old["h"]))
    n = σ(f) * n + np.exp(i)
    m = np.maximum(np.log(σ(f)) + old["m"], i)
    h = σ(p.of("o", x["x"], old["h"])) * c / n
    return {"c": c / np.exp(m), "n": n / np.exp(m), "m": m, "h": h}


def layernorm(p: Given, x: Named, old: Named) -> dict[str, Array]:
    """TensorFlow 1.15's, as its source has it; NumPy's own variance."""

    def norm(v: Array, g: str) -> Array:
        return (v - v.mean()) / np.sqrt(v.var() + p["epsilon"]) * p[f"g_{g}"] + p[f"b_{g}"]

    i, f, o, j = (norm(p[f"U_{g}"] @ x["x"] + p[f"W_{g}"] @ old["h"], g) for g in "ifog")
    c = norm(old["c"] * σ(f) + σ(i) * np.tanh(j), "c")
    return {"c": c, "h": np.tanh(c) * σ(o)}


def phased(p: Given, x: Named, old: Named) -> dict[str, Array]:
    """Neil et al. 2016: the time gate by its three cases."""
    phase, on = x["phi"], p["r_on"]
    cases = [phase < on / 2, phase < on]
    k = np.select(cases, [2 * phase / on, 2 - 2 * phase / on], p["alpha"] * phase)
    new = {
        "c": σ(p.of("f", x["x"], old["h"])) * old["c"]
        + σ(p.of("i", x["x"], old["h"])) * np.tanh(p.of("g", x["x"], old["h"]))
    }
    new["h"] = σ(p.of("o", x["x"], old["h"])) * np.tanh(new["c"])
    return {name: k * new[name] + (1 - k) * old[name] for name in new}


AFTER = gru(after=True)
OUTSIDE = gru(after=True, inside=False)
WITNESSES: dict[str, Step] = {
    "elman": with_output("h"),
    "gru": gru(),
    "gru-coreml": OUTSIDE,
    "gru-cudnn": AFTER,
    "gru-flax": AFTER,
    "gru-flax-nnx": OUTSIDE,
    "gru-flux": OUTSIDE,
    "gru-keras": AFTER,
    "gru-keras-before": gru(),
    "gru-onnx": gru(),
    "gru-onnx-after": AFTER,
    "gru-pytorch": AFTER,
    "gru-update": gru(keep=False),
    "indrnn": indrnn,
    "janet": janet,
    "jordan": with_output("y"),
    "lightru": lightru,
    "ligru": ligru,
    "lru": lru,
    "lstm": lstm(),
    "lstm-coupled": lstm(coupled=True),
    "lstm-cudnn": lstm(),
    "lstm-flax": lstm(),
    "lstm-keras": lstm(),
    "lstm-layernorm": layernorm,
    "lstm-onnx": lstm(),
    "lstm-peephole": lstm(),
    "lstm-phased": phased,
    "lstm-projection": lstm(project=True),
    "lstm-pytorch": lstm(),
    "lstm-tf1": lstm(forget=1.0),
    "mgu": mgu,
    "mgu-flax": mgu_flax,
    "mingru": mingru,
    "minlstm": minlstm,
    "rnn": rnn(np.tanh),
    "rnn-flax": rnn(np.tanh),
    "rnn-keras": rnn(np.tanh),
    "rnn-pytorch": rnn(np.tanh),
    "rnn-relu": rnn(relu),
    "slstm": slstm,
    "sru": sru,
}
"""The step of each cell."""
