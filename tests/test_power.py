"""What a comparison can tell apart, and problems that tell more."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests import weak_page
from tests.conftest import SEED
from verifier.audit.implementations.handed import outputs
from verifier.audit.power import power
from verifier.audit.probe import probe, shown
from verifier.cli import main
from verifier.errors import VerifierError
from verifier.problem import load, loads
from verifier.problem.backward import backward

ZEROS = """cell = "gru-pytorch"
[parameters]
U_z = [[0.3, -0.2], [0.5, 0.1]]
U_r = [[0.2, 0.4], [-0.3, 0.6]]
U_h = [[0.7, -0.1], [0.25, 0.45]]
W_z = [[0.1, 0.2], [0.3, -0.4]]
W_r = [[-0.5, 0.6], [0.7, 0.8]]
W_h = [[0.9, -0.15], [0.35, 0.55]]
b_h = [0, 0]
b_sh = [0, 0]
[inputs]
x = [[1, -0.5], [0.25, 0.75]]
"""
OF_BIASES = {"recurrent-bias-outside", "biases-exchanged", "bias-copied", "bias-doubled"}


def test_zeros_tell_nothing_of_biases_and_of_initial_states() -> None:
    task = loads(ZEROS)
    blind = set(power(task, shown(task, "float32")).rules)
    assert blind >= OF_BIASES | {"initial-ignored"}
    assert not blind & {"blend-swapped", "gates-permuted", "transposed", "reset-before"}


def test_a_probe_has_other_weights_where_these_tell_nothing() -> None:
    found = probe(loads(ZEROS))
    assert found.weights
    assert found.power.blind == ()
    assert found.power.times > 100


def test_what_no_numbers_tell_apart_is_not_blind() -> None:
    """A scalar gate before or after the product is the same; so is the transpose of one number."""
    task = load(SEED)
    assert power(task, shown(task, "float64")).rules == ("initial-ignored",)
    found = probe(task, "float64")
    assert not found.weights
    assert found.power.rules == ()


def test_outputs_are_what_nothing_reads_at_the_same_step() -> None:
    assert outputs(loads(ZEROS)) == {"s"}
    text = ZEROS.replace('cell = "gru-pytorch"', 'cell = "gru-pytorch"\nbidirectional = true')
    for old in ("U_z", "U_r", "U_h", "W_z", "W_r", "W_h", "b_h", "b_sh"):
        line = next(line for line in text.splitlines() if line.startswith(f"{old} ="))
        both = "\n".join(line.replace(old, f"{old}_{way}") for way in ("fwd", "back"))
        text = text.replace(line, both)
    assert outputs(loads(text)) == {"s"}


def test_the_command_writes_a_problem_that_tells_more(tmp_path: Path) -> None:
    own, other = tmp_path / "own.toml", tmp_path / "probe.toml"
    own.write_text(ZEROS, encoding="utf-8")
    call = ["audit", str(own), "--probe", str(other)]
    made = CliRunner().invoke(main, call)
    assert made.exit_code == 0, made.output
    assert "give the program these weights" in made.output
    assert "Of every known convention some change would be seen" in made.output
    task = load(other)
    assert task.cell.equations == load(own).cell.equations
    assert power(task, shown(task, "float32")).blind == ()
    assert CliRunner().invoke(main, call).exit_code == 2


def test_a_backward_pass_has_no_probe() -> None:
    task = loads('loss = "0.5 * sum(s[t] * s[t])"\n' + ZEROS)
    with pytest.raises(VerifierError, match="no probe"):
        probe(backward(task, uniform=True))


@pytest.mark.parametrize("name", ["gru_reverse", "simple_rnn_reverse", "rnn_seq_length"])
def test_the_page_on_weak_tests_is_what_is_computed(name: str, node_tests: dict[str, Any]) -> None:
    """All of it: python -m tests.weak_page"""
    row = weak_page.row(name, node_tests[f"test_{name}"])
    assert "transposed" in row.missed
    assert weak_page.line(row) in weak_page.PAGE.read_text("utf-8").splitlines()
