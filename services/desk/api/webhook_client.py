"""The door to receivers of webhooks: one POST, at an address that was judged, within limits.

    name → all its addresses → each judged → connected to one of them, never to the name again

httpcore speaks HTTP and TLS (certificates are verified for the name); it follows no redirect and
asks no proxy of the environment. What a receiver answers is its status; the rest is thrown away.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from types import TracebackType
from typing import Final, Self

import httpcore

from services.desk.api.domain.public_addresses import Network, reachable
from shared.errors import PermanentFailure
from shared.platform.observability.logs import Log, where

log = Log("webhooks")

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""Gives the addresses of a host, for a port; raises OSError when it has none."""

ANSWER_SECONDS: Final = 15.0
"""For the whole: name, connection, TLS, message and the head of the answer."""
MOST_OCTETS: Final = 16_384
"""Of an answer that is read; of a longer one the connection is closed."""
KEPT_SECONDS: Final = 10.0
"""How long an idle connection stays open."""
_FORESEEN: Final = (httpcore.ProtocolError, httpcore.UnsupportedProtocol, ValueError)
_TRIED: Final = 3
CONNECT_SECONDS: Final = ANSWER_SECONDS / (_TRIED + 1)
"""For one address, of the whole."""
_TOGETHER: Final = 2
_MOST_WANTED: Final = 9
"""Digits of a Retry-After in seconds."""


class AddressRefused(PermanentFailure):
    """The error that a receiver's name leads to an address that webhooks may not reach."""


@dataclass(frozen=True, slots=True)
class ReceiverAnswer:
    """The answer of a webhook's receiver: the HTTP status, or why there is none."""

    status: int | None
    why: str = ""
    """A code: `address`, `unreachable`, `certificate`, `too-slow`, `protocol`, `http-503`."""
    wanted: timedelta | None = None
    """How long it asks to be left alone (Retry-After in seconds)."""

    @property
    def accepted(self) -> bool:
        """Whether the receiver took the message: a status from 200 to 299."""
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004  (as RFC 9110)


class Lookups:
    """The name resolver of webhooks: looks up addresses on two threads of its own.

    A name server that answers nobody keeps no thread busy in which the process does other work.
    """

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_TOGETHER, "webhook-names")

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """Returns the addresses of a host; raises OSError when it has none."""
        ask = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
        found = await asyncio.get_running_loop().run_in_executor(self._threads, ask)
        return list(dict.fromkeys(str(address[0]) for *_, address in found))

    def close(self) -> None:
        """Lets the resolver's threads end, without waiting for look-ups under way."""
        self._threads.shutdown(wait=False, cancel_futures=True)


class JudgedBackend(httpcore.AsyncNetworkBackend):
    """The network of httpcore that connects only to addresses which webhooks may reach."""

    def __init__(self, allowed: Callable[[str], bool], resolve: Resolver) -> None:
        self._allowed = allowed
        self._resolve = resolve
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  (as httpcore names it)
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Resolves a host, checks all its addresses, and connects to the first that answers.

        An address that drops what it is sent leaves time for the next. Raises AddressRefused when
        one of them may not be reached, and the errors of httpcore.
        """
        del timeout
        try:
            found = await self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(type(error).__name__) from error
        if not all(map(self._allowed, found)):
            raise AddressRefused("It leads to an address that webhooks may not reach.")
        failure: Exception = httpcore.ConnectError("no address")
        for address in found[:_TRIED]:
            try:
                return await self._network.connect_tcp(
                    address, port, CONNECT_SECONDS, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109  (as httpcore names it)
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Raises AddressRefused: webhooks are sent to no socket of this machine."""
        del path, timeout, socket_options
        raise AddressRefused("Webhooks are told by TCP.")

    async def sleep(self, seconds: float) -> None:
        """Waits some seconds; httpcore's interface asks for it."""
        await asyncio.sleep(seconds)


class WebhookClient:
    """An HTTP client for the receiver of one webhook; `async with` closes its connections."""

    def __init__(
        self,
        networks: Sequence[Network],
        connections: int,
        *,
        resolve: Resolver | None = None,
        seconds: float = ANSWER_SECONDS,
    ) -> None:
        self._seconds = seconds
        self._lookups = Lookups()
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=ssl.create_default_context(),
            max_connections=connections,
            keepalive_expiry=KEPT_SECONDS,
            network_backend=JudgedBackend(
                lambda address: reachable(address, networks), resolve or self._lookups
            ),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        del kind, error, trace
        self._lookups.close()
        await self._pool.aclose()

    async def post(
        self, url: str, headers: Sequence[tuple[str, str]], body: bytes
    ) -> ReceiverAnswer:
        """Sends a message to the receiver once; returns its answer, or that none came in time."""
        answer = ReceiverAnswer(None, "too-slow")
        try:
            async with (
                asyncio.timeout(self._seconds),
                self._pool.stream(
                    "POST", url, headers=[*headers, ("accept", "*/*")], content=body
                ) as response,
            ):
                answer = _answer_of(response)
                await _thrown_away(response)
        except TimeoutError:
            return answer
        except AddressRefused:
            return ReceiverAnswer(None, "address")
        except (httpcore.NetworkError, httpcore.TimeoutException, OSError) as error:
            if answer.status is not None:
                return answer
            return ReceiverAnswer(None, "certificate" if _by_tls(error) else "unreachable")
        except Exception as error:  # noqa: BLE001  (whatever it is, it is one attempt that failed)
            if not isinstance(error, _FORESEEN):
                log.warning("webhook_attempt_failed", why=type(error).__name__, where=where(error))
            if answer.status is None:
                return ReceiverAnswer(None, "protocol")
        return answer


def _answer_of(response: httpcore.Response) -> ReceiverAnswer:
    wanted = None
    for name, value in response.headers:
        if name.lower() == b"retry-after" and value.isdigit() and len(value) <= _MOST_WANTED:
            wanted = timedelta(seconds=int(value))
    return ReceiverAnswer(response.status, f"http-{response.status}", wanted)


async def _thrown_away(response: httpcore.Response) -> None:
    """Reads a short answer to its end, so that the connection can be used again."""
    octets = 0
    async for part in response.aiter_stream():
        octets += len(part)
        if octets > MOST_OCTETS:
            return


def _by_tls(error: BaseException) -> bool:
    """Whether a connection failed since the receiver's certificate or TLS is wrong."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLError):
            return True
        seen = seen.__cause__ or seen.__context__
    return False
