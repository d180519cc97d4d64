"""What Kafka must show before a process runs: its topics, within the time that a start may take."""

import asyncio
import time
from datetime import timedelta

from shared.errors import PermanentFailure, TemporaryFailure
from shared.platform.kafka import topics
from shared.platform.kafka.connection import Kafka
from shared.platform.observability import logs

PAUSE_SECONDS = 0.5


async def await_topics(kafka: Kafka, prefix: str, wait: timedelta) -> None:
    """Waits, when a process starts, until Kafka answers, and checks that it has every topic.

    Raises:
        TemporaryFailure: it does not answer within `wait`.
        PermanentFailure: it answers, and lacks a topic.
    """
    deadline = time.monotonic() + wait.total_seconds()
    while True:
        try:
            with logs.silencing("aiokafka"):
                missing = await topics.missing_topics(kafka, prefix)
        except TemporaryFailure:
            if time.monotonic() + PAUSE_SECONDS > deadline:
                raise
            await asyncio.sleep(PAUSE_SECONDS)
            continue
        if missing:
            raise PermanentFailure(
                f"Kafka has no topic {', '.join(missing)}: run `vaguemestre topics`."
            )
        return
