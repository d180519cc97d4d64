"""What a reader takes is taken once; what it can't take is set aside, alone."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient

from shared.errors import PermanentFailure, Refused, TemporaryFailure
from shared.facts.envelope import Topic
from shared.platform.clock import SystemClock
from shared.platform.database import Connection, Pool, transaction
from shared.platform.kafka import topics
from shared.platform.messaging import batch, dead_letters
from shared.platform.messaging.consumer import Consumer
from shared.platform.messaging.consumer_lag import is_topic_gone
from shared.platform.messaging.dead_letter_commands import retry_one
from shared.platform.messaging.dead_letters import DeadLetter
from shared.platform.messaging.poison import TooManyFailures
from shared.platform.messaging.subscription import RejectedFact, Subscription
from tests.plumbing_reader import EAR, POISON, REFUSED_BY_SQL, Said, said, take

Listening = Callable[..., AbstractAsyncContextManager["asyncio.Future[None]"]]
Publish = Callable[..., Awaitable[None]]
Eventually = Callable[..., Awaitable[None]]


async def taken(pool: Pool) -> list[tuple[str, int]]:
    return [tuple(row) for row in await pool.fetch("SELECT item, n FROM sla.effects ORDER BY id")]


async def set_aside(pool: Pool) -> list[str]:
    return [kept.letter.reason for kept in await dead_letters.list_(pool, "sla")]


async def test_facts_of_a_key_are_taken_in_order(
    pool: Pool, publish: Publish, listening: Listening, eventually: Eventually
) -> None:
    await publish(*[said("a", n) for n in range(50)])
    async with listening():
        await eventually(lambda: taken(pool), [("a", n) for n in range(50)])


async def test_a_fact_told_twice_has_one_effect(
    pool: Pool, publish: Publish, listening: Listening, eventually: Eventually
) -> None:
    twice, last = said("a", 1), said("a", 2)
    await publish(twice, twice)
    async with listening():
        await eventually(lambda: taken(pool), [("a", 1)])
        await publish(twice, last)
        await eventually(lambda: taken(pool), [("a", 1), ("a", 2)])


async def test_a_record_that_is_no_fact_is_one_dead_letter_and_the_rest_goes_on(
    pool: Pool, publish: Publish, listening: Listening, eventually: Eventually
) -> None:
    await publish(said("a", 1), b"{no json", said("a", 2))
    async with listening():
        await eventually(lambda: taken(pool), [("a", 1), ("a", 2)])
        await eventually(lambda: set_aside(pool), ["unreadable: json_invalid at the top"])
    kept = (await dead_letters.list_(pool, "sla"))[0].letter
    assert (kept.payload, kept.key, kept.topic) == (b"{no json", b"raw", "items")


@pytest.mark.parametrize("decoded", [None, []])
async def test_a_decoder_that_leaves_records_out_ends_the_process_and_they_are_not_acknowledged(
    pool: Pool,
    publish: Publish,
    listening: Listening,
    eventually: Eventually,
    monkeypatch: pytest.MonkeyPatch,
    decoded: object,
) -> None:
    async def leaves_out(_: object) -> object:
        return decoded

    await publish(said("a", 1))
    with monkeypatch.context() as patch:
        patch.setattr(batch, "reader", lambda *_: leaves_out)
        async with listening() as broken:
            with pytest.raises(PermanentFailure, match="decoder of items made 0 of 1 records"):
                await asyncio.wait_for(asyncio.shield(broken), 60)
    async with listening():
        await eventually(lambda: taken(pool), [("a", 1)])


async def test_headers_that_are_no_text_hide_no_record(
    pool: Pool, publish: Publish, listening: Listening, eventually: Eventually
) -> None:
    await publish(said("a", 1), b"bad", headers=[("odd", b"\xff\xfe")])
    async with listening():
        await eventually(lambda: taken(pool), [("a", 1)])
        await eventually(lambda: dead_letters.count(pool, "sla"), 1)
    kept = (await dead_letters.list_(pool, "sla"))[0].letter
    assert kept.headers == [("odd", b"\xff\xfe")]


async def test_a_fact_that_its_topics_producer_did_not_tell_is_set_aside_and_stays_there(
    pool: Pool, publish: Publish, listening: Listening, eventually: Eventually
) -> None:
    foreign = "items are told by desk, and this was not."
    await publish(said("a", 1))
    await publish(said("a", 2), headers=[("ce_producer", b"notify")])
    await publish(said("a", 3), headers=[("ce_producer", b"desk")])
    async with listening():
        await eventually(lambda: taken(pool), [("a", 1), ("a", 3)])
        await eventually(lambda: set_aside(pool), [foreign])
    (kept,) = await dead_letters.list_(pool, "sla")
    again = await retry_one(pool, SystemClock(), "sla", {"items": EAR}, kept.id)
    assert again == f"{kept.id}: failed again, {foreign}"
    assert await taken(pool) == [("a", 1), ("a", 3)]


async def test_a_poison_fact_alone_is_set_aside(
    pool: Pool, publish: Publish, listening: Listening, eventually: Eventually
) -> None:
    await publish(said("a", 1), said("a", POISON), said("a", 3), said("b", 1))
    async with listening():
        await eventually(lambda: set_aside(pool), ["poison"])
        assert sorted(await taken(pool)) == [("a", 1), ("a", 3), ("b", 1)]


async def test_an_error_of_sql_sets_aside_the_one_fact_that_causes_it(
    pool: Pool, publish: Publish, listening: Listening, eventually: Eventually
) -> None:
    await publish(
        said("a", 1), said("b", 1), said("b", REFUSED_BY_SQL), said("b", 2), said("c", POISON)
    )
    async with listening():
        reason = "CheckViolationError 23514 effects_n_check"
        await eventually(lambda: set_aside(pool), [reason, "poison"])
        assert sorted(await taken(pool)) == [("a", 1), ("b", 1), ("b", 2)]


async def test_twenty_keys_in_a_row_stop_the_reader_and_nothing_is_set_aside(
    pool: Pool, publish: Publish, listening: Listening
) -> None:
    await publish(*[said(f"item {n}", POISON) for n in range(20)])
    async with listening() as broken:
        with pytest.raises(TooManyFailures, match="20 different keys of topic items"):
            await asyncio.wait_for(asyncio.shield(broken), 60)
    assert await taken(pool) == []
    assert await set_aside(pool) == []


async def test_nineteen_keys_and_one_success_are_nineteen_dead_letters(
    pool: Pool, publish: Publish, listening: Listening, eventually: Eventually
) -> None:
    async with listening():
        await publish(*[said(f"item {n}", POISON) for n in range(19)])
        await eventually(lambda: set_aside(pool), ["poison"] * 19)
        await publish(said("good", 1))
        await eventually(lambda: taken(pool), [("good", 1)])
        await publish(said("item 20", POISON))
        await eventually(lambda: set_aside(pool), ["poison"] * 20)


async def test_a_temporary_failure_commits_nothing_and_the_batch_is_read_again(
    pool: Pool, publish: Publish, listening: Listening, eventually: Eventually
) -> None:
    tries = 0

    async def disk_full_once(
        connection: Connection, facts: Sequence[Said], now: datetime
    ) -> Sequence[RejectedFact[Said]]:
        nonlocal tries
        tries += 1
        poisoned = await take(connection, facts, now)
        if tries == 1:
            raise TemporaryFailure("the disk is full: free some space")
        return poisoned

    await publish(said("a", 1), said("a", 2))
    async with listening(Subscription(EAR.topic, EAR.decode, disk_full_once)):
        await eventually(lambda: taken(pool), [("a", 1), ("a", 2)])
    assert tries > 1


async def test_a_topic_that_was_lost_is_heard_as_soon_as_it_is_made_anew(
    pool: Pool,
    kafka_address: str,
    prefix: str,
    publish: Publish,
    listening: Listening,
    listeners: list[Consumer[Any]],
    eventually: Eventually,
) -> None:
    await publish(said("a", 1))
    async with listening():
        await eventually(lambda: taken(pool), [("a", 1)])
        await _lose(kafka_address, f"{prefix}items")
        await eventually(lambda: _answer(lambda: is_topic_gone(listeners[0])), expected=True)
        await eventually(lambda: _answer(listeners[0].subscriber.consumer.assignment), frozenset())
        await topics.provision(kafka_address, prefix, replication=1)
        await publish(said("a", 2))
        await eventually(lambda: taken(pool), [("a", 1), ("a", 2)])
        assert not is_topic_gone(listeners[0])


async def _lose(kafka: str, topic: str) -> None:
    client = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await client.start()
    try:
        await client.delete_topics([topic])
    finally:
        await client.close()


async def _answer(question: Callable[[], Any]) -> Any:
    return question()


async def test_a_reader_that_starts_again_goes_on_where_it_stopped(
    pool: Pool, publish: Publish, listening: Listening, eventually: Eventually
) -> None:
    heard: list[int] = []

    async def listing(
        connection: Connection, facts: Sequence[Said], now: datetime
    ) -> Sequence[RejectedFact[Said]]:
        heard.extend(fact.n for fact in facts)
        return await take(connection, facts, now)

    ear = Subscription(EAR.topic, EAR.decode, listing)
    await publish(said("a", 1))
    async with listening(ear):
        await eventually(lambda: taken(pool), [("a", 1)])
    await publish(said("a", 2))
    async with listening(ear):
        await eventually(lambda: taken(pool), [("a", 1), ("a", 2)])
    assert heard == [1, 2]


async def test_a_dead_letter_is_heard_again_when_a_person_asks(
    pool: Pool, publish: Publish, listening: Listening, eventually: Eventually
) -> None:
    async def refuses(*_: Any) -> Sequence[RejectedFact[Said]]:
        raise ValueError

    await publish(said("a", 1))
    async with listening(Subscription(EAR.topic, EAR.decode, refuses)):
        await eventually(lambda: set_aside(pool), ["ValueError"])
    letter = (await dead_letters.list_(pool, "sla"))[0].id
    clock = SystemClock()
    broken, mended = {"items": Subscription(Topic.ITEMS, EAR.decode, refuses)}, {"items": EAR}

    assert await retry_one(pool, clock, "sla", broken, letter) == (
        f"{letter}: failed again, ValueError"
    )
    assert (await dead_letters.list_(pool, "sla"))[0].attempts == 2
    assert await retry_one(pool, clock, "sla", mended, letter) == f"{letter}: taken"
    assert await taken(pool) == [("a", 1)]
    with pytest.raises(Refused):
        await retry_one(pool, clock, "sla", mended, letter)


async def test_a_topic_made_anew_hides_no_letter_of_the_one_before(pool: Pool) -> None:
    def letter(payload: bytes) -> DeadLetter:
        return DeadLetter("items", 3, 17, b"a", (), payload, "poison")

    now = SystemClock().now()
    for payload in (b"before", b"before", b"after"):
        async with transaction(pool) as connection:
            await dead_letters.put(connection, "sla", [letter(payload)], now)
    kept = await dead_letters.list_(pool, "sla")
    assert [(letter.letter.payload, letter.attempts) for letter in kept] == [
        (b"before", 2),
        (b"after", 1),
    ]


async def test_kafka_is_not_told_in_a_new_group_what_was_heard_in_the_one_before(
    publish: Publish, listening: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when Kafka is lost while a commit waits for it: the new log is not heard so far."""
    begun, withdrawn, told = asyncio.Event(), asyncio.Event(), asyncio.Event()
    commit = AIOKafkaConsumer.commit

    async def waiting(client: "AIOKafkaConsumer[object, object]", word: object) -> None:
        if begun.is_set():
            await commit(client, word)
            return told.set()
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            withdrawn.set()

    monkeypatch.setattr(AIOKafkaConsumer, "commit", waiting)
    async with listening():
        await publish(said("a", 1))
        await asyncio.wait_for(begun.wait(), 60)
        async with listening():
            await asyncio.wait_for(withdrawn.wait(), 60)
            await asyncio.wait_for(told.wait(), 60)
