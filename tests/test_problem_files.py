"""Problem files: TOML and JSON alike, and what is said of a file that cannot be used."""

from __future__ import annotations

import io
import json
import os
import pickle
import tempfile
import tomllib
import tracemalloc
import zipfile
from fractions import Fraction
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save_file

from tests.work import calls
from verifier.errors import Place, VerifierError
from verifier.hosts.namespace import numbers_of
from verifier.numbers import Numbers
from verifier.problem import KeyedError, Problem, from_data, load, loads
from verifier.problem.weights import load_weights
from verifier.rounding import Policy, Rounding
from verifier.solution import solve

EXAMPLE = Path(__file__).parents[1] / "examples" / "hw10_question2.toml"
TEXT = EXAMPLE.read_text("utf-8")
SMALL = 'equations = "s[t] = a * x[t] + s[t-1]"\n[parameters]\na = 0.5\n[inputs]\nx = [1, 2]\n'


def content(problem: Problem) -> Any:
    """Everything of a problem but its hash, comparable."""
    given = {
        section: {name: (n.shape, n.fractions) for name, n in getattr(problem, section).items()}
        for section in ("parameters", "inputs", "initial", "final")
    }
    rest = ("steps", "title", "rounding", "rules", "policy", "notation", "detail", "shapes")
    equations = [(eq.name, eq.expression) for eq in problem.cell.equations]
    return given, equations, [getattr(problem, name) for name in rest]


def test_the_example_is_read() -> None:
    problem = load(EXAMPLE)
    assert problem.title == "HW 10 · Question 2"
    assert problem.stem == "hw10_question2"
    assert problem.cell.name == "gru"
    assert problem.steps == 2
    assert problem.rounding == Rounding(4, "half-even")
    assert problem.policy == Policy("final")
    assert problem.parameters["U_z"].texts == ("0.35", "0.6")
    assert problem.parameters["U_h"].fractions[1] == Fraction(1, 10)
    assert problem.shapes["s"] == (3,)
    assert problem.shapes["z"] == (1,)
    assert len(problem.sha256) == 64


FULL = """
title = "Ünïcode"
equations = '''
s[t] = a * x[t] + b * s[t-1]
y[t] = s[t] + y[t+1]
'''
detail = "vector"
steps = 2
rounding = {figures = 3, mode = "up", policy = "operation", s = {places = 6}}
notation.hadamard = "⊙"
notation.names.a = "alpha^z_1"
[parameters]
a = ["1/3", 0.50, -1]
b = [[1_0e-1, 0, 0.0], [1, 2, 3], [4, 5, 6]]
[initial]
s = [0.10, .5e1, 1]
[final]
y = [0, 0, 0]
[inputs]
x = [0.5, 1]
""".replace(".5e1", "5.0").replace("b * s[t-1]", "s[t-1] @ b")


@pytest.mark.parametrize("text", [TEXT, FULL, SMALL], ids=["example", "full", "small"])
def test_toml_and_json_give_the_same_problem(text: str) -> None:
    data = tomllib.loads(text, parse_float=lambda number: f"<{number.replace('_', '')}>")
    written = json.dumps(data, indent=1).replace('"<', "").replace('>"', "")
    assert "<" not in written
    toml, other = loads(text), loads(written, "<problem>.json")
    assert content(toml) == content(other)
    assert toml.sha256 != other.sha256
    assert toml.sha256 == loads(text).sha256


def test_texts_of_numbers_are_kept() -> None:
    problem = loads(FULL)
    assert problem.parameters["a"].texts == ("1/3", "0.50", "-1")
    assert problem.initial["s"].texts == ("0.10", "5.0", "1")
    text = '{"equations": "s[t] = a", "steps": 1, "parameters": {"a": [1.50, 2e1, -0]}}'
    assert loads(text, "p.json").parameters["a"].texts == ("1.50", "2e1", "-0")


def test_rounding_of_single_quantities() -> None:
    problem = loads(FULL)
    assert problem.rounding == Rounding(None, "up", 3)
    assert problem.rule("s") == Rounding(6, "up")
    assert problem.rule("y") == problem.rounding
    assert problem.rounded_by(Rounding(2)).rule("s") == Rounding(2)
    assert problem.rounded_by(policy=Policy("final")).rule("s") == Rounding(6, "up")


ENDINGS = {
    "a byte order mark": TEXT.encode("utf-8-sig"),
    "Windows line ends": TEXT.replace("\n", "\r\n").encode(),
    "both": TEXT.replace("\n", "\r\n").encode("utf-8-sig"),
    "no last line end": TEXT.rstrip().encode(),
}


@pytest.mark.parametrize("raw", ENDINGS.values(), ids=ENDINGS.keys())
@pytest.mark.parametrize("name", ["p.toml", "p.TOML", "ü p.toml"])
def test_files_of_windows_users(tmp_path: Path, raw: bytes, name: str) -> None:
    (tmp_path / name).write_bytes(raw)
    assert content(load(tmp_path / name)) == content(load(EXAMPLE))


def test_defaults() -> None:
    problem = loads(SMALL)
    assert (problem.rounding, problem.policy, problem.detail) == (Rounding(4), Policy(), "full")
    assert problem.end("s", 0).texts == ("0",)
    assert problem.shapes == {"a": (), "x": (), "s": ()}


def test_end_values() -> None:
    problem = loads(SMALL + "[initial]\ns = 7\n")
    assert problem.end("s", 0).texts == ("7",)
    text = 'equations = "y[t] = x[t-1] + x[t+1]"\ninputs.x = [1]\ninitial.x = 2\nfinal.x = 3\n'
    assert [loads(text).end("x", step).texts for step in (0, 2)] == [("2",), ("3",)]


def test_columns_are_rows_transposed() -> None:
    column = TEXT.replace('cell = "gru"', 'cell = "gru"\nconvention = "column"')
    rows = tomllib.loads(TEXT)["parameters"]
    for name, matrix in rows.items():
        turned = f"{name} = {[list(row) for row in zip(*matrix, strict=True)]}"
        column = column.replace(f"{name} = {matrix}", turned)
    assert loads(column).shapes["s"] == (3,)
    assert loads(column).shapes["U_h"] == (3, 2)


# A replacement in the example: the old text, the new one, what is said, line and column.
def line_of(part: str) -> int:
    return TEXT[: TEXT.index(part)].count("\n") + 1


PLACES, MODE, UZ, WH, X, S, CELL = (
    line_of(part) for part in ("places =", "mode =", "U_z =", "W_h =", "x =", "s = [", "cell =")
)
ROUNDING, PARAMETERS, INPUTS = (
    line_of(f"[{name}]") for name in ("rounding", "parameters", "inputs")
)
TITLE, POLICY = line_of("title ="), line_of("policy =")
U = "[[0.35], [0.6]]"

