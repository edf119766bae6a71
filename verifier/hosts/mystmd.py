"""A plugin of mystmd and Jupyter Book 2: an executable that speaks JSON.

mystmd calls it without arguments for what there is, and with `--directive NAME` or `--role NAME`
for nodes of its tree. Texts become nodes of text: nothing in them is markup of the host's.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from verifier.cli.options import changed
from verifier.documents.blocks import (
    Block,
    Bullets,
    Display,
    Fold,
    Heading,
    Paragraph,
    Table,
    Verbatim,
)
from verifier.documents.passages import passage_blocks
from verifier.documents.pieces import chosen, label_of, piece_text
from verifier.documents.source import Source
from verifier.errors import VerifierError, shown
from verifier.formats import load as format_of
from verifier.letters import seen
from verifier.markup import Figures, Inline, Link, Math, Room, Strong
from verifier.problem import load
from verifier.report.means import words_of
from verifier.report.render import formula
from verifier.report.scribe import Line, Scribe
from verifier.solution import Solution, solve

Node = dict[str, Any]
FORMAT = "pandoc"
"""Whose mathematics mystmd reads."""

OPTIONS = ("places", "figures", "mode", "policy", "detail")
WHOLE = {
    "verifier-solution": "solution",
    "verifier-sheet": "sheet",
    "verifier-audit": "audit",
}
MADE_FROM = {
    "float": "Floating-point formats of an audit, between commas.",
    "answers": "Files or folders of answers, between commas.",
}


def specification() -> Node:
    """What mystmd is told of the plugin."""
    rounding = {name: {"type": "string", "doc": f"The {name} of results."} for name in OPTIONS}
    rounding |= {name: {"type": "string", "doc": doc} for name, doc in MADE_FROM.items()}
    label = {"type": "string", "doc": "A label under which mathematics is numbered."}
    argument = {"type": "string", "required": True}
    each: list[Node] = [
        {"name": name, "doc": f"A {kind}.", "arg": argument, "options": rounding}
        for name, kind in WHOLE.items()
    ]
    piece: Node = {"name": "verifier-piece", "doc": "A piece, as in `hw10.toml z@2:numbers`."}
    piece |= {"arg": argument, "options": rounding | {"label": label}}
    role = {"name": "verifier", "doc": "A number, as in `hw10.toml s[2][1]`.", "body": argument}
    return {"name": "verifier", "directives": [*each, piece], "roles": [role]}


def directive(name: str, data: Node) -> list[Node]:
    """The nodes of a directive.

    Errors: VerifierError for what cannot be used.
    """
    options = data.get("options") or {}
    words = str(data.get("arg") or "").split(None, 1)
    wanted = WHOLE.get(name) or (words[1] if len(words) > 1 else "")
    if not words or not wanted:
        raise VerifierError(f"{name} {shown(' '.join(words))}", accepted="PROBLEM.toml PIECE")
    source, piece = chosen(_source(words[0], options), wanted)
    if piece.whole:
        problem = source.solution.problem
        scribe = Scribe(problem, format_of(FORMAT), words_of(problem))
        return [node for block in passage_blocks(source, piece, scribe) for node in _node(block)]
    node: Node = {"type": "math", "value": piece_text(source, piece, "md")}
    if "label" in options:
        label = options["label"] or label_of(source.solution.problem.stem, piece)
        node |= {"label": label, "identifier": label.lower(), "enumerated": True}
    return [node]


def role(data: Node) -> list[Node]:
    """The node of a role: mathematics in a line.

    Errors: VerifierError for what cannot be used.
    """
    words = str(data.get("body") or "").split(None, 1)
    if len(words) != 2:
        raise VerifierError(f"verifier {shown(' '.join(words))}", accepted="PROBLEM.toml PIECE")
    return [{"type": "inlineMath", "value": piece_text(_source(words[0], {}), words[1], "md")}]


def _source(name: str, options: Node) -> Source:
    """What pieces of a problem file are made from, with the answers and formats that are named."""
    answers = tuple(map(_inside, _listed(options.get("answers"))))
    return Source(_solved(name, options), answers, tuple(_listed(options.get("float"))))


def _listed(text: Any) -> list[str]:
    return list(filter(None, map(str.strip, str(text or "").split(","))))


def _inside(name: str) -> Path:
    """A path below the working folder, which is the project's."""
    path = Path(name).resolve()
    if not path.is_relative_to(Path.cwd().resolve()):
        raise VerifierError(f"{shown(name)} is outside of the project", accepted="a file inside")
    return path


