"""What the register shows of a clock does not depend on the order in which its facts come."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid5

from hypothesis import given
from hypothesis import strategies as st

from services.desk.domain.clocks import ItemClock, advance, is_news
from shared.facts.clocks import (
    ClockCorrected,
    ClockPaused,
    ClockResumed,
    ClockStarted,
    ClockStopped,
    Holder,
    LimitMoved,
    Outcome,
    RungReached,
    RungWithdrawn,
)
from shared.facts.envelope import ItemId, ServiceId
from shared.facts.vocabulary import Audience, ClockName
from tests.desk_builders import SPACE

BMI = ServiceId("bmi")
NOW = datetime(2026, 5, 12, 8, tzinfo=UTC)
DAY = date(2026, 5, 12)
RUNGS = st.sampled_from(["-2", "+1"])


def fact(kind: type[Any], revision: int, **said: Any) -> Any:
    return kind(
        event_id=uuid5(SPACE, f"{kind.__name__} {revision}"), happened_at=NOW,
        recorded_at=NOW + timedelta(minutes=revision), by="service:sla",
        item_id=ItemId(SPACE), revision=revision, chrono=None, service=BMI,
        holder=Holder(service=BMI), category=None, clock=ClockName.REPLY,
        limit=DAY + timedelta(days=revision), **said,
    )  # fmt: skip


@st.composite
def histories(draw: Any) -> list[Any]:
    told = [fact(ClockStarted, 1, commitment="reply", day_zero=DAY, rules=1)]
    for n in range(2, draw(st.integers(2, 12))):
        match draw(st.integers(0, 7)):
            case 0 | 1:
                told.append(
                    fact(
                        RungReached, n, rung=draw(RUNGS), telling=n, fell=DAY, days=1,
                        tell=(Audience.HOLDER,),
                    )
                )  # fmt: skip
            case 2:
                told.append(fact(RungWithdrawn, n, rung=draw(RUNGS), telling=n - 1))
            case 3:
                told.append(
                    fact(
                        LimitMoved, n, before=DAY, why="x", rules=n, day_zero=DAY,
                        commitment=f"reply {n}",
                    )
                )  # fmt: skip
            case 4:
                told.append(fact(ClockPaused, n, since=DAY, until=None))
            case 5:
                told.append(fact(ClockResumed, n, since=DAY))
            case 6:
                told.append(fact(ClockStopped, n, outcome=Outcome.KEPT, raw=n, net=n))
            case _:
                outcome = draw(st.sampled_from([Outcome.LATE, None]))
                told.append(fact(ClockCorrected, n, outcome=outcome, raw=n, net=n, why="x"))
    return told


def shown(told: list[Any]) -> Any:
    clock: ItemClock | None = None
    for fact in told:
        if is_news(clock, fact):
            clock = advance(clock, fact)
    assert clock is not None
    return (
        clock.revision, clock.limit, clock.day_zero, clock.commitment, clock.rules,
        clock.paused_since, clock.paused_until, set(clock.rungs), clock.outcome, clock.raw,
        clock.stopped_at,
    )  # fmt: skip


@given(histories(), st.randoms(use_true_random=False))
def test_the_order_in_which_facts_come_changes_nothing_that_is_shown(
    told: list[Any], chance: Any
) -> None:
    shuffled = [*told, *told]
    chance.shuffle(shuffled)
    assert shown(shuffled) == shown(told)


def test_a_rung_set_aside_is_shown_after_a_later_fact_and_its_history_is_in_order() -> None:
    started = fact(ClockStarted, 1, commitment="reply", day_zero=DAY, rules=1)
    first, second = (
        fact(
            RungReached, n, rung=rung, telling=1, fell=DAY, days=1, tell=(Audience.HOLDER,)
        )
        for n, rung in ((2, "-2"), (3, "+1"))
    )  # fmt: skip
    clock = advance(advance(advance(None, started), second), first)
    assert [telling.rung for telling in clock.told if telling.kind == "rung"] == ["-2", "+1"]
