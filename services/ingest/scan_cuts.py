"""How a file was cut, kept before its first document is: reading it again changes nothing.

A document's name is its file and its pages (DESIGN §2). Where a file is cut depends on a reading
that may differ another time: a page late under load shows no separator, a service is gone since.
Were it judged anew after a crash, the same letters would be registered under other names.
"""

from dataclasses import dataclass
from typing import Protocol

from pydantic import TypeAdapter

from services.ingest.domain.separators import Cutting
from shared.facts.envelope import Digest
from shared.platform.clock import Clock
from shared.platform.database import Pool, transaction
from shared.platform.postgres import rows


@dataclass(frozen=True, slots=True)
class KeptCutting:
    """The stored way in which a scanned file was cut into documents, with its blank pages."""

    cutting: Cutting
    blank: tuple[int, ...] = ()
    """Pages on which there is nothing to read."""


_JSON = TypeAdapter(KeptCutting)


class Cuttings(Protocol):
    """The interface that stores how scanned files were cut into documents, by file hash."""

    async def of(self, source: str, file: Digest) -> KeptCutting | None:
        """Returns how a scanned file was cut into documents; `None` when it never was.

        Raises:
            TemporaryFailure: the database can't be read now.
            UnreadableRow: it was cut, and what was kept of it can't be read.
        """
        ...

    async def keep(self, source: str, file: Digest, kept: KeptCutting) -> KeptCutting:
        """Stores how a scanned file was cut; returns what was stored first, which counts.

        Raises:
            TemporaryFailure: it can't be kept now.
        """
        ...


class CuttingsOfThisRun:
    """The memory of how scanned files were cut, for as long as the process runs."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, Digest], KeptCutting] = {}

    async def of(self, source: str, file: Digest) -> KeptCutting | None:
        """Returns how this process cut a scanned file into documents; `None` if it hasn't yet."""
        return self._kept.get((source, file))

    async def keep(self, source: str, file: Digest, kept: KeptCutting) -> KeptCutting:
        """Stores in memory how a scanned file was cut; returns what was stored first."""
        return self._kept.setdefault((source, file), kept)


class StoredCuttings:
    """The database's rows that say how scanned files were cut."""

    def __init__(self, pool: Pool, clock: Clock) -> None:
        self._pool = pool
        self._clock = clock

    async def of(self, source: str, file: Digest) -> KeptCutting | None:
        """Reads from the database how a scanned file was cut; `None` when it never was."""
        async with transaction(self._pool) as connection:
            found = await connection.fetchval(
                "SELECT cutting FROM ingest.cuttings WHERE (source, file) = ($1, $2)", source, file
            )
        if found is None:
            return None
        key = f"{source}/{file}"
        return rows.read("ingest.cuttings", key, lambda: _JSON.validate_json(found))

    async def keep(self, source: str, file: Digest, kept: KeptCutting) -> KeptCutting:
        """Stores in the database how a scanned file was cut; returns what was stored first."""
        async with transaction(self._pool) as connection:
            await connection.execute(
                """
                INSERT INTO ingest.cuttings (source, file, cutting, kept_at)
                VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING
                """,
                source, file, _JSON.dump_json(kept).decode(), self._clock.now(),
            )  # fmt: skip
        return await self.of(source, file) or kept
