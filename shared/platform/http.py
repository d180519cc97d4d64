"""The HTTP doors of a process: one for those who look after it, one for its pages if it has any.

The pages stand on a port of their own, so that no proxy before them can show the public how the
préfecture's servers stand.
"""

import asyncio
import os
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, MutableMapping
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any, TypeAlias

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from shared.errors import PermanentFailure
from shared.platform.observability.health import Health
from shared.platform.observability.telemetry import Telemetry

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Asgi: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

GRACE_SECONDS = 2
"""How long a page being sent may still take when the process ends."""
HEADERS_SECONDS = 10.0
"""Within which a request must have said what it asks: a line kept half open is closed."""
TICK_SECONDS = 1.0
"""How old the date that an answer says may be."""
SEND_SECONDS = 60.0
"""Within which somebody must take each part of an answer."""
HELD = "pages"
"""FileDescriptorName= of the sockets in deploy/systemd."""
_FIRST_HELD = 3
VARIABLES = "VAGUEMESTRE_HTTP_PORT or VAGUEMESTRE_HEALTH_PORT"

LOOKS = b"Only /live, /ready, /health and /metrics are here.\n"


def create_asgi(health: Health, telemetry: Telemetry | None, *, ready: Callable[[], bool]) -> Asgi:
    """Makes the web application for operators: /live, /ready, /health, /metrics of a process.

    /live: its event loop turns; whoever does not get that answer may kill it. /ready: the process
    has started and does not end; a server that is away changes nothing to that, since the process
    waits and resumes. /health and /metrics say how everything stands.
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


def held_socket() -> socket.socket | None:
    """Returns the listening socket that systemd holds for this process's pages; `None` without one.

    By its protocol (sd_listen_fds(3)): descriptors begin at 3, and LISTEN_PID says whose they are.
    The socket outlives the process, so that whoever asks while it restarts waits and is answered.
    Raises PermanentFailure if there are several: whoever came by another would wait for ever.
    """
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        return None
    names = os.environ.get("LISTEN_FDNAMES", "").split(":")
    if HELD not in names:
        return None
    if names.count(HELD) > 1:
        raise PermanentFailure(
            "systemd holds several addresses of the pages: in the socket, "
            "put an empty ListenStream= above the one that is meant."
        )
    # Of our own: what we close must not close systemd's.
    return socket.socket(fileno=os.dup(_FIRST_HELD + names.index(HELD)))


def bind(host: str, port: int, variables: str = VARIABLES) -> socket.socket:
    """Opens a listening TCP socket; port 0 takes a free one. `variables`: what to change.

    Raises:
        PermanentFailure: the port is taken, or the host is not ours.
    """
    try:
        door = socket.create_server((host, port))
    except OSError as error:
        raise PermanentFailure(
            f"Can't listen on {host}:{port} ({error.strerror}): choose another {variables}."
        ) from error
    # asyncio takes a socket made so for none of TCP, and sets this on none that it accepts: the end
    # of an answer then waited until the client had acknowledged its head, 40 ms.
    door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return door


def url_of(door: socket.socket) -> str:
    """Returns the URL of a listening TCP socket."""
    host, port = door.getsockname()[:2]
    return f"http://{host}:{port}"


@asynccontextmanager
async def serving(door: socket.socket, app: Asgi) -> AsyncIterator[None]:
    """A context manager that runs an HTTP server on a socket, and closes it at the end."""
    server = HttpServer(app)
    serving = asyncio.create_task(server.serve([door]))
    try:
        yield
    finally:
        server.should_exit = True
        await serving


def give_up_slow(app: Asgi) -> Asgi:
    """Wraps a web application: gives a response up when its client reads nothing for a minute."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        async def bounded(message: MutableMapping[str, Any]) -> None:
            async with asyncio.timeout(SEND_SECONDS):
                await send(message)

        await app(scope, receive, bounded)

    return answer


class Deadlined(H11Protocol):
    """An HTTP connection that is closed when a request's headers do not come within ten seconds."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # the library's transport is one
        """Starts the time limit for a request's headers, as a connection was opened."""
        super().connection_made(transport)
        self._await_head()

    def data_received(self, data: bytes) -> None:
        """Handles incoming octets; starts or ends the time limit for a request's headers."""
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._forget()
        elif self._deadline is None:
            self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Ends the time limit for a request's headers, as the connection was closed."""
        self._forget()
        super().connection_lost(exc)

    def _await_head(self) -> None:
        self._deadline = self.loop.call_later(HEADERS_SECONDS, self._too_late)

    def _forget(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_late(self) -> None:
        self._deadline = None
        if self.conn.their_state is h11.IDLE:
            self.transport.abort()


class HttpServer(uvicorn.Server):
    """The HTTP server (uvicorn) of a process, without uvicorn's own signal handling.

    `proxies`: addresses or networks, between commas, whose X-Forwarded-For is believed; empty:
    none. `tls`: with the certificate by which it answers; `None`: in clear.
    """

    def __init__(self, app: Asgi, proxies: str = "", tls: ssl.SSLContext | None = None) -> None:
        self._end = asyncio.Event()
        super().__init__(
            uvicorn.Config(
                give_up_slow(app),
                http=Deadlined,
                proxy_headers=bool(proxies),
                forwarded_allow_ips=proxies or None,
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                ws="none",
                timeout_graceful_shutdown=GRACE_SECONDS,
                ssl_context_factory=None if tls is None else lambda *_: tls,
            )
        )

    @property
    def should_exit(self) -> bool:
        """Whether somebody asked for the end, which `main_loop` then does not wait for."""
        return self._end.is_set()

    @should_exit.setter
    def should_exit(self, asked: bool) -> None:
        if asked:  # uvicorn begins by saying that it is not, and nobody takes it back
            self._end.set()

    async def main_loop(self) -> None:
        """Waits for the end, and each second writes down the date that answers say.

        uvicorn looks ten times a second whether it is to end, which was nearly all that a process
        of pages cost while it served none.
        """
        while not await self.on_tick(0):
            with suppress(TimeoutError):
                async with asyncio.timeout(TICK_SECONDS):
                    await self._end.wait()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leaves the signals alone, unlike uvicorn: shared/platform/process.py handles them."""
        yield
