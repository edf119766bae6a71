"""Chains of links: every "=" is true, every "≈" is close, every digit is the solution's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from functools import cache
from operator import add, mul, sub, truediv
from typing import Any

import mpmath
import numpy as np
import pytest

from tests import random_problems
from tests.conftest import SEED
from verifier import cells
from verifier.derive.chain import Chain, Link, all_exact, chain, parts
from verifier.language.operations import OPERATIONS
from verifier.language.tree import Array, Call, Expression, Name, Number, Whole, nodes
from verifier.notation.text import TextPrinter
from verifier.numbers import Numbers
from verifier.problem import Problem, load
from verifier.rounding import POLICIES, Policy, PolicyKind, Rounding
from verifier.solution import Solution, solve

MP = mpmath.MPContext()
MP.dps = 70
EXACTLY = Fraction(1, 10**40)
Look = Callable[[Name], Any]
Keep = Callable[[Any, tuple[int, ...], str], Any]


# An evaluator of displayed trees: Fractions as long as possible, then 70 digits.


def real(x: Any) -> Any:
    return MP.mpf(x.numerator) / x.denominator if isinstance(x, Fraction) else x


def fraction(x: Any) -> Fraction:
    if isinstance(x, Fraction):
        return x
    return Fraction(*map(int, mpmath.libmp.to_rational(x._mpf_)))


def _two(function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def of(x: Any, y: Any) -> Any:
        if isinstance(x, Fraction) and isinstance(y, Fraction):
            return function(x, y)
        return function(real(x), real(y))

    return np.frompyfunc(of, 2, 1)  # type: ignore[return-value]


def _one(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return np.frompyfunc(lambda x: function(real(x)), 1, 1)  # type: ignore[return-value]


ADD, MUL = _two(add), _two(mul)


def _matmul(x: Any, y: Any) -> Any:
    rows, columns = np.atleast_2d(x), y.reshape(-1, 1) if y.ndim == 1 else y
    result = np.empty((len(rows), columns.shape[1]), dtype=object)
    for i, j in np.ndindex(*result.shape):
        total: Any = Fraction(0)
        for a, b in zip(rows[i], columns[:, j], strict=True):
            total = ADD(total, MUL(a, b))
        result[i, j] = total
    return result.reshape(x.shape[:-1] + y.shape[1:])


RULES: dict[str, Callable[..., Any]] = {
    "add": ADD,
    "subtract": _two(sub),
    "multiply": MUL,
    "hadamard": MUL,
    "divide": _two(truediv),
    "ratio": _two(truediv),
    "power": lambda x, n: _one(lambda a: real(a) ** n)(x),
    "hadamard_power": lambda x, n: _one(lambda a: real(a) ** n)(x),
    "outer": lambda x, y: MUL(x.reshape(-1, 1), y.reshape(1, -1)),
    "sum": lambda x, axis=None: np.sum(x, axis),
    "mean": lambda x, axis=None: np.sum(x, axis) / (x.size if axis is None else x.shape[axis]),
    "slice": lambda x, a, b, *c: np.atleast_1d(x)[tuple(slice(*p) for p in ((a, b), c) if p)],
    "pad": lambda x, a, b: np.pad(np.atleast_1d(x), [(0, 0)] * (x.ndim - 1) + [(a, b)]),
    "fill": lambda x, *sizes: np.broadcast_to(x, (*sizes, *x.shape)),
    "concat": lambda *xs: np.concatenate([np.atleast_1d(x) for x in xs], axis=-1),
    "max": _two(max),
    "min": _two(min),
    "abs": _one(abs),
    "step": _one(lambda x: Fraction(x > 0)),
    "relu": _one(lambda x: max(x, 0)),
    "softplus": _one(lambda x: MP.log(1 + MP.exp(x))),
    "positive": _one(lambda x: Fraction(x > 0)),
    "pi": lambda: +MP.pi,
    "sqrt": _one(MP.sqrt),
    "sin": _one(MP.sin),
    "cos": _one(MP.cos),
    "erf": _one(MP.erf),
    "negate": lambda x: -x,
    "matmul": _matmul,
    "transpose": lambda x: x.T,
    "sigmoid": _one(lambda x: 1 / (1 + MP.exp(-x))),
    "tanh": _one(MP.tanh),
    "exp": _one(MP.exp),
    "log": _one(MP.log),
    "identity": lambda x: x,
}


def array(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value
    found = np.empty((), dtype=object)
    found[()] = value
    return found


def value_of(
    tree: Expression, look: Look | None = None, keep: Keep | None = None, path: tuple[int, ...] = ()
) -> Any:
    """The value of a tree as an array; `keep` rounds what an operation gives."""
    match tree:
        case Name():
            assert look is not None
            return array(look(tree))
        case Number(text):
            return array(Fraction(text.rstrip("…")))
        case Whole(whole):
            return whole
        case Array(items):
            return np.array([value_of(item).tolist() for item in items], dtype=object)
        case Call("entry", (whole, Number(index))):
            places = tuple(int(i) - 1 for i in index.split(","))
            return array(value_of(whole, look)[places])
        case Call(operation, arguments):
            parts = [value_of(p, look, keep, (*path, k)) for k, p in enumerate(arguments)]
            parts = _spread(operation, parts)
            value = array(RULES[operation](*parts))
            return keep(value, path, operation) if keep else value
    raise AssertionError(tree)


def _spread(operation: str, parts: list[Any]) -> list[Any]:
    """A scalar that prints for a vector of one entry is that vector in a product."""
    if operation != "matmul" or all(part.ndim for part in parts):
        return parts
    left, right = parts
    inner = (left.shape or (1,))[-1]
    if not right.ndim:
        return [left, right.reshape((inner, 1) if left.ndim == 1 else (inner,))]
    return [left.reshape((1,)), right]


# A forward pass of its own, which knows what stood before each rounding.


class Pass:
    """The carried values of a problem under its policy, and the raw ones before rounding."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.carried: dict[tuple[int, str], Any] = {}
        self.raw: dict[tuple[int, str], Any] = {}
        for step in range(1, problem.steps + 1):
            for block in problem.cell.blocks:
                for name in block.names:
                    self._quantity(step, name)

    def _quantity(self, step: int, name: str) -> None:
        rule, kind = self.problem.rule(name), self.problem.policy.kind

        def rounds(path: tuple[int, ...], operation: str) -> bool:
            if kind == "final":
                return False
            never = operation in ("negate", "transpose", "concat", "identity")
            return not path or (kind == "operation" and not never)

        def keep(value: Any, path: tuple[int, ...], operation: str) -> Any:
            if not path:
                self.raw[step, name] = value
            if not rounds(path, operation):
                return value
            return array(np.frompyfunc(lambda x: rule.round(fraction(x)), 1, 1)(value))

        tree = self.problem.cell.equation[name].expression
        self.carried[step, name] = value_of(tree, self.look(step), keep)

    def look(self, step: int) -> Look:
        def numbers(found: Numbers) -> Any:
            return found.objects

        def look(name: Name) -> Any:
            if name.offset is None:
                return numbers(self.problem.parameters[name.name])
            at = step + name.offset
            if at < 1:
                return numbers(self.problem.end(name.name, at))
            if name.name in self.problem.inputs:
                return numbers(self.problem.inputs[name.name].row(at - 1))
            return self.carried[at, name.name]

        return look


