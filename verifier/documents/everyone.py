"""Everyone's verdicts and the tables of all: one person's failure is a row, and costs no other."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from verifier.check.answers import Work, read
from verifier.check.answers.bank import by_person, of_question
from verifier.check.answers.people import People
from verifier.check.engine import check
from verifier.check.hidden import shown
from verifier.check.kept import Kept
from verifier.check.model import Answers, Checked
from verifier.check.unforeseen import Failure, T, attempted, unjudged
from verifier.documents.classroom import class_document
from verifier.documents.lecture import lecture_document
from verifier.formats import NAMES, Engine, suffix_of
from verifier.letters import plain_name
from verifier.problem import Problem
from verifier.report.check_contract import check_json_parts
from verifier.report.classroom import classroom_csv
from verifier.report.feedback import explained
from verifier.report.head import titled
from verifier.report.means import means_for
from verifier.report.scribe import Scribe
from verifier.report.summary import summary
from verifier.report.words import Words
from verifier.report.workbook import classroom_xlsx
from verifier.report.write import Content
from verifier.solution import Solution


def handed_in(task: Problem, work: Work) -> Sequence[Answers | Checked]:
    """The answers in a file, one a person; where that fails, the person without verdicts.

    Where a system says which questions were answered, answers to others are told and not judged.
    """
    found = readings(task, work)
    if isinstance(found, Checked):
        return [found]
    name = question_name(task) if any(one.question for one in found) else ""
    return [of_question(own, name) for own in by_person(found)]


def readings(task: Problem, work: Work) -> Sequence[Answers] | Checked:
    """The answers in a file, of a person to a question each; or the person, without verdicts."""
    found = attempted(lambda: list(read(task, [work])))
    if isinstance(found, Failure):
        return unjudged(Answers(work.person, str(work.path), {}), found)
    return found


def apart(names: People, one: Answers | Checked) -> Answers | Checked:
    """What a person handed in, under a name that no one before has: the folder's stands behind."""
    answers = one.answers if isinstance(one, Checked) else one
    name = names.apart(answers.person, Path(answers.file).parent.name)
    if name == answers.person:
        return one
    renamed = replace(answers, person=name)
    return replace(one, answers=renamed) if isinstance(one, Checked) else renamed


def question_name(task: Problem) -> str:
    """What a bank calls a problem."""
    return plain_name(titled(Scribe(task, *means_for(task, "txt"))))


def judged(solution: Solution, work: Work) -> list[Checked]:
    """The verdicts on the answers in a file, with their reasons: one a person."""
    return [verdicts(solution, one) for one in handed_in(solution.problem, work)]


def verdicts(solution: Solution, answers: Answers | Checked) -> Checked:
    """The verdicts on one person's answers, with their reasons; those that there are already.

    Of answers that could not be read at all nothing is known: they have no verdicts, and no points.
    """
    if isinstance(answers, Checked):
        return answers
    task, words = solution.problem, Words(solution.problem.texts.language)
    found = attempted(lambda: explained(task, check(solution, answers), words))
    if isinstance(found, Failure):
        return shown(task, unjudged(answers, found))
    unread = answers.complaints and not answers.given
    return Checked(found.answers, ()) if unread else found


def tables(
    task: Problem,
    everyone: Sequence[Checked],
    formats: Sequence[str],
    names: Sequence[str],
    engine: Engine = "typst",
) -> tuple[dict[str, Content], Sequence[Checked]]:
    """What is written of all people together, by the name of the file, and as whom they stand.

    `names` are those of the people's own documents, to which the table of a class leads.
    Someone whose verdicts cannot be told stands without verdicts in all of them.
    """
    made = attempted(lambda: _made(task, everyone, formats, names, engine))
    if not isinstance(made, Failure):
        spoken = attempted(lambda: _spoken(task, everyone, "json" in formats))
        if not isinstance(spoken, Failure):
            return made, everyone
    told = _tellable(lambda people: _told(task, people), everyone)
    return _made(task, told, formats, names, engine), told


def _made(
    task: Problem,
    everyone: Sequence[Checked],
    formats: Sequence[str],
    names: Sequence[str],
    engine: Engine,
) -> dict[str, Content]:
    words, made = Words(task.texts.language), dict[str, Content]()
    if "json" in formats:
        made["check.json"] = check_json_parts(task, everyone)
    if "csv" in formats:
        made["class.csv"] = classroom_csv(task, everyone, words)
    if "xlsx" in formats:
        made["class.xlsx"] = classroom_xlsx(task, everyone, words)
    for format in (f for f in dict.fromkeys(formats) if f in NAMES and len(everyone) > 1):
        ending = suffix_of(format)
        links = [f"{name}.{ending}" for name in names]
        made[f"class.{ending}"] = class_document(task, everyone, format, links, engine)
        made[f"lecture.{ending}"] = lecture_document(task, everyone, format, engine)
    return made


def _told(task: Problem, people: Sequence[Checked]) -> None:
    """Everything that is told of people together, thrown away."""
    classroom_csv(task, people, Words(task.texts.language))
    class_document(task, people, "html")
    lecture_document(task, people, "html")
    _spoken(task, people, True)


def _spoken(task: Problem, people: Sequence[Checked], contract: bool) -> None:
    """What is made only while it is written, thrown away."""
    if contract:
        deque(check_json_parts(task, people), 0)
    for checked in people:
        deque(summary(task, checked, every=True), 0)


def _tellable(
    tell: Callable[[Sequence[Checked]], T], everyone: Sequence[Checked]
) -> Sequence[Checked]:
    """Everyone, and without verdicts those of whom nothing can be told."""
    if not isinstance(attempted(lambda: tell(everyone)), Failure):
        return everyone
    return Kept(_or_unjudged(tell, checked) for checked in everyone)


def _or_unjudged(tell: Callable[[Sequence[Checked]], T], checked: Checked) -> Checked:
    failed = attempted(lambda: tell([checked]))
    return unjudged(checked.answers, failed) if isinstance(failed, Failure) else checked
