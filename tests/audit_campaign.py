"""The long campaign on float errors: no computed value is further off than its bound.

    python -m tests.audit_campaign --problems 100000
    python -m tests.audit_campaign --problems 20000 --deployed

For each random problem, all four formats and every entry: NumPy's functions in the stated order,
NumPy's own product, and programs that use the whole allowance of the hypotheses, in the stated
order and in any, are held to the bounds. Sizes run from 1e-8 to 300, with subnormals, zeros,
cancellation, overflow and saturation among them. With `--renewed`, symbols of states are new at
every step, as in large models, and recurrences have their own. With `--wide` the problems have up
to 40 units and 24 inputs, in whose sums other bounds hold than in short ones. With `--any-cell`
their equations are random, too. With `--deployed`, models such as tf32 and int8-dynamic take the
place of the four formats, and programs that narrow, truncate and keep wide what each allows.
"""

from __future__ import annotations

import argparse
import multiprocessing
import re
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from tests import random_cells, random_problems
from tests.adversary import ACCURACY, Adversary, Deployer, reordered
from verifier.arithmetic.floats import recurrences
from verifier.arithmetic.floats.binary import BINARY
from verifier.arithmetic.floats.deployed import DEPLOYED
from verifier.arithmetic.ieee import LOGISTICS, ORDERS, Ieee
from verifier.audit.measure import Limits, limits
from verifier.errors import ProblemError
from verifier.evaluate import evaluate
from verifier.problem import Problem, from_data

Tried = Callable[[Problem, Random, Counter[str]], list[str]]

BATCH, REPORT = 50, 1000
WIDE = (40, 24, 3)
SCALES = (1e-8, 1e-4, 1e-2, 1, 1, 1, 1, 3, 12, 30, 300, 6e-8, 1e-5, 1e-39, 1e-44, 1e-310)


