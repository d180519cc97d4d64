"""The topics' table is what keeps facts; the subscribers: tests/golden/test_routing.py."""

from datetime import timedelta

import pytest
from aiokafka.partitioner import DefaultPartitioner

from shared.facts.envelope import Fact, Topic
from shared.facts.items import ITEMS
from shared.platform.kafka.partitions import keys_of
from shared.platform.kafka.topics import LONGEST, SMALL, TABLE, name_of
from shared.platform.messaging import inbox, outbox_upkeep


def every_fact(kind: type[Fact] = Fact) -> set[type[Fact]]:
    return {kind} | {fact for child in kind.__subclasses__() for fact in every_fact(child)}


def test_every_topic_is_in_the_table_once() -> None:
    assert sorted(plan.topic for plan in TABLE) == sorted(Topic)
    assert ITEMS is not None
    told = {fact.topic for fact in every_fact() if hasattr(fact, "topic")}
    assert told <= {plan.topic for plan in TABLE}


def test_a_topic_keeps_its_records_thirty_days_on_twelve_partitions_and_a_chain_on_one() -> None:
    for plan in TABLE:
        assert plan.settings(1)["retention.ms"] == "2592000000"
        assert plan.settings(1)["segment.ms"] == "86400000"
        assert plan.partitions == (1 if plan.topic is Topic.QUALITY else 12)
        assert plan.of_size(SMALL) == (1 if plan.topic is Topic.QUALITY else 3)


def test_what_is_told_on_each_of_twelve_partitions_reaches_each_of_three() -> None:
    choose, few = DefaultPartitioner(), list(range(SMALL))
    reached = [choose(key.encode(), few, few) for key in keys_of(Topic.CLOCKS)]
    assert [reached.count(partition) for partition in few] == [4, 4, 4]


@pytest.mark.parametrize(("copies", "at_least"), [(1, "1"), (2, "1"), (3, "2"), (5, "2")])
def test_a_fact_on_three_servers_is_told_once_two_have_it(copies: int, at_least: str) -> None:
    assert {plan.settings(copies)["min.insync.replicas"] for plan in TABLE} == {at_least}


def test_what_was_told_outlives_its_record_and_is_remembered_longer_than_it_can_come() -> None:
    """30 days and a segment of one; told facts stay two weeks longer, and are told until then."""
    longest = max(plan.retention + plan.segment for plan in TABLE)
    assert longest == LONGEST == timedelta(days=31)
    assert timedelta(days=outbox_upkeep.TOLD_DAYS) >= longest + timedelta(days=14)
    assert timedelta(days=inbox.KEEP_DAYS) > timedelta(days=outbox_upkeep.TOLD_DAYS) + longest


def test_a_topic_is_named_by_its_prefecture() -> None:
    assert name_of(Topic.ITEMS, "indre.") == "indre.items"