EXAMPLE_ERRORS = [
    ('cell = "gru"', 'cell = "grv"', "there is no cell 'grv'; did you mean 'gru'?", CELL, 8),
    ('cell = "gru"', 'cell = "../gru"', "there is no cell '../gru'", CELL, 8),
    ('cell = "gru"', "cell = 3", "cell is no text", CELL, 8),
    ('cell = "gru"', "cell = 1.5", "cell is no text", CELL, 8),
    ('cell = "gru"', "cell = true", "cell is no text", CELL, 8),
    ('cell = "gru"', "", "either a cell or equations", 1, 1),
    ('cell = "gru"', 'cell = "gru"\nequations = ""', "either a cell or equations", CELL, 8),
    ('cell = "gru"', 'cel = "gru"', "unknown key 'cel'; did you mean 'cell'?", CELL, 7),
    ('cell = "gru"', 'cell = "gru"\n"a b" = 1', "unknown key 'a b'", CELL + 1, 9),
    ('cell = "gru"', 'cell = "gru"\n"' + "k" * 999 + '" = 1', "unknown key 'kkk", CELL + 1, 1005),
    (
        'cell = "gru"',
        'cell = "gru"\nconvention = "rows"',
        "convention = 'rows'; did you mean 'row'",
        CELL + 1,
        14,
    ),
    (
        'cell = "gru"',
        'cell = "gru"\ndetail = "ful"',
        "detail = 'ful'; did you mean 'full'?",
        CELL + 1,
        10,
    ),
    ('cell = "gru"', 'cell = "gru"\ndetail = []', "detail = a list", CELL + 1, 10),
    ('cell = "gru"', 'cell = "gru"\nsteps = 0', "steps = 0", CELL + 1, 9),
    ('cell = "gru"', 'cell = "gru"\nsteps = -1', "steps = -1", CELL + 1, 9),
    ('cell = "gru"', 'cell = "gru"\nsteps = 2.0', "steps = 2.0", CELL + 1, 9),
    ('cell = "gru"', 'cell = "gru"\nsteps = true', "steps = True", CELL + 1, 9),
    ('cell = "gru"', 'cell = "gru"\nsteps = "2"', "steps = '2'", CELL + 1, 9),
    (
        'cell = "gru"',
        'cell = "gru"\nsteps = 3',
        "steps = 3, but the inputs have 2 rows",
        CELL + 1,
        9,
    ),
    ('cell = "gru"', 'cell = "gru"\nsteps = 0x' + "f" * 9999, "very many digits", CELL + 1, 9),
    ('cell = "gru"', 'cell = "gru"\nsteps = ' + "9" * 9999, "too many digits", CELL + 1, 9),
    ('title = "HW 10 · Question 2"', "title = 1979-05-27", "title is no text", TITLE, 9),
    (
        'title = "HW 10 · Question 2"',
        f'title = "{"x" * 501}"',
        "title has 501 characters",
        TITLE,
        9,
    ),
    ("[rounding]", "rounding = 4\n[z]", "unknown key 'z'", ROUNDING + 1, 1),
    ("[initial]", "parameters.x.y = 1\n[initial]", "a table is no number", None, None),
    ("places = 4", "places = -1", "places = -1", PLACES, 10),
    ("places = 4", "places = 1001", "places = 1001", PLACES, 10),
    ("places = 4", "places = 4.0", "places = 4.0", PLACES, 10),
    ("places = 4", "places = true", "places = True", PLACES, 10),
    ("places = 4", 'places = "4"', "places = '4'", PLACES, 10),
    ("places = 4", "places = inf", "places = inf", PLACES, 10),
    ("places = 4", "places = 1979-05-27", "places = 1979-05-27", PLACES, 10),
    ("places = 4", "places = 0x" + "f" * 9999, "very many digits", PLACES, 10),
    ("places = 4", "figures = 0", "figures = 0", PLACES, 11),
    ("places = 4", "places = 4\nfigures = 4", "places and figures together", PLACES + 1, 11),
    ("places = 4", "place = 4", "unknown key 'place'; did you mean 'places'?", PLACES, 9),
    ("places = 4", "z = {places = -1}", "places = -1", PLACES, 15),
    ("places = 4", "z = {placs = 1}", "unknown key 'placs'; did you mean 'places'", PLACES, 14),
    ("places = 4", 'z = {policy = "final"}', "unknown key 'policy'", PLACES, 15),
    ("places = 4", "zz = {places = 1}", "no equation uses 'zz' here; did you mean 'z'?", PLACES, 6),
    ("places = 4", "U_z = {places = 1}", "no equation uses 'U_z' here", PLACES, 7),
    (
        "[initial]",
        "[rounding.q]\nplaces = 1\n[initial]",
        "no equation uses 'q' here",
        line_of("[initial]"),
        1,
    ),
    (
        "[initial]",
        "[rounding.z]\nplaces = 1001\n[initial]",
        "places = 1001",
        line_of("[initial]") + 1,
        10,
    ),
    (
        'mode = "half-even"',
        'mode = "half_even"',
        "mode = 'half_even'; did you mean 'half-even'",
        MODE,
        8,
    ),
    ('mode = "half-even"', "mode = [1]", "mode = a list", MODE, 8),
    ('mode = "half-even"', "mode = 1.5", "mode = 1.5", MODE, 8),
    (
        'policy = "final"',
        'policy = "finale"',
        "policy = 'finale'; did you mean 'final'?",
        POLICY,
        10,
    ),
    ('policy = "final"', "policy = false", "policy = False", POLICY, 10),
    (
        "[initial]",
        '[notation]\nhadamard = "*"\n[initial]',
        "hadamard = '*'",
        line_of("[initial]") + 1,
        12,
    ),
    (
        "[initial]",
        "[notation]\nguard = 21\n[initial]",
        "guard = 21",
        line_of("[initial]") + 1,
        9,
    ),
    (
        "[initial]",
        "[notation]\nguard = -1\n[initial]",
        "guard = -1",
        line_of("[initial]") + 1,
        9,
    ),
    (
        "[initial]",
        '[notation]\nguard = "2"\n[initial]',
        "guard = '2'",
        line_of("[initial]") + 1,
        9,
    ),
    (
        "[initial]",
        "[notation]\nguard = true\n[initial]",
        "guard = True",
        line_of("[initial]") + 1,
        9,
    ),
    (
        "[initial]",
        "[notation]\nguard = [2]\n[initial]",
        "guard = a list",
        line_of("[initial]") + 1,
        9,
    ),
    (
        "[initial]",
        "[notation]\nguard = 1.5\n[initial]",
        "guard = 1.5",
        line_of("[initial]") + 1,
        9,
    ),
    (
        "[initial]",
        '[notation]\nvectors = "bolt"\n[initial]',
        "vectors = 'bolt'",
        line_of("[initial]") + 1,
        11,
    ),
    (
        "[initial]",
        '[notation]\nhadamar = "∘"\n[initial]',
        "'hadamar'; did you mean 'hadamard'",
        line_of("[initial]") + 1,
        11,
    ),
    (
        "[initial]",
        "[notation]\nnames = 1\n[initial]",
        "names is no table",
        line_of("[initial]") + 1,
        9,
    ),
    (
        "[initial]",
        '[notation.names]\nU_q = "U"\n[initial]',
        "no equation uses 'U_q'",
        line_of("[initial]") + 1,
        7,
    ),
    (
        "U_z = [[0.35]",
        "U_q = 1\nU_z = [[0.35]",
        "no equation uses 'U_q' here; did you mean 'U_",
        UZ,
        7,
    ),
    (f"U_z = {U}\n", "", "U_z is missing", PARAMETERS, 1),
    (
        f"U_z = {U}\n",
        f"U_z = {U}\nU_z = {U}\n",
        "this is not TOML: Cannot overwrite a value",
        UZ + 1,
        22,
    ),
    (U, "[[0.35], [0.6, 1]]", "ragged rows: row 1 has 1 entry, row 2 has 2 entries", UZ, 16),
    (U, "[[0.35], 0.6]", "ragged rows: row 1 has 1 entry, row 2 has a single number", UZ, 16),
    (U, "[[0.35],\n  # two\n  [0.6], [[1]]]", "ragged rows", UZ + 2, 10),
    (U, "[[nan], [0.6]]", "'nan' is no number", UZ, 9),
    (U, "[[0.35], [-inf]]", "'-inf' is no number", UZ, 17),
    (U, '[[0.35], ["abc"]]', "'abc' is no number", UZ, 17),
    (U, '[[0.35], ["1/0"]]', "'1/0' divides by zero", UZ, 17),
    (U, '[[0.35], ["١"]]', "'١' is no number", UZ, 17),
    (U, "[[0.35], [true]]", "True is no number", UZ, 17),
    (U, "[[0.35], [1979-05-27]]", "1979-05-27 is no number", UZ, 17),
    (U, "[[0.35], [07:32:00]]", "07:32:00 is no number", UZ, 17),
    (U, "[[0.35], [{a = 1}]]", "a table is no number", UZ, 17),
    (U, "[[0.35], [1e1000]]", "'1e1000' is no number", UZ, 17),
    (U, "[[0.35], [0x" + "f" * 9999 + "]]", "very many digits", UZ, 17),
    (U, "[[0.35], [1." + "0" * 9999 + "]]", "a number of 10001 characters", UZ, 17),
    (U, "[]", "an empty list", UZ, 7),
    (U, "[[], []]", "an empty list", UZ, 8),
    (U, "[[[[1]]]]", "lists nested deeper than 3", UZ, 10),
    (U, "[[[1]]]", "an array of shape (1, 1, 1)", UZ, 7),
    (U, "{a = 1}", "a table is no number", UZ, 7),
    (U, "[[0.35], [0.6]", "this is not TOML: Unclosed array", UZ + 1, 1),
    (
        U,
        "[[0.35], [0.6], [0.7]]",
        "a vector of 2 entries @ a 3×1 matrix: the inner sizes 2 and 3 differ (x is a vector of 2",
        UZ,
        7,
    ),
    (
        "[[0.56, 0.1, 0.3], [0.2, 0.5, 0.21]]",
        "[[0.56, 0.1], [0.2, 0.5]]",
        "in the equation of",
        None,
        None,
    ),
    ("s = [0, 0, 0]", "s = [0, 0]", "(s is a vector of 2 entries; W_z is a 3×1 matrix)", 14, 7),
    ("s = [0, 0, 0]", "s = 0", "a scalar cannot stand beside @", None, None),
    ("s = [0, 0, 0]", "q = [0, 0, 0]", "no equation uses 'q' here", S, 5),
    ("s = [0, 0, 0]", "z = [0]", "no equation uses 'z' here", S, 5),
    ("[inputs]", "[final]\ns = [0, 0, 0]\n[inputs]", "no equation uses 's' here", INPUTS + 1, 5),
    ("[inputs]", "[input]", "unknown key 'input'; did you mean 'inputs'?", INPUTS, 1),
    ("x = [[0.23, 0.12], [0.48, 0.98]]", "", "x is missing", INPUTS, 1),
    ("x = [[0.23, 0.12], [0.48, 0.98]]", "x = 1", "x is a single number", X, 5),
    (
        "x = [[0.23, 0.12], [0.48, 0.98]]",
        "x = [1, 2]",
        "a scalar cannot stand beside @",
        None,
        None,
    ),
    (
        "x = [[0.23, 0.12], [0.48, 0.98]]",
        "x = [[1], [2]]",
        "a vector of 1 entry @ a 2×1 matrix",
        None,
        None,
    ),
    (
        "x = [[0.23, 0.12], [0.48, 0.98]]",
        "x = " + "[" * 4 + "1" + "]" * 4,
        "lists nested deeper than 3",
        X,
        8,
    ),
    (U, "[" * 500 + "1" + "]" * 500, "nested too deeply", 1, 1),
    (U, "[" * 100_000, "nested too deeply", 1, 1),
    ("U_z =", "U_z" + ".a" * 50_000 + " =", "nested too deeply", 11, 1),  # long before it is read
    ("U_z =", " U_z" + ' . "a b"' * 5_000 + " =", "nested too deeply", 11, 1),
    ("[inputs]", "[x" + ".a" * 50_000 + "]", "nested too deeply", 21, 1),
    ("U_z =", "U_z" + ".a" * 50 + " =", "a table is no number", None, None),
    ("mode =", "mode" + ".a" * 50 + " =", "unknown key 'a'", None, None),
    ("cell =", "cell =\n", "this is not TOML: Invalid value", CELL, 7),
    ("cell =", "cell = \x1b[31m", "this is not TOML: Invalid value", CELL, 8),
    (
        "title =",
        "title = 'é' é",
        "this is not TOML: Expected newline or end of document",
        TITLE,
        13,
    ),
]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("old", "new", "message", "line", "column"), EXAMPLE_ERRORS)
def test_error_in_the_example(
    tmp_path: Path, old: str, new: str, message: str, line: int | None, column: int | None
) -> None:
    assert old in TEXT
    file = tmp_path / "problem.toml"
    file.write_text(TEXT.replace(old, new, 1), "utf-8")
    with pytest.raises(VerifierError) as raised:
        load(file)
    error = raised.value
    assert message in error.what
    assert error.place is not None
    assert str(error).startswith(f"{file}:{error.place.line}:{error.place.column}: ")
    if line is not None:
        assert (error.place.line, error.place.column) == (line, column), str(error)
    assert len(str(error)) < 700
    assert all(letter.isprintable() for letter in str(error).replace("\n", ""))
    assert calls(lambda: load(file)) < 100_000


