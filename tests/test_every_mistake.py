"""The feedback on every mistake of the catalogue, and on every other reason, in every format."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from functools import cache
from itertools import islice
from typing import get_args

import numpy as np
import pytest

from tests.conftest import BACKWARD, ROOT, SEED, module
from tests.random_problems import problems
from tests.test_backward_mistakes import THREE
from tests.test_feedback import problem as seed_problem
from tests.test_feedback import schemas
from verifier.arithmetic.ieee import Ieee
from verifier.check.engine import check
from verifier.check.model import Answers, Checked, Finding, Judgement, Verdict
from verifier.check.slips import _RULES as SLIPS
from verifier.check.transcribed import ways
from verifier.documents.classroom import class_document
from verifier.documents.feedback import feedback_documents
from verifier.evaluate import evaluate
from verifier.formats import NAMES
from verifier.formats import load as format_of
from verifier.outcomes.honest import Question
from verifier.outcomes.model import Explanation, ExplanationKind, Given
from verifier.outcomes.tried import Tried
from verifier.problem import Problem, load, loads
from verifier.problem.backward import backward
from verifier.report.check_contract import check_json
from verifier.report.classroom import classroom_csv
from verifier.report.feedback import explained
from verifier.report.reasons import Reasons
from verifier.report.scribe import Scribe
from verifier.report.summary import summary
from verifier.report.words import Words
from verifier.rewrites.catalogue import CATALOGUE
from verifier.rewrites.model import Variant
from verifier.rounding import MODES, POLICIES
from verifier.solution import Solution

LANGUAGES = ("en", "de", "zh")
TEXTS = tuple(sorted({*NAMES} - {"pdf", "docx"}))
COMPILED = ("pdf", "docx")
OF_ALL = ("json", "csv")
SEEDED = load(ROOT / "examples" / "hw10_question2.toml")
RESET_AFTER = """
equations = '''
r[t] = sigmoid(x[t] @ U_r)
h[t] = tanh(x[t] @ U_h + r[t] * (s[t-1] @ W_h + b))
k[t] = tanh((s[t-1] * r[t]) @ W_h + b)
s[t] = h[t] + k[t]
'''
[parameters]
U_r = [[0.1, 0.2], [0.3, 0.4]]
U_h = [[0.1, 0.2], [0.3, 0.4]]
W_h = [[0.5, 0.2], [0.3, 0.1]]
b = [0.1, 0.2]
[initial]
s = [0.1, 0.2]
[inputs]
x = [[0.1, 0.3], [0.2, 0.1]]
"""
JOINED = """
equations = "h[t] = tanh(concat(x[t], h[t-1]) @ W)"
[parameters]
W = [[0.1, 0.3], [0.2, -0.4], [0.5, 0.6], [-0.7, 0.2]]
[initial]
h = [0.1, 0.2]
[inputs]
x = [[0.1, 0.3], [0.2, 0.1]]
"""
BACKWARDS = """
equations = "h[t] = tanh(x[t] @ U + h[t+1] @ W)"
[parameters]
U = [[0.1, 0.3], [0.2, -0.4]]
W = [[0.5, 0.6], [-0.7, 0.2]]
[final]
h = [0.1, 0.2]
[inputs]
x = [[0.1, 0.3], [0.2, 0.1]]
"""
SOFTMAX = """
equations = '''
s[t] = relu(x[t] @ U) + softplus(s[t-1])
y[t] = softmax(leaky_relu(s[t] @ U, 0.1))
'''
[parameters]
U = [[0.1, 0.3], [0.2, -0.4]]
[initial]
s = [[0.1, 0.2], [0.3, 0.4]]
[inputs]
x = [[[0.1, 0.3], [0.2, 0.1]], [[0.5, 0.6], [0.7, 0.8]]]
"""
OWN = (RESET_AFTER, JOINED, BACKWARDS, SOFTMAX)
TRANSCRIBED = {m.id for t in (load(SEED), loads(SOFTMAX)) for m in ways(Question(Solution(t)))}
MOST_VARIANTS = 3
CHECKED = [rule for rule, row in CATALOGUE.items() if row.tags != {"convention"}]
"""What `check` knows; the rest is what programs do otherwise."""


def test_no_format_is_left_out() -> None:
    assert {*TEXTS, *COMPILED, *OF_ALL} == {*NAMES, "json", "csv"}


@cache
def pool() -> tuple[Problem, ...]:
    """The seed, and problems of every cell in both conventions, with biases and several steps."""
    drawn = (replace(task, sha256="0" * 64) for task in problems(18, seed=8))
    own = (replace(loads(text), sha256="0" * 64) for text in OWN)
    return (SEEDED, *own, backward(load(BACKWARD), uniform=True), THREE.problem, *drawn)


def some(rule: str) -> list[tuple[Problem, Variant[Problem]]]:
    """Variants of a rule; those that bring names of their own come first."""
    found = [(task, v) for task in pool() for v in islice(CATALOGUE[rule].variants(task), 12)]
    return sorted(found, key=lambda pair: {*pair[1].problem.shapes} <= {*pair[0].shapes})


def finding(task: Problem, variant: Variant[Problem]) -> Finding:
    tried = Tried(variant, (variant,), np.zeros(0), Question(Solution(task)))
    name = task.cell.equations[-1].name
    entry = (1, name, (0,) * len(task.shapes[name]))
    return Finding(tried.explanation, (entry,), tried.used(task), (), Fraction(1, 1000))


def told(task: Problem, *findings: Finding) -> Checked:
    """The verdicts of someone who made these mistakes."""
    entry, why = findings[0].entries[0], findings[0].explanation
    rows = (Judgement(*entry, "0.5", "0.6", "mistake", why, ""),)
    given = {entry: Given("0.5", Fraction(1, 2), 1)}
    checked = Checked(Answers("Ada", "ada.toml", given), rows, findings, entry)
    return explained(task, checked, Words(task.texts.language))


def of_all(task: Problem, checked: Checked) -> str:
    """What is written of all people."""
    words = Words(task.texts.language)
    schemas().validate(json.loads(check_json(task, [checked])))
    return (
        classroom_csv(task, [checked], words)
        + str(class_document(task, [checked, checked], "html"))
        + "".join(summary(task, checked, every=True))
    )


def in_language(task: Problem, language: str) -> Problem:
    return replace(task, texts=replace(task.texts, language=language))


@pytest.mark.parametrize("rule", CHECKED)
def test_the_feedback_on_every_mistake_in_every_format(rule: str) -> None:
    variants = some(rule)
    assert variants
    for task, variant in variants[:MOST_VARIANTS]:
        found = finding(task, variant)
        for language in LANGUAGES:
            spoken = in_language(task, language)
            checked = told(spoken, found)
            assert names(rule, language, checked.rows[0].because)
            for format in in_turn(rule) if language == "en" else TEXTS[:1]:
                made = feedback_documents(spoken, checked, [format])[format]
                assert isinstance(made, str)
                assert found.used == () or "tanh" in made or "=" in made
            assert names(rule, language, of_all(spoken, checked))


def in_turn(rule: str) -> tuple[str, ...]:
    """The first format and another; those of the seed are together in every format."""
    others = TEXTS[1:]
    return TEXTS[0], others[[*CHECKED].index(rule) % len(others)]


def names(rule: str, language: str, text: str) -> bool:
    """Whether a text names a mistake, by itself or by its gate."""
    words, own = Words(language), f"check.mistake.{rule}."
    called = [words.text(own + "name")]
    called += words.text(own + "of", gate="\0").split("\0") if words.has(own + "of") else []
    return called[0] in text or (called[1:] != [] and all(part in text for part in called[1:]))


@pytest.mark.parametrize("format", COMPILED + TEXTS)
def test_one_document_with_every_mistake(format: str) -> None:
    if format == "docx":
        module("pypandoc")
    task = SEEDED
    firsts = [next(iter(CATALOGUE[rule].variants(task)), None) for rule in CHECKED]
    findings = [finding(task, variant) for variant in firsts if variant is not None]
    assert len(findings) > 15
    made = feedback_documents(task, told(task, *findings), [format])[format]
    assert len(made) > 5000


WHYS = [
    *((Explanation("policy", policy), "rounding") for policy in POLICIES),
    *((Explanation("mode", mode), "rounding") for mode in MODES),
    (Explanation("places", "3"), "rounding"),
    (Explanation("places", "2"), "correct"),
    (Explanation("places", "3"), "coarse"),
    (Explanation("policy", "mixed-operation", (("quantities", ("z",)),)), "rounding"),
    *((Explanation("digits", id), "correct") for id in ("beyond", "more")),
    (Explanation("units", "1"), "rounding"),
    *((Explanation("mistake", rule), "mistake") for rule in CHECKED),
    (Explanation("mistake", "+".join(CHECKED[:2])), "mistake"),
    *((Explanation("slip", slip), "wrong") for slip in (*SLIPS, "other")),
    *((Explanation("slip", slip), "mistake") for slip in TRANSCRIBED),
    (Explanation("policy", "table", (("table", ("3", "4")),)), "rounding"),
    *((Explanation("follows", id), "follows") for id in ("own", "unclear")),
]


def test_no_kind_of_reason_is_left_out() -> None:
    """A `form` is what a right number was written as, and says nothing."""
    assert {why.kind for why, _ in WHYS} | {"form"} == {*get_args(ExplanationKind)}
    assert {verdict for _, verdict in WHYS} | {"missing"} == {*get_args(Verdict)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_has_its_sentence(language: str) -> None:
    task = seed_problem(language)
    for why, verdict in WHYS:
        row = Judgement(1, "z", (0,), "0.5", "0.5381", verdict, why, "")  # type: ignore[arg-type]
        made = Checked(Answers("Ada", "a", {}), (row,))
        reasons = Reasons(made, Scribe(task, format_of("md"), Words(language)))
        told = "".join(reasons.because(row))
        assert len(told) > 3
        assert "check." not in told
        if why.kind in ("mistake", "slip"):
            assert all(len(text) > 10 or language == "zh" for text in reasons.help(why))
            assert not set(reasons.help(why)) & {why.id}


def answers(task: Problem, values: dict[tuple[int, str], object]) -> Answers:
    """What someone who computed these values writes, to the places that are asked."""
    given = {}
    for (step, name), value in values.items():
        shape = task.shapes[name]
        for index in np.ndindex(*shape):
            text = f"{float(np.asarray(value)[index]):.4f}"
            given[step, name, index] = Given(text, Fraction(text), 4)
    return Answers("Ada", "ada.toml", given)


def computed(task: Problem, variant: Variant[Problem]) -> dict[tuple[int, str], object]:
    return dict(evaluate(variant.problem, variant.wrap(Ieee("float64"))).values)


@pytest.mark.parametrize("rule", ["state-not-carried", "product-for-matmul", "state-confused"])
def test_mistakes_that_bring_names_of_their_own(rule: str) -> None:
    task = SEEDED
    for variant in islice(CATALOGUE[rule].variants(task), 4):
        checked = check(Solution(task), answers(task, computed(task, variant)))
        checked = explained(task, checked, Words())
        for format in TEXTS:
            assert feedback_documents(task, checked, [format])[format]
        assert of_all(task, checked)


def test_a_step_that_was_copied() -> None:
    task = SEEDED
    own = evaluate(task, Ieee("float64")).values
    copied = {(step, name): own[1, name] for step, name in own}
    checked = explained(task, check(Solution(task), answers(task, copied)), Words())
    assert not checked.right
    for format in TEXTS:
        assert feedback_documents(task, checked, [format])[format]
    assert of_all(task, checked)
