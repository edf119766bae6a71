"""Files that are written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from verifier.errors import DocumentError

Content = str | bytes | Iterator[str | bytes]
"""A document: whole, or in parts that are made while they are written."""


def parts(content: Content) -> Iterator[bytes]:
    """The bytes of a document, part after part."""
    every = [content] if isinstance(content, str | bytes) else content
    yield from (part if isinstance(part, bytes) else part.encode("utf-8") for part in every)


def write(path: Path, content: Content) -> None:
    """Put the content in a file: a temporary one in the same folder, moved into place.

    Errors: DocumentError when the folder cannot be made or written to; an old file stays whole.
    """
    # Its name is known before it exists, so that an interruption at any moment removes it.
    name = path.parent / f".verifier-{os.urandom(8).hex()}.tmp"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(name, "xb") as file:
            file.writelines(parts(content))
        os.replace(name, path)
    except OSError as error:
        raise _failed(path, error) from None
    finally:
        with suppress(OSError):  # it is in place, or never was there
            name.unlink()


class Growing:
    """A file that is written part by part under its name and ".part", until it is `done`.

    What is in it are whole parts. Errors: DocumentError when it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path, self.part, self.size = path, path.with_name(path.name + ".part"), 0
        with failing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            self.part.unlink(missing_ok=True)
            self.file = open(self.part, "xb")  # noqa: SIM115 (it is open as long as it grows)

    def put(self, content: Content) -> None:
        """Write one part more."""
        with failing(self.path):
            self.file.writelines(parts(content))
            self.file.flush()
            self.size = self.file.tell()

    def done(self) -> None:
        """Move the file into place."""
        with failing(self.path):
            if not self._own():
                what = f"{self.part} is written by another call at the same time"
                raise DocumentError(what, accepted="one at a time, or another --output")
            self.file.close()
            os.replace(self.part, self.path)

    def kept(self) -> bool:
        """Whether anything is kept, once something has gone wrong: whole parts are."""
        own = self._own()
        with suppress(OSError, ValueError):
            self._cut()
        if own and not self.size:
            with suppress(OSError):
                self.part.unlink()
        return own and self.size > 0

    def _cut(self) -> None:
        """Close the file and cut it back to whole parts: what waits in its buffer comes too late,
        and on a full disk cannot even be let go of without an error."""
        again = os.dup(self.file.fileno())
        try:
            with suppress(OSError):
                self.file.close()
            os.ftruncate(again, self.size)
        finally:
            os.close(again)

    def _own(self) -> bool:
        """Whether the file is still what is found by its name."""
        try:
            return os.path.samestat(os.fstat(self.file.fileno()), self.part.stat())
        except (OSError, ValueError):  # it is not there, or not open
            return False


@contextmanager
def failing(path: Path) -> Iterator[None]:
    """Errors of the system as one that names the file."""
    try:
        yield
    except OSError as error:
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


def _failed(path: Path, error: OSError) -> DocumentError:
    return DocumentError(
        f"{path} cannot be written: {error.strerror or error}",
        accepted="a folder that can be written to (--output DIR), or --stdout",
    )
