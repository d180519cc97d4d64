"""The custody of a deposit: its content goes to the spool, its number to the database.

While PostgreSQL is away its number is a note on the disk instead, which becomes a row by itself
(services/portal/app.py). The id of a deposit makes whatever is repeated harmless: to the spool, to
the database, and to ingest, whose arrival's id follows from it.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.portal.pages.visit import PublicVisit
from services.portal.store import deposits, notes
from services.portal.store.notes import DepositNote
from shared.content import spool
from shared.content.spool import FormDeposit
from shared.errors import TemporaryFailure
from shared.platform.observability.logs import Log

log = Log("form")


async def made_at(visit: PublicVisit, deposit: UUID) -> datetime | None:
    """Returns the moment at which a deposit was stored; `None`: never, or too long ago.

    While PostgreSQL is away only deposits made meanwhile are found.
    """
    if visit.database is not None:
        at = await deposits.made_at(visit.database, deposit)
        if at is not None:
            return at
    async with visit.apart():
        waiting = await _notes(visit)
    return next((note.at for note in waiting if note.deposit == deposit), None)


async def made_since(visit: PublicVisit, moment: datetime) -> int:
    """Counts the deposits of people since a moment, in the database or by notes on the disk."""
    if visit.database is not None:
        return await deposits.since(visit.database, moment)
    waiting = await _notes(visit)
    return sum(note.at >= moment and not note.by_program for note in waiting)


class NotKept(TemporaryFailure):
    """Raised when the disk can't take a deposit now; nothing of it is stored."""


async def keep(visit: PublicVisit, deposit: FormDeposit, contents: Sequence[bytes]) -> None:
    """Stores a deposit: its content in the spool, its number in the database or a note.

    Raises:
        NotKept: the disk can't take it now.
        TemporaryFailure: it is on the disk, and PostgreSQL went away: call again with a visit that
            has no database.
    """
    if visit.database is None:
        await _put(visit, deposit, contents)
        by_program = deposit.application is not None
        await _note(visit, DepositNote(deposit.id, deposit.at, by_program))
        return
    # First the disk: who sends it twice puts it there once, and a number leads to what is kept.
    async with visit.apart():
        await _put(visit, deposit, contents)
    by_program = deposit.application is not None
    await deposits.insert(visit.connection, deposit.id, visit.now, by_program=by_program)


async def _put(visit: PublicVisit, deposit: FormDeposit, contents: Sequence[bytes]) -> None:
    try:
        settings = visit.settings
        key = settings.writing_key
        await asyncio.to_thread(spool.deposit, settings.spool, deposit, contents, key)
    except TemporaryFailure as failure:
        raise NotKept(str(failure)) from failure


async def _note(visit: PublicVisit, note: DepositNote) -> None:
    try:
        await asyncio.to_thread(notes.write, visit.settings.spool, note)
    except TemporaryFailure as failure:
        # What matters is kept; only its page can't say so before it has its chrono.
        log.warning("deposit_without_note", why=str(failure))


async def _notes(visit: PublicVisit) -> Sequence[DepositNote]:
    try:
        return await asyncio.to_thread(notes.read, visit.settings.spool)
    except TemporaryFailure as failure:
        log.warning("notes_unread", why=str(failure))
        return ()