def distance(x: Any, y: Any) -> Fraction:
    """The largest difference of entries."""
    x, y = np.broadcast_arrays(np.ravel(x), np.ravel(y))
    return max(abs(fraction(a) - fraction(b)) for a, b in zip(x, y, strict=True))


def rounded_problems(kind: PolicyKind) -> Iterator[Problem]:
    for k, problem in enumerate(random_problems.problems(18, 11, (3, 3, 3))):
        yield problem.rounded_by(Rounding(2 + k % 4), Policy(kind))


@cache
def solutions(kind: PolicyKind) -> list[tuple[Solution, Pass]]:
    return [(solve(problem), Pass(problem)) for problem in rounded_problems(kind)]


def worked(kind: PolicyKind) -> Iterator[tuple[Solution, Pass, Chain]]:
    for solution, own in solutions(kind):
        for step, name in own.raw:
            yield solution, own, chain(solution, step, name)


BY_POLICY = pytest.mark.parametrize("kind", POLICIES)
MUCH = 60
"""So many units of the last place can rounded numbers in a line change it, at the sizes here."""


@BY_POLICY
def test_every_equality_is_true_and_every_approximation_close(kind: PolicyKind) -> None:
    signs = set()
    for solution, own, found in worked(kind):
        raw = own.raw[found.step, found.name]
        tolerance = MUCH * Fraction(1, 10 ** solution.problem.rule(found.name).count)
        start = value_of(found.links[0].tree, own.look(found.step))
        before = start if kind == "operation" else raw
        for link in found.links[1:-1]:
            if link.kind == "value":
                break
            value = value_of(link.tree)
            signs.add((link.kind, link.relation))
            target = before if kind == "operation" else raw
            if link.relation == "=":
                assert kind == "operation" or all_exact(link.tree)
                assert distance(value, target) < EXACTLY, (found.name, link)
            else:
                assert distance(value, target) < tolerance
            before = value
    assert {("numbers", "="), ("products", "≈"), ("exact", "=")} <= signs


