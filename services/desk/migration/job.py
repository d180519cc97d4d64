"""What a person asked to take over by the pages is taken, a hundred lines at a time.

`desk keep` does it beside everything else. Each hundred commits with its count: whatever ends the
process, the file is planned anew and goes on with the first line that is not in the register. What
can never go on stops with its reason, and hinders nothing else.
"""

import asyncio
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from services.desk.jobs import JobContext
from services.desk.migration import importer
from services.desk.migration.importer import ImportAuthor
from services.desk.migration.spreadsheet import column_map, grid
from services.desk.migration.store import imports
from services.desk.migration.store.imports import Import
from services.desk.settings import DeskSettings
from shared.content.blobs import Blobs
from shared.errors import Refused, TemporaryFailure
from shared.platform.clock import Clock
from shared.platform.database import (
    UNREACHABLE,
    Connection,
    Pool,
    single_statements,
    transaction,
)
from shared.platform.jobs import Job, Left, every
from shared.platform.observability.logs import Log
from shared.site.applied_rules import Rules
from shared.site.staff import people_store

IDLE_SECONDS: Final = 1.0

log = Log("importing")


@dataclass(frozen=True)
class Takes:
    """The worker that imports uploaded files of another register, a hundred lines at a time."""

    pool: Pool
    rules: Rules
    blobs: Blobs
    clock: Clock
    settings: DeskSettings
    stopping: asyncio.Event

    async def next(self) -> Left | None:
        """Imports the register file that waits longest; returns `MORE`, or `None` if none waited.

        Raises:
            TemporaryFailure: database or blobs are away; it goes on when they are back.
        """
        async with single_statements(self.pool) as connection:
            one = await imports.next_import(connection)
        if one is None:
            return None
        try:
            await self._take(one)
        except (TemporaryFailure, *UNREACHABLE):
            raise
        except Exception as error:  # noqa: BLE001  (one file must not keep the register from starting)
            why = error.why if isinstance(error, Refused) else type(error).__name__
            # Its name alone: what an error says may quote a cell.
            log.warning("import_stopped", import_id=str(one.import_id), why=why)
            async with transaction(self.pool) as connection:
                await imports.stop(connection, one.import_id, why)
        return Left.MORE

    async def _take(self, one: Import) -> None:
        async with transaction(self.pool) as connection:
            applied = await self.rules.in_transaction(connection)
            now = self.clock.now()
            directory = await people_store.people_at(connection, now)
            content = await imports.content(connection, one.import_id)
        if content is None or one.asked_by is None:
            return
        table = await asyncio.to_thread(grid.read, one.name, content)
        async with transaction(self.pool) as connection:
            plan = await importer.plan(
                connection,
                table,
                column_map.load_map(one.mapping),
                (applied, directory),
                now,
                one.next_number,
                begun=True,
            )
            await imports.refuse(connection, one.import_id, plan.refusals)
        by = ImportAuthor(one.asked_by, now, applied, self.settings.site_keys)
        if await importer.take(
            self.pool, self.blobs, plan, by, _Follows(one.import_id, self.stopping)
        ):
            async with transaction(self.pool) as connection:
                await imports.end_import(connection, one.import_id, self.clock.now())
            log.info("import_taken", import_id=str(one.import_id), refused=len(plan.refusals))


@dataclass(frozen=True)
class _Follows:
    """Counts each hundred where the page reads it, and heeds whoever stops it."""

    import_id: UUID
    stopping: asyncio.Event

    async def goes_on(self, connection: Connection) -> bool:
        return not self.stopping.is_set() and await imports.goes_on(connection, self.import_id)

    async def took(self, connection: Connection, opened: int, closed: int) -> None:
        await imports.took(connection, self.import_id, opened, closed)


def takes_over(parts: JobContext) -> Job:
    """Makes the background job that imports the register files that people asked for."""
    takes = Takes(parts.pool, parts.rules, parts.blobs, parts.clock, parts.settings, parts.stopping)
    return every(IDLE_SECONDS, takes.next, parts.stopping)
