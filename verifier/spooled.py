"""Many things in order, in a file without a name, so that memory does not grow with them.

Each is written as a line of JSON and read again when it is asked for.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any, Generic, TypeVar, overload

T = TypeVar("T")


class Spooled(Sequence[T], Generic[T]):
    """Things that were put into a file; `put` makes JSON of one, `get` makes it again.

    So many as are `held` stay in memory as they were, the first ones.
    """

    def __init__(
        self, found: Iterable[T], put: Callable[[T], Any], get: Callable[[Any], T], held: int = 0
    ) -> None:
        self._held: list[T] = []
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 (it lives as long as this does)
        self._ends, self._get = [0], get
        for one in found:
            if len(self._held) < held:
                self._held.append(one)
            else:
                self._file.write(json.dumps(put(one)).encode())
                self._ends.append(self._file.tell())

    def __del__(self) -> None:
        with suppress(AttributeError, OSError):
            self._file.close()

    def __len__(self) -> int:
        return len(self._held) + len(self._ends) - 1

    @overload
    def __getitem__(self, k: int) -> T: ...

    @overload
    def __getitem__(self, k: slice) -> list[T]: ...

    def __getitem__(self, k: int | slice) -> T | list[T]:
        if isinstance(k, slice):
            return [self[n] for n in range(*k.indices(len(self)))]
        behind = range(len(self))[k] - len(self._held)
        if behind < 0:
            return self._held[behind]
        start, end = self._ends[behind : behind + 2]
        self._file.seek(start)
        return self._get(json.loads(self._file.read(end - start)))

    def __iter__(self) -> Iterator[T]:
        return (self[k] for k in range(len(self)))
