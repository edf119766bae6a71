"""Work as a number: how many calls something makes, which is the same on a busy machine."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any

from verifier.errors import VerifierError


def calls(work: Callable[[], object]) -> int:
    """How many functions a piece of work calls, those written in C included.

    Work that ends in an error of the program's own is counted to its end.
    """
    count = 0

    def counted(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before, collecting = sys.getprofile(), gc.isenabled()
    gc.disable()  # what is told of a collection would count
    sys.setprofile(counted)
    try:
        with suppress(VerifierError):
            work()
    finally:
        sys.setprofile(before)
        if collecting:
            gc.enable()
    return count


def growth(work: Callable[[int], object], size: int) -> float:
    """How many times more calls the double size takes: about 2 where work is linear, 4 if square.

    A first call fills the caches that all sizes share.
    """
    work(size)
    return calls(lambda: work(2 * size)) / calls(lambda: work(size))
