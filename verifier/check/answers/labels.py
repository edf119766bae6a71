"""What a written name means: `s_t1`, `$h_1$`, `s t`, `z[1][0]`, `update gate`, `Step 2`."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from verifier import effort
from verifier.check.answers.known import Known
from verifier.check.answers.spelled import bare, without_accents, words_of
from verifier.check.answers.words import STEPS
from verifier.errors import nearest
from verifier.language.tree import Name
from verifier.notation.latex import LatexPrinter, MarkdownPrinter
from verifier.notation.spelling import KERAS
from verifier.notation.text import TextPrinter
from verifier.problem import Problem

_STEP = rf"(?:time_?step|step|time|{STEPS}|t)"
_AFTER = rf"(?:_?(?:at|for|in))?(?:_?{_STEP})*+_?(?P<after>\d{{1,9}})?"
_BEFORE = rf"(?:{_STEP}_?(?P<before>\d{{1,9}})_)?"
_ONLY = re.compile(rf"(?:at_)?(?:{_STEP}_?)*+(?P<step>\d{{1,9}})|第_?(?P<zh>\d{{1,9}})_?步", re.I)
_BRACKETS = re.compile(r"^(?P<base>[^\[\]]*)(?P<inside>(?:\[[^\[\]]*\])+)$")


_ENTRY = re.compile(
    r"(?P<name>.*[^\s_,.:;|/-])[\s_,.:;|/-]+"
    r"(?:entry|component|element|unit|eintrag|komponente|composante|componente|分量|元素)?"
    r"[\s_]*\(?(?P<entry>\d{1,4})\)?[\s}$]*",
    re.IGNORECASE | re.DOTALL,
)
"""An entry counted behind a step: h_1_2, h_1 (2), h_{1,2}, h_1 entry 2."""


_ENTRY_FIRST = (
    re.compile(
        rf"[\s$]*(?P<name>[^\W\d_]+)_?(?P<entry>\d{{1,4}})[\s_,]*\(?(?:{_STEP}[\s_]?)(?:=\s?)?"
        r"(?P<step>\d{1,9})\)?[\s$]*",
        re.IGNORECASE,
    ),
    re.compile(
        r"[\s$]*(?P<name>[^\W\d_]+)_\{?(?P<entry>\d{1,4})\}?\s?\^\s?\{?\((?P<step>\d{1,9})\)\}?[\s$]*"
    ),
)
"""An entry before its step: h1_t2, h1 (t=2), and as on paper h_1^(2)."""

_LOWERED = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")


_DECIMAL = re.compile(r"\d[.,]\d{2}|\d\.\d|\s")


@dataclass(frozen=True)
class Label:
    """What a name says: a step, a quantity, an index (from 0); each may be missing.

    `above` is a step that was said outside of a name with a number: that may count an entry.
    """

    step: int | None = None
    name: str | None = None
    index: tuple[int, ...] = ()
    above: int | None = None

    def then(self, inner: Label) -> Label:
        """The label inside of another: what the inner one says counts more."""
        if inner.numbers(self):
            return replace(self, index=(*self.index, inner.step))  # type: ignore[arg-type]
        return Label(
            self.step if inner.step is None else inner.step,
            self.name if inner.name is None else inner.name,
            self.index + inner.index,
            self.above if inner.name is None else self.step if inner.step is not None else None,
        )

    def under(self, heading: Label) -> Label:
        """The label below a heading that may say its step."""
        return replace(self, step=heading.step) if self.step is None else self

    def numbers(self, outer: Label) -> bool:
        """Whether this is a bare number inside of a quantity at a step: that of an entry."""
        bare = self.name is None and self.step is not None and not self.index
        return bare and outer.name is not None and outer.step is not None


_TAGS = re.compile(r"<[^<>]{0,200}>")
_NUMBERED = re.compile(
    r"^(?:\d{1,12}\s*:|(?:q|question|frage|pregunta|domanda|pergunta|no\.?)?\s*\d{1,4}\s*[.):])\s*",
    re.IGNORECASE,
)
"""The number of a question: 123456: as Canvas writes it, Q3., 4)."""
_MARKED = re.compile(r"\(([^()]{1,60})\)|\$([^$]{1,60})\$")
_FUNCTIONS = r"(?:sigmoid|tanh|sigma|softmax|relu|exp|of)"
_EXPLAINED = re.compile(
    rf"(?!(?:.{{0,60}}\s)?{_FUNCTIONS}\s?\()[^\W\d][\w\s'-]{{0,60}}\s\((?P<name>[^()]{{1,40}})\)",
    re.IGNORECASE,
)
_DERIVATIVE = re.compile(r"\(?[d∂]\s?L\s?/\s?[d∂]\s?(?P<by>[^/∂]{1,80}?)\)?")
_AROUND = " \t\n:=?.!,;*\"'`"
_PUNCTUATION = str.maketrans('=?!:;,"', "       ")
_LETTERS, _WORDS = frozenset("aioeyu"), frozenset({"at", "it", "is", "in", "as", "to", "of", "et"})
"""Words that would be names of quantities: `a`, or `a` at t, which is written so as well."""


def asked_last(text: str) -> str | None:
    """The name before the equals sign that a question ends in; None for other texts.

    >>> asked_last("<p>z_t = tanh(x_t)</p> <p>z_{1,2} =</p>"), asked_last("z_1 = 0.5")
    ('z_{1,2}', None)
    """
    plain = html.unescape(_TAGS.sub(" ", text[-effort.LABEL * 3 :])).rstrip()
    words = plain[:-1].split() if plain.endswith("=") else []
    return words[-1] if words else None


def _windows(words: Sequence[str], size: int) -> list[str]:
    """The words, so many together."""
    return [" ".join(words[k : k + size]) for k in range(len(words) - size + 1)]


@lru_cache(maxsize=effort.READERS)
def labels_of(problem: Problem) -> Labels:
    """The reader of names for a problem, made once for all files of a class."""
    return Labels(problem)


class Labels:
    """The reader of names for one problem."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self._known = Known[Label | None]()
        self._nearest = Known[str]()

    def read(self, text: str) -> Label | None:
        """What a name means; None when it names nothing of the problem."""
        if len(text) > effort.LABEL:
            return None
        if text not in self._known:
            self._known[text] = self._read(text) or self._derivative(text) or self._explained(text)
        return self._known[text]

    def within(self, texts: Iterable[str]) -> Label:
        """What names mean that stand in each other, from the outside in."""
        label = Label()
        for text in texts:
            inner = self.read(text)
            label = label if inner is None else label.then(inner)
        return label

    def names_one(self, text: str) -> bool:
        """Whether a text is the name of a quantity, or of an entry that is counted behind it."""
        label = self.read(text) or (self.counted(text) or (None,))[0]
        return label is not None and label.name is not None

    def counted(self, text: str) -> tuple[Label, int] | None:
        """A quantity at a step and the number of its entry, as it was counted: h_{1,2}, h_1 (2)."""
        text = text.translate(_LOWERED) if len(text) < effort.LABEL else ""
        for pattern in _ENTRY_FIRST:
            if found := pattern.fullmatch(text):
                label = self.read(f"{found['name']}_{found['step']}")
                named = label is not None and label.name is not None and not label.index
                return (label, int(found["entry"])) if label is not None and named else None
        found = _ENTRY.fullmatch(text)
        whole = self.read(found["name"]) if found else None
        if found is None or whole is None or whole.name is None:
            return None
        return None if whole.step is None or whole.index else (whole, int(found["entry"]))

    def _derivative(self, text: str) -> Label | None:
        """A gradient as it is printed, dL/dW or ∂L/∂s_2, by a name or by its letter on paper."""
        found = _DERIVATIVE.fullmatch(text.strip(" $`*"))
        words = words_of(found["by"]) if found else ""
        for alias, name in self._gradients if words else ():
            if by := re.fullmatch(re.escape(alias) + _AFTER, words):
                return Label(int(by["after"]) if by["after"] else None, name)
        return None

    @cached_property
    def _gradients(self) -> list[tuple[str, str]]:
        """What gradients are by, the longest first, and their names."""
        cell, notation = self.problem.cell, self.problem.notation
        printed = {**KERAS, **cell.names, **notation.names}
        by = [name.removeprefix("d_") for name in self.names if name.startswith("d_")]
        found = {words_of(printed.get(n, n)): f"d_{n}" for n in by}
        found |= {words_of(n): f"d_{n}" for n in by}  # a name of one before the letter of another
        return sorted(found.items(), key=lambda pair: -len(pair[0]))

    def _explained(self, text: str) -> Label | None:
        """What words with a name in parentheses behind them mean: Forget Gate (f_t)."""
        found = _EXPLAINED.fullmatch(text.strip())
        label = None if found is None else self._read(found["name"])
        return label if label is not None and label.name is not None else None

    def find(self, text: str) -> Label | None:
        """The quantity that a question asks for; None when it names none, or several.

        What stands in parentheses or dollars is meant before words around it.
        """
        if len(text) > effort.QUESTION:
            return None
        text = _NUMBERED.sub("", html.unescape(_TAGS.sub(" ", text)).strip())
        marked = [found[1] or found[2] for found in _MARKED.finditer(text)]
        words = text.translate(_PUNCTUATION).split()[: effort.QUESTION_WORDS]
        step = self._step_in(words)
        for parts in ([text], marked, *(_windows(words, n) for n in range(6, 0, -1))):
            labels = {label for part in parts if (label := self._asked(part)) is not None}
            if labels:
                label = labels.pop()
                only = not labels
                step = step if label.step is None else label.step
                return replace(label, step=step) if only else None
        return None

    def _asked(self, part: str) -> Label | None:
        """The quantity that a part of a question names; a lone letter may be a word, too."""
        label = self.read(part.strip(_AROUND))
        named = label is not None and label.name is not None
        first, _, rest = part.casefold().partition(" ")
        word = first in _WORDS if rest else first in _LETTERS | _WORDS
        return label if named and not word else None

    def _step_in(self, words: Sequence[str]) -> int | None:
        """The step of which a question speaks, if it is one."""
        read = (_ONLY.fullmatch(words_of(part)) for part in _windows(words, 2))
        steps = {int(found["step"] or found["zh"]) for found in read if found}
        return steps.pop() if len(steps) == 1 else None

    def nearest(self, text: str) -> str:
        """A phrase that offers the quantity that may have been meant."""
        if text not in self._nearest:
            base = re.split(r"[\[_^(\s]", text.strip().strip("$"))[0] or text
            self._nearest[text] = nearest(text, self.names) or nearest(base, self.names)
        return self._nearest[text]

    def given(self, text: str) -> bool:
        """Whether the name is that of a given quantity, which needs no answer."""
        plain = words_of(text)
        roles = self.problem.cell.roles
        known = (*roles.parameters, *roles.inputs)
        return any(
            re.fullmatch(words_of(name) + _AFTER, plain, re.I)
            or words_of(name).replace("_", "") == plain.casefold()
            for name in known
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The quantities that have equations."""
        return self.problem.cell.roles.defined

    def _read(self, text: str) -> Label | None:
        printed = self._printed.get(bare(text))
        if printed is not None:
            return printed
        brackets = _BRACKETS.match(bare(text))
        if brackets is not None and (text.count("=") or _DECIMAL.search(brackets["inside"])):
            return None  # an equation, or a value
        if brackets is None:
            return self._plain(words_of(text))
        base = self._plain(words_of(brackets["base"])) if brackets["base"].strip() else Label()
        found = base or Label()
        for inside in re.findall(r"\[([^\[\]]*)\]", brackets["inside"]):
            for part in inside.split(","):
                inner = self._subscript(found, part.strip(" '\""))
                found = found if inner is None else inner
        return found if found != Label() else None

    def _subscript(self, found: Label, part: str) -> Label | None:
        """The label with what one subscript says: a step, an index, or a name."""
        if re.fullmatch(r"\d{1,9}", part):
            if found.name is None:
                return None  # Python's own index into something else
            if found.step is None:
                return replace(found, step=int(part))
            return replace(found, index=(*found.index, int(part)))
        inner = self._plain(words_of(part))
        return None if inner is None else found.then(inner)

    def _plain(self, words: str) -> Label | None:
        if found := _ONLY.fullmatch(words):
            return Label(step=int(found["step"] or found["zh"]))
        meant = self._quantity(words)
        if meant is None and (plain := without_accents(words)) != words:
            meant = self._quantity(plain)
            if meant is not None and meant.name in self._told_by_accents(words):
                return None
        return meant

    def _told_by_accents(self, words: str) -> set[str]:
        """The quantities that an accent tells from others: states, and those with accented twins.

        A vector's arrow is no name: whatever carries it may do without.
        """
        accented = {without_accents(a) for a, _ in self._aliases if without_accents(a) != a}
        twins = {name for alias, name in self._aliases if alias in accented}
        return set() if "_vec" in words else {*self.problem.cell.roles.initial, *twins}

    def _quantity(self, words: str) -> Label | None:
        for flags in (0, re.IGNORECASE):
            matches = dict.fromkeys(self._matches(words, flags))
            if matches:
                return next(iter(matches)) if flags == 0 or len(matches) == 1 else None
        return None

    def _matches(self, words: str, flags: int) -> Iterator[Label]:
        for alias, name in self._aliases:
            pattern = _BEFORE + re.escape(alias) + _AFTER
            found = re.fullmatch(pattern, words, flags)
            if found:
                step = found["after"] or found["before"]
                yield Label(int(step) if step else None, name)

    @cached_property
    def _aliases(self) -> list[tuple[str, str]]:
        """Ways to write the quantities, the longest first: names, spellings, what they are called.

        A quantity's own name comes before another one's alias of the same length.
        """
        cell, notation = self.problem.cell, self.problem.notation
        found: dict[str, str] = {words_of(name): name for name in self.names}
        for name in self.names:
            spelling = notation.names.get(name, cell.names.get(name, name))
            called = cell.words[name].name if name in cell.words else name
            for alias in (spelling, called, f"{called} {name}"):
                found.setdefault(words_of(alias), name)
            for alias in (words_of(name), words_of(spelling)):
                found.setdefault(alias.replace("_", ""), name)
        return sorted(found.items(), key=lambda pair: -len(pair[0]))

    @cached_property
    def _printed(self) -> dict[str, Label]:
        """The names as our own sheets and keys print them."""
        cell, notation = self.problem.cell, self.problem.notation
        spellings = {**cell.names, **notation.names}
        printers = [kind(spellings) for kind in (MarkdownPrinter, LatexPrinter, TextPrinter)]
        steps = range(1, min(self.problem.steps, 200) + 1)
        return {
            bare(printer.show(Name(name, 0), step)): Label(step, name)
            for printer in printers
            for name in self.names
            for step in (*steps, None)
        }
