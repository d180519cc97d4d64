"""What an earlier version left goes on under the migrations and the programs of today."""

import asyncio
import hashlib
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import asyncpg
import pytest
from pydantic import SecretStr

from services.desk.evidence.verification import night
from services.desk.evidence.verification.registry import Report
from services.ops import retell
from services.ops.crosscheck import READERS
from services.ops.replanner import make_replanning
from services.sla import store as stored
from services.sla.domain.plan import plan
from services.sla.item_format import StoredItem
from services.sla.rulebook import Editions
from shared.facts.envelope import ItemId, Topic
from shared.platform.database import Pool, open_pool, transaction
from shared.platform.kafka import topic_log, topics
from shared.platform.messaging import crosscheck
from shared.platform.messaging.relay import Relay
from shared.platform.postgres.migrate import migrate
from tests.golden.upgrade import filling, written
from tests.golden.upgrade.filling import LAST
from tests.golden.upgrade.programs import SCHEMAS, Programs, opened
from tests.roles import under_role

GOLDEN = Path(filling.__file__).parent


@dataclass(frozen=True)
class Left:
    """What a version left, counted by hand in tests/golden/upgrade/filling.py."""

    sha256: str
    """Of all its files: it is never edited, and never made again."""
    items: int
    clocks: int
    notices: frozenset[str]
    """States of its ledger."""
    untold: frozenset[str]
    """Types of the facts that nobody had told yet."""


STATES = frozenset(
    {"attempting", "bounced", "failed", "held", "planned", "sent", "unknown", "withdrawn"}
)
LEFT = {
    "0.1.0": Left(
        "6eaf9915bea419e132b74d07210a9d37d667b343bbab5302b59dbf2e02deb416",
        13,
        25,
        STATES,
        frozenset({"Arrived", "SourceRead"}),
    )
}
TOLD = " UNION ALL ".join(f"SELECT event_id, topic, key FROM {schema}.outbox" for schema in SCHEMAS)  # noqa: S608  (a name of ours)
EVERY = f"""
    SELECT event_id FROM ({TOLD}) AS told
    UNION SELECT event_id FROM desk.facts UNION SELECT event_id FROM desk.quality_facts
"""  # noqa: S608  (a name of ours)


def digest(folder: Path) -> str:
    """SHA-256 of the names and octets of all files, by name."""
    whole = hashlib.sha256()
    for path in sorted(found for found in folder.rglob("*") if found.is_file()):
        whole.update(f"{path.relative_to(folder)}\n".encode() + path.read_bytes())
    return whole.hexdigest()


def test_what_each_version_left_is_tried_and_as_it_was() -> None:
    kept = {path.parent.name: digest(path.parent) for path in GOLDEN.glob("*/migrations")}
    assert kept == {version: left.sha256 for version, left in LEFT.items()}


@dataclass
class Upgraded:
    """Its database, on which the programs of today run, and its topics."""

    url: str
    kafka: str
    prefix: str
    services: Programs

    async def night(self, now: datetime) -> Report:
        """Its verification, in which nothing differs."""
        one, rules = self.services, self.services.rules
        report = await night.once(
            one.pools["desk"],
            SecretStr(under_role(self.url, "desk")),
            rules,
            make_replanning(),
            one.blobs,
            None,
            now,
            patience=0.0,
        )
        assert report is not None
        assert [str(each) for each in report.differences] == []
        return report

    async def relays_tell(self) -> Mapping[Topic, list[Any]]:
        """All that waits is told; what the topics hold then."""
        relays = [
            Relay(SecretStr(self.url), (schema,), self.kafka, self.prefix) for schema in SCHEMAS
        ]
        tasks = [asyncio.create_task(relay.run()) for relay in relays]
        waits = " OR ".join(f"EXISTS (SELECT FROM {schema}.outbox_waiting)" for schema in SCHEMAS)
        try:
            async with asyncio.timeout(60), _owner(self.url) as owner:
                while await owner.fetchval(f"SELECT {waits}"):  # noqa: ASYNC110  (rows)
                    await asyncio.sleep(0.05)
        finally:
            for relay in relays:
                relay.stop()
            await asyncio.gather(*tasks)
        return {topic: await self._held(topic) for topic in Topic}

    async def _held(self, topic: Topic) -> list[Any]:
        name = topics.name_of(topic, self.prefix)
        return [record async for record in topic_log.held_records(self.kafka, name)]


@asynccontextmanager
async def _owner(url: str) -> AsyncIterator[Any]:
    connection: Any = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


def header(record: Any, name: str) -> str:
    return str(dict(record.headers)[name].decode())


