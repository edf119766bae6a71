"""Audits of large models in four formats, beside the certified pass; and conventions of a stack.

An LSTM of 256 units and 128 inputs, two layers, 50 steps, all numbers in float32: the certified
values, those of the rounded numbers, both bounds and what each format computes, in CPU seconds. A
GRU of 64 units and 32 inputs, two layers in two directions, 50 steps, of which a program shows the
last layer's outputs alone: the bound that it is held to, and the search for what it does otherwise.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from benchmarks.problems import lstm
from verifier import cells
from verifier.arithmetic.floats.binary import BINARY
from verifier.arithmetic.ieee import Ieee
from verifier.audit.conventions import pairs, singles, triples
from verifier.audit.explain import explained
from verifier.audit.functions import accuracy, hypotheses
from verifier.audit.held import held_of
from verifier.audit.implementations import Outputs
from verifier.audit.implementations.handed import outputs
from verifier.audit.measure import limits
from verifier.cells.combine import Stack, combine
from verifier.certify import certify
from verifier.evaluate import evaluate
from verifier.numbers import Numbers
from verifier.problem import Problem
from verifier.solution import Solution


def main() -> None:
    """Print every figure with what is wanted."""
    at_size()
    conventions()


def at_size() -> None:
    """The audit beside the certified pass, and the largest bounds of the last step."""
    problem, models = large(), [Ieee(name) for name in BINARY]
    alone = cpu(partial(certify, problem))
    start = time.process_time()
    known = limits(problem, models, hypotheses())
    for model in models:
        evaluate(problem, model)
    taken = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"audit {taken:.1f} s of CPU, certified pass {alone:.1f} s: {taken / alone:.2f} "
        f"(wanted 8); {peak:.0f} MiB at most (wanted 600)"
    )
    for name in known.exact:
        both = (each[name][50, "h1"].max() for each in (known.stated, known.any_order))
        print(f"{name}, step 50: stated {next(both):.1e}, any order {next(both):.1e}")


def large() -> Problem:
    """The LSTM, with inputs in float32, too."""
    problem = lstm(256, 128, 50)
    floats = problem.inputs["x"].doubles.astype(np.float32)
    return replace(problem, inputs={"x": Numbers.of_floats(floats)})


def conventions() -> None:
    """What takes how long until a program's convention is named, or none is."""
    for what, given in programs():
        task = stack()
        start = time.process_time()
        held = held_of(task, given)
        between = time.process_time()
        found = list(explained(Solution(task), given, held))
        bound, named = between - start, time.process_time() - between
        print(
            f"{what}: certified and bounded {bound:.1f} s of CPU, {len(found)} named in "
            f"{named:.1f} s: {bound + named:.1f} (wanted 5)"
        )


def programs() -> Iterator[tuple[str, Outputs]]:
    """What programs show that follow one convention, two or three, and one that follows none."""
    problem = stack()
    whole = [one for one in singles(problem, "convention") if one.whole]
    twos = list(pairs(problem, whole))
    yield "a single", shown(next(one for one in whole if "gates-permuted" in one.rules).problem)
    yield "a pair", shown(next(one for one in twos if "blend-swapped" in one.rules).problem)
    threes = (one for one in triples(problem, twos) if "transposed" not in one.rules)
    yield "a triple", shown(next(threes).problem)
    usual, dice = shown(problem), np.random.default_rng(5)
    off = {
        site: (value + dice.uniform(-0.01, 0.01, value.shape)).astype(np.float32)
        for site, value in usual.values.items()
    }
    yield "nothing known, mistakes tried as well", replace(usual, values=off)


def stack() -> Problem:
    """Two layers of GRUs in two directions, with weights as PyTorch draws them."""
    dice, whole = np.random.default_rng(1), combine(cells.load("gru-pytorch"), Stack(2, True))
    sizes = {"n": 32, "m": 64, "2m": 128}

    def drawn(name: str) -> Numbers:
        shape = [sizes.get(part) or int(part) for part in whole.sizes[name]]
        return Numbers.of_floats(dice.uniform(-1 / 8, 1 / 8, shape).astype(np.float32))

    x = Numbers.of_floats(dice.standard_normal((50, 32)).astype(np.float32))
    return Problem(whole, {name: drawn(name) for name in whole.roles.parameters}, {"x": x})


def shown(problem: Problem) -> Outputs:
    """What NumPy gives in float32: the last layer's outputs."""
    values, own = evaluate(problem, Ieee("float32", order="numpy")).values, outputs(problem)
    kept = {site: value for site, value in values.items() if site[1] in own}
    return Outputs("NumPy", "", "float32", kept, accuracy("numpy"))


def cpu(work: Callable[[], object]) -> float:
    """The CPU seconds of one call."""
    start = time.process_time()
    work()
    return time.process_time() - start


if __name__ == "__main__":
    main()
