"""The ticker: wakes the items that asked for it, and keeps clocks true (ticker_upkeep.py).

It claims items, not timers: what another ticker holds is skipped, so that several share a burst.
Each batch is one transaction; an item that raises or can't be read is parked with a dead letter
(services/sla/unreadable_items.py), the others go on.
It sleeps until the next item is due, one second at most, until the story moves, or until it is told
that one is due sooner (due_watch.py): what is told to nobody, or lost, the second finds.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from services.sla import brake, claims, store, unreadable_items
from services.sla.due_watch import DueWatch
from services.sla.item_format import StoredItem, UnreadableItem
from services.sla.metrics import SlaCounters
from services.sla.rulebook import Editions
from services.sla.settings import SlaSettings
from services.sla.steps import BatchContext, ItemStep, commit, step
from services.sla.store import ItemFacts, Row
from services.sla.ticker_upkeep import TickerUpkeep
from shared.facts.clocks import RungReached
from shared.facts.envelope import ItemId
from shared.platform.clock import Clock, sure
from shared.platform.database import Connection, Pool, single_statements, transaction
from shared.platform.failures import reason_of
from shared.platform.messaging.poison import TOO_MANY, TooManyFailures
from shared.platform.observability.logs import Log

RUNG = RungReached.__name__
SHORTEST = timedelta(milliseconds=20)
"""A story can stand still just before an item is due."""

log = Log("ticker")


class Ticker(TickerUpkeep):
    """The background job that updates the clocks of items that are due; several may run."""

    def __init__(
        self,
        pool: Pool,
        clock: Clock,
        editions: Editions,
        counts: SlaCounters,
        settings: SlaSettings,
    ) -> None:
        super().__init__(pool, clock, editions, settings.wake_batch)
        self._counts = counts
        self._poll = settings.wake_poll
        self.watch = DueWatch(clock)

    async def run(self) -> None:
        """Updates due items until cancelled. Raises TooManyFailures or TemporaryFailure."""
        while True:
            seen = await self.look()
            now = sure(self._clock)
            held = await self.is_held(seen, now)
            woken = await self.wake(now) if seen.is_due(now) and not held else 0
            kept = await self.keep_true(seen)
            if not woken and not kept:
                await self.say_whole(self._clock.now())
                if held:
                    await self._clock.pause(self._poll)
                else:
                    await self.watch.rest(self._until_next)

    async def wake(self, now: datetime) -> int:
        """Updates the clocks of a batch of items that are to be woken now; returns how many."""
        async with transaction(self._pool) as connection:
            ground = await self._ground(connection, now)
            due = await store.claim_due(connection, now, self._batch)
            rungs = await self._take(connection, due, ground, old=_outdated(due, ground))
            await brake.count(connection, ground, rungs)
        return len(due)

    async def _take(
        self, connection: Connection, items: Sequence[Row], ground: BatchContext, old: Sequence[Row]
    ) -> int:
        """How many rungs were told."""
        if not items:
            return 0
        facts, spoiled = await store.facts_of(connection, (item.item_id for item in old))
        steps, aside = list[ItemStep](), dict[ItemId, Exception]()
        with self._counts.timed():
            for row in items:
                try:
                    steps.append(_step(row, facts, spoiled, ground))
                except Exception as error:  # noqa: BLE001  (they go on)
                    aside[row.item_id] = error
        if len(aside) == len(items) >= TOO_MANY:
            raise TooManyFailures(
                f"{len(aside)} items in a row can't be woken (the last one: {_last(aside)})"
                ": nothing was set aside; correct the cause, then start again."
            )
        await commit(connection, steps, ground)
        await unreadable_items.park(connection, aside, ground)
        self._counts.count_woken(len(items), len(aside))
        self._counts.count_told(fact for item_step in steps for fact in item_step.told)
        if aside:
            log.error("items_parked", count=len(aside), reason=_last(aside))
        return sum(fact.type == RUNG for item_step in steps for fact in item_step.told)

    async def _until_next(self) -> timedelta:
        if (due := await self._first_due()) is None:
            return self._poll
        return min(self._poll, max(due - self._clock.now(), SHORTEST))

    async def _first_due(self) -> datetime | None:
        async with single_statements(self._pool) as connection:
            return await claims.next_due(connection)


def _step(
    row: Row,
    facts: Mapping[ItemId, ItemFacts],
    spoiled: Mapping[ItemId, Exception],
    ground: BatchContext,
) -> ItemStep:
    """Raises what keeps the item from being stepped."""
    if isinstance(row, UnreadableItem):
        raise row.error
    if row.item_id in spoiled:
        raise spoiled[row.item_id]
    return step(row, facts.get(row.item_id), ground)


def _outdated(items: Sequence[Row], ground: BatchContext) -> Sequence[Row]:
    return [
        item
        for item in items
        if isinstance(item, StoredItem)
        and (item.edition < ground.edition.number or item.item.plan is None)
    ]


def _last(aside: Mapping[ItemId, Exception]) -> str:
    return reason_of(list(aside.values())[-1])
