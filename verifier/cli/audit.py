"""`verifier audit`."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

import click

from verifier.cli.options import (
    backward_option,
    check_stdout,
    deliver,
    engine_option,
    meant,
    narrowed,
    output_options,
    shown_options,
    working,
)
from verifier.errors import VerifierError, shown
from verifier.formats import Engine
from verifier.problem import Problem, load
from verifier.report.kinds import KINDS
from verifier.solution import Solution

if TYPE_CHECKING:
    from verifier.arithmetic.ieee import Ieee
    from verifier.audit.findings import Findings

FLOATS = ("float16", "bfloat16", "float32", "float64")
DEPLOYED = (
    "tf32",
    "autocast-bfloat16",
    "autocast-float16",
    "float8_e4m3fn",
    "float8_e5m2",
    "int8-dynamic",
)
"""Models that cells are deployed in; without --float they are left out."""

ENTRY = re.compile(r"(\d{1,6}):(\w{1,100})(?:\[([\d, ]{1,40})\])?", re.ASCII)

Place = tuple[int, str, int]


@click.command()
@click.argument("problem", type=click.Path(path_type=Path), required=False)
@click.option(
    "--float",
    "floats",
    multiple=True,
    type=click.Choice(FLOATS + DEPLOYED),
    default=FLOATS,
    help="A format, or a model of evaluation; may be given several times.  [default: the four"
    f" formats {', '.join(FLOATS)}]",
)
@click.option(
    "--order",
    type=click.Choice(("sequential", "pairwise", "numpy")),
    default="sequential",
    show_default=True,
    help="The order in which products are added.",
)
@click.option("--accumulator", type=click.Choice(FLOATS), help="The format of sums, if wider.")
@click.option("--fma", is_flag=True, help="Sums use fused multiply-add.")
@click.option(
    "--sigmoid",
    type=click.Choice(("naive", "stable", "tanh")),
    default="naive",
    show_default=True,
    help="The formula of sigmoid.",
)
@click.option(
    "--against",
    "programs",
    multiple=True,
    metavar="PROGRAM",
    help="Compare a program's outputs: numpy, torch, onnxruntime, a saved model (.onnx, .keras), or"
    " module:function, one of your own (a function, or a module of Keras, PyTorch or Flax), which"
    " is run; may be given several times.",
)
@click.option(
    "--entry",
    "places",
    multiple=True,
    metavar="STEP:NAME[INDEX]",
    help="An entry to attribute; steps count from 1, indices from 0.",
)
@click.option(
    "--probe",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.toml",
    help="Write a problem with the same equations that tells known conventions apart.",
)
@click.option(
    "--ranges", is_flag=True, help="Bound the errors over the whole box of the given intervals."
)
@click.option("--force", is_flag=True, help="With --probe: write over a file that is there.")
@backward_option
@output_options(KINDS["audit"].formats, ("md",))
@engine_option
@shown_options
@click.option("--check-functions", is_flag=True, help="Try the installed exp, tanh and others.")
@click.option(
    "--count",
    type=click.IntRange(100, 10_000_000),
    default=1_000_000,
    show_default=True,
    help="How many arguments --check-functions tries.",
)
def audit(
    problem: Path | None,
    floats: tuple[str, ...],
    order: str,
    accumulator: str | None,
    fma: bool,
    sigmoid: str,
    programs: tuple[str, ...],
    places: tuple[str, ...],
    probe: Path | None,
    ranges: bool,
    force: bool,
    backward: bool,
    formats: tuple[str, ...],
    output: Path,
    stdout: bool,
    engine: Engine,
    only: tuple[str, ...],
    steps: tuple[str, ...],
    check_functions: bool,
    count: int,
) -> None:
    """Measure and bound the floating-point errors of PROBLEM, and say where they come from."""
    if check_functions:
        sys.exit(0 if _functions_hold(programs or ("numpy",), count) else 1)
    if problem is None:
        raise VerifierError("no problem to audit", accepted="a file, or --check-functions")
    if probe is not None:
        _refuse_more({"--probe": ranges})
        _write_probe(load(problem), floats, probe, force)
        return
    check_stdout(formats, stdout)
    models = [_model(float, order, accumulator, fma, sigmoid) for float in dict.fromkeys(floats)]
    if ranges:
        _refuse_more({"--against": programs, "--entry": places, "--backward": backward})
        _refuse_more({name: name in formats for name in ("svg", "png")})
        _refuse_more({f"--float {name}": name not in FLOATS for name in floats})
        task = narrowed(load(problem, intervals=True), only, steps)
        _bound_over(task, models, problem.name, formats, engine, output, stdout)
        return
    task = narrowed(meant(load(problem), backward, uniform=True, descent=False), only, steps)
    wanted = [_place(task, text) for text in places]
    with working(f"auditing {problem.name}"):
        from verifier.audit.whole import whole
        from verifier.documents.audit import audit_documents
        from verifier.models.layers import layers

        found = whole(Solution(task), models, programs, wanted, layers)

        texts = audit_documents(found, dict.fromkeys(formats), engine)
    deliver(texts, task, output, "audit", stdout)
    _say(found, stdout)
    sys.exit(0 if found.sound else 1)


def _refuse_more(asked: dict[str, object]) -> None:
    """Errors: VerifierError for what is of single numbers."""
    for option in (option for option, value in asked.items() if value):
        raise VerifierError(f"--ranges with {option}", accepted="one of the two")


def _bound_over(
    task: Problem,
    models: list[Ieee],
    name: str,
    formats: tuple[str, ...],
    engine: Engine,
    output: Path,
    stdout: bool,
) -> None:
    """Write the bounds over the box of a problem's intervals."""
    from verifier.audit.over import boxed
    from verifier.documents.audit import boxed_documents

    with working(f"bounding {name}"):
        texts = boxed_documents(boxed(task, models), dict.fromkeys(formats), engine)
    deliver(texts, task, output, "audit", stdout)


