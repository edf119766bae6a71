"""A gate of a problem's equations: which of its terms is which parameter of a framework's cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from verifier.errors import VerifierError, shown
from verifier.language.tree import Call, Equation, Expression, Name
from verifier.language.write import written
from verifier.models.model import Kind, parameter
from verifier.models.terms import Term, activation, factors, terms

ACCEPTED = "layers of an RNN, a GRU that keeps with z, or an LSTM, as verifier import writes them"


class NotRecognisedError(VerifierError):
    """Equations that no cell of a framework computes."""

    def __init__(self, what: str) -> None:
        super().__init__(what, accepted=ACCEPTED)


@dataclass(eq=False)
class Found:
    """A direction that is being recognised: its form, and the parameters by our names."""

    kind: Kind
    source: Expression | None = None
    functions: dict[int, str] = field(default_factory=dict)
    given: dict[str, tuple[str, bool]] = field(default_factory=dict)  # ours: theirs, turned
    reset_after: bool = False
    coupled: bool = False
    states: dict[str, str] = field(default_factory=dict)
    backwards: bool = False


def is_named(node: Expression, name: str, offsets: tuple[int, ...]) -> bool:
    """Whether this is a name at one of some steps."""
    return isinstance(node, Name) and node.name == name and node.offset in offsets


def read_gate(
    found: Found,
    equations: Mapping[str, Equation],
    name: str,
    gate: str,
    which: int,
    reset: str = "",
) -> None:
    """Read a gate's activation and the terms of its sum."""
    tree = equations[name].expression
    read = activation(tree, lambda e: isinstance(e, Call) and e.operation in ("add", "matmul"))
    if read is None:
        raise NotRecognisedError(f"{name} is no function of a sum")
    function, inner = read
    if found.functions.setdefault(which, function) != function:
        raise NotRecognisedError(f"{name} has another activation than the other gates")
    for one in terms(inner):
        _read_term(found, Term.of(one), gate, name, reset)


def _read_term(found: Found, term: Term, gate: str, name: str, reset: str) -> None:
    """Put the weights of a term under our name for what it is."""
    hidden, cell = found.states["h"], found.states.get("c", "")
    if term.gate is not None and reset and is_named(term.gate, reset, (0,)):
        _read_gated(found, term, gate, name)
    elif not term.weights:
        raise NotRecognisedError(f"{name}: the term {shown(written(term.whole), 60)}")
    elif term.by is None:
        letter = "bh" if parameter("b", gate) in found.given else "b"
        _put(found, parameter(letter, gate), term, name)
    elif term.peephole:
        if not cell or not is_named(term.by, cell, (-1, 0, 1)):
            raise NotRecognisedError(f"{name}: the term {shown(written(term.whole), 60)}")
        _put(found, parameter("p", gate), term, name)
    elif is_named(term.by, hidden, (-1, 1)) or (reset and _resets(term.by, reset, hidden)):
        _put(found, parameter("W", gate), term, name)
    else:
        if found.source not in (None, term.by):
            raise NotRecognisedError(f"{name} takes several inputs")
        found.source = term.by
        _put(found, parameter("U", gate), term, name)


def _read_gated(found: Found, term: Term, gate: str, name: str) -> None:
    """Read the sum behind the reset gate: the state's product, and a bias."""
    found.reset_after = True
    for inner in terms(term.inner) if term.inner is not None else ():
        one = Term.of(inner)
        state = one.by is not None and is_named(one.by, found.states["h"], (-1, 1))
        if not one.weights or (one.by is not None and not state):
            raise NotRecognisedError(f"{name}: {written(inner)} behind the reset gate")
        _put(found, parameter("W" if state else "bh", gate), one, name)


def _resets(by: Expression | None, reset: str, hidden: str) -> bool:
    parts = factors(by) if by is not None else []
    return (
        len(parts) == 2
        and any(is_named(p, reset, (0,)) for p in parts)
        and any(is_named(p, hidden, (-1, 1)) for p in parts)
    )


def _put(found: Found, ours: str, term: Term, name: str) -> None:
    if ours in found.given:
        raise NotRecognisedError(f"{name} has two terms of one kind: {written(term.whole)}")
    found.given[ours] = (term.weights, term.turned)
