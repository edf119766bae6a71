"""Processes that answer requests: one that takes too long, or dies, is replaced."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from verifier import effort

READY = "verifier.serve.actions"


def _serve(connection: Any) -> None:
    """Answer what comes in, for as long as there is someone to answer to."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    from verifier.serve.actions import answer

    while True:
        try:
            connection.send(_safe(answer, connection.recv()))
        except (EOFError, OSError):
            return


def _safe(answer: Any, text: str) -> str:
    try:
        found: str = answer(text)
    except (Exception, RecursionError, MemoryError) as error:
        return failed(f"this could not be worked out ({type(error).__name__})")
    return found


def failed(what: str) -> str:
    """The answer to a request that has none."""
    return json.dumps({"error": {"what": what, "accepted": "", "key": []}})


class Worker:
    """A process that answers one request after the other."""

    def __init__(self, context: Any) -> None:
        self.context = context
        self._start()

    def _start(self) -> None:
        self.connection, other = self.context.Pipe()
        self.process = self.context.Process(target=_serve, args=(other,), daemon=True)
        self.process.start()
        other.close()

    def ask(self, text: str) -> str:
        """The answer; a message where it takes too long, or the process has ended."""
        try:
            self.connection.send(text)
            if self.connection.poll(effort.SERVED_SECONDS):
                found: str = self.connection.recv()
                return found
            what = f"this takes longer than {effort.SERVED_SECONDS} seconds; `verifier solve` may"
        except (EOFError, OSError):
            what = "this was given up"
        self.stop()
        self._start()
        return failed(what)

    def stop(self) -> None:
        """End the process, whatever it does."""
        self.process.kill()
        self.process.join()
        self.connection.close()


class Workers:
    """As many processes as there are hands, and the requests that wait for one."""

    def __init__(self, count: int) -> None:
        methods = multiprocessing.get_all_start_methods()
        context: Any = multiprocessing.get_context(
            "forkserver" if "forkserver" in methods else "spawn"
        )
        if "forkserver" in methods:
            context.set_forkserver_preload([READY])
        self.all = [Worker(context) for _ in range(count)]
        self.threads = ThreadPoolExecutor(count)
        self.free: asyncio.Queue[Worker] = asyncio.Queue()
        for worker in self.all:
            self.free.put_nowait(worker)

    async def ask(self, text: str, gone: asyncio.Task[None]) -> str:
        """The answer, unless `gone` is done before: who waits no more frees the process."""
        waiting = asyncio.create_task(self.free.get())
        first: set[asyncio.Future[Any]] = {waiting, gone}
        await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
        if not waiting.done():
            waiting.cancel()
            return failed("overtaken")
        worker = waiting.result()
        try:
            job = asyncio.get_running_loop().run_in_executor(self.threads, worker.ask, text)
            either: set[asyncio.Future[Any]] = {job, gone}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not job.done() and not (await asyncio.wait({job}, timeout=effort.SERVED_GRACE))[0]:
                worker.process.kill()
            return await job
        finally:
            self.free.put_nowait(worker)

    def stop(self) -> None:
        """End all processes."""
        for worker in self.all:
            worker.stop()
        self.threads.shutdown(wait=False)
