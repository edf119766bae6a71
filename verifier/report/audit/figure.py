"""The figure of drift: error and bound against the step number, several formats in one."""

from __future__ import annotations

import io
from collections.abc import Sequence
from math import isfinite, log10
from typing import Any

from verifier.audit.drift import Drift, Worst
from verifier.errors import MissingExtraError, extra
from verifier.report.words import Words

DRAWN = {
    "float16": ("#D55E00", "o"),
    "bfloat16": ("#CC79A7", "s"),
    "float32": ("#0072B2", "^"),
    "float64": ("#009E73", "D"),
    "tf32": ("#56B4E9", "v"),
    "autocast-bfloat16": ("#7A3E61", "X"),
    "autocast-float16": ("#8F3F00", "P"),
    "float8_e4m3fn": ("#E69F00", "<"),
    "float8_e5m2": ("#A8A000", ">"),
    "int8-dynamic": ("#000000", "*"),
}
"""Okabe and Ito's colours, which colour-blind people tell apart, some of them darker; and marks."""

LINES = (("error", "-"), ("bound", "--"), ("bound_any_order", ":"))
GAP = 0.055
"""The least distance of two labels, in heights of the figure."""

MOST = 10.0
"""Larger bounds are not drawn, unless errors are that large: they say nothing."""

SETTINGS: Any = {"svg.hashsalt": "recurrent-verifier", "svg.fonttype": "path", "font.size": 10}


def figure(drifts: Sequence[Drift], format: str, language: str = "en") -> bytes:
    """The figure as SVG or PNG; the same findings give the same bytes.

    Errors: MissingExtraError without matplotlib.
    """
    try:
        import matplotlib
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingExtraError("a figure needs matplotlib", accepted=extra("plot")) from None
    words = Words("en" if language == "zh" else language)  # matplotlib's font has no Chinese
    with matplotlib.rc_context(SETTINGS):
        whole = Figure(figsize=(7.2, 4.4), layout="constrained")
        _draw(whole.add_subplot(), drifts, words)
        file = io.BytesIO()
        nothing = {"Date": None} if format == "svg" else {"Software": None}
        whole.savefig(file, format=format, metadata=nothing, dpi=160)
    return file.getvalue()


def _draw(axes: Any, drifts: Sequence[Drift], words: Words) -> None:
    axes.set_yscale("log")
    axes.set_xlabel(words.text("audit.figure.step"))
    axes.set_ylabel(words.text("audit.figure.size"))
    axes.spines[["top", "right"]].set_visible(False)
    errors = [w.error for found in drifts for w in found.steps if isfinite(w.error)]
    most = max(MOST, 100 * max(errors, default=0))
    for found in drifts:
        for name, line in LINES:
            _line(axes, found, name, line, most)
    last = max((worst.step for found in drifts for worst in found.steps), default=1)
    axes.set_xlim(1 if last > 1 else 0.5, last if last > 1 else 1.5)
    axes.xaxis.get_major_locator().set_params(integer=True)
    _labels(axes, drifts)
    styles = [axes.plot([], [], line, color="#444444")[0] for _, line in LINES]
    texts = [words.text(f"audit.figure.{name}") for name, _ in LINES]
    axes.figure.legend(styles, texts, loc="outside upper center", ncols=3, frameon=False)


def _line(axes: Any, found: Drift, name: str, line: str, most: float) -> None:
    points = [
        (worst.step, getattr(worst, name))
        for worst in found.steps
        if not (name == "error" and worst.below)
    ]
    shown = [(step, size) for step, size in points if 0 < size <= most]
    if not shown:
        return
    steps, sizes = zip(*shown, strict=True)
    ink, mark = DRAWN[found.float]
    mark = mark if name == "error" else ""
    every = max(1, len(steps) // 10)
    axes.plot(steps, sizes, line, color=ink, marker=mark, ms=4, markevery=every)


def _labels(axes: Any, drifts: Sequence[Drift]) -> None:
    """Each format's name at the right end of its error, moved apart where they would overlap."""
    low, high = map(log10, axes.get_ylim())
    ends = sorted((_height(found.steps, low, high), found.float) for found in drifts)
    before = -1.0
    for height, name in ends:
        before = max(height, before + GAP)
        axes.text(1.02, before, name, color=DRAWN[name][0], transform=axes.transAxes, va="center")


def _height(steps: Sequence[Worst], low: float, high: float) -> float:
    sizes = [w.error for w in steps if isfinite(w.error) and w.error > 0 and not w.below]
    return (log10(sizes[-1]) - low) / (high - low) if sizes else 0.0
