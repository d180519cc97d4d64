"""Where a deposit is kept: its content in the spool, its number in the register.

While PostgreSQL is away its number is a note on the disk instead, which becomes a row by itself
(services/desk/noting.py). The id of a deposit makes whatever is repeated harmless: to the spool, to
the register, and to ingest, whose arrival's id follows from it.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.desk.pages.visit import Visit
from services.desk.store import deposits, noted
from services.desk.store.deposits import Deposit
from shared import spool
from shared.errors import TemporaryFailure
from shared.logs import Log
from shared.spool import FormDeposit

log = Log("form")


async def made_at(visit: Visit, deposit: UUID) -> datetime | None:
    """When it was made; `None`: never, long ago, or before PostgreSQL went away."""
    if visit.register is not None:
        at = await deposits.made_at(visit.register, deposit)
        if at is not None:
            return at
    async with visit.apart():
        notes = await _notes(visit)
    return next((one.at for one in notes if one.deposit == deposit), None)


async def made_since(visit: Visit, moment: datetime) -> int:
    """How many were made since then: those that the register knows, or those that wait for it."""
    if visit.register is not None:
        return await deposits.since(visit.register, moment)
    return sum(one.at >= moment for one in await _notes(visit))


async def keep(visit: Visit, deposit: FormDeposit, contents: Sequence[bytes]) -> None:
    """Keeps a deposit; on return it is on the disk.

    Raises:
        TemporaryFailure: the disk can't take it now; nothing of it is kept.
    """
    if visit.register is None:
        await asyncio.to_thread(spool.deposit, visit.settings.spool, deposit, contents)
        await _note(visit, Deposit(deposit.id, deposit.at))
        return
    # First the disk: who sends it twice puts it there once, and a number leads to what is kept.
    async with visit.apart():
        await asyncio.to_thread(spool.deposit, visit.settings.spool, deposit, contents)
    await deposits.first_time(visit.connection, deposit.id, visit.now)


async def _note(visit: Visit, one: Deposit) -> None:
    try:
        await asyncio.to_thread(noted.write, visit.settings.spool, one)
    except TemporaryFailure as failure:
        # What matters is kept; only its page can't say so before it has its chrono.
        log.warning("deposit_without_note", why=str(failure))


async def _notes(visit: Visit) -> Sequence[Deposit]:
    try:
        return await asyncio.to_thread(noted.read, visit.settings.spool)
    except TemporaryFailure as failure:
        log.warning("notes_unread", why=str(failure))
        return ()
