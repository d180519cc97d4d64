"""The broker: FastStream on Kafka with every setting that keeps facts from being lost.

FastStream's defaults acknowledge before the work is done; `check_subscribers` refuses to start with
a subscriber that would.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from aiokafka import ConsumerRecord
from faststream.kafka import KafkaBroker
from faststream.kafka.subscriber.usecase import BatchSubscriber
from faststream.middlewares import AckPolicy
from faststream.security import BaseSecurity, SASLPlaintext, SASLScram256, SASLScram512

from shared.errors import PermanentFailure
from shared.platform.kafka.connection import Kafka, Mechanism, access, password_of, tls_context

METADATA_SECONDS = 5
"""How old what a reader knows of Kafka's topics may be."""

_NAMED: Mapping[Mechanism, type[SASLPlaintext | SASLScram256 | SASLScram512]] = {
    "PLAIN": SASLPlaintext,
    "SCRAM-SHA-256": SASLScram256,
    "SCRAM-SHA-512": SASLScram512,
}


def create_broker(
    kafka: Kafka,
    application: str,
    middlewares: Sequence[Any] = (),
    *,
    graceful_seconds: float = 5.0,
) -> KafkaBroker:
    """Creates the Kafka broker (FastStream), not connected yet.

    Args:
        kafka: `host:port` of one or several servers, separated by commas.
        application: the client's name in Kafka's own logs.
        middlewares: FastStream's metrics and traces (see observability/telemetry.py).
        graceful_seconds: how long `stop` waits for the batch in hand.
    """
    return KafkaBroker(
        access(kafka).servers.split(","),
        security=security_of(kafka),
        client_id=f"vaguemestre-{application}",
        allow_auto_create_topics=False,
        # Who shares out the partitions of a topic that was lost shares out none, and sees that it
        # was made anew when this time is over: the default is five minutes.
        metadata_max_age_ms=METADATA_SECONDS * 1000,
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


def security_of(kafka: Kafka) -> BaseSecurity:
    """The security settings (TLS, user) for FastStream. Raises PermanentFailure: a bad file."""
    known = access(kafka)
    context = tls_context(known)
    if known.user is None:
        return BaseSecurity(ssl_context=context, use_ssl=known.tls)
    named = _NAMED[known.mechanism]
    return named(known.user, password_of(known), ssl_context=context, use_ssl=known.tls)


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
    """Checks the settings of all subscribers: none may lose or reorder facts.

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
