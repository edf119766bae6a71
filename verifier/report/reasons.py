"""Verdicts in words: why a number is what it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from verifier.check.hidden import HIDDEN
from verifier.check.model import Checked, Complaint, Judgement, Verdict
from verifier.outcomes.model import Entry, Explanation
from verifier.problem import Problem
from verifier.report.notes import entry as entry_words
from verifier.report.scribe import Scribe
from verifier.report.words import Math, Prose, Words
from verifier.rewrites.blend import UNNAMED
from verifier.rounding import MODES
from verifier.solution import Solution

WAYS = ("policy", "mode", "places")
NAMED = ("mistake", "slip")
PAIR = "+"
"""What joins the ids of two mistakes that were made together."""


@dataclass(frozen=True, eq=False)
class Reasons:
    """The sentences about one person's answers."""

    checked: Checked
    scribe: Scribe

    @property
    def words(self) -> Words:
        """The messages of the document's language."""
        return self.scribe.words

    @property
    def problem(self) -> Problem:
        """The problem that was answered."""
        return self.scribe.problem

    def entry(self, place: Entry) -> Prose:
        """An entry in words: the second entry of s_1."""
        step, name, index = place
        shape = self.problem.shapes[name]
        k = int(np.ravel_multi_index(index, shape)) if index else 0
        return entry_words(Solution(self.problem), self.scribe, (step, name, k))

    def because(self, row: Judgement) -> Prose:
        """Why a row has its verdict, and whether its points are by hand; empty when correct."""
        told = self._because(row)
        if row.by_hand is None:
            return told
        by_hand = self.words("check.because.hand")
        return self.words("check.because.both", first=told, second=by_hand) if told else by_hand

    def _because(self, row: Judgement) -> Prose:
        """One plain sentence without an end."""
        told = self.explained(row.explanation, row.verdict) if row.explanation else ()
        complaint = self._complaints.get((row.step, row.name, row.index)) or self._complaints.get(
            (row.step, row.name, ())
        )
        if row.given is None and complaint is not None:
            return self.words("check.unread.row")
        if told or row.verdict == "correct":
            return told
        if self.words.has(f"check.because.{row.verdict}"):
            return self.words(f"check.because.{row.verdict}")
        return ()

    def explained(self, explanation: Explanation, verdict: Verdict = "rounding") -> Prose:
        """An explanation in words: the name of a mistake, or the way of rounding."""
        if explanation.kind in NAMED:
            named = self.named(explanation)
            after = verdict == "follows"
            return self.words("check.because.after", mistake=named) if after else named
        if explanation.kind == "follows":
            return self.words(f"check.because.follows.{explanation.id}")
        if explanation.kind == "digits":
            return self.words(f"check.because.digits.{explanation.id}")
        if explanation.kind == "units":
            return self.words("check.because.units", int(explanation.id))
        return (rounding_words(self.words, explanation, verdict),)

    def named(self, explanation: Explanation) -> Prose:
        """The name of a mistake or slip; two that were made together are both named."""
        if explanation.id == HIDDEN:
            return self.words("check.because.slip")
        names = self._names(explanation)
        name = names[0]
        if len(names) == 2:
            name = self.words("check.pair", first=names[0], second=names[1])
        parts: list[Prose] = [(self._part(part, explanation),) for part in self.parts(explanation)]
        parts += [self._read(explanation)] if explanation.named("read") else []
        if explanation.named("rows"):
            parts.append(
                self.words("check.about.rows", rows=self._joined(explanation.named("rows")))
            )
        steps = explanation.named("steps")
        if steps:
            parts.append(self.words("check.about.steps", len(steps), steps=self._joined(steps)))
        about = tuple(piece for part in parts for piece in (", ", *part))[1:]
        return self.words("check.about", name=name, about=about) if about else name

    def _names(self, explanation: Explanation) -> list[Prose]:
        """What each mistake is called: by its gate, where that is one quantity of its own."""
        ids, own = explanation.id.split(PAIR), [n for k, n in explanation.about if k == "gate"]
        gates = dict(zip(ids, (*own[:1], *own[-1:]), strict=False))
        named = UNNAMED not in explanation.named("form")
        return [
            self.words(f"check.mistake.{id}.of", gate=(self.symbol(gates[id][0]),))
            if named and len(gates.get(id, ())) == 1 and self.words.has(f"check.mistake.{id}.of")
            else (self._said(explanation.kind, id, "name"),)
            for id in ids
        ]

    def symbol(self, name: str) -> Math:
        """A name of the problem as it prints, at no step in particular."""
        return self.scribe.bare(name)

    def _joined(self, texts: Sequence[str]) -> str:
        return "".join(map(str, self.words.join([(text,) for text in texts])))

    def _part(self, name: str, explanation: Explanation) -> Math:
        """A name that an explanation is about; with its step where that is of one number alone."""
        at = explanation.named("at") if name in explanation.named("parameters") else ()
        return self.scribe.symbol(name, int(at[0])) if at else self.symbol(name)

    def parts(self, explanation: Explanation) -> tuple[str, ...]:
        """The names of the problem that an explanation is about, each once."""
        known = self.problem.shapes
        found = (name for _, names in explanation.about for name in names if name in known)
        return tuple(dict.fromkeys(found))

    def _read(self, explanation: Explanation) -> Prose:
        """The number of the question that was left out, or taken for another."""
        own, text = map(self.scribe.number, explanation.named("read"))
        return self.words(f"check.read.{explanation.id}", own=(own,), text=(text,))

    def help(self, explanation: Explanation) -> tuple[str, ...]:
        """What helps the person who made a mistake."""
        return tuple(self._said(explanation.kind, id, "help") for id in explanation.id.split(PAIR))

    def _said(self, kind: str, id: str, what: str) -> str:
        if self.words.has(f"check.{kind}.{id}.{what}"):
            return self.words.text(f"check.{kind}.{id}.{what}")
        return self.words.text(f"check.slip.other.{what}") if kind == "slip" else id

    @cached_property
    def _complaints(self) -> dict[Entry, Complaint]:
        return {c.entry: c for c in self.checked.answers.complaints if c.entry is not None}


def rounding_words(words: Words, way: Explanation, verdict: Verdict = "rounding") -> str:
    """A way of rounding in words: the policy, the mode, the places that are carried or given."""
    told = {part: ((way.id,) if way.kind == part else ()) + way.named(part) for part in WAYS}
    names, table = ", ".join(way.named("quantities")), way.named("table") or ("", "")
    texts = [
        words.text(f"check.because.policy.{id}", names=names, argument=table[0], value=table[1])
        for id in told["policy"]
    ]
    modes = [words.text(f"mode.short.{id}") for id in told["mode"] if id in MODES]
    texts += [words.text("check.because.mode", mode=mode) for mode in modes]
    counts = [int(id) for id in told["places"] if id.isdigit()]
    if counts and told["policy"]:
        return words.text("check.because.to", counts[0], way="; ".join(texts))
    given = {"correct": "places", "coarse": "short"} if way.kind == "places" else {}
    places = "check.because." + given.get(verdict, "carried")
    return "; ".join([*texts, *(words.text(places, count) for count in counts)])
