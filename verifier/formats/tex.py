"""LaTeX: its escape, and the PDF through whichever TeX is installed."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path

from verifier.errors import DocumentError, MissingExtraError, shown
from verifier.formats import Format, Frame, Wrap
from verifier.letters import JOINERS, code, named, seen, warn
from verifier.notation.accents import Accent, clusters, dressed
from verifier.notation.latex import LatexPrinter
from verifier.notation.spelling import LETTERS

ENGINES = {
    "latexmk": ("-pdf", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape"),
    "pdflatex": ("-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape"),
    "lualatex": ("-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape"),
    "tectonic": ("--untrusted",),
}
"""The programs in the order in which they are looked for; none may run other programs."""

RUNS = {"latexmk": 1, "tectonic": 1}
SECONDS = 120


def pdf(source: str, language: str) -> bytes:
    """The compiled LaTeX document.

    Errors: MissingExtraError when no TeX is installed, DocumentError when it fails.
    """
    engine = next((name for name in ENGINES if shutil.which(name)), None)
    if engine is None:
        raise MissingExtraError("no TeX is installed", accepted=f"one of {', '.join(ENGINES)}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "document.tex"
        path.write_text(source, encoding="utf-8")
        for _ in range(RUNS.get(engine, 2)):  # tables over several pages need a second run
            _run([engine, *ENGINES[engine], path.name], folder)
        return path.with_suffix(".pdf").read_bytes()


def _run(command: list[str], folder: str) -> None:
    import subprocess

    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, check=False, timeout=SECONDS
        )
    except subprocess.TimeoutExpired:
        raise DocumentError(f"{command[0]} took more than {SECONDS} s") from None
    if done.returncode:
        said = done.stdout.decode(errors="replace").strip().splitlines()[-3:]
        raise DocumentError(f"{command[0]} failed: {' '.join(said)}", accepted="--engine typst")


def escape(text: str) -> str:
    """The text for LaTeX: nothing in it is a command; what it cannot set shows its code."""
    line = re.sub(f"[{JOINERS}]", "", seen(text))
    found = clusters(line, "NFC")
    unset = [letter for letter, _ in found if letter not in _LATEX and not _printable(letter)]
    if unset:
        warn(f"LaTeX cannot set {named(unset)}: {shown(line)} shows [U+…] instead")
    return "".join(_latex_letter(*part) for part in found)


def _latex_letter(letter: str, accents: tuple[Accent, ...]) -> str:
    sign = _LATEX.get(letter) or (letter if _printable(letter) else _code(letter))
    if not accents:
        return sign
    return "\\ensuremath{" + dressed(rf"\text{{{sign}}}", "latex", accents) + "}"


def _printable(char: str) -> bool:
    return (char < "\u0180" and char not in "ĦħĸĿŀŉŦŧſ") or char in LATEX_MORE


LATEX_MORE = "ǍǎǦǧǨǩǪǫȘșȚțẞ‘’“”„‚‹›–—―•…†‡‰€™№←↑→↓"
"""What the T1 encoding and its companion have beyond U+017F."""


def _code(char: str) -> str:
    return rf"\texttt{{{code(char)}}}"


_LATEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "'": r"\textquotesingle{}",
    "`": r"\textasciigrave{}",
    "…": r"\ldots{}",
    "·": r"\textperiodcentered{}",
    "−": r"\ensuremath{-}",
    "×": r"\ensuremath{\times}",
    "∘": r"\ensuremath{\circ}",
    "⊙": r"\ensuremath{\odot}",
    "∂": r"\ensuremath{\partial}",
} | {letter: rf"\ensuremath{{\{name}}}" for letter, name in LETTERS.items() if name != "omicron"}

WRAPS: dict[Wrap, Frame] = {
    "none": Frame(),
    "dollars": Frame("$$\n{body}\n$$", inline="${body}$"),
    "brackets": Frame("\\[\n{body}\n\\]", inline=r"\({body}\)"),
    "equation": Frame(
        "\\begin{equation*}\n{body}\n\\end{equation*}",
        "\\begin{equation} \\label{{label}}\n{body}\n\\end{equation}",
    ),
    "align": Frame(
        "\\begin{align*}\n{body}\n\\end{align*}",
        "\\begin{align}\n{body}\n\\end{align}",
        rows=True,
    ),
}

FORMAT = Format(
    "tex",
    "latex",
    "tex",
    LatexPrinter(),
    84,
    escape,
    r"\({}\)",
    beside="\n",
    wraps=WRAPS,
    without=frozenset({"zh"}),
)