def _write_probe(problem: Problem, floats: tuple[str, ...], path: Path, force: bool) -> None:
    """Write the problem that tells most apart, and say what it tells."""
    from verifier.audit.probe import probe
    from verifier.exercises.filed import variant_text
    from verifier.report.audit.lines import probe_lines
    from verifier.report.write import write

    if not force and (path.exists() or path.is_symlink()):
        raise VerifierError(f"{path} is there already", accepted="another file, or --force")
    with working("looking for numbers that tell conventions apart"):
        found = probe(problem, "float32" if "float32" in floats else floats[0])
    title = f"{problem.title} (probe)".strip()
    write(path, variant_text(problem, found.problem, title))
    for line in probe_lines(found):
        click.echo(line)
    click.echo(f"wrote {path}")


def _model(float: str, order: str, accumulator: str | None, fma: bool, sigmoid: str) -> Ieee:
    """The stated model of a format; a narrower accumulator than the format is the format."""
    from verifier.arithmetic.ieee import BINARY, FORMATS, Ieee

    own = FORMATS[float].computed.precision
    wider = accumulator and BINARY[accumulator].precision > own
    return Ieee(float, order, accumulator if wider else "", fma, sigmoid)  # type: ignore[arg-type]


def _place(task: Problem, text: str) -> Place:
    """An entry that was asked for, by its number among its quantity's. Errors: VerifierError."""
    match = ENTRY.fullmatch(text.strip())
    if match is None:
        raise VerifierError(f"--entry {shown(text)}", accepted="STEP:NAME[INDEX], such as 2:s[1]")
    step, name = int(match[1]), match[2]
    index = tuple(int(part) for part in match[3].split(",")) if match[3] else ()
    if name not in task.cell.equation or not 1 <= step <= task.steps:
        names = ", ".join(task.cell.equation)
        raise VerifierError(
            f"--entry {shown(text)}: there is no such quantity",
            accepted=f"steps 1 to {task.steps} of {names}",
        )
    shape = task.shapes[name]
    if not index and task.size(name) == 1:
        index = (0,) * len(shape)
    if len(index) != len(shape) or any(i >= size for i, size in zip(index, shape, strict=True)):
        raise VerifierError(
            f"--entry {shown(text)}: {name} has the shape {shape}", accepted="an index within it"
        )
    return step, name, sum(i * prod(shape[axis + 1 :]) for axis, i in enumerate(index))


def _say(found: Findings, stdout: bool) -> None:
    """A line for each format and each program."""
    from verifier.report.audit.lines import terminal_lines

    for line in terminal_lines(found):
        click.echo(line, err=stdout)


def _functions_hold(programs: Iterable[str], count: int) -> bool:
    """Whether no function errs more than is assumed; prints a table of what was found."""
    from verifier.audit.implementations import implementation
    from verifier.audit.trials import trials
    from verifier.report.terminal import show_trials

    found = []
    for name in dict.fromkeys(programs):
        with working(f"trying the functions of {name}"):
            found += list(trials(name, implementation(name).functions, count))
    show_trials(found)
    return all(trial.holds for trial in found)
