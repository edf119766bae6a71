"""The schedule: which names are evaluated together, in which direction, in which order."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.work import growth
from verifier import cells
from verifier.errors import EquationError
from verifier.language.parse import parse
from verifier.language.schedule import Block, Roles, roles, schedule
from verifier.language.tree import Call, Equation, Name

TABLE = [
    ("one quantity without a state", "y[t] = x[t]", "> y"),
    ("source order is not needed", "y[t] = h[t]\nh[t] = x[t]", "> h y"),
    ("source order is kept", "b[t] = x[t]\na[t] = x[t]\nc[t] = x[t]", "> b a c"),
    ("a state", "h[t] = tanh(x[t] + h[t-1])", "> h"),
    ("backwards", "h[t] = tanh(x[t] + h[t+1])", "< h"),
    ("a read-out joins", "h[t] = tanh(x[t] + h[t-1])\ny[t] = h[t]", "> h y"),
    ("a read-out runs forwards", "h[t] = tanh(x[t] + h[t+1])\ny[t] = h[t]", "< h | > y"),
    ("a gate runs forwards", "g[t] = x[t]\nh[t] = g[t] + h[t+1]", "> g | < h"),
    (
        "bidirectional",
        "f[t] = x[t] + f[t-1]\nb[t] = x[t] + b[t+1]\ny[t] = concat(f[t], b[t])",
        "> f | < b | > y",
    ),
    (
        "bidirectional, written the other way round",
        "y[t] = concat(f[t], b[t])\nb[t] = x[t] + b[t+1]\nf[t] = x[t] + f[t-1]",
        "< b | > f y",
    ),
    ("a stack", "a[t] = x[t] + a[t-1]\nb[t] = a[t] + b[t-1]\nc[t] = b[t] + c[t-1]", "> a b c"),
    (
        "a stack of bidirectional layers",
        "f[t] = x[t] + f[t-1]\nb[t] = x[t] + b[t+1]\n"
        "g[t] = f[t] + b[t] + g[t-1]\nc[t] = f[t] + b[t] + c[t+1]",
        "> f | < b | > g | < c",
    ),
    ("the last step of another quantity", "a[t] = x[t]\nb[t] = a[t-1]", "> a b"),
    ("the next step of another quantity", "a[t] = x[t]\nb[t] = a[t+1]", "> a | > b"),
    ("both neighbours of another quantity", "a[t] = x[t]\nb[t] = a[t-1] + a[t+1]", "> a | > b"),
    ("the next step of a forward state", "a[t] = x[t] + a[t-1]\nb[t] = a[t+1]", "> a | > b"),
    ("an input at other steps", "y[t] = x[t-1] + x[t] + x[t+1]", "> y"),
    ("a circle through the last step", "a[t] = b[t-1]\nb[t] = a[t]", "> a b"),
    ("the order within a circle", "a[t] = b[t]\nb[t] = a[t-1]", "> b a"),
    ("no input at all", "s[t] = 2 * s[t-1]", "> s"),
]


def written(blocks: tuple[Block, ...]) -> str:
    return " | ".join(f"{'<' if b.direction < 0 else '>'} {' '.join(b.names)}" for b in blocks)


@pytest.mark.parametrize(
    ("text", "expected"), [row[1:] for row in TABLE], ids=[r[0] for r in TABLE]
)
def test_blocks(text: str, expected: str) -> None:
    assert written(schedule(parse(text))) == expected


@pytest.mark.parametrize("text", [row[1] for row in TABLE], ids=[row[0] for row in TABLE])
def test_everything_is_there_when_it_is_needed(text: str) -> None:
    equations = parse(text)
    needs = {eq.name: eq.expression for eq in equations}
    done: set[tuple[str, int]] = set()
    for block in schedule(equations):
        for step in block.steps(3):
            for name in block.names:
                for other in _names(needs[name]):
                    at = step + (other.offset or 0)
                    if other.name in needs and 1 <= at <= 3:
                        assert (other.name, at) in done, (name, step)
                done.add((name, step))
    assert done == {(name, step) for name in needs for step in (1, 2, 3)}


def _names(tree: object) -> list[Name]:
    match tree:
        case Name():
            return [tree]
        case Call(_, parts):
            return [name for part in parts for name in _names(part)]
    return []


@pytest.mark.parametrize(
    ("cell", "expected"), [("gru", "> z r h s"), ("lstm", "> i f o g c h"), ("rnn", "> h")]
)
def test_catalogue(cell: str, expected: str) -> None:
    assert written(cells.load(cell).blocks) == expected


ERRORS = [
    ("a[t] = a[t]", "a needs itself within one step", 1),
    ("a[t] = b[t]\nb[t] = a[t]", "a and b need each other within one step", 1),
    ("x[t] = y[t]\ny[t] = 1\na[t] = b[t]\nb[t] = c[t]\nc[t] = a[t]", "a, b and c need each", 3),
    # The group holds s and d too, but the circle does not.
    (
        "d[t] = s[t-1] + b[t]\nb[t] = c[t]\nc[t] = b[t] + s[t-1]\ns[t] = d[t]",
        "b and c need each",
        2,
    ),
    ("a[t] = a[t-1] + a[t+1]", "a needs itself both forwards and backwards", 1),
    ("x[t] = 1\na[t] = b[t-1]\nb[t] = a[t+1]", "a and b need each other both forwards and", 2),
]


@pytest.mark.parametrize(("text", "message", "line"), ERRORS)
def test_circle_names_its_members(text: str, message: str, line: int) -> None:
    with pytest.raises(EquationError) as raised:
        schedule(parse(text))
    assert raised.value.what.startswith(message)
    assert raised.value.place is not None
    assert raised.value.place.line == line
    assert "[t-1]" in raised.value.accepted


def test_roles() -> None:
    text = "z[t] = x[t] @ U + s[t-1] * b\ns[t] = z[t] * x[t-1] + q[t+1]\nq[t] = q[t+1] @ U + 2 * c"
    assert roles(parse(text)) == Roles(
        defined=("z", "s", "q"),
        parameters=("U", "b", "c"),
        inputs=("x",),
        initial=("s", "x"),
        final=("q",),
    )


def test_roles_of_trees_without_a_text() -> None:
    equations = (Equation("z", Name("a")), Equation("h", Name("z")))
    with pytest.raises(EquationError, match="'z' stands without a step"):
        roles(equations)


def test_steps_count_from_one() -> None:
    assert list(Block(1, ("h",)).steps(3)) == [1, 2, 3]
    assert list(Block(-1, ("h",)).steps(3)) == [3, 2, 1]


def scheduled_chain(count: int) -> None:
    """Schedule equations that each need the next one; then close the circle."""
    lines = [f"a{i}[t] = a{i + 1}[t]" for i in range(count)] + [f"a{count}[t] = a0[t-1]"]
    equations = tuple(eq for line in lines for eq in parse(line))
    (block,) = schedule(equations)
    assert block.names == tuple(f"a{i}" for i in range(count, -1, -1))
    with pytest.raises(EquationError, match="within one step"):
        schedule((*equations[:-1], *parse(f"a{count}[t] = a0[t]")))


def test_the_work_of_scheduling_grows_with_the_equations() -> None:
    assert growth(scheduled_chain, 600) < 2.2


def test_order_does_not_hang_on_the_hash_seed() -> None:
    program = (
        "from verifier.language.parse import parse\n"
        "from verifier.language.schedule import schedule\n"
        "text = '\\n'.join(f'{a}[t] = x[t] + {b}[t] + {c}[t+1]' for a, b, c in "
        "['ade', 'bfg', 'chi'])\n"
        "rest = '\\n'.join(f'{a}[t] = x[t] + {a}[t-1]' for a in 'ihgfed')\n"
        "print(schedule(parse(text + '\\n' + rest)))"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in "123"
    }
    assert len(runs) == 1
