"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from verifier.errors import DocumentError


def write(path: Path, content: str | bytes) -> None:
    """Put the content in a file: a temporary one in the same folder, moved into place.

    Errors: DocumentError when the folder cannot be made or written to; an old file stays whole.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise _failed(path, error) from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, path)
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        raise _failed(path, error) from None


def write_changed(path: Path, content: str | bytes) -> bool:
    """Whether the file had another content, or was not there, and so was written.

    A file that holds the content already keeps its time: what is built from it stays built.
    """
    data = content.encode("utf-8") if isinstance(content, str) else content
    try:
        if path.read_bytes() == data:
            return False
    except OSError:
        pass  # it is not there; if it cannot be read either, writing says why
    write(path, data)
    return True


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _failed(path: Path, error: OSError) -> DocumentError:
    return DocumentError(
        f"{path} cannot be written: {error.strerror or error}",
        accepted="a folder that can be written to (--output DIR), or --stdout",
    )
