"""One step of several items: the pure part item by item, then one save and one telling for all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from services.sla import open_clocks, store
from services.sla.domain.announce import SourcesRead
from services.sla.domain.steps_alike import StepsAlike
from services.sla.item_format import StoredItem
from services.sla.rulebook import Edition
from shared.facts.items.base import ItemFact
from shared.facts.publication import Publication
from shared.platform.database import Connection
from shared.platform.messaging import outbox

SCHEMA = "sla"


@dataclass(frozen=True)
class BatchContext:
    """The data with which all items of one transaction are updated: rules, sources read, moment."""

    edition: Edition
    read: SourcesRead
    now: datetime

    @cached_property
    def alike(self) -> StepsAlike:
        """The steps of the transaction's items so far, for those that are alike."""
        return StepsAlike(self.edition.rulebook, self.read, self.now)


@dataclass(frozen=True)
class ItemStep:
    """An item's timing state before and after its clocks were updated, and the facts to publish."""

    before: StoredItem
    after: StoredItem
    told: Sequence[Publication]


def step(kept: StoredItem, facts: Sequence[ItemFact] | None, ground: BatchContext) -> ItemStep:
    """Computes an item's new clock state and the facts to publish; saves nothing.

    `facts`: all its facts; `None`: only time passed. While a rebuild has not brought back every
    known fact, the item stays as it is. Raises BeyondCalendar.
    """
    if facts is not None and len(facts) < kept.awaits:
        return ItemStep(kept, kept, ())
    item, told = ground.alike.advance(kept.item, facts)
    edition = kept.edition if facts is None else ground.edition.number
    return ItemStep(kept, StoredItem(item, edition), told)


async def commit(connection: Connection, steps: Sequence[ItemStep], ground: BatchContext) -> None:
    """Saves the changed items and puts their clock facts into the outbox, in the transaction."""
    changed = [item_step.after for item_step in steps if item_step.after != item_step.before]
    planned = {
        item_step.after.item_id
        for item_step in steps
        if item_step.after.item.plan is not item_step.before.item.plan
    }
    if changed:
        await store.save(connection, changed, planned, ground.now)
    moved = [
        item_step
        for item_step in steps
        if item_step.after.item_id in planned or not open_clocks.run_on(item_step.told)
    ]
    gone = [item_step.after.item_id for item_step in moved if not item_step.before.fresh]
    await open_clocks.forget(connection, gone)
    running = [item_step.after.item for item_step in moved]
    await open_clocks.save(connection, running, ground.now, ground.edition.rulebook.last)
    await outbox.put(connection, SCHEMA, [fact for item_step in steps for fact in item_step.told])
