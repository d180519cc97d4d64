"""The topics: how each is made, and the command that makes them.

Changing the number of partitions moves keys to other partitions and breaks the order of each: it is
never done here, only said.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, for_code

from shared.errors import PermanentFailure, TemporaryFailure
from shared.facts.envelope import Topic
from shared.platform.kafka.connection import Kafka, client_options

SHOWN_SECONDS = 30.0
SHOWN_PAUSE = 0.1
NO_ERROR = 0
ALREADY_EXISTS = 36
MAX_BYTES = 1_048_576
"""Kafka's own default: originals and scans never travel here, only the keys of their blobs."""
RETENTION = timedelta(days=30)
SEGMENT = timedelta(days=1)
"""Kafka removes whole segments: a record stays until the last one of its segment may go."""
LONGEST = RETENTION + SEGMENT
"""How long a record can live."""
LARGE = 12
SMALL = 3
"""Partitions of a topic: as many as instances of a reader may share it, and each costs a server.

Three divides twelve: what is told on each of twelve reaches each of three."""
SAFE_COPIES = 3
"""From so many copies on, a fact is told only once two servers have it."""


@dataclass(frozen=True)
class TopicPlan:
    """The settings with which one Kafka topic is created: partitions, retention, record size."""

    topic: Topic
    partitions: int = LARGE
    """At most: fewer in a small préfecture."""
    retention: timedelta = RETENTION
    segment: timedelta = SEGMENT
    max_bytes: int = MAX_BYTES

    def of_size(self, most: int) -> int:
        """Returns the topic's number of partitions: the planned one, or `most` if that is less."""
        return min(self.partitions, most)

    def settings(self, replication: int) -> dict[str, str]:
        """Returns the Kafka topic's settings under Kafka's own names.

        `replication` is the number of copies.
        """
        return {
            "cleanup.policy": "delete",
            "retention.ms": _milliseconds(self.retention),
            "segment.ms": _milliseconds(self.segment),
            "max.message.bytes": str(self.max_bytes),
            "min.insync.replicas": "2" if replication >= SAFE_COPIES else "1",
        }


def _milliseconds(period: timedelta) -> str:
    return str(int(period.total_seconds() * 1000))


TABLE: Sequence[TopicPlan] = (
    TopicPlan(Topic.ARRIVALS),
    TopicPlan(Topic.ITEMS),
    TopicPlan(Topic.CLOCKS),
    TopicPlan(Topic.NOTICES),
    # A few facts a day, in one chain: one partition keeps them in its order.
    TopicPlan(Topic.QUALITY, partitions=1),
)


def name_of(topic: Topic, prefix: str) -> str:
    """Returns the full name of a topic in Kafka: the préfecture's prefix and the topic."""
    return f"{prefix}{topic.value}"


async def provision(
    kafka: Kafka, prefix: str, *, replication: int, partitions: int = LARGE
) -> Sequence[str]:
    """Creates the Kafka topics that are missing, waits until Kafka shows them, returns their names.

    Args:
        kafka: `host:port` of one or several servers, separated by commas.
        prefix: before each name.
        replication: copies of each partition: 3 on a real cluster, 1 on one machine.
        partitions: `LARGE` or `SMALL`, for ever.

    Raises:
        TemporaryFailure: Kafka does not answer, or does not show what it created within 30 s.
        PermanentFailure: Kafka refuses, and why.
    """
    async with admin(kafka) as client:
        existing = set(await client.list_topics())
        missing = [plan for plan in TABLE if name_of(plan.topic, prefix) not in existing]
        if not missing:
            return []
        answer = await client.create_topics(
            [
                NewTopic(
                    name_of(plan.topic, prefix),
                    num_partitions=plan.of_size(partitions),
                    replication_factor=replication,
                    topic_configs=plan.settings(replication),
                )
                for plan in missing
            ]
        )
        created = []
        for name, code, *why in answer.topic_errors:
            if code == NO_ERROR:
                created.append(name)
            elif code != ALREADY_EXISTS:
                raise PermanentFailure(
                    f"Kafka refuses to create topic {name}: {for_code(code).__name__} {why}."
                )
        await _shown(client, {name_of(plan.topic, prefix) for plan in missing})
    return created


