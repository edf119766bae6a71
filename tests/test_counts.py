"""Steps and entries that are counted from 0 or from 1, in tables of every arrangement."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest

from tests.conftest import SEED
from tests.test_answers import EVERY, KEY, answers, values
from verifier.problem import Problem, load, loads

PROBLEM = load(SEED)
CELLS = [(name, k) for name in "zrhs" for k in range(len(KEY[1, name]))]
ROWS = {step: [KEY[step, name][k] for name, k in CELLS] for step in (1, 2)}


def crossed(form: str, *heads: str) -> str:
    """A table with a row an entry, named in a form, and a column a step."""
    names = [name if name in "zr" else form.format(name, k, k + 1) for name, k in CELLS]
    rows = [",".join(row) for row in zip(names, ROWS[1], ROWS[2], strict=True)]
    return "\n".join([",".join(["", *heads]), *rows])


def along(corner: str, *steps: str) -> str:
    """The same table, turned round."""
    heads = [name if name in "zr" else f"{name}{k + 1}" for name, k in CELLS]
    rows = [",".join([said, *ROWS[step]]) for step, said in enumerate(steps, 1)]
    return "\n".join([",".join([corner, *heads]), *rows])


def listed(head: str, first: int, start: int = 1, scalar: str | None = None) -> str:
    """A table with a row a number: entries are counted from `first`, steps from `start`."""
    rows = [
        f"{n},{s - 1 + start},{scalar if scalar is not None and n in 'zr' else k + first},{v}"
        for s in (1, 2)
        for (n, k), v in zip(CELLS, ROWS[s], strict=True)
    ]
    return "\n".join([head, *rows])


def lines(heading: str, start: int, form: str = "{0}{1} = {2}\n") -> str:
    """Lines below a heading for each step, a number a line, entries counted from `start`."""
    return "".join(
        heading.format(s)
        + "".join(
            form.format(n, "" if n in "zr" else k + start, v)
            for (n, k), v in zip(CELLS, ROWS[s], strict=True)
        )
        for s in (1, 2)
    )


def by_key(start: int, steps: int) -> dict[str, dict[str, str]]:
    """What a program makes of the columns h1, h2 … of a table."""
    return {
        name if name in "zr" else f"{name}{k + start}": {
            str(steps): ROWS[1][c], str(steps + 1): ROWS[2][c]
        }
        for c, (name, k) in enumerate(CELLS)
    }  # fmt: skip


SHEETS = {
    **{
        f"crossed {form} {heads[0]}.csv": crossed(form, *heads)
        for form in ("{0}{2}", "{0}[{1}]", "{0}_{2}", "{0}{1}", "{0} ({2})")
        for heads in (("step 1", "step 2"), ("t=1", "t=2"), ("1", "2"), ("t1", "t2"), ("0", "1"))
    },
    "corner.csv": "quantity" + crossed("{0}{2}", "Schritt 1", "Schritt 2"),
    "along.csv": along("", "step 1", "step 2"),
    "along index.csv": along("", "0", "1"),
    "along steps.csv": along("", "1", "2"),
    "along time.csv": along("t", "0", "1"),
    "in order.csv": along("", "", "").replace("\n,", "\n")[1:],
    "entries.csv": listed("quantity,step,entry,value", 1),
    "entries blank.csv": listed("quantity,step,entry,value", 1, scalar=""),
    "entries zero.csv": listed("quantity,step,entry,value", 1, scalar="0"),
    "index.csv": listed("name,step,index,value", 1),
    "floats.csv": listed("name,step,index,value", 0, scalar="NaN").replace(",2,0", ",2.0,0"),
    "times.csv": listed("name,step,index,value", 0, start=0),
    "times entries.csv": listed("Größe,Schritt,Eintrag,Wert", 1, start=0),
    "row a step.csv": "step,quantity,1,2,3\n"
    + "".join(f"{s},{n},{','.join(v)}\n" for (s, n), v in KEY.items()),
    "column an entry.csv": ",1,2,3\n"
    + "".join(f"{n}_{s},{','.join(v)}\n" for (s, n), v in KEY.items()),
    "headings.txt": lines("Step {0}\n", 1),
    "headings 0.txt": lines("t = {0}:\n", 0, "{0}[{1}] = {2}\n").replace("[]", ""),
    "times.txt": lines("Step {0}\n", 1).replace("Step 1", "t = 0").replace("Step 2", "t = 1"),
    "names.txt": "".join(f"{n}_{s - 1} = [{', '.join(v)}]\n" for (s, n), v in KEY.items()),
    "columns.json": json.dumps(by_key(1, 0)),
    "columns 0.json": json.dumps(by_key(0, 1)),
    "records.json": json.dumps(
        [{"step": s} | {k: v[str(s)] for k, v in by_key(1, 1).items()} for s in (1, 2)]
    ),
    "inside.json": json.dumps(
        {f"{n}_{s}": {str(k): v for k, v in enumerate(vs, 1)} for (s, n), vs in KEY.items()}
    ),
    "printed.txt": f"{by_key(1, 0)}".replace("'0'", "0").replace("'1'", "1"),
}


@pytest.mark.parametrize("name", SHEETS)
def test_whatever_is_counted_from_is_found(name: str, tmp_path: Path) -> None:
    found = answers(tmp_path, f"a{Path(name).suffix}", SHEETS[name])
    assert found.complaints == ()
    assert values(found) == EVERY


PLAIN = """
equations = "h[t] = tanh(u * x[t] + h[t-1])"
[parameters]
u = 0.5
[initial]
h = [0.5, 0]
[inputs]
x = [[1, 2], [3, 4]]
"""
TWO = loads(PLAIN)
SEEN = [  # what a sheet says, what is read of it, and how much is complained of
    (TWO, "h_0 = [0.5, 0.0]\nh_1 = [0.1, 0.2]", {1: "0.1"}, 0),
    (TWO, "h_0 = [0.1, 0.2]\nh_1 = [0.3, 0.4]", {1: "0.1", 2: "0.3"}, 0),
    (TWO, "h_0 = [0.5, 0]\nh_1 = [0.1, 0.2]\nh_2 = [0.3, 0.4]", {1: "0.1", 2: "0.3"}, 0),
    (TWO, "h_1 = [0.1, 0.2]\nh_2 = [0.3, 0.4]\nh_0 = [7, 7]", {1: "0.1", 2: "0.3"}, 0),
    (TWO, "h_0 = [0.5, 0]", {}, 1),
    (PROBLEM, "z_0 = 0.5381\nr_1 = 0.5\nz_1 = 0.2", {1: "0.2"}, 1),
    (PROBLEM, "z_0 = 0.5381\nz_1 = 0.2\nz_2 = 0.3", {1: "0.2", 2: "0.3"}, 1),
    (PROBLEM, "z_0 = 0.5381\nz_1 = 0.2\ns_0 = [0, 0, 0]", {1: "0.5381", 2: "0.2"}, 0),
    (PROBLEM, "z_0 = 0.5381\nz_1 = many", {1: "0.5381"}, 1),
]  # fmt: skip


@pytest.mark.parametrize(("problem", "text", "firsts", "told"), SEEN)
def test_step_0_is_an_initial_state_or_the_first_step(
    problem: Problem, text: str, firsts: dict[int, str], told: int, tmp_path: Path
) -> None:
    found = answers(tmp_path, "a.txt", text, problem)
    own = text[0]
    first = {s: n.value for (s, name, k), n in found.given.items() if name == own and k == (0,)}
    assert first == {step: Fraction(text) for step, text in firsts.items()}
    assert len(found.complaints) == told


EITHER = "whether the columns are steps or entries is not said"
REFUSED = [
    (TWO, ",1,2\nh1,0.1,0.2\nh2,0.3,0.4\n", EITHER, [2, 3]),
    (PROBLEM, "name,step,index,value\nh,1,4,0.5\n", "no entry [4]", [2]),
    (PROBLEM, ",t=1,t=2\nh1,0.1,0.2\nh4,0.3,0.4\n", "no entry [3]", [3, 3]),
]


@pytest.mark.parametrize(("problem", "text", "says", "lines"), REFUSED)
def test_what_may_be_counted_in_two_ways_is_told(
    problem: Problem, text: str, says: str, lines: list[int], tmp_path: Path
) -> None:
    found = answers(tmp_path, "a.csv", text, problem)
    assert [c.place and c.place.line for c in found.complaints if says in c.what] == lines