# A whole file: its name, its text, what is said, line and column.
FILES: list[tuple[str, str | bytes, str, int, int]] = [
    ("p.toml", "", "the file is empty", 1, 1),
    ("p.toml", " \n\t\n", "the file is empty", 1, 1),
    ("p.toml", b"\xef\xbb\xbf", "the file is empty", 1, 1),
    ("p.json", "", "the file is empty", 1, 1),
    ("p.toml", b"title = 'x'\ncell = \xc3\xa9\xff", "this is not UTF-8", 2, 9),
    ("p.toml", SMALL.encode("utf-16"), "this is not UTF-8", 1, 1),
    ("p.toml", b"\x00\x01", "this is not TOML", 1, 1),
    ("p.toml", "hello", "this is not TOML", 1, 6),
    ("p.toml", "# only a comment", "either a cell or equations", 1, 1),
    ("p.toml", 'equations = "s[t] = a"\n[parameters]\na = 1', "0 steps", 1, 1),
    (
        "p.toml",
        'equations = "s[t] = a"\nsteps = 100_001\n[parameters]\na = 1',
        "steps = 100001",
        2,
        9,
    ),
    ("p.toml", SMALL.replace("0.5", f"{[0] * 4097}"), "an array of shape (4097,)", 3, 5),
    ("p.toml", SMALL.replace("[1, 2]", f"{[[0] * 4097]}"), "an array of shape (1, 4097)", 5, 5),
    ("p.toml", SMALL.replace("[1, 2]", "[" + "0," * 100_001 + "]"), "100001 steps", 5, 5),
    ("p.toml", SMALL + "y = [1]", "no equation uses 'y' here", 6, 5),
    (
        "p.toml",
        'equations = "s[t] = x[t] + y[t]"\n[inputs]\nx = [1, 2]\ny = [1]',
        "y has 1 steps, x has 2",
        4,
        5,
    ),
    ("p.toml", 'equations = "y[t] = x[t-1]"\n[inputs]\nx = [1, 2]', "x is missing", 1, 1),
    (
        "p.toml",
        'equations = "y[t] = x[t-1]"\n[inputs]\nx = [1, 2]\n[initial]\nx = [1]',
        "x is a vector of 1 entry here, elsewhere a scalar",
        5,
        5,
    ),
    (
        "p.toml",
        'equations = "s[t] = s[t-1]"\nsteps = 1',
        "the shape of 's' cannot be inferred",
        1,
        14,
    ),
    ("p.toml", "equations = 3\nsteps = 1", "equations is no text", 1, 13),
    ("p.toml", f'equations = "{"#" * 20_001}"', "equations of 20001 characters", 1, 14),
    ("p.toml", f'equations = "{"#" * 2_000_000}"', "equations has 2000000 characters", 1, 13),
    ("p.json", "{", "this is not JSON", 1, 2),
    ("p.json", '{"a": 1,\n "é": ]}', "this is not JSON: Expecting value", 2, 7),
    ("p.json", "[]", "this is no table of keys", 1, 1),
    ("p.json", "5", "this is no table of keys", 1, 1),
    ("p.json", "null", "this is no table of keys", 1, 1),
    ("p.json", '"x"', "this is no table of keys", 1, 1),
    ("p.json", '{"cell": "gru", "cell": "gru"}', "the key 'cell' stands twice", 1, 17),
    (
        "p.json",
        '{"inputs": {"y": [1],\n "x": 1,\n  "\\u0078": 2}}',
        "the key 'x' stands twice",
        3,
        3,
    ),
    ("p.json", '{"cell": null}', "cell is no text", 1, 10),
    ("p.json", '{"cell": "gru", "parameters": []}', "parameters is no table", 1, 31),
    ("p.json", '{"cell": "gru", "inputs": {"x": [NaN]}}', "'NaN' is no number", 1, 34),
    ("p.json", '{"cell": "gru", "inputs": {"x": [1, null]}}', "None is no number", 1, 37),
    (
        "p.json",
        '{"cell": "gru", "inputs": {"x": [1, -Infinity]}}',
        "'-Infinity' is no number",
        1,
        37,
    ),
    ("p.json", '{"cell": "gru", "steps": ' + "9" * 5000 + "}", "steps = 999999", 1, 26),
    (
        "p.json",
        '{"cell": "gru", "inputs": {"x": [' + "9" * 5000 + "]}}",
        "a number of 5000 char",
        1,
        34,
    ),
    ("p.json", '{"cell": "gru", "steps": 2.5}', "steps = 2.5", 1, 26),
    ("p.json", '{"cell": "gru",\n "title": "\\ud800"}', "half of a surrogate pair", 2, 12),
    ("p.json", '{"cell": "gru", "\\udfff": 1}', "half of a surrogate pair", 1, 18),
    ("p.json", "[" * 100_000, "nested too deeply", 1, 1),
    ("p.json", '{"a":' * 100_000, "nested too deeply", 1, 1),
    (
        "p.json",
        '{"cell": "gru", "parameters": {"a": ' + "[" * 500 + "]" * 500 + "}}",
        "nested too deeply",
        1,
        1,
    ),
    ("p.json", '{"cell": "gru", "x": ' + "[" * 90 + "]" * 90 + "}", "unknown key 'x'", 1, 22),
    ("p.JSON", '{"cell": "grv"}', "there is no cell 'grv'", 1, 10),
]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("name", "raw", "message", "line", "column"), FILES, ids=[row[2] for row in FILES]
)
def test_error_in_a_file(
    tmp_path: Path, name: str, raw: str | bytes, message: str, line: int, column: int
) -> None:
    file = tmp_path / name
    file.write_bytes(raw.encode() if isinstance(raw, str) else raw)
    with pytest.raises(VerifierError) as raised:
        load(file)
    error = raised.value
    assert message in error.what
    assert str(error).startswith(f"{file}:{line}:{column}: "), str(error)
    assert len(str(error)) < 700


