"""How a run ends: exit codes, full and closed outputs, interruptions, and encodings."""

from __future__ import annotations

import errno
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SEED
from verifier import __main__ as entry
from verifier.errors import DocumentError
from verifier.report import write as writing

VERIFIER = (sys.executable, "-m", "verifier")


def run(*arguments: str | Path, **options: Any) -> subprocess.CompletedProcess[bytes]:
    call = [*VERIFIER, *map(str, arguments)]
    return subprocess.run(call, stderr=subprocess.PIPE, **options)


@pytest.mark.parametrize("call", [("solve", SEED, "--stdout", "--format", "md"), ("cells",)])
def test_a_full_output_is_an_error(call: tuple[str | Path, ...]) -> None:
    with open("/dev/full", "wb") as full:
        done = run(*call, stdout=full)
    assert done.returncode == 2
    assert done.stderr.decode() == "verifier: No space left on device\n"


def test_a_reader_that_leaves_is_no_error() -> None:
    call = [*VERIFIER, "solve", str(SEED), "--stdout", "--format", "html"]
    with subprocess.Popen(call, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as program:
        assert program.stdout
        assert program.stderr
        program.stdout.close()
        assert program.stderr.read() == b""
    assert program.returncode == 0


@pytest.mark.parametrize("variables", [{"PYTHONIOENCODING": "cp1252"}, {"LC_ALL": "POSIX"}])
@pytest.mark.parametrize("call", [("cells", "gru"), ("solve", SEED, "--stdout", "--format", "md")])
def test_everything_is_written_as_utf8(
    variables: dict[str, str], call: tuple[str | Path, ...]
) -> None:
    done = run(*call, stdout=subprocess.PIPE, env={**os.environ, **variables})
    assert (done.returncode, done.stderr) == (0, b"")
    assert "σ" in done.stdout.decode() or "·" in done.stdout.decode()


def test_errors_are_written_as_utf8_too(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9 \xcf\x83.toml")
    (tmp_path / name).write_text('cell = "σσ"\n')
    done = run("solve", tmp_path / name, env={**os.environ, "PYTHONIOENCODING": "cp1252"})
    assert done.returncode == 2
    assert "σσ" in done.stderr.decode()


def temporary(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.name.startswith(".")]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("moment", ["open", "replace"])
def test_an_interruption_leaves_the_old_document(
    tmp_path: Path, number: signal.Signals, code: int, moment: str
) -> None:
    """The signal comes when the file has just been opened, or is about to be moved."""
    old = tmp_path / "hw10_question2" / "solution.md"
    old.parent.mkdir()
    old.write_text("old")
    script = f"""
import builtins, os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored when run in the background
from verifier import __main__
kept = {{"open": builtins.open, "replace": os.replace}}["{moment}"]
def interrupted(*arguments, **options):
    found = str(arguments[0]).endswith(".tmp") and kept(*arguments, **options) if \\
        "{moment}" == "open" else None
    if found or "{moment}" == "replace":
        os.kill(os.getpid(), {int(number)})
    return found or kept(*arguments, **options)
setattr({{"open": builtins, "replace": os}}["{moment}"], "{moment}", interrupted)
sys.argv = ["verifier", "solve", {str(SEED)!r}, "--output", {str(tmp_path)!r}]
__main__.main()
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True)
    assert done.returncode == code, done.stderr
    assert old.read_text() == "old"
    assert not temporary(tmp_path)
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("function", ["replace", "open"])
def test_a_full_disk_leaves_the_old_document(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, function: str
) -> None:
    path = tmp_path / "solution.md"
    path.write_text("old")

    def full(*arguments: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    where = writing if function == "open" else os
    monkeypatch.setattr(where, function, full, raising=False)
    with pytest.raises(DocumentError, match="No space left on device"):
        writing.write(path, "new")
    monkeypatch.undo()
    assert path.read_text() == "old"
    assert not temporary(tmp_path)


def test_a_document_that_is_cut_off(tmp_path: Path) -> None:
    """The system takes 16 kB of a file and no more, as a disk does that is full."""
    limit = (resource.RLIMIT_FSIZE, (16_384, 16_384))
    call = ("solve", SEED, "--output", tmp_path, "--format", "html")
    done = run(*call, stdout=subprocess.PIPE, preexec_fn=lambda: resource.setrlimit(*limit))
    assert (done.returncode, temporary(tmp_path)) == (2, [])
    assert b"File too large" in done.stderr
    assert not list(tmp_path.rglob("solution.html"))


def test_an_unforeseen_error_is_a_message(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*arguments: object, **options: object) -> None:
        raise KeyError("state")

    monkeypatch.setattr("verifier.cli.main", broken)
    monkeypatch.setattr(entry, "_speak_utf8", lambda: None)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    with pytest.raises(SystemExit) as ended:
        entry.main()
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert "please report" in said
    assert "KeyError: 'state'" in said
    assert "Traceback" not in said
    monkeypatch.setenv("VERIFIER_DEBUG", "1")
    with pytest.raises(KeyError):
        entry.main()
