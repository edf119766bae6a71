"""Problems that documents name: found, solved once, and noted as what the document depends on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from sphinx.environment import BuildEnvironment

from verifier.check.answers import works
from verifier.cli.options import changed
from verifier.documents.source import Source
from verifier.errors import ProblemError, VerifierError, nearest, shown
from verifier.problem import KeyedError, Problem, load
from verifier.problem.source import parsed, text_of
from verifier.solution import Solution, solve

Changes = tuple[tuple[str, Any], ...]


def solution_of(env: BuildEnvironment, name: str, changes: Changes = ()) -> Solution:
    """The solution of a problem by its name in `verifier_problems`, or by its file.

    A file is beside the document, or below the source folder when it begins with a slash. The
    document being read depends on the file and on its weights from here on.
    Errors: VerifierError, after which the document is read again at the next build.
    """
    path = _path(env, name)
    _check_inside(env, path, name)
    env.note_dependency(str(path))
    problem = _loaded(path, name)
    for file in problem.files:
        _check_inside(env, file, file.name)
        env.note_dependency(str(file))
    return _solved(path, problem.sha256, changes)


def source_of(
    env: BuildEnvironment, solution: Solution, answers: Sequence[str], floats: Sequence[str]
) -> Source:
    """What pieces of a solution are made from; answers are below the source folder like problems.

    Errors: VerifierError for answers that are not there.
    """
    if not answers:
        return _source(solution, tuple(floats))
    paths = [Path(env.relfn2path(name)[1]) for name in answers]
    for path, name in zip(paths, answers, strict=True):
        _check_inside(env, path, name)
    for work in works(paths):
        _check_inside(env, work.path, work.path.name)
        env.note_dependency(str(work.path))
    return Source(solution, tuple(paths), tuple(floats))


@lru_cache(maxsize=16)
def _source(solution: Solution, floats: tuple[str, ...]) -> Source:
    """One source for all pieces, so that an audit is made once."""
    return Source(solution, floats=floats)


class UnreadableError(VerifierError):
    """A problem file that cannot be used; `public` is what a page says of it."""

    def __init__(self, error: VerifierError, public: str) -> None:
        super().__init__(error.what, error.place, error.accepted)
        self.public = public


def _loaded(path: Path, name: str) -> Problem:
    """The problem in a file.

    Errors: UnreadableError, which shows lines of the file only where it is a problem.
    """
    try:
        return load(path)
    except VerifierError as error:
        if error.place is None:
            raise
        place, line = error.place, f"line {error.place.line}"
        known = _is_problem(path)
        error.place = place if known else replace(place, text="")
        if not known and isinstance(error, KeyedError):  # such as an unknown key, quoted
            error.what, error.accepted = "this is no problem", "a cell, or equations"
        raise UnreadableError(error, f"{name} cannot be used: {line}") from None


def _is_problem(path: Path) -> bool:
    try:
        data = parsed(text_of(path), str(path))
    except VerifierError:
        return False
    return "cell" in data or "equations" in data


def _check_inside(env: BuildEnvironment, path: Path, name: str) -> None:
    """Refuse a file outside of the site's sources, wherever links lead."""
    if not path.resolve().is_relative_to(Path(env.srcdir).resolve()):
        raise ProblemError(
            f"{shown(name)} is outside of the source folder",
            accepted="a file below the source folder",
        )


@lru_cache(maxsize=64)
def _solved(path: Path, digest: str, changes: Changes) -> Solution:
    """The solution of what is in the file now; `digest` is part of the key."""
    options = dict.fromkeys(("places", "figures", "mode", "policy", "detail"))
    return solve(_changed(load(path), options | dict(changes)))


def _changed(problem: Problem, options: dict[str, Any]) -> Problem:
    return changed(problem, **options)


def _path(env: BuildEnvironment, name: str) -> Path:
    known = env.config.verifier_problems
    if name in known:
        return Path(env.srcdir, str(known[name])).resolve()
    if name.lower().endswith((".toml", ".json")):
        return Path(env.relfn2path(name)[1]).resolve()
    names = ", ".join(sorted(known)) or "none is in verifier_problems"
    raise ProblemError(
        f"there is no problem {shown(name)}{nearest(name, known)}",
        accepted=f"{names}; or a file beside the document, such as hw10.toml",
    )
