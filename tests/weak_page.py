"""The page of the documentation on what ONNX's own node tests miss, from the installed tests.

python -m tests.weak_page           # whether docs/weak-tests.md is what is computed
python -m tests.weak_page --write   # make it so
"""

from __future__ import annotations

import argparse
import importlib
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np

from verifier.arithmetic.ieee import Ieee
from verifier.audit.held import Held
from verifier.audit.power import power
from verifier.evaluate import evaluate
from verifier.models.equations import tag
from verifier.models.model import Model
from verifier.models.problem_file import problem_files
from verifier.models.read import read_model
from verifier.models.wanted import Wanted
from verifier.problem import Problem, load
from verifier.report.words import Words

PAGE = Path(__file__).parent.parent / "docs" / "weak-tests.md"
OPERATORS = {"gru": "GRU", "lstm": "LSTM", "rnn": "RNN"}

HEAD = """# What ONNX's own tests of GRU, LSTM and RNN miss

A backend passes a node test of ONNX when its outputs are within a tolerance of those that the test
holds. A mistake whose outputs are within it passes, too. Here every known convention and mistake
that can be made to a cell is put into the equations of each test, as `verifier import` reads them,
and its outputs are held to the test's own tolerance, for every sequence of its batch. A kind of
mistake is missed where the test sees it nowhere, in no gate and no matrix. All of it is computed
from the tests in the package `onnx`, version `{version}`, by `python -m tests.weak_page --write`;
the suite recomputes some of the rows.

{constant} of the {count} tests multiply with one number, repeated in the matrices of a direction:
there a transposed matrix, or gates in another order, cannot be seen, whatever the tolerance.
{short} have a single step, in which nothing is carried on. Where weights are drawn, inputs are so
large that gates are saturated.

## By mistake

How many tests of each operator miss it.

"""

TELLING = """

## Numbers that tell more

`verifier import` makes a problem of a node test, and `--probe` draws numbers for the same equations
with which known conventions are many bounds apart:

```console
$ verifier import node.onnx --inputs x.npy -o node.toml
$ verifier audit node.toml --probe telling.toml
```

What a comparison of your own cannot tell apart stands in its report ([audit](audit.md)), and in
JSON as `blind`.
"""


@dataclass(frozen=True)
class Row:
    """A node test: whether its weights are one number, its steps, and what it misses."""

    name: str
    constant: bool
    steps: int
    missed: tuple[str, ...]

    @property
    def operator(self) -> str:
        """GRU, LSTM or RNN."""
        return next(sign for word, sign in OPERATORS.items() if word in self.name)


def cases() -> Mapping[str, Any]:
    """ONNX's tests of recurrent operators by name, without the others, which take a minute."""
    package = importlib.import_module("onnx.backend.test.case.node")
    with np.errstate(all="ignore"):
        for operator in OPERATORS:
            importlib.import_module(f"{package.__name__}.{operator}")
    known = {case.name.removeprefix("test_"): case for case in package._NodeTestCases}
    return {name: case for name, case in known.items() if any(word in name for word in OPERATORS)}


def row(name: str, case: Any) -> Row:
    """What a node test misses: what its tolerance lets pass for every sequence of the batch."""
    taken, made = case.data_sets[0]
    given = {entry.name: x for entry, x in zip(case.model.graph.input, taken, strict=True)}
    shown = {entry.name: x for entry, x in zip(case.model.graph.output, made, strict=True)}
    first = any(a.name == "layout" and a.i for a in case.model.graph.node[0].attribute)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "node.onnx")
        file.write_bytes(case.model.SerializeToString())
        items = range(given["X"].shape[0 if first else 1])
        models = [read_model(file, Wanted(given, item=item)) for item in items]
        tasks = [_problem(model, Path(folder)) for model in models]
    passing = [
        power(task, tuple(_held(model, task, shown, case)))
        for model, task in zip(models, tasks, strict=True)
    ]
    rules = reduce(lambda a, b: [rule for rule in a if rule in b], (list(p.rules) for p in passing))
    constant = all(len(np.unique(own)) == 1 for key in ("W", "R") for own in given[key])
    return Row(name, constant, max(task.steps for task in tasks), tuple(rules))


def _problem(model: Model, folder: Path) -> Problem:
    for name, content in problem_files(model, "p").items():
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return load(folder / "p.toml")


def _held(model: Model, task: Problem, shown: Mapping[str, Any], case: Any) -> Iterator[Held]:
    """The outputs that a test compares, with its tolerance as their bound."""
    values = evaluate(task, Ieee("float64")).values
    for number, direction in enumerate(model.layers[0]):
        last = 1 if direction.backwards else task.steps
        every = range(1, task.steps + 1)
        own = {"Y": ("h", every), "Y_h": ("h", (last,)), "Y_c": ("c", (last,))}
        wanted = {(s, state) for key in shown for state in own[key][0] for s in own[key][1]}
        for step, state in sorted(wanted):
            name = state + tag(model, 0, number)
            value = np.ravel(values[step, name])
            limit = case.atol + case.rtol * np.abs(value)
            yield Held(step, name, value, 0 * value, limit, 0 * value + 1, value != value)


def page(rows: list[Row]) -> str:
    """The page's text."""
    import onnx

    counts = {
        "version": onnx.__version__,
        "count": len(rows),
        "constant": sum(row.constant for row in rows),
        "short": sum(row.steps == 1 for row in rows),
    }
    return HEAD.format(**counts) + "\n".join((*_by_mistake(rows), *_by_test(rows))) + TELLING


def _by_mistake(rows: list[Row]) -> Iterator[str]:
    kinds = {sign: [row for row in rows if row.operator == sign] for sign in OPERATORS.values()}
    yield "| what is done otherwise | " + " | ".join(kinds) + " |"
    yield "|---|---|---|---|"
    rules = dict.fromkeys(rule for row in rows for rule in row.missed)
    missing = {rule: [row for row in rows if rule in row.missed] for rule in rules}
    for rule, own in sorted(missing.items(), key=lambda pair: -len(pair[1])):
        counts = [sum(row.operator == sign for row in own) for sign in kinds]
        cells = [
            f"{n} of {len(kinds[sign])}" if n else "–"
            for n, sign in zip(counts, kinds, strict=True)
        ]
        yield f"| {_words(rule)} (`{rule}`) | " + " | ".join(cells) + " |"


def _by_test(rows: list[Row]) -> Iterator[str]:
    yield from ("", "## By test", "")
    yield "| test | weights | steps | missed |"
    yield "|---|---|---|---|"
    yield from map(line, rows)


def line(row: Row) -> str:
    """A test's row of the page."""
    kind = "one number" if row.constant else "drawn"
    missed = ", ".join(f"`{rule}`" for rule in row.missed)
    return f"| `{row.name}` | {kind} | {row.steps} | {missed} |"


def _words(rule: str) -> str:
    words = Words()
    own = f"audit.convention.{rule}"
    return words.text(own if words.has(own) else f"check.mistake.{rule}.name")


def _unversioned(text: str) -> str:
    return re.sub(r"version `[^`]*`", "", text)


def main() -> None:
    """Write the page, or say whether it is what is computed; exit 1 when it is not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    made = page([row(name, case) for name, case in cases().items()])
    if parser.parse_args().write:
        PAGE.write_text(made, "utf-8")
    elif _unversioned(PAGE.read_text("utf-8")) != _unversioned(made):
        sys.exit(f"{PAGE.name} is not what is computed; --write makes it so")


if __name__ == "__main__":
    main()
