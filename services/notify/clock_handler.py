"""Topic `clocks`: rungs are kept for the digests of those who are to hear them."""

from collections.abc import Sequence
from datetime import datetime

from services.notify.store import SCHEMA, guards, rungs, watermark
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
from shared.facts.envelope import ItemId
from shared.facts.vocabulary import ClockName
from shared.platform.database import Connection
from shared.platform.messaging import inbox
from shared.platform.messaging.subscription import Handle, RejectedFact, pass_over

READER = "clocks"


def hears_clocks() -> Handle[ClocksTopic]:
    """Makes notify's handler of topic `clocks`, which stores reminders for the digests.

    Facts older than the last one about the same reminder are ignored.
    """

    async def hear(
        connection: Connection, batch: Sequence[ClocksTopic], _: datetime
    ) -> Sequence[RejectedFact[ClocksTopic]]:
        told = [fact for fact in batch if isinstance(fact, ClockFact)]
        floors = await rungs.lock(connection, {fact.item_id for fact in told})
        new = await inbox.keep_new(connection, SCHEMA, READER, [fact.event_id for fact in told])
        keys = {(fact.item_id, fact.clock) for fact in told}
        before = await guards.of_items(connection, keys, floors)
        after = dict(before)
        reached = dict[tuple[ItemId, ClockName, str], RungReached]()
        for fact in told:
            guard = after[fact.item_id, fact.clock]
            if fact.event_id not in new or not guard.is_news(fact):
                pass_over(fact)
                continue
            new.discard(fact.event_id)
            after[fact.item_id, fact.clock] = guard.after(fact)
            if isinstance(fact, RungReached):
                rung = guard.under_its_limit(fact)
                reached[fact.item_id, fact.clock, fact.rung] = rung
            else:
                # In the order in which they are told: what comes now may end what was reached.
                await rungs.reach(connection, list(reached.values()))
                reached.clear()
                await _take(connection, fact)
        await rungs.reach(connection, list(reached.values()))
        await guards.save(connection, before, after)
        if told:
            await rungs.keep_revisions(connection, told)
        await watermark.whole(connection, [fact for fact in batch if isinstance(fact, RungsTold)])
        return ()

    return hear


async def _take(connection: Connection, fact: Clocks) -> None:
    match fact:
        case RungWithdrawn():
            await rungs.withdraw(connection, fact)
        case LimitMoved():
            await rungs.move(connection, fact)
        case ClockStopped():
            await rungs.end(connection, fact)
        case _:
            return