@BY_POLICY
def test_values_are_cut_off_and_rounded_ones_are_the_solution(kind: PolicyKind) -> None:
    for solution, own, found in worked(kind):
        raw, last = own.raw[found.step, found.name], found.links[-1]
        texts = solution.digits(kind)[found.step, found.name]
        assert last.kind == "rounded"
        assert [n.text for n in numbers(last.tree)] == texts
        if len(found.links) > 1 and found.links[-2].kind == "value":
            assert last.relation == "≈"
            _check_value(found.links[-2], raw, solution.problem.rule(found.name), found.links[-3])
        else:
            same = [fraction(x) == Fraction(t) for x, t in zip(raw.ravel(), texts, strict=True)]
            assert all(same)


def _check_value(link: Link, raw: Any, rule: Rounding, before: Link) -> None:
    for number, entry in zip(numbers(link.tree), raw.ravel(), strict=True):
        true, shown = fraction(entry), Fraction(number.text.rstrip("…"))
        if number.text.endswith("…"):
            assert not number.exact
            assert len(number.text.rstrip("…").partition(".")[2]) == rule.count + 2
            assert 0 <= abs(true) - abs(shown) < Fraction(1, 10 ** (rule.count + 2))
        else:
            assert abs(true - shown) < EXACTLY
    if link.relation == "=" and not link.restart and before.kind != "equation":
        assert distance(value_of(before.tree), raw) < EXACTLY


def numbers(tree: Expression) -> list[Number]:
    return [node for _, node in nodes(tree) if isinstance(node, Number)]


@BY_POLICY
def test_the_left_hand_side_stands_again_where_it_must(kind: PolicyKind) -> None:
    again = 0
    for _, _, found in worked(kind):
        assert found.links[0].kind == "equation"
        assert not found.links[0].restart
        for before, link in zip(found.links, found.links[1:], strict=False):
            again += link.restart
            if kind != "operation":
                stale = before.relation == "≈" and link.relation == "="
                assert link.restart == stale, (before, link)
            elif link.restart:
                assert link.kind in ("value", "rounded")
    assert (again > 0) == (kind != "operation")


@BY_POLICY
def test_links_are_successive_and_none_is_empty(kind: PolicyKind) -> None:
    order = ["equation", "numbers", "products", "preactivation", "exact", "value", "rounded"]
    for _, _, found in worked(kind):
        ranks = [order.index(link.kind) for link in found.links]
        assert ranks == sorted(ranks)
        for before, link in zip(found.links, found.links[1:-1], strict=False):
            assert before.tree != link.tree


@BY_POLICY
def test_product_lines(kind: PolicyKind) -> None:
    signs = set()
    for solution, own, found in worked(kind):
        tolerance = MUCH * Fraction(1, 10 ** solution.problem.rule(found.name).count)
        for product in found.products:
            terms, value = value_of(product.terms)[()], value_of(product.value)[()]
            assert isinstance(terms, Fraction)
            signs.add(product.relations)
            if product.relations[1] == "=":
                assert terms == value
            assert abs(terms - value) < tolerance
            if product.relations[0] == "=":
                assert all_exact(product.terms)
            if product.relations[0] == "=" and kind != "operation":
                assert distance(value_of(product.left, own.look(found.step)), terms) < EXACTLY
    assert {("=", "="), ("=", "≈")} <= signs


def test_every_product_is_written_out() -> None:
    for solution, own in solutions("final"):
        problem = solution.problem
        for step, name in own.raw:
            tree = problem.cell.equation[name].expression
            count = sum(
                problem.shapes[name][0]
                for _, node in nodes(tree)
                if isinstance(node, Call) and node.operation == "matmul"
            )
            assert len(chain(solution, step, name, "full").products) == count


# The seed.


