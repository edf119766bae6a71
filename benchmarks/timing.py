"""Two things timed in turn in one run, and their ratio: machines are noisy, ratios are less so."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence


def seconds(work: Callable[[], object]) -> float:
    """The wall time of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def ratio(ours: Callable[[], object], theirs: Callable[[], object], runs: int) -> str:
    """Medians of both and of the ratio pair by pair, after one warm-up each."""
    ours(), theirs()
    return told([(seconds(ours), seconds(theirs)) for _ in range(runs)])


def told(pairs: Sequence[tuple[float, float]]) -> str:
    """Medians of both and of the ratio pair by pair, with the smallest and the largest ratio."""
    first, second = (statistics.median(pair[k] for pair in pairs) for k in (0, 1))
    middle = statistics.median(a / b for a, b in pairs)
    best, worst = min(a / b for a, b in pairs), max(a / b for a, b in pairs)
    return (
        f"{1e3 * first:9.1f} ms / {1e3 * second:9.1f} ms = {middle:.3f} ({best:.3f} … {worst:.3f})"
    )
