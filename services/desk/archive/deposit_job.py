"""The job of `desk keep` that deposits packages at the archive's own server, and hears its replies.

    claim → does it have it? → make the package → store that it is about to be sent → send
    → ask for its Acknowledgement and its ArchiveTransferReply, which are kept whole

What may have been taken is never sent again by itself. Where the site names no server a round is
one reading of its rules (docs/decisions/0184).
"""

import asyncio
import tempfile
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import IO, Final, TypeVar

from services.desk.archive import package_items, transfer_service
from services.desk.archive.archive_server import (
    ArchiveAway,
    ArchiveRefuses,
    ArchiveServer,
    ArchiveUnsure,
)
from services.desk.archive.asalae import Asalae
from services.desk.archive.domain.transfer_reply import acknowledges, read_reply
from services.desk.archive.package import PackageFigures, PackageWriter
from services.desk.archive.store import deposits, transfers
from services.desk.archive.store.deposits import DepositState, PackageDeposit
from services.desk.french.names import Names
from services.desk.jobs import JobContext, claim_each
from services.desk.remote_client import PROTOCOL
from services.desk.settings import DeskSettings
from shared.content.blobs import Blobs
from shared.content.plis import ScanText
from shared.errors import Refused, TemporaryFailure
from shared.facts.envelope import ItemId
from shared.platform.backoff import growing_pause
from shared.platform.clock import Clock, sure
from shared.platform.database import Pool, transaction
from shared.platform.jobs import Job, every
from shared.platform.observability.logs import Log, where
from shared.site.applied_rules import Rules
from shared.site.staff.people_store import people_at
from shared.site.tables.bundle import AppliedSite
from shared.site.tables.identity import Archive
from shared.web import foreign_files

EACH_SECONDS: Final = 30.0
FIRST_PAUSE: Final = timedelta(minutes=1)
LONGEST_PAUSE: Final = timedelta(hours=1)
ATTEMPT_SECONDS: Final = 3600.0
"""For a package and all questions of one attempt; less than `deposits.LEASE`."""
MOST_ROUND: Final = 20
"""Deposits of one round: rules and secrets are read anew after it."""
MOST_PIXELS: Final = 120_000_000
"""Of a page of which a copy is made, as on the pages."""

log = Log("archive")

_T = TypeVar("_T")

ServerMaker = Callable[[Archive, DeskSettings], AbstractAsyncContextManager[ArchiveServer]]


def server_of(archive: Archive, settings: DeskSettings) -> AbstractAsyncContextManager[Asalae]:
    """Makes the client of the archive's own server: an as@lae."""
    return Asalae(archive, settings.archive_login, settings.archive_password)


def pause_after(failed: int) -> timedelta:
    """Returns the pause (retry backoff) after attempts in a row without an answer."""
    return growing_pause(failed, FIRST_PAUSE, LONGEST_PAUSE)


