"""What learning systems make of exported questions: their own engines, or their rules from source.

A system reads the files of a bank and says, for responses in pairs of the number of a field and a
text, which part of the points each earns and what is said of it.
"""

from __future__ import annotations

import html
import json
import re
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import redirect_stdout
from decimal import Decimal
from functools import cache
from io import BytesIO, StringIO
from typing import Any
from xml.etree.ElementTree import Element, fromstring
from zipfile import ZipFile

import pytest

from tests.conftest import node, tool

Files = Mapping[str, str | bytes]
Responses = Sequence[tuple[int, str]]
Graded = list[tuple[float, str]]
System = Callable[[Files, Responses], Graded]

Answer = tuple[str, str, str, str]
"""The share in per cent, the number, the tolerance and the feedback."""


def numerical(answers: Iterable[Answer], response: str) -> tuple[float, str]:
    """What Moodle's numerical questions give.

    Source: question/type/numerical/question.php, `get_matching_answer` and
    `get_tolerance_interval` with tolerance type nominal, and PHP's precision of 14.
    """
    value = float(response)
    for percent, centre, tolerance, feedback in answers:
        far = float(tolerance) + 1e-14 * max(1.0, abs(float(centre)))
        if float(centre) - far <= value <= float(centre) + far:
            return float(percent) / 100, feedback
    return 0.0, ""


def moodle(files: Files, responses: Responses) -> Graded:
    """Moodle, from its XML."""
    bank = list(fromstring(files["moodle.xml"]))
    return [numerical(map(_answer, bank[k].findall("answer")), text) for k, text in responses]


def _answer(answer: Element) -> Answer:
    parts = (answer.findtext(part, "") for part in ("text", "tolerance", "feedback/text"))
    centre, tolerance, feedback = parts
    return answer.get("fraction", ""), centre, tolerance, feedback


PART = r"(?:=|%(-?[0-9]+(?:[.,][0-9]*)?)%)?(.+?)(?<!\\)(?=[~#}]|$)(?:#(.*?)(?<!\\)(?=[~}]|$))?"
BOX = re.compile(rf"\{{[0-9]*:(?:NUMERICAL|NM):((?:{PART})(?:~{PART})*)\}}")
NUMBER = re.compile(r"-?[0-9]+\.?[0-9]*")


def moodle_cloze(files: Files, responses: Responses) -> Graded:
    """Moodle, from the boxes of cloze questions.

    Source: question/type/multianswer/questiontype.php, the expressions above
    `qtype_multianswer_extract_question`.
    """
    bank = fromstring(files["moodle-cloze.xml"])
    texts = (one.findtext("questiontext/text", "") for one in bank)
    boxes = [list(_alternatives(found[1])) for text in texts for found in BOX.finditer(text)]
    return [numerical(boxes[k], text) for k, text in responses]


def _alternatives(box: str) -> Iterable[Answer]:
    for percent, number, feedback in re.findall(f"~?{PART}", box):
        centre, tolerance = number.split(":")
        assert all(map(NUMBER.fullmatch, (centre, tolerance)))
        yield percent, centre, tolerance, html.unescape(feedback)


def gift_questions(text: str) -> list[dict[str, object]]:
    """The questions of a GIFT file as gift-pegjs reads them."""
    script = (
        "const gift = require(process.argv[1]);"
        "const text = require('fs').readFileSync(0, 'utf8');"
        "console.log(JSON.stringify(gift.parse(text)));"
    )
    call = [tool("node"), "-e", script, str(node("gift-pegjs", "pegjs-gift.js"))]
    done = subprocess.run(call, input=text.encode(), capture_output=True, check=True)
    found: list[dict[str, object]] = json.loads(done.stdout)
    return found


def gift(files: Files, responses: Responses) -> Graded:
    """GIFT as gift-pegjs reads it, graded as Moodle does."""
    bank = gift_questions(str(files["questions.gift"]))
    answers = [list(map(_choice, question["choices"])) for question in bank]  # type: ignore[call-overload]
    return [numerical(answers[k], text) for k, text in responses]


def _choice(choice: dict[str, object]) -> Answer:
    number, feedback = choice["text"], choice["feedback"]
    assert isinstance(number, dict)
    told = html.unescape(feedback["text"]) if isinstance(feedback, dict) else ""
    weight = 100 if choice["weight"] is None else choice["weight"]
    return str(weight), repr(number["number"]), repr(number["range"]), told


