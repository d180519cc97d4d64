"""What is said once and heard once: that a day's rungs are told, that a source was read."""

from typing import Any

from aiokafka.partitioner import DefaultPartitioner

from services.sla import rebuild
from services.sla.store import claim_due
from shared.facts.clocks import RungsTold
from shared.facts.envelope import Topic
from shared.facts.observations import SourceRead
from shared.platform.database import transaction
from shared.platform.kafka.partitions import keys_of
from shared.platform.messaging.subscription import passing_over
from tests.integration.sla.conftest import Clocks
from tests.integration.sla.test_hearing_and_waking import SOURCES, a_mail
from tests.unit.sla.builders import paris


def words(told: list[Any]) -> list[RungsTold]:
    return [fact for fact in told if isinstance(fact, RungsTold)]


def test_each_partition_of_the_topic_has_a_key_that_leads_there() -> None:
    keys, partitions, choose = keys_of(Topic.CLOCKS), list(range(12)), DefaultPartitioner()
    assert [choose(key.encode(), partitions, partitions) for key in keys] == partitions


async def test_the_word_comes_after_the_rungs_once_on_every_partition(clocks: Clocks) -> None:
    await clocks.hear(a_mail().facts, paris(11))
    await clocks.new()
    ticker = clocks.ticker()
    await ticker.say_whole(paris(15, 6))
    assert words(await clocks.new()) == [], "the rung of the day is due and not told"
    await clocks.wake(paris(15, 6))
    await ticker.say_whole(paris(15, 6))
    told = await clocks.new()
    assert "-2" in {fact.rung for fact in told[:-12]}
    assert [(word.until, word.part, word.parts) for word in words(told[-12:])] == [
        (paris(15, 6), part, 12) for part in range(12)
    ]
    await ticker.say_whole(paris(15, 9))
    await clocks.ticker().say_whole(paris(15, 9))
    assert await clocks.new() == [], "another ticker has said it, or this one"
    await clocks.ticker().say_whole(paris(16, 5, 59))
    assert await clocks.new() == []
    await ticker.say_whole(paris(16, 6))
    assert {word.until for word in words(await clocks.new())} == {paris(16, 6)}


async def test_nobody_speaks_while_another_ticker_has_a_due_item_in_hand(clocks: Clocks) -> None:
    await clocks.hear(a_mail().facts, paris(11))
    await clocks.new()
    async with transaction(clocks.pool) as other:
        assert len(await claim_due(other, paris(15, 6), 10)) == 1
        await clocks.wake(paris(15, 6))
        await clocks.ticker().say_whole(paris(15, 6))
        assert await clocks.new() == []


async def test_nobody_speaks_while_a_rebuild_has_not_its_facts_back(clocks: Clocks) -> None:
    register = a_mail()
    await clocks.hear(register.facts, paris(11))
    await clocks.wake(paris(15, 6))
    await clocks.new()
    async with transaction(clocks.pool) as connection:
        await rebuild.empty(connection)
    await clocks.ticker().say_whole(paris(15, 6))
    assert await clocks.new() == []
    await clocks.hear(register.facts, paris(15, 7))
    await clocks.ticker().say_whole(paris(15, 7))
    assert len(words(await clocks.new())) == 12


async def test_a_reading_no_later_than_the_last_one_is_passed_over(clocks: Clocks) -> None:
    with passing_over() as passed:
        await clocks.read(SOURCES, paris(20, 7), paris(20, 7))
    assert passed == [], "nobody had read them so far"
    for until in (paris(20, 7), paris(20, 6)):
        with passing_over() as passed:
            await clocks.read(SOURCES, until, paris(20, 8))
        assert {fact.source for fact in passed if isinstance(fact, SourceRead)} == set(SOURCES)
    kept = await clocks.pool.fetch("SELECT DISTINCT read_until FROM sla.sources")
    assert [row["read_until"] for row in kept] == [paris(20, 7)]
