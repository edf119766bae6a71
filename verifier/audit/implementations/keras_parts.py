"""Keras's models: the part that is recurrent, and what it gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from verifier.errors import VerifierError


def loaded(path: Path) -> Any:
    """The model in a file; code is refused. Errors: whatever Keras raises."""
    import keras

    return keras.saving.load_model(path, compile=False, safe_mode=True)


def recurrent(model: Any, file: str) -> Any:
    """A model from its first to its last recurrent layer; of a class of its own, as it is.

    Errors: VerifierError where a recurrent layer does not stand between them.
    """
    import keras

    if type(model).__name__ not in ("Sequential", "Functional"):
        return model
    own = _own(model)
    if not own:
        return model
    try:
        end = own[-1].output
        end = end[0] if isinstance(end, list | tuple) else end
        part = keras.Model(own[0].input, end)
    except Exception:  # whatever Keras says of layers that are called twice, or lead elsewhere
        part = None
    if part is None or len(_own(part)) != len(own):
        names = ", ".join(layer.name for layer in own)
        what = f"{file}: the recurrent layers {names} are no stack"
        raise VerifierError(what, accepted="layers one behind the other, or module:function")
    return part


def _own(model: Any) -> list[Any]:
    """The recurrent layers of a model."""
    import keras

    kinds = (keras.layers.RNN, keras.layers.Bidirectional)
    return [layer for layer in model.layers if isinstance(layer, kinds)]


def batch(part: Any) -> Any:
    """The size of the batch that a model declares; None where it declares none."""
    inputs = getattr(part, "inputs", None)
    return inputs[0].shape[0] if inputs else None


def format_of(part: Any) -> str:
    """The type of what a model gives; empty where it does not say."""
    import keras

    outputs = getattr(part, "outputs", None)
    return str(keras.backend.standardize_dtype(outputs[0].dtype)) if outputs else ""


def gives_ends(part: Any) -> bool:
    """Whether the last layer gives the last state of each direction beside each other."""
    import keras

    last: Any = part.layers[-1] if getattr(part, "layers", None) else None
    if not isinstance(last, keras.layers.Bidirectional):
        return False
    return last.merge_mode == "concat" and not last.return_sequences