def canvas(files: Files, responses: Responses) -> Graded:
    """Classic quizzes of Canvas: items as they are imported, graded by their closed intervals.

    Sources: QTIMigrationTool makes `respcondition` of QTI 1.2 conditions of 2.1, of which
    gems/plugins/qti_exporter/lib/qti/numeric_interaction.rb, `get_canvas_answers`, makes answers;
    app/models/quizzes/quiz_question/numerical_question.rb, `correct_answer_parts`; the script of
    quizzes rounds what is typed with `toFixed(4)`.
    """
    archive = ZipFile(BytesIO(bytes(files["canvas.zip"])))  # type: ignore[arg-type]
    manifest = fromstring(archive.read("imsmanifest.xml"))
    names = [one.attrib["href"] for one in manifest.iter(f"{CONTENT}file")]
    assert set(names) | {"imsmanifest.xml"} == set(archive.namelist())
    items = [one for name in names for one in fromstring(archive.read(name)).iter(f"{QTI}item")]
    assert len({one.attrib["ident"] for one in items}) == len(items)
    answers = [list(_intervals(item)) for item in items]
    return [(_listed(answers[k], text), "") for k, text in responses]


QTI = "{http://www.imsglobal.org/xsd/ims_qtiasiv1p2}"
CONTENT = "{http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1}"


def _intervals(item: Element) -> Iterable[tuple[Decimal, Decimal]]:
    for condition in item.iter(f"{QTI}respcondition"):
        low, high = (condition.findtext(f".//{QTI}{one}", "") for one in ("vargte", "varlte"))
        exact = condition.findtext(f".//{QTI}or/{QTI}varequal")
        assert exact is None or exact == low == high  # a margin of zero
        yield Decimal(repr(float(low))), Decimal(repr(float(high)))


def _listed(answers: Iterable[tuple[Decimal, Decimal]], response: str) -> float:
    typed = Decimal(f"{float(response):.4f}")
    return float(any(low <= typed <= high for low, high in answers))


ANSWERED = """
const [items, responses, done] = arguments;
const moment = () => new Promise(go => setTimeout(go));
async function shown(xml) {
  document.body.innerHTML = "<qti-item><item-container></item-container></qti-item>";
  const container = document.querySelector("item-container");
  await container.updateComplete;
  container.itemXML = xml;
  while (!container.shadowRoot.querySelector("qti-assessment-item")) await moment();
  const item = container.shadowRoot.querySelector("qti-assessment-item");
  await item.updateComplete;
  await moment();
  return item;
}
(async () => {
  const found = [];
  let [at, item] = [null, null];
  for (const [k, text] of responses) {
    if (at !== k) [at, item] = [k, await shown(items[k])];
    item.resetResponses();
    item.updateResponseVariable("RESPONSE", text);
    item.processResponse();
    await moment();
    const told = [...item.querySelectorAll("qti-modal-feedback")].find(
      one => one.showStatus === "on");
    found.push([Number(item.getOutcome("SCORE").value), told ? told.textContent.trim() : ""]);
  }
  done(found);
})().catch(error => done(String(error)));
"""


def qti3(browser: Any, files: Files, responses: Responses) -> Graded:
    """QTI 3 as qti-components runs it in Chromium."""
    archive = ZipFile(BytesIO(bytes(files["qti3.zip"])))  # type: ignore[arg-type]
    items = [archive.read(name).decode() for name in qti3_items(archive)]
    engine = node("@citolab/qti-components", "cdn/index.global.js").read_text("utf-8")
    browser.get("data:text/html,<meta charset=utf-8><body></body>")
    browser.execute_script(engine)
    found = browser.execute_async_script(ANSWERED, items, [list(one) for one in responses])
    assert isinstance(found, list), found
    return [(share, feedback) for share, feedback in found]


def qti3_items(archive: ZipFile) -> list[str]:
    """The files of items in the order of the test, which the manifest names, all of them."""
    space = {"c": "http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1"}
    manifest = fromstring(archive.read("imsmanifest.xml"))
    named = {one.attrib["href"] for one in manifest.iterfind(".//c:file", space)}
    assert named | {"imsmanifest.xml"} == set(archive.namelist())
    kept = {one.attrib["identifier"] for one in manifest.iterfind(".//c:resource", space)}
    assert all(
        one.attrib["identifierref"] in kept for one in manifest.iterfind(".//c:dependency", space)
    )
    test = fromstring(archive.read("test.xml"))
    references = test.iter("{http://www.imsglobal.org/xsd/imsqtiasi_v3p0}qti-assessment-item-ref")
    return [one.attrib["href"] for one in references]


