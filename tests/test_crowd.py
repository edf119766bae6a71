"""A class that many processes check: the same bytes as from one, whoever of them ends."""

from __future__ import annotations

import os
import signal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.conftest import SEED, module
from verifier import processes
from verifier.check.model import Answers, Checked
from verifier.cli import main
from verifier.documents import crowd
from verifier.documents.everyone import verdicts
from verifier.problem import load
from verifier.solution import solve

SHEETS = (
    "z_1 = 0.5381\nr_1 = 0.5294",
    "z_1 = 0.1513",
    "z_1 = abc",
    "h_1 = [0.1516, 0.0882, 0.0939]",
)


@pytest.fixture
def handed(tmp_path: Path) -> Path:
    """A class of more batches than one."""
    (tmp_path / "in").mkdir()
    for k in range(2 * crowd.BATCH + 3):
        (tmp_path / "in" / f"p{k:02}.txt").write_text(SHEETS[k % len(SHEETS)])
    return tmp_path


def written(folder: Path, where: str, *options: str) -> dict[str, bytes]:
    call = ["check", str(SEED), str(folder / "in"), "--format", "json", "--format", "md"]
    done = CliRunner().invoke(main, [*call, "--output", str(folder / where), *options])
    assert done.exit_code == 1, done.output
    files = (folder / where / SEED.stem).rglob("*.*")
    return {str(path.relative_to(folder / where)): path.read_bytes() for path in files}


def test_two_processes_write_what_one_does(handed: Path) -> None:
    alone = written(handed, "alone")
    assert len(alone) >= 2 * crowd.BATCH + 3
    assert written(handed, "many", "--jobs", "2") == alone


def people(count: int) -> list[Answers]:
    return [Answers(f"p{k}", f"p{k}.txt", {}) for k in range(count)]


def test_a_process_that_ends_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its batches are done again, and those that were to come go to new processes."""
    monkeypatch.setattr(crowd, "BATCH", 2)
    killed: list[int] = []
    submit = processes.Pool.submit

    def kill(self: processes.Pool, batch: Any) -> Any:
        future = submit(self, batch)
        if not killed:
            killed.append(next(iter(self.pool._processes)))
            os.kill(killed[0], signal.SIGTERM)
        return future

    monkeypatch.setattr(processes.Pool, "submit", kill)
    task, everyone = load(SEED), people(5)
    found = list(crowd.judged_here(task, everyone, 1))
    assert killed
    assert found == [verdicts(solve(task), one) for one in everyone]


def test_whoever_ends_every_process_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """One person's fault is that person's row; the others of the batch are judged."""

    class Broken:
        def submit(self, work: Any, batch: tuple[Answers, ...]) -> Any:
            if batch[0].person == "p1":
                raise crowd.BrokenProcessPool
            return self.Done(work(batch))

        def shutdown(self) -> None:
            """Nothing runs."""

        class Done:
            def __init__(self, found: list[Checked]) -> None:
                self.found = found

            def result(self) -> list[Checked]:
                return self.found

    monkeypatch.setattr(processes, "started", lambda _: Broken())
    work = partial(crowd.judged_batch, crowd.Task(load(SEED)))
    found = crowd._alone(work, tuple(people(3)))
    assert [checked.judged for checked in found] == [True, False, True]
    assert "ended twice" in found[1].answers.complaints[0].what


def test_no_more_batches_wait_than_there_is_work_for() -> None:
    """Memory does not grow with the class: what waits is a few batches a process."""
    waiting, most = 0, 0

    def submit(batch: Any) -> Any:
        nonlocal waiting, most
        waiting += 1
        most = max(most, waiting)
        return batch

    def result(_: Any, batch: Any) -> Any:
        nonlocal waiting
        waiting -= 1
        return batch

    everyone = people(1000)
    batches = processes.in_batches(everyone, 8)
    assert list(processes.in_order(submit, result, batches, 2)) == everyone
    assert most == 2 * processes.WAITING


def test_a_cluster_writes_what_one_process_does_and_may_lose_a_worker(handed: Path) -> None:
    distributed = module("distributed")
    alone = written(handed, "alone")
    options: dict[str, Any] = {"dashboard_address": None, "silence_logs": 50}
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, **options) as cluster:
        pid = next(iter(cluster.workers.values())).pid
        os.kill(pid, signal.SIGKILL)
        assert written(handed, "there", "--scheduler", cluster.scheduler_address) == alone


def test_an_address_that_no_one_answers_is_an_error(handed: Path) -> None:
    module("distributed")
    call = ["check", str(SEED), str(handed / "in"), "--scheduler", "nowhere"]
    done = CliRunner().invoke(main, call)
    assert done.exit_code == 2
    assert "no Dask scheduler answers at nowhere" in done.output


def test_a_thread_makes_what_is_prepared_in_order() -> None:
    """Only so many calls are prepared before the first is taken; what fails, fails in its place."""
    prepared: list[int] = []

    def calls() -> Any:
        for k in range(20):
            prepared.append(k)
            yield partial(divmod, 12, 3 - k)

    made = processes.ahead(calls())
    assert next(made) == (4, 0)
    assert prepared == [*range(processes.WAITING)]
    assert [next(made), next(made)] == [(6, 0), (12, 0)]
    with pytest.raises(ZeroDivisionError):
        next(made)
    assert len(prepared) < 20
