"""How tightly operations bind on paper, as data.

`LEVEL` is what a printed term has, `NEEDS` what each argument must have at least to stand without
parentheses. The first argument of a chain of one operation (a + b + c) needs none.
"""

from __future__ import annotations

ATOM = 100

LEVEL = {
    "add": 10,
    "subtract": 10,
    "stacked": 10,
    "negate": 15,
    "multiply": 20,
    "hadamard": 20,
    "divide": 20,
    "ratio": 20,
    "inner": 30,
    "matmul": 30,
    "exp": ATOM - 1,
    "power": ATOM - 1,
}

NEEDS = {
    "add": (10, 16),
    "subtract": (10, 16),
    "negate": (16,),
    "multiply": (31, 31),
    "hadamard": (31, 31),
    "divide": (31, 31),
    "inner": (31, 31),
    "matmul": (31, 31),
    "factor": (31,),
    "then_hadamard": (31,),
    "then_matmul": (31,),
    "then_multiply": (31,),
    "transpose": (ATOM,),
    "power": (ATOM, 0),
    "entry": (ATOM, 0),
}
"""Products of unlike kinds are parenthesised, since on paper both are written side by side."""