def prairielearn(files: Files, responses: Responses) -> Graded:
    """PrairieLearn: the `grade` of each folder, with the data that it is given."""
    servers = [name for name in files if name.endswith("/server.py")]
    found = [(name, answer) for name in servers for answer in _answers(files, name)]
    return [_partial(str(files[found[k][0]]), found[k][1], text) for k, text in responses]


def _answers(files: Files, server: str) -> list[str]:
    """The names of a question's answers, in the order of its page."""
    folder = server.removesuffix("/server.py")
    info = json.loads(files[f"{folder}/info.json"])
    assert {"uuid", "title", "topic", "type"} <= set(info)
    return re.findall(r'answers-name="(\w+)"', str(files[f"{folder}/question.html"]))


@cache
def _module(server: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(compile(server, "server.py", "exec"), names)
    return names


def _partial(server: str, answer: str, text: str) -> tuple[float, str]:
    data: dict[str, Any] = {"correct_answers": {}, "partial_scores": {}, "score": 0}
    data["raw_submitted_answers"] = {answer: text}
    data["submitted_answers"] = {answer: float(text)}
    module = _module(server)
    module["generate"](data)
    module["grade"](data)
    every, one = data["partial_scores"], data["partial_scores"][answer]
    assert set(every) == set(data["correct_answers"])
    assert data["score"] == pytest.approx(one["score"] / len(every))
    return one["score"], html.unescape(one["feedback"])


def nbgrader(files: Files, responses: Responses) -> Graded:
    """nbgrader: the value of each graded cell's last line, the notebook being run from its top.

    Source: nbgrader/utils.py, `determine_grade`: what is printed is no output of the last line.
    """
    books = [json.loads(str(text))["cells"] for text in files.values()]
    found = [(k, cell) for k, cells in enumerate(books) for cell in cells if _worth(cell)]
    return [_run(books[found[k][0]], found[k][1], text) for k, text in responses]


def _worth(cell: dict[str, Any]) -> float:
    return float(cell["metadata"]["nbgrader"].get("points", 0))


def _run(cells: Sequence[dict[str, Any]], graded: dict[str, Any], text: str) -> tuple[float, str]:
    source = _hidden(graded["source"])
    name = re.search(r"answers\.get\('(\w+)'", source)
    assert name is not None
    names: dict[str, Any] = {}
    exec("".join(c["source"] for c in cells if c["id"] == "grader"), names)
    (blanks,) = (c["source"].partition("### BEGIN")[0] for c in cells if c["id"] == "answers")
    exec(blanks, names)
    assert name[1] in names["answers"]
    names["answers"][name[1]] = text
    printed = StringIO()
    with redirect_stdout(printed):
        points = eval(source, names)
    return points / _worth(graded), printed.getvalue().strip()


def _hidden(source: str) -> str:
    """The hidden tests: the students' version of the cell is empty."""
    before, hidden, after = re.split(r"### (?:BEGIN|END) HIDDEN TESTS\n", source)
    assert not before + after
    return hidden.strip()


def numbas(files: Files, responses: Responses) -> Graded:
    """Numbas: the alternative that earns most, the first of these, each end widened by 1e-12.

    Sources: runtime/scripts/parts/numberentry.js, `getCorrectAnswer`; runtime/scripts/part.js,
    `markAlternatives`.
    """
    exam = json.loads(str(files["questions.exam"]).partition("\n")[2])
    questions = exam["question_groups"][0]["questions"]
    parts = [part for question in questions for part in question["parts"]]
    return [_alternative(parts[k], float(text)) for k, text in responses]


def _alternative(part: dict[str, Any], value: float) -> tuple[float, str]:
    share, told = float(_holds(part, value)), ""
    better = False
    for other in part["alternatives"]:
        earns = other["marks"] / part["marks"]
        if _holds(other, value) and earns >= share and not (better and earns == share):
            share, told, better = earns, other["alternativeFeedbackMessage"], True
    return share, html.unescape(re.sub("<[^<>]+>", "", told))


def _holds(entry: dict[str, Any], value: float) -> bool:
    return float(entry["minValue"]) - 1e-12 <= value <= float(entry["maxValue"]) + 1e-12


SYSTEMS: dict[str, System] = {
    "canvas": canvas,
    "gift": gift,
    "moodle": moodle,
    "moodle-cloze": moodle_cloze,
    "nbgrader": nbgrader,
    "numbas": numbas,
    "prairielearn": prairielearn,
}
