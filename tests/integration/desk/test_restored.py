"""PostgreSQL restored to noon while Kafka knows what came later: nothing is lost or told twice."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from click.testing import CliRunner

from services.__main__ import main
from services.desk.hearing.arrivals import hears_arrivals
from shared import topics
from shared.database import Pool, transaction
from shared.facts.arrivals import ARRIVALS, Arrivals, SourceRead
from shared.facts.envelope import EventId, Fact, NoticeId, PersonId, ServiceId
from shared.facts.items import ITEMS
from shared.facts.notices import NoticeSent
from shared.facts.opened import ItemAssigned, ItemRegistered
from shared.facts.words import NoticeKind, Way
from tests.desk_builders import SPACE, an_arrival, digest, rules

pytestmark = pytest.mark.usefixtures("live_site")

NOON = datetime(2026, 5, 11, 10, tzinfo=UTC)
MORNING, EVENING = NOON - timedelta(hours=1), NOON + timedelta(hours=5)
HEAR = hears_arrivals(rules)


def arrival(name: str, at: datetime) -> Arrivals:
    return an_arrival(name, at=at, correspondent=digest(name))


async def registered(pool: Pool, *batch: Arrivals, at: datetime, kept: bool) -> list[Any]:
    """What the register tells of a batch; when it is not kept, the tables forget it all."""
    async with pool.acquire() as connection:
        ours = connection.transaction()
        await ours.start()
        before = await connection.fetchval("SELECT coalesce(max(id), 0) FROM desk.outbox")
        assert not await HEAR(connection, batch, at)
        rows = await connection.fetch(
            "SELECT payload FROM desk.outbox WHERE id > $1 ORDER BY id", before
        )
        await (ours.commit() if kept else ours.rollback())
    return [ITEMS.validate_json(row["payload"]) for row in rows]


async def tell(kafka: str, prefix: str, at: datetime, facts: Sequence[Fact]) -> None:
    """As the relay did at that moment."""
    producer = AIOKafkaProducer(bootstrap_servers=kafka)
    await producer.start()
    try:
        for fact in facts:
            await producer.send_and_wait(
                topics.name_of(fact.topic, prefix),
                fact.model_dump_json().encode(),
                key=fact.key.encode(),
                timestamp_ms=int(at.timestamp() * 1000),
            )
    finally:
        await producer.stop()


async def tell_rubbish(kafka: str, topic: str, at: datetime) -> None:
    """A record that this program can't read, such as a later version's."""
    producer = AIOKafkaProducer(bootstrap_servers=kafka)
    await producer.start()
    try:
        moment = int(at.timestamp() * 1000)
        await producer.send_and_wait(topic, b'{"type": "ItemBlessed"}', timestamp_ms=moment)
    finally:
        await producer.stop()


async def heard(kafka: str, name: str) -> list[bytes]:
    consumer = AIOKafkaConsumer(name, bootstrap_servers=kafka, auto_offset_reset="earliest")
    await consumer.start()
    try:
        ends = await consumer.end_offsets(list(consumer.assignment()))
        found: list[bytes] = []
        while any([await consumer.position(one) < end for one, end in ends.items()]):
            for records in (await consumer.getmany(timeout_ms=200)).values():
                found += [record.value for record in records]
        return found
    finally:
        await consumer.stop()


def receipt(fact: ItemRegistered) -> NoticeSent:
    return NoticeSent(
        event_id=EventId(uuid5(SPACE, "receipt")), happened_at=EVENING, recorded_at=EVENING,
        by="service:notify", notice_id=NoticeId(UUID(int=7)), item_ids=(fact.item_id,),
        kind=NoticeKind.RECEIPT, way=Way.MAIL, occasion=str(fact.event_id),
        message=digest("our message"),
    )  # fmt: skip


def given(fact: ItemRegistered) -> ItemAssigned:
    return ItemAssigned(
        event_id=EventId(uuid5(SPACE, "given")), happened_at=EVENING, recorded_at=EVENING,
        by="person:b.head", item_id=fact.item_id, seq=9, service=ServiceId("bmi"),
        agent=PersonId("b.head"),
    )  # fmt: skip


def a_reading() -> SourceRead:
    source = "mailbox:bmi"
    return SourceRead(
        event_id=EventId(uuid5(SPACE, "read")), happened_at=EVENING, recorded_at=EVENING,
        by=f"source:{source}", arrival_id=an_arrival().arrival_id, source=source, service=None,
        until=EVENING,
    )  # fmt: skip


async def test_the_lost_hours_come_in_again_and_what_left_in_them_leaves_no_more(
    pool: Pool, postgres_url: str, kafka_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = (f"t{uuid4().hex[:8]}." for _ in range(2))
    await topics.provision(kafka_address, old, replication=1)
    known, later, last = arrival("a", MORNING), arrival("b", EVENING), arrival("c", EVENING)
    morning = await registered(pool, known, at=MORNING, kept=True)
    evening = await registered(pool, later, last, at=EVENING, kept=False)
    first, second = [fact for fact in evening if isinstance(fact, ItemRegistered)]
    assert [first.chrono, second.chrono] == ["36-2026-A-000002", "36-2026-A-000003"]
    await tell(kafka_address, old, MORNING, [known, *morning])
    lost = [later, last, a_reading(), *evening, given(first), receipt(first)]
    await tell(kafka_address, old, EVENING, lost)
    for topic in ("items", "notices"):
        await tell_rubbish(kafka_address, f"{old}{topic}", EVENING)

    for name, value in {
        "DATABASE_URL": postgres_url, "KAFKA": kafka_address, "PREFIX": new,
    }.items():  # fmt: skip
        monkeypatch.setenv(f"VAGUEMESTRE_{name}", value)

    async def restored(*more: str) -> tuple[int, str]:
        words = ["restored", "--from", old, "--until", NOON.isoformat(), *more]
        result = await asyncio.to_thread(CliRunner().invoke, main, words)
        return result.exit_code, result.output

    code, output = await restored()
    assert code == 0, output
    assert "2 arrivals of the lost hours come in again" in output
    assert "2 records can't be read: what they say is in nothing of this." in output
    assert "36-2026-A-000002, 36-2026-A-000003" in output
    assert (
        "2026-05-11 15:00 UTC  36-2026-A-000002  ItemAssigned  service=bmi  agent=b.head  b.head"
    ) in output
    assert str(first.item_id) not in output
    told = [ITEMS.validate_json(one) for one in await heard(kafka_address, f"{new}items")]
    assert {one.event_id for one in told} == {one.event_id for one in morning}
    assert await heard(kafka_address, f"{new}notices") == []

    code, output = await restored("--told")
    assert (code, "1 items to which something was sent are not registered again" in output) == (
        1,
        True,
    )
    again = [ARRIVALS.validate_json(one) for one in await heard(kafka_address, f"{new}arrivals")]
    assert {one.event_id for one in again} == {one.event_id for one in (known, later, last)}
    async with transaction(pool) as connection:
        assert not await HEAR(connection, again, EVENING)
    rows = await pool.fetch("SELECT item_id, chrono FROM desk.items ORDER BY chrono")
    assert [(row["item_id"], row["chrono"]) for row in rows[1:]] == [
        (first.item_id, first.chrono), (second.item_id, second.chrono),
    ]  # what stands on somebody's receipt is true  # fmt: skip
    newcomer = await registered(pool, arrival("d", EVENING), at=EVENING, kept=True)
    assert newcomer[0].chrono == "36-2026-A-000004"

    assert await restored("--told") == (0, "The register hears of 1 notices that were sent.\n")
    assert len(await heard(kafka_address, f"{new}notices")) == 1
    ledger = await owner_sees(postgres_url)
    assert ledger == [(receipt(first).notice_id, first.item_id, str(first.event_id), "sent")]


async def owner_sees(url: str) -> list[tuple[Any, ...]]:
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch(
            "SELECT notice_id, item_id, occasion, state FROM notify.ledger"
        )
    finally:
        await connection.close()
    return [tuple(row) for row in rows]


async def test_the_topics_of_the_lost_future_are_not_used_again(
    kafka_address: str, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAGUEMESTRE_DATABASE_URL", postgres_url)
    monkeypatch.setenv("VAGUEMESTRE_KAFKA", kafka_address)
    monkeypatch.setenv("VAGUEMESTRE_PREFIX", "same.")
    words = ["restored", "--from", "same.", "--until", NOON.isoformat()]
    result = await asyncio.to_thread(CliRunner().invoke, main, words)
    assert (result.exit_code, "such as same.2." in result.output) == (1, True)
