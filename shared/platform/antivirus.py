"""The door to an antivirus: clamd's INSTREAM, as clamd(8) describes it; none unless one is named.

A session is one question: `zINSTREAM` and a null, then chunks, each behind its length in four
octets (most significant first), then a length of zero. The answer ends with a null: `stream: OK`,
`stream: NAME FOUND`, or a sentence that ends with ERROR. To a stream above its limit clamd answers
at once, and closes in the middle of it.
"""

import asyncio
import socket
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeAlias

from shared.platform.observability.health import State, Unwell, Well

ADDRESS: Final = r"^(/.+|[^/\s]+:\d{1,5})$"
"""The address of a clamd: the path of its socket, or `host:port`."""
PATIENCE_SECONDS = 10.0
"""For one file: clamd loads its signatures again once a day, and answers late meanwhile."""
_OCTETS_A_SECOND: Final = 2_000_000
"""How slowly clamd may read a large scan beside that."""
REST_SECONDS = 60.0
"""After a silence nobody waits for it again so long: one that hangs slows one message, not all."""
PING_SECONDS = 2.0
"""For a question that costs clamd nothing: /health waits for three."""
_NO_ANSWER: Final = (
    OSError,
    TimeoutError,
    asyncio.IncompleteReadError,
    asyncio.LimitOverrunError,
)
_CHUNK = 1 << 16
_MOST_ANSWER = 1000
_END: Final = b"\0"
_PING: Final = (b"zPING" + _END,)
_TOO_LARGE: Final = "size limit exceeded"


@dataclass(frozen=True, slots=True)
class Clean:
    """The antivirus verdict that a file holds no known virus."""


@dataclass(frozen=True, slots=True)
class Infected:
    """The antivirus verdict that a file holds a virus; `name` is that of its signature."""

    name: str


@dataclass(frozen=True, slots=True)
class Unlooked:
    """The antivirus verdict that a file was not examined: no answer in time, or too large."""

    why: str
    away: bool = False
    """It gave no answer about the file, and may later."""
    too_large: bool = False
    """It takes no file so large, and never will unless its own limit is raised."""


AntivirusVerdict: TypeAlias = Clean | Infected | Unlooked


class Antivirus(Protocol):
    """The interface of a virus scanner; it never raises, since no answer is a verdict too."""

    async def look(self, content: bytes) -> AntivirusVerdict:
        """Scans these octets for viruses and returns the verdict."""
        ...