@dataclass(frozen=True, slots=True)
class DepositRounds:
    """The worker that deposits packages at the archive's server, and fetches what it says."""

    pool: Pool
    rules: Rules
    blobs: Blobs
    clock: Clock
    settings: DeskSettings
    stopping: asyncio.Event
    server: ServerMaker = server_of

    async def round(self) -> None:
        """Deposits, or asks for, each package that is due. Raises TemporaryFailure."""
        async with transaction(self.pool) as connection:
            applied = await self.rules.if_any(connection)
            archive = None if applied is None else applied.site.identity.archive
            if applied is None or archive is None or archive.deposit is None:
                return
            if not await deposits.any_due(connection):
                return
        async with self.server(archive, self.settings) as server:
            due = claim_each(self.pool, deposits.claim, self.stopping, MOST_ROUND)
            async for deposit in due:
                await self._attempt(server, deposit, applied)

    async def _attempt(
        self, server: ArchiveServer, deposit: PackageDeposit, applied: AppliedSite
    ) -> None:
        """One attempt at a package: what it brings is noted, also that it failed."""
        try:
            async with asyncio.timeout(ATTEMPT_SECONDS):
                heard = await self._hear(server, deposit, applied)
                if not heard and deposit.state is DepositState.TO_SEND:
                    await self._send(server, deposit, applied)
        except ArchiveUnsure as unsure:
            await self._silent(deposit, str(unsure), unsure.said)
        except ArchiveAway as away:
            await self._silent(deposit, str(away), away.said)
        except ArchiveRefuses as refusal:
            async with transaction(self.pool) as connection:
                why = str(refusal)
                await deposits.note_refused(connection, deposit.transfer, why, refusal.said)
            log.warning("archive_deposit_refused", transfer=deposit.transfer, why=str(refusal))
        except TemporaryFailure:
            await self._silent(deposit, "blobs", "")
        except TimeoutError:
            await self._silent(deposit, "too-slow", "")
        except Exception as error:  # noqa: BLE001  (whatever it is, it must stop no other deposit)
            log.warning(
                "archive_deposit_failed",
                transfer=deposit.transfer,
                why=type(error).__name__,
                where=where(error),
            )
            await self._silent(deposit, "unexpected", "")

    async def _silent(self, deposit: PackageDeposit, why: str, said: str) -> None:
        """Notes that there was no answer: what began to be sent stays in doubt, and is asked for.

        Whether it began says its row, which was written before.
        """
        pause = pause_after(deposit.attempts + 1)
        async with transaction(self.pool) as connection:
            found = await deposits.find(connection, deposit.transfer)
            if found is None:
                return
            if found.state is DepositState.TO_SEND:
                await deposits.note_unsent(connection, deposit.transfer, why, said, pause)
            elif found.state is DepositState.IN_DOUBT and deposit.state is DepositState.TO_SEND:
                await deposits.note_unsure(connection, deposit.transfer, why, said)
            else:
                await deposits.note_silence(connection, deposit.transfer, why, said, pause)

    async def _hear(
        self, server: ArchiveServer, deposit: PackageDeposit, applied: AppliedSite
    ) -> bool:
        """Asks what the archive has of a transfer and keeps it; returns whether it has anything."""
        transfer, acknowledgement = deposit.transfer, None
        if deposit.acknowledged_at is None:
            acknowledgement = await server.acknowledgement(transfer)
        if acknowledgement is not None and not await _read(acknowledges, acknowledgement, transfer):
            raise ArchiveAway("reply-elsewhere")
        reply = await server.reply(transfer)
        parsed = None if reply is None else await _read(read_reply, reply, applied.site.zone)
        known, now = acknowledgement is not None or parsed is not None, sure(self.clock)
        if not known and deposit.state is DepositState.TO_SEND:
            return False
        async with transaction(self.pool) as connection:
            found = await transfers.lock(connection, transfer)
            if parsed is not None and not await transfers.is_about(connection, transfer, parsed):
                raise ArchiveAway("reply-elsewhere")
            if known and found.packed_at is None:
                raise ArchiveRefuses("known-already")
            if known:
                await deposits.note_sent(connection, transfer, now)
            if acknowledgement is not None:
                await deposits.note_acknowledged(connection, transfer, acknowledgement, now)
            if reply is None or parsed is None:
                await deposits.note_nothing_new(connection, transfer)
                return True
            if found.open:
                who = transfers.SERVER
                await transfers.note_reply(connection, transfer, reply, parsed, who, now)
            await deposits.end(connection, transfer)
        return True

    async def _send(
        self, server: ArchiveServer, deposit: PackageDeposit, applied: AppliedSite
    ) -> None:
        transfer = deposit.transfer
        with tempfile.TemporaryDirectory(prefix="vaguemestre-") as folder:
            path = Path(folder) / f"{transfer}.zip"
            figures, outcomes = await self._make(path, deposit, applied)
            async with transaction(self.pool) as connection:
                found = await transfers.lock(connection, transfer)
                if not found.open or not await deposits.note_doubt(
                    connection, transfer, figures.manifest
                ):
                    return
                await transfers.note_package(
                    connection, transfer, figures, outcomes, deposit.asked_by, sure(self.clock)
                )
            try:
                await server.deposit(transfer, path)
            except ArchiveUnsure:
                raise
            except ArchiveAway as away:
                pause = pause_after(deposit.attempts + 1)
                async with transaction(self.pool) as connection:
                    await deposits.note_unsent(connection, transfer, str(away), away.said, pause)
                return
        async with transaction(self.pool) as connection:
            await deposits.note_sent(connection, transfer, sure(self.clock))
        log.info("archive_deposited", transfer=transfer, octets=figures.octets)

    async def _make(
        self, path: Path, deposit: PackageDeposit, applied: AppliedSite
    ) -> tuple[PackageFigures, dict[ItemId, str]]:
        """Makes the package as the page makes it: no connection is held while files are read."""
        now = sure(self.clock)
        async with transaction(self.pool) as connection:
            found = await transfers.lock(connection, deposit.transfer)
            heading = transfer_service.heading(found, applied.site)
            lines = await transfers.lines_of(connection, deposit.transfer)
            names = Names(applied.site, await people_at(connection, now))
        writer = PackageWriter(path, heading, _copy if heading.archive.copies else None)
        outcomes, today = dict[ItemId, str](), now.astimezone(applied.site.zone).date()
        for few in package_items.portions(lines):
            async with transaction(self.pool) as connection:
                ready = await package_items.find(connection, few, names, today)
            outcomes |= await package_items.pack(writer, ready, self.blobs)
        return await writer.close(), outcomes


async def _read(read: Callable[..., _T], octets: bytes, *by: object) -> _T:
    """What a message says, parsed beside the event loop; it comes from outside.

    Raises ArchiveAway where it is no such message.
    """
    try:
        return await asyncio.to_thread(read, octets, *by)
    except Refused as refused:
        raise ArchiveAway(PROTOCOL) from refused


async def _copy(original: bytes, title: str, scan: ScanText, into: IO[bytes]) -> None:
    await asyncio.to_thread(
        foreign_files.archive_copy, original, title, scan.pages, scan.places, MOST_PIXELS, into
    )


def deposits_packages(parts: JobContext) -> Job:
    """Makes the background job that deposits packages at the archive's server and hears it."""
    rounds = DepositRounds(
        parts.pool, parts.rules, parts.blobs, parts.clock, parts.settings, parts.stopping
    )
    return every(EACH_SECONDS, rounds.round, parts.stopping)
