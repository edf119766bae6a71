"""The page: what it asks of the program, whom the server lets in, and the page in Chromium."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SEED, module, node
from tests.test_print import browser
from verifier.problem import load, loads
from verifier.serve.actions import answer
from verifier.serve.pasted import matrix
from verifier.solution import solve

__all__ = ["browser"]


def ask(action: str, **request: Any) -> Any:
    return json.loads(answer(json.dumps({"action": action, **request})))


def seed() -> Any:
    return ask("open", text=SEED.read_text("utf-8"), name="seed.toml")["problem"]


MATRICES = [
    "1\t-2\n3\t0.5", "1,0\t-2\n3\t0,5", "[[1 -2]\n [3 0.5]]", "array([[1, -2], [3, 0.5]])",
    "A = [1 -2; 3 0.5];", "[1, -2\n 3, 0.5]", "1 -2\n3 0.5", "1;-2\n3;0,5",
    r"\begin{bmatrix} 1 & -2 \\ 3 & 0.5 \end{bmatrix}", r"\begin{pmatrix}1&-2\\3&0.5\end{pmatrix}",
]  # fmt: skip


@pytest.mark.parametrize("text", MATRICES)
def test_matrices_are_pasted(text: str) -> None:
    assert [[float(entry) for entry in row] for row in matrix(text)] == [[1, -2], [3, 0.5]]


@pytest.mark.parametrize("text", ["", "1 2\n3", "[[[1]],[[2]]]]", "[1", "{'a': 1}"])
def test_what_is_no_matrix_is_said_to_be_none(text: str) -> None:
    assert ask("paste", text=text)["error"]["what"]


def test_a_problem_that_is_saved_and_opened_is_the_same() -> None:
    import base64

    for format in ("toml", "json"):
        saved = ask("document", kind="problem", format=format, problem=seed())
        text = base64.b64decode(saved["base64"]).decode()
        again = loads(text, f"problem.{format}")
        assert solve(again).rows == solve(load(SEED)).rows
        assert ask("open", text=text, name=saved["name"])["problem"] == seed()
    assert (
        ask("solve", problem=seed())["sha256"]
        == loads(
            base64.b64decode(
                ask("document", kind="problem", format="toml", problem=seed())["base64"]
            ).decode()
        ).sha256
    )


def test_errors_name_the_entry() -> None:
    problem = seed()
    problem["parameters"]["U_z"][1][0] = "0x"
    found = ask("solve", problem=problem)
    assert found["error"]["key"] == ["parameters", "U_z", 1, 0]
    assert "<math" in found["equations"]


def test_no_file_of_the_machine_is_read() -> None:
    for value in ({"file": "x.npz"}, {"U_z": {"file": "x.npy"}}):
        found = ask("solve", problem={**seed(), "parameters": value})
        assert "no files" in found["error"]["what"]


ODD = ["", "[]", "{", '{"action": "x"}', '{"action": "solve", "problem": 3}', '{"action": "solve"}']


@pytest.mark.parametrize("text", ODD)
def test_odd_requests_are_answered(text: str) -> None:
    from verifier.serve.workers import _safe

    assert json.loads(_safe(answer, text))["error"]["what"]


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    module("httpx2")
    testing = module("starlette.testclient")
    module("uvicorn")
    from verifier.serve.app import app

    with testing.TestClient(app(2), base_url="http://localhost:8765") as made:
        yield made


FOREIGN = [
    {"host": "evil.example"}, {"host": "localhost.evil.example:8765"}, {"origin": "null"},
    {"origin": "http://evil.example"}, {"sec-fetch-site": "cross-site"},
]  # fmt: skip


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_others_are_not_let_in(client: Any, headers: dict[str, str]) -> None:
    assert client.get("/", headers=headers).status_code == 403


def test_requests_have_a_size_and_a_kind(client: Any) -> None:
    kind = {"content-type": "application/json"}
    assert client.post("/answer", content=b" " * (2**21 + 1), headers=kind).status_code == 413
    assert (
        client.post("/answer", content=b"{}", headers={"content-type": "text/plain"}).status_code
        == 415
    )
    assert client.get("/").text.count("<html") == 1
    assert 'lang="de"' in client.get("/?lang=de").text


def test_eight_at_once_get_what_one_gets(client: Any) -> None:
    request = {"action": "solve", "problem": seed()}
    alone = ask("solve", problem=seed())
    with ThreadPoolExecutor(8) as hands:
        found = list(hands.map(lambda _: client.post("/answer", json=request).json(), range(16)))
    assert all(one == alone for one in found)


def test_a_process_that_ends_or_takes_too_long_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    import multiprocessing

    from verifier import effort
    from verifier.serve.workers import Worker

    request = json.dumps({"action": "solve", "problem": seed()})
    worker = Worker(multiprocessing.get_context("spawn"))
    try:
        worker.process.kill()
        worker.process.join()
        assert "given up" in worker.ask(request)
        monkeypatch.setattr(effort, "SERVED_SECONDS", 0)
        assert "takes longer than 0 seconds" in worker.ask(request)
        monkeypatch.undo()
        assert worker.ask(request) == answer(request)
    finally:
        worker.stop()


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    module("uvicorn")
    module("starlette")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    command = [sys.executable, "-m", "verifier", "serve", "--port", port]
    server = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        while True:
            with socket.socket() as door:
                if not door.connect_ex(("127.0.0.1", int(port))):
                    break
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.terminate()
        server.communicate()


def waiting(browser: Any) -> Any:
    """What waits for the page, also while it draws parts anew."""
    wait = module("selenium.webdriver.support.wait").WebDriverWait
    stale = module("selenium.common.exceptions").StaleElementReferenceException
    return wait(browser, 60, ignored_exceptions=[stale])


def test_the_page_in_a_browser(browser: Any, address: str, tmp_path: Path) -> None:
    wait = waiting(browser)
    script = node("axe-core", "axe.min.js").read_text("utf-8")

    def told(text: str) -> None:
        wait.until(lambda b: text in b.find_element("id", "status").text)

    browser.get(address)
    told("up to date")
    wait.until(lambda b: b.find_elements("css selector", "#worked details"))
    before = browser.find_element("id", "results").text
    for width in (360, 1200):
        browser.set_window_size(width, 900)
        browser.execute_script(script)
        found = browser.execute_async_script("axe.run().then(arguments[arguments.length - 1])")
        assert [one["id"] for one in found["violations"]] == []
    cell = browser.find_element("css selector", '[data-key="parameters.U_z.0,0"]')
    cell.send_keys("x")
    told("last numbers")
    assert cell.get_attribute("aria-invalid") == "true"
    assert "no number" in browser.find_element("id", "error-parameters-U_z").text
    assert browser.find_element("id", "results").text == before
    cell.send_keys("\b9")
    told("up to date")
    assert browser.find_element("id", "results").text != before
    assert browser.switch_to.active_element == cell
    browser.find_element("id", "undo").click()
    browser.find_element("id", "undo").click()
    browser.find_element("id", "undo").click()
    wait.until(lambda b: b.find_element("id", "results").text == before)
    browser.find_element("id", "student").click()
    told("once your answers")
    assert not browser.find_element("id", "key").is_displayed()
    browser.find_element("css selector", "#blanks input").send_keys("0.5")
    browser.find_element("id", "check").click()
    wait.until(lambda b: b.find_element("id", "key").is_displayed())


PASTE = """
const data = new DataTransfer();
data.setData("text", arguments[1]);
const how = {clipboardData: data, bubbles: true, cancelable: true};
arguments[0].dispatchEvent(new ClipboardEvent("paste", how));
"""


def test_matrices_links_files_and_tabs_in_a_browser(
    browser: Any, address: str, tmp_path: Path
) -> None:
    wait = waiting(browser)
    saved = {"downloadPath": str(tmp_path), "behavior": "allow"}
    browser.execute_cdp_cmd("Browser.setDownloadBehavior", saved)

    def at(entry: str) -> Any:
        found = wait.until(lambda b: b.find_elements("css selector", f'[data-key="{entry}"]'))
        return found[0]

    def told(text: str) -> None:
        wait.until(lambda b: text in b.find_element("id", "status").text)

    browser.get(address)
    told("up to date")
    browser.execute_script(PASTE, at("parameters.W_h.0,0"), "1,5\t2\t3\n4\t5\t6\n7\t8\t9")
    wait.until(lambda b: at("parameters.W_h.0,0").get_attribute("value") == "1.5")
    assert at("parameters.W_h.2,2").get_attribute("value") == "9"
    browser.execute_script(PASTE, at("parameters.W_h.0,0"), "1 2 3 4")
    told("1 × 4")
    assert at("parameters.W_h.0,0").get_attribute("value") == "1.5"
    name = browser.find_element("id", "title")
    name.clear()
    name.send_keys("</script><img src=x onerror=alert(1)>")
    told("up to date")
    results = browser.find_element("id", "results").text
    browser.find_element("id", "link").click()
    told("address bar")
    link, first = browser.current_url, browser.current_window_handle
    browser.switch_to.new_window("tab")
    browser.get(link)
    told("up to date")
    assert browser.find_element("id", "results").text == results
    at("inputs.x.0,0").send_keys("1")
    wait.until(lambda b: b.find_element("id", "results").text not in ("", results))
    browser.get("about:blank")
    browser.get(link[:-9])
    wait.until(lambda b: b.find_elements("css selector", "#worked details"))
    told("cut or damaged")
    browser.close()
    browser.switch_to.window(first)
    assert browser.find_element("id", "results").text == results
    browser.find_element("css selector", "#kind [value=problem]").click()
    browser.find_element("css selector", "#format [value=toml]").click()
    browser.find_element("id", "download").click()
    file = tmp_path / "problem.toml"
    wait.until(lambda b: file.exists())
    task = load(file)
    assert task.title == "</script><img src=x onerror=alert(1)>"
    printed = results.replace("−", "-")
    assert all(str(row.rounded) in printed for row in solve(task).rows)


def test_a_key_is_reached_by_keyboard_alone(browser: Any, address: str) -> None:
    keys = module("selenium.webdriver.common.keys").Keys
    wait = waiting(browser)
    browser.get(address)
    wait.until(lambda b: "up to date" in b.find_element("id", "status").text)
    before = browser.find_element("id", "results").text
    seen = []
    while browser.switch_to.active_element.get_attribute("data-key") != "parameters.U_z.0,0":
        browser.switch_to.active_element.send_keys(keys.TAB)
        seen.append(browser.switch_to.active_element)
        assert len(seen) < 30
    browser.switch_to.active_element.send_keys("7", keys.ARROW_DOWN)
    assert browser.switch_to.active_element.get_attribute("data-key") == "parameters.U_z.1,0"
    wait.until(lambda b: b.find_element("id", "results").text != before)
    browser.switch_to.active_element.send_keys(keys.CONTROL, "z")
    wait.until(lambda b: b.find_element("id", "results").text == before)