@cache
def seed() -> Solution:
    return solve(load(SEED))


def lines(solution: Solution, step: int, name: str, detail: str | None = None) -> list[str]:
    """The chain as text, one link a line; the left-hand side where it stands."""
    cell, notation = solution.problem.cell, solution.problem.notation
    printer = TextPrinter({**cell.names, **notation.names}, notation.hadamard)
    left = printer.show(Name(name, 0), step)
    return [
        (f"{left} " if link.kind == "equation" or link.restart else "")
        + f"{link.relation} {printer.show(link.tree, step)}"
        for link in chain(solution, step, name, detail).links
    ]


def test_the_chain_of_z_1_is_the_one_of_the_design() -> None:
    assert lines(seed(), 1, "z") == [
        "z_1 = σ(x_1 U^z + s_0 W^z)",
        "= σ([0.23 0.12] [0.35; 0.6] + [0 0 0] [0.12; 0.67; 0.34])",
        "= σ(0.1525 + 0)",
        "= σ(0.1525)",
        "= 1/(1 + e^(−61/400))",
        "= 0.538051…",
        "≈ 0.5381",
    ]


def test_a_line_of_rounded_numbers_is_followed_by_the_left_hand_side() -> None:
    assert lines(seed(), 1, "s") == [
        "s_1 = (1 − z_1) ∘ h_1 + z_1 ∘ s_0",
        "≈ (1 − 0.5381) ∘ [0.1516 0.0828 0.0939] + 0.5381 ∘ [0 0 0]",
        "≈ 0.4619 ∘ [0.1516 0.0828 0.0939] + 0.5381 ∘ [0 0 0]",
        "≈ [0.0700 0.0383 0.0434] + [0 0 0]",
        "s_1 = [0.070041… 0.038253… 0.043387…]",
        "≈ [0.0700 0.0383 0.0434]",
    ]


def test_where_every_operation_is_rounded_lines_go_on_from_rounded_numbers() -> None:
    problem = load(SEED).rounded_by(Rounding(2), Policy("operation"))
    assert lines(solve(problem), 1, "z") == [
        "z_1 = σ(x_1 U^z + s_0 W^z)",
        "= σ([0.23 0.12] [0.35; 0.6] + [0 0 0] [0.12; 0.67; 0.34])",
        "≈ σ(0.15 + 0)",
        "= σ(0.15)",
        "= 1/(1 + e^(−3/20))",
        "= 0.5374…",
        "≈ 0.54",
    ]


def test_details() -> None:
    full, vector = chain(seed(), 1, "z", "full"), chain(seed(), 1, "z", "vector")
    assert full.links == vector.links
    assert len(full.products) == 2
    assert not vector.products
    result = ["z_1 = σ(x_1 U^z + s_0 W^z)", "= 0.538051…", "≈ 0.5381"]
    assert lines(seed(), 1, "z", "result") == result
    default = solve(replace(load(SEED), detail="result"))
    assert lines(default, 1, "z") == result


def test_large_problems_show_results_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("verifier.effort.POLICY_PRODUCTS", 1)
    equation = ["z_1 = σ(x_1 U^z + s_0 W^z)"]
    assert lines(solve(load(SEED)), 1, "z") == [*equation, "= 0.538051…", "≈ 0.5381"]
    rounded = solve(load(SEED).rounded_by(policy=Policy("equation")))
    assert lines(rounded, 1, "z") == [*equation, "≈ 0.5381"]


# Inline equations with something to trip over.


def inline(equations: str, rule: Rounding, kind: PolicyKind = "final", **values: str) -> Solution:
    numbers = {name: Numbers.typed(text) for name, text in values.items()}
    cell = cells.from_text(equations)
    return solve(Problem(cell, numbers, {}, steps=1, rounding=rule, policy=Policy(kind)))


def test_an_exact_result_ends_with_an_equality() -> None:
    assert lines(inline("y[t] = a + c", Rounding(4), a="0.25", c="0.5"), 1, "y") == [
        "y_1 = a + c",
        "= 0.25 + 0.5",
        "= 0.7500",
    ]


def test_an_exact_result_of_more_places_is_shown_whole() -> None:
    assert lines(inline("y[t] = a + c", Rounding(2), a="0.123", c="1"), 1, "y")[2:] == [
        "= 1.123",
        "≈ 1.12",
    ]
    assert lines(inline("y[t] = a / c", Rounding(2), a="1", c="-3"), 1, "y")[2:] == [
        "= -0.3333…".replace("-", "−"),
        "≈ −0.33",
    ]


