"""Errors that a review found: each test failed before its error was mended."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner

from verifier.cli import main
from verifier.derive.chain import chain
from verifier.documents.solution import solution_text
from verifier.errors import VerifierError
from verifier.language.parse import parse
from verifier.notation.text import TextPrinter
from verifier.problem import Problem, loads
from verifier.problem.settings import Notation
from verifier.rounding import Policy
from verifier.solution import Solution, solve


def problem(equations: str, rounding: str = "", **sections: str) -> Problem:
    text = f'equations = """\n{equations}\n"""\n[rounding]\n{rounding}\n'
    return loads(text + "".join(f"[{name}]\n{body}\n" for name, body in sections.items()))


def shown(solution: Solution, name: str, step: int = 1) -> list[str]:
    printer = TextPrinter()
    return [
        f"{link.relation} {printer.show(link.tree, step)}"
        for link in chain(solution, step, name).links
    ]


def test_a_bare_name_is_not_equal_to_what_a_policy_rounds_it_to() -> None:
    task = problem(
        "h[t] = x[t]\nk[t] = 0.123456", 'places = 3\npolicy = "equation"', inputs="x=[0.12345]"
    )
    solution = solve(task)
    assert shown(solution, "h")[-2:] == ["= 0.12345", "≈ 0.123"]
    assert "= 0.123" not in shown(solution, "k")
    assert shown(solution, "k")[-1] == "≈ 0.123"


@pytest.mark.parametrize(
    ("mode", "sign", "digits"),
    [
        ("up", "", "0.0001"),
        ("up", "-", "-0.0001"),
        ("ceiling", "", "0.0001"),
        ("ceiling", "-", "0.0000"),
        ("floor", "", "0.0000"),
        ("floor", "-", "-0.0001"),
        ("down", "-", "0.0000"),
        ("half-even", "", "0.0000"),
    ],
)
def test_the_sign_of_what_is_very_small_decides(mode: str, sign: str, digits: str) -> None:
    solution = solve(problem(f"h[t] = {sign}exp(x[t])", f'mode = "{mode}"', inputs="x=[-100000]"))
    (row,) = solution.rows
    assert (row.rounded, row.status, solution.complete) == (digits, "certified", True)


def test_a_value_that_is_too_large_to_be_written_is_undecided_and_said_to_be() -> None:
    solution = solve(problem("h[t] = exp(x[t])", inputs="x=[100000]"))
    (row,) = solution.rows
    assert (row.rounded, row.status, solution.complete) == (None, "undecided", False)
    assert "could not be decided" in solution_text(solution, "md")


def test_zero_times_an_undefined_quotient_is_not_zero() -> None:
    task = problem("h[t] = tanh(x[t])\ng[t] = 0*(1/(h[t]-h[t]))", inputs="x=[1]")
    row = Solution(task, exact=False, policies=False).rows[-1]
    assert (row.rounded, row.status) == (None, "undecided")


def test_many_digits_of_a_decimal_that_ends() -> None:
    task = problem("s[t] = relu(0.1*x[t] + 0.3*s[t-1])", inputs="x=[0.7, 0.3]")
    made = solution_text(solve(task), "md", digits=30).split("## 30 digits")[1]
    assert "?" not in made
    assert "0. 0700000000 0000000000 0000000000 0" in made


def test_a_policy_that_divides_by_zero_does_not_stop_another() -> None:
    task = problem("h[t] = tanh(x[t])\ng[t] = 1/h[t]", "places = 1", inputs="x=[0.01]")
    solution = solve(task)
    assert [row.rounded for row in solution.rows] == ["0.0", "100.0"]
    assert solution.rows[1].policies == {"final": "100.0", "equation": None, "operation": None}
    assert "divides by zero" in solution_text(solution, "md")
    with pytest.raises(VerifierError, match="divides by zero"):
        _ = solve(task.rounded_by(policy=Policy("equation"))).rows


def test_a_radius_below_all_measure() -> None:
    (row,) = solve(problem("h[t] = tanh(x[t])", inputs="x=[1e999]")).rows
    assert (row.rounded, row.status) == ("1.0000", "certified")


def test_rationals_that_explode_go_on_as_balls() -> None:
    text = 'equations = "s[t] = s[t-1]*s[t-1]"\nsteps = 40\n[initial]\ns = 0.3\n'
    task = loads(text)
    rows = solve(task).rows
    statuses = [row.status for row in rows]
    exact = statuses.count("exact")
    assert 5 < exact < 20  # the last one would have 2^40 digits
    assert statuses == ["exact"] * exact + ["certified"] * (40 - exact)
    assert rows[-1].rounded == "0.0000"


def test_names_that_would_print_alike_are_refused() -> None:
    task = problem("h[t] = x_1*x[t] + h[t-1]", parameters="x_1 = 2", inputs="x=[1]")
    with pytest.raises(VerifierError, match="print alike"):
        solution_text(solve(task), "md")
    assert json.loads(solution_text(solve(task), "json"))["rows"][0]["rounded"] == "2.0000"
    twins = problem("z1[t] = x[t]\nz_1[t] = 2*x[t]", inputs="x=[1]")
    with pytest.raises(VerifierError, match="print alike"):
        solution_text(solve(twins), "md")


ALIKE = [  # two names and how the second is spelled; some are alike in one format only
    ("alpha", "α", ""),
    ("状", "u72b6", ""),
    ("C_tilde", "C\u0303", ""),
    ("e_acute", "é", ""),
    ("h_prime", "b", "h'"),
    ("A", "Α", ""),
    ("a", "а", ""),
    ("beta_1", "b", "β_1"),
    ("W_a_b", "b", "W^a_b"),
    ("z1", "z_1", ""),
]


@pytest.mark.parametrize(("one", "other", "spelling"), ALIKE)
def test_names_are_compared_as_they_print(one: str, other: str, spelling: str) -> None:
    task = problem(
        f"q[t] = {one}*x[t] + {other}", parameters=f'"{one}" = 2\n"{other}" = 3', inputs="x=[1]"
    )
    names = {other: spelling} if spelling else {}
    task = replace(task, notation=Notation("∘", names))
    for format in ("md", "tex", "html", "typ"):
        with pytest.raises(VerifierError, match=f"{one} and {other}|{other} and {one}"):
            solution_text(solve(task), format)


@pytest.mark.parametrize(
    "pair", [("C", "C_tilde"), ("e", "é"), ("h_hat", "h_tilde"), ("x_t1", "a")]
)
def test_names_that_print_apart_are_not_refused(pair: tuple[str, str]) -> None:
    one, other = pair
    task = problem(
        f"q[t] = {one}*x[t] + {other}", parameters=f'"{one}" = 2\n"{other}" = 3', inputs="x=[1]"
    )
    assert solution_text(solve(task), "md")


def test_given_numbers_stay_as_typed_behind_a_transpose_and_a_sign() -> None:
    task = problem(
        "a[t] = W.T @ x[t] + -b",
        "places = 2",
        parameters='W = [[0.125, 0.2], ["1/3", 0.5]]\nb = [1e-3, -0.20]',
        inputs='x = [["1/3", 0.5]]',
    )
    assert shown(solve(task), "a")[1] == "= [0.125 1/3; 0.2 0.5] [1/3 0.5] + [−1e−3 0.20]"


def test_extremes_are_not_written_out() -> None:
    (row,) = solve(problem("h[t] = exp(x[t])", 'mode = "up"', inputs="x=[-40000]")).rows
    assert row.margin is not None
    assert len(row.margin) < 20
    (row,) = solve(problem("h[t] = tanh(x[t]) - tanh(x[t])", "figures = 3", inputs="x=[1]")).rows
    assert len(str(row.lower)) < 1100


def test_nothing_warns_in_documents() -> None:
    solution_text(solve(problem("h[t] = softplus(x[t])", inputs="x=[1000000000]")), "md")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["solve", "missing.toml", "--stdout"], "one --format"),
        (["derive", "d.JSON"], "d.JSON: No such file"),
    ],
)
def test_calls(arguments: list[str], says: str) -> None:
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 2
    assert says in done.output


def test_names_are_normalised_in_keys_as_in_equations() -> None:
    task = problem("h[t] = µ*x[t]", parameters='"µ" = 2', inputs="x=[1]")
    assert solve(task).rows[0].rounded == "2.0000"


def test_file_is_no_name() -> None:
    with pytest.raises(VerifierError, match="'file' cannot be a name"):
        parse("h[t] = file * x[t]")


def test_what_is_undecided_under_another_policy_is_not_called_a_division_by_zero() -> None:
    """Only when a is carried as 0.14 is y the tie (σ(a) + σ(−a)) / 2, which no one can decide."""
    task = problem(
        "a[t] = x[t]\ny[t] = (sigmoid(a[t]) + sigmoid(-a[t]) + a[t] - 0.14) * 0.5",
        "places = 2\n[rounding.y]\nplaces = 0",
        inputs='x = ["1/7"]',
    )
    solution = solve(task)
    assert solution.complete
    assert solution.digits("equation")[1, "y"] == [None]
    made = solution_text(solution, "md")
    assert "divides by zero" not in made
    assert "gives the same digits everywhere" not in made


def test_every_argument_of_a_function_is_spoken() -> None:
    task = problem("y[t] = leaky_relu(x[t], 0.2)\nq[t] = concat(y[t], x[t])", inputs="x=[1]")
    made = solution_text(solve(task), "typ")
    assert "leaky ReLU of x t with slope 0.2" in made
    assert "y t joined with x t" in made


@pytest.mark.parametrize("command", ["solve", "sheet", "derive"])
def test_stdout_with_two_formats_is_refused_before_any_work(command: str) -> None:
    done = CliRunner().invoke(main, [command, "missing.toml", "--stdout"])
    assert done.exit_code == 2
    assert "one --format" in done.output
