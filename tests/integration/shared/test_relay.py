"""What a transaction tells reaches Kafka once it commits, in order for each key."""

import asyncio
import gc
import random
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import timedelta

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from pydantic import SecretStr

from shared.errors import PermanentFailure, TemporaryFailure
from shared.platform.database import Pool, transaction
from shared.platform.messaging import outbox, outbox_upkeep
from shared.platform.messaging.outbox_age import AGE, oldest_age, show_age
from shared.platform.messaging.relay import OutboxPlace, Relay
from shared.platform.messaging.relay_rounds import ROUND, RelayRounds
from shared.platform.observability.telemetry import Telemetry
from tests.plumbing_reader import Said, said
from tests.relays import running, told
from tests.roles import under_role

Eventually = Callable[..., Awaitable[None]]
SCHEMA = "sla"


def first_tellings(facts: Sequence[Said]) -> dict[str, list[int]]:
    """By key, what a reader with an inbox takes."""
    seen = set()
    by_key = defaultdict(list)
    for fact in facts:
        if fact.event_id not in seen:
            seen.add(fact.event_id)
            by_key[fact.item].append(fact.n)
    return by_key


async def write(pool: Pool, item: str, count: int) -> None:
    """Tells 1…count about an item, each in a transaction that holds the item's lock."""
    for n in range(1, count + 1):
        async with transaction(pool) as connection:
            await connection.execute("SELECT pg_advisory_xact_lock(hashtext($1))", item)
            await outbox.put(connection, SCHEMA, [said(item, n)])


async def test_facts_of_one_call_keep_their_order_and_their_attributes(
    pool: Pool, relay: Relay, kafka_address: str, prefix: str
) -> None:
    facts = [said("a", n) for n in (3, 1, 2)]
    async with running(relay):
        async with transaction(pool) as connection:
            await outbox.put(connection, SCHEMA, facts)
        consumer = AIOKafkaConsumer(
            f"{prefix}items", bootstrap_servers=kafka_address, auto_offset_reset="earliest"
        )
        await consumer.start()
        records = [await asyncio.wait_for(consumer.getone(), 300) for _ in facts]
        await consumer.stop()
    assert [Said.model_validate_json(record.value).n for record in records] == [3, 1, 2]
    headers = dict(records[0].headers)
    assert headers["ce_id"] == str(facts[0].event_id).encode()
    assert headers["ce_type"] == b"Said"
    assert headers["ce_specversion"] == b"1.0"
    assert records[0].key == b"a"


async def test_what_is_rolled_back_is_never_told(
    pool: Pool, relay: Relay, kafka_address: str, prefix: str
) -> None:
    async with running(relay):
        with suppress(ZeroDivisionError):
            async with transaction(pool) as connection:
                await outbox.put(connection, SCHEMA, [said("a", 1)])
                raise ZeroDivisionError
        async with transaction(pool) as connection:
            await outbox.put(connection, SCHEMA, [said("a", 2)])
        assert [fact.n for fact in await told(kafka_address, prefix, 1)] == [2]


async def test_telling_a_fact_that_still_waits_changes_nothing(pool: Pool) -> None:
    fact = said("a", 1)
    async with transaction(pool) as connection:
        await outbox.put(connection, SCHEMA, [fact])
        await outbox.put(connection, SCHEMA, [fact, said("a", 2)])
    assert await outbox_upkeep.depth(pool, SCHEMA) == 2
    assert timedelta() < await oldest_age(pool, SCHEMA) < timedelta(minutes=1)


async def test_whoever_writes_without_a_relay_says_for_how_long_its_facts_wait(pool: Pool) -> None:
    telemetry = Telemetry("desk serve")
    show_age(telemetry, pool, SCHEMA)

    async def age() -> float:
        await telemetry.exposition()
        shown = telemetry.registry.get_sample_value(AGE.name, {"schema": SCHEMA})
        assert shown is not None
        return shown

    assert await age() == 0
    async with transaction(pool) as connection:
        await outbox.put(connection, SCHEMA, [said("a", 1)])
    assert await age() > 0


async def test_a_fact_too_large_for_kafka_is_refused_before_it_blocks_the_others(
    pool: Pool,
) -> None:
    with pytest.raises(PermanentFailure, match="belongs in a blob"):
        async with transaction(pool) as connection:
            await outbox.put(connection, SCHEMA, [said("a" * 1_000_000, 1)])
    assert await outbox_upkeep.depth(pool, SCHEMA) == 0


async def test_many_large_facts_of_one_key_do_not_fit_one_batch_and_stay_in_order(
    pool: Pool, relay: Relay, kafka_address: str, prefix: str
) -> None:
    item = "a" * 30_000
    async with transaction(pool) as connection:
        await outbox.put(connection, SCHEMA, [said(item, n) for n in range(30)])
    async with running(relay):
        facts = await told(kafka_address, prefix, 30)
    assert [fact.n for fact in facts] == list(range(30))


