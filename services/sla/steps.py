"""One step of several items: the pure part item by item, then one save and one telling for all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.sla import running, store
from services.sla.domain.advance import advance
from services.sla.domain.announce import SourcesRead
from services.sla.rulebook import Edition
from services.sla.stored import Kept
from shared import outbox
from shared.database import Connection
from shared.facts.clocks import Clocks
from shared.facts.envelope import ItemId
from shared.facts.items.base import ItemFact

SCHEMA = "sla"


@dataclass(frozen=True)
class Ground:
    """What every item of one transaction is stepped with."""

    edition: Edition
    read: SourcesRead
    now: datetime


@dataclass(frozen=True)
class Step:
    """An item before and after, and what is told of it."""

    before: Kept
    after: Kept
    told: Sequence[Clocks]


def step(kept: Kept, facts: Sequence[ItemFact] | None, ground: Ground) -> Step:
    """Plans and tells; `facts` are all of the item's, `None` when only time passed.

    While a rebuild has not brought back every fact that was known, nothing is planned or told.
    Raises BeyondCalendar.
    """
    if facts is not None and len(facts) < kept.awaits:
        return Step(kept, kept, ())
    outcome = advance(kept.item, facts, ground.edition.rulebook, ground.read, ground.now)
    edition = kept.edition if facts is None else ground.edition.number
    return Step(kept, Kept(outcome.item, edition), outcome.told)


async def commit(connection: Connection, steps: Sequence[Step], ground: Ground) -> None:
    """Saves what changed and puts what is told into the outbox, in the caller's transaction."""
    changed = [one.after for one in steps if one.after != one.before]
    if changed:
        planned = {_id(one) for one in steps if one.after.item.plan is not one.before.item.plan}
        await store.save(connection, changed, planned, ground.now)
    await _commit_running(connection, steps, ground)
    await outbox.put(connection, SCHEMA, [fact for one in steps for fact in one.told])


async def _commit_running(connection: Connection, steps: Sequence[Step], ground: Ground) -> None:
    ids, rows = [], list[running.Row]()
    for one in steps:
        if one.after.item.plan is one.before.item.plan and not one.told:
            continue
        ids.append(_id(one))
        rows += running.of(one.after.item, ground.now, ground.edition.rulebook.last)
    if ids:
        await running.save(connection, ids, rows)


def _id(one: Step) -> ItemId:
    return one.after.item_id
