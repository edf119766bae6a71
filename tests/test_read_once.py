"""What is needed to read answers is made once for all files of a class."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import SEED
from verifier import effort
from verifier.check.answers import heads, labels, read
from verifier.check.answers.files import works
from verifier.check.answers.known import Known
from verifier.documents.everyone import readings
from verifier.problem import load

LINES = "z_1 = 0.5381\nr_1 = 0.5294\n"
TABLE = "t,z,r\n1,0.5381,0.5294\n"


@pytest.mark.parametrize(("name", "text"), [("{}.txt", LINES), ("{}.csv", TABLE)])
def test_names_are_read_once_for_a_class(
    name: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another file of the same names asks for the meaning of none of them again."""
    asked: list[str] = []
    for kind, method in ((labels.Labels, "_read"), (heads.Heads, "_column")):
        own = getattr(kind, method)
        monkeypatch.setattr(
            kind, method, lambda self, text, own=own: asked.append(text) or own(self, text)
        )
    for k in range(3):
        (tmp_path / name.format(k)).write_text(text)
    task, counts = load(SEED), []
    for work in works([tmp_path]):
        (found,) = readings(task, work)
        assert len(found.given) == 2
        counts.append(len(asked))
    assert counts[0] > 0
    assert counts[0] == counts[1] == counts[2]


def test_what_is_kept_has_a_limit() -> None:
    known = Known[int]()
    for k in range(3 * effort.KNOWN):
        known[str(k)] = k
        assert known[str(k)] == k
    assert len(known) <= effort.KNOWN


def test_a_problem_of_the_same_names_is_another(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(LINES)
    for _ in range(2):
        (found,) = read(load(SEED), [tmp_path / "a.txt"])
        assert len(found.given) == 2
