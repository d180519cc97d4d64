"""The broker: FastStream on Kafka with every setting that keeps facts from being lost.

FastStream's defaults acknowledge before the work is done; `check_subscribers` refuses to start with
a subscriber that would.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from aiokafka import ConsumerRecord
from faststream.kafka import KafkaBroker
from faststream.kafka.subscriber.usecase import BatchSubscriber
from faststream.middlewares import AckPolicy

from shared.errors import PermanentFailure


def create_broker(
    kafka: str, application: str, middlewares: Sequence[Any] = (), *, graceful_seconds: float = 5.0
) -> KafkaBroker:
    """A broker that is not connected yet.

    Args:
        kafka: `host:port` of one or several servers, separated by commas.
        application: the client's name in Kafka's own logs.
        middlewares: FastStream's metrics and traces (see shared/telemetry.py).
        graceful_seconds: how long `stop` waits for the batch in hand.
    """
    return KafkaBroker(
        kafka.split(","),
        client_id=f"vaguemestre-{application}",
        allow_auto_create_topics=False,
        # Ten tries a second, the default, help nobody while Kafka is away.
        retry_backoff_ms=500,
        # Only the relay publishes, with a producer of its own that it can throw away.
        consumer_only=True,
        graceful_timeout=graceful_seconds,
        middlewares=middlewares,
        parser=parse,
        # Handlers get the message as it is: nothing is injected, nothing decoded behind our back.
        apply_types=False,
        logger=None,
    )


async def parse(message: Any, original: Any) -> Any:
    """Reads a record or batch as FastStream does, whatever bytes its headers hold.

    FastStream skips, silently, a batch with one header that is not UTF-8.
    """
    records = message if isinstance(message, tuple) else (message,)
    readable = tuple(replace(record, headers=_readable(record)) for record in records)
    parsed = await original(readable if isinstance(message, tuple) else readable[0])
    parsed.raw_message = message
    return parsed


def _readable(record: "ConsumerRecord[Any, Any]") -> tuple[tuple[str, bytes], ...]:
    return tuple(
        (name, (value or b"").decode(errors="replace").encode()) for name, value in record.headers
    )


def check_subscribers(broker: KafkaBroker) -> None:
    """Refuses a subscriber that could lose or reorder facts.

    Raises:
        PermanentFailure: naming the topics and the setting.
    """
    subscribers: Sequence[Any] = broker.subscribers
    for subscriber in subscribers:
        wanted = {
            "batch": isinstance(subscriber, BatchSubscriber),
            "ack_policy": subscriber.ack_policy is AckPolicy.MANUAL,
            "group_id": bool(subscriber.group_id),
            "auto_offset_reset": _setting(subscriber, "auto_offset_reset") == "earliest",
            "enable_auto_commit": _setting(subscriber, "enable_auto_commit") is False,
        }
        if wrong := [name for name, right in wanted.items() if not right]:
            raise PermanentFailure(
                f"The subscriber of {subscriber.topic_names} may lose facts: check {wrong}."
            )


def _setting(subscriber: Any, name: str) -> Any:
    return subscriber._connection_args.get(name)  # noqa: SLF001  (FastStream shows it nowhere else)
