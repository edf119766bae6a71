"""The one place that sets what numeric libraries keep for the whole process, and its lock.

FLINT's precision and mpmath's, by which sympy computes too, belong to the process, and mpmath's
tables of constants are changed while they are read. So one thread at a time computes with them;
python-flint keeps Python's own lock anyway, and no time is lost. Whoever holds the lock may take it
again. It is never held over a `yield`, where other code would run in between, nor while something
is waited for that another thread is to do. decimal's context is the thread's own.
"""

from __future__ import annotations

import decimal
import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock

from flint import ctx

_LOCK = RLock()

if hasattr(os, "register_at_fork"):  # a child must not wait for a thread that it does not have
    os.register_at_fork(
        before=_LOCK.acquire, after_in_parent=_LOCK.release, after_in_child=_LOCK.release
    )


@contextmanager
def alone() -> Iterator[None]:
    """No other thread computes with FLINT, mpmath or sympy; also a decorator."""
    with _LOCK:
        yield


@contextmanager
def flint_bits(precision: int) -> Iterator[None]:
    """FLINT's precision in bits, set for this thread alone and restored."""
    with _LOCK, ctx.workprec(precision):
        yield


@contextmanager
def decimal_figures(precision: int, largest: int) -> Iterator[None]:
    """Decimals of so many figures and exponents, set for this thread and restored.

    What has no value, or is too large, is an ArithmeticError.
    """
    wrong = [decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow]
    context = decimal.Context(
        precision, decimal.ROUND_HALF_EVEN, Emin=-largest, Emax=largest, traps=wrong
    )
    with decimal.localcontext(context):
        yield
