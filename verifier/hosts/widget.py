"""The page's grids in a notebook: numbers typed or pasted, and their digits below."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from verifier.api import Solution, solve
from verifier.errors import VerifierError
from verifier.serve.actions import answer
from verifier.serve.asked import problem_of
from verifier.serve.page import STATIC

STYLE = """
.verifier-grids .grids { display: flex; flex-wrap: wrap; gap: 0 1.5rem; align-items: start; }
.verifier-grids fieldset { border: 0; border-left: 3px solid; margin: 0.6rem 0; min-width: 0; }
.verifier-grids legend { font-family: monospace; font-weight: bold; padding: 0; }
.verifier-grids fieldset td { padding: 0.1rem; }
.verifier-grids input { width: 5.2rem; font: inherit; }
.verifier-grids [aria-invalid=true] { outline: 2px solid #b00020; }
.verifier-grids .results.stale { opacity: 0.6; }
"""


def _module() -> str:
    """The script as one module: a notebook loads no others."""
    grid = re.sub(r"^export ", "", (STATIC / "grid.js").read_text("utf-8"), flags=re.M)
    return grid + (STATIC / "widget.js").read_text("utf-8")


class Grids(anywidget.AnyWidget):
    """A problem's grids of numbers and its digits, which follow what is typed.

    `problem` has the keys of a problem file; `solution` is that of the numbers that stand there.
    """

    _esm = _module()
    _css = STYLE
    problem = traitlets.Dict().tag(sync=True)
    answer = traitlets.Dict().tag(sync=True)

    def __init__(self, path: str | Path | None = None, **problem: Any) -> None:
        """Of a problem file, or of the data of one: `Grids(cell="gru", parameters=…, inputs=…)`.

        Errors: VerifierError for a file that cannot be read.
        """
        if path is not None:
            text = Path(path).read_text("utf-8")
            opened = _asked(action="open", text=text, name=Path(path).name)
            problem = {**opened["problem"], **problem}
        super().__init__(problem=problem)
        self.on_msg(self._pasted)

    @traitlets.observe("problem")
    def _changed(self, change: Any) -> None:
        found = json.loads(answer(json.dumps({"action": "solve", "problem": self.problem})))
        self.answer = {key: found[key] for key in ("equations", "results", "error") if key in found}

    def _pasted(self, _: Any, content: Any, buffers: Any) -> None:
        asked = {"action": "paste", "text": str(content.get("text", ""))}
        self.send({"id": content.get("id"), **json.loads(answer(json.dumps(asked)))})

    @property
    def solution(self) -> Solution:
        """The worked solution of the numbers in the grids.

        Errors: VerifierError where an entry is no number.
        """
        return solve(problem_of(self.problem))


def _asked(**request: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(answer(json.dumps(request)))
    if "error" in found:
        raise VerifierError(found["error"]["what"], accepted=found["error"]["accepted"])
    return found
