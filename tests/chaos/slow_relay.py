"""A mail relay between notify and the mail server, which can be slow, deaf, or cut at the worst
moment: after the message was taken and before the answer is told.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from enum import StrEnum

_END = b"\r\n.\r\n"
_AFTER_SECONDS = 8.0
_CHUNK = 65_536


class Mood(StrEnum):
    """How it behaves from now on."""

    GOOD = "good"
    SLOW = "slow"
    """Each message is answered after eight seconds, as a virus scanner makes it."""
    CUT = "cut"
    """The connection ends instead of the answer to a message."""
    REFUSING = "refusing"
    """Nobody is let in."""


class SlowRelay:
    """Octets there and back, by the mood of the moment.

    `target` says host and port of the real server at each connection.
    """

    def __init__(self, target: Callable[[], tuple[str, int]]) -> None:
        self._target = target
        self._server: asyncio.Server | None = None
        self.mood = Mood.GOOD
        self.cuts = 0
        """Messages whose answer nobody was told."""

    @contextlib.contextmanager
    def being(self, mood: Mood) -> Iterator[None]:
        """A block in which it is so; then it is good."""
        self.mood = mood
        try:
            yield
        finally:
            self.mood = Mood.GOOD

    async def start(self) -> int:
        """Listens; the port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def stop(self) -> None:
        """Takes nobody any more."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            if self.mood is not Mood.REFUSING:
                theirs, there = await asyncio.open_connection(*self._target())
                try:
                    await self._both(reader, writer, theirs, there)
                finally:
                    there.close()
        writer.close()

    async def _both(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        theirs: asyncio.StreamReader,
        there: asyncio.StreamWriter,
    ) -> None:
        ended = asyncio.Event()

        async def to_server() -> None:
            last = b""
            while octets := await reader.read(_CHUNK):
                last = (last + octets)[-len(_END) :]
                if last == _END:
                    ended.set()
                there.write(octets)
                await there.drain()

        async def to_client() -> None:
            while octets := await theirs.read(_CHUNK):
                if ended.is_set():
                    ended.clear()
                    if self.mood is Mood.SLOW:
                        await asyncio.sleep(_AFTER_SECONDS)
                    elif self.mood is Mood.CUT:
                        self.cuts += 1
                        return
                writer.write(octets)
                await writer.drain()

        ways = [asyncio.create_task(to_server()), asyncio.create_task(to_client())]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