def test_files_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "d.toml").mkdir()
    os.mkfifo(tmp_path / "pipe.toml")
    (tmp_path / "p.txt").write_text(SMALL)
    table = [
        (tmp_path / "none.toml", "No such file"),
        (tmp_path / "d.toml", "this is no file"),
        (tmp_path / "pipe.toml", "this is no file"),
        (tmp_path / "p.txt", "the kind of file is not known"),
        (tmp_path / "p.txt" / "q.toml", "Not a directory"),
        (tmp_path / ("n" * 5_000 + ".toml"), "File name too long"),
        ("a\0b.toml", "null"),
        ("/dev/zero", "this is no file"),
    ]
    for path, message in table:
        with pytest.raises(VerifierError, match=message) as raised:
            load(path)
        assert raised.value.accepted


# Equations inside a TOML or JSON string: the text up to the equations, the equations, the rest;
# the character ¶ marks the place that the error must point at, and is taken out.
INSIDE = [
    ("p.toml", 'equations = "z[t] = ¶foo(x)"\n'),
    ("p.toml", "equations = 'z[t] = ¶foo(x)'\n"),
    ("p.toml", 'title = "ü"\n  equations   =   "z[t] = é + ¶foo(x)" # x\n'),
    ("p.toml", 'equations = """z[t] = ¶foo(x)"""\n'),
    ("p.toml", 'equations = """z[t] = 1\n  h[t] = ¶foo(x)"""\n'),
    ("p.toml", 'equations = """\nz[t] = ¶foo(x)\n"""\n'),
    ("p.toml", "equations = '''\nz[t] = 1\n\n  é[t] = ¶foo(x)\n'''\n"),
    ("p.toml", 'steps = 1\nequations = """\r\nz[t] = 1\r\nh[t] = ¶foo(x)\r\n"""\r\n'),
    ("p.toml", 'equations = """\nz[t] = \\\n   1 + ¶foo(x)\n"""\n'),
    ("p.toml", 'equations = "\\u007a[t] = \\U00000031 + ¶foo(x)"\n'),
    ("p.toml", 'equations = "z[t] = 1\\nh[t] = ¶foo(x)"\n'),
    ("p.toml", "equations = '''z[t] = 1\n# c\\n\nh[t] = 1 +¶?\n'''\n"),
    ("p.toml", 'equations = """\nz[t] = x[t]\nh[t] = ¶x\n"""\n'),
    ("p.toml", 'equations = """\nz[t] = 1\n¶s[t] = s[t-1]\n"""\nsteps = 1\n'),
    ("p.toml", 'equations = """\n  z[t] = h[t]\n ¶h[t] = h[t]\n"""\nsteps = 1\n'),
    ("p.toml", 'equations = """\n\u2028# \x85 \u2029\n z[t] = ¶foo(x)\n"""\n'),
    ("p.json", '{"equations": "z[t] = ¶foo(x)"}'),
    ("p.json", '{"equations": "z[t] = 1\\nh[t] = ¶foo(x)"}'),
    ("p.json", '{\n "title": "é",\n "equations": "z[t] = 1\\r\\n\\u0068[t] = ¶foo(x)"}'),
    ("p.json", '{"equations": "# \\ud83d\\ude00 \\"\\nh[t] = ¶foo(x)"}'),
]


