"""How far plain floats drift over 10,000 steps, and the proven bound of it, as docs/drift.svg.

    python -m benchmarks.drift

GRUs of 16 units and 8 inputs. What NumPy's float64 and float32 are off is measured against the same
steps in extended precision (64 bits, NumPy's longdouble on x86), the largest over all units; the
bound is the radius by which digits are proven after the fact, see docs/trust.md. Each point is the
largest of a stretch of steps.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from benchmarks.problems import forward, gru
from verifier.along.certifier import enclosures
from verifier.along.held import Held
from verifier.numbers import Numbers
from verifier.problem import Problem
from verifier.report.audit.figure import SETTINGS

FILE = Path(__file__).parents[1] / "docs" / "drift.svg"
STEPS, STRETCH = 10_000, 100
CELLS = {"a cell that forgets": None, "an update gate biased by +6": "6"}
LINES = (("#0072B2", "-", "float32, measured"), ("#009E73", "-", "float64, measured"),
         ("#009E73", "--", "float64, proven bound"))  # fmt: skip

Floats = Any


def main() -> None:
    """Draw the figure, and print the last of each line."""
    with mpl.rc_context(SETTINGS):
        whole = Figure(figsize=(7.2, 3.4), layout="constrained")
        every = whole.subplots(1, len(CELLS), sharey=True)
        for axes, (title, bias) in zip(every, CELLS.items(), strict=True):
            drawn(axes, title, gru(16, 8, STEPS, gain=3**0.5, bias=bias))
        every[0].set_ylabel("largest absolute error")
        whole.legend(
            *every[0].get_legend_handles_labels(),
            loc="outside upper center", ncols=len(LINES), frameon=False,
        )  # fmt: skip
        file = io.BytesIO()
        whole.savefig(file, format="svg", metadata={"Date": None})
    FILE.write_bytes(file.getvalue())


def drawn(axes: Any, title: str, problem: Problem) -> None:
    """The errors and the bound of one cell against the step."""
    true = states(problem, np.longdouble)
    sizes = [np.abs(states(problem, kind) - true).max(axis=1) for kind in (np.float32, np.float64)]
    for (ink, line, label), size in zip(LINES, (*sizes, radii(problem)), strict=True):
        most = size.reshape(-1, STRETCH).max(axis=1)
        axes.semilogy(np.arange(1, len(most) + 1) * STRETCH, most, line, color=ink, label=label)
        print(f"{title}, {label}: {float(most[-1]):.1e}, at most {float(most.max()):.1e}")
    axes.set(title=title, xlabel="step", xlim=(0, STEPS), xticks=(0, STEPS // 2, STEPS))
    axes.spines[["top", "right"]].set_visible(False)


def radii(problem: Problem) -> Floats:
    """The largest radius of the state at each step; the first step is that of balls."""
    trace = enclosures(problem)
    assert trace is not None
    assert isinstance(trace.values, Held)
    found = [part.values["s"].radius.max(axis=1) for part in trace.values.parts]
    return np.concatenate([np.zeros(STEPS - sum(map(len, found))), *found])


def states(problem: Problem, kind: Any) -> Floats:
    """The states of all steps by NumPy in a format."""
    given = {name: cast(numbers, kind) for name, numbers in problem.parameters.items()}
    return np.array([*forward(given, cast(problem.inputs["x"], kind))])


def cast(numbers: Numbers, kind: Any) -> Floats:
    """The given numbers, each rounded to a format."""
    return np.array([kind(text) for text in numbers.texts]).reshape(numbers.shape)


if __name__ == "__main__":
    main()
