"""What people hand in, by the program it comes from: a table of texts, each read whole."""

from __future__ import annotations

import contextlib
import io
import zipfile
from collections import defaultdict
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
import pytest
from hypothesis import given as inputs
from hypothesis import strategies as st

from tests.conftest import SEED
from tests.test_answers import EVERY, KEY, values
from verifier.check.answers import read
from verifier.check.answers.collect import Collector
from verifier.check.answers.labels import Label, Labels
from verifier.check.answers.tex import add_tex
from verifier.check.answers.texts import add_text
from verifier.check.model import Answers
from verifier.problem import load, loads

PROBLEM = load(SEED)
ENTRIES = [f"{n}_{s}[{k[0]}]" if n in "hs" else f"{n}_{s}" for s, n, k in EVERY]
TEXTS = [text for texts in KEY.values() for text in texts]
VECTORS = [", ".join(texts) for texts in KEY.values()]
NAMES = [f"{name}_{step}" for step, name in KEY]


def people(folder: Path, name: str, content: str | bytes) -> list[Answers]:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(read(PROBLEM, [path]))


def quoted(*rows: list[str], sign: str = ",") -> str:
    return "".join(sign.join(f'"{cell}"' for cell in row) + "\n" for row in rows)


def with_marks(cells: list[str], mark: str) -> list[str]:
    return [part for cell in cells for part in (cell, mark)]


ATTEMPTS = {  # the heads of Moodle's table of attempts, and those of Microsoft's forms
    "ru": "Фамилия|Имя|Адрес электронной почты|Состояние|Тест начат|Завершено|Затраченное время|"
    "Оценка/10,00|Ответ",
    "pl": "Nazwisko|Imię|Adres e-mail|Stan|Rozpoczęto|Ukończono|Wykorzystany czas|Ocena/10,00|"
    "Odpowiedź",
    "tr": "Soyadı|Adı|E-posta adresi|Durum|Başladı|Tamamlandı|Geçen süre|Not/10,00|Yanıt",
    "nl": "Achternaam|Voornaam|E-mailadres|Status|Gestart op|Voltooid|Benodigde tijd|Cijfer/10,00|"
    "Antwoord",
    "pt": "Sobrenome|Nome|Endereço de email|Estado|Iniciado em|Completo|Tempo utilizado|"
    "Avaliar/10,0|Resposta",
    "it": "Cognome|Nome|Indirizzo email|Stato|Iniziato|Terminato|Tempo impiegato|"
    "Valutazione/10,00|Risposta",
}
POINTS = {
    "ru": "ID|Время начала|Время выполнения|Электронная почта|Имя|Баллы|Отзыв|Всего баллов",
    "pl": "Id|Godzina rozpoczęcia|Godzina ukończenia|Adres e-mail|Imię i nazwisko|Punkty|Opinia|"
    "Łączna liczba punktów",
    "tr": "Kimlik No|Başlangıç saati|Tamamlama saati|E-posta|Ad|Puan|Geri bildirim|Toplam puan",
    "nl": "ID|Begintijd|Tijd van voltooien|E-mail|Naam|Punten|Feedback|Totaal aantal punten",
    "pt": "ID|Hora de início|Hora de conclusão|Email|Nome|Pontos|Comentários|Total de pontos",
    "it": "ID|Ora di inizio|Ora di completamento|Posta elettronica|Nome|Punti|Commenti|"
    "Punti totali",
}


def half(texts: list[str], first: bool) -> list[str]:
    return [text if (k < 8) == first else "" for k, text in enumerate(texts)]


