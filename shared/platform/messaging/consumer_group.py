"""The consumer group of a service: how its handlers subscribe, so that no fact is lost.

A service declares its handlers on a FastStream router, as FastStream's own documentation does; the
options of each subscriber come from its group:

    router = KafkaRouter()

    @router.subscriber("items", **group.takes(Topic.ITEMS, ITEMS.validate_json))
    async def hear_items(facts: list[Items], connection: Transaction, now: Now) -> Rejected[Items]:
        ...

The handler is called inside a transaction that is not its own, with the facts of a batch that could
be read, and again with fewer of them when the batch fails (batch.py); it returns the facts
that it refuses. What FastStream could not be given to do, and why: ADR 0077.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Generic, Literal, TypeAlias, TypedDict

from aiokafka import ConsumerRebalanceListener
from fast_depends.library import CustomField
from faststream.kafka import KafkaMessage
from faststream.middlewares import AckPolicy

from shared.facts.envelope import Topic
from shared.platform.database import Connection
from shared.platform.kafka.broker import IDLE_MS
from shared.platform.messaging import batch
from shared.platform.messaging.offsets import group_of
from shared.platform.messaging.subscription import F, RejectedFact

MAX_POLL_SECONDS = 300
"""A consumer that does not ask for records for so long is taken for dead; no pause comes near."""

CONNECTION = "connection"
NOW = "now"


class OfBatch(CustomField):
    """A value of FastStream's context by its name, injected into a handler.

    FastStream's own `Context` is looked up in a thread, one after the other: a tenth of what a
    small batch costs.
    """

    def __init__(self, name: str) -> None:
        super().__init__(cast=False)
        self._name = name

    async def use(self, /, **kwargs: Any) -> dict[str, Any]:  # type: ignore[override]  # awaited where it is a coroutine
        """Called by FastStream for each batch."""
        return {**kwargs, str(self.param_name): kwargs["context__"].resolve(self._name)}


if TYPE_CHECKING:
    Transaction: TypeAlias = Annotated[Connection, OfBatch(CONNECTION)]
    """The connection on which a batch is taken, in its transaction; injected into handlers."""
else:  # FastStream evaluates annotations, and asyncpg's connection has no parameters at run time.
    Transaction = Annotated[Any, OfBatch(CONNECTION)]
Now: TypeAlias = Annotated[datetime, OfBatch(NOW)]
"""The moment at which a batch is taken; injected into handlers."""
Rejected: TypeAlias = Sequence[RejectedFact[F]]
"""What a handler returns: the facts that it can't take, with why."""


class Assignment(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types
    """The rebalance listener of one Kafka topic.

    Knows whether Kafka has assigned this process partitions.
    """

    def __init__(self) -> None:
        self.known = False
        """Whether Kafka has said which partitions are ours, be it none."""
        self.revocations = 0
        self.when_revoked: Callable[[], None] = lambda: None

    async def on_partitions_revoked(self, revoked: object) -> None:
        """Records that a rebalance began and the partitions are withdrawn; called by aiokafka."""
        del revoked
        self.known = False
        self.revocations += 1
        self.when_revoked()

    async def on_partitions_assigned(self, assigned: object) -> None:
        """Records that a rebalance has ended and partitions are assigned; called by aiokafka."""
        del assigned
        self.known = True


class SubscriberOptions(TypedDict):
    """The keyword arguments, besides the topic, of a FastStream `subscriber`."""

    group_id: str
    group_instance_id: str | None
    batch: Literal[True]
    max_records: int
    batch_timeout_ms: int
    fetch_max_wait_ms: int
    consumer_timeout_ms: int
    auto_offset_reset: Literal["earliest"]
    ack_policy: AckPolicy
    max_poll_interval_ms: int
    listener: Assignment
    decoder: Callable[[KafkaMessage], Awaitable[object]]
    no_reply: bool
    title: str


@dataclass(frozen=True)
class Intake(Generic[F]):
    """The declaration that a consumer group reads a topic: its decoder and rebalance listener."""

    topic: Topic
    decode: Callable[[bytes], F]
    assignment: Assignment = field(default_factory=Assignment)


class ConsumerGroup:
    """The Kafka consumer groups of one service, one for each topic that it reads."""

    def __init__(
        self, schema: str, prefix: str = "", *, instance: str | None = None, size: int = 500
    ) -> None:
        """Nothing is connected.

        Args:
            schema: of the service, where dead letters and offsets are kept.
            prefix: of the topics of this préfecture, and of the groups.
            instance: the process's name of shared/platform/settings.py (static membership).
            size: at most so many records a transaction.
        """
        self.schema = schema
        self.prefix = prefix
        self.intakes: dict[Topic, Intake[Any]] = {}
        self._instance = instance
        self._size = size

    def takes(self, topic: Topic, decode: Callable[[bytes], F]) -> SubscriberOptions:
        """Declares a topic to consume; returns the options for its one FastStream subscriber.

        Args:
            topic: without the prefix, which the router is included with.
            decode: reads one payload; raises ValueError when it is no fact of the topic.
        """
        intake = self.intakes[topic] = Intake(topic, decode)
        return {
            "group_id": group_of(self.schema, topic, self.prefix),
            "group_instance_id": self._instance,
            "batch": True,
            "max_records": self._size,
            # FastStream sleeps so long when nothing came: short, for the sake of latency. How long
            # it waits before is said where the consumer is made (shared/platform/kafka/broker.py).
            "batch_timeout_ms": 50,
            "fetch_max_wait_ms": IDLE_MS,
            # aiokafka looks so often whether to fetch: what could change that wakes it as well.
            "consumer_timeout_ms": IDLE_MS,
            "auto_offset_reset": "earliest",
            # On each subscriber: one inside a router does not inherit its broker's.
            "ack_policy": AckPolicy.MANUAL,
            "max_poll_interval_ms": MAX_POLL_SECONDS * 1000,
            "listener": intake.assignment,
            "decoder": batch.reader(topic, decode),
            "no_reply": True,
            "title": f"{self.schema}.hears.{topic}",
        }
