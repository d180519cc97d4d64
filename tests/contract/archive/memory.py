"""An archive in memory: the interface as its contract says it, without a network."""

import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from services.desk.archive.archive_server import ArchiveAway
from tests.fake_asalae import an_acknowledgement, an_answer


@dataclass
class MemoryArchive:
    """Keeps packages by their transfer's number."""

    away: bool = False
    packages: list[tuple[str, dict[str, bytes]]] = field(default_factory=list)
    replies: dict[str, bytes] = field(default_factory=dict)

    def _ask(self) -> None:
        if self.away:
            raise ArchiveAway("unreachable")

    async def deposit(self, transfer: str, package: Path) -> None:
        """Keeps a package."""
        self._ask()
        with zipfile.ZipFile(package) as whole:
            self.packages.append((transfer, {name: whole.read(name) for name in whole.namelist()}))

    async def acknowledgement(self, transfer: str) -> bytes | None:
        """Acknowledges what it has."""
        self._ask()
        return an_acknowledgement(transfer) if self.sent(transfer) else None

    async def reply(self, transfer: str) -> bytes | None:
        """Says what its archivist said."""
        self._ask()
        return self.replies.get(transfer)

    def sent(self, transfer: str) -> int:
        """How often a transfer came."""
        return sum(number == transfer for number, _ in self.packages)

    def answer(self, transfer: str, code: str, comment: str = "") -> None:
        """Its archivist accepts, or refuses."""
        self.replies[transfer] = an_answer(transfer, code, comment)