@pytest.mark.parametrize(("name", "marked"), INSIDE)
def test_equation_errors_point_into_the_file(tmp_path: Path, name: str, marked: str) -> None:
    file = tmp_path / name
    at = marked.index("¶")
    file.write_bytes(marked.replace("¶", "").encode())
    with pytest.raises(VerifierError) as raised:
        load(file)
    line, column = marked[:at].count("\n") + 1, at - marked.rfind("\n", 0, at)
    place = raised.value.place
    assert place is not None
    assert (place.line, place.column) == (line, column), str(raised.value)
    assert place.text == marked.replace("¶", "").split("\n")[line - 1].rstrip("\r")
    if "foo" in marked:
        assert str(raised.value).split("\n")[2].count("^") == 3


SPELLINGS = [
    ("U^z", True),
    ("U", True),
    ("U_1", True),
    ("U_1^z", True),
    ("U^z_1", True),
    ("alpha", True),
    ("W^hh_12", True),
    ("é", True),
    ("\\input{x}", False),
    ("\\\\input", False),
    ("<script>", False),
    ("U<b>", False),
    ("U$", False),
    ("U%", False),
    ("U{x}", False),
    ("{{ x }}", False),
    ("{% x %}", False),
    ("#x", False),
    ("U^", False),
    ("^z", False),
    ("U^z^y", False),
    ("U z", False),
    ("U\n", False),
    ("1U", False),
    ("_U", False),
    ("", False),
    ("U" * 40, False),
    ("U^" + "z" * 21, False),
    ("\u202eU", False),
]


@pytest.mark.parametrize(("spelling", "fine"), SPELLINGS)
def test_spelling_of_a_name(spelling: str, fine: bool) -> None:
    text = f"{SMALL}[notation.names]\na = {json.dumps(spelling)}\n"
    if fine:
        assert loads(text).notation.names == {"a": spelling}
        return
    with pytest.raises(VerifierError, match="is no spelling of a name") as raised:
        loads(text)
    assert raised.value.place is not None
    assert (raised.value.place.line, raised.value.place.column) == (7, 5)


@pytest.mark.parametrize("value", ["nan", "1.5", "true", "[]", "{}", "1979-05-27"])
def test_spelling_that_is_no_text(value: str) -> None:
    with pytest.raises(VerifierError, match="is no spelling of a name"):
        loads(f"{SMALL}[notation.names]\na = {value}\n")


class Boom:
    """What runs code when it is unpickled."""

    def __reduce__(self) -> Any:
        return os.mkdir, ("exploded",)


def npz(**arrays: Any) -> bytes:
    out = io.BytesIO()
    np.savez(out, **arrays)
    return out.getvalue()


def zipped(name: str, raw: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, raw)
    return out.getvalue()


def tensors(dtype: str, shape: list[int], raw: bytes) -> bytes:
    head = json.dumps({"a": {"dtype": dtype, "shape": shape, "data_offsets": [0, len(raw)]}})
    return len(head).to_bytes(8, "little") + head.encode() + raw


def header(text: str) -> bytes:
    """An .npy member with a header of one's own."""
    raw = text.encode().ljust(118) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(raw).to_bytes(2, "little") + raw


