"""A scrape takes no lock and waits for none, whatever the services do meanwhile."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import asyncpg
import pytest
from pydantic import SecretStr

from services.desk.metrics import RegisterMetrics
from services.ingest.metrics import IngestMetrics
from services.ingest.source_status import Statuses
from services.notify.metrics import NotifyMetrics
from services.sla.metrics import gauges
from services.sla.rulebook import Editions
from shared.calendar.working_days import working_calendar
from shared.errors import TemporaryFailure
from shared.platform.clock import SystemClock
from shared.platform.database import Pool, glance, open_pool
from shared.platform.messaging.relay import OutboxPlace
from shared.platform.observability.health import Health
from shared.platform.observability.telemetry import Telemetry
from shared.platform.transport_health import ProcessHealth
from shared.site import store
from shared.site.applied_rules import AppliedRules, applied_rules
from shared.site.load import load_proposal
from shared.site.staff import people_store
from tests.roles import one_transaction, under_role

INDRE = Path(__file__).parents[3] / "deploy" / "site" / "indre"
EARLY = datetime(2026, 4, 1, tzinfo=UTC)
SCHEMAS = ("ingest", "desk", "sla", "notify")
Question = Callable[[], Awaitable[None]]


@pytest.fixture
async def url(postgres_url: str) -> str:
    proposal = load_proposal(INDRE)
    calendar = proposal.site.calendar
    days = working_calendar(calendar.territory, calendar.closures, 2025, 2028)
    async with one_transaction(postgres_url) as owner:
        await store.keep(owner, proposal.site, days, "tests", "tests", EARLY)
        await people_store.import_people(owner, proposal.people, "tests", EARLY)
        await store.go_live(owner, EARLY, "tests", "tests", EARLY)
    return postgres_url


@pytest.fixture
async def pools(url: str) -> AsyncIterator[Mapping[str, Pool]]:
    async with AsyncExitStack() as stack:
        opened = {}
        for schema in SCHEMAS:
            opened[schema] = await open_pool(SecretStr(under_role(url, schema)), "tests")
            stack.push_async_callback(opened[schema].close)
        yield opened


async def questions(schema: str, pool: Pool, registry: Any) -> list[Question]:
    clock = SystemClock()
    match schema:
        case "ingest":
            metrics = IngestMetrics(registry, pool, clock, Statuses(), folders={}, scans={})
            return [metrics.ask, metrics.look]
        case "desk":
            return list(RegisterMetrics(registry, pool, clock, AppliedRules()).questions())
        case "sla":
            return [gauges(registry, pool, clock, Editions())]
        case _:
            rules = await applied_rules(pool)
            return [NotifyMetrics(registry, pool, clock, rules).scrape]


async def scraped(schema: str, pool: Pool) -> str:
    """The text of a scrape of all that a process of this service measures."""
    telemetry = Telemetry(schema, site="indre")
    for question in await questions(schema, pool, telemetry.registry):
        telemetry.on_scrape(question)
    relay: Any = SimpleNamespace(place=OutboxPlace.LEADER, told={})
    parts: Any = SimpleNamespace()
    vitals = ProcessHealth(schema, pool, pool, parts, SystemClock(), (), relay, parts)
    vitals.measure(telemetry, Health(schema))
    text, _ = await telemetry.exposition()
    await telemetry.close()
    return text.decode()


@pytest.mark.parametrize("schema", SCHEMAS)
async def test_a_scrape_takes_no_lock_and_waits_for_none(
    pools: Mapping[str, Pool], url: str, schema: str
) -> None:
    async with one_transaction(url) as owner:
        tables = await owner.fetch(
            "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables"
            " WHERE schemaname IN ($1, 'site')",
            schema,
        )
        for table in tables:
            # Whoever takes a row lock, or writes, waits for this; whoever only reads does not.
            await owner.execute(f"LOCK TABLE {table['name']} IN EXCLUSIVE MODE")
        text = await scraped(schema, pools[schema])
        locks = await owner.fetch(
            """
            SELECT DISTINCT mode FROM pg_locks JOIN pg_class ON pg_class.oid = relation
            WHERE pid <> pg_backend_pid() AND relkind = 'r'
              AND relnamespace = ANY (ARRAY[to_regnamespace($1), to_regnamespace('site')])
            """,
            schema,
        )
    assert 'vaguemestre_scrape_failures_total{site="indre"} 0.0' in text
    assert [row["mode"] for row in locks] in ([], ["AccessShareLock"])


async def test_a_glance_can_lock_no_row_and_gives_up_soon(pools: Mapping[str, Pool]) -> None:
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        async with pools["notify"].acquire() as connection, connection.transaction(readonly=True):
            await connection.fetch("SELECT FROM notify.ledger FOR UPDATE")
    with pytest.raises(TemporaryFailure):
        async with glance(pools["notify"]) as connection:  # type: ignore[assignment]  # a connection either way
            await connection.fetch("SELECT FROM notify.ledger FOR UPDATE")
    with pytest.raises(TemporaryFailure):
        async with glance(pools["notify"]) as connection:  # type: ignore[assignment]  # a connection either way
            await connection.fetch("SELECT pg_sleep(60)")
    async with pools["notify"].acquire() as connection:
        assert await connection.fetchval("SHOW statement_timeout") == "0", "only inside it"
