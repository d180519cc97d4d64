"""A header whose name is no text hides no record: aiokafka can't decode it, and we read on.

It fails inside aiokafka, before any code of ours sees a record, for all records of its batch; and
what was taken of other partitions meanwhile is lost with it.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import RecordsToDelete
from aiokafka.consumer.fetcher import PartitionRecords
from aiokafka.errors import CorruptRecordException

from shared.platform.database import Connection, Pool
from shared.platform.kafka import topic_log, topics
from shared.platform.messaging import dead_letters
from shared.platform.messaging.offset_check import OffsetCheck
from shared.platform.messaging.subscription import RejectedFact, Subscription
from tests.integration.shared.test_listening import set_aside, taken
from tests.integration.shared.test_offsets import word
from tests.odd_records import publish_odd
from tests.plumbing_reader import EAR, Said, said, take

Listening = Callable[..., AbstractAsyncContextManager["Any"]]
Publish = Callable[..., Awaitable[None]]
Eventually = Callable[..., Awaitable[None]]


def _octets(*facts: Said) -> Sequence[bytes]:
    return [fact.model_dump_json().encode() for fact in facts]


async def test_a_header_whose_name_is_no_text_hides_no_record(
    pool: Pool,
    kafka_address: str,
    prefix: str,
    publish: Publish,
    listening: Listening,
    eventually: Eventually,
) -> None:
    """Nor of its batch, nor of its partition, nor of any other; each is taken once, in order."""
    heard: list[tuple[str, int]] = []

    async def listing(
        connection: Connection, facts: Sequence[Said], now: datetime
    ) -> Sequence[RejectedFact[Said]]:
        heard.extend((fact.item, fact.n) for fact in facts)
        return await take(connection, facts, now)

    place = TopicPartition(f"{prefix}items", 3)
    others = [said(f"item {n}", n) for n in range(40)]
    await publish(*others)
    facts = [said("a", n) for n in range(6)]
    await publish_odd(kafka_address, place, _octets(*facts), odd=[2, 4])
    every = sorted((fact.item, fact.n) for fact in [*others, *facts])

    async with listening(Subscription(EAR.topic, EAR.decode, listing)):
        await eventually(lambda: _sorted(pool), every)
        await publish(said("item 0", 100))
        await publish_odd(kafka_address, place, _octets(said("a", 6), said("a", 7)), odd=[0])
        every = sorted([*every, ("item 0", 100), ("a", 6), ("a", 7)])
        await eventually(lambda: _sorted(pool), every)
    assert [n for item, n in await taken(pool) if item == "a"] == list(range(8))
    assert sorted(heard) == every

    async with listening(Subscription(EAR.topic, EAR.decode, listing)):
        await publish(said("item 1", 100))
        await eventually(lambda: _sorted(pool), sorted([*every, ("item 1", 100)]))
    assert len(heard) == len(every) + 1
    assert await dead_letters.count(pool, "sla") == 0


async def test_what_is_no_fact_beside_such_a_header_is_a_dead_letter_with_all_it_held(
    pool: Pool,
    kafka_address: str,
    prefix: str,
    listening: Listening,
    eventually: Eventually,
) -> None:
    place = TopicPartition(f"{prefix}items", 3)
    offset = await publish_odd(kafka_address, place, [b"{no json"], odd=[0])
    async with listening():
        await eventually(lambda: set_aside(pool), ["unreadable: json_invalid at the top"])
    (kept,) = await dead_letters.list_(pool, "sla")
    letter = kept.letter
    assert (letter.topic, letter.partition, letter.offset) == ("items", 3, offset)
    assert (letter.key, letter.payload) == (b"odd", b"{no json")
    assert letter.headers == [("name\\xff\\xfe\\xfdat-is-no-text", b"x")]


async def test_many_good_records_before_such_a_header_are_each_taken_once(
    pool: Pool,
    kafka_address: str,
    prefix: str,
    publish: Publish,
    listening: Listening,
    eventually: Eventually,
) -> None:
    """More than a batch takes, so it is met again."""
    place = TopicPartition(f"{prefix}items", 5)
    numbers = range(2_000, 3_200)
    await publish_odd(kafka_address, place, _octets(*[said("a", n) for n in numbers]), odd=[1_100])
    async with listening():
        await eventually(lambda: _count(pool), 1_200)
        await publish(said("b", 1))
        await eventually(lambda: _count(pool), 1_201)
    assert await taken(pool) == [*(("a", n) for n in numbers), ("b", 1)]
    assert await dead_letters.count(pool, "sla") == 0


async def test_what_retention_passed_before_such_a_header_hinders_no_reader(
    pool: Pool,
    offsets: OffsetCheck,
    kafka_address: str,
    prefix: str,
    listening: Listening,
    eventually: Eventually,
) -> None:
    """What the group has committed stands no longer in the log; what does is heard from there."""
    place = TopicPartition(f"{prefix}items", 3)
    facts = [said("a", n) for n in range(6)]
    await publish_odd(kafka_address, place, _octets(*facts[:2]), odd=[])
    async with listening():
        await eventually(lambda: word(offsets), 2)
    await publish_odd(kafka_address, place, _octets(*facts[2:4]), odd=[])
    async with topics.admin(kafka_address) as client:
        await client.delete_records({place: RecordsToDelete(before_offset=4)})
    await publish_odd(kafka_address, place, _octets(*facts[4:]), odd=[0])
    async with listening() as broken:
        await eventually(lambda: taken(pool), [("a", 0), ("a", 1), ("a", 4), ("a", 5)])
        await eventually(lambda: word(offsets), 6)
        assert not broken.done()


async def test_who_reads_all_that_a_topic_holds_reads_such_a_record_too(
    kafka_address: str, prefix: str, publish: Publish
) -> None:
    """As `restore` and the verification do."""
    others = _octets(*[said(f"item {n}", n) for n in range(40)])
    await publish(*others)
    place = TopicPartition(f"{prefix}items", 3)
    batch = _octets(*[said("a", n) for n in range(5)])
    await publish_odd(kafka_address, place, batch, odd=[2])
    values = [record.value async for record in topic_log.held_records(kafka_address, place.topic)]
    assert sorted(values) == sorted([*batch, *others])


async def test_a_name_with_a_nul_octet_is_kept_in_its_dead_letter(
    pool: Pool, publish: Publish, listening: Listening, eventually: Eventually
) -> None:
    """It is text to everybody but PostgreSQL."""
    await publish(b"{no json", headers=[("odd\x00name", b"x")])
    await publish(said("a", 1))
    async with listening() as broken:
        await eventually(lambda: set_aside(pool), ["unreadable: json_invalid at the top"])
        await eventually(lambda: taken(pool), [("a", 1)])
        assert not broken.done()
    (kept,) = await dead_letters.list_(pool, "sla")
    assert kept.letter.headers == [("odd\\x00name", b"x")]


async def test_a_wrong_checksum_costs_no_other_partition_a_record(
    pool: Pool,
    kafka_address: str,
    prefix: str,
    publish: Publish,
    listening: Listening,
    eventually: Eventually,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What aiokafka had taken of them for the answer that failed is taken; its own come later."""
    every = [said(f"item {n}", n) for n in range(40)]
    await publish(*every)
    values = [record async for record in topic_log.held_records(kafka_address, f"{prefix}items")]
    bad = max(TopicPartition(record.topic, record.partition) for record in values)
    numbers: dict[bool, set[int]] = {True: set(), False: set()}
    for record in values:
        numbers[record.partition == bad.partition].add(Said.model_validate_json(record.value).n)
    wrong = {bad}
    unpack = PartitionRecords._unpack_records  # noqa: SLF001  (octets that are wrong on their way)

    def unpacked(records: Any) -> Iterator[Any]:
        if records._tp in wrong:  # noqa: SLF001  (as above)
            raise CorruptRecordException
        yield from unpack(records)

    monkeypatch.setattr(PartitionRecords, "_unpack_records", unpacked)
    async with listening():
        await eventually(lambda: _numbers(pool), sorted(numbers[False]))
        wrong.clear()
        await eventually(lambda: _numbers(pool), sorted(numbers[False] | numbers[True]))
    assert await dead_letters.count(pool, "sla") == 0


async def _numbers(pool: Pool) -> list[int]:
    return sorted(n for _, n in await taken(pool))


async def _sorted(pool: Pool) -> list[tuple[str, int]]:
    return sorted(await taken(pool))


async def _count(pool: Pool) -> int:
    return len(await taken(pool))
