"""Files and folders of answers: whose they are, and what is read of each."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from verifier import effort
from verifier.check.answers.bank import owner
from verifier.check.answers.collect import Collector
from verifier.check.answers.labels import Labels, labels_of
from verifier.check.answers.markdown import add_markdown
from verifier.check.answers.notebook import add_notebook
from verifier.check.answers.office import KINDS
from verifier.check.answers.people import BESIDE, person_of, submission, submitters, together
from verifier.check.answers.results import add_results
from verifier.check.answers.rows import add_csv
from verifier.check.answers.sheets import add_office
from verifier.check.answers.structured import add_json, add_toml
from verifier.check.answers.tex import add_tex
from verifier.check.answers.texts import add_text
from verifier.check.answers.web import add_web
from verifier.check.model import Answers, Complaint
from verifier.errors import Place, ProblemError, VerifierError
from verifier.problem import Problem

MAX_BYTES = {".ipynb": 256 * 2**20, ".json": 64 * 2**20} | dict.fromkeys(
    (".md", ".txt", ".html", ".htm"), 2**20
)
MAX_OTHERS = 8 * 2**20
SUBMITTED = "submitted"
NO_ANSWERS, NOTHING = "no answers are in this folder", "no answers are in this file"

Add = Callable[[str, str, Collector], None]


READERS: dict[str, Add] = {
    ".toml": add_toml,
    ".md": add_markdown,
    ".ipynb": add_notebook,
}
AddTables = Callable[[str, str, Mapping[str, Collector]], None]
TABLES: dict[str, AddTables] = {
    ".csv": add_csv,
    ".tsv": add_csv,
    ".txt": add_text,
    ".tex": add_tex,
    ".json": add_json,
    ".xml": add_results,
    ".html": add_web,
    ".htm": add_web,
}
"""Readers of what may hold several people."""

SUFFIXES = (*READERS, *TABLES, *KINDS)


@dataclass(frozen=True)
class Work:
    """A person's file; `more` are others of theirs, `beside` those of kinds that are not read."""

    person: str
    path: Path
    beside: tuple[Path, ...] = ()
    more: tuple[Path, ...] = ()


def works(paths: Iterable[Path]) -> list[Work]:
    """The files behind the given files and folders, each with the person whose it is.

    Of several paths, one that cannot be used is somebody's work that cannot be read.
    Errors: ProblemError for one path that is not there, or a folder without answers.
    """
    given = list(paths)
    found = [work for path in given for work in _behind(path, alone=len(given) == 1)]
    if len(found) > effort.ANSWER_FILES:
        raise ProblemError(
            f"{len(found)} files of answers", accepted=f"at most {effort.ANSWER_FILES}"
        )
    return _told_apart(found)


def _behind(path: Path, alone: bool) -> list[Work]:
    """A file, or the files of a folder."""
    is_folder = os.path.isdir(path)
    found = list(_inside(path)) if is_folder else [Work(person_of(path.stem), path)]
    if alone and (not found or not os.path.exists(path)):
        what = NO_ANSWERS if is_folder else "there is no such file"
        raise ProblemError(f"{path}: {what}", accepted=", ".join(SUFFIXES))
    return found or [Work(person_of(path.name), path)]


def _inside(folder: Path) -> Iterator[Work]:
    """The files of a folder; those in a folder of their own belong to the person it names.

    What is of another kind, is no file, or cannot be opened, is there to be complained of.
    """
    names = submitters(folder)
    found: dict[str, list[Path]] = {}
    for path in sorted(_below(folder)):
        below = path.relative_to(folder).parts or (path.name,)
        hidden = any(part.startswith((".", "__MACOSX")) for part in below)
        if not hidden and path.name.lower() not in BESIDE:
            below = below[_above(below) :]
            own = below[0] if len(below) > 1 else ""
            found.setdefault(submission(own or path.name) or own, []).append(path)
    for own, paths in found.items():
        who = person_of(names.get(own, own))
        yield from [_of_one(who, paths)] if own else (Work(person_of(p.stem), p) for p in paths)


def _above(below: Sequence[str]) -> int:
    """How many folders stand above people's own: nbgrader keeps all in one, `submitted`."""
    return 1 if len(below) > 2 and below[0].lower() == SUBMITTED else 0


def _of_one(person: str, paths: Sequence[Path]) -> Work:
    """The work in a person's own folder."""
    first, *more = [path for path in paths if _is_known(path)] or paths[:1]
    others = tuple(path for path in paths if path not in (first, *more))
    return Work(person, first, others, tuple(more))