async def _shown(client: AIOKafkaAdminClient, names: set[str]) -> None:
    """Waits: the controller creates, and a broker that was just started hears of it seconds later.

    A process started meanwhile would say that its topics do not exist.
    """
    deadline = time.monotonic() + SHOWN_SECONDS
    while lacking := names - set(await client.list_topics()):
        if time.monotonic() > deadline:
            raise TemporaryFailure(
                f"Kafka created {', '.join(sorted(lacking))} but does not show it: try again."
            )
        await asyncio.sleep(SHOWN_PAUSE)


async def check(
    kafka: Kafka, prefix: str, *, replication: int, partitions: int = LARGE
) -> Sequence[str]:
    """Compares the topics in Kafka with the table of topics.

    Returns a sentence for each difference.

    Raises:
        TemporaryFailure: Kafka does not answer.
    """
    async with admin(kafka) as client:
        names = [name_of(plan.topic, prefix) for plan in TABLE]
        existing = set(await client.list_topics())
        found = {
            topic["topic"]: [len(partition["replicas"]) for partition in topic["partitions"]]
            for topic in await client.describe_topics([name for name in names if name in existing])
        }
        wrong = [f"Topic {name} does not exist." for name in names if name not in existing]
        for plan in TABLE:
            if copies := found.get(name := name_of(plan.topic, prefix)):
                actual = await _settings(client, name)
                wrong += _partitioned(name, len(copies), plan.of_size(partitions))
                wrong += _differences(plan, name, copies, actual, replication)
    return wrong


def _partitioned(name: str, actual: int, wanted: int) -> Iterator[str]:
    if actual != wanted:
        yield (
            f"Topic {name} has {actual} partitions, not {wanted}: say --size as it is, or never "
            "change that, it would part an item's facts; take a new VAGUEMESTRE_PREFIX, make its "
            "topics, and run `vaguemestre retell --all`."
        )


def _differences(
    plan: TopicPlan, name: str, copies: Sequence[int], actual: Mapping[str, str], replication: int
) -> Iterator[str]:
    """`copies`: of each partition."""
    if set(copies) != {replication}:
        yield (
            f"Topic {name} has {min(copies)} copies, not {replication}: move it with Kafka's "
            "kafka-reassign-partitions.sh, or say --replication as it is."
        )
    for setting, wanted in plan.settings(replication).items():
        if actual.get(setting) != wanted:
            yield (
                f"Topic {name} has {setting}={actual.get(setting)}, not {wanted}: "
                f"kafka-configs.sh --alter --topic {name} --add-config {setting}={wanted}"
            )


async def missing_topics(kafka: Kafka, prefix: str) -> Sequence[str]:
    """Returns the names of the topics that Kafka lacks. Raises TemporaryFailure."""
    async with admin(kafka) as client:
        existing = set(await client.list_topics())
    return [name for plan in TABLE if (name := name_of(plan.topic, prefix)) not in existing]


async def partitions_of(kafka: Kafka, prefix: str) -> int:
    """Returns how many partitions the largest topic under this prefix has.

    Raises:
        TemporaryFailure: Kafka does not answer.
    """
    async with admin(kafka) as client:
        named = {name_of(plan.topic, prefix) for plan in TABLE}
        existing = sorted(named & set(await client.list_topics()))
        described = await client.describe_topics(existing)
    return max((len(topic["partitions"]) for topic in described), default=LARGE)


async def _settings(client: AIOKafkaAdminClient, name: str) -> dict[str, str]:
    answers = await client.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name)])
    return {
        entry[0]: entry[1]
        for answer in answers
        for resource in answer.resources
        for entry in resource[4]
    }


@asynccontextmanager
async def admin(kafka: Kafka) -> AsyncIterator[AIOKafkaAdminClient]:
    """A context manager that opens a Kafka admin client and closes it at the end.

    Raises:
        TemporaryFailure: Kafka does not answer.
    """
    client = AIOKafkaAdminClient(
        **client_options(kafka), client_id="vaguemestre-admin", request_timeout_ms=10_000
    )
    try:
        await client.start()
        yield client
    except (KafkaError, OSError) as error:
        raise TemporaryFailure(
            f"Kafka does not answer at {kafka}: check that it runs and that "
            "VAGUEMESTRE_KAFKA is right."
        ) from error
    finally:
        await client.close()
