"""Tables and values as programs print them, each read whole: pandas, R, MATLAB and others."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.test_answers import EVERY, KEY, answers, values
from tests.test_counts import CELLS, ROWS

NAMES = [name if name in "zr" else f"{name}{k + 1}" for name, k in CELLS]
INDEXED = [name if name in "zr" else f"{name}[{k}]" for name, k in CELLS]
BY_STEP = [[str(step), *ROWS[step]] for step in (1, 2)]
BY_ENTRY = [list(pair) for pair in zip(ROWS[1], ROWS[2], strict=True)]
LISTED = [[str(s), n, str(k), v] for s in (1, 2) for (n, k), v in zip(CELLS, ROWS[s], strict=True)]
HEADS = ["step", *NAMES]


def grid(
    heads: list[str], rows: list[list[str]], names: list[str], gap: int = 2, width: int = 200,
    wrap: str = "",
) -> str:  # fmt: skip
    """A table with names before its rows, in blocks of a width; `wrap` ends what goes on."""
    columns = [[head, *(row[k] for row in rows)] for k, head in enumerate(heads)]
    columns = [[cell.rjust(max(map(len, column))) for cell in column] for column in columns]
    first = [name.ljust(max(map(len, names))) for name in ["", *names]]
    blocks: list[list[str]] = []
    used = width
    for column in columns:
        if used + gap + len(column[0]) > width:
            blocks.append(list(first))
            used = len(first[0])
        blocks[-1] = [line + " " * gap + c for line, c in zip(blocks[-1], column, strict=True)]
        used += gap + len(column[0])
    for block in blocks[:-1] if wrap else ():
        block[0] += wrap
        block[-1] += "\n"
    return "\n".join(line for block in blocks for line in block) + "\n"


def each(form: str, sign: str = ", ", scalar: str = "") -> str:
    """Every quantity in the form in which a program shows a vector, or a single number."""
    return "".join(
        (scalar if scalar and len(texts) == 1 else form).format(
            n=n, s=s, v=sign.join(texts), k=len(texts), first="    ".join(texts[:2]), last=texts[-1]
        )
        for (s, n), texts in KEY.items()
    )


def boxes(left: str, between: str, right: str, rules: tuple[str, str, str]) -> str:
    """A table with bars: rules above, below the head and at the end."""
    lines = [
        f"{left}{between.join(cell.ljust(6) for cell in row)}{right}" for row in (HEADS, *BY_STEP)
    ]
    return "\n".join([rules[0], lines[0], rules[1], *lines[1:], rules[2]]) + "\n"


def matrix(n: str, gap: str = "    ") -> str:
    return "".join(f"{gap}{gap.join(KEY[s, n])}\n" for s in (1, 2))


TEN = {k: [f"{float(t) * 10**k:.4f}" for texts in KEY.values() for t in texts] for k in (1, 3)}
PANDAS = {
    "steps": grid(HEADS, BY_STEP, ["0", "1"]),
    "steps wrapped": grid(HEADS, BY_STEP, ["0", "1"], 2, 50, "  \\"),
    "no steps": grid(NAMES, [row[1:] for row in BY_STEP], ["0", "1"]),
    "no steps wrapped": grid(NAMES, [row[1:] for row in BY_STEP], ["0", "1"], 2, 40, "  \\"),
    "steps in front": grid(NAMES, [row[1:] for row in BY_STEP], ["1", "2"]),
    "times in front": grid(NAMES, [row[1:] for row in BY_STEP], ["t=1", "t=2"], 2, 45, "  \\"),
    "name of the front": grid(NAMES, [row[1:] for row in BY_STEP], ["1   ", "2   "]).replace(
        "\n", "\nstep\n", 1
    ),
    "turned": grid(["step 1", "step 2"], BY_ENTRY, INDEXED),
    "turned, from 0": grid(["0", "1"], BY_ENTRY, INDEXED),
    "turned, from 1": grid(["1", "2"], BY_ENTRY, NAMES),
    "turned, with a name": grid(["1", "2"], BY_ENTRY, NAMES).replace("  ", "t ", 1),
    "entries": grid(["step", "name", "index", "value"], LISTED, list(map(str, range(16)))),
    "entries with NaN": grid(
        ["step", "name", "index", "value"],
        [[s, n, f"{k}.0" if n in "hs" else "NaN", v] for s, n, k, v in LISTED],
        list(map(str, range(16))),
    ),
    "lists": grid(
        ["step", *"zrhs"],
        [[str(s), *(f"[{', '.join(KEY[s, n])}]" for n in "zrhs")] for s in (1, 2)],
        ["0", "1"],
    ),
    "series": "".join(
        f"{n}_{s}[{k}]    {v}\n".replace("[0]", "   " if n in "zr" else "[0]")
        for s, n, k, v in LISTED
    )
    + "Name: Ada, Length: 16, dtype: float64\n",
    "a prompt": ">>> print(df)\n" + grid(HEADS, BY_STEP, ["0", "1"], 2, 50, "  \\"),
    "a notebook's prompt": "In [3]: df\nOut[3]: \n" + grid(HEADS, BY_STEP, ["0", "1"]),
    "its size": grid(HEADS, BY_STEP, ["0", "1"]) + "\n[2 rows x 9 columns]\n",
}
POLARS = {
    "polars": "shape: (2, 9)\n"
    + boxes("│ ", " ┆ ", " │", ("┌──────┬────┐", "╞══════╪════╡", "└──────┴────┘")).replace(
        "╞", "│ " + " ┆ ".join(["---   "] * 9) + " │\n│ " + " ┆ ".join(["f64   "] * 9) + " │\n╞"
    ),
    "a database": boxes(" ", " | ", "", ("", "-----+----", "(2 rows)")),
    "a grid": boxes("| ", " | ", " |", ("+----+----+", "+====+====+", "+----+----+")),
    "simple": boxes("", "  ", "", ("", "------  ------", "")),
    "Julia": "2×9 DataFrame\n Row │ step   "
    + "".join(f"{head:<9}" for head in NAMES)
    + "\n     │ Int64  "
    + "Float64  " * 8
    + "\n─────┼─────────\n"
    + "".join(f"   {row[0]} │     {'   '.join(row)}\n" for row in BY_STEP),
}
R = {
    "data frame": "> df\n" + grid(HEADS, BY_STEP, ["1", "2"], 1),
    "data frame wrapped": "> df\n" + grid(HEADS, BY_STEP, ["1", "2"], 1, 40),
    "no steps": grid(NAMES, [row[1:] for row in BY_STEP], ["1", "2"], 1, 30),
    "turned": "> m\n" + grid(["t1", "t2"], BY_ENTRY, NAMES, 1),
    "entries": grid(
        ["step", "name", "entry", "value"],
        [[s, n, str(int(k) + 1), v] for s, n, k, v in LISTED],
        list(map(str, range(1, 17))),
        1,
    ),
    "matrix": "".join(
        f"> {n}\n"
        + grid([f"[,{k}]" for k in range(1, 4)][: len(KEY[1, n])], [KEY[1, n], KEY[2, n]],
               ["[1,]", "[2,]"], 1)
        for n in "zrhs"
    ),
    "matrix with names": "".join(
        f"> {n}\n"
        + grid([f"{n}{k}" for k in range(1, 4)][: len(KEY[1, n])], [KEY[1, n], KEY[2, n]],
               ["t1", "t2"], 1)
        for n in "zrhs"
    ),
    "list": "> res\n" + each("${n}{s}\n[1] {v}\n\n", " "),
    "list in lists": "".join(
        f"$t{s}\n" + "".join(f"$t{s}${n}\n[1] {' '.join(KEY[s, n])}\n\n" for n in "zrhs")
        for s in (1, 2)
    ),
    "list without names": "".join(
        f"[[{s}]]\n" + "".join(f"[[{s}]]${n}\n[1] {' '.join(KEY[s, n])}\n\n" for n in "zrhs")
        for s in (1, 2)
    ),
    "list of lists": "".join(f"$`{n}`[[{s}]]\n[1] {' '.join(KEY[s, n])}\n\n" for s, n in KEY),
    "named vectors": "".join(
        grid([f"{n}_{s}" if n in "zr" else f"{n}_{s}[{k}]" for n, k in CELLS], [ROWS[s]], [""], 1)
        for s in (1, 2)
    ),
    "typed": each("{n}{s} <- c({v})\n"),
    "typed at a prompt": each("> {n}{s} <- c({v})\n"),
    "typed with =": each("{n}_{s} = c({v})\n"),
    "dput": each("> dput({n}{s})\nc({v})\n", scalar="> dput({n}{s})\n{v}\n"),
    "print(round())": each("> print(round({n}{s}, 4))\n[1] {v}\n", " "),
    "tibble": "# A tibble: 2 × 9\n"
    + grid(HEADS, BY_STEP, ["1", "2"]).replace("\n", "\n  <int>" + " <dbl>" * 8 + "\n", 1),
}  # fmt: skip
MATLAB = {
    "columns": each(
        "{n}{s} =\n\n  Columns 1 through 2\n\n    {first}\n\n  Column 3\n\n    {last}\n\n",
        scalar="{n}{s} =\n\n    {v}\n\n",
    ),
    "Octave's columns": each(
        "{n}{s} =\n\n Columns 1 and 2:\n\n    {first}\n\n Column 3:\n\n    {last}\n\n",
        scalar="{n}{s} = {v}\n",
    ),
    "struct": "res = \n\n  struct with fields:\n\n" + each("    {n}{s}: [{v}]\n", " "),
    "Octave's struct": "res =\n\n  scalar structure containing the fields:\n\n"
    + each("    {n}{s} =\n\n       {v}\n\n", "   ", "    {n}{s} = {v}\n"),
    "table": "T =\n\n  2×9 table\n\n"
    + boxes("    ", "    ", "", ("", "    ____    ______\n", "")),
    "a row a step": "".join(f"{n} =\n\n{matrix(n)}\n" for n in "zrhs"),
    "a column a step": "".join(
        f"{n} =\n\n"
        + "".join(f"    {KEY[1, n][k]}    {KEY[2, n][k]}\n" for k in range(len(KEY[1, n])))
        + "\n"
        for n in "zrhs"
    ),
    "columns of numbers": each("{n}{s} =\n\n    {v}\n\n", "\n    "),
}  # fmt: skip
OTHERS = {
    "Julia's dict": "Dict{String, Any} with 8 entries:\n" + each('  "{n}{s}" => [{v}]\n'),
    "Julia's tuple": "julia> res\n(" + each("{n}{s} = [{v}], ")[:-2] + ")\n",
    "Julia's adjoint": each(
        "julia> {n}{s}'\n1×{k} adjoint(::Vector{{Float64}}) with eltype Float64:\n {v}\n\n", "  "
    ),
    "Mathematica's rules": "{" + each("{n}{s} -> {{{v}}}, ")[:-2] + "}\n",
    "Mathematica's association": "<|" + each('"{n}{s}" -> {{{v}}}, ')[:-2] + "|>\n",
    "Mathematica's matrix": each("{n}{s} // MatrixForm\n\n({v})\n", "\t"),
    "Mathematica's subscripts": each("Subscript[{n}, {s}] = {{{v}}}\n"),
    "WolframAlpha": each(
        "{n}_{s} = tanh({{0.1, 0.2}}) ≈ ({v})\n",
        scalar="{n}_{s} = 1/(1 + e^(-0.1525)) ≈ {v}...\n",
    ),
    "NumPy, wrapped": each("{n}_{s} = [{v}]\n", "\n "),
    "NumPy's arrays, wrapped": each(">>> {n}_{s}\narray([[{v}]])\n", ",\n        "),
}
PRINTED = {
    f"{program}: {how}": text
    for program, texts in (
        ("pandas", PANDAS),
        ("bars", POLARS),
        ("R", R),
        ("MATLAB", MATLAB),
        ("other", OTHERS),
    )
    for how, text in texts.items()
}


@pytest.mark.parametrize("name", PRINTED)
def test_what_a_program_prints_is_read_whole(name: str, tmp_path: Path) -> None:
    found = answers(tmp_path, "a.txt", PRINTED[name])
    assert found.complaints == ()
    assert values(found) == EVERY
    assert found.person == "a"


@pytest.mark.parametrize("power", [1, 3])
def test_a_common_factor_is_multiplied(power: int, tmp_path: Path) -> None:
    scaled = iter(TEN[power])
    text = "".join(
        f"{n}{s} =\n\n   1.0e-{power:02d} *\n\n    {'    '.join(next(scaled) for _ in v)}\n\n"
        for (s, n), v in KEY.items()
    )
    assert values(answers(tmp_path, "a.txt", text)) == EVERY


DOTS = "printed with dots"
CUT = [  # a table of which a program did not print all, and how many numbers are read
    (grid(["step", "z", "...", "s3"], [["1", "0.5", "...", "0.7"]], ["0"]), 2),
    (grid(["step", "z"], [["1", "0.5"], ["...", "..."], ["2", "0.7"]], ["0", "..", "9"]), 2),
    (grid(["step", "z"], [["1", "0.5"]], ["1"], 1) + " [ reached 'max' -- omitted 1 rows ]\n", 1),
    ("# A tibble: 2 × 9\n" + grid(["step", "z"], [["1", "0.5"]], ["1"]) + "# ℹ 1 more row", 1),
    ("h_1 = [0.1, ..., 0.3]", 0),
    ("│ step ┆ … ┆ z │\n│ 1 ┆ … ┆ 0.5 │\n", 1),
]


@pytest.mark.parametrize(("text", "count"), CUT)
def test_what_was_not_printed_is_told(text: str, count: int, tmp_path: Path) -> None:
    found = answers(tmp_path, "a.txt", text)
    assert any(DOTS in complaint.what for complaint in found.complaints)
    assert len(found.given) == count


APART = [  # what looks like a table and is none, and what is read of it
    ("Step 1\nz 0.5381\nr 0.5294\n", 2),
    ("z = 0.5381  r = 0.5294\ns_1: 0.07 0.0383 0.0434\n", 3),
    ("c(1) = 0.5\nz_1 = c(0.5)\n", 1),
]


@pytest.mark.parametrize(("text", "count"), APART)
def test_lines_stay_lines(text: str, count: int, tmp_path: Path) -> None:
    assert len(answers(tmp_path, "a.txt", text).given) == count


BROKEN = [  # a line that is no row of the table above it, and is told
    "z_1   r_1\n0.5381   0.5294\n0.7 0.8\n",
    "| z_1 | r_1 |\n| 0.5381 | 0.5294 |\n0.7 0.8\n",
    "z_1 r_1\n0.5381 0.5294\n0.7 0.8 0.9\n",
]


@pytest.mark.parametrize("text", BROKEN)
def test_a_line_below_a_table_is_not_passed_over(text: str, tmp_path: Path) -> None:
    found = answers(tmp_path, "a.txt", text)
    assert len(found.given) == 2
    assert [complaint.place and complaint.place.line for complaint in found.complaints] == [3]
