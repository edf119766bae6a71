"""How a functional model of Keras calls its layers: what each takes, and from which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from verifier.errors import shown

TENSOR = "__keras_tensor__"


@dataclass(frozen=True)
class Calls:
    """How a functional model calls a layer; nothing is said of those of a sequential one."""

    nodes: tuple[Any, ...]

    @property
    def source(self) -> str:
        """The layer whose output it takes; empty where the file does not say."""
        return str(self._history[0])

    @property
    def _history(self) -> tuple[Any, ...]:
        try:
            history = self.nodes[0]["args"][0]["config"]["keras_history"]
            return (history[0], history[1], history[2])
        except (KeyError, IndexError, TypeError):
            return ("", 0, 0)

    @property
    def unread(self) -> str:
        """What of the calls is not understood; empty where the layer takes one sequence, once."""
        if not self.nodes:
            return ""
        if len(self.nodes) > 1:
            return f"is called {len(self.nodes)} times"
        node = self.nodes[0] if isinstance(self.nodes[0], dict) else {}
        named = [key for key, value in _kwargs(node).items() if _has_tensor(value)]
        if named:
            return f"is given {shown(named[0])} by another layer"
        if self.source == "" or len(node["args"]) != 1:
            return "takes more than one array"
        return "" if self._history[1:] == (0, 0) else f"takes another output of {self.source}"


def _has_tensor(value: Any) -> bool:
    left = [value]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            if one.get("class_name") == TENSOR:
                return True
            left += one.values()
        elif isinstance(one, list):
            left += one
    return False


def _kwargs(node: Mapping[str, Any]) -> Mapping[str, Any]:
    found = node.get("kwargs")
    return found if isinstance(found, dict) else {}