HEAD = "{'descr': '%s', 'fortran_order': False, 'shape': %s}"
GOOD_A = npz(a=np.float32(0.1))
WEIGHTS = (
    'equations = "s[t] = a * x[t] + s[t-1]"\n[parameters]\nfile = "%s"\n[inputs]\nx = [1, 2]\n'
)
BAD_WEIGHTS: list[tuple[str, bytes | None, str]] = [
    ("none.npz", None, "No such file"),
    ("../none.npz", None, "No such file"),
    ("/dev/zero", None, "the kind of file is not known"),
    ("a\\u0000.npz", None, "null"),
    ("w.pt", b"", "the kind of file is not known"),
    ("w.npz", b"", "cannot be read: 'File is not a zip file'"),
    ("w.npz", b"PK\x03\x04garbage", "cannot be read"),
    ("w.npz", pickle.dumps(Boom()), "cannot be read"),
    (
        "w.npz",
        npz(a=np.array([Boom()], dtype=object)),
        "'a' in w.npz holds objects of Python",
    ),
    ("w.npz", zipped("a.npy", pickle.dumps(Boom())), "is no array"),
    ("w.npz", zipped("a.txt", b"0.5"), "'a.txt' in w.npz is no array"),
    ("w.npz", b"\x93NUMPY" + GOOD_A, "cannot be read"),
    ("w.npz", zipped("a.npy", header(HEAD % ("<f8", "(10**9,)"))), "cannot be read"),
    (
        "w.npz",
        zipped("a.npy", header(HEAD % ("<f8", "(99999999999999,)"))),
        "an array of shape (9999",
    ),
    (
        "w.npz",
        zipped("a.npy", header(HEAD % ("<f8", "(9223372036854775807, 9)"))),
        "an array of shape (9223372036854775807, 9)",
    ),
    ("w.npz", zipped("a.npy", header(HEAD % ("<f8", "(-1,)"))), "w.npz"),
    ("w.npz", zipped("a.npy", header("__import__('os').mkdir('exploded')")), "cannot be read"),
    ("w.npz", zipped("a.npy", header("(" * 100)), "cannot be read"),
    ("w.npz", GOOD_A[:-30], "cannot be read"),
    ("w.npz", GOOD_A.replace(b"\x93NUMPY", b"\x93NUMPX"), "w.npz"),
    ("w.npz", npz(a=np.float64("nan")), "'a' in w.npz: an array with nan or infinity"),
    ("w.npz", npz(a=np.float32("-inf")), "'a' in w.npz: an array with nan or infinity"),
    ("w.npz", npz(a=np.zeros((0, 2))), "'a' in w.npz: an empty array"),
    ("w.npz", npz(a=np.zeros((0, 2), int)), "'a' in w.npz: an empty list"),
    ("w.npz", npz(a=np.zeros((1, 1, 1))), "'a' in w.npz: an array of 3 axes"),
    ("w.npz", npz(a=np.complex64(1)), "'a' in w.npz has the type 'complex64'"),
    ("w.npz", npz(a=np.array("x")), "'a' in w.npz has the type '<U1'"),
    ("w.npz", npz(a=np.bool_(1)), "'a' in w.npz has the type 'bool'"),
    ("w.npz", npz(a=np.longdouble(1)), "'a' in w.npz has the type 'float128'"),
    ("w.npz", npz(a=np.zeros(1, "f4,f4")), "'a' in w.npz has the type"),
    ("w.npz", npz(a=np.float32(1), b=np.float32(1)), "no equation uses 'b' here"),
    ("w.npz", npz(b=np.float32(1)), "no equation uses 'b' here"),
    ("w.npz", npz(a=np.zeros(5000)), "an array of shape (5000,)"),
    ("w.npz", npz(a=np.zeros((2048, 2048), np.int8)), "integers of shape (2048, 2048)"),
    ("w.npz", npz(a=np.zeros(2, "V2")), "has the type '|V2'"),
    ("w.npz", npz(a=np.zeros(2, ml_dtypes.float8_e4m3fn)), "has the type"),
    ("w.npz", zipped("a.npy", header(HEAD % ("<f8", "(2,)")) + b"\0" * 8), "not of shape (2,)"),
    ("w.npz", zipped("a.npy", header(HEAD % ("<f8", "(1,)")) + b"\0" * 16), "not of shape (1,)"),
    ("w.npz", zipped("a.npy", header(HEAD % ("<f8", "(4096, 4096)"))), "not of shape (4096,"),
    ("w.safetensors", tensors("F32", [5000], b"\0" * 20000), "an array of shape (5000,)"),
    ("w.safetensors", b"", "cannot be read"),
    ("w.safetensors", b"\xff" * 64, "cannot be read"),
    ("w.safetensors", tensors("F32", [2], b"\0" * 4), "cannot be read"),
    ("w.safetensors", tensors("F8_E4M3", [1], b"\0"), "has the type 'F8_E4M3'"),
    ("w.safetensors", tensors("F32", [], b"\x00\x00\xc0\x7f"), "nan or infinity"),
]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("name", "raw", "message"), BAD_WEIGHTS)
def test_bad_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, raw: bytes | None, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    if raw is not None:
        (tmp_path / name).write_bytes(raw)
    (tmp_path / "p.toml").write_text(WEIGHTS % name)
    with pytest.raises(VerifierError) as raised:
        load(tmp_path / "p.toml")
    assert message in raised.value.what
    assert raised.value.place is not None
    assert raised.value.place.line in (2, 3)
    assert str(raised.value).count("\n") <= 3
    assert not (tmp_path / "exploded").exists()


def test_the_trap_would_go_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    pickle.loads(pickle.dumps(Boom()))
    assert (tmp_path / "exploded").exists()


GOOD_WEIGHTS = [
    ("w.npz", npz(a=np.float16(0.1)), Fraction(float(np.float16(0.1)))),
    ("w.npz", npz(a=np.float64(0.1)), Fraction(0.1)),
    ("w.npz", npz(a=np.array(0.1, ">f4")), Fraction(float(np.float32(0.1)))),
    ("w.npz", npz(a=np.int64(-7)), Fraction(-7)),
    ("w.NPZ", npz(a=np.uint64(2**64 - 1)), Fraction(2**64 - 1)),
    (
        "w.safetensors",
        tensors("F32", [], np.float32(0.1).tobytes()),
        Fraction(float(np.float32(0.1))),
    ),
    ("w.safetensors", tensors("F64", [], np.float64(0.1).tobytes()), Fraction(0.1)),
    (
        "w.safetensors",
        tensors("BF16", [], b"\xcd\x3d"),
        Fraction(float(np.array(b"\xcd\x3d").view(ml_dtypes.bfloat16))),
    ),
    ("w.safetensors", tensors("I32", [], b"\x05\0\0\0"), Fraction(5)),
]