def _solved(name: str, options: Node) -> Solution:
    path = _inside(name)
    counts = {key: _whole(key, options[key]) for key in ("places", "figures") if key in options}
    given = dict.fromkeys(OPTIONS) | {key: options[key] for key in OPTIONS if key in options}
    return solve(changed(load(path), **given | counts))


def _whole(key: str, text: Any) -> int:
    if not str(text).isdecimal() or len(str(text)) > 4:
        raise VerifierError(f"{key} = {shown(text)}", accepted="a whole number")
    return int(text)


def _node(block: Block) -> Iterator[Node]:
    """The nodes of a block; of one of another kind, those of what stands for it."""
    make = _NODES.get(type(block))
    if make is not None:
        yield make(block)
    elif list(block.opened) != [block]:
        yield from _nodes(block.opened)


def _nodes(blocks: Iterable[Block]) -> list[Node]:
    return [node for block in blocks for node in _node(block)]


def _text(text: str) -> Node:
    return {"type": "text", "value": seen(text)}


def _parent(kind: str, children: list[Node], **more: Any) -> Node:
    return {"type": kind, "children": children, **more}


def _inline(parts: Inline) -> list[Node]:
    return [node for part in parts for node in _part(part)]


def _part(part: Any) -> list[Node]:
    match part:
        case Math():
            return [{"type": "inlineMath", "value": str(part)}]
        case Strong(text):
            return [_parent("strong", _inline(text))]
        case Figures(entries):
            numbers = [_part(entry.number) for entry in entries]
            return [node for number in numbers for node in (*number, _text(" "))][:-1]
        case Link(text, _):
            return [_text(text)]
        case Room():
            return [_text("\N{NO-BREAK SPACE}" * 8)]
    return [_text(str(part))]


def _paragraph(block: Paragraph) -> Node:
    found = [node for sentence in block.sentences for node in (*_inline(sentence), _text(" "))]
    return _parent("paragraph", found[:-1])


def _display(block: Display) -> Node:
    return {"type": "math", "value": _lines(block.lines)}


def _lines(lines: tuple[Line, ...]) -> str:
    return formula("lines", format_of(FORMAT), lines).strip()


def _fold(block: Fold) -> Node:
    return _parent("details", [_parent("summary", _inline(block.title)), *_nodes(block.blocks)])


def _table(block: Table) -> Node:
    cells = [column.head for column in block.columns], *[row.cells for row in block.rows]
    rows = [
        _parent("tableRow", [_parent("tableCell", _inline(cell), header=not k) for cell in row])
        for k, row in enumerate(cells)
    ]
    return _parent("table", rows)


_NODES: dict[type, Callable[[Any], Node]] = {
    Heading: lambda block: _parent("paragraph", [_parent("strong", _inline(block.text))]),
    Paragraph: _paragraph,
    Display: _display,
    Fold: _fold,
    Table: _table,
    Bullets: lambda block: _parent(
        "list", [_parent("listItem", _inline(item)) for item in block.items], ordered=False
    ),
    Verbatim: lambda block: {"type": "code", "value": "\n".join(block.lines)},
}


def main(arguments: list[str] | None = None) -> None:
    """Answer one call of mystmd; what cannot be used is told on stderr, with exit code 2."""
    words = sys.argv[1:] if arguments is None else arguments
    try:
        print(json.dumps(_answer(words)))
    except VerifierError as error:
        print(f"verifier: {error}", file=sys.stderr)
        sys.exit(2)


def _answer(words: list[str]) -> Any:
    if not words:
        return specification()
    known = {*WHOLE, "verifier-piece"} if words[0] == "--directive" else {"verifier"}
    if len(words) != 2 or words[0] not in ("--directive", "--role") or words[1] not in known:
        raise VerifierError(f"the call {shown(' '.join(words))}", accepted="a call by mystmd")
    try:
        data = json.load(sys.stdin)
    except ValueError:
        raise VerifierError("no JSON on stdin", accepted="a call by mystmd") from None
    if not isinstance(data, dict):
        raise VerifierError("the data of the call are no object", accepted="a call by mystmd")
    return directive(words[1], data) if words[0] == "--directive" else role(data)


if __name__ == "__main__":
    main()
