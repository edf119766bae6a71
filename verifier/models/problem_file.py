"""A model as a problem file, its numbers in an array file beside it."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import numpy as np

from verifier.models.equations import equations, outputs, spellings, tag
from verifier.models.model import Model

Files = dict[str, str | bytes]


def problem_files(model: Model, stem: str) -> Files:
    """The text of a problem and the bytes of its arrays, by the names of their files."""
    return {f"{stem}.npz": _packed(_arrays(model)), f"{stem}.toml": problem_text(model, stem)}


def problem_text(model: Model, stem: str) -> str:
    """The problem file, which names `stem`.npz beside it."""
    return "\n".join(_text(model, stem)) + "\n"


def _text(model: Model, stem: str) -> Iterator[str]:
    yield from (f"# {line}" for note in model.notes for line in _wrapped(note))
    yield f"# The output of the last layer is {outputs(model)}."
    yield f"title = {json.dumps(model.title, ensure_ascii=False)}"
    yield f'equations = """\n{equations(model)}\n"""'
    names = spellings(model)
    if names:
        yield "\n[notation.names]"
        yield from (
            f"{name} = {json.dumps(as_, ensure_ascii=False)}" for name, as_ in names.items()
        )
    for section in dict.fromkeys(name.split(".")[0] for name in _arrays(model)):
        yield f"\n[{section}]\nfile = {json.dumps(f'{stem}.npz', ensure_ascii=False)}"
        yield f'select = "{section}."'


def _wrapped(note: str) -> list[str]:
    import textwrap

    return textwrap.wrap(note, 98)


def _arrays(model: Model) -> dict[str, Any]:
    """All numbers by section and name; a state whose values before the sequence are zero is not."""
    found: dict[str, Any] = {}
    for layer, directions in enumerate(model.layers):
        for number, direction in enumerate(directions):
            mark = tag(model, layer, number)
            found |= {f"parameters.{n}{mark}": a for n, a in direction.parameters.items()}
            end = "final" if direction.backwards else "initial"
            found |= {f"{end}.{n}{mark}": a for n, a in direction.states.items()}
    return found | {"inputs.x": model.inputs}


def _packed(arrays: dict[str, Any]) -> bytes:
    out = io.BytesIO()
    np.savez(out, **{name: held(array) for name, array in arrays.items()})
    return out.getvalue()


def held(array: Any) -> Any:
    """The array; bfloat16, which .npy has no name for, as the float32 numbers that it is."""
    return array.astype(np.float32) if array.dtype.name == "bfloat16" else np.asarray(array)
