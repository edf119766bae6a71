"""The page of the documentation on disagreements of frameworks: what its programs print.

python -m tests.framework_page           # whether docs/frameworks.md has what they print
python -m tests.framework_page --write   # make it so
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "frameworks.md"
BLOCK = re.compile(r"```python\n(?P<code>.*?)```\n\n```text\n(?P<text>.*?)```", re.DOTALL)
VERSIONS = re.compile(r"`(onnx|onnxruntime|keras|torch)`(\s+)`[^`]+`")

NUMBER = re.compile(r"\d[\d.e−+-]*")
"""A number, whose last digits differ between machines."""


def alike(text: str, other: str) -> bool:
    """Whether two texts differ in numbers and versions only."""
    first, second = (NUMBER.sub("#", VERSIONS.sub("", part)) for part in (text, other))
    return first == second


def programs() -> list[tuple[str, str]]:
    """Each program of the page with what the page says that it prints."""
    return [(found["code"], found["text"]) for found in BLOCK.finditer(PAGE.read_text("utf-8"))]


def printed(code: str) -> str:
    """What a program prints, in a process of its own. Errors: CalledProcessError."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        env={**os.environ, "KERAS_BACKEND": "torch", "PYTHONIOENCODING": "utf-8"},
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        check=True,
    )
    return done.stdout


def page() -> str:
    """The page as the installed packages make it."""
    text = PAGE.read_text("utf-8")
    text = VERSIONS.sub(lambda found: f"`{found[1]}`{found[2]}`{version(found[1])}`", text)
    return BLOCK.sub(
        lambda found: f"```python\n{found['code']}```\n\n```text\n{printed(found['code'])}```", text
    )


def main() -> None:
    """Write the page, or say whether it has what programs print; exit 1 when it has not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    made = page()
    if parser.parse_args().write:
        PAGE.write_text(made, "utf-8")
    elif not alike(PAGE.read_text("utf-8"), made):
        sys.exit(f"{PAGE.name} is not what its programs print; --write makes it so")


if __name__ == "__main__":
    main()
