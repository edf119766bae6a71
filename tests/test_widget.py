"""The grids in a notebook: what Python makes of what is typed, and the script in Chromium."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SEED, module
from tests.test_print import browser
from verifier.errors import VerifierError
from verifier.problem import load
from verifier.solution import solve

__all__ = ["browser"]

PAGE = """<!DOCTYPE html><html lang="en"><title>grids</title><main id="here"></main>
<script type="module">
{script}
const values = {values}, heard = {{}};
window.sent = []; window.asked = [];
window.model = {{
  get: key => values[key], set: (key, value) => {{ values[key] = value; }},
  save_changes: () => sent.push(JSON.parse(JSON.stringify(values.problem))),
  send: message => asked.push(message), on: (what, told) => {{ heard[what] = told; }}, values, heard
}};
shown.render({{model, el: document.getElementById("here")}});
</script></html>"""


@pytest.fixture
def grids() -> Any:
    module("anywidget")
    from verifier.hosts.widget import Grids

    return Grids(SEED)


def test_digits_follow_the_numbers(grids: Any) -> None:
    assert "0.5381" in grids.answer["results"]
    assert grids.solution.rows == solve(load(SEED)).rows
    problem = json.loads(json.dumps(grids.problem))
    problem["parameters"]["U_z"][0][0] = "0,36"
    grids.problem = problem
    assert grids.solution.problem.parameters["U_z"].fractions[0] * 100 == 36
    assert "0.5381" not in grids.answer["results"]


def test_what_is_no_number_is_told_and_costs_nothing(grids: Any) -> None:
    problem = json.loads(json.dumps(grids.problem))
    problem["parameters"]["U_z"][0][0] = "0x"
    grids.problem = problem
    assert grids.answer["error"]["key"] == ["parameters", "U_z", 0, 0]
    with pytest.raises(VerifierError):
        grids.solution  # noqa: B018


def test_a_pasted_matrix_is_read(grids: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(type(grids), "send", lambda self, content: sent.append(content))
    grids._pasted(grids, {"id": "a", "text": "[1 2; 3 4]"}, [])
    grids._pasted(grids, {"id": "b", "text": "1 2\n3"}, [])
    assert sent[0] == {"id": "a", "matrix": [["1", "2"], ["3", "4"]]}
    assert sent[1]["error"]["what"]


def test_a_file_that_is_none_is_an_error(tmp_path: Path) -> None:
    module("anywidget")
    from verifier.hosts.widget import Grids

    path = tmp_path / "a.toml"
    path.write_text("= 3")
    with pytest.raises(VerifierError):
        Grids(path)


def test_the_grids_in_a_browser(browser: Any, grids: Any, tmp_path: Path) -> None:
    script = grids._esm.replace("export default", "const shown =")
    values = json.dumps({"problem": grids.problem, "answer": grids.answer}).replace("<", "\\u003c")
    page = tmp_path / "page.html"
    page.write_text(PAGE.format(script=script, values=values), "utf-8")
    browser.get(page.as_uri())
    assert "0.5381" in browser.find_element("class name", "results").text
    field = browser.find_element("css selector", '[data-key="parameters.U_z.0,0"]')
    field.send_keys("9")
    sent = browser.execute_script("return sent[sent.length - 1]")
    assert sent["parameters"]["U_z"][0][0] == "0.359"
    assert browser.switch_to.active_element == field
    paste = "model.heard['msg:custom']({id: asked[0].id, matrix: [['7', '8', '9']]})"
    browser.execute_script(
        "const data = new DataTransfer(); data.setData('text', '7 8 9');"
        "arguments[0].dispatchEvent(new ClipboardEvent('paste', {clipboardData: data}));" + paste,
        browser.find_element("css selector", '[data-key="parameters.W_h.1,0"]'),
    )
    sent = browser.execute_script("return sent[sent.length - 1]")
    assert sent["parameters"]["W_h"][1] == ["7", "8", "9"]
    told = {"what": "no number", "accepted": "", "key": ["parameters", "U_z", 1, 0]}
    browser.execute_script(
        "model.values.answer = {error: arguments[0]}; model.heard['change:answer']()", told
    )
    wrong = browser.find_element("css selector", '[data-key="parameters.U_z.1,0"]')
    assert wrong.get_attribute("aria-invalid") == "true"
    assert browser.find_element("class name", "status").text == "no number"
