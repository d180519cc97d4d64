"""Topic `clocks`: rungs are kept for the digests of those who are to hear them."""

from collections.abc import Sequence
from datetime import datetime

from services.notify.store import SCHEMA, heard, rungs
from shared import inbox
from shared.database import Connection
from shared.facts.clocks import (
    ClockFact,
    Clocks,
    ClocksTopic,
    ClockStopped,
    LimitMoved,
    RungReached,
    RungsTold,
    RungWithdrawn,
)
from shared.listening import Handle, Poisoned

READER = "clocks"


def hears_clocks() -> Handle[ClocksTopic]:
    """The handler of the topic; a revision lower than the last one of its item is old news."""

    async def hear(
        connection: Connection, batch: Sequence[ClocksTopic], now: datetime
    ) -> Sequence[Poisoned[ClocksTopic]]:
        del now
        told = [fact for fact in batch if isinstance(fact, ClockFact)]
        seen = dict(await rungs.lock(connection, {fact.item_id for fact in told}))
        new = await inbox.keep_new(connection, SCHEMA, READER, [fact.event_id for fact in told])
        for fact in told:
            if fact.event_id in new and fact.revision >= seen[fact.item_id]:
                new.discard(fact.event_id)
                seen[fact.item_id] = fact.revision
                await _take(connection, fact)
        if told:
            await rungs.heard(connection, told)
        await heard.whole(connection, [fact for fact in batch if isinstance(fact, RungsTold)])
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