async def test_order_holds_for_each_key_while_writers_race_and_the_lead_is_lost(
    pool: Pool,
    relay: Relay,
    postgres_url: str,
    kafka_address: str,
    prefix: str,
    eventually: Eventually,
) -> None:
    second = Relay(SecretStr(postgres_url), (SCHEMA,), kafka_address, prefix)
    async with running(relay), running(second):
        writers = [asyncio.create_task(write(pool, f"item {n}", 40)) for n in range(8)]
        for _ in range(4):
            await asyncio.sleep(random.uniform(0.05, 0.3))  # noqa: S311  (a moment, no secret)
            await pool.execute(
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE application_name = 'vaguemestre sla relay' AND datname = current_database()
                """
            )
        await asyncio.gather(*writers)
        facts = await told(kafka_address, prefix, 320)

        async def depth() -> int:
            return await outbox_upkeep.depth(pool, SCHEMA)

        await eventually(depth, 0)
    assert first_tellings(facts) == {f"item {n}": list(range(1, 41)) for n in range(8)}


async def test_a_cut_session_leaves_no_producer_open_wherever_the_cut_finds_it(
    pool: Pool, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It asks without a rest, so that most cuts come in the middle of a question.
    monkeypatch.setattr("shared.platform.messaging.relay.POLL_SECONDS", 0)
    monkeypatch.setattr("shared.platform.backoff.PAUSES", (0.01,))
    known = {id(producer) for producer in open_producers()}
    async with running(relay), asyncio.timeout(300):
        cuts = 0
        while cuts < 12:
            if relay.lanes[SCHEMA].place is OutboxPlace.LEADER:
                cuts += await pool.fetchval(
                    """
                    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                    WHERE application_name = 'vaguemestre sla relay'
                    AND datname = current_database()
                    """
                )
            await asyncio.sleep(0.01)
    assert [producer for producer in open_producers() if id(producer) not in known] == []


async def test_one_relay_carries_every_schema_and_what_kafka_refuses_of_one_holds_up_no_other(
    postgres_url: str, kafka_address: str, prefix: str, pool: Pool, eventually: Eventually
) -> None:
    one = Relay(
        SecretStr(under_role(postgres_url, "relay")), ("sla", "desk"), kafka_address, prefix
    )
    await pool.execute(
        """
        INSERT INTO desk.outbox (event_id, topic, key, payload, headers)
        SELECT gen_random_uuid(), 'items', 'too large', string_agg(md5(n::text), ''), '{}'
        FROM generate_series(1, 150000) AS n
        """
    )
    facts = [said("a", n) for n in range(ROUND + 1)]

    async def waiting() -> tuple[int, int]:
        return (
            await pool.fetchval("SELECT count(*) FROM sla.outbox_waiting"),
            await pool.fetchval("SELECT count(*) FROM desk.outbox_waiting"),
        )

    async with transaction(pool) as connection:
        await outbox.put(connection, SCHEMA, facts)
    async with running(one):
        await eventually(waiting, (0, 1))
        await pool.execute("UPDATE desk.outbox SET payload = '{}'")
        await eventually(waiting, (0, 0))
        assert one.lanes["sla"].told == {"items": len(facts)}
        assert one.lanes["desk"].told == {"items": 1}


async def test_what_kafka_confirmed_is_marked_by_the_next_round_of_the_same_session(
    pool: Pool, relay: Relay, kafka_address: str, prefix: str
) -> None:
    del relay  # it makes the topics
    rounds, facts = RelayRounds(SCHEMA, prefix), [said("a", n) for n in range(3)]
    producer = AIOKafkaProducer(bootstrap_servers=kafka_address)
    await producer.start()
    async with pool.acquire() as connection:
        await outbox.put(connection, SCHEMA, facts)
        rows = await rounds.next(connection)
        await rounds.publish(producer, rows)
        assert await outbox_upkeep.depth(connection, SCHEMA) == len(facts)
        rounds.confirmed = ()  # the session was lost
        assert await rounds.next(connection) == rows
        await rounds.publish(producer, rows)
        assert await rounds.next(connection) == []
        await outbox.put(connection, SCHEMA, [said("b", 1)])
        await connection.execute(
            """
            INSERT INTO sla.outbox (event_id, topic, key, payload, headers)
            SELECT gen_random_uuid(), 'clocks', 'too large', string_agg(md5(n::text), ''), '{}'
            FROM generate_series(1, 150000) AS n
            """
        )
        with pytest.raises(TemporaryFailure):
            await rounds.publish(producer, await rounds.next(connection))
        assert [row["topic"] for row in await rounds.next(connection)] == ["clocks"]
    await producer.stop()


async def test_a_relay_that_is_stopped_leaves_nothing_to_tell_again(
    pool: Pool, relay: Relay, kafka_address: str, prefix: str
) -> None:
    async with running(relay):
        async with transaction(pool) as connection:
            await outbox.put(connection, SCHEMA, [said("a", 1)])
        await told(kafka_address, prefix, 1)
    assert await outbox_upkeep.depth(pool, SCHEMA) == 0


def open_producers() -> list[AIOKafkaProducer]:
    return [
        each
        for each in gc.get_objects()
        if isinstance(each, AIOKafkaProducer) and not each._closed  # noqa: SLF001  (nothing public)
    ]


async def test_one_relay_leads_and_the_other_takes_over_when_it_stops(
    relay: Relay,
    postgres_url: str,
    kafka_address: str,
    prefix: str,
    pool: Pool,
    eventually: Eventually,
) -> None:
    del pool
    second = Relay(SecretStr(postgres_url), (SCHEMA,), kafka_address, prefix)

    async def places() -> tuple[OutboxPlace, OutboxPlace]:
        return relay.lanes[SCHEMA].place, second.lanes[SCHEMA].place

    async with running(relay):
        await eventually(places, (OutboxPlace.LEADER, OutboxPlace.AWAY))
        async with running(second):
            await eventually(places, (OutboxPlace.LEADER, OutboxPlace.FOLLOWER))
            relay.stop()
            await eventually(places, (OutboxPlace.AWAY, OutboxPlace.LEADER))
