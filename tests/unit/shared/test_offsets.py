"""What PostgreSQL and Kafka say of one partition, and what follows."""

from dataclasses import dataclass

import pytest
from aiokafka import TopicPartition
from hypothesis import given
from hypothesis import strategies as st

from shared.platform.messaging.offsets import KEPT, OffsetVerdict, Place, judge, offsets_after

offsets = st.integers(0, 20)


@pytest.mark.parametrize(
    ("row", "committed", "said", "start", "end", "verdict", "at"),
    [
        (10, 10, KEPT, 0, 10, OffsetVerdict.GOES_ON, 10),
        (10, 7, KEPT, 0, 12, OffsetVerdict.GOES_ON, 10),  # the process ended before Kafka was told
        (10, None, "", 0, 12, OffsetVerdict.GOES_ON, 10),  # a group that Kafka has forgotten
        (10, 11, KEPT, 0, 12, OffsetVerdict.WENT_BACK, 10),
        (10, 11, KEPT, 11, 12, OffsetVerdict.WENT_BACK, 10),
        (10, 11, "", 0, 12, OffsetVerdict.FOLLOWS, 11),  # an older program, or a person's hand
        (10, None, "", 0, 0, OffsetVerdict.LOST, 0),  # Kafka's disk
        (10, 10, KEPT, 2, 9, OffsetVerdict.LOST, 2),  # the end of a log
        (10, 10, KEPT, 15, 20, OffsetVerdict.PASSED, 15),
        (10, 15, "", 15, 20, OffsetVerdict.FOLLOWS, 15),
        (None, None, "", 3, 9, OffsetVerdict.BEGINS, 3),
        (None, 7, "", 3, 9, OffsetVerdict.BEGINS, 7),
        (None, 12, "", 3, 9, OffsetVerdict.BEGINS, 3),
        (None, 1, "", 3, 9, OffsetVerdict.BEGINS, 3),
    ],
)
def test_each_way_in_which_the_two_may_stand(
    row: int | None,
    committed: int | None,
    said: str,
    start: int,
    end: int,
    verdict: OffsetVerdict,
    at: int,
) -> None:
    assert judge(Place(row, committed, said == KEPT, start, end)) == (verdict, at)


@given(st.lists(st.sampled_from(["take", "tell", "write", "age", "other"]), max_size=30))
def test_whatever_happens_without_a_restore_is_never_called_one(events: list[str]) -> None:
    """A batch is committed, then Kafka is told of it, or the process ends between the two."""
    row = committed = start = end = 0
    kept = False
    for event in events:
        match event:
            case "write":
                end += 1
            case "age":
                start = min(start + 1, end)
            case "take":
                row = max(row, committed, start) + 1 if max(row, committed, start) < end else row
            case "tell":
                committed, kept = max(row, committed), kept or row >= committed
            case "other" if committed < end:
                committed, kept = committed + 1, False
        verdict, at = judge(Place(row, committed, kept, start, end))
        assert verdict not in {OffsetVerdict.WENT_BACK, OffsetVerdict.LOST}
        assert judge(Place(at, committed, kept, start, end)) == (OffsetVerdict.GOES_ON, at)


@given(offsets, st.integers(1, 5), offsets, offsets)
def test_a_row_behind_what_kafka_was_told_is_always_found(
    row: int, forgotten: int, start: int, end: int
) -> None:
    assert (
        judge(Place(row, row + forgotten, kept=True, start=start, end=end))[0]
        is OffsetVerdict.WENT_BACK
    )


@dataclass(frozen=True)
class Record:
    topic: str
    partition: int
    offset: int


def test_kafka_is_told_the_offset_after_the_last_record_of_each_partition() -> None:
    records = [Record("items", 1, 4), Record("items", 0, 9), Record("items", 1, 5)]
    assert offsets_after(records) == {
        TopicPartition("items", 0): (10, KEPT),
        TopicPartition("items", 1): (6, KEPT),
    }
