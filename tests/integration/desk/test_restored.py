"""PostgreSQL restored to noon while Kafka knows what came later: nothing is lost or told twice."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5

import pytest
from aiokafka import AIOKafkaProducer
from click.testing import CliRunner
from pydantic import SecretStr

from services.__main__ import main
from services.desk.handlers.arrivals import hears_arrivals
from services.desk.store import former_chronos, item_numbers
from services.desk.store.sheets import sheet
from shared.facts import ids
from shared.facts.arrivals import Arrivals
from shared.facts.envelope import Chrono, EventId, Fact, NoticeId, PersonId, ServiceId, Topic
from shared.facts.items import ITEMS
from shared.facts.items.registration import ItemRegistered
from shared.facts.items.routing import ItemAssigned
from shared.facts.notices import NoticeSent
from shared.facts.observations import SourceRead
from shared.facts.quality import DelegationGiven
from shared.facts.vocabulary import NoticeKind, Way
from shared.platform.database import Pool, open_pool, transaction
from shared.platform.kafka import topics
from shared.platform.messaging import outbox
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


async def tell(kafka: str, prefix: str, facts: Sequence[Fact]) -> None:
    """As the relay did; records have the hour of their telling, or retention would remove them."""
    producer = AIOKafkaProducer(bootstrap_servers=kafka)
    await producer.start()
    try:
        for fact in facts:
            name, value = topics.name_of(fact.topic, prefix), fact.model_dump_json().encode()
            await producer.send_and_wait(name, value, key=fact.key.encode())
        for topic in (Topic.ITEMS, Topic.NOTICES):  # such as a later version's
            await producer.send_and_wait(topics.name_of(topic, prefix), b'{"type": "ItemBlessed"}')
    finally:
        await producer.stop()


async def told_again(owner: Pool, schema: str) -> set[UUID]:
    """Which facts wait to be told under the new prefix; they are told, then."""
    rows = await owner.fetch(
        f"""
        WITH told AS (DELETE FROM {schema}.outbox_waiting WHERE again RETURNING id)
        SELECT event_id FROM told JOIN {schema}.outbox USING (id)
        """  # noqa: S608  (a name of ours)
    )
    return {row["event_id"] for row in rows}


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


def a_delegation() -> DelegationGiven:
    return DelegationGiven(
        event_id=EventId(uuid5(SPACE, "delegation")), happened_at=EVENING, recorded_at=EVENING,
        by="person:s.general", subject_id=ids.quality_id("indre", "delegations", "4"), seq=1,
        number=4, person=PersonId("b.head"), first=EVENING.date(), last=EVENING.date(),
        services=(ServiceId("bmi"),), kinds=(), sha256=digest("arrêté"),
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
    owner = await open_pool(SecretStr(postgres_url), "owner", size=1)
    async with transaction(owner) as connection:
        await outbox.put(connection, "ingest", [known])
    morning = await registered(pool, known, at=MORNING, kept=True)
    for schema in ("ingest", "desk"):
        await owner.execute(f"DELETE FROM {schema}.outbox_waiting")  # noqa: S608  (told, as below)
    evening = await registered(pool, later, last, at=EVENING, kept=False)
    first, second = [fact for fact in evening if isinstance(fact, ItemRegistered)]
    assert [first.chrono, second.chrono] == ["36-2026-A-000002", "36-2026-A-000003"]
    said = [given(first), a_delegation()]
    opened = a_delegation().model_copy(
        update={"event_id": uuid5(SPACE, "register"), "by": "service:desk"}
    )
    lost = [later, last, a_reading(), *evening, *said, opened, receipt(first)]
    await tell(kafka_address, old, [known, *morning, *lost])

    for name, value in {
        "DATABASE_URL": postgres_url, "KAFKA": kafka_address, "PREFIX": new,
    }.items():  # fmt: skip
        monkeypatch.setenv(f"VAGUEMESTRE_{name}", value)

    async def restored(*more: str) -> tuple[int, str]:
        words = ["restored", "--from", old, *more]
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
    assert "2 facts were said by people and are to be said again:" in output
    assert (
        "2026-05-11 15:00 UTC  delegation 4  DelegationGiven  person=b.head  first=2026-05-11"
        "  last=2026-05-11  services=['bmi']  s.general"
    ) in output
    assert str(first.item_id) not in output
    # Of the morning, the clocks had heard nothing yet, and the register everything.
    assert await told_again(owner, "desk") == {fact.event_id for fact in morning}
    assert await told_again(owner, "ingest") == {later.event_id, last.event_id}

    code, output = await restored("--told")
    assert (code, "1 items to which something was sent are not registered again" in output) == (
        1,
        True,
    )
    newcomer = await registered(pool, arrival("d", EVENING), at=EVENING, kept=True)
    assert newcomer[0].chrono == "36-2026-A-000004", "whoever holds a number keeps it"
    async with transaction(pool) as connection:
        assert not await HEAR(connection, [known, later, last], EVENING)
    rows = await pool.fetch("SELECT item_id, chrono FROM desk.items ORDER BY chrono")
    assert [(row["item_id"], row["chrono"]) for row in rows[1:3]] == [
        (first.item_id, first.chrono), (second.item_id, second.chrono),
    ]  # what stands on somebody's receipt is true  # fmt: skip

    assert await restored("--told") == (0, "The register hears of 1 notices that were sent.\n")
    assert await told_again(owner, "notify") == {receipt(first).event_id}
    ledger = await owner.fetch("SELECT notice_id, item_id, occasion, state FROM notify.ledger")
    assert [tuple(row) for row in ledger] == [
        (receipt(first).notice_id, first.item_id, str(first.event_id), "sent")
    ]
    await owner.close()


async def test_a_number_that_somebody_else_was_given_since_is_said_and_hinders_nobody(
    pool: Pool, postgres_url: str, kafka_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pages went on before anybody ran the command."""
    old, new = (f"t{uuid4().hex[:8]}." for _ in range(2))
    await topics.provision(kafka_address, old, replication=1)
    lost = arrival("lost", EVENING)
    (first, *_) = await registered(pool, lost, at=EVENING, kept=False)
    (other, *_) = await registered(pool, arrival("other", EVENING), at=EVENING, kept=True)
    assert first.chrono == other.chrono == "36-2026-A-000001"
    keyed = first.model_copy(
        update={
            "event_id": uuid5(SPACE, "keyed"), "item_id": uuid5(SPACE, "keyed item"),
            "chrono": "36-2026-A-000004", "arrival_id": None, "by": "person:c.lerk",
        }
    )  # fmt: skip
    await tell(kafka_address, old, [lost, first, keyed])
    for name, value in {
        "DATABASE_URL": postgres_url, "KAFKA": kafka_address, "PREFIX": new,
    }.items():  # fmt: skip
        monkeypatch.setenv(f"VAGUEMESTRE_{name}", value)
    words = ["restored", "--from", old]
    result = await asyncio.to_thread(CliRunner().invoke, main, words)
    assert "36-2026-A-000001 was given to somebody else since" in result.output, result.output
    assert "say `vaguemestre desk formerly NEW 36-2026-A-000004`" in result.output
    (again, *_) = await registered(pool, lost, at=EVENING, kept=True)
    assert (again.item_id, again.chrono) == (first.item_id, "36-2026-A-000005")

    (later, *_) = await registered(pool, arrival("keyed again", EVENING), at=EVENING, kept=True)
    async with transaction(pool) as connection:
        bears = await item_numbers.by_chrono(connection, first.chrono)
        assert bears == other.item_id, "who has a number comes before who had it"
        assert (await sheet(connection, other.item_id)).namesakes == {first.chrono: again.chrono}
        assert (await sheet(connection, again.item_id)).former == [first.chrono]
        assert await item_numbers.by_chrono(connection, keyed.chrono) is None
        said = await former_chronos.said_of(connection, keyed.chrono)
        assert said is not None
        assert "service=" in said
        assert str(keyed.item_id) not in said
        now = EVENING + timedelta(hours=1)
        for number, known in ((keyed.chrono, True), (Chrono("36-2026-A-000099"), False)):
            assert await former_chronos.name(
                connection, number, later.item_id, "c.lerk", now
            ) is known  # fmt: skip
        assert await item_numbers.by_chrono(connection, keyed.chrono) == later.item_id
        numbers = [keyed.chrono, first.chrono]
        assert await item_numbers.by_chronos(connection, numbers) == {
            keyed.chrono: later.item_id, first.chrono: other.item_id,
        }  # fmt: skip
    repeated = await asyncio.to_thread(CliRunner().invoke, main, words)
    assert repeated.exit_code == 0, repeated.output
    async with transaction(pool) as connection:
        assert await item_numbers.by_chrono(connection, keyed.chrono) == later.item_id, (
            "named stays so"
        )


async def test_the_topics_of_the_lost_future_are_not_used_again(
    kafka_address: str, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAGUEMESTRE_DATABASE_URL", postgres_url)
    monkeypatch.setenv("VAGUEMESTRE_KAFKA", kafka_address)
    monkeypatch.setenv("VAGUEMESTRE_PREFIX", "same.")
    words = ["restored", "--from", "same."]
    result = await asyncio.to_thread(CliRunner().invoke, main, words)
    assert (result.exit_code, "such as same.2." in result.output) == (1, True)
