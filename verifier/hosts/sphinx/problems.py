"""Problems that documents name: found, solved once, and noted as what the document depends on."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from sphinx.environment import BuildEnvironment

from verifier.cli.options import changed
from verifier.errors import ProblemError, nearest, shown
from verifier.problem import Problem, load
from verifier.solution import Solution, solve

Changes = tuple[tuple[str, Any], ...]


def solution_of(env: BuildEnvironment, name: str, changes: Changes = ()) -> Solution:
    """The solution of a problem by its name in `verifier_problems`, or by its file.

    A file is beside the document, or below the source folder when it begins with a slash. The
    document being read depends on the file and on its weights from here on.
    Errors: VerifierError, after which the document is read again at the next build.
    """
    path = _path(env, name)
    env.note_dependency(str(path))
    problem = load(path)
    for file in problem.files:
        env.note_dependency(str(file))
    return _solved(path, problem.sha256, changes)


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
