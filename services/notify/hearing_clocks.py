"""Topic `clocks`: rungs are kept for the digests of those who are to hear them."""

from collections.abc import Sequence
from datetime import datetime

from services.notify.store import SCHEMA, rungs
from shared import inbox
from shared.database import Connection
from shared.facts.clocks import (
    Clocks,
    ClockStopped,
    LimitMoved,
    RungReached,
    RungWithdrawn,
)
from shared.listening import Handle, Poisoned

READER = "clocks"


def hears_clocks() -> Handle[Clocks]:
    """The handler of the topic; a revision lower than the last one of its item is old news."""

    async def hear(
        connection: Connection, batch: Sequence[Clocks], now: datetime
    ) -> Sequence[Poisoned[Clocks]]:
        del now
        seen = dict(await rungs.lock(connection, {fact.item_id for fact in batch}))
        new = await inbox.keep_new(connection, SCHEMA, READER, [fact.event_id for fact in batch])
        for fact in batch:
            if fact.event_id in new and fact.revision >= seen[fact.item_id]:
                new.discard(fact.event_id)
                seen[fact.item_id] = fact.revision
                await _take(connection, fact)
        if batch:
            await rungs.heard(connection, batch)
        return ()

    return hear


async def _take(connection: Connection, fact: Clocks) -> None:
    match fact:
        case RungReached():
            await rungs.reach(connection, fact)
        case RungWithdrawn():
            await rungs.withdraw(connection, fact.item_id, fact.clock, fact.rung)
        case LimitMoved():
            await rungs.move(connection, fact.item_id, fact.clock, fact.limit)
        case ClockStopped():
            await rungs.withdraw(connection, fact.item_id, fact.clock)
        case _:
            return
