"""The story moves on only once nothing is under way, whenever the watcher looks."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import product
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiokafka import TopicPartition

from deploy.demo import quiet
from deploy.demo.quiet import BUSY, HEARD, PARTITIONS, Quiet
from deploy.demo.run import PREFIX

MOMENT = datetime(2026, 5, 11, 9, 0, tzinfo=UTC)
OUTBOX_OF_INGEST, ARRIVALS, OUTBOX_OF_DESK, ITEMS, LEDGER, LEFT = range(6)
"""Where a letter is on its way: in PostgreSQL, on a topic of Kafka, and so on by turns."""
PLACES = {"arrivals": ARRIVALS, "items": ITEMS}
OFFSET = ("reader", "topic", "partition", "next_offset")


class LetterOnItsWay:
    """PostgreSQL and Kafka with one letter, which goes on by some places before each question."""

    def __init__(self, strides: Sequence[int]) -> None:
        self.place = OUTBOX_OF_INGEST
        self._strides = iter(strides)

    def _go_on(self) -> None:
        self.place = min(LEFT, self.place + next(self._strides, 1))

    async def fetchval(self, query: str, *_values: object) -> str:
        assert query == BUSY
        self._go_on()
        where = {OUTBOX_OF_INGEST: "outbox", OUTBOX_OF_DESK: "outbox", LEDGER: "ledger"}
        return where.get(self.place, "")

    async def end_offsets(self, partitions: Sequence[TopicPartition]) -> Mapping[Any, int]:
        assert list(partitions) == PARTITIONS
        self._go_on()
        topics = {place: place.topic.removeprefix(PREFIX) for place in partitions}
        return {place: self._said(topics[place], 0) * (place.partition == 0) for place in topics}

    async def fetch(self, _query: str) -> Sequence[Mapping[str, object]]:
        self._go_on()
        kept = [
            (reader, PREFIX + topic, 0, self._said(topic, 1))
            for reader, topics in HEARD.items()
            for topic in PLACES
            if topic in topics
        ]
        return [dict(zip(OFFSET, row, strict=True)) for row in kept]

    def _said(self, topic: str, further: int) -> int:
        """How many records a topic has, or its readers have kept once they are a place further."""
        return int(topic in PLACES and self.place >= PLACES[topic] + further)


def _watcher(letter: LetterOnItsWay) -> Quiet:
    return Quiet(cast("Any", SimpleNamespace(db=letter)), cast("Any", letter))


async def test_nothing_is_quiet_while_a_letter_is_under_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(quiet, "STEP", 0.0)
    seen_too_early = []
    for strides in product((0, 1), repeat=9):  # three looks of three questions
        letter = LetterOnItsWay(strides)
        await _watcher(letter).wait(MOMENT)
        if letter.place != LEFT:
            seen_too_early.append((strides, letter.place))
    assert seen_too_early == []
