"""A number of the question that was read wrongly is found, and told with what it was read as."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest

from tests import check_campaign
from tests.conftest import SEED
from tests.test_check_engine import SOLVED, judged
from verifier.arithmetic.ieee import Ieee
from verifier.evaluate import evaluate
from verifier.outcomes.honest import Question
from verifier.outcomes.misread import Readings
from verifier.problem import load
from verifier.rewrites.model import made
from verifier.rewrites.readings import READINGS, Reading, change
from verifier.rounding import Policy

PROBLEM = load(SEED)


@pytest.mark.parametrize(
    ("rule", "reading"),
    [
        ("number-misread", Reading("parameters", "U_z", 0, "0.35", "0.53")),
        ("number-misread", Reading("inputs", "x", 3, "0.98", "-0.98")),
        ("number-misread", Reading("parameters", "W_h", 1, "", "0.9")),
        ("number-missed", Reading("parameters", "U_h", 2, "", "0")),
    ],
)
@pytest.mark.parametrize("policy", ["final", "equation"])
def test_it_is_found(rule: str, reading: Reading, policy: str) -> None:
    variant = made(rule, PROBLEM, change(PROBLEM, reading))
    assert variant is not None
    numbers = check_campaign.written(PROBLEM, variant.problem, Policy(policy))  # type: ignore[arg-type]
    assert numbers is not None
    found = judged(numbers)
    assert rule in check_campaign.names(found) or check_campaign.very_same(found)
    said = [e.named("read")[1:] for f in found.findings for e in (f.explanation, *f.also)]
    assert rule == "number-missed" or (reading.text,) in said or not any(said)


def test_what_is_estimated_at_once_is_what_each_gives() -> None:
    question = Question(SOLVED)
    readings = Readings(question)
    assert len(readings.every) == len({(id, r) for id, r in readings.every}) > 500
    for k in range(0, len(readings.every), 97):
        variant = readings.variant(k)
        assert variant is not None
        trace = evaluate(variant.problem, Ieee("float64"))
        own = [
            trace.values[step, name]
            for step, name in dict.fromkeys(entry[:2] for entry in question.entries)
        ]
        assert np.allclose(readings.full[k], np.concatenate([np.ravel(v) for v in own]), atol=1e-12)


def test_each_reading_gives_another_number() -> None:
    for rule in READINGS.values():
        for reading in islice(rule(PROBLEM), 200):
            own = getattr(PROBLEM, reading.section)[reading.name].texts[reading.at]
            assert reading.own == own
            assert float(reading.text if "/" not in reading.text else 1) != float(own)
