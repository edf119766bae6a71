"""A test vector that tells conventions apart: other inputs and states, other weights if need be."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from verifier.arithmetic.ieee import Ieee
from verifier.audit.drawn import drawn
from verifier.audit.functions import accuracy
from verifier.audit.held import Held, held_of
from verifier.audit.implementations import Outputs
from verifier.audit.implementations.handed import outputs
from verifier.audit.power import Power, power
from verifier.errors import VerifierError
from verifier.evaluate import evaluate
from verifier.problem import Problem

TRIES = 4
ENOUGH = 10.0
"""A convention is told apart well when it is so many bounds away."""


@dataclass(frozen=True, eq=False)
class Probe:
    """A problem for which conventions differ, what it tells apart, and whether weights are new."""

    problem: Problem
    power: Power
    weights: bool


def probe(problem: Problem, float: str = "float32", seed: int = 1) -> Probe:
    """The drawn problem that tells most conventions apart in a format, by what the cell hands on.

    Weights stay as they are where other inputs tell as much. Errors: VerifierError for a backward
    pass.
    """
    if problem.backward is not None:
        raise VerifierError("no probe for a backward pass", accepted="a problem's forward pass")
    first, second = (_best(problem, float, seed, weights) for weights in (False, True))
    return second if _worth(second.power) > _worth(first.power) else first


def _best(problem: Problem, float: str, seed: int, weights: bool) -> Probe:
    tasks = (drawn(problem, Random(seed + k), weights) for k in range(TRIES))
    probes = [Probe(task, power(task, shown(task, float)), weights) for task in tasks]
    return max(probes, key=lambda one: (_worth(one.power), one.power.times))


def _worth(found: Power) -> tuple[int, bool]:
    """How few conventions are not seen, and whether the nearest one is seen clearly."""
    return -len(found.blind), found.times >= ENOUGH


def shown(problem: Problem, float: str) -> tuple[Held, ...]:
    """What a program in this format shows that returns what the cell hands on, with its bounds."""
    own = outputs(problem)
    values = evaluate(problem, Ieee(float, order="numpy")).values
    kept = {site: value for site, value in values.items() if site[1] in own}
    return held_of(problem, Outputs("", "", float, kept, accuracy("numpy")))
