"""What frameworks ask of a stack that is one module: layers that are all alike."""

from __future__ import annotations

from verifier.models.gates import NotRecognisedError
from verifier.models.model import USUAL, Form, Model


def uniform(model: Model, framework: str) -> Form:
    """The form that all layers and directions share.

    Errors: NotRecognisedError where they differ, or do what the framework's layers do not.
    """
    every = [direction for layer in model.layers for direction in layer]
    form = every[0].form
    if any(direction.form != form for direction in every):
        raise NotRecognisedError(f"layers of different forms are no one module of {framework}")
    if len({len(layer) for layer in model.layers}) > 1 or every[0].backwards:
        raise NotRecognisedError(f"{framework} has no such directions")
    for direction in every:
        refuse(form, direction.parameters, framework)
    return form


def refuse(form: Form, parameters: object, framework: str) -> None:
    """Refuse what no layer of the frameworks has but ONNX's.

    Errors: NotRecognisedError for clips, coupled gates and peepholes.
    """
    if form.clip or form.coupled:
        what = "a clip" if form.clip else "f = 1 − i"
        raise NotRecognisedError(f"{framework} has no {what}")
    if any(str(name).startswith("p_") for name in parameters):  # type: ignore[attr-defined]
        raise NotRecognisedError(f"{framework} has no peepholes")


def usual(form: Form) -> bool:
    """Whether the activations are the usual ones."""
    return form.functions == USUAL[form.kind]
