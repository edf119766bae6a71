"""Right numbers that were written down wrongly are told once; other wrong ones are not."""

from __future__ import annotations

from random import Random

import pytest

from tests.test_check_engine import RIGHT, judged, sheet


def percent(texts: str) -> str:
    return " ".join(f"{100 * float(text):.2f}" for text in texts.split())


def turned(texts: str) -> str:
    return " ".join(reversed(texts.split()))


SHEETS = {
    "one quantity as percent": ("percent", {k: percent(RIGHT[k]) for k in ("z_1", "z_2")}),
    "all as percent": ("percent", {k: percent(v) for k, v in RIGHT.items()}),
    "a step copied": ("step-copied", {f"{n}_2": RIGHT[f"{n}_1"] for n in "zrhs"}),
    "one quantity copied": ("step-copied", {"h_2": RIGHT["h_1"]}),
    "a vector reversed": ("entries-reversed", {"h_2": turned(RIGHT["h_2"])}),
    "two entries exchanged": ("entries-exchanged", {"h_1": "0.0828 0.1516 0.0939"}),
    "gates exchanged": ("quantities-exchanged", {"z_1": RIGHT["r_1"], "r_1": RIGHT["z_1"]}),
    "states exchanged": ("quantities-exchanged", {"h_2": RIGHT["s_2"], "s_2": RIGHT["h_2"]}),
    "steps exchanged": (
        "steps-exchanged", {f"{n}_{t}": RIGHT[f"{n}_{3 - t}"] for n in "zrhs" for t in (1, 2)}),
}  # fmt: skip


@pytest.mark.parametrize("name", SHEETS)
def test_it_is_told_once(name: str) -> None:
    id, changed = SHEETS[name]
    found = judged(sheet(**{**RIGHT, **changed}))
    (finding,) = found.findings
    assert (finding.explanation.kind, finding.explanation.id) == ("slip", id)
    wrong = {(r.step, r.name, r.index) for r in found.rows if r.verdict != "correct"}
    assert set(finding.entries) == wrong
    assert {r.verdict for r in found.rows} <= {"correct", "mistake"}


@pytest.mark.parametrize("seed", range(6))
def test_other_wrong_numbers_are_not(seed: int) -> None:
    """Two numbers of a vector that are off have no name, though each has many places to be from."""
    rng = Random(seed)
    texts = RIGHT["h_2"].split()
    for k in rng.sample(range(3), 2):
        texts[k] = f"{float(texts[k]) + rng.choice([-1, 1]) * rng.randint(3, 40) * 1e-4:.4f}"
    found = judged(sheet(**{**RIGHT, "h_2": " ".join(texts)}))
    assert not [f for f in found.findings if f.explanation.kind == "slip"]
