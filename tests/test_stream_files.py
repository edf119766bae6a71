"""Files of streams: all kinds give the same rows, and what is wrong is said with its line."""

from __future__ import annotations

import json
import os
import resource
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

import verifier
from verifier.cli import main
from verifier.errors import VerifierError
from verifier.problem import Problem, load
from verifier.report.streamed import COLUMNS
from verifier.report.write import Growing
from verifier.streams.files import opened
from verifier.streams.walk import Walk

SEED = Path(__file__).parents[1] / "examples" / "hw10_question2.toml"
ROW = "0.25,-0.5\n"
TWO = """equations = "s[t] = tanh(s[t-1] + x[t] @ w + u[t])"
[parameters]
w = [[0.5], [0.25]]
[inputs]
x = [[1, 2]]
u = [0]
"""


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("verifier.streams.walk.STEPS", 4)


def run(path: Path, *more: str) -> Result:
    """`verifier solve` of the seed over a stream, its output beside it."""
    output = ("--output", str(path.parent / "out"))
    return CliRunner().invoke(main, ["solve", str(SEED), "--stream", str(path), *output, *more])


def rows_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def written(folder: Path, name: str, content: Any) -> Path:
    """A file with lines, bytes or an array in it."""
    path = folder / name
    if isinstance(content, np.ndarray):
        np.save(path, content)
    else:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


ARRAY = np.array([[0.25, -0.5]] * 6)
SAME = {
    "a.npy": ARRAY,
    "fortran.npy": np.asfortranarray(ARRAY),
    "big.npy": ARRAY.astype(">f4"),
    "half.npy": ARRAY.astype("f2"),
    "b.csv": ROW * 6,
    "names.csv": "x[1], x[0]\n" + "-0.5,0.25\n" * 6,
    "quotes.csv": '\ufeff"x[0]","x[1]"\r\n' + '"1/4", -.5\r\n' * 6 + "\n",
    "c.jsonl": '{"x": [0.25, -0.5]}\n' * 6,
    "d.ndjson": '[25e-2, "-1/2"]\n' * 5 + "[0.25, -0.5]",
}


@pytest.mark.parametrize("name", SAME)
def test_all_kinds_give_the_same_numbers(name: str, tmp_path: Path) -> None:
    source = opened(written(tmp_path, name, SAME[name]), load(SEED))
    for past in (0, 3, 5):
        blocks = [block["x"] for block in source.blocks(4, past)]
        assert [block.shape[0] for block in blocks] == ([4, 2] if not past else [6 - past])
        found = [value for block in blocks for value in block.fractions]
        assert found == [Fraction(1, 4), Fraction(-1, 2)] * (6 - past)


def test_rows_are_those_of_the_whole(tmp_path: Path) -> None:
    problem = SEED.read_text("utf-8").split("[inputs]")[0]
    whole = written(tmp_path, "whole.toml", f"{problem}[inputs]\nx = {[[0.25, -0.5]] * 6}\n")
    arguments = ["solve", str(whole), "--no-exact", "--no-policies", "--format", "json"]
    expected = json.loads(CliRunner().invoke(main, [*arguments, "--stdout"]).output)["rows"]
    done = run(written(tmp_path, "a.csv", ROW * 6))
    path = tmp_path / "out" / SEED.stem / "stream.jsonl"
    assert (done.exit_code, done.output) == (0, f"wrote {path}\n")
    for own, other in zip(rows_of(path), expected, strict=True):
        keys = ("step", "name", "index", "rounded", "status")
        assert [own[key] for key in keys] == [other[key] for key in keys]
        assert {*own} == {*other}


