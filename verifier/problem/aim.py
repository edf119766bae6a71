"""The keys `loss`, `loss_at`, `rate` and `gradients` of a problem file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from verifier import effort
from verifier.cells import Cell
from verifier.errors import EquationError, ProblemError, shown
from verifier.language.parse import parse_expression
from verifier.numbers import Numbers
from verifier.problem.keyed import KeyedError
from verifier.problem.loss import Loss
from verifier.problem.source import Data
from verifier.problem.source import Literal as Typed

Given = dict[str, Numbers]


def aim(data: Data, cell: Cell, parameters: Given, inputs: Given) -> Loss | None:
    """The loss of the data; what only it uses is taken out of `parameters` and `inputs`.

    Errors: KeyedError at the key that cannot be used.
    """
    if "loss" not in data:
        for key in ("loss_at", "rate", "gradients"):
            if key in data:
                raise KeyedError(f"{key} without a loss", (key,), 'loss = "…", an expression')
        return None
    found = Loss(_expression(data["loss"]), _at(data.get("loss_at", "all")))
    return Loss(
        found.expression,
        found.at,
        _own(inputs, found.timed, cell.roles.inputs),
        _own(parameters, found.bare, cell.roles.parameters),
        _rate(data["rate"]) if "rate" in data else None,
        _by(data.get("gradients", []), cell),
    )


def _expression(text: Any) -> Any:
    if not isinstance(text, str) or isinstance(text, Typed):
        raise KeyedError("loss is no text", ("loss",), 'an expression in quotes: "sum(s[t])"')
    if len(text) > effort.EQUATIONS:
        what = f"loss has {len(text)} characters"
        raise KeyedError(what, ("loss",), f"at most {effort.EQUATIONS}")
    try:
        return parse_expression(text)
    except EquationError as error:
        unread = "the equation cannot be read"
        accepted = "an expression" if error.what.startswith(unread) else error.accepted
        what = error.what.replace(unread, "the loss cannot be read")
        found = KeyedError(what, ("loss",), accepted)
        found.inside = error.place
        raise found from None


def _at(value: Any) -> Literal["all", "last"] | tuple[int, ...]:
    if value in ("all", "last"):
        return value  # type: ignore[no-any-return]
    if not isinstance(value, list):
        accepted = 'loss_at = "all", "last" or a list of steps such as [2]'
        raise KeyedError(f"loss_at = {shown(value)}", ("loss_at",), accepted)
    return tuple(_step(one, k) for k, one in enumerate(value))


def _by(value: Any, cell: Cell) -> tuple[str, ...]:
    """The inputs by which gradients are wanted, too."""
    accepted = f"a list of inputs, of {', '.join(cell.roles.inputs) or 'which there are none'}"
    if not isinstance(value, list):
        raise KeyedError(f"gradients = {shown(value)}", ("gradients",), accepted)
    for k, name in enumerate(value):
        if name not in cell.roles.inputs:
            what = f"{shown(name)} is no input of the cell"
            raise KeyedError(what, ("gradients", k), accepted)
    return tuple(dict.fromkeys(value))


def _step(value: Any, k: int) -> int:
    whole = isinstance(value, int | Typed) and not isinstance(value, bool)
    if not whole or not str(value).isdecimal() or len(str(value)) > 9:
        raise KeyedError(f"{shown(value)} is no step", ("loss_at", k), "a step, counted from 1")
    return int(value)


def _own(given: Given, used: tuple[str, ...], known: tuple[str, ...]) -> Given:
    return {name: given.pop(name) for name in used if name in given and name not in known}


def _rate(value: Any) -> Numbers:
    try:
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise ProblemError(f"rate = {shown(value)}", accepted="a number such as 0.1")
        return Numbers.typed(str(value))
    except ProblemError as error:
        raise KeyedError(error.what, ("rate",), error.accepted) from None


def names_of(data: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """The names that a loss uses, by the section that may have their numbers."""
    if "loss" not in data:
        return {}
    found = Loss(_expression(data["loss"]))
    return {"inputs": found.timed, "parameters": found.bare}
