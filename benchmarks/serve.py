"""The page: a keystroke of the seed until its digits stand below, and the server's part of it."""

from __future__ import annotations

import json
import statistics
import time
from typing import Any

from verifier.serve.actions import answer


def request(count: int) -> str:
    """A request for the seed with one number changed."""
    path = "examples/hw10_question2.toml"
    with open(path, encoding="utf-8") as file:
        opened = answer(json.dumps({"action": "open", "text": file.read(), "name": path}))
    problem: dict[str, Any] = json.loads(opened)["problem"]
    problem["parameters"]["U_z"][0][0] = f"0.{35 + count}"
    return json.dumps({"action": "solve", "problem": problem})


def main() -> None:
    """Print the median time of an answer, with its HTML, and the worked lines behind it."""
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


if __name__ == "__main__":
    main()
