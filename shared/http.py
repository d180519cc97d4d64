"""The HTTP doors of a process: one for those who look after it, one for its pages if it has any.

The pages stand on a port of their own, so that no proxy before them can show the public how the
préfecture's servers stand.
"""

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


LOOKS = b"Only /live, /ready, /health and /metrics are here.\n"


def create_asgi(health: Health, telemetry: Telemetry | None, *, ready: Callable[[], bool]) -> Asgi:
    """What answers to those who look after a process, never to the public.

    /live: its loop turns; whoever does not get that answer may kill it. /ready: it has started and
    does not end; a server that is away changes nothing to that, since it waits and resumes. /health
    and /metrics (if there are any yet): how everything stands.
    """

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        del receive
        if scope["type"] != "http":
            return
        match scope.get("path", ""):
            case "/live":
                await _answer(send, 200, b"live\n", "text/plain")
            case "/ready":
                well = ready()
                said = b"ready\n" if well else b"It starts or ends.\n"
                await _answer(send, 200 if well else 503, said, "text/plain")
            case "/health":
                status, body = await health.answer()
                await _answer(send, status, body, "application/json")
            case "/metrics" if telemetry is not None:
                body, media_type = await telemetry.exposition()
                await _answer(send, 200, body, media_type)
            case _:
                await _answer(send, 404, LOOKS, "text/plain")

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
            "choose another VAGUEMESTRE_HTTP_PORT or VAGUEMESTRE_HEALTH_PORT."
        ) from error


def url_of(door: socket.socket) -> str:
    """Where a door is."""
    host, port = door.getsockname()[:2]
    return f"http://{host}:{port}"


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
