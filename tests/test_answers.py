"""Answers as people write them: what is read from every kind of file, and what is complained of."""

from __future__ import annotations

import contextlib
import json
import re
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given as inputs
from hypothesis import strategies as st

from tests.conftest import ROOT, SEED
from tests.notebooks import notebook, printed, result, seed_notebook
from verifier.check.answers import read
from verifier.check.answers.grammar import Items, Leaf, Table, Tree, parsed
from verifier.check.answers.labels import Label, Labels
from verifier.check.answers.numerals import commas_are_decimal, given, is_blank
from verifier.check.model import Answers
from verifier.errors import ProblemError
from verifier.problem import Problem, load, loads

PROBLEM = load(SEED)
KEY = {
    (1, "z"): ["0.5381"],
    (1, "r"): ["0.5294"],
    (1, "h"): ["0.1516", "0.0828", "0.0939"],
    (1, "s"): ["0.0700", "0.0383", "0.0434"],
    (2, "z"): ["0.6910"],
    (2, "r"): ["0.5930"],
    (2, "h"): ["0.4738", "0.5223", "0.3563"],
    (2, "s"): ["0.1948", "0.1878", "0.1401"],
}
EVERY = {
    (step, name, (k,)): Fraction(text)
    for (step, name), texts in KEY.items()
    for k, text in enumerate(texts)
}

NUMERALS = [
    (".5381", "0.5381", 4),
    ("0.5381", "0.5381", 4),
    ("0,5381", "0.5381", 4),
    ("5.381e-1", "0.5381", 4),
    ("5,381E−1", "0.5381", 4),
    ("5.381·10⁻¹", "0.5381", 4),
    ("5.381 × 10^-1", "0.5381", 4),
    (r"$5{,}381 \cdot 10^{-1}$", "0.5381", 4),
    ("≈ 0.538", "0.538", 3),
    ("ca. 0.538", "0.538", 3),
    ("= 0.538", "0.538", 3),
    ("7/13", "7/13", None),
    ("½", "1/2", None),
    ("−0.2", "-0.2", 1),
    ("- 0.3", "-0.3", 1),
    ("+1", "1", 0),
    ("5.", "5", 0),
    ("0.5381.", "0.5381", 4),
    ("0.538\u2009051", "0.538051", 6),
    ("0.538051…", "0.538051", 6),
    ("0.538051...", "0.538051", 6),
    ("**0.5**", "0.5", 1),
    ("$0.50$", "0.5", 2),
    ("1.234,5", "1234.5", 1),
    ("1,234.5", "1234.5", 1),
    ("０．５", "0.5", 1),
    ("2e3", "2000", 0),
]


@pytest.mark.parametrize(("text", "value", "places"), NUMERALS)
def test_numbers_as_people_write_them(text: str, value: str, places: int | None) -> None:
    number = given(text)
    assert (number.value, number.places) == (Fraction(value), places)


@pytest.mark.parametrize(
    "text", ["nan", "inf", "abc", "0.5 0.3", "1,2,3", "1/0", "0x1", "", "--1", "1e9999", "9" * 5000]
)
def test_what_is_no_number_is_said_to_be_none(text: str) -> None:
    with pytest.raises(ProblemError):
        given(text)


@pytest.mark.parametrize("text", ["", " ", "–", "-", "?", "___", "…", "  ", "n/a", "None"])
def test_blanks(text: str) -> None:
    assert is_blank(text)


@inputs(st.decimals(-1000, 1000, places=6), st.sampled_from([".", ","]))
def test_a_printed_decimal_is_read_back(number: object, sign: str) -> None:
    text = f"{number:f}"
    assert given(text.replace(".", sign)).value == Fraction(text)


COMMAS = [
    ("0,15 0,08", True),
    ("0,15, 0,08", True),
    ("0,15; 0,08", True),
    ("0,15,0,08", True),
    ("-0,15 0,08", True),
    ("1,5; 2,5", True),
    ("[0,5381]", True),
    ("1,2,3", False),
    ("1, 2, 3", False),
    ("0.1,0.2", False),
    ("0.1, 0,2", False),
    ("0,1", False),
]


