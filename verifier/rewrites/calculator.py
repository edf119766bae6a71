"""Another key of the calculator: 10^x or 2^x for e^x, log10 for ln, degrees for radians."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from verifier.arithmetic.wrap.scaled import Scaled
from verifier.language.tree import Call, nodes
from verifier.rewrites.model import Change, Changes, Task

TEN = "2.302585092994045684017991454684364207601101488628772976033327900967572609677352480235997205"
TWO = "0.693147180559945309417232121458176568075500134360255254120680009493393621969694715605863326"
DEGREE = (
    "0.017453292519943295769236907684886127134428718885417254560971914401710091146034494436822416"
)
LOG_TEN = (
    "0.434294481903251827651128918916605082294397005803666566114453783165864649208870774729224949"
)
"""ln 10, ln 2, π/180 and 1/ln 10 to 90 places: f(k x) for f(x) is what the other key gives.

Of the key for a logarithm it is k f(x).
"""


def key(factor: str, *functions: str, outside: bool = False) -> Changes:
    """The key pressed for one of the functions, and for all of them."""

    def changes(problem: Task) -> Iterator[Change]:
        used = {name: _users(problem, name) for name in functions}
        used = {name: users for name, users in used.items() if users}
        for chosen in dict.fromkeys((*((name,) for name in used), tuple(used))):
            if not chosen:
                continue
            touches = frozenset(user for name in chosen for user in used[name])
            ordered = tuple(name for name in problem.cell.equation if name in touches)
            yield Change(
                {"quantities": ordered, "function": chosen},
                touches=touches,
                wrap=partial(Scaled, factor=factor, functions=frozenset(chosen), outside=outside),
            )

    return changes


def _users(problem: Task, function: str) -> tuple[str, ...]:
    return tuple(
        equation.name
        for equation in problem.cell.equations
        for _, node in nodes(equation.expression)
        if isinstance(node, Call) and node.operation == function
    )
