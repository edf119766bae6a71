"""Bytes of array files."""

from __future__ import annotations

import io
from typing import Any

import numpy as np

from verifier.errors import MissingExtraError, extra
from verifier.models.problem_file import held


def npy(array: Any) -> bytes:
    """The bytes of an .npy file."""
    out = io.BytesIO()
    np.save(out, held(array), allow_pickle=False)
    return out.getvalue()


def safetensors(arrays: dict[str, Any]) -> bytes:
    """The bytes of a .safetensors file. Errors: MissingExtraError."""
    try:
        from safetensors.numpy import save
    except ImportError:
        raise MissingExtraError(
            "writing .safetensors needs the package safetensors", accepted=extra("safetensors")
        ) from None
    return bytes(save(arrays))
