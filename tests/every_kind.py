"""Every kind of document in a format, of small problems; as a program, for a copy of the house."""

from __future__ import annotations

import json
import sys
from fractions import Fraction
from functools import cache
from pathlib import Path

from verifier.arithmetic.ieee import Ieee
from verifier.audit.findings import Findings
from verifier.audit.whole import whole
from verifier.check.engine import check
from verifier.check.fairness import Fairness, fairness
from verifier.check.model import Answers, Checked, Complaint
from verifier.documents.audit import audit_documents
from verifier.documents.classroom import class_document
from verifier.documents.derivation import derivation_documents
from verifier.documents.fairness import fairness_documents
from verifier.documents.feedback import feedback_documents
from verifier.documents.lecture import lecture_document
from verifier.documents.problem import problem_documents
from verifier.documents.sheet import sheet_documents
from verifier.documents.slides import slides_documents
from verifier.documents.solution import solution_documents
from verifier.outcomes.model import Given
from verifier.problem import Problem, loads
from verifier.report.derivation import Parts
from verifier.report.feedback import explained
from verifier.report.words import Words
from verifier.solution import Solution, solve

SEED = Path(__file__).parent.parent / "examples" / "hw10_question2.toml"


def every_kind(text: str, format: str) -> dict[str, str | bytes]:
    """The documents of a problem by their kinds; of hostile answers, too."""
    solution, findings, fair, people = _made(text)
    task = solution.problem
    return {
        "solution": solution_documents(solution, [format], 30)[format],
        "sheet": sheet_documents(task, [format])[format],
        "problem": problem_documents(task, [format])[format],
        "slides": slides_documents(solution, [format])[format],
        "derivation": _derivation(task, format),
        "audit": audit_documents(findings, [format])[format],
        "feedback": feedback_documents(task, people[0], [format])[format],
        "class": class_document(task, people, format, ["feedback/a b.html", "b"]),
        "lecture": lecture_document(task, people, format),
        "fairness": fairness_documents(task, fair, [format])[format],
    }


@cache
def _made(text: str) -> tuple[Solution, Findings, Fairness, list[Checked]]:
    solution = solve(loads(text))
    findings = whole(solution, [Ieee("float16")])
    return solution, findings, fairness(solution), [_person(solution), _person(solution)]


def _person(solution: Solution) -> Checked:
    """The verdicts on someone whose name is the title, and who got the first number wrong."""
    task = solution.problem
    first = task.cell.equations[0].name
    entry = (1, first, (0,) * len(task.shapes[first]))
    wrong = {entry: Given("0.6", Fraction(3, 5), 1)}
    answers = Answers(task.title, f"{task.title}.toml", wrong, (Complaint(task.title),))
    return explained(task, check(solution, answers), Words(task.texts.language))


def _derivation(task: Problem, format: str) -> str | bytes:
    parts = Parts(True, 1, True)
    return derivation_documents(task.cell, task.shapes, [format], parts)[format]


if __name__ == "__main__":
    made = every_kind(SEED.read_text("utf-8"), sys.argv[1])
    json.dump({kind: str(text) for kind, text in made.items()}, sys.stdout)
