"""What is said of a question: plain data that `fairness` gives and reports print."""

from __future__ import annotations

from dataclasses import dataclass

from verifier.check.model import Entry, Explanation


@dataclass(frozen=True)
class Honest:
    """Digits that an honest person may give, and the policies and modes that give them."""

    text: str
    ways: tuple[Explanation, ...]


@dataclass(frozen=True)
class Judged:
    """One entry of a question, with tolerances as decimals.

    `others` are the honest digits beside those asked for. A checker that accepts asked ± t accepts
    all honest answers when t is at least `least`, and rejects all mistakes that can be seen in this
    entry when t is less than `below` (None: no mistake comes near). `tolerance` is one that does
    both, None when there is none; then `passing` names the mistakes that would pass.
    """

    entry: Entry
    asked: str | None
    others: tuple[Honest, ...] = ()
    least: str | None = None
    below: str | None = None
    tolerance: str | None = None
    passing: tuple[Explanation, ...] = ()


@dataclass(frozen=True)
class Fairness:
    """A question weighed: its entries, and the mistakes that give honest numbers everywhere."""

    entries: tuple[Judged, ...]
    unseen: tuple[Explanation, ...] = ()

    @property
    def fair(self) -> bool:
        """Whether honest people agree everywhere, and every mistake shows."""
        return not self.unseen and not any(judged.others for judged in self.entries)
