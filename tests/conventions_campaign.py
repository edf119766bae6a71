"""The campaign on conventions: right programs are inside, wrong ones are named rightly.

    python -m tests.conventions_campaign --programs 5000
    python -m tests.conventions_campaign --right --programs 5000

Cells of the catalogue with random numbers, in layers and directions, are run by NumPy in a random
format, as they stand or with one, two or three conventions changed; the last layer's outputs are
given, or all states. A name is right when its values are those of the program. With `--right` all
programs are right ones, several of each problem: NumPy's product; products in sequence or in pairs,
fused or not, of terms in a random order, with 16-bit formats added up in float32; blends of either
form; and PyTorch's own layers where they have the cell.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec
from itertools import count
from random import Random
from typing import Any

import numpy as np

from tests.adversary import reordered
from verifier import cells
from verifier.arithmetic.ieee import Ieee
from verifier.audit.against import Comparison, against
from verifier.audit.conventions import Candidate, Convention, pairs, singles, triples
from verifier.audit.functions import accuracy
from verifier.audit.implementations import Outputs, run
from verifier.audit.implementations.handed import outputs
from verifier.cells.combine import Stack, combine
from verifier.errors import VerifierError
from verifier.evaluate import evaluate
from verifier.problem import Problem, loads
from verifier.rewrites.model import Change
from verifier.solution import Solution

CELLS = ("gru", "gru-pytorch", "gru-keras", "lstm", "lstm-peephole", "rnn", "lstm-pytorch")
FORMATS = ("float32", "float32", "float64", "float16", "bfloat16")


def main() -> None:
    """Run the campaign and print what was found; exit 1 for a false alarm or a wrong name."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--right", action="store_true", help="right programs alone")
    options = parser.parse_args()
    start, total = time.process_time(), Counter[str]()
    for k in count():
        random = Random(options.seed * 10**6 + k)
        total.update(right(random) if options.right else [one(random)])
        if (k + 1) % 50 == 0 or total.total() >= options.programs:
            taken = f"{time.process_time() - start:.0f} s of CPU"
            print(f"{total.total()} in {taken}: {dict(sorted(total.items()))}", flush=True)
        if total.total() >= options.programs:
            break
    sys.exit(1 if any("FALSE" in what or "WRONG" in what for what in total) else 0)


def right(random: Random) -> Iterator[str]:
    """What is said of right programs of one problem."""
    task = drawn(random)
    shown = outputs(task) if random.random() < 0.5 else frozenset(task.cell.roles.initial)
    for what, given in (*of_numpy(task, random, shown), *of_torch(task)):
        found = against(Solution(task), given)
        if found.not_finite:
            yield f"{what}: not finite"
        else:
            yield f"{what}: inside" if found.inside else f"{what}: FALSE ALARM"


def of_numpy(task: Problem, random: Random, names: frozenset[str]) -> Iterator[tuple[str, Outputs]]:
    """Programs of NumPy's functions, each in another order."""
    for order in ("numpy", "sequential", "pairwise"):
        float = random.choice(FORMATS)
        fma = order == "sequential" and random.random() < 0.5
        wide = "float32" if float.endswith("16") and random.random() < 0.5 else ""
        model = Ieee(float, order=order, fma=fma, accumulator=wide)
        program = task if random.random() < 0.5 else reordered(task, random)
        values = evaluate(program, model).values
        kept = {site: value for site, value in values.items() if site[1] in names}
        yield float, Outputs("mine", "", float, kept, accuracy("numpy"))


def of_torch(task: Problem) -> Iterator[tuple[str, Outputs]]:
    """PyTorch's layer, in both of its formats; what it has for the cell `gru` resets afterwards."""
    has = find_spec("torch") is not None and task.cell.name != "gru"
    for float in ("float32", "float64") if has else ():
        with suppress(VerifierError):
            yield f"torch, {float}", run(task, "torch", float)


