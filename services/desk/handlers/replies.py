"""Messages seen in Sent folders become observations of the items that they answer."""

from collections.abc import Sequence
from datetime import datetime

from services.desk import statements
from services.desk.domain import placement_facts, reply_matching
from services.desk.domain.stamp import Stamp
from services.desk.store import fact_history, items, replies
from shared.facts.authors import by_source
from shared.facts.envelope import ArrivalId, Digest, ItemId
from shared.facts.items import Items
from shared.facts.observations import ReplySeen
from shared.platform.database import Connection
from shared.site.tables.bundle import AppliedSite


async def observe(
    connection: Connection, seen: Sequence[ReplySeen], applied: AppliedSite, now: datetime
) -> None:
    """Records `ReplyObserved` for messages in Sent folders that answer an item.

    Those that answer none are stored and wait for their item. One message is observed once, whether
    it stands in Sent, came in copy to another mailbox, or both.
    """
    if not seen:
        return
    awaiting = await replies.lock_awaiting(
        connection, sorted({to for reply in seen for to in reply.to})
    )
    answered = {
        reply.arrival_id: item_id
        for reply in seen
        if (item_id := reply_matching.answered_item(reply, awaiting)) is not None
    }
    before = await items.lock(connection, answered.values())
    stated = set(await fact_history.observed_replies(connection, answered.values()))
    seqs = {item_id: kept.item.seq for item_id, kept in before.items()}
    facts: list[Items] = []
    messages: list[tuple[Digest, ItemId]] = []
    for reply in seen:
        item_id = answered.get(ArrivalId(reply.arrival_id))
        if item_id is None:
            continue
        names = {(item_id, name) for name in (reply.arrival_id, reply.message) if name is not None}
        if names.isdisjoint(stated):
            by = by_source(reply.source)
            stamp = Stamp(item_id, seqs[item_id], reply.event_id, by, now)
            facts.append(placement_facts.observation_of(reply, stamp))
            seqs[item_id] += 1
        stated |= names
        if reply.message is not None:
            messages.append((reply.message, item_id))
    await statements.state(connection, before, facts, applied.site.zone)
    await items.remember_messages(connection, messages)
    await replies.assign(connection, answered)
