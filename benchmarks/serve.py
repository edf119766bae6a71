"""The page: from a keystroke of the seed to painted digits, the server's part, eight clients."""

from __future__ import annotations

import argparse
import json
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from verifier.serve.actions import answer

SEED = "examples/hw10_question2.toml"
TYPED = """
const done = arguments[0], times = [], wait = ms => new Promise(go => setTimeout(go, ms));
const field = document.querySelector('[data-key="parameters.U_z.0,0"]');
(async () => {
  for (let k = 0; k < 31; k++) {
    performance.clearMarks();
    const begin = performance.now();
    field.value = "0." + (30 + k) + "7";
    field.dispatchEvent(new Event("input"));
    while (!performance.getEntriesByName("painted").length) await wait(1);
    await new Promise(go => requestAnimationFrame(() => setTimeout(go, 0)));
    times.push(performance.now() - begin);
    await wait(300);
  }
  done(times);
})();
"""


def request(count: int) -> str:
    """A request for the seed with one number changed."""
    opened = answer(json.dumps({"action": "open", "text": Path(SEED).read_text(), "name": SEED}))
    problem: dict[str, Any] = json.loads(opened)["problem"]
    problem["parameters"]["U_z"][0][0] = f"0.{35 + count}"
    return json.dumps({"action": "solve", "problem": problem})


@contextmanager
def served() -> Iterator[tuple[str, int]]:
    """The address of a server that runs meanwhile, and its process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    server = subprocess.Popen(
        [sys.executable, "-m", "verifier", "serve", "--port", port], stdout=subprocess.DEVNULL
    )
    try:
        while socket.socket().connect_ex(("127.0.0.1", int(port))):
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}/", server.pid
    finally:
        server.terminate()
        server.wait()


def asked(address: str, text: str) -> str:
    """The server's answer."""
    headers = {"content-type": "application/json"}
    sent = urllib.request.Request(f"{address}answer", text.encode(), headers)
    with urllib.request.urlopen(sent) as reply:
        found: str = reply.read().decode()
    return found


def part() -> None:
    """Print the median time of an answer, with its HTML, and of the worked lines behind it."""
    for name, more in (
        ("digits, ways of rounding, blanks", {}),
        ("worked lines", {"worked": True}),
    ):
        times = []
        for count in range(21):
            text = json.dumps({**json.loads(request(count)), **more})
            begin = time.perf_counter()
            answer(text)
            times.append(time.perf_counter() - begin)
        print(f"{name}: median {1000 * statistics.median(times[1:]):.0f} ms")


def first(address: str) -> None:
    """Print the time of a server's first answer beside a cold `verifier solve`."""
    begin = time.perf_counter()
    asked(address, request(0))
    answered = time.perf_counter() - begin
    command = [sys.executable, "-m", "verifier", "solve", SEED, "--format", "html", "--stdout"]
    begin = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    cold = time.perf_counter() - begin
    print(f"first key {answered:.2f} s, a cold solve {cold:.2f} s: {answered / cold:.2f}")


def typed(address: str) -> None:
    """Print the median time from a keystroke to painted digits, in Chromium."""
    from selenium import webdriver
    from selenium.webdriver.support.wait import WebDriverWait

    options = webdriver.ChromeOptions()
    for word in ("headless", "no-sandbox", "disable-gpu"):
        options.add_argument(f"--{word}")
    browser = webdriver.Chrome(options, webdriver.ChromeService(shutil.which("chromedriver")))
    try:
        browser.get(address)
        WebDriverWait(browser, 60).until(
            lambda b: b.find_elements("css selector", "#worked details")
        )
        times = sorted(browser.execute_async_script(TYPED))
    finally:
        browser.quit()
    low, middle, high = times[0], statistics.median(times), times[-1]
    print(f"keystroke to painted key: median {middle:.0f} ms ({low:.0f} … {high:.0f})")


def clients(address: str, seconds: float) -> None:
    """Print how many answers eight clients got, how many were wrong, and the server's memory."""
    texts = [request(count) for count in range(8)]
    right = [answer(text) for text in texts]
    end = time.monotonic() + seconds

    def ask(k: int) -> tuple[int, int]:
        count = wrong = 0
        while time.monotonic() < end:
            count, wrong = count + 1, wrong + (asked(address, texts[k]) != right[k])
        return count, wrong

    with ThreadPoolExecutor(8) as hands:
        found = list(hands.map(ask, range(8)))
    count, wrong = (sum(part) for part in zip(*found, strict=True))
    print(f"8 clients for {seconds:.0f} s: {count} answers, {wrong} wrong")


def memory(process: int) -> float:
    """The memory of a process and all that it has started, in MiB."""
    import psutil

    whole = psutil.Process(process)
    parts = [whole, *whole.children(recursive=True)]
    return float(sum(part.memory_info().rss for part in parts)) / 2**20


def main() -> None:
    """Print all of it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=60, help="how long eight clients ask")
    parser.add_argument("--no-browser", action="store_true", help="leave Chromium out")
    options = parser.parse_args()
    part()
    with served() as (address, process):
        first(address)
        if not options.no_browser:
            typed(address)
        for _ in range(4):
            clients(address, options.seconds / 4)
            print(f"memory of the server: {memory(process):.0f} MiB")


if __name__ == "__main__":
    main()
