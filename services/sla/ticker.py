"""The ticker: wakes the items that asked for it, and plans open ones again when rules changed.

It claims items, not timers: what another ticker holds is skipped, so that several share a burst.
Each batch is one transaction; an item that raises is parked with a dead letter, the others go on.
It sleeps until the next item is due, one second at most, or until the story moves.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from services.sla import store, whole
from services.sla.metrics import Counts
from services.sla.rulebook import Editions
from services.sla.settings import SlaSettings
from services.sla.steps import SCHEMA, Ground, Step, commit, parked, step
from services.sla.store import Kept
from shared import dead_letters
from shared.clock import Clock, SystemClock, sure
from shared.database import Connection, Pool, transaction
from shared.dead_letters import DeadLetter
from shared.listening import TOO_MANY, EverythingFails, reason_of
from shared.logs import Log

PARKED = "wake"
"""What stands for the topic in the dead letter of an item that could not be woken."""

SHORTEST = timedelta(milliseconds=20)
"""A story can stand still just before an item is due."""

AHEAD = timedelta(minutes=2)
"""More than two clocks that PostgreSQL's trusts can differ by."""

NEXT = "SELECT min(wake_at) FROM sla.items WHERE wake_at IS NOT NULL"

log = Log("ticker")


class Ticker:
    """One of the tickers of the site."""

    def __init__(
        self,
        pool: Pool,
        clock: Clock,
        editions: Editions,
        counts: Counts,
        settings: SlaSettings,
    ) -> None:
        self._pool = pool
        self._clock = clock
        self._editions = editions
        self._counts = counts
        self._batch = settings.wake_batch
        self._poll = settings.wake_poll
        self._next_fall: datetime | None = None

    async def run(self) -> None:
        """Until cancelled. Raises EverythingFails; TemporaryFailure while PostgreSQL is away."""
        while True:
            woken = await self.wake(sure(self._clock))
            planned = await self.plan_again(sure(self._clock))
            # A story's moment never goes back: nothing stands later than it.
            back = isinstance(self._clock, SystemClock) and await self.take_back(sure(self._clock))
            if not woken and not planned and not back:
                await self.say_whole(self._clock.now())
                await self._clock.pause(await self._until_next())

    async def wake(self, now: datetime) -> int:
        """Takes one batch of the items due; how many there were."""
        async with transaction(self._pool) as connection:
            ground = await self._ground(connection, now)
            due = await store.claim_due(connection, now, self._batch)
            await self._take(connection, due, ground, old=_outdated(due, ground))
        return len(due)

    async def plan_again(self, now: datetime) -> int:
        """Plans one batch of open items under the rules now applied; how many there were."""
        async with transaction(self._pool) as connection:
            ground = await self._ground(connection, now)
            old = await store.claim_outdated(connection, ground.edition.number, self._batch)
            await self._take(connection, old, ground, old=old)
            left = await store.count_outdated(connection, ground.edition.number) if old else 0
        if old:
            log.info(
                "items_planned_again", edition=ground.edition.number, items=len(old), left=left
            )
        return len(old)

    async def say_whole(self, now: datetime) -> None:
        """Says once a day that nothing due when its rungs fell is left."""
        if self._next_fall is not None and now < self._next_fall:
            return
        async with transaction(self._pool) as connection:
            ground = await self._ground(connection, now)
            said = await whole.tell(connection, ground)
        self._next_fall = whole.next_fall(ground) if said else None

    async def take_back(self, now: datetime) -> int:
        """Steps one batch of items again that a clock ahead of ours had stepped; how many.

        What it told and is not due is taken back, and told again when its time comes.
        """
        async with transaction(self._pool) as connection:
            ground = await self._ground(connection, now)
            ahead = await store.claim_ahead(connection, now + AHEAD, self._batch)
            await self._take(connection, ahead, ground, old=ahead)
            ids = [one.item.standing.item_id for one in ahead]
            if ids:
                await store.stepped(connection, ids, now)
        if ahead:
            log.error("items_stepped_ahead", items=len(ahead))
        return len(ahead)

    async def _ground(self, connection: Connection, now: datetime) -> Ground:
        edition = await self._editions(connection)
        return Ground(edition, await store.sources_read(connection), now)

    async def _take(
        self, connection: Connection, items: Sequence[Kept], ground: Ground, old: Sequence[Kept]
    ) -> None:
        if not items:
            return
        facts = await store.facts_of(connection, (one.item.standing.item_id for one in old))
        steps, letters = list[Step](), list[DeadLetter]()
        with self._counts.timed():
            for kept in items:
                try:
                    steps.append(step(kept, facts.get(kept.item.standing.item_id), ground))
                except Exception as error:  # noqa: BLE001  (they go on)
                    steps.append(parked(kept, ground))
                    letters.append(_letter(kept, reason_of(error)))
        if len(letters) == len(items) >= TOO_MANY:
            raise EverythingFails(
                f"{len(letters)} items in a row can't be woken (the last one: {letters[-1].reason})"
                ": nothing was set aside; correct the cause, then start again."
            )
        await commit(connection, steps, ground)
        await dead_letters.put(connection, SCHEMA, letters, ground.now)
        self._counts.woken(len(items), len(letters))
        self._counts.told(fact for one in steps for fact in one.told)
        if letters:
            log.error("items_parked", count=len(letters), reason=letters[-1].reason)

    async def _until_next(self) -> timedelta:
        async with transaction(self._pool) as connection:
            due: datetime | None = await connection.fetchval(NEXT)
        if due is None:
            return self._poll
        return min(self._poll, max(due - self._clock.now(), SHORTEST))


def _outdated(items: Sequence[Kept], ground: Ground) -> Sequence[Kept]:
    return [one for one in items if one.edition < ground.edition.number or one.item.plan is None]


def _letter(kept: Kept, reason: str) -> DeadLetter:
    return DeadLetter(
        topic=PARKED,
        partition=None,
        offset=None,
        key=str(kept.item.standing.item_id).encode(),
        headers=(),
        payload=None,
        reason=reason,
    )
