"""What sla hears of items: lock, keep what is new, decide, save, tell, in one transaction.

A fact with which its item can't be planned (a date beyond every calendar) is set aside alone
(poison_facts.py); an item of which something stored can't be read keeps its facts and is parked
(unreadable_items.py).
"""

from collections.abc import Sequence
from datetime import datetime

from services.sla import poison_facts, store, unreadable_items
from services.sla.item_format import StoredItem, UnreadableItem
from services.sla.metrics import SlaCounters
from services.sla.rulebook import Editions
from services.sla.steps import BatchContext, ItemStep, commit, step
from shared.facts.envelope import EventId, ItemId
from shared.facts.items import Items
from shared.facts.items.directory import PersonChanged
from shared.facts.items.evidence import EvidenceSealed
from shared.facts.items.routing import NoteWritten, OpinionAsked
from shared.platform.database import Connection
from shared.platform.messaging.subscription import Handle, RejectedFact, pass_over

_UNTIMED = frozenset({EvidenceSealed, PersonChanged, NoteWritten, OpinionAsked})


def hears_items(editions: Editions, counts: SlaCounters) -> Handle[Items]:
    """Makes sla's handler of topic `items`; a fact's primary key makes it idempotent."""

    async def hear(
        connection: Connection, batch: Sequence[Items], now: datetime
    ) -> Sequence[RejectedFact[Items]]:
        # What the register says of itself and of our people is no item's, what colleagues note and
        # ask each other no clock's: the version before reads the item without it.
        batch = [fact for fact in batch if type(fact) not in _UNTIMED]
        ground = BatchContext(await editions(connection), await store.sources_read(connection), now)
        rows = await store.lock(connection, (fact.item_id for fact in batch))
        stored = [row.item_id for row in rows.values() if not row.fresh]
        older, unreadable = await store.facts_of(connection, stored)
        ids = await store.keep_new(connection, batch)
        fresh: dict[ItemId, dict[EventId, Items]] = {}
        for fact in batch:
            if fact.event_id in ids:
                fresh.setdefault(fact.item_id, {})[fact.event_id] = fact
            else:
                pass_over(fact)
        aside = {item_id: unreadable[item_id] for item_id in fresh if item_id in unreadable}
        steps, poisoned = list[ItemStep](), list[RejectedFact[Items]]()
        with counts.timed():
            for item_id, row in rows.items():
                if item_id not in fresh or item_id in aside:
                    continue
                if isinstance(row, UnreadableItem):
                    aside[item_id] = row.error
                    continue
                new = list(fresh[item_id].values())
                taken, refused = _taken(row, [*older.get(item_id, ()), *new], new, ground)
                steps.append(taken)
                poisoned += refused
        await poison_facts.forget(connection, [rejected.fact for rejected in poisoned])
        await commit(connection, steps, ground)
        await unreadable_items.park(connection, aside, ground)
        counts.count_told(fact for item_step in steps for fact in item_step.told)
        return await poison_facts.set_aside_kept(connection, poisoned, ids, now)

    return hear


def _taken(
    kept: StoredItem, facts: Sequence[Items], new: Sequence[Items], ground: BatchContext
) -> tuple[ItemStep, Sequence[RejectedFact[Items]]]:
    """The step with every fact, or with those that it can be taken with."""
    try:
        return step(kept, facts, ground), ()
    except Exception as error:  # noqa: BLE001  (whatever a fact does, it costs one row)
        return poison_facts.sift_facts(kept, facts, new, ground, error)