CLOZE = [
    "; ".join(f"part {k}: {text}" for k, text in enumerate(texts, 1))
    for texts in (TEXTS[:8], TEXTS[8:])
]
COUNTED = [
    n if n[0] in "zr" else f"{n}_{k + 1}" for n in NAMES for k in range(3) if n[0] in "hs" or not k
]
BY_STEP = [
    [str(step), *(t for (s, _), texts in KEY.items() if s == step for t in texts)]
    for step in (1, 2)
]
MOODLE = [
    "Surname",
    "First name",
    "Email address",
    "State",
    "Started on",
    "Completed",
    "Time taken",
    "Grade/10.00",
]
TRIED = [
    "Lovelace",
    "Ada",
    "ada@x.edu",
    "Finished",
    "26 November 2026 1:00 PM",
    "26 November 2026 1:10 PM",
    "10 mins 2 secs",
    "7.50",
]
FORMS = {  # the columns of a form in the languages of the programs, and what stands in them
    "en": ["Timestamp", "Email Address", "Your name", "Username"],
    "de": ["Zeitstempel", "E-Mail-Adresse", "Vollständiger Name", "Benutzername"],
    "fr": ["Horodateur", "Adresse e-mail", "Votre nom", "Nom d'utilisateur"],
    "es": ["Marca temporal", "Dirección de correo electrónico", "Tu nombre", "Nombre de usuario"],
    "it": ["Informazioni cronologiche", "Indirizzo email", "Nome e cognome", "Nome utente"],
    "pt": ["Carimbo de data/hora", "Endereço de e-mail", "Nome completo", "Nome de usuário"],
    "zh": ["时间戳记", "电子邮件地址", "您的姓名", "用户名"],
    "ru": ["Отметка времени", "Адрес электронной почты", "Ваше ФИО", "Имя пользователя"],
    "pl": ["Sygnatura czasowa", "Adres e-mail", "Imię i nazwisko", "Nazwa użytkownika"],
    "tr": ["Zaman damgası", "E-posta Adresi", "Adı Soyadı", "Kullanıcı adı"],
    "nl": ["Tijdstempel", "E-mailadres", "Voor- en achternaam", "Gebruikersnaam"],
}
ADA = ["11/26/2026 13:00:00", "ada@x.edu", "Ada L", "al1"]
BOB = ["11/26/2026 13:01:00", "bob@x.edu", "Bob M", "bm2"]

