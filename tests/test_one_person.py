"""Whatever happens to one person, the others are written, and the class is told."""

from __future__ import annotations

import csv
import errno
import io
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import verifier.check.engine
import verifier.documents.everyone
import verifier.documents.feedback
import verifier.report.check_contract
from tests.conftest import SEED
from tests.test_cli import run
from tests.test_feedback import checked, perfect, problem
from verifier.report.cells import FORMULA, cell
from verifier.report.classroom import classroom_csv
from verifier.report.words import Words

FOLDER = "hw10_question2"


def table(folder: Path) -> dict[str, dict[str, str]]:
    with (folder / FOLDER / "class.csv").open(encoding="utf-8") as file:
        return {row["person"]: row for row in csv.DictReader(file)}


def written(folder: Path, **texts: str) -> Path:
    made = folder / "class"
    made.mkdir()
    for name, text in texts.items():
        (made / f"{name}.toml").write_text(text)
    return made


def _link(path: Path) -> None:
    path.symlink_to(path.with_name("nowhere"))


def _loop(path: Path) -> None:
    path.symlink_to(path)


def _folder_link(path: Path) -> None:
    path.symlink_to(path.parent, target_is_directory=True)


def _closed(path: Path) -> None:
    path.write_text("z_1 = 0.5381")
    path.chmod(0)


def _closed_folder(path: Path) -> None:
    path.mkdir()
    (path / "a.txt").write_text("z_1 = 0.5381")
    path.chmod(0)