@pytest.mark.parametrize(("text", "decimal"), COMMAS)
def test_which_commas_are_decimal_signs(text: str, decimal: bool) -> None:
    assert commas_are_decimal(text) == decimal


def plain(tree: Tree) -> object:
    """The texts of a tree in lists and dicts."""
    match tree:
        case Leaf(text):
            return text
        case Items(parts):
            return [plain(part) for part in parts]
        case Table(pairs):
            return {key: plain(part) for key, part in pairs}


VALUES = [
    ("[[0.5381]]", [["0.5381"]]),
    ("[0.1516 0.0828\n  0.0939]", ["0.1516", "0.0828", "0.0939"]),
    ("[0.07   0.0383 0.0434]", ["0.07", "0.0383", "0.0434"]),
    ("[[1. 2.]\n [3. 4.]]", [["1.", "2."], ["3.", "4."]]),
    ("array([[0.07 , 0.0383]], dtype=float32)", [["0.07", "0.0383"]]),
    ("np.float64(0.5381)", "0.5381"),
    ("{'z': np.float64(0.5), 'h': np.array([1, 2])}", {"z": "0.5", "h": ["1", "2"]}),
    ("{'t1': {'z': array([[0.5]])}, 2: [1]}", {"t1": {"z": [["0.5"]]}, "2": ["1"]}),
    ("tensor([[0.1, 0.2]], device='cuda:0', grad_fn=<TanhBackward0>)", [["0.1", "0.2"]]),
    ("Array([0.1, 0.2], dtype=float32)", ["0.1", "0.2"]),
    (
        "<tf.Tensor: shape=(1, 2), dtype=float32, numpy=array([[0.1, 0.2]], dtype=float32)>",
        [["0.1", "0.2"]],
    ),
    ("(0.5, 0.3)", ["0.5", "0.3"]),
    ("0,15 0,08", ["0,15", "0,08"]),
    ("[0,15; 0,08]", ["0,15", "0,08"]),
    ("0.1 & 0.2", ["0.1", "0.2"]),
    ("[-1.5e-03 2.e+00]", ["-1.5e-03", "2.e+00"]),
    ("[1, -, 3]", ["1", "-", "3"]),
]


@pytest.mark.parametrize(("text", "value"), VALUES)
def test_printed_values(text: str, value: object) -> None:
    assert plain(parsed(text)) == value


@pytest.mark.parametrize(
    "text", ["[1, 2", "{'a': 1", "{1 2}", "f(3)", "[" * 50, "sigmoid(0.2)", "1 )", "{'a'}"]
)
def test_what_is_no_value(text: str) -> None:
    with pytest.raises(ProblemError):
        parsed(text)


@inputs(st.text(alphabet="[]{}(),:;'\" 0.1e-nanarray\n=<>", max_size=60))
def test_nothing_breaks_the_grammar(text: str) -> None:
    with contextlib.suppress(ProblemError):
        parsed(text)


LABELS = [
    ("z_1", Label(1, "z")),
    ("z1", Label(1, "z")),
    ("z_t1", Label(1, "z")),
    ("zt1", Label(1, "z")),
    ("$z_1$", Label(1, "z")),
    ("$s_{2}$", Label(2, "s")),
    ("s^{(1)}", Label(1, "s")),
    ("s_t", Label(None, "s")),
    ("s t", Label(None, "s")),
    ("s t2", Label(2, "s")),
    ("S_2", Label(2, "s")),
    ("h[1]", Label(1, "h")),
    ("h[t]", None),
    ("h_1[2]", Label(1, "h", (2,))),
    ("h[1][2]", Label(1, "h", (2,))),
    ("h[1, 2]", Label(1, "h", (2,))),
    ("h['t1']", Label(1, "h")),
    ("z(t=1)", Label(1, "z")),
    ("z at t = 2", Label(2, "z")),
    ("t1_z", Label(1, "z")),
    ("update gate", Label(None, "z")),
    ("Update gate z_1", Label(1, "z")),
    ("hidden state 2", Label(2, "s")),
    ("t1", Label(1)),
    ("1", Label(1)),
    ("Step 2", Label(2)),
    ("time step 2", Label(2)),
    ("Schritt 2", Label(2)),
    ("第 2 步", Label(2)),
    (r"\tilde{h}_2", Label(2, "h")),
    ("h̃_2", Label(2, "h")),
    (r"$\mathbf{z}_{1}$", Label(1, "z")),
    ("out['t1']['z']", Label(1, "z")),
    ("output_t1_t2", None),
    ("q", None),
    ("x" * 500, None),
    ("", None),
]


