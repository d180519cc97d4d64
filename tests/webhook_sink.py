"""A receiver of webhooks on this machine, which does wrong what its test says."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

ACCEPTS: Final = b"HTTP/1.1 204 No Content\r\n\r\n"
"""What a receiver says that has a message."""
NEVER: Final = b""
"""In place of an answer: it says nothing, and keeps the connection."""


def status(code: int, *headers: str, body: bytes = b"") -> bytes:
    """An answer with this status, these header lines and this body."""
    lines = [f"HTTP/1.1 {code} Whatever", f"content-length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


@dataclass(frozen=True)
class Received:
    """One message as it came in."""

    headers: dict[str, str]
    body: bytes

    @property
    def said(self) -> dict[str, Any]:
        """The event."""
        found: dict[str, Any] = orjson.loads(self.body)
        return found

    @property
    def told(self) -> tuple[str, int]:
        """The item's number and the fact's."""
        return self.said["data"]["chrono"], self.said["data"]["seq"]


@dataclass
class Sink:
    """The receiver; `answer` gives what it says to each message, `ACCEPTS` at first."""

    answer: Callable[[Received], bytes] = lambda _: ACCEPTS
    received: list[Received] = field(default_factory=list)
    drips: bool = False
    """It says its answer octet by octet and stops before the last."""
    came: asyncio.Condition = field(default_factory=asyncio.Condition)
    port: int = 0
    host: str = "127.0.0.1"
    scheme: str = "http"

    @property
    def url(self) -> str:
        """Where it is told."""
        return f"{self.scheme}://{self.host}:{self.port}/in"

    async def until(self, messages: int) -> None:
        """Waits until it has so many messages."""
        async with asyncio.timeout(120), self.came:
            await self.came.wait_for(lambda: len(self.received) >= messages)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answers what comes over one connection."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.decode().split("\r\n")[1:-2]
                headers = {
                    name.lower(): value.strip()
                    for name, _, value in (line.partition(":") for line in lines)
                }
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                found = Received(headers, body)
                self.received.append(found)
                async with self.came:
                    self.came.notify_all()
                said = self.answer(found)
                if said == NEVER or self.drips:
                    writer.write(said[:-1])
                    await reader.read()
                    return
                writer.write(said)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def a_sink(tls: ssl.SSLContext | None = None) -> AsyncIterator[Sink]:
    """A receiver that listens on a free port of this machine; by https with a context for it."""
    sink = Sink()
    server = await asyncio.start_server(sink.serve, "127.0.0.1", 0, ssl=tls)
    sink.port = server.sockets[0].getsockname()[1]
    sink.scheme = "http" if tls is None else "https"
    try:
        yield sink
    finally:
        server.close()
