"""The equations of a model, and how its names print."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from verifier.models.model import Direction, Form, Model, parameter


def equations(model: Model) -> str:
    """The equations of all layers and directions as text of the language, one a line."""
    return "\n".join(_lines(model))


def tag(model: Model, layer: int, direction: int) -> str:
    """What the names of a layer's direction end in; nothing where there is one of all.

    Layers count from 1; f runs forwards and b backwards.
    """
    number = str(layer + 1) if len(model.layers) > 1 else ""
    way = "fb"[direction] if len(model.layers[layer]) > 1 else ""
    return f"_{number}{way}" if number or way else ""


def outputs(model: Model) -> str:
    """The term of the last layer's output at step t, such as "h[t]"."""
    return _output(model, len(model.layers) - 1)


def _lines(model: Model) -> Iterator[str]:
    source = "x[t]"
    for layer, directions in enumerate(model.layers):
        for number, direction in enumerate(directions):
            yield from _cell(direction, tag(model, layer, number), source)
        source = _output(model, layer)
    if len(model.layers[-1]) > 1:
        yield f"y[t] = {source}"


def _output(model: Model, layer: int) -> str:
    states = [f"h{tag(model, layer, k)}[t]" for k in range(len(model.layers[layer]))]
    return states[0] if len(states) == 1 else f"concat({', '.join(states)})"


def _cell(direction: Direction, mark: str, source: str) -> Iterator[str]:
    writer = _Writer(direction.form, direction.parameters, mark, source, direction.backwards)
    for name, text in _CELLS[direction.form.kind](writer):
        yield f"{name}{mark}[t] = {text}"


class _Writer:
    """The terms of one direction's equations."""

    def __init__(
        self, form: Form, given: Mapping[str, object], mark: str, source: str, backwards: bool
    ) -> None:
        self.form, self.given, self.mark, self.source = form, given, mark, source
        self.before = "[t+1]" if backwards else "[t-1]"

    def has(self, name: str) -> bool:
        return name in self.given

    def own(self, name: str) -> str:
        """A parameter of this direction."""
        return name + self.mark

    def now(self, name: str) -> str:
        return f"{name}{self.mark}[t]"

    def last(self, name: str) -> str:
        return f"{name}{self.mark}{self.before}"

    def input(self, gate: str) -> list[str]:
        """What the input adds to a gate."""
        return [f"{self.source} @ {self.own(parameter('U', gate))}"]

    def recurrent(self, gate: str, state: str = "") -> list[str]:
        """What the hidden state adds."""
        return [f"{state or self.last('h')} @ {self.own(parameter('W', gate))}"]

    def bias(self, letter: str, gate: str) -> list[str]:
        name = parameter(letter, gate)
        return [self.own(name)] if self.has(name) else []

    def peephole(self, gate: str, cell: str) -> list[str]:
        name = parameter("p", gate)
        return [f"{self.own(name)} * {cell}"] if self.has(name) else []

    def activated(self, which: int, terms: list[str]) -> str:
        """An activation of a sum, clipped where the form says so."""
        inner = " + ".join(terms)
        return self.form.functions[which].format(self.clipped(inner))

    def clipped(self, inner: str) -> str:
        limit = self.form.clip
        return f"clip({inner}, -{limit}, {limit})" if limit else inner

    def gate(self, which: int, gate: str, *more: str) -> str:
        """The activation of the usual sum."""
        terms = self.input(gate) + self.recurrent(gate) + list(more)
        return self.activated(which, terms + self.bias("b", gate) + self.bias("bh", gate))


def _rnn(w: _Writer) -> Iterator[tuple[str, str]]:
    yield "h", w.gate(0, "")


def _gru(w: _Writer) -> Iterator[tuple[str, str]]:
    yield "z", w.gate(0, "z")
    yield "r", w.gate(0, "r")
    yield "n", w.activated(1, _candidate(w))
    yield "h", f"(1 - {w.now('z')}) * {w.now('n')} + {w.now('z')} * {w.last('h')}"


def _candidate(w: _Writer) -> list[str]:
    """The sum in a GRU's candidate, which the reset gate enters before or after the product."""
    if not w.form.reset_after:
        reset = f"({w.now('r')} * {w.last('h')})"
        return w.input("n") + w.recurrent("n", reset) + w.bias("b", "n") + w.bias("bh", "n")
    inner = " + ".join(w.recurrent("n") + w.bias("bh", "n"))
    return w.input("n") + w.bias("b", "n") + [f"{w.now('r')} * ({inner})"]


def _lstm(w: _Writer) -> Iterator[tuple[str, str]]:
    last, now = w.last("c"), w.now("c")
    yield "i", w.gate(0, "i", *w.peephole("i", last))
    coupled = f"1 - {w.now('i')}"
    yield "f", coupled if w.form.coupled else w.gate(0, "f", *w.peephole("f", last))
    yield "g", w.gate(1, "g")
    yield "c", f"{w.now('f')} * {last} + {w.now('i')} * {w.now('g')}"
    yield "o", w.gate(0, "o", *w.peephole("o", now))
    shown = w.form.functions[2].format(w.clipped(now) if w.form.clips_output else now)
    whole = f"{w.now('o')} * {shown}"
    yield "h", f"({whole}) @ {w.own('W_p')}" if w.has("W_p") else whole


_CELLS = {"rnn": _rnn, "gru": _gru, "lstm": _lstm}


def spellings(model: Model) -> dict[str, str]:
    """How the names print: U_z_1b as U with a leftward arrow, of layer 1 and of gate z."""
    found = {}
    for layer, directions in enumerate(model.layers):
        for number, direction in enumerate(directions):
            mark = tag(model, layer, number)
            arrow = "→←"[number] if len(directions) > 1 else ""
            above = f"^({layer + 1})" if len(model.layers) > 1 else ""
            for name in (*direction.parameters, *_QUANTITIES[direction.form.kind]):
                spelled = _spelled(name, arrow, above)
                if spelled != name + mark:
                    found[name + mark] = spelled
    return found


_QUANTITIES = {"rnn": "h", "gru": "zrnh", "lstm": "ifgcoh"}


def _spelled(name: str, arrow: str, above: str) -> str:
    base, _, gate = name.partition("_")
    if not gate:
        return f"{arrow}{base}{above}"
    return f"{arrow}{base}{above}_{gate}" if above else f"{arrow}{base}^{gate}"
