"""What stands of a clock's rungs does not depend on the order in which its facts are heard."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.notify.domain.clock_news import Guard
from shared.facts.clocks import (
    ClockStopped,
    Holder,
    LimitMoved,
    Outcome,
    RungReached,
    RungWithdrawn,
)
from shared.facts.envelope import ItemId, ServiceId
from shared.facts.vocabulary import Audience, ClockName
from tests.unit.notify.builders import MONDAY, NAMES, event

ITEM = ItemId(NAMES)
BMI = ServiceId("bmi")


def said(kind: type[Any], revision: int, day: int = 18, **fields: Any) -> Any:
    """A fact of one clock; `day` of May 2026 is its limit."""
    return kind(
        event_id=event(f"{kind.__name__}/{revision}"), happened_at=MONDAY, recorded_at=MONDAY,
        by="service:sla", item_id=ITEM, revision=revision, chrono=None, service=BMI,
        holder=Holder(service=BMI), category=None, clock=ClockName.REPLY,
        limit=date(2026, 5, day), **fields,
    )  # fmt: skip


def reached(revision: int, rung: str, day: int = 18) -> Any:
    tell, fell = (Audience.HOLDER,), date(2026, 5, 12)
    return said(RungReached, revision, day, rung=rung, telling=1, tell=tell, fell=fell, days=-2)


def withdrawn(revision: int, rung: str) -> Any:
    return said(RungWithdrawn, revision, rung=rung, telling=1)


def moved(revision: int, day: int) -> Any:
    return said(LimitMoved, revision, day, before=date(2026, 5, 18), why="rules", rules=2)


def stopped(revision: int) -> Any:
    return said(ClockStopped, revision, outcome=Outcome.KEPT, raw=1, net=1)


def stands(facts: Sequence[Any], floor: int = 0) -> dict[str, date]:
    """The rungs that stand, each with its limit, as the tables of notify keep them."""
    guard, rungs = Guard(floor=floor), dict[str, RungReached]()
    for fact in facts:
        if not guard.is_news(fact):
            continue
        match fact:
            case RungReached():
                rungs[fact.rung] = guard.under_its_limit(fact)
            case RungWithdrawn():
                rungs.pop(fact.rung, None)
            case LimitMoved():
                for name, one in rungs.items():
                    if one.revision < fact.revision:
                        rungs[name] = one.model_copy(update={"limit": fact.limit})
            case ClockStopped():
                rungs = {k: one for k, one in rungs.items() if one.revision > fact.revision}
        guard = guard.after(fact)
    return {name: one.limit for name, one in rungs.items()}


@st.composite
def histories(draw: Any) -> list[Any]:
    """A clock's facts in the order of their revisions; what is said later agrees with before."""
    facts: list[Any] = []
    day = 18
    for revision in range(1, draw(st.integers(1, 12)) + 1):
        match draw(st.sampled_from(["reach", "reach", "withdraw", "move", "stop"])):
            case "reach":
                facts.append(reached(revision, draw(st.sampled_from(["-2", "+1", "+3"])), day))
            case "withdraw":
                facts.append(withdrawn(revision, draw(st.sampled_from(["-2", "+1", "+3"]))))
            case "move":
                day += 1
                facts.append(moved(revision, day))
            case _:
                facts.append(stopped(revision))
    return facts


@given(histories(), st.randoms(use_true_random=False))
def test_the_order_in_which_facts_come_changes_nothing(facts: list[Any], chance: Any) -> None:
    shuffled = [*facts, *facts]
    chance.shuffle(shuffled)
    assert stands(shuffled) == stands(facts)


def test_a_rung_set_aside_is_news_after_a_later_fact_of_another() -> None:
    assert stands([reached(6, "+1"), reached(5, "-2")]) == {
        "+1": date(2026, 5, 18), "-2": date(2026, 5, 18),
    }  # fmt: skip


def test_a_rung_that_was_taken_back_meanwhile_is_old_news() -> None:
    assert stands([reached(5, "-2"), withdrawn(6, "-2"), reached(5, "-2")]) == {}
    assert stands([withdrawn(6, "-2"), reached(5, "-2")]) == {}
    assert stands([stopped(7), reached(5, "-2")]) == {}


def test_a_rung_that_comes_late_stands_under_the_limit_told_last() -> None:
    assert stands([moved(6, 20), reached(5, "-2")]) == {"-2": date(2026, 5, 20)}
    assert stands([moved(6, 20), reached(7, "-2", 22)]) == {"-2": date(2026, 5, 22)}


def test_what_was_heard_before_guards_were_kept_is_old_news_as_it_was() -> None:
    assert stands([reached(5, "-2"), reached(7, "+1")], floor=6) == {"+1": date(2026, 5, 18)}
