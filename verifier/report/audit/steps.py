"""Which steps of a long sequence a table shows."""

from __future__ import annotations


def thinned(steps: list[int], most: int) -> list[int]:
    """The first and the last, and evenly spread ones between, no more than `most`."""
    if len(steps) <= most:
        return steps
    places = {round(k * (len(steps) - 1) / (most - 1)) for k in range(most)}
    return [steps[k] for k in sorted(places)]