@pytest.mark.parametrize(("name", "raw", "value"), GOOD_WEIGHTS)
def test_weights_are_exact_dyadics(tmp_path: Path, name: str, raw: bytes, value: Fraction) -> None:
    (tmp_path / name).write_bytes(raw)
    (tmp_path / "p.toml").write_text(WEIGHTS % name)
    problem = load(tmp_path / "p.toml")
    assert problem.parameters["a"].fractions == (value,)
    assert problem.shapes["s"] == ()


def test_safetensors_own_writer_is_read(tmp_path: Path) -> None:
    save_file({"a": np.array([0.5, 0.1], np.float32)}, tmp_path / "w.safetensors")
    (tmp_path / "p.toml").write_text(WEIGHTS % "w.safetensors")
    assert load(tmp_path / "p.toml").parameters["a"].fractions[0] == Fraction(1, 2)


def test_the_hash_covers_the_weights(tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text(WEIGHTS % "w.npz")
    hashes = set()
    for value in (0.5, 0.25):
        (tmp_path / "w.npz").write_bytes(npz(a=np.float32(value)))
        hashes.add(load(tmp_path / "p.toml").sha256)
    assert len(hashes) == 2


def test_a_name_in_both_places_is_refused(tmp_path: Path) -> None:
    (tmp_path / "w.npz").write_bytes(GOOD_A)
    (tmp_path / "p.toml").write_text((WEIGHTS % "w.npz").replace("[inputs]", "a = 1\n[inputs]"))
    with pytest.raises(VerifierError, match=r"p\.toml:4:5: a is in 'w\.npz' too"):
        load(tmp_path / "p.toml")


@pytest.mark.parametrize("value", ["1", "1.5", "[]", "true"])
def test_file_that_is_no_text(value: str) -> None:
    with pytest.raises(VerifierError, match="file is no text"):
        loads((WEIGHTS % "w.npz").replace('"w.npz"', value))


def test_data_from_python(tmp_path: Path) -> None:
    data = {"equations": "s[t] = a * x[t]", "parameters": {"a": "0.1"}, "inputs": {"x": [1, "1/3"]}}
    assert from_data(data, tmp_path).inputs["x"].fractions == (1, Fraction(1, 3))
    with pytest.raises(KeyedError, match=r"parameters\.a: 0\.1 is a float") as raised:
        from_data(data | {"parameters": {"a": 0.1}}, tmp_path)
    assert "text" in raised.value.accepted


BLOCKS = [
    *("[", "]", '"', '"""', "'''", "\n", "\r", ",", "=", ".", "{", "}", "\\", "#", "-", "0", "1e9"),
    *(
        "9" * 5000,
        "é",
        "\ufeff",
        "\x00",
        "nan",
        "true",
        "t",
        "s[t-1]",
        "cell",
        "equations",
        "z[t] = ",
    ),
    *("file = 'x.npz'", "[notation.names]", "[rounding.z]", "[[inputs]]", "1979-05-27", "a.b.c"),
    *("[" * 300, "a" + ".a" * 300, "\\ud800", "steps = 3"),
]
EDIT = st.tuples(
    st.sampled_from(["delete", "insert", "replace", "delete line", "double line", "move line"]),
    st.integers(0, 10**6),
    st.integers(1, 12),
    st.sampled_from(BLOCKS) | st.text(max_size=4),
)


def edited(text: str, edits: list[tuple[str, int, int, str]]) -> str:
    for kind, where, width, block in edits:
        if kind.endswith("line"):
            lines = text.split("\n")
            at = where % len(lines)
            taken = lines[at]
            if kind != "double line":
                del lines[at]
            if kind != "delete line":
                lines.insert(where * width % (len(lines) + 1), taken)
            text = "\n".join(lines)
        else:
            at = where % (len(text) + 1)
            end = at if kind == "insert" else at + width
            text = text[:at] + ("" if kind == "delete" else block) + text[end:]
    return text


SCRATCH = tempfile.TemporaryDirectory()
SOURCES = {
    "toml": [TEXT, FULL],
    "json": [json.dumps(tomllib.loads(text), indent=1) for text in (TEXT, FULL)],
}


def try_to_load(raw: bytes, kind: str) -> None:
    file = Path(SCRATCH.name) / f"p.{kind}"
    file.write_bytes(raw)
    error = None
    try:
        assert load(file).steps >= 1
    except VerifierError as raised:
        error = raised
    if error is not None:
        assert str(error).startswith(str(file)), str(error)
        assert error.place is not None
        assert error.place.line >= 1
        assert error.place.column >= 1
        assert len(str(error)) < 1000
        assert str(error).encode()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("kind", ["toml", "json"])
@given(edits=st.lists(EDIT, min_size=1, max_size=5), source=st.integers(0, 1))
@settings(max_examples=500, deadline=None)
def test_only_verifier_errors_escape(
    kind: str, edits: list[tuple[str, int, int, str]], source: int
) -> None:
    try_to_load(edited(SOURCES[kind][source], edits).encode(errors="surrogatepass"), kind)


@pytest.mark.parametrize("kind", ["toml", "json"])
@given(raw=st.binary(max_size=50))
@settings(max_examples=100, deadline=None)
def test_any_bytes(kind: str, raw: bytes) -> None:
    try_to_load(raw, kind)


@given(
    flips=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=4)
)
@settings(max_examples=150, deadline=None)
def test_damaged_weights(flips: list[tuple[int, int]]) -> None:
    for name, source in (("w.npz", GOOD_A), ("w.safetensors", GOOD_WEIGHTS[5][1])):
        raw = bytearray(source)
        for at, byte in flips:
            raw[at % len(raw)] = byte
        (Path(SCRATCH.name) / name).write_bytes(raw)
        try_to_load((WEIGHTS % name).encode(), "toml")


