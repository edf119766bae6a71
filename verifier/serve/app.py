"""The server: the page's files, and one address for its requests, for this machine alone."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from verifier import effort
from verifier.serve.page import FILES, LANGUAGES, page
from verifier.serve.workers import Workers, failed

NAMES = ("127.0.0.1", "localhost", "[::1]")
"""What this machine is called by its own browsers; other names may lead here by a trick."""

HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "style-src-attr 'unsafe-inline'; connect-src 'self'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}


class Guard:
    """Lets requests pass that this machine's own page or its user makes, and no others."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not allowed(dict(scope["headers"])):
            await Response(failed("not from here"), 403)(scope, receive, send)
        elif scope["type"] in ("http", "lifespan"):
            await self.app(scope, receive, _with_headers(send))


def allowed(headers: dict[bytes, bytes]) -> bool:
    """Whether the host is this machine, and the origin, if one is told, the page itself."""
    host = headers.get(b"host", b"").decode("latin-1")
    name = re.sub(r":\d{1,5}$", "", host)
    origin = headers.get(b"origin", f"http://{host}".encode("latin-1")).decode("latin-1")
    site = headers.get(b"sec-fetch-site", b"none")
    return name in NAMES and origin == f"http://{host}" and site in (b"none", b"same-origin")


def _with_headers(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            more = [(k.encode(), v.encode()) for k, v in HEADERS.items()]
            message["headers"] = [*message.get("headers", ()), *more]
        await send(message)

    return sent


async def _read(request: Request) -> bytes | None:
    """The body; None where it is too large, which is known before all of it has come."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > effort.SERVED_BYTES:
            return None
        parts.append(part)
    return b"".join(parts)


def _answered(workers: Callable[[], Workers]) -> Callable[[Request], Any]:
    async def answered(request: Request) -> Response:
        if request.headers.get("content-type", "").split(";")[0] != "application/json":
            return _json(failed("application/json is read, nothing else"), 415)
        try:
            raw = await asyncio.wait_for(_read(request), effort.SERVED_SECONDS)
            if raw is None:
                return _json(failed(f"larger than {effort.SERVED_BYTES} bytes"), 413)
            text = raw.decode()
        except (TimeoutError, ClientDisconnect, UnicodeDecodeError):
            return _json(failed("this is no text in UTF-8"), 400)
        gone = asyncio.create_task(_gone(request))
        try:
            return _json(await workers().ask(text, gone))
        finally:
            gone.cancel()

    return answered


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _json(text: str, status: int = 200) -> Response:
    return Response(text, status, media_type="application/json")


async def _page(request: Request) -> Response:
    wanted = request.query_params.get("lang") or request.headers.get("accept-language", "")[:2]
    return Response(page(wanted if wanted in LANGUAGES else "en"), media_type="text/html")


async def _file(request: Request) -> Response:
    make, kind = FILES[request.path_params.get("name") or request.url.path.strip("/")]
    return Response(make(), media_type=kind)


def app(count: int = 0) -> ASGIApp:
    """The application, with so many processes behind it."""
    made: list[Workers] = []

    @asynccontextmanager
    async def living(_: Any) -> AsyncIterator[None]:
        made.append(Workers(count or max(2, os.cpu_count() or 2)))
        try:
            yield
        finally:
            made.pop().stop()

    routes = [
        Route("/", _page),
        *(Route(f"/{name}", _file) for name in FILES),
        Route("/answer", _answered(lambda: made[0]), methods=["POST"]),
    ]
    return Guard(Starlette(routes=routes, lifespan=living))