@pytest.mark.parametrize(("text", "label"), LABELS, ids=lambda value: str(value)[:30])
def test_what_a_name_means(text: str, label: Label | None) -> None:
    found = Labels(PROBLEM).read(text)
    if text == "h[t]":
        assert found is None or found == Label(None, "h")
    else:
        assert found == label


CANDIDATE = """equations = '''
C_tilde[t] = tanh(w*x[t])
C[t] = C[t-1] + C_tilde[t]
h[t] = C[t]
'''
[parameters]
w = 0.5
[inputs]
x = [1, 2]
"""
ACCENTED = [
    ("C_1", "C"),
    ("$C_{1}$", "C"),
    (r"\vec{C}_1", "C"),
    ("C̃_1", "C_tilde"),
    (r"$\tilde{C}_1$", "C_tilde"),
    (r"$\tilde C_1$", "C_tilde"),
    (r"\tilde{C_{1}}", "C_tilde"),
    (r"\widetilde{C}_{1}", "C_tilde"),
    ("C_tilde[1]", "C_tilde"),
    ("C tilde 1", "C_tilde"),
    ("c̃_1", "C_tilde"),
    (r"\hat{h}_1", "h"),
    (r"\hat{C}_1", None),  # no quantity of the problem: C without an accent is another
    ("C'_1", None),
    ("_C_1", None),  # a program's own name
]


@pytest.mark.parametrize(("text", "name"), ACCENTED)
def test_an_accent_is_part_of_a_name(text: str, name: str | None) -> None:
    found = Labels(loads(CANDIDATE)).read(text)
    assert found == (None if name is None else Label(1, name))


def test_names_that_end_in_digits_keep_them() -> None:
    problem = loads(
        'equations = """\nh1[t] = x[t] + h2[t-1]\nh2[t] = h1[t]\nalpha_t[t] = x[t]\n"""\n'
        "[inputs]\nx = [1, 2]\n[initial]\nh2 = 0\n"
    )
    labels = Labels(problem)
    assert labels.read("h1") == Label(None, "h1")
    assert labels.read("h1_2") == Label(2, "h1")
    assert labels.read("h2[1]") == Label(1, "h2")
    assert labels.read("α_t[2]") == Label(2, "alpha_t")


def people(folder: Path, name: str, text: str, problem: Problem = PROBLEM) -> list[Answers]:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return list(read(problem, [path]))


def answers(folder: Path, name: str, text: str, problem: Problem = PROBLEM) -> Answers:
    (found,) = people(folder, name, text, problem)
    return found


def values(found: Answers) -> dict[object, Fraction]:
    return {entry: number.value for entry, number in found.given.items()}


def filled_sheet(name: str, blank: str, join: str) -> str:
    """Our own sheet, with the key's numbers in its blanks."""
    text = (ROOT / "tests" / "golden" / f"{name}.md").read_text()
    rows = iter([text for texts in KEY.values() for text in texts])
    if join:
        lines = iter([join.join(texts) for texts in KEY.values()])
        return re.sub(blank, lambda _: next(lines), text)
    return re.sub(blank, lambda _: next(rows), text)


