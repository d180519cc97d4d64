"""A running door of deposits, a sender before it, and a line between both that may break."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from prometheus_client import CollectorRegistry

from services.ingest.deposit_door import DepositDoor
from shared.content import spool
from shared.content.deposit_transfer import Depositor
from shared.content.keyring import IN_CLEAR, Keyring
from shared.content.spool import FormDeposit
from shared.content.transfer_sender import DepositSender, DoorAddress
from shared.platform import http

SECRET = "p" * 32
DESK = "d" * 32
NOW = datetime(2026, 5, 11, 8, tzinfo=UTC)
WORDS = b"octets d'une piece jointe", b""


@dataclass
class Sites:
    """Two disks that share nothing: a portal's, and ingest's behind its door."""

    near: Path
    far: Path
    url: str
    door: DepositDoor
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)

    def sender(
        self, secret: str = SECRET, url: str = "", authorities: Path | None = None
    ) -> DepositSender:
        self.registry = CollectorRegistry()
        address = DoorAddress(url or self.url, secret, authorities)
        return DepositSender(self.near, address, self.registry)

    def arrived(self) -> list[str]:
        return [folder.name for folder in spool.waiting_folders(self.far)]


@asynccontextmanager
async def sites(
    folder: Path,
    secrets: Mapping[Depositor, Sequence[str]] | None = None,
    keyring: Keyring = IN_CLEAR,
    floor: int = 0,
) -> AsyncIterator[Sites]:
    near, far = folder / "near", folder / "far"
    door = DepositDoor(far, secrets or {"portal": [SECRET], "desk": [DESK]}, keyring, floor)
    await door.prepare()
    listens = http.bind("127.0.0.1", 0)
    async with http.serving(listens, door.app):
        yield Sites(near, far, http.url_of(listens), door)


def a_form(number: int, text: str = "Ma lettre secrete") -> FormDeposit:
    files = tuple(
        spool.spool_file(f"{place}.pdf", "application/pdf", content)
        for place, content in enumerate(WORDS)
    )
    return FormDeposit(
        id=UUID(int=number), at=NOW + timedelta(seconds=number), text=text, files=files
    )


def content_of(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".door" and ".received" not in path.parts
    }


def names_below(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*")}


@dataclass
class BrokenLine:
    """A line to a server that breaks: after so many octets sent, or before an answer comes."""

    target: int
    octets: int | None = None
    """Sent to the server until it breaks; `None`: all."""
    answers: int | None = None
    """Pieces of answers that come through until it breaks; `None`: all."""
    broke: int = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        server = await asyncio.start_server(self._line, "127.0.0.1", 0)
        async with server:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    async def _line(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self.target)
        ways = [
            asyncio.ensure_future(self._forth(reader, back)),
            asyncio.ensure_future(self._answers(there, writer)),
        ]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        for side in (back, writer):
            side.close()
            with suppress(ConnectionError):
                await side.wait_closed()

    async def _forth(self, reader: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        sent = 0
        while octets := await reader.read(4096):
            left = len(octets) if self.octets is None else self.octets - sent
            back.write(octets[:left])
            await back.drain()
            sent += len(octets)
            if left < len(octets):
                self.broke += 1
                return

    async def _answers(self, there: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came = 0
        while octets := await there.read(4096):
            if came == self.answers:
                self.broke += 1
                return
            writer.write(octets)
            await writer.drain()
            came += 1
