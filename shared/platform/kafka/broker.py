"""The broker: FastStream on Kafka, with the settings that hold for every subscriber.

Those of one subscriber: messaging/consumer_group.py.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord
from aiokafka.errors import KafkaError
from faststream.kafka import KafkaBroker
from faststream.security import BaseSecurity, SASLPlaintext, SASLScram256, SASLScram512

from shared.errors import PermanentFailure
from shared.platform.kafka.connection import Kafka, KafkaMechanism, access, password_of, tls_context
from shared.platform.kafka.record_consumer import RecordConsumer
from shared.platform.observability.logs import Log, where

IDLE_MS = 1_000
"""How long a reader of an idle topic waits before it asks again; the first record ends the wait.
What moves partitions waits for it, question by question (docs/decisions/0230)."""
GATHER_MS = 200
"""How far apart a reader is given batches that follow one another and are not full: what comes
meanwhile shares a transaction. A record that comes alone waits for nothing."""
METADATA_SECONDS = 5
"""How old what a reader knows of Kafka's topics may be."""
REPEATED = 6
REPEATED_SECONDS = 120.0
"""So many errors that aiokafka did not expect, within so long, are one that stays: FastStream asks
again after five seconds."""

log = Log("broker")

_NAMED: Mapping[KafkaMechanism, type[SASLPlaintext | SASLScram256 | SASLScram512]] = {
    "PLAIN": SASLPlaintext,
    "SCRAM-SHA-256": SASLScram256,
    "SCRAM-SHA-512": SASLScram512,
}


def create_broker(
    kafka: Kafka,
    application: str,
    middlewares: Sequence[Any] = (),
    *,
    broken: "asyncio.Future[None] | None" = None,
    graceful_seconds: float = 5.0,
) -> KafkaBroker:
    """Creates the Kafka broker (FastStream), not connected yet.

    Args:
        kafka: `host:port` of one or several servers, separated by commas.
        application: the client's name in Kafka's own logs.
        middlewares: around every batch, the first one outermost.
        broken: a future that gets the error which FastStream would log, and then ignore.
        graceful_seconds: how long `stop` waits for the batch in hand.
    """
    return Broker(
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
        # Facts are decoded by then (messaging/batch.py): what is injected is only handed over.
        serializer=None,
        logger=BrokerLog(broken),
    )


class Broker(KafkaBroker):
    """FastStream's broker that makes consumers of our class, for which it has no option."""

    async def connect(self) -> Callable[..., AIOKafkaConsumer]:
        """Connects as FastStream does; returns the maker of consumers, which are RecordConsumers.

        `start` calls it before any consumer is made.
        """
        made = await super().connect()
        if isinstance(made, partial) and made.func is AIOKafkaConsumer:
            made = partial(RecordConsumer, idle_ms=IDLE_MS, gather_ms=GATHER_MS, **made.keywords)
            self.config.broker_config.builder = made
        return made


class BrokerLog:
    """The logger given to FastStream; ends the process when a consumer loop or a batch has failed.

    FastStream says such a failure in its log alone: it starts a failed loop again at once, and
    skips a batch that fails outside its handler. A process that starts again reads the records
    again. An error that Kafka gave as an answer passes; one that aiokafka did not expect and that
    comes six times within 120 seconds does not, for that consumer has left its group.
    """

    def __init__(self, broken: "asyncio.Future[None] | None") -> None:
        self._broken = broken
        self._unexpected = deque[float](maxlen=REPEATED)

    def log(
        self,
        level: int,
        msg: object,
        /,
        *,
        exc_info: object = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        """Ends the process when FastStream logs that a consumer loop or a batch has failed.

        Of such a record it logs the type and place of the error; the text is dropped, because it
        may hold a record's content. Errors that Kafka answered pass, unless they come again.
        """
        del msg, extra
        if level < logging.ERROR or not isinstance(exc_info, Exception):
            return
        error = type(exc_info).__name__
        log.warning("kafka_client_failed", error=error, where=where(exc_info))
        if isinstance(exc_info, KafkaError) and not self._stays(exc_info):
            return
        if self._broken is not None and not self._broken.done():
            self._broken.set_exception(
                PermanentFailure(
                    f"Nothing asks Kafka for records any more ({error} at {where(exc_info)}): "
                    "start again."
                )
            )

    def _stays(self, error: KafkaError) -> bool:
        if type(error) is not KafkaError:
            return False
        self._unexpected.append(time.monotonic())
        span = self._unexpected[-1] - self._unexpected[0]
        return len(self._unexpected) == REPEATED and span < REPEATED_SECONDS


def security_of(kafka: Kafka) -> BaseSecurity:
    """Returns the FastStream security object (TLS, SASL user) for a Kafka access.

    Raises PermanentFailure when a certificate file can't be used or the password is missing.
    """
    known = access(kafka)
    context = tls_context(known)
    if known.user is None:
        return BaseSecurity(ssl_context=context, use_ssl=known.tls)
    named = _NAMED[known.mechanism]
    return named(known.user, password_of(known), ssl_context=context, use_ssl=known.tls)


async def parse(message: Any, original: Any) -> Any:
    """Parses a Kafka record or batch with FastStream's parser, which is shown no headers.

    FastStream alone would silently skip a batch with one header that is not UTF-8. Records are
    decoded once, with their headers, by us (messaging/batch.py): of a batch it is shown the first.
    """
    if isinstance(message, ConsumerRecord):
        parsed = await original(replace(message, headers=()))
        parsed.raw_message = message
    else:
        records = tuple(message)
        parsed = await original((replace(records[0], headers=()),))
        parsed.raw_message = records
    return parsed