def one(random: Random) -> str:
    """What came of one program, right or wrong."""
    task, float = drawn(random), random.choice(FORMATS)
    changes = random.choice((0, 0, 1, 1, 2, 2, 3))
    found = changed(task, random, changes)
    if found is None:
        return "no such change"
    names = outputs(task) if random.random() < 0.5 else frozenset(task.cell.roles.initial)
    values = evaluate(found.problem, Ieee(float, order=random.choice(("numpy", "pairwise")))).values
    shown = {site: value for site, value in values.items() if site[1] in names}
    given = Outputs("mine", "", float, shown, accuracy("numpy"))
    return verdict(task, found, against(Solution(task), given), changes)


def verdict(task: Problem, made: Candidate, found: Comparison, count: int) -> str:
    """Whether what is said of a program is right."""
    if count == 0:
        return "0: inside" if found.inside or found.not_finite else "0: FALSE ALARM"
    if found.inside or found.not_finite:
        return f"{count}: inside"
    if not found.explanations:
        return f"{count}: unknown"
    sites = [(row.step, row.name) for row in found.held]
    own = evaluate(made.problem, Ieee("float64")).values
    for each in found.explanations:
        named = again(task, each.conventions)
        if named is None or alike(named, own, sites):
            return f"{count}: named" if each is found.explanations[0] else f"{count}: named later"
    return f"{count}: WRONG {'+'.join(c.rule for c in found.explanations[0].conventions)}"


def again(task: Problem, conventions: tuple[Convention, ...]) -> Any:
    """The values of a named change; None for another view of the outputs."""
    tags = ("convention", "mistake")
    one = [c for tag in tags for c in singles(task, tag)]
    two = list(pairs(task, [c for c in one if c.whole])) if len(conventions) > 1 else []
    three = list(triples(task, two)) if len(conventions) > 2 else []
    for candidate in (*one, *two, *three):
        if candidate.steps == conventions:
            return evaluate(candidate.problem, Ieee("float64")).values
    return None


def alike(values: Any, own: Any, sites: Any) -> bool:
    """Whether values are the same but for what a narrow format cannot tell."""
    return all(np.allclose(values[s], own[s], rtol=1e-2, atol=1e-2) for s in sites)


def changed(task: Problem, random: Random, count: int) -> Candidate | None:
    """The problem with so many conventions changed."""
    if not count:
        return Candidate((), task, Change({}))
    found = [one for one in singles(task, "convention") if one.whole or count == 1]
    if count > 1:
        found = list(pairs(task, found))
    if count > 2:
        found = list(triples(task, found))
    return random.choice(found) if found else None


def drawn(random: Random) -> Problem:
    """A cell of the catalogue with random numbers, often in layers and directions."""
    name, hidden, inputs = random.choice(CELLS), random.randint(2, 4), random.randint(1, 4)
    stack = Stack(random.choice((1, 1, 2)), random.random() < 0.3)
    cell = cells.load(name)
    whole = combine(cell, stack) if stack != Stack() else cell
    sizes = {"n": inputs, "m": hidden, "2m": 2 * hidden}
    size = random.choice((0.6, 1.0, 2.0))

    def numbers(*shape: int) -> Any:
        flat = [round(random.uniform(-size, size), 2) for _ in range(int(np.prod(shape)))]
        return np.array(flat).reshape(shape).tolist()

    lines = [f'cell = "{name}"', f"layers = {stack.layers}" if stack.layers > 1 else ""]
    lines += ["bidirectional = true" if stack.bidirectional else "", "[parameters]"]
    for parameter in whole.roles.parameters:
        shape = [sizes.get(part) or int(part) for part in whole.sizes[parameter]]
        lines.append(f"{parameter} = {numbers(*shape)}")
    starts = [n for n in whole.roles.initial if random.random() < 0.5]
    lines += ["[initial]", *(f"{state} = {numbers(hidden)}" for state in starts)]
    lines += ["[inputs]", f"x = {numbers(random.randint(2, 6), inputs)}"]
    return loads("\n".join(lines))


if __name__ == "__main__":
    main()
