"""Hostile texts of twice the length take twice the steps, in every reader of answers."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SEED
from tests.steps import Counted
from verifier import effort
from verifier.check.answers.files import SUFFIXES, Work, read_work
from verifier.check.answers.labels import Labels
from verifier.problem import load

SIZE = 120
TASK = load(SEED)
TABLES = {name: getattr(Labels(TASK), name) for name in ("_aliases", "_printed", "_gradients")}
"""What a reader of names makes of the problem alone, whatever the text."""

PARTS = {
    "underscores": "_", "names and numbers": "z 1 ", "no space": "1|z ", "spaces": " ",
    "open lists": "[1\n", "open in a line": "[1 ", "pairs": "(1 ", "tensors": "<tf.\n",
    "commas": ",", "words": "__ ", "quotes": '\\"', "strings": "'", "calls": "float(1 ",
    "dots": "a.", "chains": "z = ", "approximately": "≈", "digits": "1", "steps": "step ",
    "step": "timestep", "powers": "x10^1", "decimals": "0,15 ", "dollars": "$z", "tables": "|z",
    "dict": "{z: ", "tabs": "\t;", "signs of dollars": "$ ", "rows": "z r\n1 2\n",
    "wrapped": "z r \\\n0 1 2\n\n",
}  # fmt: skip
AROUND = {"alone": "{}", "value": "z_1 = {}", "open value": "z_1 = [0,5{}!", "step": "step{}x",
          "name": "name{}", "end": "{}=", "behind": "z_1 = 0.5 {} r_1 = 0.3"}  # fmt: skip


READ = [suffix for suffix in SUFFIXES if suffix not in (".htm", ".tsv", ".xlsm")]
"""The kinds of files, one for each reader."""

CASES = [
    (suffix, around)
    for suffix in READ
    for around in AROUND
    if suffix == ".txt" or around == "alone" or (suffix, around) == (".csv", "value")
]
"""Every place in what is read as text, which other kinds come down to."""


@pytest.fixture
def count(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The steps of all patterns of the readers, and the lines of Python that they run."""
    found, limit = [0], sys.getrecursionlimit()
    for name, module in list(sys.modules.items()):
        if name.startswith("verifier.check.answers.") or name == "verifier.problem.locate":
            for key, value in list(vars(module).items()):
                if isinstance(value, re.Pattern):
                    monkeypatch.setattr(module, key, Counted(value, found))
    sys.setrecursionlimit(100_000)
    yield found  # type: ignore[misc]
    sys.setrecursionlimit(limit)


def steps(count: list[int], text: str, suffix: str, folder: Path) -> int:
    if suffix == ".ipynb":
        shown = {"output_type": "stream", "name": "stdout", "text": text}
        text = json.dumps(
            {"cells": [{"cell_type": "code", "source": "print(z)", "outputs": [shown]}]}
        )
    path = folder / f"a{suffix}"
    path.write_text(text)
    labels, count[0] = Labels(TASK), 0
    vars(labels).update(TABLES)
    read_work(labels, Work("a", path))
    return count[0]


def too_many(once: int, twice: int) -> bool:
    """Whether twice the text took clearly more than twice the steps."""
    return twice > 2.4 * once + 1000


@pytest.mark.parametrize(("suffix", "around"), CASES)
def test_twice_the_text_takes_twice_the_steps(
    suffix: str, around: str, count: list[int], tmp_path: Path
) -> None:
    worse: dict[str, Any] = {}
    for name, part in PARTS.items():
        texts = [AROUND[around].format(part * (n // len(part))) for n in (SIZE, 2 * SIZE)]
        once, twice = (steps(count, text, suffix, tmp_path) for text in texts)
        if too_many(once, twice):
            worse[name] = once, twice
    assert not worse


SQUARE = [("_*x", "_"), ("(?:z 1 )+x", "z 1 "), (r"\d+,", "1"), (r"(\s*\w)+=", "z ")]


@pytest.mark.parametrize(("pattern", "part"), SQUARE)
def test_a_pattern_that_takes_the_square_is_found(pattern: str, part: str) -> None:
    found = []
    for size in (SIZE, 2 * SIZE):
        count = [0]
        Counted(re.compile(pattern), count).search(part * (size // len(part)))
        found += count
    assert too_many(*found)


def test_a_line_has_a_limit_and_the_others_count(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("z_1 = 0.5381\n" + "_" * (effort.LINE + 1) + "\nr_1 = 0.5294\n")
    (found,) = read_work(Labels(load(SEED)), Work("a", path))
    assert len(found.given) == 2
    (complaint,) = found.complaints
    assert "a line of 100001 characters" in complaint.what
    assert complaint.place is not None
    assert complaint.place.line == 2