def test_a_sum_that_was_rounded_on_the_way_is_not_equal() -> None:
    solution = inline("y[t] = a + c + d", Rounding(4), "operation", a="0.123456", c="0.1", d="0.2")
    assert lines(solution, 1, "y")[1:] == ["= 0.123456 + 0.1 + 0.2", "≈ 0.4235"]
    equations = "y[t] = sigmoid(a + c + d)"
    solution = inline(equations, Rounding(4), "operation", a="0.123456", c="0.1", d="0.2")
    assert lines(solution, 1, "y")[1:3] == ["= σ(0.123456 + 0.1 + 0.2)", "≈ σ(0.4235)"]


def test_a_value_after_a_sum_that_was_rounded_on_the_way() -> None:
    values = {"a": "0.123456", "c": "0.1", "d": "0.1000004"}
    solution = inline("y[t] = a + c + d", Rounding(4), "operation", **values)
    assert lines(solution, 1, "y")[2:] == ["≈ 0.323500…", "≈ 0.3235"]


def test_a_given_number_keeps_its_text_behind_a_sign() -> None:
    solution = inline("y[t] = sigmoid(-a + c)", Rounding(4), "operation", a="0.12346", c="0.12346")
    assert lines(solution, 1, "y")[1:3] == ["= σ(−0.12346 + 0.12346)", "= σ(0)"]


MOVED = """
c[t] = -a * 1
y[t] = tanh(concat(-a, c[t], 0.345, a * a) @ identity(W) + -(a * a) @ V.T)
"""


@BY_POLICY
def test_what_only_moves_numbers_is_written_as_it_was(kind: PolicyKind) -> None:
    numbers_of = {"a": ["0.125"], "W": [["2"], ["1"], ["1"], ["-1/3"]], "V": [["0.025"]]}
    solution = inline(MOVED, Rounding(2), kind, **numbers_of)  # type: ignore[arg-type]
    found = lines(solution, 1, "y")
    assert "concat(−0.125, −0.12, 0.345, 0.02)" in found[2]
    assert any("[−0.125 −0.12 0.345 0.02] [2; 1; 1; −1/3]" in line for line in found)
    assert not any(rounded in line for line in found for rounded in ("2.00", "0.34 "))


def test_a_reader_of_a_rounded_concat_gets_the_key() -> None:
    equations = "h[t] = tanh(concat(x[t], h[t-1]) @ W)"
    cell = cells.from_text(equations)
    given = {"W": Numbers.typed([["2"], ["1"]])}
    inputs, initial = {"x": Numbers.typed([["0.125"], ["0.375"]])}, {"h": Numbers.typed(["0.1"])}
    policy = Policy("operation")
    problem = Problem(cell, given, inputs, initial, rounding=Rounding(2), policy=policy)
    solution = solve(problem)
    assert lines(solution, 1, "h")[2:] == [
        "= tanh([0.125 0.1] [2; 1])",
        "= tanh(0.35)",
        ["= 0.3363…", " 0.34"][0],
        "≈ 0.34",
    ]
    (product,) = chain(solution, 2, "h").products
    assert TextPrinter().show(product.terms) == "0.375 · 2 + 0.34 · 1"
    assert product.relations == ("=", "=")


def test_a_minus_sign_belongs_to_the_number_behind_it() -> None:
    solution = inline("y[t] = -tanh(a) * 3", Rounding(4), a="0.25")
    assert lines(solution, 1, "y")[1:3] == ["= (−tanh(0.25)) · 3", "≈ (−0.2449) · 3"]
    assert len(lines(solution, 1, "y")) == 5


def test_closed_forms_start_from_what_is_carried() -> None:
    equations = "a[t] = c * c\ny[t] = sigmoid(a[t])"
    for kind, form in (("final", ""), ("equation", "= 1/(1 + e^(−1/50))")):
        solution = inline(equations, Rounding(2), kind, c="0.123")  # type: ignore[arg-type]
        assert (form in lines(solution, 1, "y")) or not form
        assert "= 1/(1 + e^(−15129/1000000))" not in lines(solution, 1, "y")


def test_what_is_undecided_shows_a_question_mark() -> None:
    solution = inline("y[t] = (sigmoid(a) + sigmoid(-a)) * 0.00005", Rounding(4), a="0.3")
    assert lines(solution, 1, "y")[-1] == "y_1 ≈ ?"