def test_nothing_is_expanded_before_its_header_is_judged(tmp_path: Path) -> None:
    """A member that claims little and unpacks to much, beside one that is refused."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.npy", header(HEAD % ("<f8", "(1,)")) + bytes(2**26))
        archive.writestr("b.npy", header(HEAD % ("|i1", "(5477, 5477)")) + bytes(5477**2))
    (tmp_path / "w.npz").write_bytes(out.getvalue())
    tracemalloc.start()
    try:
        with pytest.raises(VerifierError, match=r"'b' in w\.npz: an array of shape \(5477, 5477\)"):
            load_weights(tmp_path / "w.npz")
        assert tracemalloc.get_traced_memory()[1] < 2**22
    finally:
        tracemalloc.stop()


def test_columns_first_is_read_as_it_is_meant(tmp_path: Path) -> None:
    array = np.array([[1.0, 2, 3], [4, 5, 6]])
    (tmp_path / "w.npz").write_bytes(npz(a=np.asfortranarray(array), b=array))
    found, _ = load_weights(tmp_path / "w.npz")
    assert found["a"].shape == found["b"].shape == (2, 3)
    assert found["a"].fractions == found["b"].fractions == tuple(map(Fraction, range(1, 7)))


ENDLESS: list[Any] = [1]
ENDLESS.append(ENDLESS)


@pytest.mark.parametrize(
    "value",
    [ENDLESS, [[[[1]]]], {1, 2}, iter([1]), [True], 1j, [1, None], "١", "１", [float("nan")], b"1"],
    ids=lambda value: type(value).__name__,
)
def test_what_is_no_number_in_data(value: object) -> None:
    data = {"equations": "y[t] = w * x[t]", "parameters": {"w": value}, "inputs": {"x": [1]}}
    with pytest.raises(VerifierError):
        from_data(data, Path())
    with pytest.raises(VerifierError):
        numbers_of(value)


def test_masked_arrays_have_no_numbers() -> None:
    masked = np.ma.masked_array([1.0, 2.0], [True, False])
    for reader in (numbers_of, Numbers.of_floats):
        with pytest.raises(VerifierError, match="a masked array"):
            reader(masked)
    with pytest.raises(VerifierError, match="a masked array"):
        numbers_of([masked, masked])


def test_places_have_one_limit_in_python_too() -> None:
    task = loads('equations = "y[t] = x[t]"\n[inputs]\nx = [1]\n')
    for rounding in (Rounding(1001), Rounding(None, "half-even", 1001)):
        with pytest.raises(VerifierError, match=r"= 1001\naccepted: a whole number up to 1000"):
            task.rounded_by(rounding)
    with pytest.raises(VerifierError, match="places = 1001"):
        task.rounded_by(policy=Policy("equation", places=1001))


TWINS = [("µ", "μ"), ("ﬁ", "fi"), ("𝐱", "x"), ("é", "e\u0301")]
SECTIONS_OF_NAMES = [
    ("parameters",),
    ("initial",),
    ("final",),
    ("inputs",),
    ("rounding",),
    ("scoring",),
    ("scoring", "points"),
    ("notation",),
    ("notation", "names"),
]


@pytest.mark.parametrize("section", SECTIONS_OF_NAMES, ids=".".join)
@pytest.mark.parametrize(("first", "second"), TWINS)
def test_two_keys_that_are_one_name_are_refused(
    section: tuple[str, ...], first: str, second: str
) -> None:
    value = "{places = 3}" if section == ("rounding",) else "1"
    head = f'equations = "s[t] = x[t]"\n[{".".join(section)}]\n'
    text = f'{head}"{first}" = {value}\n"{second}" = {value}\n'
    with pytest.raises(VerifierError, match="are one name") as error:
        loads(text, "p.toml")
    assert first in error.value.what
    assert second in error.value.what
    assert error.value.place is not None
    assert error.value.place.line == 4
    with pytest.raises(KeyedError, match="are one name") as keyed:
        from_data(tomllib.loads(text), Path())
    assert keyed.value.key == (*section, second)


def test_two_equations_of_one_name_are_refused() -> None:
    with pytest.raises(VerifierError):
        loads('equations = """\nµ[t] = x[t]\nμ[t] = x[t]+1"""\n[inputs]\nx = [1]\n')


NAMED = 'equations = "y[t] = ﬁ * x[t] + é"\n[parameters]\nfile = "{}"\n[inputs]\nx = [1]\n'
"""A ligature and a precomposed letter, which Python's parser reads as "fi" and "é"."""


@pytest.mark.parametrize("file", ["w.npz", "w.safetensors"])
@pytest.mark.parametrize("names", [("ﬁ", "é"), ("fi", "e\u0301"), ("ﬁ", "e\u0301")])
def test_names_of_weights_are_read_as_names_of_equations_are(
    file: str, names: tuple[str, str], tmp_path: Path
) -> None:
    arrays = {name: np.array(k + 2.0) for k, name in enumerate(names)}
    if file.endswith("safetensors"):
        save_file(arrays, tmp_path / file)
    else:
        (tmp_path / file).write_bytes(npz(**arrays))
    problem = loads(NAMED.format(file), folder=tmp_path)
    assert {name: n.fractions for name, n in problem.parameters.items()} == {
        "fi": (2,),
        "é": (3,),
    }


def test_two_weights_of_one_name_are_refused(tmp_path: Path) -> None:
    twice = {name: np.float32(1) for name in ("é", "e\u0301", "fi")}
    (tmp_path / "w.npz").write_bytes(npz(**twice))
    with pytest.raises(VerifierError, match="are one name") as caught:
        loads(NAMED.format("w.npz"), folder=tmp_path)
    assert caught.value.place is not None
    assert caught.value.place.line == 3


LATER = [
    ('title = "é"\nequations = """\ny[t] = x[t] + 1\nz[t] = 1 / x[t]\n"""', (4, 1)),
    ('equations = """y[t] = x[t]\nz[t] = sqrt(x[t] - 1)"""', (2, 1)),
    ('\n# é\nequations = "z[t] = log(x[t] - 1)"', (3, 14)),
    ("equations = '''\n\n  z[t] = 1 / x[t]'''", (3, 3)),
    ('equations = "y[t] = x[t]\\nz[t] = 1 / x[t]"', (1, 27)),
]


@pytest.mark.parametrize(("head", "where"), LATER)
def test_what_fails_while_it_is_computed_has_a_place_in_the_file(
    head: str, where: tuple[int, int], tmp_path: Path
) -> None:
    path = tmp_path / "p.toml"
    path.write_text(f"{head}\n[inputs]\nx = [2, 0]\n", "utf-8")
    with pytest.raises(VerifierError) as caught:
        solve(pickle.loads(pickle.dumps(load(path))))
    place = caught.value.place
    assert place is not None
    assert (place.file, place.line, place.column) == (str(path), *where)
    assert place.text == path.read_text("utf-8").splitlines()[where[0] - 1]


def test_a_cell_of_the_catalogue_fails_where_it_is_named() -> None:
    assert loads(f'cell = "rnn"\n{RNN}').place("h") == Place(
        "<problem>.toml", 1, 8, 'cell = "rnn"', 5
    )


def test_a_problem_without_a_file_has_places_in_its_equations() -> None:
    problem = from_data({"equations": "y[t] = 1 / x[t]", "inputs": {"x": [0]}}, Path())
    place = problem.place("y")
    assert place is not None
    assert place.file == "<equations>"


RNN = "[parameters]\nU = [[1]]\nW = [[1]]\n[inputs]\nx = [[1]]\n"
