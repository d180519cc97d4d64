"""What people and other commands ask of the clocks, in one transaction each; nothing is changed."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime

from services.sla import store
from services.sla.domain.explain import ComputationSheet, explain
from services.sla.domain.plan import Plan, plan
from services.sla.domain.rules import ClockRules, Rulebook
from services.sla.item_format import UnreadableItem
from services.sla.rulebook import Editions
from shared.errors import PermanentFailure, Refused
from shared.facts.clocks import Outcome
from shared.facts.envelope import Chrono, ItemId
from shared.facts.vocabulary import ClockName
from shared.platform.database import Connection
from shared.site.effects import Moved
from shared.site.tables.bundle import AppliedSite

OF_CHRONO = "SELECT item_id FROM sla.items WHERE chrono = $1"
OPEN_AFTER = """
    SELECT item_id FROM sla.items
    WHERE open AND ($1::uuid IS NULL OR item_id > $1) ORDER BY item_id LIMIT 1000
"""


async def explain_item(
    connection: Connection, chrono: Chrono, now: datetime
) -> tuple[ComputationSheet, Rulebook]:
    """Makes the computation sheet of an item by its chrono, with the rules used. Raises Refused."""
    row = await connection.fetchrow(OF_CHRONO, chrono)
    if row is None:
        raise Refused(f"No item that sla has heard of bears {chrono}: check the number.")
    item_id = ItemId(row["item_id"])
    found, _ = await store.facts_of(connection, [item_id])
    kept = await look(connection, item_id)
    if item_id not in found or isinstance(kept, UnreadableItem):
        raise Refused(
            f"What sla keeps of {chrono} can't be read: see `vaguemestre sla dead-letters list`."
        )
    rulebook = (await Editions()(connection)).rulebook
    return explain(found[item_id], kept.item.standing, rulebook, now), rulebook


async def moves(connection: Connection, before: AppliedSite, after: AppliedSite) -> Sequence[Moved]:
    """Finds the running clocks whose limit changes when the rules `after` replace `before`."""
    applied = (await Editions()(connection)).rulebook
    now = Rulebook((*_versions(applied, before), ClockRules(before)))
    then = Rulebook((*now.versions, ClockRules(after)))
    found = list[Moved]()
    last: ItemId | None = None
    while rows := await connection.fetch(OPEN_AFTER, last):
        ids = [ItemId(row["item_id"]) for row in rows]
        last = ids[-1]
        for facts in (await store.facts_of(connection, ids))[0].values():
            # What can't be planned is parked with a dead letter; it must not hold up better rules.
            with suppress(PermanentFailure):
                found += _moved(plan(facts, now), plan(facts, then))
    return sorted(found, key=lambda one: (one.chrono or "", one.clock))


def _versions(rulebook: Rulebook, before: AppliedSite) -> Sequence[ClockRules]:
    return [version for version in rulebook.versions if version.version < before.version]


def _moved(now: Plan, then: Plan) -> Sequence[Moved]:
    chrono = now.subject.chrono if now.subject else None
    before, after = _running(now), _running(then)
    return [
        Moved(chrono, clock, before.get(clock), after.get(clock))
        for clock in ClockName
        if before.get(clock) != after.get(clock)
    ]


def _running(made: Plan) -> dict[ClockName, date]:
    return {
        clock.clock: clock.limit
        for clock in made.clocks
        if clock.stop is None or clock.stop.outcome is Outcome.BORN
    }


LOOK = "SELECT * FROM sla.items WHERE item_id = $1"


async def look(connection: Connection, item_id: ItemId) -> store.Row:
    """Reads an item's stored clock state from table `sla.items`, without a lock."""
    [row] = await store.rows_of(connection, LOOK, item_id)
    return row