def ids(held: Mapping[Topic, list[Any]]) -> Counter[UUID]:
    return Counter(UUID(header(record, "ce_id")) for of in held.values() for record in of)


@pytest.fixture(params=sorted(LEFT))
async def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def upgraded(
    version: str, postgres_server_url: str, kafka_address: str, prefix: str, tmp_path: Path
) -> AsyncIterator[Upgraded]:
    name = f"upgrade_{uuid4().hex}"
    url = urlsplit(postgres_server_url)._replace(path=f"/{name}").geturl()
    async with _owner(postgres_server_url) as server, AsyncExitStack() as stack:
        await server.execute(f'CREATE DATABASE "{name}"')
        stack.push_async_callback(server.execute, f'DROP DATABASE "{name}" WITH (FORCE)')
        async with _owner(url) as owner:
            await written.read(owner, GOLDEN / version)
            await migrate(owner)
        blobs = shutil.copytree(GOLDEN / version / "blobs", tmp_path / "blobs")
        async with opened(url, Path(blobs)) as services:
            yield Upgraded(url, kafka_address, prefix, services)


async def plans_differ(sla: Pool) -> list[ItemId]:
    """Items whose stored plan, where this version reads it, is not what their facts give."""
    async with transaction(sla) as connection:
        rows = await stored.lock(connection, await item_ids(connection))
        facts, unreadable = await stored.facts_of(connection, list(rows))
        rulebook = (await Editions()(connection)).rulebook
    assert not unreadable
    assert all(isinstance(row, StoredItem) for row in rows.values())
    plans = {one: row.item.plan for one, row in rows.items() if isinstance(row, StoredItem)}
    return [one for one, kept in plans.items() if kept and kept != plan(facts[one], rulebook)]


async def item_ids(connection: Any) -> list[ItemId]:
    rows = await connection.fetch("SELECT item_id FROM sla.items WHERE plan IS NOT NULL")
    return [ItemId(row["item_id"]) for row in rows]


async def unheard(owner: Pool) -> dict[tuple[str, Topic], int]:
    """What was told, as this version's cross-check knows it, and is not known to its reader."""
    found = {
        (schema, topic): len(await crosscheck.unknown(owner, schema, topic, known))
        for schema, remembers in READERS.items()
        for topic, known in remembers.items()
    }
    return {reader: missing for reader, missing in found.items() if missing}


@pytest.fixture
async def owner(upgraded: Upgraded) -> AsyncIterator[Pool]:
    pool = await open_pool(SecretStr(upgraded.url), "test", size=2)
    yield pool
    await pool.close()


async def test_a_filled_database_goes_on_under_the_next_version(
    version: str, upgraded: Upgraded, owner: Pool
) -> None:
    left, services = LEFT[version], upgraded.services

    # Every item refolds, every clock replans, chains, months, roots and documents hold.
    report = await upgraded.night(LAST)
    assert (report.items, report.clocks) == (left.items, left.clocks)
    assert await plans_differ(services.pools["sla"]) == []
    states = await owner.fetch("SELECT DISTINCT state FROM notify.ledger")
    assert {row["state"] for row in states} == left.notices

    # What was told is known to its readers; what nobody told leaves, and is heard.
    assert await unheard(owner) == {}
    every = {row["event_id"] for row in await owner.fetch(EVERY)}
    told = await upgraded.relays_tell()
    assert {header(record, "ce_type") for of in told.values() for record in of} == left.untold
    for topic, records in told.items():
        await services.hears(topic, [record.value.decode() for record in records], LAST)
    await services.passes(LAST)  # all that was ever told, once more: it changes nothing
    assert await owner.fetchval("SELECT count(*) FROM desk.items") == left.items + 1
    news = await owner.fetch(
        f"SELECT DISTINCT key FROM ({TOLD}) AS told WHERE topic = 'items' AND event_id <> ALL ($1)",  # noqa: S608  (a name of ours)
        list(every),
    )
    assert len(news) == 1, "nothing is said of another item than the new one"
    for schema in SCHEMAS:
        assert await owner.fetchval(f"SELECT count(*) FROM {schema}.dead_letters") == 0  # noqa: S608  (a name of ours)
    assert (await upgraded.night(LAST + timedelta(days=1))).items == left.items + 1

    # Told again, all of it has the ids that it had.
    for schema in SCHEMAS:
        await retell.of_schema(owner, schema, None)
    again = ids(await upgraded.relays_tell())
    again.subtract(ids(told))
    assert every <= set(again)
    assert set(again.values()) == {1}
