"""What sla hears: facts of items, and that a source was read.

Each takes a batch inside the listener's transaction: lock, keep what is new, decide, save, tell. A
fact with which its item can't be planned (a date beyond every calendar) is set aside alone; an item
of which something stored can't be read keeps its facts and is parked (sla/unreadable_items.py).
"""

from collections.abc import Sequence
from datetime import datetime

from services.sla import store, unreadable_items
from services.sla.item_format import StoredItem, UnreadableItem
from services.sla.metrics import SlaCounters
from services.sla.rulebook import Editions
from services.sla.steps import SCHEMA, BatchContext, ItemStep, commit, step
from shared.facts.arrivals import Arrivals, SourceRead
from shared.facts.envelope import EventId, ItemId, Topic
from shared.facts.items import Items
from shared.facts.items.base import ItemFact
from shared.facts.items.directory import PersonChanged
from shared.facts.items.evidence import EvidenceSealed
from shared.facts.items.registration import ItemRegistered
from shared.platform.database import Connection
from shared.platform.failures import reason_of
from shared.platform.messaging import dead_letters
from shared.platform.messaging.dead_letters import DeadLetter
from shared.platform.messaging.subscription import Handle, RejectedFact, pass_over


def hears_items(editions: Editions, counts: SlaCounters) -> Handle[Items]:
    """Makes sla's handler of topic `items`; a fact's primary key makes it idempotent."""

    async def hear(
        connection: Connection, batch: Sequence[Items], now: datetime
    ) -> Sequence[RejectedFact[Items]]:
        # What the register says of itself and of our people is no item's, and never timed.
        batch = [fact for fact in batch if not isinstance(fact, EvidenceSealed | PersonChanged)]
        ground = BatchContext(await editions(connection), await store.sources_read(connection), now)
        rows = await store.lock(connection, (fact.item_id for fact in batch))
        ids = await store.keep_new(connection, batch)
        fresh: dict[ItemId, dict[EventId, Items]] = {}
        for fact in batch:
            if fact.event_id in ids:
                fresh.setdefault(fact.item_id, {})[fact.event_id] = fact
            else:
                pass_over(fact)
        known, unreadable = await store.facts_of(connection, fresh)
        aside, steps, poisoned = dict(unreadable), list[ItemStep](), list[RejectedFact[Items]]()
        with counts.timed():
            for item_id, facts in sorted(known.items()):
                row = rows[item_id]
                if isinstance(row, UnreadableItem):
                    aside[item_id] = row.error
                    continue
                new = list(fresh[item_id].values())
                taken, refused = _taken(row, facts, new, ground)
                steps.append(taken)
                poisoned += refused
        await store.forget(connection, [rejected.fact for rejected in poisoned])
        await commit(connection, steps, ground)
        await unreadable_items.park(connection, aside, ground)
        counts.told(fact for item_step in steps for fact in item_step.told)
        return await _set_aside_kept(connection, poisoned, ids, now)

    return hear


def _taken(
    kept: StoredItem, facts: Sequence[Items], new: Sequence[Items], ground: BatchContext
) -> tuple[ItemStep, Sequence[RejectedFact[Items]]]:
    """The step with every fact, or with those that it can be taken with.

    What was kept before was tried before, save when the item's registration comes last: until then
    nothing was planned, so that one of them may be the poison and the registration is not to blame.
    """
    try:
        return step(kept, facts, ground), ()
    except Exception as error:  # noqa: BLE001  (whatever a fact does, it costs one row)
        if len(facts) == 1:
            return _without(kept, (), ground), [RejectedFact(facts[0], reason_of(error))]
    ids = {fact.event_id for fact in new}
    good: list[Items] = [fact for fact in facts if fact.event_id not in ids]
    suspects = list(new)
    if any(isinstance(fact, ItemRegistered) for fact in new):
        good, suspects = [], sorted(facts, key=lambda fact: not isinstance(fact, ItemRegistered))
    refused = list[RejectedFact[Items]]()
    for fact in suspects:
        try:
            step(kept, [*good, fact], ground)
        except Exception as error:  # noqa: BLE001  (as above)
            refused.append(RejectedFact(fact, reason_of(error)))
        else:
            good.append(fact)
    return _without(kept, good, ground), refused


async def _set_aside_kept(
    connection: Connection,
    poisoned: Sequence[RejectedFact[Items]],
    ids: set[EventId],
    now: datetime,
) -> Sequence[RejectedFact[Items]]:
    """Dead letters of facts whose record was read long ago; the others are the listener's."""
    letters = [
        DeadLetter(
            topic=Topic.ITEMS.value,
            partition=None,
            offset=None,
            key=rejected.fact.key.encode(),
            headers=(),
            payload=rejected.fact.model_dump_json().encode(),
            reason=rejected.reason,
        )
        for rejected in poisoned
        if rejected.fact.event_id not in ids
    ]
    await dead_letters.put(connection, SCHEMA, letters, now)
    return [rejected for rejected in poisoned if rejected.fact.event_id in ids]


def _without(kept: StoredItem, facts: Sequence[ItemFact], ground: BatchContext) -> ItemStep:
    return step(kept, facts, ground) if facts else ItemStep(kept, kept, ())


def hears_readings(editions: Editions) -> Handle[Arrivals]:
    """Makes sla's handler of topic `arrivals`, which uses only `SourceRead`."""

    async def hear(
        connection: Connection, batch: Sequence[Arrivals], now: datetime
    ) -> Sequence[RejectedFact[Arrivals]]:
        readings = [fact for fact in batch if isinstance(fact, SourceRead)]
        until: dict[str, datetime] = {}
        for fact in readings:
            until[fact.source] = max(fact.until, until.get(fact.source, fact.until))
        if until:
            rules = (await editions(connection)).rulebook.last
            news = await store.note_readings(connection, until, rules, now)
            for fact in readings:
                if fact.source not in news:
                    pass_over(fact)
        return ()

    return hear