def main() -> None:
    """Run the campaign and print what was compared; exit 1 when a value broke its bound."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--problems", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--wide", action="store_true")
    parser.add_argument("--any-cell", action="store_true")
    parser.add_argument("--deployed", action="store_true")
    parser.add_argument("--renewed", action="store_true")
    options = parser.parse_args()
    start, total = time.perf_counter(), Counter[str]()
    seeds = range(options.seed * 10**6, options.seed * 10**6 + options.problems // BATCH)
    with multiprocessing.Pool(initializer=renewed if options.renewed else None) as pool:
        tried = check_deployed if options.deployed else check
        one = partial(batch, wide=options.wide, any_cell=options.any_cell, tried=tried)
        made = pool.imap_unordered(one, seeds)
        for done, counted in enumerate(made, 1):
            total += counted
            if done * BATCH % REPORT == 0 or done == len(seeds):
                taken = time.perf_counter() - start
                found = ", ".join(f"{count} {what}" for what, count in sorted(total.items()))
                print(f"{found} in {taken:.0f} s", flush=True)
    sys.exit(bool(total["broken bounds"]))


def renewed() -> None:
    """Let symbols of states last for one step."""
    recurrences.MOST_SYMBOLS = recurrences.FEWEST_STEPS = 1


def batch(seed: int, wide: bool, any_cell: bool, tried: Tried) -> Counter[str]:
    """What one batch of problems gave."""
    rng, counted = Random(seed), Counter[str]()
    for k in range(BATCH):
        problem = draw(rng, WIDE if wide else None, any_cell)
        try:
            broken = tried(problem, rng, counted)
        except ProblemError:  # a division by zero, say
            counted["that have no value"] += 1
            continue
        counted["problems"] += 1
        if broken:
            counted["broken bounds"] += len(broken)
            print(f"seed {seed}, problem {k}: {problem.cell.name} {broken[:3]}", flush=True)
    return counted


def draw(rng: Random, most: tuple[int, int, int] | None = None, any_cell: bool = False) -> Problem:
    """A random problem in numbers of many sizes; small ones are frequent, since they are quick.

    `most` bounds hidden size, inputs and steps.
    """
    most = most or (rng.choice((1, 2, 3, 8)), 4, rng.choice((1, 2, 3, 5)))
    cell, numbers = random_problems.draw(rng, most=most)
    if any_cell:
        cell, numbers = _any_cell(rng, most)
    base, mixed = rng.choice(SCALES), rng.random() < 0.3
    cancels = rng.random() < 0.2

    def size() -> float:
        return rng.choice(SCALES) if mixed else base

    def scaled(value: Any) -> Any:
        if isinstance(value, list):
            found = [scaled(part) for part in value]
            if cancels and len(found) > 1 and rng.random() < 0.5:
                found[1] = negated(found[0])
            return found
        return "0" if rng.random() < 0.05 else f"{float(value) * size():.7g}"

    sections = {
        name: {key: scaled(value) for key, value in given.items()}
        for name, given in numbers.items()
    }
    if any_cell:
        return from_data({"equations": cell, **sections}, Path())
    return random_problems.problem(cell, sections, turned=rng.random() < 0.3)


def _any_cell(rng: Random, most: tuple[int, int, int]) -> tuple[str, dict[str, dict[str, Any]]]:
    """Random equations, and the numbers that they name."""
    shapes = random_cells.draw(rng, most)
    (n,) = shapes["initial"]["h"]
    text = random_cells.equations(rng, n)
    while not re.search(r"\bx[sov]?\[t\]", text):
        text = random_cells.equations(rng, n)
    return text, {
        section: {
            name: random_problems.array(rng, *shape)
            for name, shape in given.items()
            if re.search(rf"\b{name}\b", text.replace("h[t]", ""))
        }
        for section, given in shapes.items()
    }


def negated(value: Any) -> Any:
    """The numbers with the other sign, now and then a last digit off: what cancels."""
    if isinstance(value, list):
        return [negated(part) for part in value]
    return f"{-float(value):.7g}"


def check(problem: Problem, rng: Random, counted: Counter[str]) -> list[str]:
    """What broke its bound: format, step, name, entry, distance and bound."""
    logistic = rng.choice(LOGISTICS)
    order = rng.choice([order for order in ORDERS if order != "numpy"])
    fma = order == "sequential" and rng.random() < 0.3
    models = [Ieee(name, order, fma=fma, logistic=logistic) for name in BINARY]
    if rng.random() < 0.3:
        models[1] = replace(models[1], accumulator="float32")
    known, broken = limits(problem, models, ACCURACY), []
    for model in models:
        if model.float not in known.exact:
            counted["given numbers that overflow"] += 1
            continue
        settings = vars(model)
        stated = [(problem, model), (problem, Adversary(**settings, rng=rng))]
        free = replace(model, order="numpy", fma=False), Adversary(**settings, rng=rng, free=True)
        broken += _held(model.float, known, known.stated[model.float], stated, counted)
        others = [(problem, free[0]), (reordered(problem, rng), free[1])]
        broken += _held(model.float, known, known.any_order[model.float], others, counted)
    return broken


def check_deployed(problem: Problem, rng: Random, counted: Counter[str]) -> list[str]:
    """As `check`, of a deployed model: its own values, and programs that use all its freedom."""
    logistic, broken = rng.choice(LOGISTICS), []
    for name in rng.sample(list(DEPLOYED), 2):
        model = Ieee(name, rng.choice(ORDERS), logistic=logistic)
        known = limits(problem, [model], ACCURACY)
        if name not in known.exact:
            counted["given numbers that overflow"] += 1
            continue
        free = Deployer(**vars(model), rng=rng)
        others = [(problem, model), (problem, free), (reordered(problem, rng), free)]
        broken += _held(name, known, known.any_order[name], others, counted)
    return broken


def _held(
    name: str,
    known: Limits,
    bounds: Any,
    programs: list[tuple[Problem, Ieee]],
    counted: Counter[str],
) -> list[str]:
    broken = []
    for problem, arithmetic in programs:
        for site, value in evaluate(problem, arithmetic).values.items():
            exact, floats = known.exact[name][site], np.ravel(value).astype(np.float64)
            with np.errstate(all="ignore"):
                off = exact.distance(floats)
                limit = bounds[site] * (1 + 2.0**-40) + exact.radius
                limit[np.isinf(bounds[site])] = np.inf  # where there may be no truth either
            counted["entries"] += off.size
            counted["without a bound"] += int(np.isinf(bounds[site]).sum())
            for k in np.nonzero(~(off <= limit))[0]:
                kind = f"{type(arithmetic).__name__} {name} {arithmetic.order} {arithmetic.fma}"
                kind += f" {arithmetic.logistic} {getattr(arithmetic, 'free', '')}"
                broken.append(f"{kind} {site} [{k}]: {off[k]} > {bounds[site][k]}")
    return broken


if __name__ == "__main__":
    main()
