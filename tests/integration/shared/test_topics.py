"""`vaguemestre topics`: how many copies is said, and what differs from the table is an error."""

import asyncio
from collections.abc import Callable
from uuid import uuid4

import pytest
from aiokafka.admin import NewTopic
from click.testing import CliRunner

from services.__main__ import main
from shared.platform.kafka import topics
from shared.platform.messaging import crosscheck
from tests.roles import one_transaction

Say = Callable[..., tuple[int, str]]


@pytest.fixture
def say(kafka_address: str, postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> Say:
    def say(prefix: str, *words: str) -> tuple[int, str]:
        monkeypatch.setenv("VAGUEMESTRE_DATABASE_URL", postgres_url)
        monkeypatch.setenv("VAGUEMESTRE_KAFKA", kafka_address)
        monkeypatch.setenv("VAGUEMESTRE_PREFIX", prefix)
        result = CliRunner().invoke(main, ["topics", *words])
        return result.exit_code, result.output

    return say


def test_how_many_copies_there_are_is_for_a_person_to_say(say: Say) -> None:
    code, output = say("unused.")
    assert code == 2
    assert "Say on how many of Kafka's servers each topic is to stand: --replication 3" in output


def test_topics_are_made_once_as_the_table_says(say: Say) -> None:
    prefix = f"t{uuid4().hex[:12]}."
    code, output = say(prefix, "--replication", "1")
    assert (code, output.count("created "), "The topics are there." in output) == (
        0,
        len(topics.TABLE),
        True,
    )
    assert say(prefix, "--replication", "1") == (0, "The topics are there.\n")
    code, output = say(prefix, "--replication", "3")
    assert code == 1
    assert f"Topic {prefix}items has 1 copies, not 3: move it" in output
    assert (
        f"Topic {prefix}items has min.insync.replicas=1, not 2: "
        f"kafka-configs.sh --alter --topic {prefix}items --add-config min.insync.replicas=2"
    ) in output


def test_a_small_prefecture_has_three_partitions_and_says_so_each_time(say: Say) -> None:
    prefix, small = f"t{uuid4().hex[:12]}.", ("--replication", "1", "--size", "small")
    assert say(prefix, *small)[0] == 0
    assert say(prefix, *small) == (0, "The topics are there.\n")
    code, output = say(prefix, "--replication", "1")
    assert code == 1
    assert f"Topic {prefix}items has 3 partitions, not 12: say --size as it is" in output
    assert "quality" not in output, "it has one partition, whatever the size"


def test_more_copies_than_kafka_has_servers_are_refused_and_nothing_is_made(say: Say) -> None:
    prefix = f"t{uuid4().hex[:12]}."
    code, output = say(prefix, "--replication", "3")
    assert code == 1
    assert f"Kafka refuses to create topic {prefix}arrivals: InvalidReplicationFactor" in output
    code, output = say(prefix, "--replication", "1")
    assert (code, output.count("created ")) == (0, len(topics.TABLE))


async def test_what_kafka_lost_with_its_topics_is_compared_at_once(
    say: Say, postgres_url: str
) -> None:
    prefix, words = f"t{uuid4().hex[:12]}.", ("--replication", "1")
    async with one_transaction(postgres_url) as owner:
        await owner.execute(
            """
            INSERT INTO sla.crosschecks (topic, checked_at, missing, behind)
            VALUES ('items', clock_timestamp(), 0, false)
            """
        )
    for made_again in (True, False):
        await asyncio.to_thread(say, prefix, *words)
        async with one_transaction(postgres_url) as owner:
            _, age = (await crosscheck.last_findings(owner, "sla"))["items"]
            assert (age > 24 * 3600) is made_again, "since then it was three in the night"
            await owner.execute("UPDATE sla.crosschecks SET checked_at = clock_timestamp()")


async def test_a_topic_made_otherwise_is_an_error_that_says_how_to_mend_it(
    kafka_address: str, say: Say
) -> None:
    """As a version before this one made it: segments of seven days; and one by hand."""
    prefix = f"t{uuid4().hex[:12]}."
    async with topics.admin(kafka_address) as client:
        await client.create_topics(
            [
                NewTopic(f"{prefix}arrivals", 12, 1, topic_configs={"retention.ms": "2592000000"}),
                NewTopic(f"{prefix}items", 6, 1, topic_configs={"segment.ms": "86400000"}),
            ]
        )
    code, output = await asyncio.to_thread(say, prefix, "--replication", "1")
    assert code == 1
    assert f"created {prefix}clocks" in output
    assert f"Topic {prefix}arrivals has segment.ms=604800000, not 86400000: kafka-" in output
    assert f"{prefix}items has 6 partitions, not 12: say --size as it is, or never change" in output
    assert f"{prefix}items has retention.ms=604800000, not 2592000000: kafka-configs.sh" in output
    assert f"{prefix}clocks has" not in output