TABLES = {
    "canvas.csv": quoted(
        [
            "name",
            "id",
            "sis_id",
            "section",
            "section_id",
            "section_sis_id",
            "submitted",
            "attempt",
            *with_marks([f"123456: {name}" for name in ENTRIES], "1.0"),
            "n correct",
            "n incorrect",
            "score",
        ],
        [
            "Ada Lovelace",
            "77",
            "s77",
            "Sec 1",
            "9",
            "sec9",
            "2026-11-26 13:00:00 UTC",
            "1",
            *with_marks(TEXTS, "1.0"),
            "16",
            "0",
            "16.0",
        ],
    ),
    "canvas_asked.csv": quoted(
        [
            "name",
            "id",
            *with_marks([f"9: <p>What is ${n}$? (4 decimals)</p>" for n in NAMES], "3.0"),
        ],
        ["Ada Lovelace", "77", *with_marks(VECTORS, "3.0")],
    ),
    "pairs.csv": "".join(
        f"{n},{v.replace(' ', '')}\n" for n, v in zip(NAMES, VECTORS, strict=True)
    ),
    "one_line.csv": ",".join(part for pair in zip(ENTRIES, TEXTS, strict=True) for part in pair),
    "wide.tsv": "\t".join(ENTRIES) + "\n" + "\t".join(TEXTS) + "\n",
    "entries.csv": ",".join(COUNTED) + "\n" + ",".join(TEXTS) + "\n",
    "steps.csv": quoted(["t", "z", "r", "h1", "h2", "h3", "s1", "s2", "s3"], *BY_STEP),
    "steps0.csv": quoted(["Step", "z", "r", "h[0]", "h[1]", "h[2]", "s_0", "s_1", "s_2"], *BY_STEP),
    "no_steps.csv": quoted(["z", "r", "h", "s"], *(VECTORS[k : k + 4] for k in (0, 4))),
    "crossed.csv": quoted(
        ["Quantity", "Step 1", "Step 2"],
        *([n, f"[{VECTORS[k]}]", f"[{VECTORS[k + 4]}]"] for k, n in enumerate("zrhs")),
    ),
    "crossed.tsv": quoted(
        ["", "1", "2"], *([n, VECTORS[k], VECTORS[k + 4]] for k, n in enumerate("zrhs")), sign="\t"
    ),
    "semicolon.csv": ";".join(["Name", *ENTRIES])
    + "\nAda;"
    + ";".join(TEXTS).replace(".", ",")
    + "\n",
    "moodle.csv": quoted([*MOODLE, *(f"Response {k}" for k in range(1, 17))], [*TRIED, *TEXTS]),
    "moodle_vectors.csv": quoted(
        [*MOODLE, *(f"Antwort {k}" for k in range(1, 9))], [*TRIED, *VECTORS]
    ),
    "moodle_cloze.csv": quoted([*MOODLE, "Response 1", "Response 2"], [*TRIED, *CLOZE]),
    "moodle_asked.csv": quoted(
        [
            *MOODLE,
            *(
                f"{what} {k}"
                for k in range(8, 0, -1)
                for what in ("Question", "Response", "Right answer")
            ),
        ],
        [
            *TRIED,
            *(t for n, v in zip(NAMES, VECTORS, strict=True) for t in (f"Compute {n}.", v, "0.1")),
        ],
    ),
    "forms.csv": quoted(
        [
            "ID",
            "Start time",
            "Completion time",
            "Email",
            "Name",
            *(p for n in NAMES for p in (n, f"Points - {n}", f"Feedback - {n}")),
            "Total points",
        ],
        [
            "1",
            "11/26/26 13:00:00",
            "11/26/26 13:10:00",
            "ada@x.edu",
            "Ada",
            *(p for v in VECTORS for p in (v, "1", "")),
            "8",
        ],
    ),
    "pasted.csv": quoted(
        ["Timestamp", "Email Address", "Paste what your program printed"],
        [*ADA[:2], "\n".join(f"{n} = [{v}]" for n, v in zip(NAMES, VECTORS, strict=True))],
    ),
    **{
        f"form_{language}.csv": quoted([*heads, *NAMES], [*ADA, *VECTORS])
        for language, heads in FORMS.items()
    },
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_read_whole(name: str, tmp_path: Path) -> None:
    (found,) = people(tmp_path, name, TABLES[name])
    assert found.complaints == ()
    assert values(found) == EVERY


@pytest.mark.parametrize("language", ATTEMPTS)
def test_attempts_and_forms_are_read_in_other_languages(language: str, tmp_path: Path) -> None:
    *heads, answer = ATTEMPTS[language].split("|")
    moodle = quoted([*heads, *(f"{answer} {k}" for k in range(1, 17))], [*TRIED, *TEXTS])
    *said, points, feedback, total = POINTS[language].split("|")
    asked = [part for n in NAMES for part in (n, f"{points} - {n}", f"{feedback} - {n}")]
    told = [part for v in VECTORS for part in (v, "1", "")]
    forms = quoted(
        [*said, *asked, total], ["1", "11/26/26", "11/26/26", "ada@x", "Ada", *told, "8"]
    )
    for text, name in ((moodle, "Ada Lovelace"), (forms, "Ada")):
        (found,) = people(tmp_path, "class.csv", text)
        assert found.complaints == ()
        assert values(found) == EVERY
        assert found.person == name


@pytest.mark.parametrize("language", FORMS)
def test_two_people_of_a_form_stay_two(language: str, tmp_path: Path) -> None:
    """Whichever columns say who they are, each has half of the numbers, and nobody has all."""
    for columns in ([1], [2], [3], [2, 3], [1, 2, 3]):
        heads = [FORMS[language][k] for k in (0, *columns)]
        text = quoted(
            [*heads, *ENTRIES],
            *([who[k] for k in (0, *columns)] + half(TEXTS, who is ADA) for who in (ADA, BOB)),
        )
        first, second = people(tmp_path, "form.csv", text)
        assert (len(first.given), len(second.given)) == (8, 8)
        shown = min(columns, key=[2, 1, 3].index)
        assert (first.person, second.person) == (ADA[shown], BOB[shown])
        assert first.complaints == second.complaints == ()


ALIKE = [
    (["Name", "Email"], [["Ada", "a@x"], ["Ada", "b@x"]], ["Ada", "Ada (b@x)"]),
    (["Name"], [["Ada"], ["Ada"]], ["Ada", "Ada (2)"]),
    (["Vorname", "Nachname"], [["Ada", "L"], ["Ada", "M"]], ["Ada L", "Ada M"]),
    (["Prénom", "Nom"], [["Ada", "L"], ["Ada", "M"]], ["Ada L", "Ada M"]),
    (["Kandidat"], [["Ada"], ["Bob"]], ["Ada", "Bob"]),
    (["Comments", "Section"], [["", "1"], ["", "1"]], ["row 2", "row 3"]),
    (["Name", "Email"], [["", "a@x"], ["Bob", ""]], ["a@x", "Bob"]),
]


@pytest.mark.parametrize(("heads", "rows", "names"), ALIKE)
def test_no_two_people_are_one(
    heads: list[str], rows: list[list[str]], names: list[str], tmp_path: Path
) -> None:
    text = quoted([*heads, "z_1", "r_1"], *([*row, "0.5381", "0.5294"] for row in rows))
    found = people(tmp_path, "class.csv", text)
    assert [answers.person for answers in found] == names
    assert all(len(answers.given) == 2 and not answers.complaints for answers in found)


COMPLAINED = [
    ("odd.csv", quoted(["Name", "z_1", "q_9"], ["Ada", "0.5", "0.25"]), "'q_9'", 2),
    (
        "few.csv",
        quoted([*MOODLE, "Response 1", "Response 2"], [*TRIED, "0.1", "0.2"]),
        "2 responses",
        2,
    ),
    ("which.csv", quoted(["Name", "z", "r"], ["Ada", "0.5", "0.2"]), "at which step", 2),
    ("row.csv", "z_1,0.5\n,0.25\n", "not said which quantity", 2),
]


@pytest.mark.parametrize(("name", "text", "says", "line"), COMPLAINED)
def test_no_answer_is_passed_over(
    name: str, text: str, says: str, line: int, tmp_path: Path
) -> None:
    told = [c for found in people(tmp_path, name, text) for c in found.complaints]
    assert any(says in c.what and c.place and c.place.line == line for c in told), told


def said(form: str, name: str = "{n}{s}", sign: str = ", ") -> str:
    """Every quantity in the form in which a program shows a vector."""
    return "".join(
        form.format(name=name.format(n=n, s=s), v=sign.join(texts), k=len(texts))
        for (s, n), texts in KEY.items()
    )


CALLED = {
    "z": "Update Gate (z_t)",
    "r": "Reset gate r",
    "h": "Candidate State (h_t)",
    "s": "Hidden state",
}
TEXTS_OF = {
    "matlab.txt": said("{name} =\n\n    {v}\n\n", sign="    "),
    "matlab_typed.txt": said(">> {name}\n\n{name} =\n\n    {v}\n\n", sign="    "),
    "matlab_live.txt": said("{name} = 1×{k}\n    {v}\n\n", sign="    "),
    "matlab_disp.txt": said(">> disp({name})\n    {v}\n\n", sign="    "),
    "octave.txt": said("octave:3> {name}\n{name} =\n\n   {v}\n\n", sign="   "),
    "r.txt": said("> {name}\n[1] {v}\n", sign=" "),
    "r_print.txt": said("> print({name})\n[1] {v}\n", sign=" "),
    "r_matrix.txt": said("> {name}\n       [,1]   [,2]\n[1,] {v}\n", sign=" "),
    "r_long.txt": said("> {name}\n[1] {v}\n", sign="\n[2] "),
    "julia.txt": said("julia> {name}\n1×{k} Matrix{{Float64}}:\n {v}\n\n", sign="  "),
    "julia_vector.txt": said("julia> {name}\n{k}-element Vector{{Float64}}:\n {v}\n", sign="\n "),
    "julia_float32.txt": said("julia> @show {name}\n{name} = Float32[{v}]\n"),
    "mathematica.txt": said("{name} = {{{{{v}}}}}\n"),
    "mathematica_out.txt": said("In[3]:= {name}\n\nOut[3]= {{{v}}}\n\n"),
    "mathematica_rules.txt": said("{name} -> {{{v}}}\n"),
    "wolframalpha.txt": said("{name} = ({v})\n", sign=" | "),
    "numpy.txt": said(">>> {name}\narray([[{v}]])\n"),
    "numpy_print.txt": said(">>> print({name})\n[{v}]\n", sign=" "),
    "ipython.txt": said("In [4]: {name}\nOut[4]: array([{v}], dtype=float32)\n\n"),
    "torch.txt": said("{name} = tensor([[{v}]], grad_fn=<TanhBackward0>)\n"),
    "torch_cuda.txt": said(">>> {name}\ntensor([{v}], device='cuda:0', grad_fn=<MulBackward0>)\n"),
    "jax.txt": said("{name}: Array([{v}], dtype=float32)\n"),
    "below.txt": said("{name}:\n{v}\n\n"),
    "down.txt": said("{name}\t{v}\n", name="{n}_{s}", sign="\t"),
    "wide.txt": "\t".join(ENTRIES) + "\n" + "\t".join(TEXTS) + "\n",
    "columns.txt": "t   z   r   h1   h2   h3   s1   s2   s3\n"
    + "".join("  ".join(row) + "\n" for row in BY_STEP),
    "matrices.tex": said(
        "\\[ {name} = \\begin{{bmatrix}} {v} \\end{{bmatrix}} \\]\n", "{n}_{{{s}}}", " & "
    )
    + "\\end{document} z_1 = 0.9",
    "aligned.tex": "\\documentclass{article}\n\\newcommand{\\z}{z_1 = 0.3}\n\\begin{document}\n"
    + "\\begin{align*}\n"
    + said(
        "\\mathbf{{{name}}} &= \\sigma(x) \\\\\n &= \\left({v}\\right) \\\\ % 0.7\n", "{n}}}_{{{s}"
    )
    + "\\end{align*}\n\\end{document}\n",
    "tabular.tex": "\\begin{tabular}{l|cc}\nquantity & $t=1$ & $t=2$ \\\\ \\hline\n"
    + "".join(f"${n}$ & [{VECTORS[k]}] & [{VECTORS[k + 4]}] \\\\\n" for k, n in enumerate("zrhs"))
    + "\\end{tabular}\n",
    "sections.tex": "".join(
        f"\\section*{{Step {s}}}\n"
        + "".join(f"${n} = ({', '.join(KEY[s, n])})$\n\n" for n in "zrhs")
        for s in (1, 2)
    ),
    "displays.md": said(
        "$${name} = \\begin{{bmatrix}} {v} \\end{{bmatrix}}$$\n\n", "{n}_{s}", " & "
    ),
    "aligned.md": "$$\n\\begin{aligned}\n"
    + said("{name} &= \\begin{{pmatrix}} {v} \\end{{pmatrix}} \\\\\n", "{n}_{s}", " & ")
    + "\\end{aligned}\n$$\n",
    "inline.md": said("- ${name} = [{v}]$\n", "{n}_{s}"),
    "console.md": "My output:\n\n```\n" + said(">>> {name}\narray([[{v}]])\n") + "```\n",
    "words.txt": "".join(
        f"Step {step}\n" + "".join(f"{CALLED[n]}: [{', '.join(KEY[step, n])}]\n" for n in "zrhs")
        for step in (1, 2)
    ),
}


@pytest.mark.parametrize("name", TEXTS_OF)
def test_what_a_program_shows_is_read_whole(name: str, tmp_path: Path) -> None:
    (found,) = people(tmp_path, name, TEXTS_OF[name])
    assert found.complaints == ()
    assert values(found) == EVERY


FORMATS = {  # how a program shows a vector under its name
    "MATLAB": lambda v: "h1 =\n\n" + "".join(f"{x:10.4f}" for x in v) + "\n",
    "Octave": lambda v: "h1 =\n\n" + "".join(f"{x:12.4e}" for x in v) + "\n",
    "R": lambda v: "> h1\n[1] " + " ".join(f"{x: .7f}" for x in v) + "\n",
    "Julia": lambda v: (
        f"julia> h1\n{len(v)}-element Vector{{Float64}}:\n" + "".join(f" {x!r}\n" for x in v)
    ),
    "Mathematica": lambda v: "h1 = {" + ", ".join(f"{x!r}".replace("e", "*^") for x in v) + "}\n",
    "WolframAlpha": lambda v: "h_1 ≈ (" + " | ".join(f"{x:.6f}" for x in v) + ")\n",
    "NumPy": lambda v: f"h1 = {np.array([v])}\n",
    "repr": lambda v: f">>> h1\n{np.array([v])!r}\n",
    "list": lambda v: f"h1: {v}\n",
    "LaTeX": lambda v: "$h_1 = (" + ", ".join(f"{x:.4f}" for x in v) + ")$\n",
}
REALS = st.floats(-100, 100, allow_nan=False, width=32).map(lambda x: round(x, 6))


@pytest.mark.parametrize("program", FORMATS)
@inputs(vector=st.lists(REALS, min_size=3, max_size=3))
def test_numbers_that_a_program_shows_come_back_as_they_were(
    program: str, vector: list[float]
) -> None:
    """What is read differs from what was shown by no more than the digits that were left out."""
    text = FORMATS[program](vector)
    made = defaultdict(lambda: Collector(Labels(PROBLEM)))
    (add_tex if program == "LaTeX" else add_text)(text, "a", made)
    assert made[""].complaints == []
    found = [made[""].given[1, "h", (k,)] for k in range(3)]
    for number, value in zip(found, vector, strict=True):
        assert abs(float(number.value) - value) <= max(5.01e-5, 5.01e-5 * abs(value)), text


ASKED = [
    ("What is z_1?", Label(1, "z")),
    ("Q3. Enter h_1[0] (four decimals)", Label(1, "h", (0,))),
    ("123456: s_2", Label(2, "s")),
    ("4) Compute the update gate at t = 2", Label(2, "z")),
    ("Reset Gate (r_t) for t = 1", Label(1, "r")),
    ("For time step 2, what is the candidate $h$?", Label(2, "h")),
    ("Explain in a sentence", None),
    ("Is z_1 or r_1 larger?", None),
    ("z" * 5000, None),
]


@pytest.mark.parametrize(("text", "label"), ASKED, ids=lambda value: str(value)[:30])
def test_what_a_question_asks_for(text: str, label: Label | None) -> None:
    assert Labels(PROBLEM).find(text) == label


def test_a_gate_is_no_word_of_a_question() -> None:
    problem = loads('equations = "i[t] = sigmoid(x[t])\\na[t] = i[t]"\n[inputs]\nx = [1, 2]\n')
    labels = Labels(problem)
    assert labels.find("Should I give a value at step 1?") is None
    assert labels.find("the value of i_1") == Label(1, "i")


def zipped(parts: dict[str, str]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return made.getvalue()


def xlsx(*sheets: tuple[str, list[list[str]]], inside: str = "") -> bytes:
    """A workbook as Excel stores it: numbers with 17 digits, texts in a table of their own."""
    texts: list[str] = []

    def cell(row: int, column: int, text: str) -> str:
        at = f"{chr(65 + column)}{row}"
        with contextlib.suppress(ValueError):
            return f'<c r="{at}" s="1"><v>{float(text):.17g}</v></c>'
        texts.append(text)
        return f'<c r="{at}" t="s"><v>{len(texts) - 1}</v></c>'

    parts = {}
    for k, (_, rows) in enumerate(sheets, 1):
        lines = "".join(
            f'<row r="{i}">' + "".join(cell(i, j, c) for j, c in enumerate(row) if c) + "</row>"
            for i, row in enumerate(rows, 1)
        )
        space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        parts[f"xl/worksheets/sheet{k}.xml"] = (
            f'<worksheet xmlns="{space}"><sheetData>{lines}{inside}</sheetData></worksheet>'
        )
    names = "".join(
        f'<sheet name="{name}" sheetId="{k}" r:id="rId{k}"/>'
        for k, (name, _) in enumerate(sheets, 1)
    )
    room = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    parts["xl/workbook.xml"] = f'<workbook xmlns:r="{room}"><sheets>{names}</sheets></workbook>'
    parts["xl/_rels/workbook.xml.rels"] = (
        "<Relationships>"
        + "".join(
            f'<Relationship Id="rId{k}" Target="worksheets/sheet{k}.xml"/>'
            for k in range(1, len(sheets) + 1)
        )
        + "</Relationships>"
    )
    strings = "".join(f"<si><t>{escape(text)}</t></si>" for text in texts)
    parts["xl/sharedStrings.xml"] = f"<sst>{strings}</sst>"
    return zipped(parts)


def ods(rows: list[list[str]]) -> bytes:
    """A sheet as LibreOffice stores it, with blanks up to its far end."""

    def cell(text: str) -> str:
        with contextlib.suppress(ValueError):
            stored = f'o:value-type="float" o:value="{float(text)}"'
            return f"<t:table-cell {stored}><x:p>0.1</x:p></t:table-cell>"
        return f"<t:table-cell><x:p>{escape(text)}</x:p></t:table-cell>"

    far = '<t:table-cell t:number-columns-repeated="16000"/>'
    lines = "".join(f"<t:table-row>{''.join(map(cell, row))}{far}</t:table-row>" for row in rows)
    last = f'<t:table-row t:number-rows-repeated="1048000">{far}</t:table-row>'
    return zipped(
        {
            "content.xml": f'<c xmlns:t="urn:t" xmlns:o="urn:o" xmlns:x="urn:x">'
            f'<t:table t:name="Sheet1">{lines}{last}</t:table></c>'
        }
    )


def docx(rows: list[list[str]], *lines: str) -> bytes:
    cells = "".join(
        "<w:tr>"
        + "".join(f"<w:tc><w:p><w:r><w:t>{c}</w:t></w:r></w:p></w:tc>" for c in row)
        + "</w:tr>"
        for row in rows
    )
    text = "".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in lines)
    table = f"<w:tbl>{cells}</w:tbl>" if rows else ""
    return zipped(
        {"word/document.xml": f'<w:d xmlns:w="urn:w"><w:body>{text}{table}</w:body></w:d>'}
    )


STEPS_TABLE = [["t", "z", "r", "h1", "h2", "h3", "s1", "s2", "s3"], *BY_STEP]
CROSSED = [["Quantity", "Step 1", "Step 2"]] + [
    [n, f"[{VECTORS[k]}]", f"[{VECTORS[k + 4]}]"] for k, n in enumerate("zrhs")
]
OFFICE = {
    "wide.xlsx": xlsx(("Sheet1", [ENTRIES, TEXTS])),
    "steps.xlsx": xlsx(("Sheet1", STEPS_TABLE), ("Sheet2", [])),
    "rows.xlsx": xlsx(("Ada", [[n, *v.split(", ")] for n, v in zip(NAMES, VECTORS, strict=True)])),
    "steps.ods": ods(STEPS_TABLE),
    "wide.ods": ods([ENTRIES, TEXTS]),
    "crossed.docx": docx(CROSSED, "Name: Ada", "My answers"),
    "lines.docx": docx([], *(f"{n} = [{v}]" for n, v in zip(NAMES, VECTORS, strict=True))),
}


@pytest.mark.parametrize("name", OFFICE)
def test_office_files_are_read_whole(name: str, tmp_path: Path) -> None:
    (found,) = people(tmp_path, name, OFFICE[name])
    assert found.complaints == ()
    assert values(found) == EVERY
    assert all(number.places is None or number.places <= 4 for number in found.given.values())


def test_a_sheet_a_person(tmp_path: Path) -> None:
    both = [("Ada", STEPS_TABLE[:2]), ("Bob", [STEPS_TABLE[0], STEPS_TABLE[2]])]
    ada, bob = people(tmp_path, "class.xlsx", xlsx(*both))
    assert (ada.person, bob.person) == ("Ada", "Bob")
    assert (len(ada.given), len(bob.given)) == (8, 8)


HOSTILE = {
    "bomb.xlsx": xlsx(("S", [["z_1"]]), inside=" " * (2**26 + 1)),
    "far.xlsx": xlsx(
        ("S", [["z_1"]]),
        inside="".join(f'<row r="{k}"><c r="XFD{k}"><v>1</v></c></row>' for k in range(2, 200)),
    ),
    "entities.docx": zipped(
        {"word/document.xml": '<!DOCTYPE d [<!ENTITY a "aaaa">]><d><body>&a;</body></d>'}
    ),
    "wide.ods": zipped(
        {
            "content.xml": '<c xmlns:t="u"><t:table><t:table-row><t:table-cell '
            't:number-columns-repeated="99999999"><t:p>1</t:p></t:table-cell>'
            "</t:table-row></t:table></c>"
        }
    ),
    "text.xlsx": b"z_1 = 0.5",
    "empty.docx": zipped({}),
    "broken.ods": zipped({"content.xml": "<a><b></a>"}),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_one_complaint(name: str, tmp_path: Path) -> None:
    (found,) = people(tmp_path, name, HOSTILE[name])
    assert found.given == {}
    assert found.complaints


def workbook(cells: str) -> bytes:
    """A workbook of one sheet, as a program writes it that computes nothing."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
        relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook {space} xmlns:r="{relation}"><sheets>'
            '<sheet name="A" sheetId="1" r:id="r1"/></sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            '<Relationships><Relationship Id="r1" Target="worksheets/sheet1.xml"/></Relationships>',
        )
        sheet = f"<worksheet {space}><sheetData>{cells}</sheetData></worksheet>"
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
    return file.getvalue()


def test_a_formula_without_a_stored_value_is_told(tmp_path: Path) -> None:
    cells = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>z_1</t></is></c>'
        '<c r="B1"><f>EXP(0)</f><v/></c></row>'
        '<row r="2"><c r="A2" t="inlineStr"><is><t>r_1</t></is></c><c r="B2"><f>1/4</f><v>0.25</v>'
        "</c></row>"
    )
    (one,) = people(tmp_path, "a.xlsx", workbook(cells))
    assert [number.text for number in one.given.values()] == ["0.25"]
    assert "'=EXP(0)' is no number" in one.complaints[0].what


def test_results_without_a_name_are_told_what_to_do(tmp_path: Path) -> None:
    (one,) = people(tmp_path, "a.txt", ">> 1/2\n\nans =\n\n    0.5000\n\n")
    assert "write z_1 = … before it" in one.complaints[0].what


def test_nbgraders_tree_has_a_folder_a_person_below_submitted(tmp_path: Path) -> None:
    for who in ("mia", "noah"):
        own = tmp_path / "course" / "submitted" / who / "ps1"
        own.mkdir(parents=True)
        (own / "hw.txt").write_text("z_1 = 0.5381")
    for folder in (tmp_path / "course", tmp_path / "course" / "submitted"):
        assert [one.person for one in read(PROBLEM, [folder])] == ["mia", "noah"]


TABLES_OF_PEOPLE = [
    (
        "Indirizzo email,Cognome,Nome,z_1",
        "a@x,Rossi,Anna,1\nb@x,Bianchi,Anna,1",
        "Anna Rossi|Anna Bianchi",
    ),
    (
        "Nom d'utilisateur,Prénom,Nom,z_1",
        "x@u,Zoé,Petit,1\ny@u,Zoé,Petit,1",
        "Zoé Petit|Zoé Petit (y@u)",
    ),
    ("Name,First name,Last name,z_1", "Ann Lee,Ann,Lee,1\nBo Li,Bo,Li,1", "Ann Lee|Bo Li"),
    ("时间戳记,姓名,学号,z_1", "1,李明,1001,1\n2,李明,1002,1", "李明|李明 (1002)"),
    ("Vorname,Nachname,z_1", "Jo,Ott,1\nJo,Abt,1", "Jo Ott|Jo Abt"),
]


@pytest.mark.parametrize(("head", "rows", "names"), TABLES_OF_PEOPLE)
def test_forms_in_other_languages_keep_people_apart(
    tmp_path: Path, head: str, rows: str, names: str
) -> None:
    found = people(tmp_path, "form.csv", f"{head}\n{rows}\n")
    assert [one.person for one in found] == names.split("|")
