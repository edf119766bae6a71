"""A whole audit: measured, bounded, attributed, and compared with programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from verifier.arithmetic.ieee import BINARY, Ieee
from verifier.audit.against import against
from verifier.audit.attribute import attribute
from verifier.audit.findings import Findings
from verifier.audit.functions import accuracy
from verifier.audit.implementations import Layers, implementation, run
from verifier.audit.measure import audit
from verifier.errors import VerifierError
from verifier.problem import Problem
from verifier.solution import Solution

Place = tuple[int, str, int]
"""Step, name, and number of the entry among its quantity's."""


def whole(
    solution: Solution,
    models: Sequence[Ieee] = (),
    programs: Iterable[str] = (),
    places: Iterable[Place] = (),
    layers: Layers | None = None,
) -> Findings:
    """What an audit of a problem finds; without models, for every format summed in sequence.

    `programs` are the implementations to compare; the errors of `places` are attributed first.
    `layers` run equations that a program has under other names.
    Errors: VerifierError where a program has none of the formats, or cannot run the cell.
    """
    models, task = models or [Ieee(float) for float in BINARY], solution.problem
    _fit(task, models)
    named = {name: implementation(name) for name in dict.fromkeys(programs)}
    pairs = _pairs(models, {name: found.formats() for name, found in named.items()})
    outputs = [
        run(task, name, float, layers) for name, float in pairs
    ]  # errors first: they are quick
    assumed = accuracy("numpy")
    found = audit(solution, models, assumed.ulps)
    asked = [one for model in models for one in attribute(found, model, dict.fromkeys(places))]
    others = [one for one in found.attributions if one not in asked]
    found = replace(found, attributions=(*asked, *others))
    return Findings(found, assumed, tuple(against(solution, each) for each in outputs))


def _fit(task: Problem, models: Sequence[Ieee]) -> None:
    """Errors: VerifierError for a backward pass in a model that passes nothing back."""
    unfit = [model.float for model in models if not model.format.trains]
    if task.backward is not None and unfit:
        what = f"a backward pass in {', '.join(unfit)}, whose weights are quantised"
        raise VerifierError(what, accepted="a forward pass, or another --float")


def _pairs(models: Sequence[Ieee], programs: dict[str, tuple[str, ...]]) -> list[tuple[str, str]]:
    """Every program with every format that it and the audit have."""
    pairs = []
    for name, floats in programs.items():
        both = [model.float for model in models if model.float in floats]
        if not both:
            asked = ", ".join(model.float for model in models)
            raise VerifierError(
                f"{name} does not compute in {asked}", accepted="--float " + ", ".join(floats)
            )
        pairs += [(name, float) for float in both]
    return pairs
