"""docs/extending.md: what it shows runs as it is printed."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from tests.conftest import ROOT
from verifier.arithmetic.digits import Digits
from verifier.evaluate import evaluate
from verifier.language.operations import FUNCTIONS
from verifier.problem import Problem, load, loads


@pytest.fixture(scope="module")
def shown() -> dict[str, Any]:
    """What the page's Python leaves behind."""
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "extending.md").read_text(), re.S)
    space: dict[str, Any] = {"__name__": "shown"}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        exec(compile(code, "extending.md", "exec", dont_inherit=True), space)
    return space


def agree(problem: Problem, arithmetic: Any) -> None:
    found, true = evaluate(problem, arithmetic).values, evaluate(problem, Digits(30)).values
    assert found.keys() == true.keys()
    for key, value in true.items():
        exact = [float(entry) for entry in np.ravel(value)]
        np.testing.assert_allclose([float(e) for e in np.ravel(found[key])], exact, rtol=1e-15)


def test_the_arithmetic_of_the_page_is_one(shown: dict[str, Any]) -> None:
    agree(load(ROOT / "examples" / "hw10_question2.toml"), shown["Longdouble"]())
    assert shown["trace"].arithmetic == shown["Longdouble"]()


@pytest.mark.parametrize("function", sorted(FUNCTIONS))
def test_the_arithmetic_of_the_page_has_every_function(
    shown: dict[str, Any], function: str
) -> None:
    call = f"{function}(x[t], -0.5, 0.75)" if function == "clip" else f"{function}(x[t])"
    problem = loads(f'equations = "y[t] = {call}"\n[inputs]\nx = [[-2.5, 0, 0.3], [40, -70, 7]]')
    agree(problem, shown["Longdouble"]())
