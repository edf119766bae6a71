"""Mistakes in cells of every kind: each sheet comes of equations that were written by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests import check_campaign
from tests.test_check_engine import given, judged
from verifier import cells
from verifier.arithmetic.ieee import Ieee
from verifier.arithmetic.wrap.replaced import Replaced
from verifier.evaluate import evaluate
from verifier.formats import load as format_of
from verifier.numbers import Numbers
from verifier.problem import Problem, loads
from verifier.report.reasons import Reasons
from verifier.report.scribe import Scribe
from verifier.report.words import Words
from verifier.rounding import Policy
from verifier.solution import Solution

NUMBERS = """
[rounding]
places = 4
[parameters]
U = [[0.4, -0.3], [0.7, 0.2]]
V = [[-0.5, 0.6], [0.3, 0.8]]
W = [[0.2, -0.6], [0.9, 0.4]]
a = 0.45
b = [0.3, -0.2]
[initial]
s = [0.25, -0.4]
c = [0.35, 0.15]
[inputs]
x = [[0.8, -0.6], [0.35, 0.9]]
"""
BATCH = NUMBERS.replace("s = [0.25, -0.4]", "s = [[0.25, -0.4], [0.6, 0.1], [-0.3, 0.2]]").replace(
    "x = [[0.8, -0.6], [0.35, 0.9]]",
    "x = [[[0.8, -0.6], [0.3, 0.5], [-0.2, 0.7]], [[0.35, 0.9], [-0.4, 0.1], [0.6, -0.8]]]",
)
GATE = "f[t] = sigmoid(x[t] @ U + s[t-1] @ W)\nh[t] = tanh(x[t] @ V + b)\n"
COUPLED = """i[t] = sigmoid(x[t] @ U)
f[t] = 1 - i[t]
g[t] = tanh(x[t] @ V + b)
c[t] = f[t] * c[t-1] + i[t] * g[t]
"""
RELU = "s[t] = relu(x[t] @ U + s[t-1] @ W)"
LEAKY = "s[t] = leaky_relu(x[t] @ U + s[t-1] @ W, 0.1)"
LOG = "s[t] = log(1 + exp(x[t] @ U)) + tanh(s[t-1] @ W)"
PLUS = "s[t] = softplus(x[t] @ U) + tanh(s[t-1] @ W)"
SOFT = "s[t] = tanh(x[t] @ U + s[t-1] @ W)\ny[t] = softmax(s[t] @ V + b)\n"
Z = "s[t] = tanh(x[t] @ U + s[t-1] @ W)\ny[t] = {}\n"
AT = "(s[t] @ V + b)"

KEPT = (
    # the equations, what stands in them, what was used for it, the rule, and what is said
    ("MGU", GATE + "s[t] = (1 - f[t]) * s[t-1] + f[t] * h[t]",
     "(1 - f[t]) * s[t-1] + f[t] * h[t]", "f[t] * s[t-1] + (1 - f[t]) * h[t]",
     "blend-swapped", "f and 1 − f swapped"),
    ("three terms", GATE + "s[t] = x[t] + f[t] * h[t] + (1 - f[t]) * s[t-1]",
     "f[t] * h[t] + (1 - f[t]) * s[t-1]", "(1 - f[t]) * h[t] + f[t] * s[t-1]",
     "blend-swapped", "f and 1 − f swapped"),
    ("three factors, subtracted", GATE + "s[t] = a * (1 - f[t]) * h[t] - a * s[t-1] * f[t]",
     "a * (1 - f[t]) * h[t] - a * s[t-1] * f[t]", "a * f[t] * h[t] - a * s[t-1] * (1 - f[t])",
     "blend-swapped", "f and 1 − f swapped"),
    ("multiplied out", GATE + "s[t] = h[t] - f[t] * h[t] + f[t] * s[t-1]",
     "h[t] - f[t] * h[t] + f[t] * s[t-1]", "f[t] * h[t] + s[t-1] - f[t] * s[t-1]",
     "blend-swapped", "f and 1 − f swapped"),
    ("as a step", GATE + "s[t] = s[t-1] + f[t] * (h[t] - s[t-1])",
     "s[t-1] + f[t] * (h[t] - s[t-1])", "h[t] + f[t] * (s[t-1] - h[t])",
     "blend-swapped", "f and 1 − f swapped"),
    ("coupled gates", COUPLED, "f[t] * c[t-1] + i[t] * g[t]", "i[t] * c[t-1] + f[t] * g[t]",
     "blend-swapped", "i and 1 − i swapped"),
    ("a gate without a name", "g[t] = tanh(x[t] @ V)\n"
     "c[t] = sigmoid(x[t] @ U) * c[t-1] + (1 - sigmoid(x[t] @ U - a)) * g[t]",
     "sigmoid(x[t] @ U) * c[t-1] + (1 - sigmoid(x[t] @ U - a)) * g[t]",
     "(1 - sigmoid(x[t] @ U - a)) * c[t-1] + sigmoid(x[t] @ U) * g[t]",
     "blend-swapped", "A gate and one minus a gate swapped"),
    ("the complement left out", GATE + "s[t] = (1 - f[t]) * s[t-1] + f[t] * h[t]",
     "(1 - f[t]) * s[t-1]", "f[t] * s[t-1]",
     "complement-left-out", "f used in place of 1 − f"),
    ("a gate for its complement", COUPLED, "f[t] * c[t-1]", "i[t] * c[t-1]",
     "complement-left-out", "i used in place of 1 − i"),
    ("a complement for its gate", COUPLED, "i[t] * g[t]", "f[t] * g[t]",
     "complement-added", "1 − i used in place of i"),
    ("leaky ReLU", RELU, "relu(x[t] @ U + s[t-1] @ W)", "leaky_relu(x[t] @ U + s[t-1] @ W)",
     "leaky-relu", "ReLU with another slope below zero"),
    ("leaky ReLU of 0.2", RELU, "relu(x[t] @ U + s[t-1] @ W)",
     "leaky_relu(x[t] @ U + s[t-1] @ W, 1/5)",
     "leaky-relu", "ReLU with another slope below zero"),
    ("another slope", LEAKY, ", 0.1)", ", 0.01)",
     "leaky-relu", "ReLU with another slope below zero"),
    ("ReLU for a leaky one", LEAKY, "leaky_relu(x[t] @ U + s[t-1] @ W, 0.1)",
     "relu(x[t] @ U + s[t-1] @ W)", "relu-not-leaky", "ReLU in place of a leaky ReLU"),
    ("log10", LOG, "log(1 + exp(x[t] @ U))", "log(1 + exp(x[t] @ U)) / log(10)",
     "log-base-ten", "log to base 10 in place of ln"),
    ("log10 in softplus", PLUS, "softplus(x[t] @ U)", "log(1 + exp(x[t] @ U)) / log(10)",
     "log-base-ten", "log to base 10 in place of ln"),
    ("softmax without exp", SOFT, f"softmax{AT}", f"{AT} / sum{AT}",
     "softmax-without-exp", "Softmax without the exponential"),
    ("softmax without a sum", SOFT, f"softmax{AT}", f"exp{AT}",
     "softmax-not-normalised", "Softmax not divided by the sum"),
    ("softmax by the plain sum", SOFT, f"softmax{AT}", f"exp{AT} / sum{AT}",
     "softmax-otherwise", "Softmax divided by something else"),
    ("softmax by the length", SOFT, f"softmax{AT}", f"exp{AT} / sqrt(sum(exp(2 * {AT})))",
     "softmax-otherwise", "Softmax divided by something else"),
    ("sigmoid for softmax", SOFT, f"softmax{AT}", f"sigmoid{AT}",
     "softmax-by-sigmoid", "σ in place of softmax"),
)  # fmt: skip

ROWS = (
    ("softmax of columns", f"softmax{AT}", f"softmax({AT}.T).T", "softmax-of-columns"),
    ("softmax of rows without exp", f"softmax{AT}", f"{AT} / fill(sum({AT}, 1), 2).T",
     "softmax-without-exp"),
    ("sigmoid for softmax of rows", f"softmax{AT}", f"sigmoid{AT}", "softmax-by-sigmoid"),
)  # fmt: skip


def told(task: Problem, wrong: Problem) -> tuple[set[str], list[str]]:
    """The rules that are named on a sheet from other equations, and what is said of it."""
    sheet = check_campaign.written(task, wrong, Policy())
    assert sheet is not None
    found = judged(sheet, Solution(task))
    reasons = Reasons(found, Scribe(task, format_of("txt"), Words("en")))
    said = ["".join(map(str, reasons.named(one.explanation))) for one in found.findings]
    return {one.explanation.id for one in found.findings}, said


def task(equations: str, numbers: str = NUMBERS) -> Problem:
    """A problem with those of the numbers that its equations use."""
    used = [line for line in numbers.splitlines() if _used(line, equations)]
    return loads(f"equations = '''\n{equations}\n'''\n" + "\n".join(used))


def _used(line: str, equations: str) -> bool:
    name = line.split(" = ")[0]
    sign = {"s": "s[t-1]", "c": "c[t-1]", "x": "x[t]", "U": "@ U", "V": "@ V", "W": "@ W"}
    sign |= {"a": "a ", "b": "+ b"}
    return name not in sign or sign[name] in equations or (name == "a" and "- a)" in equations)


@pytest.mark.parametrize(("name", "equations", "right", "wrong", "rule", "said"), KEPT)
def test_a_mistake_is_told_in_any_cell(
    name: str, equations: str, right: str, wrong: str, rule: str, said: str
) -> None:
    assert right in equations
    own = task(equations)
    other = replace(own, cell=cells.from_text(equations.replace(right, wrong)))
    rules, sentences = told(own, other)
    assert rules == {rule}
    assert sentences[0].startswith(said)


def test_one_minus_a_number_that_follows_follows() -> None:
    """Also where most of the sheet is wrong; and no one is told that nothing gives it."""
    own = task(COUPLED.replace("x[t] @ U", "x[t] @ U + c[t-1]"))
    sheet = check_campaign.written(own, own, Policy())
    assert sheet is not None
    for t, name, index in [e for e in sheet if e[1] in "gc"]:
        text = f"0.{(7919 * (t + index[0] + len(sheet) * ord(name))) % 9999:04}"
        sheet[t, name, index] = given(text)
    put = {(1, "c"): {k: float(sheet[1, "c", (k,)].value) for k in range(2)}}
    values = evaluate(own, Replaced(Ieee("float64"), put)).values
    for name in "if":
        for k in range(2):
            sheet[2, name, (k,)] = given(f"{values[2, name][k]:.4f}")
    found = judged(sheet, Solution(own))
    rows = {(row.step, row.name): row.verdict for row in found.rows}
    assert (rows[2, "i"], rows[2, "f"]) == ("follows", "follows")


@pytest.mark.parametrize(("name", "right", "wrong", "rule"), ROWS)
def test_softmax_of_the_rows_of_a_batch(name: str, right: str, wrong: str, rule: str) -> None:
    own = task(SOFT, BATCH)
    other = replace(own, cell=cells.from_text(SOFT.replace(right, wrong)))
    assert told(own, other)[0] == {rule}


@pytest.mark.parametrize("section", ["inputs", "initial"])
def test_two_items_of_a_batch_exchanged(section: str) -> None:
    own = task(SOFT, BATCH)
    name = "x" if section == "inputs" else "s"
    rows = getattr(own, section)[name].doubles.swapaxes(-2, 0)[[0, 2, 1]].swapaxes(-2, 0)
    turned = Numbers.typed(rows.tolist())
    rules, sentences = told(own, replace(own, **{section: {name: turned}}))  # type: ignore[arg-type]
    assert rules == {"items-exchanged"}
    assert sentences == [f"Two rows exchanged ({name}, rows 2 and 3)"]


def test_results_of_two_items_written_at_each_others_place() -> None:
    own = task(SOFT, BATCH)
    sheet = check_campaign.written(own, own, Policy())
    assert sheet is not None
    other = {0: 1, 1: 0, 2: 2}
    moved = {(t, n, (k, j)): sheet[t, n, (other[k], j)] for t, n, (k, j) in sheet}
    found = judged(moved, Solution(own))
    assert [one.explanation.id for one in found.findings] == ["items-exchanged"]
