"""What the page asks of the program: one call, a text of JSON in and one out.

Nothing here knows of a server, so that whatever can call Python can stand behind the page.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable
from typing import Any

from verifier import effort
from verifier.check.answers.collect import Collector
from verifier.check.answers.labels import Labels
from verifier.check.answers.structured import add_json
from verifier.check.engine import check
from verifier.documents.blocks import Block, Display
from verifier.documents.feedback import told
from verifier.documents.policies import side_by_side
from verifier.documents.posed import bullets, posed
from verifier.documents.worked import results, worked
from verifier.errors import ProblemError, VerifierError
from verifier.problem.read import NUMBERED, cell_of
from verifier.problem.source import Data, parsed
from verifier.problem.starter import Sizes, starter
from verifier.problem.tables import whole
from verifier.report.feedback import feedback
from verifier.report.render import body
from verifier.report.scribe import Scribe
from verifier.serve.asked import blanked, error_data, problem_of, typed
from verifier.serve.filed import json_text, plain, toml_text
from verifier.serve.pasted import matrix
from verifier.solution import Solution, solve

Answer = dict[str, Any]
FILES: dict[str, Callable[[Data], str]] = {"toml": toml_text, "json": json_text}


def answer(text: str) -> str:
    """The answer to a request: what its action gives, or {"error": …} where that cannot be."""
    try:
        request = parsed(text, "request.json", "a request")
        return json.dumps(_done(request), ensure_ascii=False)
    except VerifierError as error:
        return json.dumps({"error": error_data(error, {})}, ensure_ascii=False)


def _done(request: Data) -> Answer:
    action = ACTIONS.get(str(request.get("action")))
    if action is None:
        raise ProblemError("no such action", accepted=", ".join(ACTIONS))
    problem = request.get("problem", {})
    if not isinstance(problem, dict):
        raise ProblemError("problem is no table", accepted="the keys of a problem file")
    try:
        return action(request)
    except VerifierError as error:
        return {"error": error_data(error, problem), **_equations(problem)}


def _scribe(solution: Solution) -> Scribe:
    from verifier.report.means import means_for

    return Scribe(solution.problem, *means_for(solution.problem, "html"))


def _html(scribe: Scribe, blocks: Iterable[Block]) -> str:
    return body(tuple(blocks), scribe.style)


def _shown_equations(scribe: Scribe) -> str:
    lines = tuple(scribe.equations())
    return _html(scribe, [Display(lines, scribe.words.text("cell.heading"))])


def _equations(problem: Data) -> Answer:
    """The equations as they print, where numbers are at fault and not they."""
    try:
        return {"equations": _shown_equations(_scribe(Solution(problem_of(blanked(problem)))))}
    except (VerifierError, TypeError, ValueError):
        return {}


def _solve(request: Data) -> Answer:
    """The digits: results, ways of rounding and blanks, or with `worked` how they come about."""
    solution = solve(problem_of(request["problem"]))
    scribe = _scribe(solution)
    if request.get("worked"):
        return _worked(solution, scribe)
    from verifier.documents.sheet import blanks
    from verifier.report.sheet import sheet
    from verifier.report.view import results_of

    problem, words = solution.problem, scribe.words
    found = list(results_of(solution, scribe, problem.shown))
    return {
        "equations": _shown_equations(scribe),
        "results": _html(scribe, [results(found, words)]),
        "policies": _html(scribe, side_by_side(solution, scribe)),
        "blanks": _html(scribe, [blanks(sheet(problem, scribe.style, words, "table"))]),
        "undecided": len(solution.undecided),
        "sha256": problem.sha256,
    }


def _worked(solution: Solution, scribe: Scribe) -> Answer:
    from verifier.derive.chain import chains
    from verifier.derive.marks import recomputed
    from verifier.report.view import document

    lines = recomputed(solution, chains(solution))
    view = document(solution, lines, scribe.style, scribe.words)
    parts = (*worked(view.steps, view.words), bullets(view.notes))
    return {"worked": _html(scribe, parts), "posed": _html(scribe, posed(view.head))}


def _start(request: Data) -> Answer:
    """The data of a problem to start from, for a cell and sizes."""
    most = effort.SERVED_SIDE
    counts = {name: whole(request, (name,), 1, most) for name in ("steps", "inputs", "hidden")}
    sizes = Sizes(**counts, biases=bool(request.get("biases")))  # type: ignore[arg-type]
    text = starter(str(request.get("cell")), sizes)
    return _described(parsed(text, "problem.toml"))


def _open(request: Data) -> Answer:
    """The data of a problem file's text."""
    return _described(parsed(str(request.get("text", "")), str(request.get("name", ""))))


def _described(data: Data) -> Answer:
    problem = plain(data)
    return {"problem": problem, **_names(problem)}


def _names(problem: Data) -> Answer:
    """The names of each section that the equations use, and those that may be left out."""
    cell = cell_of(problem)
    roles = {name: list(getattr(cell.roles, name)) for name in NUMBERED}
    return {"names": roles, "optional": sorted(cell.optional)}


def _paste(request: Data) -> Answer:
    return {"matrix": matrix(str(request.get("text", "")))}


def _check(request: Data) -> Answer:
    """What a person's numbers are worth, in words and by entry."""
    solution = solve(problem_of(request["problem"]))
    into = Collector(Labels(solution.problem))
    add_json(json.dumps({"rows": plain(request.get("rows", []))}), "answers.json", {"": into})
    checked = check(solution, into.answers("", "answers.json"))
    scribe = _scribe(solution)
    view = feedback(solution.problem, checked, scribe.style, scribe.words)
    blocks = list(told(view))[1:]  # whose it is goes without saying
    return {"feedback": _html(scribe, blocks)}


def _document(request: Data) -> Answer:
    """A document, in base 64."""
    kind, format = str(request.get("kind")), str(request.get("format"))
    data = request["problem"]
    problem = problem_of(data)
    if kind == "problem" and format in FILES:
        content: Any = FILES[format](typed(data))
    elif kind == "solution":
        from verifier.documents.solution import solution_documents

        content = solution_documents(solve(problem), [format])[format]
    else:
        from verifier.documents.sheet import sheet_documents

        content = sheet_documents(problem, [format])[format]
    raw = content if isinstance(content, bytes) else content.encode()
    return {"name": f"{kind}.{format}", "base64": base64.b64encode(raw).decode()}


ACTIONS: dict[str, Callable[[Data], Answer]] = {
    "start": _start,
    "open": _open,
    "names": lambda request: _names(request["problem"]),
    "solve": _solve,
    "paste": _paste,
    "check": _check,
    "document": _document,
}
