"""What the ticker does beside waking what is due: it keeps clocks true.

Too many reminders due at once wait for a release; where rules changed, open items are planned
again; once a day it is said that all is told; what a fast system clock told is taken back.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from services.sla import brake, claims, completeness, store
from services.sla.claims import WorkInSight
from services.sla.rulebook import Editions
from services.sla.steps import BatchContext
from services.sla.store import Row
from shared.platform.clock import Clock, SystemClock, sure
from shared.platform.database import Connection, Pool, single_statements, transaction
from shared.platform.observability.logs import Log

AHEAD = timedelta(minutes=2)
"""More than two clocks that PostgreSQL's trusts can differ by."""

log = Log("ticker")


class TickerUpkeep:
    """The part of the ticker that keeps clocks true when rules, a release or time itself change."""

    def __init__(self, pool: Pool, clock: Clock, editions: Editions, batch: int) -> None:
        self._pool = pool
        self._clock = clock
        self._editions = editions
        self._batch = batch
        self._next_fall: datetime | None = None
        self._braked = False

    async def look(self) -> WorkInSight:
        """Returns what there is to do now. Raises TemporaryFailure: the database is away."""
        async with single_statements(self._pool) as connection:
            return await claims.look(connection, sure(self._clock) + AHEAD)

    async def is_held(self, seen: WorkInSight, now: datetime) -> bool:
        """Whether reminders wait for a release, where any is due now or waited before."""
        if seen.braked or seen.is_due(now):
            return await self.holds_back(now)
        self._braked = False
        return False

    async def keep_true(self, seen: WorkInSight) -> int:
        """Plans again and takes back what is in sight; returns how many items, a batch of each."""
        planned = await self.plan_again(sure(self._clock)) if seen.outdated else 0
        # A story's moment never goes back: nothing stands later than it.
        if isinstance(self._clock, SystemClock) and seen.ahead:
            return planned + await self.take_back(sure(self._clock))
        return planned

    async def holds_back(self, now: datetime) -> bool:
        """Whether too many reminders are due at once and await a release; never on a demo site."""
        if not isinstance(self._clock, SystemClock):
            return False
        async with transaction(self._pool) as connection:
            holds = await brake.holds(connection, await self._ground(connection, now))
        if holds and not self._braked:
            log.error("rungs_held_back")
        self._braked = holds
        return holds

    async def plan_again(self, now: datetime) -> int:
        """Plans one batch of open items again under the rules now applied; returns how many."""
        async with transaction(self._pool) as connection:
            ground = await self._ground(connection, now)
            old = await claims.claim_outdated(connection, ground.edition.number, self._batch)
            await self._take(connection, old, ground, old=old)
            left = await claims.count_outdated(connection, ground.edition.number) if old else 0
        if old:
            log.info(
                "items_planned_again", edition=ground.edition.number, items=len(old), left=left
            )
        return len(old)

    async def say_whole(self, now: datetime) -> None:
        """Publishes once a day that every reminder due so far was published, for the digests."""
        if self._next_fall is not None and now < self._next_fall:
            return
        async with transaction(self._pool) as connection:
            ground = await self._ground(connection, now)
            said = await completeness.tell(connection, ground)
        self._next_fall = completeness.next_fall(ground) if said else None

    async def take_back(self, now: datetime) -> int:
        """Updates clocks again that a fast system clock had updated; returns how many.

        Reminders told too early are taken back, and told again when their time comes.
        """
        async with transaction(self._pool) as connection:
            ground = await self._ground(connection, now)
            ahead = await claims.claim_ahead(connection, now + AHEAD, self._batch)
            await self._take(connection, ahead, ground, old=ahead)
            ids = [item.item_id for item in ahead]
            if ids:
                await claims.keep_steps(connection, ids, now)
        if ahead:
            log.error("items_stepped_ahead", items=len(ahead))
        return len(ahead)

    async def _ground(self, connection: Connection, now: datetime) -> BatchContext:
        edition = await self._editions(connection)
        return BatchContext(edition, await store.sources_read(connection), now)

    async def _take(
        self,
        connection: Connection,
        items: Sequence[Row],
        ground: BatchContext,
        old: Sequence[Row],
    ) -> int:
        """How many rungs were told."""
        raise NotImplementedError