def test_digits_that_nobody_can_decide_are_left_out() -> None:
    solution = inline("y[t] = (sigmoid(a) + sigmoid(-a)) * 0.25", Rounding(4), a="0.3")
    assert lines(solution, 1, "y")[-1] == "y_1 ≈ 0.2500"


def test_numbers_of_thousands_of_digits() -> None:
    found = lines(inline("y[t] = a * a * a * a * a + 1", Rounding(4), a="1e999"), 1, "y")
    assert found[-1].endswith("0001.0000")


def test_e_itself_is_a_power() -> None:
    assert "= 1/(1 + e^(1))" in lines(inline("y[t] = sigmoid(a)", Rounding(4), a="-1"), 1, "y")


def test_the_evaluator_knows_the_operations_of_the_cells() -> None:
    used = {
        node.operation
        for name in cells.catalogue()
        for equation in cells.load(name).equations
        for _, node in nodes(equation.expression)
        if isinstance(node, Call)
    }
    assert used <= set(RULES) & set(OPERATIONS)


def test_floats_that_print_shorter_than_they_are_come_with_an_approximation() -> None:
    weights = Numbers.of_floats(np.array([[0.1], [0.5]], dtype=np.float32))
    cell = cells.from_text("y[t] = x[t] @ W")
    inputs = {"x": Numbers.typed([["1", "1"]])}
    assert lines(solve(Problem(cell, {"W": weights}, inputs)), 1, "y") == [
        "y_1 = x_1 W",
        "≈ [1 1] [0.1; 0.5]",
        "y_1 = 0.600000…",
        "≈ 0.6000",
    ]


def test_long_vectors_show_dots_and_no_products_that_nobody_could_check() -> None:
    cell = cells.from_text("y[t] = x[t] @ W")
    inputs = {"x": Numbers.typed([["0.5"] * 9])}
    matrix = {"W": Numbers.typed([["0.5"] * 9] * 9)}
    solution = solve(Problem(cell, matrix, inputs))
    assert lines(solution, 1, "y")[1].startswith("= [0.5 0.5 0.5 ⋯ 0.5] [0.5 0.5 0.5 ⋯ 0.5; ")
    assert lines(solution, 1, "y")[1].count("⋮") == 4
    assert not chain(solution, 1, "y").products


# equations, policy: the lines of each part, and how many products stand before it
PARTS: list[tuple[str, str, list[tuple[list[str], int]]]] = [
    ("y[t] = tanh(v @ A)", "final", [
        (["equation", "numbers"], 0), (["preactivation", "value", "rounded"], 2),
    ]),
    ("y[t] = tanh((v @ A) @ A)", "final", [
        (["equation", "numbers"], 0), (["products"], 2), (["preactivation", "value", "rounded"], 2),
    ]),
    ("y[t] = v @ A", "final", [(["equation", "numbers"], 0), (["rounded"], 2)]),
    ("y[t] = v * v", "final", [(["equation", "numbers", "rounded"], 0)]),
]  # fmt: skip


@pytest.mark.parametrize(("equations", "kind", "expected"), PARTS)
def test_products_stand_before_the_line_that_uses_them(
    equations: str, kind: Any, expected: list[tuple[list[str], int]]
) -> None:
    given = {"v": Numbers.typed(["0.5", "0.25"]), "A": Numbers.typed([["1", "2"], ["3", "4"]])}
    own = {name: given[name] for name in given if name in equations}
    problem = Problem(cells.from_text(equations), own, {}, steps=1, policy=Policy(kind))
    worked = chain(solve(problem), 1, "y", "full")
    found = parts(worked)
    kinds = [
        ([link.kind for link in part.links if link.kind != "exact"], len(part.products))
        for part in found
    ]
    assert kinds == expected
    assert [part.links[0].restart for part in found] == [k > 0 for k in range(len(found))]
    each = [product for part in found for product in part.products]
    assert sorted(each, key=lambda own: own.path) == list(worked.products)


def test_a_part_that_begins_again_says_how_it_follows_from_its_left_side() -> None:
    solution = solve(load(SEED).rounded_by(policy=Policy("operation")))
    last = parts(chain(solution, 2, "z"))[-1]
    assert last.links[0].relation == "≈"  # the line before it in the chain rounded something