class Clamd:
    """The client of a clamd (antivirus) at `address`: the path of its socket, or `host:port`."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._silent_until = 0.0
        self._abandoned = False
        """Whoever asked last gave up before clamd answered: it may hang."""
        self.silent = False
        """Whether its last question had no answer, or none that says anything of a file."""

    async def look(self, content: bytes) -> AntivirusVerdict:
        """Scans these octets for viruses by clamd; without an answer in time, `Unlooked`.

        It has ten seconds, and one more for each two megabytes. After a time-out clamd is not asked
        for a minute, unless it answers another question: then the file is slow, and not clamd.
        """
        if time.monotonic() < self._silent_until:
            return Unlooked("clamd did not answer a moment ago", away=True)
        if self._abandoned and not await self._answers(_PING, "PONG"):
            return self._unanswered(TimeoutError())
        try:
            async with asyncio.timeout(PATIENCE_SECONDS + len(content) / _OCTETS_A_SECOND):
                verdict = _verdict(await self._ask(_question(content)))
        except asyncio.CancelledError:
            self._abandoned = True
            raise
        except _NO_ANSWER as error:
            if await self._answers(_PING, "PONG"):
                return Unlooked(_unanswered(error), away=True)
            return self._unanswered(error)
        self._abandoned = False
        self.silent = isinstance(verdict, Unlooked) and verdict.away
        return verdict

    async def check(self) -> State:
        """Whether clamd answers, for `/health`: it is asked, as the last file may be long ago.

        After an answer without a verdict it is asked for one, of an empty stream.
        """
        asked, right = (_question(b""), "stream: OK") if self.silent else (_PING, "PONG")
        self.silent = not await self._answers(asked, right)
        if self.silent:
            return Unwell("clamd does not answer (CLAMD): what comes is kept, marked unexamined.")
        return Well()

    def _unanswered(self, error: Exception) -> Unlooked:
        self.silent, self._abandoned = True, False
        if isinstance(error, TimeoutError):
            self._silent_until = time.monotonic() + REST_SECONDS
        return Unlooked(_unanswered(error), away=True)

    async def _answers(self, asked: Iterable[bytes], right: str) -> bool:
        try:
            async with asyncio.timeout(PING_SECONDS):
                return await self._ask(asked) == right
        except _NO_ANSWER:
            return False

    async def _ask(self, question: Iterable[bytes]) -> str:
        """Listens from the beginning: clamd may answer, and close, before all is written.

        On the bare socket: a stream that can't be written any more drops what it has not read.
        """
        loop = asyncio.get_running_loop()
        with await self._open() as clamd:
            answer = asyncio.ensure_future(_heard(clamd))
            try:
                with suppress(
                    OSError
                ):  # it closed in mid-stream: the answer, or its lack, says why
                    for octets in question:
                        await loop.sock_sendall(clamd, octets)
                        await asyncio.sleep(0)
                        if answer.done():
                            break
                said = await answer
            finally:
                answer.cancel()
                await asyncio.gather(answer, return_exceptions=True)
        return said.decode("utf-8", "replace").strip()

    async def _open(self) -> socket.socket:
        if self._address.startswith("/"):
            return await _connected(socket.AF_UNIX, self._address)
        host, _, port = self._address.rpartition(":")
        loop, failed = asyncio.get_running_loop(), OSError(f"{host} has no address")
        for family, *_, place in await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            try:
                return await _connected(family, place)
            except OSError as error:
                failed = error
        raise failed


async def _connected(family: int, place: Any) -> socket.socket:
    found = socket.socket(family, socket.SOCK_STREAM)
    try:
        found.setblocking(False)  # noqa: FBT003  (as socket names it)
        await asyncio.get_running_loop().sock_connect(found, place)
    except BaseException:
        found.close()
        raise
    return found


async def _heard(clamd: socket.socket) -> bytes:
    loop, said = asyncio.get_running_loop(), b""
    while _END not in said:
        octets = await loop.sock_recv(clamd, _MOST_ANSWER)
        if not octets:
            raise asyncio.IncompleteReadError(said, None)
        said += octets
        if len(said) > _MOST_ANSWER:
            raise asyncio.LimitOverrunError("clamd says too much", len(said))
    return said.partition(_END)[0]


_KNOWN: Final[dict[str, Clamd]] = {}


def clamd_at(address: str) -> Clamd:
    """Returns the clamd client for an address, one for the process: it remembers a failure."""
    return _KNOWN.setdefault(address, Clamd(address))


def _question(content: bytes) -> Iterator[bytes]:
    yield b"zINSTREAM" + _END
    for at in range(0, len(content), _CHUNK):
        chunk = content[at : at + _CHUNK]
        yield len(chunk).to_bytes(4, "big") + chunk
    yield (0).to_bytes(4, "big")


def _verdict(answer: str) -> AntivirusVerdict:
    said = answer.removeprefix("stream: ")
    if said == "OK":
        return Clean()
    if said.endswith(" FOUND"):
        return Infected(said.removesuffix(" FOUND"))
    if _TOO_LARGE in said:
        return Unlooked("too large for clamd (StreamMaxLength)", too_large=True)
    return Unlooked("clamd gave no verdict", away=True)


def _unanswered(error: Exception) -> str:
    return f"clamd does not answer ({type(error).__name__})"