def test_tables_have_the_fields_of_rows(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", ROW * 6)
    lines = run(path, "--format", "csv", "--stdout").output.splitlines()
    assert tuple(lines[0].split(",")) == COLUMNS
    rows = map(json.loads, run(path, "--stdout").output.splitlines())
    for line, row in zip(lines[1:], rows, strict=True):
        cells = dict(zip(COLUMNS, line.split(","), strict=True))
        index = "".join(f"[{k}]" for k in row["index"])
        assert cells == {
            **{name: "" if row[name] is None else str(row[name]) for name in COLUMNS},
            "index": index,
        }


def test_python_gives_the_same_rows(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", ROW * 6)
    lines = map(json.loads, run(path, "--stdout").output.splitlines())
    for row, line in zip(verifier.solve_stream(load(SEED), path), lines, strict=True):
        assert {**vars(row), "index": list(row.index)} == line


def test_several_inputs(tmp_path: Path) -> None:
    problem = load(written(tmp_path, "two.toml", TWO))
    table = "u,x[1],x[0]\n" + "0.5,2,1\n" * 5
    objects = '{"u": 0.5, "x": [1, 2]}\n' * 5
    found = [
        [row for solution in walked(problem, tmp_path, *pair) for row in solution]
        for pair in (("a.csv", table), ("b.csv", "1,2,0.5\n" * 5), ("c.jsonl", objects))
    ]
    assert found[0] == found[1] == found[2]
    assert len(found[0]) == 5
    with pytest.raises(VerifierError, match="holds one array, but the inputs are x, u"):
        opened(written(tmp_path, "a.npy", ARRAY), problem)


def walked(problem: Problem, folder: Path, name: str, content: Any) -> Iterator[Any]:
    source = opened(written(folder, name, content), problem)
    return (solution.rows for solution in Walk(problem, source).solutions())


LINES = {
    "narrow": ("a.csv", ROW * 9 + "0.1\n" + ROW, "a.csv:10:1: 1 number at this step", 9),
    "wide": ("a.csv", ROW * 4 + "1,2,3\n", "a.csv:5:1: 3 numbers at this step", 4),
    "word": ("a.csv", ROW * 5 + "0.1, abc\n", "a.csv:6:5: 'abc' is no number", 5),
    "nan": ("a.csv", ROW * 3 + "nan,1\n", "a.csv:4:1: 'nan' is no number", 3),
    "named": ("a.csv", "x[0],x[1]\n" + ROW + "1\n", "a.csv:3:1: 1 number", 1),
    "gap": ("a.csv", ROW * 3 + "\n" + ROW, "a.csv:4:1: an empty line", 3),
    "letters": ("a.csv", ROW.encode() + b"0.1,\xff\n", "a.csv:2:5: this is not UTF-8", 1),
    "cut": ("a.csv", ROW * 3 + "0.1,0.", "a.csv:4:1: the file ends in the middle", 0),
    "names": ("a.csv", "x[0],x[2]\n" + ROW, "the column 'x[2]' is no entry of an input", 0),
    "twice": ("a.csv", "x[0],x[0]\n" + ROW, "the column 'x[0]' stands twice", 0),
    "missing": ("a.csv", "x[0]\n1\n", "no column x[1]", 0),
    "empty": ("a.csv", "", "a.csv has no steps", 0),
    "long": ("a.csv", "1" * 2**20 + "\n", "a line of more than 1048576 bytes", 0),
    "objects": ("a.jsonl", "[1, 2]\n[1]\n", "a.jsonl:2:1: x is a vector of 1 entry", 1),
    "no json": ("a.jsonl", "[1, 2]\n[1 2]\n", "a.jsonl:2:4: this is not JSON", 1),
    "json cut": ("a.jsonl", "[1, 2]\n[1, 2", "a.jsonl:2:1: the file ends in the middle", 0),
    "keys": ("a.jsonl", '{"x": [1, 2], "x": [3, 4]}\n', "the key 'x' stands twice", 0),
    "other": ("a.jsonl", '{"xx": [1, 2]}\n', "'xx' is no input; did you mean 'x'?", 0),
    "constants": ("a.jsonl", "[1, NaN]\n", "a.jsonl:1:1: x: 'NaN' is no number", 0),
    "words": ("a.jsonl", "[1, true]\n", "'true' is no number", 0),
    "deep": ("a.jsonl", "[" * 99_999 + "]\n", "a.jsonl:1:1: this is nested too deeply", 0),
    "infinite": ("a.npy", np.array([[1, 2]] * 6 + [[1, np.inf]]), "nan or infinity in row 7", 6),
    "shape": ("a.npy", ARRAY[:, 0], "a.npy is an array of shape (6,)", 0),
    "none": ("a.npy", ARRAY[:0], "a.npy is an array of shape (0, 2)", 0),
    "type": ("a.npy", ARRAY > 0, "a.npy has the type 'bool'", 0),
    "kind": ("a.txt", ROW, "the kind of file is not known", 0),
}


@pytest.mark.parametrize("case", LINES)
def test_what_is_wrong_is_said_and_what_is_done_is_kept(case: str, tmp_path: Path) -> None:
    name, content, said, steps = LINES[case]
    done = run(written(tmp_path, name, content))
    assert done.exit_code == 2
    assert said in done.output
    part = tmp_path / "out" / SEED.stem / "stream.jsonl.part"
    assert not part.with_suffix("").exists()
    assert part.exists() == (steps > 0)
    if steps:
        assert f"the rows of steps 1 to {steps} are kept in {part}" in done.output
        assert rows_of(part)[-1]["step"] == steps


def test_arrays_that_are_cut_off(tmp_path: Path) -> None:
    path = written(tmp_path, "a.npy", ARRAY)
    path.write_bytes(path.read_bytes()[:-20])
    assert "it ends within row 5" in run(path).output
    path.write_bytes(b"no array")
    assert "a.npy is no array" in run(path).output
    assert "No such file" in run(tmp_path / "none.csv").output
    assert "is no file" in run(tmp_path).output or "not known" in run(tmp_path).output


CALLS = {
    ("--format", "md"): "--stream with --format md",
    ("--format", "csv", "--format", "jsonl"): "--stream with --format csv, jsonl",
    ("--step", "1"): "--step with --stream",
    ("--digits", "9"): "--digits with --stream",
    ("--exact",): "--exact with --stream",
    ("--data", "a.npy"): "--data with --stream",
}


@pytest.mark.parametrize("more", CALLS)
def test_calls_that_a_stream_does_not_take(more: tuple[str, ...], tmp_path: Path) -> None:
    done = run(written(tmp_path, "a.csv", ROW), *more)
    assert (done.exit_code, CALLS[more] in done.output) == (2, True), done.output
    alone = CliRunner().invoke(main, ["solve", str(SEED), "--format", "csv"])
    assert (alone.exit_code, "without --stream" in alone.output) == (2, True)


@pytest.mark.parametrize(
    ("equations", "more", "said"),
    [
        ("y[t] = x[t]\ns[t] = tanh(x[t] + s[t+1])", "", ":3:1: the equation of s uses s[t+1]"),
        ("s[t] = x[t+1]", "[final]\nx = 0\n", "uses x[t+1]"),
        ("s[t] = 0.5 * s[t-1]", "steps", "a problem without inputs has no stream"),
    ],
)
def test_what_looks_ahead_is_refused(equations: str, more: str, said: str, tmp_path: Path) -> None:
    given = "steps = 3\n[initial]\ns = 1\n" if more == "steps" else f"[inputs]\nx = [1, 2]\n{more}"
    problem = written(tmp_path, "p.toml", f'equations = """\n{equations}"""\n{given}')
    path = written(tmp_path, "a.csv", "1\n")
    done = CliRunner().invoke(main, ["solve", str(problem), "--stream", str(path)])
    assert (done.exit_code, said in done.output) == (2, True), done.output


def test_an_interruption_leaves_whole_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes while the rows of the third block are written; an older result stays."""
    from verifier.report import contract

    path = written(tmp_path, "a.csv", ROW * 20)
    old = tmp_path / "out" / SEED.stem / "stream.jsonl"
    assert run(written(tmp_path, "old.csv", ROW)).exit_code == 0
    before, rows_before = old.read_bytes(), contract.of_quantity

    def interrupted(solution: Any, step: int, name: str) -> Any:
        if solution.problem.past == 8 and step == 2:
            raise KeyboardInterrupt
        return rows_before(solution, step, name)

    monkeypatch.setattr(contract, "each_quantity", lambda solution: quantities(solution))
    monkeypatch.setattr(contract, "of_quantity", interrupted)
    done = run(path)
    assert done.exit_code != 0
    assert "the rows of steps 1 to 8 are kept" in done.output
    assert rows_of(old.with_name("stream.jsonl.part"))[-1]["step"] == 8
    assert old.read_bytes() == before


def quantities(solution: Any) -> Iterator[Any]:
    """Where rows stand, none of them with texts of its own."""
    for step in range(1, solution.problem.steps + 1):
        yield from (((step, name), None) for name in solution.order)


def test_undecided_entries_end_with_one(tmp_path: Path) -> None:
    text = 'equations = "s[t] = sin(99 * s[t-1] + x[t])"\n[inputs]\nx = [1]\n'
    problem = load(written(tmp_path, "p.toml", text))
    from verifier.streams import balls

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(balls, "top_precision", lambda *_: 64)
        path = written(tmp_path, "a.csv", "1\n" * 30)
        arguments = ["solve", str(problem.files[0]), "--stream", str(path), "--stdout"]
        done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 1
    assert "entries are undecided" in done.output
    assert "steps in all, bounds along the steps" in done.output
    assert "bits stand in" in done.output


def test_two_at_once_never_mix(tmp_path: Path) -> None:
    one = Growing(tmp_path / "a.csv")
    one.put("one\n")
    other = Growing(tmp_path / "a.csv")
    other.put("other\n")
    with pytest.raises(VerifierError, match="another call"):
        one.done()
    assert not one.kept()
    other.done()
    assert (tmp_path / "a.csv").read_text() == "other\n"
    assert os.listdir(tmp_path) == ["a.csv"]


@pytest.fixture
def full() -> Iterator[None]:
    """No file may have more than 20,000 bytes, as on a disk that is full then."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("whole", [0, 1, 2])
def test_a_full_disk_leaves_whole_blocks(whole: int, full: None, tmp_path: Path) -> None:
    """However much of the next block was written, and whatever still waits to be."""
    growing = Growing(tmp_path / "a.csv")
    for _ in range(whole):
        growing.put(iter(["1\n"] * 3_000))
    with pytest.raises(VerifierError, match="too large"):
        growing.put(iter(["2\n"] * 50_000))
    assert growing.kept() == (whole > 0)
    found = [path.read_text() for path in tmp_path.iterdir()]
    assert found == (["1\n" * 3_000 * whole] if whole else [])
