"""Who had a late reply how long: days by stage, counted by hand."""

from datetime import date, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.desk.quality.domain.lateness import LateReply, LateStage, Move, days_of
from tests.desk_builders import DAYS

ITEM = UUID(int=1)
MONDAY = date(2026, 6, 1)


def late(replied: date | None, received: date = MONDAY, closed: date | None = None) -> LateReply:
    ended = replied or closed
    return LateReply(
        ITEM, "36-2026-A-000001", "bmi", "email", MONDAY, "overdue" if ended is None else "late",
        MONDAY + timedelta(days=7), -1, None, received, replied, ended,
    )  # fmt: skip


def moved(*moves: tuple[date, LateStage]) -> list[Move]:
    return [Move(ITEM, day, stage) for day, stage in moves]


def test_days_end_with_the_closing_of_what_nobody_answered() -> None:
    # Monday 1 June, qualified on Wednesday, closed on the Wednesday after; asked in January.
    days = days_of(
        late(None, closed=date(2026, 6, 10)),
        moved((date(2026, 6, 3), LateStage.SERVICE)),
        date(2027, 1, 18),
        DAYS.between,
    )
    assert days == {LateStage.ROUTING: 2, LateStage.SERVICE: 5, LateStage.SIGNATURE: 0}


def test_each_stage_has_the_working_days_from_its_beginning_to_the_next() -> None:
    # Monday 1 June, qualified on Wednesday, signature from Friday to next Tuesday, left Wednesday.
    days = days_of(
        late(date(2026, 6, 10)),
        moved(
            (date(2026, 6, 3), LateStage.SERVICE),
            (date(2026, 6, 5), LateStage.SIGNATURE),
            (date(2026, 6, 9), LateStage.SERVICE),
        ),
        date(2026, 7, 2),
        DAYS.between,
    )
    assert days == {LateStage.ROUTING: 2, LateStage.SERVICE: 3, LateStage.SIGNATURE: 2}


def test_until_it_has_left_it_is_with_its_holder_and_then_with_nobody() -> None:
    open_ = days_of(late(None), (), date(2026, 6, 5), DAYS.between)
    assert open_ == {LateStage.ROUTING: 4, LateStage.SERVICE: 0, LateStage.SIGNATURE: 0}
    after = moved((date(2026, 6, 2), LateStage.SERVICE), (date(2026, 6, 20), LateStage.ROUTING))
    done = days_of(late(date(2026, 6, 4)), after, date(2026, 7, 2), DAYS.between)
    assert done == {LateStage.ROUTING: 1, LateStage.SERVICE: 2, LateStage.SIGNATURE: 0}


@given(st.lists(st.tuples(st.integers(-5, 60), st.sampled_from(LateStage)), max_size=6))
def test_the_stages_of_an_item_are_all_its_days(moves: list[tuple[int, LateStage]]) -> None:
    reply = late(MONDAY + timedelta(days=30))
    days = days_of(
        reply,
        moved(*((MONDAY + timedelta(days=n), stage) for n, stage in moves)),
        MONDAY + timedelta(days=60),
        DAYS.between,
    )
    assert sum(days.values()) == DAYS.between(MONDAY, MONDAY + timedelta(days=30))
    assert min(days.values()) >= 0