WORDS = {"z": "Update gate", "r": "Reset gate r", "h": "Candidate", "s": "Hidden state"}
WHOLE = {
    "nested.toml": "".join(
        f"[{step}]\n"
        + "".join(f"{n} = [{', '.join(t)}]\n" for (s, n), t in KEY.items() if s == step)
        for step in (1, 2)
    ),
    "flat.toml": "".join(f"{n}_{s} = '{'; '.join(t)}'\n" for (s, n), t in KEY.items()),
    "steps.json": json.dumps(
        {name: [[KEY[step, name]] for step in (1, 2)] for name in ("z", "r", "h", "s")}
    ),
    "list.json": json.dumps(
        [{n: [float(x) for x in KEY[step, n]] for n in "zrhs"} for step in (1, 2)]
    ),
    "solve.json": (ROOT / "output" / "hw10_question2" / "solution.json").read_text(),
    "key.md": (ROOT / "output" / "hw10_question2" / "solution.md").read_text(),
    "rows.csv": "step,name,index,value\n"
    + "".join(f"{s},{n},{k[0]},{float(v)}\n" for (s, n, k), v in EVERY.items()),
    "german.csv": "Schritt;Größe;Index;Wert\n"
    + "".join(f"{s};{n};;{' '.join(t).replace('.', ',')}\n" for (s, n), t in KEY.items()),
    "commas.csv": "step,name,index,value\n"
    + "".join(
        f"{s},{n},{k[0]},{str(float(v)).replace('.', ',')}\n" for (s, n, k), v in EVERY.items()
    ),
    "matrix.csv": "step,name,index,value\n"
    + "".join(f'{s},{n},,"[{" ".join(t)}]"\n' for (s, n), t in KEY.items()),
    "wide.csv": ",".join(f"{n}_{s}[{k[0]}]" for s, n, k in EVERY)
    + "\n"
    + ",".join(str(float(v)) for v in EVERY.values()),
    "sheet.md": filled_sheet("sheet_table", "&emsp;&emsp;", ""),
    "sheet_commas.md": filled_sheet("sheet_table", "&emsp;&emsp;", "").replace("0.", "0,"),
    "lines.md": filled_sheet("sheet_lines", "(?:&#95;)+", ", "),
    "typed.txt": "".join(f"{n}_{s} = {'  '.join(t)}\n" for (s, n), t in KEY.items()),
    "chain.txt": "".join(f"{n}_{s} = f(x_{s}) = [{' '.join(t)}]\n" for (s, n), t in KEY.items()),
    "blocks.txt": "".join(
        f"--- t = {step} ---\n" + "".join(f"  {n}: {t}\n" for (s, n), t in KEY.items() if s == step)
        for step in (1, 2)
    ),
    "steps.txt": "".join(
        f"t={step}: "
        + " ".join(f"{n}=[{' '.join(t)}]" for (s, n), t in KEY.items() if s == step)
        + "\n"
        for step in (1, 2)
    ),
    "words.txt": "".join(
        f"GRU, time step {step}\n"
        + "".join(f"{n} is [{', '.join(t)}]\n" for (s, n), t in KEY.items() if s == step)
        for step in (1, 2)
    ),
    "called.txt": "".join(
        f"{WORDS[n]} at t = {s}: ({', '.join(t)},) (rounded)\n" for (s, n), t in KEY.items()
    ),
    "across.md": "| t | z | r | h | s |\n|---|---|---|---|---|\n"
    + "".join(
        f"| {step} | " + " | ".join(" ".join(KEY[step, n]) for n in "zrhs") + " |\n"
        for step in (1, 2)
    ),
    "down.md": "| | $t_1$ | $t_2$ |\n|---|---|---|\n"
    + "".join(f"| {n} | {' '.join(KEY[1, n])} | {' '.join(KEY[2, n])} |\n" for n in "zrhs"),
    "seed.ipynb": seed_notebook(),
    "prints.ipynb": notebook(
        *(
            (f"print({n}_t{s})\nnp.round({n}_t{s}, 4)", [printed(f"[[{' '.join(t)}]]\n")])
            for (s, n), t in KEY.items()
        )
    ),
    "last.ipynb": notebook(
        *(
            (f"np.round({n}_{s}, 4)", [result(f"array([[{', '.join(t)}]])")])
            for (s, n), t in KEY.items()
        )
    ),
}


@pytest.mark.parametrize("name", WHOLE)
def test_every_kind_of_file_is_read_whole(name: str, tmp_path: Path) -> None:
    found = answers(tmp_path, name, WHOLE[name])
    assert values(found) == EVERY
    assert found.complaints == ()
    assert found.person == name.split(".")[0]


def test_old_notebooks_are_read(tmp_path: Path) -> None:
    cell = {
        "cell_type": "code",
        "input": ["z_1"],
        "outputs": [{"output_type": "pyout", "text": ["array([[ 0.5381]])"]}],
    }
    text = json.dumps({"nbformat": 3, "worksheets": [{"cells": [cell]}]})
    assert values(answers(tmp_path, "old.ipynb", text)) == {(1, "z", (0,)): Fraction("0.5381")}


