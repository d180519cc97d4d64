"""The watch over stalled consumers: records wait at a Kafka that answers, and nothing asks for any.

Whatever became of the loop that should ask, or of aiokafka's task that fetches: the process ends,
for one that starts again hears again.
"""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

from aiokafka.errors import IllegalStateError, KafkaError

from shared.errors import PermanentFailure
from shared.platform.backoff import pause_or
from shared.platform.messaging.consumer import Consumer
from shared.platform.messaging.consumer_lag import lag_of

LOOK_SECONDS = 5.0
STALLED_SECONDS = 60.0
"""Records that a Kafka which answers holds for us, and that nothing asked for so long."""
ASK_SECONDS = 60.0
"""How often Kafka is asked how far its logs go, whatever the client last saw: a fetcher that ended
sees nothing any more."""
ANSWER_SECONDS = 4.0
POSITION_SECONDS = 1.0


class StallWatch:
    """The watch over one consumer, asked again and again whether it looks stalled."""

    def __init__(self, listener: Consumer[Any]) -> None:
        self._listener = listener
        self._batches = 0
        self._behind = False
        self._asked_at = time.monotonic()

    async def overlooks(self) -> bool:
        """Whether the consumer looks stalled: records wait, and it fetched none since last asked.

        Only a Kafka that answers counts; the consumer's fetch loop itself may be dead.
        """
        listener = self._listener
        before, self._batches = self._batches, listener.batches
        client = listener.subscriber.consumer
        if listener.in_hand or before != self._batches or not listener.assigned or client is None:
            self._behind = False
            return False
        due = self._behind or time.monotonic() - self._asked_at >= ASK_SECONDS
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                # What the client knows itself comes first: an idle topic is seldom asked after.
                if due or await lag_of(listener):
                    self._behind = await _is_behind(client)
                    self._asked_at = time.monotonic()
        except (KafkaError, IllegalStateError, TimeoutError):
            self._behind = False
        return self._behind


async def _is_behind(client: Any) -> bool:
    ends = await client.end_offsets(list(client.assignment()))
    try:
        async with asyncio.timeout(POSITION_SECONDS):
            return any([await client.position(place) < end for place, end in ends.items()])
    except TimeoutError:
        # Kafka answers, and nobody has asked it yet where to begin.
        return any(ends.values())


async def keep_hearing(listeners: Sequence[Consumer[Any]], stopping: asyncio.Event) -> None:
    """Watches for stalled Kafka consumers until the process stops, as a background job.

    Raises:
        PermanentFailure: a consumer has stopped fetching; restarting the process cures it.
    """
    watches = {listener.topic.value: StallWatch(listener) for listener in listeners}
    since: dict[str, float] = {}
    while not stopping.is_set():
        for topic, watch in watches.items():
            if await watch.overlooks():
                since.setdefault(topic, time.monotonic())
            else:
                since.pop(topic, None)
        now = time.monotonic()
        if stalled := [topic for topic, at in since.items() if now - at >= STALLED_SECONDS]:
            raise PermanentFailure(
                f"Nothing asks Kafka for {', '.join(stalled)} any more: start again."
            )
        await pause_or(stopping, LOOK_SECONDS)
