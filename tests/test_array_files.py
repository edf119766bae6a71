"""Numbers of sections from array files: whole, by a prefix of their names, or parts of arrays."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from verifier.errors import VerifierError
from verifier.problem import Problem, load

W = np.arange(24, dtype=np.float32).reshape(6, 4) / 8
X = np.arange(20, dtype=np.float64).reshape(5, 2, 2)
CELL = 'equations = "h[t] = tanh(x[t] @ U + h[t-1] @ R)"\n'


def problem(folder: Path, text: str) -> Problem:
    np.savez(folder / "w.npz", **{"a.W": W, "a.R": np.eye(2), "junk": np.array(["text"])})
    np.savez(folder / "own.npz", **{"p.U": W[:2, :2], "p.R": np.eye(2), "U": np.zeros(3)})
    np.save(folder / "x.npy", X[:, 0])
    np.save(folder / "batch.npy", X)
    save_file({"U": W[:2, :2], "R": W[:2, :2]}, folder / "w.safetensors")
    (folder / "p.toml").write_text(CELL + text, "utf-8")
    return load(folder / "p.toml")


MAPPED = '[parameters]\nfile = "w.npz"\n[parameters.map]\nU = "{}"\nR = "a.R"\n'
INPUTS = '[inputs]\nfile = "x.npy"\n'
PARTS = [
    ("a.W[0:2, 0:2]", W[:2, :2]),
    ("a.W[2:4,1:3].T", W[2:4, 1:3].T),
    ("a.W[-2:, :2]", W[-2:, :2]),
    ("a.W[:2, -2:].T", W[:2, -2:].T),
]


@pytest.mark.parametrize(("part", "array"), PARTS)
def test_parts_of_arrays(tmp_path: Path, part: str, array: np.ndarray) -> None:
    found = problem(tmp_path, MAPPED.format(part) + INPUTS)
    expected = tuple(Fraction(float(entry)) for entry in array.ravel())
    assert found.parameters["U"].fractions == expected
    assert found.parameters["U"].shape == array.shape
    assert [file.name for file in found.files] == ["p.toml", "w.npz", "x.npy"]


WAYS = [
    '[parameters]\nfile = "own.npz"\nselect = "p."\n',
    '[parameters]\nfile = "w.safetensors"\n',
    '[parameters]\nR = {file = "own.npz", map = "p.R"}\nU = [[1, 2], [3, 4]]\n',
    '[parameters]\nfile = "own.npz"\nselect = "p."\nmap = {U = "U", R = "R[:2, 0:2]"}\n',
]


@pytest.mark.parametrize("text", WAYS)
def test_ways_to_name_arrays(tmp_path: Path, text: str) -> None:
    found = problem(tmp_path, text + INPUTS)
    assert found.parameters["U"].shape == found.parameters["R"].shape == (2, 2)
    assert found.steps == 5


GIVEN = "[parameters]\nU = [[1, 2], [3, 4]]\nR = [[1, 0], [0, 1]]\n"


def test_a_sequence_of_a_batch_and_its_initial_state(tmp_path: Path) -> None:
    text = '[inputs]\nx = {file = "batch.npy", map = "batch[:, 1]"}\n'
    text += '[initial]\nh = {file = "batch.npy", map = "batch[0, 1]"}\n'
    found = problem(tmp_path, GIVEN + text)
    assert found.inputs["x"].fractions == tuple(map(Fraction, X[:, 1].ravel().tolist()))
    assert found.initial["h"].fractions == (2, 3)


def test_a_batch_is_a_matrix_a_step(tmp_path: Path) -> None:
    found = problem(tmp_path, GIVEN + '[inputs]\nx = {file = "batch.npy"}\n')
    assert found.shapes["h"] == (2, 2)


def test_the_hash_is_of_what_is_used(tmp_path: Path) -> None:
    first = problem(tmp_path, MAPPED.format("a.W[0:2, 0:2]") + INPUTS).sha256
    arrays = dict(np.load(tmp_path / "w.npz"))
    np.savez(tmp_path / "w.npz", **{**arrays, "junk": np.float32(3)})
    assert load(tmp_path / "p.toml").sha256 == first
    np.savez(tmp_path / "w.npz", **{**arrays, "a.R": np.zeros((2, 2))})
    assert load(tmp_path / "p.toml").sha256 != first


BAD = [
    (MAPPED.format("a.V") + INPUTS, "has no array 'a.V'; did you mean 'a.W'?", 5),
    (MAPPED.format("a.W[9]") + INPUTS, "the part is not there", 5),
    (MAPPED.format("a.W[0].T") + INPUTS, ".T of an array of 1 axes", 5),
    (MAPPED.format("a.W[1::2]") + INPUTS, "'a.W[1::2]' is no part", 5),
    (MAPPED.format("a.W[5:5, :]") + INPUTS, "an empty array", 5),
    (MAPPED.format("junk") + INPUTS, "'junk' in w.npz has the type", 3),
    (MAPPED.format("") + INPUTS, "no part of an array", 5),
    (MAPPED.format("a.W") + "U2 = 3\n" + INPUTS, "U2 is no text", 7),
    ('[parameters]\nfile = "own.npz"\nselect = "q."\n' + INPUTS, "begins with 'q.'", 3),
    ('[parameters]\nfile = "own.npz"\nselect = 3\n' + INPUTS, "select is no text", 4),
    ('[parameters]\nU = {file = "own.npz", part = "p.U"}\n' + INPUTS, "unknown key 'part'", 3),
    ('[parameters]\nU = {map = "p.U"}\n' + INPUTS, "a table is no number", 3),
    ('[parameters]\nfile = "w.pth"\n' + INPUTS, "pickles are programs", 3),
    (GIVEN + '[inputs]\nfile = "none.npy"\n', "No such file", 6),
    (GIVEN + '[inputs]\nfile = "batch.npy"\n', "no equation uses 'batch' here", 5),
]


@pytest.mark.parametrize(("text", "message", "line"), BAD)
def test_what_is_not_there_is_said_where(
    tmp_path: Path, text: str, message: str, line: int
) -> None:
    with pytest.raises(VerifierError) as raised:
        problem(tmp_path, text)
    assert message in raised.value.what
    assert raised.value.place is not None
    assert raised.value.place.line == line
