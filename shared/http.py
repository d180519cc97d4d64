"""The HTTP door of a process: /health, /metrics, and the pages a service mounts behind them."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, MutableMapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeAlias

import uvicorn

from shared.errors import PermanentFailure
from shared.health import Health
from shared.telemetry import Telemetry

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Asgi: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

GRACE_SECONDS = 2
"""How long a page being sent may still take when the process ends."""


def create_asgi(health: Health, telemetry: Telemetry | None, pages: Asgi | None) -> Asgi:
    """Answers /health and /metrics (if there are any yet), leaves every other path to `pages`."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] == "http" and path == "/health":
            status, body = await health.answer()
            await _answer(send, status, body, "application/json")
        elif scope["type"] == "http" and path == "/metrics" and telemetry is not None:
            body, media_type = await telemetry.exposition()
            await _answer(send, 200, body, media_type)
        elif pages is not None:
            await pages(scope, receive, send)
        elif scope["type"] == "http":
            await _answer(send, 404, b"Only /health and /metrics are here.\n", "text/plain")

    return app


async def _answer(send: Send, status: int, body: bytes, media_type: str) -> None:
    headers = [
        (b"content-type", media_type.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def bind(host: str, port: int) -> socket.socket:
    """The listening socket; port 0 takes a free one.

    Raises:
        PermanentFailure: the port is taken, or the host is not ours.
    """
    try:
        return socket.create_server((host, port))
    except OSError as error:
        raise PermanentFailure(
            f"Can't listen on {host}:{port} ({error.strerror}): "
            "choose another VAGUEMESTRE_HTTP_PORT."
        ) from error


@asynccontextmanager
async def served(door: socket.socket, app: Asgi) -> AsyncIterator[None]:
    """Answers at a door until the end of the block, which closes it."""
    server = Server(app)
    serving = asyncio.create_task(server.serve([door]))
    try:
        yield
    finally:
        server.should_exit = True
        await serving


class Server(uvicorn.Server):
    """uvicorn, without its hands on the process's signals: shared/process.py has them."""

    def __init__(self, app: Asgi) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                ws="none",
                timeout_graceful_shutdown=GRACE_SECONDS,
            )
        )

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Captures none."""
        yield