def test_a_notebook_is_read_from_what_it_shows(tmp_path: Path) -> None:
    text = notebook(
        ("z_t1", [result("array([[0.53805128]])")]),
        (
            "print(z_t1)\nprint(np.round(h_t1, 4))",
            [printed("[[0.5381]]\n[[0.1516 0.0828\n  0.0939]]\n")],
        ),
        ("r_t1, z_t2", [result("(array([[0.5294]]), array([[0.691]]))")]),
        ("fit()", [printed("loss: 0.3\nx_t1 = [0.23 0.12]\nEpoch 1: 0.2\n")]),
        ("bad", [{"output_type": "error", "ename": "E", "evalue": "r_2 = 3", "traceback": []}]),
        ("log", [{"output_type": "stream", "name": "stderr", "text": "r_2 = 3"}]),
    )
    found = answers(tmp_path, "n.ipynb", text)
    assert found.complaints == ()
    assert {entry: number.text for entry, number in found.given.items()} == {
        (1, "z", (0,)): "0.5381",
        (1, "h", (0,)): "0.1516",
        (1, "h", (1,)): "0.0828",
        (1, "h", (2,)): "0.0939",
        (1, "r", (0,)): "0.5294",
        (2, "z", (0,)): "0.691",
    }


def test_nothing_of_a_notebook_is_run(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    code = f"open({str(mark)!r}, 'w').write('x')\nz_1"
    text = notebook((code, [result(f"__import__('os').system('touch {mark}')")]))
    answers(tmp_path, "n.ipynb", text)
    assert not mark.exists()


BAD = [
    ("broken.ipynb", "{'cells': }", "not JSON", 1),
    ("none.ipynb", '{"a": 1}', "no notebook", 1),
    ("list.ipynb", "[]", "no notebook", 1),
    ("bad.json", '{"z_1": 0.5,\n}', "not JSON", 2),
    ("bad.csv", "a,b\n1,2\n", "columns", 1),
    ("empty.csv", "", "columns", 1),
    ("step.toml", "z_3 = 0.5", "the steps are 1 to 2", 1),
    ("name.toml", "z_1 = 0.5\nrr_1 = 0.5", "did you mean 'r'", 2),
    ("name.csv", "step,name,index,value\n1,q,,0.5\n", "no quantity 'q'", 2),
    ("index.csv", "step,name,index,value\n1,h,4,0.5\n", "no entry [4]", 2),
    ("minus.csv", "step,name,index,value\n1,h,-1,0.5\n", "no index", 2),
    ("what.csv", "step,name,index,value\nx,h,1,0.5\n", "is no step", 2),
    ("short.csv", "step,name,index,value\n1,h\n", "a row of 2 fields", 2),
    ("shape.toml", "\nh_1 = [0.1, 0.2]", "a vector of 2 entries stands where", 2),
    ("ragged.toml", "h_1 = [[1], [2, 3]]", "not of one length", 1),
    ("dots.txt", "h_1 = [0.1 ... 0.3]", "printed with dots", 1),
    ("text.json", '{"z_1":\n "many"}', "'many' is no number", 2),
    ("which.toml", "z = 0.5", "at which step", 1),
    ("table.json", '{"h_1": {"a": 1}}', "no quantity 'a'", 1),
    ("twice.json", '{"z_1": 0.5,\n "z_1": 0.6}', "two values, 0.5 and 0.6", 2),
    ("twice.csv", "step,name,index,value\n1,z,,0.5\n1,z,,0.6\n", "two values", 3),
    ("twice.toml", "z_1 = 0.5\nz_1 = 0.6", "two values", 2),
    ("toml.toml", "z_1 = 0.5\nr_1 = = 3", "not TOML", 2),
    ("deep.json", '{"a":' * 3000 + "1" + "}" * 3000, "nested", 1),
    ("book.md", "| 1 | $q_1$ | 0.5 |\n|---|---|---|\n| 1 | $v_1$ | 0.5 |\n", "no quantity", 1),
    ("large.json", '{"z_1":\n "1e400"}', "'1e400' is too large", 2),
    ("code.txt", "z_1 = sigmoid(0.1)", "is no number", 1),
]


@pytest.mark.parametrize(("name", "text", "says", "line"), BAD, ids=[row[0] for row in BAD])
def test_bad_input_is_a_complaint_with_its_place(
    name: str, text: str, says: str, line: int, tmp_path: Path
) -> None:
    found = answers(tmp_path, name, text)
    complaint = next(c for c in found.complaints if says in c.what)
    assert complaint.place is not None
    assert complaint.place.line == line
    assert complaint.place.file.startswith(str(tmp_path / name))


def test_the_other_entries_are_still_read(tmp_path: Path) -> None:
    text = "step,name,index,value\n1,z,,x\n1,q,,1\n1,r,,0.5294\n1,r,,0.6\n2,z,,0.691\n1,h,,1\n"
    found = answers(tmp_path, "a.csv", text)
    assert values(found) == {(2, "z", (0,)): Fraction("0.691")}
    assert [c.entry for c in found.complaints] == [
        (1, "z", (0,)),
        None,
        (1, "r", (0,)),
        (1, "h", ()),
    ]


def test_a_hundred_megabytes_of_output_leave_the_rest(tmp_path: Path) -> None:
    text = notebook(
        ("z_1", [result("0.5381")]),
        ("print(1)", [{"output_type": "stream", "name": "stdout", "text": "0.1\n" * 25_000_000}]),
        ("z_2", [result("0.691")]),
    )
    found = answers(tmp_path, "big.ipynb", text)
    assert len(found.given) == 2
    (complaint,) = found.complaints
    assert "100000000 characters" in complaint.what
    assert complaint.place is not None
    assert "cell 2" in complaint.place.file


def test_sizes_have_limits(tmp_path: Path) -> None:
    (found,) = people(tmp_path, "a.toml", "#" * (9 * 2**20))
    assert "larger than" in found.complaints[0].what
    many = "".join(f"q{k}_1 = 1\n" for k in range(500))
    assert len(answers(tmp_path, "b.txt", many).complaints) == 51


def test_a_csv_may_hold_a_class(tmp_path: Path) -> None:
    text = "person,step,name,index,value\nAda,1,z,,0.5381\nBob,1,z,,x\nAda,2,z,,0.691\n"
    ada, bob = people(tmp_path, "class.csv", text)
    assert (ada.person, len(ada.given), bob.person, len(bob.complaints)) == ("Ada", 2, "Bob", 1)
    wide = "Person;z_1;h_1\nAda;0,5381;0,1516 0,0828 0,0939\nBob;;\n"
    ada, bob = people(tmp_path, "wide.csv", wide)
    assert len(ada.given) == 4
    assert (bob.given, bob.complaints) == ({}, ())


@pytest.mark.parametrize(
    ("name", "text", "who"),
    [
        ("a.txt", "Name: Ada Lovelace\nDate: today\nz_1 = 0.5", "Ada Lovelace"),
        ("a.md", "**Name:** Ada\n\n$z_1$ = 0.5", "Ada"),
        ("a.txt", "Name: ______\nz_1 = 0.5", "a"),
        ("a.toml", 'person = "Ada"\nz_1 = 0.5', "Ada"),
        ("a.json", '{"person": "Ada", "z_1": 0.5}', "Ada"),
    ],
)
def test_who_a_person_says_they_are(name: str, text: str, who: str, tmp_path: Path) -> None:
    found = answers(tmp_path, name, text)
    assert found.person == who
    assert len(found.given) == 1
    assert found.complaints == ()


def test_folders_of_learning_systems(tmp_path: Path) -> None:
    for name in (
        "Ada Lovelace_4711_assignsubmission_file_/hw.toml",
        "Bob_4712_assignsubmission_file/hw.toml",
        "turingalan_LATE_12_34_hw.toml",
        "noetheremmy.toml",
        ".hidden.toml",
        "__MACOSX/x.toml",
        "notes.pdf",
    ):
        path = tmp_path / "class" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("z_1 = 0.5")
    found = list(read(PROBLEM, [tmp_path / "class"]))
    names = [person.person for person in found]
    assert names == ["Ada Lovelace", "Bob", "noetheremmy", "notes", "turingalan"]
    assert [person.person for person in found if person.complaints] == ["notes"]


def test_no_file_of_a_folder_is_passed_over(tmp_path: Path) -> None:
    for name, text in {
        "submission_1/hw.toml": "z_1 = 0.5",
        "submission_1/photo.jpg": "",
        "submission_2/scan.pdf": "",
        "submission_3/a.toml": "z_1 = 0.5",
        "submission_3/b.toml": "r_1 = 0.5",
        "submission_3/timestamp.txt": "2026-11-26 13:00:00 UTC",
        "submission_metadata.yml": "submission_1:\n  :submitters:\n  - :name: Ada Lovelace\n"
        "    :sid: '1'\nsubmission_2:\n  :submitters:\n  - :name: Bob\n",
    }.items():
        path = tmp_path / "class" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    found = list(read(PROBLEM, [tmp_path / "class"]))
    told = [(answers.person, len(answers.given), len(answers.complaints)) for answers in found]
    assert told == [
        ("Ada Lovelace", 1, 1),
        ("Bob", 0, 1),
        ("submission_3", 2, 0),
    ]
    assert "'.jpg' is not known" in found[0].complaints[0].what


def test_files_of_one_name_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    paths = [tmp_path / who / "hw.toml" for who in ("ada", "bob")]
    for path in paths:
        path.parent.mkdir()
        path.write_text("z_1 = 0.5")
    assert [person.person for person in read(PROBLEM, paths)] == ["ada/hw", "bob/hw"]


@pytest.mark.parametrize("name", ["nothing.toml", "empty"])
def test_a_path_without_answers_cannot_be_used(name: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ProblemError, match=r"no such file|no answers"):
        list(read(PROBLEM, [tmp_path / name]))


@inputs(st.text(max_size=200))
def test_no_text_breaks_a_reader(text: str) -> None:
    from verifier.check.answers.collect import Collector
    from verifier.check.answers.files import READERS
    from verifier.errors import VerifierError

    for add in READERS.values():
        with contextlib.suppress(VerifierError):
            add(text, "a", Collector(Labels(PROBLEM)))


ACCENTED_LETTERS = [
    ("C\u0303", "C_tilde"),
    (r"\tilde{C}", "C_tilde"),
    ("ĥ", "ĥ"),
    (r"\hat{h}", "ĥ"),
    ("β\u0303", "β_tilde"),
    ("é", "é"),
    ("h\u2032", "h_prime"),
    ("C", "C"),
    ("h", "h"),
    ("e", "e"),
]
STEPS_BEHIND = [
    "_2",
    "2",
    "₂",
    "²",
    "_{2}",
    "^{2}",
    "^{(2)}",
    "⁽²⁾",
    "[2]",
    "(2)",
    "ₜ₌₂",
    " 2",
    "_t2",
    "t2",
]


@pytest.fixture(scope="module")
def accented() -> Labels:
    names = dict.fromkeys(name for _, name in ACCENTED_LETTERS)
    equations = "\n".join(f"{name}[t] = x[t]" for name in names)
    return Labels(loads(f'equations = """{equations}"""\n[inputs]\nx = [1, 2]\n'))


@pytest.mark.parametrize("behind", STEPS_BEHIND)
@pytest.mark.parametrize(("letter", "name"), ACCENTED_LETTERS)
def test_a_step_behind_a_letter_leaves_its_accents(
    accented: Labels, letter: str, name: str, behind: str
) -> None:
    assert accented.read(letter + behind) == Label(2, name)


DIRECTIONS = """
equations = '''
f[t] = tanh(x[t] * a + f[t-1])
b[t] = tanh(x[t] * a + b[t+1])
'''
[notation.names]
f = "→h"
b = "←h^(1)"
[parameters]
a = 0.5
[inputs]
x = [[1, 2], [3, 4]]
"""


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("→h_1", Label(1, "f")),
        ("→ h_1[1]", Label(1, "f", (1,))),
        ("step 2 →h", Label(2, "f")),
        ("$←h^{(1)}_2$", Label(2, "b")),
        ("(→h)_1", Label(1, "f")),
        ("a → b", None),
        ("→", None),
    ],
)
def test_arrows_in_front_of_letters_are_directions(text: str, label: Label | None) -> None:
    assert Labels(loads(DIRECTIONS)).read(text) == label
