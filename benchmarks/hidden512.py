"""GRU, hidden and input 512, 20 steps, float32 weights: time and memory beside the bare products.

Each side runs in a process of its own, so that its peak memory is its own.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from flint import arb, arb_mat, ctx

from benchmarks.problems import GATES, gru

HIDDEN = INPUTS = 512
STEPS = 20


def main() -> None:
    """Time at most 1.9, memory at most 1.5."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "weights.npz"
        problem = gru(HIDDEN, INPUTS, STEPS, floats=True)
        arrays: dict[str, Any] = {name: n.floats for name, n in problem.parameters.items()}
        np.savez(path, **arrays)
        pairs = [(_measured("certified", path), _measured("bare", path)) for _ in range(3)]
    times = [a[0] / b[0] for a, b in pairs]
    sizes = [a[1] / b[1] for a, b in pairs]
    print(f"hidden 512: time / bare products   {statistics.median(times):.3f} {times}")
    print(f"hidden 512: memory / bare products {statistics.median(sizes):.3f} {sizes}")


def _measured(side: str, path: Path) -> tuple[float, float]:
    command = [sys.executable, "-m", "benchmarks.hidden512", side, str(path)]
    line = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    print(f"  {side}: {line.strip()}")
    return float(line.split()[0]), float(line.split()[1])


def certified(path: Path) -> float:
    """Seconds of `solve` on a problem whose weights are read beforehand."""
    from dataclasses import replace

    from verifier.problem.weights import load_weights
    from verifier.solution import solve

    problem = replace(gru(HIDDEN, INPUTS, STEPS), parameters=load_weights(path)[0])
    start = time.perf_counter()
    solution = solve(problem)
    taken = time.perf_counter() - start
    assert solution.complete
    print(f"{taken:.3f} {_peak():.0f} MiB, passes at {solution.full.precisions} bits")
    return taken


def bare(path: Path) -> None:
    """Seconds of the six products a step that a pass takes, and of nothing else."""
    from verifier.certify import first_precision
    from verifier.problem.weights import load_weights

    small = gru(HIDDEN, INPUTS, STEPS, floats=True)
    ctx.prec = first_precision(small)
    with np.load(path) as arrays:
        matrices = [arb_mat(HIDDEN, HIDDEN, arrays[name].ravel().tolist()) for name in arrays]
    assert len(load_weights(path)[0]) == 2 * len(GATES)
    vector = arb_mat(1, HIDDEN, [arb(k + 1).exp() / 10**k for k in range(HIDDEN)])
    start = time.perf_counter()
    for _ in range(STEPS):
        for matrix in matrices:
            vector * matrix
    print(f"{time.perf_counter() - start:.3f} {_peak():.0f} MiB at {ctx.prec} bits")


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    if len(sys.argv) == 1:
        main()
    else:
        {"certified": certified, "bare": bare}[sys.argv[1]](Path(sys.argv[2]))
