"""Pages in Chromium: fields that keep what is typed, answers that `check` reads, folds, scripts."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SEED, module
from tests.every_kind import every_kind
from tests.test_print import browser, document
from verifier.check.answers.files import read
from verifier.check.engine import check
from verifier.problem import Problem, load, loads
from verifier.solution import solve

__all__ = ["browser"]

COLUMNS = """
    equations = '''
        s[t] = tanh(W @ x[t] + V @ s[t-1])
        M[t] = outer(s[t], s[t])
    '''
    [parameters]
    W = [[0.1], [0.2]]
    V = [[0.5, 0], [0, 0.5]]
    [inputs]
    x = [[1], [2]]
"""
"""Vectors, and a matrix whose entries have boxes of their own."""


def page(problem: Problem, kind: str, folder: Path) -> Path:
    path = folder / f"{kind}.html"
    path.write_text(document(problem, "html", kind), encoding="utf-8")
    return path


def flat(index: tuple[int, ...], shape: tuple[int, ...]) -> int:
    place = 0
    for k, size in zip(index, shape, strict=False):
        place = place * size + k
    return place


@pytest.mark.parametrize("text", [SEED.read_text("utf-8"), COLUMNS], ids=["seed", "columns"])
def test_what_is_typed_is_kept_saved_and_read(text: str, browser: Any, tmp_path: Path) -> None:
    problem = loads(text)
    solution = solve(problem)
    path = page(problem, "sheet", tmp_path)
    browser.execute_cdp_cmd(
        "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)}
    )
    browser.get(path.as_uri())
    digits = solution.digits("final")
    for field in browser.find_elements("css selector", "input[data-name]"):
        step, name = int(field.get_attribute("data-step")), field.get_attribute("data-name")
        index = tuple(map(int, filter(None, field.get_attribute("data-index").split(","))))
        field.send_keys(digits[step, name][flat(index, problem.shapes[name])])
    browser.find_element("css selector", "input:not([data-name])").send_keys("Ada </script> L")
    browser.get(path.as_uri())  # anew
    assert all(f.get_attribute("value") for f in browser.find_elements("tag name", "input"))
    browser.find_element("css selector", "[data-does=save]").click()
    saved = tmp_path / "Ada-script-L.json"
    waiting = module("selenium.webdriver.support.wait").WebDriverWait(browser, 30)
    waiting.until(lambda _: saved.exists())
    assert json.loads(saved.read_text("utf-8"))["problem"] == problem.sha256
    (answers,) = read(problem, [saved])
    assert answers.person == "Ada </script> L"
    assert not answers.complaints
    assert {row.verdict for row in check(solution, answers).rows} == {"correct"}
    browser.find_element("css selector", "[data-does=clear]").click()
    browser.switch_to.alert.accept()
    browser.get(path.as_uri())
    assert not any(f.get_attribute("value") for f in browser.find_elements("tag name", "input"))


def test_every_field_says_what_it_is_for(browser: Any, tmp_path: Path) -> None:
    browser.get(page(load(SEED), "sheet", tmp_path).as_uri())
    fields = browser.find_elements("tag name", "input")
    names = [field.accessible_name for field in fields]
    assert names[0].startswith("Name")
    assert "s at step 1, entry 2" in names
    assert "z at step 1" in names
    assert len(set(names)) == len(names)


def test_groups_are_in_the_tab_order_where_they_scroll(browser: Any, tmp_path: Path) -> None:
    browser.get(page(load(SEED), "solution", tmp_path).as_uri())
    script = (
        "return [...document.querySelectorAll('.scroll')]"
        ".map(g => [g.scrollWidth > g.clientWidth, g.tabIndex === 0])"
    )
    waiting = module("selenium.webdriver.support.wait").WebDriverWait(browser, 30)
    waiting.until(lambda b: all(wide == tab for wide, tab in b.execute_script(script)))
    for fold in browser.find_elements("tag name", "details"):
        browser.execute_script("arguments[0].open = true", fold)
    browser.set_window_size(500, 900)
    waiting.until(lambda b: all(wide == tab for wide, tab in b.execute_script(script)))
    assert {wide for wide, _ in browser.execute_script(script)} == {True, False}


def test_all_folds_open_and_close(browser: Any, tmp_path: Path) -> None:
    browser.get(page(load(SEED), "solution", tmp_path).as_uri())
    switch = browser.find_element("id", "tools")
    for button, open in zip(switch.find_elements("tag name", "button"), (True, False), strict=True):
        button.click()
        folds = browser.find_elements("tag name", "details")
        assert {fold.get_property("open") for fold in folds} == {open}


def test_buttons_are_absent_without_scripts() -> None:
    for kind in ("sheet", "solution"):
        assert re.search('<p id="tools"[^>]* hidden>', document(load(SEED), "html", kind))


@pytest.mark.parametrize("kind", ["sheet", "solution", "audit", "feedback", "class", "fairness"])
def test_no_script_runs_but_our_own(kind: str) -> None:
    """The page's own policy names the hash of the one script that it may run."""
    made = every_kind(SEED.read_text("utf-8"), "html")[kind]
    assert isinstance(made, str)
    policy = re.findall(r'Content-Security-Policy" content="([^"]*)"', made)[0]
    assert policy.startswith("default-src 'none'")
    scripts = re.findall(r"<script>(.*?)</script>", made, re.S)
    hashes = [base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts]
    assert re.findall(r"'sha256-([^']*)'", policy) == hashes
    assert len(re.findall("<script", made)) == len(scripts) == (kind in ("sheet", "solution"))


def test_pieces_in_notes_bring_no_fields() -> None:
    from verifier.documents.pieces import piece_text

    for piece in ("sheet", "solution"):
        text = piece_text(solve(load(SEED)), piece, "html")
        assert not re.search("<input|<script|<button", text)