def deny(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse a path to root too, who may read everything."""
    for where, name in ((Path, "read_bytes"), (os, "listdir"), (os, "scandir")):
        ordinary = getattr(where, name)

        def refused(at: Any = ".", ordinary: Callable[[Any], Any] = ordinary) -> Any:
            if at == path or at == str(path):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(at))
            return ordinary(at)

        monkeypatch.setattr(where, name, refused)


BROKEN: dict[str, tuple[Callable[[Path], object], str]] = {
    "bytes": (lambda path: path.write_bytes(b"z_1 = \xff\xfe\xfa"), "not UTF-8"),
    "half of UTF-16": (lambda path: path.write_bytes(b"\xff\xfez\x00_"), "not UTF-8"),
    "zeros": (lambda path: path.write_bytes(bytes(200)), "not TOML"),
    "folder": (lambda path: path.mkdir(), "no answers are in this folder"),
    "link to nothing": (_link, "No such file"),
    "link to itself": (_loop, "symbolic links"),
    "link to a folder": (_folder_link, "no answers are in this folder"),
    "pipe": (lambda path: os.mkfifo(path), "this is no file"),
    "no access": (_closed, "ermission denied"),
    "no access to a folder": (_closed_folder, "ermission denied"),
}


@pytest.mark.parametrize("kind", BROKEN)
@pytest.mark.parametrize("listed", [False, True])
def test_a_file_that_cannot_be_read(
    kind: str, listed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if listed and kind == "link to a folder":
        return  # whoever names a link means what it leads to
    make, says = BROKEN[kind]
    folder = written(tmp_path, ada="z_1 = 0.5381", zoe="r_1 = 0.5294")
    make(folder / "bob.toml")
    if kind.startswith("no access"):
        deny(folder / "bob.toml", monkeypatch)
    paths = sorted(folder.iterdir()) if listed else [folder]
    done = run("check", SEED, *paths, "--output", tmp_path)
    assert done.exit_code == 1, done.output
    assert "Traceback" not in done.output
    rows = table(tmp_path)
    (bob,) = (row for name, row in rows.items() if name.startswith("bob"))
    assert says in bob["could_not_be_read"]
    assert (rows["ada"]["points"], rows["zoe"]["missing"]) == ("1", "15")
    assert {"ada.html", "zoe.html"} <= {p.name for p in (tmp_path / FOLDER / "feedback").iterdir()}


def failing(real: Callable[..., Any], who: str, error: BaseException) -> Callable[..., Any]:
    """The function, which fails for one person."""

    def made(*arguments: Any, **more: Any) -> Any:
        seen = [a for part in arguments for a in (part if isinstance(part, list) else [part])]
        his = [a for a in seen if getattr(getattr(a, "answers", a), "person", "") == who]
        if any(getattr(a, "rows", True) for a in his):
            raise error
        return real(*arguments, **more)

    return made


PLACES = [
    (verifier.documents.everyone, "read"),
    (verifier.documents.everyone, "check"),
    (verifier.documents.everyone, "explained"),
    (verifier.report.check_contract, "_person"),
    (sys.modules["verifier.report.classroom"], "mistakes"),
    (verifier.documents.everyone, "summary"),
    (verifier.documents.feedback, "feedback_documents"),
]
ERRORS = [KeyError("s_0"), RecursionError(), MemoryError(), ZeroDivisionError("a\nb"), OSError(5)]


CASES = [*((*place, ERRORS[0]) for place in PLACES), *((*PLACES[1], e) for e in ERRORS[1:])]


@pytest.mark.parametrize(("module", "name", "error"), CASES)
def test_what_nobody_foresaw(
    module: Any, name: str, error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, name, failing(getattr(module, name), "bob", error))
    folder = written(tmp_path, ada="z_1 = 0.5381", bob="z_1 = 0.7", zoe="r_1 = 0.5294")
    formats = ("--format=html", "--format=csv", "--format=json", "--format=md")
    if name == "read":
        real = verifier.documents.everyone.read

        def read(task: Any, works: Any) -> Any:
            if works[0].person == "bob":
                raise error
            return real(task, works)

        monkeypatch.setattr(module, name, read)
    done = run("check", SEED, folder, *formats, "--output", tmp_path)
    assert done.exit_code == 1, done.output
    assert type(error).__name__ in done.output
    assert "Traceback" not in done.output
    rows = table(tmp_path)
    assert type(error).__name__ in rows["bob"]["could_not_be_read"]
    assert "could not be" in rows["bob"]["could_not_be_read"]
    assert (rows["ada"]["points"], rows["zoe"]["missing"]) == ("1", "15")
    if name != "feedback_documents":
        assert rows["bob"]["points"] == ""
        text = (tmp_path / FOLDER / "feedback" / "bob.md").read_text()
        assert "Every number" not in text
    assert (tmp_path / FOLDER / "feedback" / "zoe.html").exists()
    assert "bob" in (tmp_path / FOLDER / "class.html").read_text()


def test_one_person_alone_hears_of_it_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = verifier.documents.everyone
    monkeypatch.setattr(module, "check", failing(module.check, "ada", KeyError("s_0")))
    path = written(tmp_path, ada="z_1 = 0.5381") / "ada.toml"
    done = run("check", SEED, path, "--output", tmp_path)
    assert done.exit_code == 2
    assert "ada: not judged\ncould not be judged: KeyError" in done.output
    assert "could not be judged" in (tmp_path / FOLDER / "feedback.md").read_text()


def test_ctrl_c_is_let_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = verifier.documents.everyone
    monkeypatch.setattr(module, "check", failing(module.check, "ada", KeyboardInterrupt()))
    folder = written(tmp_path, ada="z_1 = 1", bob="z_1 = 1")
    done = run("check", SEED, folder, "--stdout", "--format=csv")
    assert done.exit_code != 0
    assert "not judged" not in done.output


CELLS = [
    ("=1+1", "'=1+1"),
    ("\t=1+1", "'=1+1"),
    ("\r\n@SUM(A1)", "'@SUM(A1)"),
    ("\u200b\u202e=1", "'=1"),
    ("\ufeff+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
    ("＝1", "'＝1"),
    ("Ada;=1+1", "Ada;'=1+1"),
    ('Ada;"=1+1"', 'Ada;"\'=1+1"'),
    ("Ada|-1", "Ada|'-1"),
    ("Ada =1", "Ada '=1"),
    ("Ann-Lee", "Ann-Lee"),
    ("a.b+c@uni.example", "a.b+c@uni.example"),
    ("HW 1 - Ann", "HW 1 - Ann"),
    ("Ann\x00\x1b[31m Lee", "Ann[31m Lee"),
    ("a\u2028b\nc", "a b c"),
    ("Zo\u00eb \u738b", "Zo\u00eb \u738b"),
    ("\u3164\u200d", ""),
]


@pytest.mark.parametrize(("text", "made"), CELLS)
def test_a_text_in_a_cell(text: str, made: str) -> None:
    assert cell(text) == made
    assert cell(made) == made


SEPARATORS = ",;\t|: !#$%&*/<>?^~."
HOSTILE = st.text(st.sampled_from("=+-@＝;,|\t\"' \r\n\u200b\ufeffaZ1é:!"), max_size=12)


@given(HOSTILE)
def test_no_reader_sees_a_formula_whatever_separates(name: str) -> None:
    task = problem()
    text = classroom_csv(task, [checked(task, name), perfect(task)], Words())
    for separator in SEPARATORS:
        for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
            for row in csv.reader(io.StringIO(text), delimiter=separator, quoting=quoting):
                for part in row:
                    seen = part.strip(' "')
                    assert len(seen) < 2 or seen[0] not in FORMULA, (part, separator)


def test_every_text_is_quoted_and_numbers_are_bare() -> None:
    task = problem()
    text = classroom_csv(task, [checked(task, "a\nb"), perfect(task)], Words())
    lines = text.splitlines()
    assert len(lines) == 3
    rows = list(csv.reader(io.StringIO(text), quoting=csv.QUOTE_NONNUMERIC))
    assert rows[1][0] == "a b"
    assert rows[2][2:4] == [16.0, 16.0]
    assert all(isinstance(part, str) for part in rows[0])
