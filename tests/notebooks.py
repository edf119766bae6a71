"""Notebooks for tests: the seed's own, from its text, and any of cells with outputs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

SHOWN = {
    "t1": """{'z': array([[0.5381]]),
 'r': array([[0.5294]]),
 'h': array([[0.1516, 0.0828, 0.0939]]),
 's_t': array([[0.07  , 0.0383, 0.0434]])}""",
    "t2": """{'z': array([[0.691]]),
 'r': array([[0.593]]),
 'h': array([[0.4738, 0.5223, 0.3563]]),
 's t': array([[0.1948, 0.1878, 0.1401]])}""",
}
"""The seed's outputs as its text has them."""


def result(text: str) -> dict[str, Any]:
    """What the last expression of a cell shows."""
    data = {"text/plain": text.splitlines(keepends=True)}
    return {"output_type": "execute_result", "data": data, "metadata": {}, "execution_count": 1}


def printed(text: str) -> dict[str, Any]:
    """What a cell prints."""
    return {"output_type": "stream", "name": "stdout", "text": text.splitlines(keepends=True)}


def notebook(*cells: tuple[str, Sequence[dict[str, Any]]]) -> str:
    """A notebook of nbformat 4 with cells of a source and outputs."""
    made = [
        {
            "cell_type": "code",
            "execution_count": k + 1,
            "metadata": {},
            "source": source.splitlines(keepends=True),
            "outputs": list(outputs),
        }
        for k, (source, outputs) in enumerate(cells)
    ]
    data = {"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(data, indent=1, ensure_ascii=False)


def seed_notebook(shown: dict[str, str] = SHOWN) -> str:
    """The notebook in which the seed was solved: nothing but its last cells shows anything."""
    cells = [(f"output_t1_t2['{step}']", [result(text)]) for step, text in shown.items()]
    return notebook(("import numpy as np\n%matplotlib inline", []), *cells)