def _is_known(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES or not path.is_file()


def _below(folder: Path) -> Iterator[Path]:
    """Every file, links and empty folders too; folders without access."""
    refused: list[Path] = []
    walk = os.walk(folder, onerror=lambda error: refused.append(Path(error.filename)))
    for where, folders, files in walk:
        here = [Path(where, name) for name in files]
        here += [path for name in folders if (path := Path(where, name)).is_symlink()]
        if not folders and not files and Path(where) != folder:
            here = [Path(where)]
        yield from here
    yield from refused


def _told_apart(found: Sequence[Work]) -> list[Work]:
    """The works; files of the same name in folders of their own get the folder's name too."""
    twice = {who for who, times in Counter(work.person for work in found).items() if times > 1}
    return [
        replace(work, person=f"{work.path.parent.name}/{work.person}")
        if work.person in twice and work.person == person_of(work.path.stem)
        else work
        for work in found
    ]


def read(problem: Problem, paths: Iterable[Path | Work]) -> Iterator[Answers]:
    """The answers in files and folders, one person after the other.

    What cannot be read is a complaint of that person's answers, and the others go on.
    """
    labels, given = labels_of(problem), list(paths)
    known = [path for path in given if isinstance(path, Work)]
    for work in [*known, *works(path for path in given if isinstance(path, Path))]:
        yield from read_work(labels, work)


def read_work(labels: Labels, work: Work) -> list[Answers]:
    """The answers in a person's files, taken together; or of each person that a table names."""
    every = [replace(work, path=path) for path in (work.path, *work.more)]
    first, *others = together(one for each in every for one in _answers(labels, each))
    unread = tuple(Complaint(_unknown(path), Place(str(path), 1, 1)) for path in work.beside)
    return [replace(first, complaints=(*first.complaints, *unread)), *others]


def _answers(labels: Labels, work: Work) -> list[Answers]:
    file, kind = str(work.path), work.path.suffix.lower()
    made = _Collectors(labels, kind)
    try:
        raw = _raw(work.path, MAX_BYTES.get(kind, MAX_OTHERS))
        if kind in KINDS:
            add_office(raw, kind, file, made)
        elif kind in TABLES:
            TABLES[kind](_text(raw), file, made)
        else:
            READERS[kind](_text(raw), file, made[""])
    except VerifierError as error:
        accepted = f" (accepted: {error.accepted})" if error.accepted else ""
        complaint = Complaint(error.what + accepted, error.place or Place(file, 1, 1))
        return [Answers(work.person, file, {}, (complaint,))]
    found = {who: into.answers(owner(who) or work.person, file) for who, into in made.items()}
    kept = [a for who, a in found.items() if who or a.given or a.complaints]
    nothing = Complaint(NOTHING, Place(file, 1, 1))
    return kept or [Answers(work.person, file, {}, (nothing,))]


class _Collectors(defaultdict[str, Collector]):
    """A collector for each person, made when the person is first met."""

    def __init__(self, labels: Labels, kind: str) -> None:
        super().__init__()
        self.labels, self.lax = labels, kind == ".ipynb"

    def __missing__(self, person: str) -> Collector:
        made = Collector(self.labels, strict=not self.lax, later_counts=self.lax)
        self[person] = made
        return made


def _of_folder(path: Path) -> str:
    try:
        os.listdir(path)
    except OSError as error:
        return f"{error.strerror or error}"
    return NO_ANSWERS


def _unknown(path: Path) -> str:
    return f"the kind of file {path.suffix or path.name!r} is not known"


def _raw(path: Path, limit: int) -> bytes:
    if os.path.isdir(path):
        raise ProblemError(_of_folder(path), accepted=", ".join(SUFFIXES))
    if path.suffix.lower() not in SUFFIXES:
        raise ProblemError(_unknown(path), accepted=", ".join(SUFFIXES))
    try:
        if path.stat().st_size > limit:
            raise ProblemError(f"larger than {limit} bytes", accepted="a smaller file")
        if not path.is_file():
            raise ProblemError("this is no file")
        return path.read_bytes()
    except OSError as error:
        raise ProblemError(f"{error.strerror or error}") from None
    except ValueError as error:  # a null character in the name
        raise ProblemError(str(error)) from None


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        raise ProblemError("this is not UTF-8", accepted="a UTF-8 text") from None
