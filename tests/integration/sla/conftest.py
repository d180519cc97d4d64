"""A database with rules applied, and the parts of sla, under its role and without its process."""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from services.sla.handlers import hears_items
from services.sla.metrics import SlaCounters
from services.sla.readings import hears_readings
from services.sla.rulebook import Editions
from services.sla.settings import SlaSettings
from services.sla.ticker import Ticker
from shared.facts.clocks import CLOCKS
from shared.facts.envelope import ArrivalId, EventId
from shared.facts.observations import SourceRead
from shared.platform.clock import SystemClock
from shared.platform.database import Pool, open_pool, transaction
from shared.platform.messaging.subscription import RejectedFact
from shared.site import store
from tests.roles import one_transaction, under_role
from tests.unit.sla.builders import ITEM, METROPOLE, a_site, paris


@dataclass
class Clocks:
    """What a site's `sla run` does, step by step, at moments that the test gives."""

    pool: Pool
    editions: Editions = field(default_factory=Editions)
    counts: SlaCounters = field(default_factory=lambda: SlaCounters(CollectorRegistry()))

    async def hear(self, facts: Iterable[Any], now: datetime) -> Sequence[RejectedFact[Any]]:
        async with transaction(self.pool) as connection:
            return await hears_items(self.editions, self.counts)(connection, list(facts), now)

    async def read(self, sources: Sequence[str], until: datetime, now: datetime) -> None:
        facts = [
            SourceRead(
                event_id=EventId(ITEM), happened_at=until, recorded_at=until, by="source:x",
                arrival_id=ArrivalId(ITEM), source=source, service=None, until=until,
            )
            for source in sources
        ]  # fmt: skip
        async with transaction(self.pool) as connection:
            await hears_readings(self.editions)(connection, facts, now)

    def ticker(self, batch: int = 500, pool: "Pool | None" = None) -> Ticker:
        settings = SlaSettings(database_url=SecretStr("unused"), kafka="unused", wake_batch=batch)
        return Ticker(pool or self.pool, SystemClock(), self.editions, self.counts, settings)

    async def wake(self, now: datetime) -> None:
        while await self.ticker().wake(now):
            pass

    async def told(self) -> list[Any]:
        """All that stands in the outbox, in order."""
        rows = await self.pool.fetch("SELECT payload FROM sla.outbox ORDER BY id")
        return [CLOCKS.validate_json(row["payload"]) for row in rows]

    async def new(self) -> list[Any]:
        """What was told since it was last asked."""
        told = await self.told()
        await self.pool.execute("DELETE FROM sla.outbox")
        return told


@pytest.fixture
async def pool(postgres_url: str) -> AsyncIterator[Pool]:
    pool = await open_pool(SecretStr(under_role(postgres_url, "sla")), "tests")
    yield pool
    await pool.close()


@pytest.fixture
async def clocks(pool: Pool, postgres_url: str) -> Clocks:
    """Version 1 of the rules of the unit tests, live since 2021."""
    async with one_transaction(postgres_url) as connection:
        await store.keep(connection, a_site(), METROPOLE, "q", "tests", paris(1, month=1))
        live = paris(1, month=1, year=2021)
        await store.go_live(connection, live, "q", "tests", live)
    return Clocks(pool)
