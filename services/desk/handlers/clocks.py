"""Topic `clocks`: the register shows what sla says of an item's limits."""

from collections.abc import Sequence
from datetime import datetime

from services.desk.domain.clocks import ItemClock, advance, is_news
from services.desk.store import clocks, items, warnings
from shared.facts.clocks import ClockFact, ClocksTopic
from shared.facts.envelope import ItemId
from shared.facts.vocabulary import ClockName
from shared.platform.database import Connection
from shared.platform.failures import reason_of
from shared.platform.messaging import inbox
from shared.platform.messaging.subscription import RejectedFact, pass_over

READER = "clocks"


async def hear_clocks(
    connection: Connection, batch: Sequence[ClocksTopic], _: datetime
) -> Sequence[RejectedFact[ClocksTopic]]:
    """Handles topic `clocks`: stores what sla says of deadlines, each fact once.

    Out-of-order facts change nothing newer. A fact about a deadline whose row can't be read is
    returned as rejected, and not remembered as handled.
    """
    told = [fact for fact in batch if isinstance(fact, ClockFact)]
    item_ids = sorted({fact.item_id for fact in told})
    await items.lock_rows(connection, item_ids)
    before, unreadable = await clocks.readable(connection, item_ids)
    poisoned = list[RejectedFact[ClocksTopic]]()
    for fact in told:
        if (error := unreadable.get((fact.item_id, fact.clock))) is not None:
            poisoned.append(RejectedFact(fact, reason_of(error)))
    told = [fact for fact in told if (fact.item_id, fact.clock) not in unreadable]
    new = await inbox.keep_new(connection, "desk", READER, [fact.event_id for fact in told])
    after: dict[tuple[ItemId, ClockName], ItemClock] = {}
    heard = list[ClockFact]()
    for fact in told:
        key = (fact.item_id, fact.clock)
        clock = after.get(key) or before.get(key)
        if fact.event_id not in new or not is_news(clock, fact):
            pass_over(fact)
            continue
        new.discard(fact.event_id)
        heard.append(fact)
        after[key] = advance(clock, fact)
    await clocks.save(connection, list(after.values()))
    await warnings.keep(connection, heard)
    return poisoned
