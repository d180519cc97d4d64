"""The properties at the head of docs/clocks.md: order, delay and duplication change nothing."""

from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.sla.domain.plan import plan
from services.sla.domain.rules import Rulebook
from shared.facts.clocks import ClockFact, Outcome, RungReached, RungWithdrawn
from shared.facts.items.base import ItemFact
from shared.facts.items.replies import LetterReturned, ReturnSettled
from shared.facts.vocabulary import ClockName, NoticeKind, ReturnReason, Settled
from shared.site.checks.law import check_commitments
from tests.unit.sla.builders import (
    BOOK,
    ELECTRONIC,
    PROMISES,
    Register,
    Story,
    a_site,
    paris,
    promise_of,
    rules,
)
from tests.unit.sla.histories import Heard, Read, Tick, after_all, lives, roads

TIGHTER = tuple(
    promise_of(ClockName.REPLY, "cinq", 4, channels=ELECTRONIC)
    if commitment.id == "reply-cinq-5"
    else commitment
    for commitment in PROMISES
)
TWO_VERSIONS = Rulebook((rules(), rules(2, paris(18), TIGHTER)))
"""Of Monday 18 May on an email has four jours ouvrés."""


def test_the_sites_that_these_lives_use_are_such_as_apply_accepts() -> None:
    for promises in (PROMISES, TIGHTER):
        site = a_site(promises)
        said = check_commitments(site.commitments, site.services, site.routing)
        assert [wrong.found for wrong in said] == []


many = settings(suppress_health_check=list(HealthCheck))  # long lives are slow to draw


def live(road: list[Heard | Tick | Read], end: datetime, book: Rulebook) -> Story:
    """An item that hears this, as handler and ticker would step it, then reads and ticks."""
    story = Story(book.until(road[0].at))
    for step in road:
        applied = book.until(step.at)
        if applied is not story.book:
            story.book = applied
            story.hears([], step.at)
        match step:
            case Heard(at, fact):
                story.hears([fact], at)
            case Tick(at):
                story.ticks(at)
            case Read(at):
                story.reads(until=at)
    story.book = book
    story.reads(until=end)
    story.hears([], end)
    return story


def straight(facts: list[ItemFact]) -> list[Heard | Tick | Read]:
    return [Heard(fact.recorded_at, fact) for fact in facts]


@given(st.data())
@many
def test_any_road_ends_in_the_same_plan_wake_up_figures_and_standing_rungs(
    data: st.DataObject,
) -> None:
    facts = data.draw(lives())
    book = data.draw(st.sampled_from([BOOK, TWO_VERSIONS]))
    road = data.draw(roads(facts))
    end = after_all(facts, road, days=data.draw(st.integers(0, 60)))
    one, other = live(straight(facts), end, book), live(road, end, book)
    assert one.item.plan == other.item.plan
    assert one.item.wake_at == other.item.wake_at
    for name in ClockName:
        assert one.stands(name) == other.stands(name)
        here = one.item.standing.clocks.get(name)
        there = other.item.standing.clocks.get(name)
        if here and there and here.exists:
            assert (here.limit, here.stop, here.pause) == (there.limit, there.stop, there.pause)
        else:
            assert not (here and here.exists)
            assert not (there and there.exists)


@given(lives(), st.integers(0, 2000))
@many
def test_a_letter_that_comes_back_moves_no_clock(facts: list[ItemFact], hours: int) -> None:
    register = Register()
    register.facts = list(facts)
    back = facts[-1].recorded_at + timedelta(hours=hours)
    letter = register.says(
        LetterReturned, back, letter=facts[0].event_id, kind=NoticeKind.REPLY,
        reason=ReturnReason.UNCLAIMED,
    )  # fmt: skip
    register.says(ReturnSettled, back, returned=letter.event_id, outcome=Settled.ADDRESS_CORRECTED)
    assert plan(register.facts, TWO_VERSIONS).clocks == plan(facts, TWO_VERSIONS).clocks


@given(st.data())
@many
def test_a_plan_does_not_depend_on_the_order_or_number_of_its_facts(data: st.DataObject) -> None:
    facts = data.draw(lives())
    shuffled = data.draw(st.permutations([*facts, *facts[: len(facts) // 2]]))
    assert plan(shuffled, TWO_VERSIONS) == plan(facts, TWO_VERSIONS)


@given(st.data())
@many
def test_nothing_is_told_twice_and_every_withdrawal_takes_back_what_stood(
    data: st.DataObject,
) -> None:
    facts = data.draw(lives())
    road = data.draw(roads(facts))
    told = live(road, after_all(facts, road, days=40), TWO_VERSIONS).told
    assert len({fact.event_id for fact in told}) == len(told)
    assert [fact.revision for fact in told] == list(range(1, len(told) + 1))
    standing = set[tuple[ClockName, str, int]]()
    for fact in told:
        match fact:
            case RungReached():
                assert not any(each[:2] == (fact.clock, fact.rung) for each in standing)
                standing.add((fact.clock, fact.rung, fact.telling))
            case RungWithdrawn():
                standing.remove((fact.clock, fact.rung, fact.telling))
            case ClockFact(type="ClockStopped"):
                standing = {each for each in standing if each[0] is not fact.clock}


@given(st.data())
@many
def test_an_item_that_wakes_when_it_asked_to_tells_as_one_that_is_looked_at_all_the_time(
    data: st.DataObject,
) -> None:
    facts = data.draw(lives())
    sleeper, watcher = Story(), Story()
    hours = sorted(data.draw(st.sets(st.integers(1, 1400), max_size=25)))
    start = facts[0].recorded_at
    ticks: list[Heard | Tick | Read] = [
        Tick(start.fromtimestamp(start.timestamp() + 3600 * hour, start.tzinfo)) for hour in hours
    ]
    for step in sorted([*straight(facts), *ticks], key=lambda step: step.at):
        sleeper.lives_until(
            step.at
        ) if sleeper.item.wake_at and sleeper.item.wake_at <= step.at else None
        watcher.lives_until(step.at)
        if isinstance(step, Heard):
            sleeper.hears([step.fact], step.at)
            watcher.hears([step.fact], step.at)
    assert sleeper.told == watcher.told


@given(st.data())
@many
def test_the_limit_is_kept_exactly_when_the_raw_delay_is_within_the_promise(
    data: st.DataObject,
) -> None:
    facts = data.draw(lives())
    for clock in plan(facts, BOOK).clocks:
        stop, counted = clock.stop, BOOK.last.calendar.between
        if (
            clock.clock is ClockName.REPLY
            and stop
            and stop.raw is not None
            and stop.net is not None
        ):
            assert 0 <= stop.net <= stop.raw
            if not any(fact.type == "ItemAbsorbed" for fact in facts):
                kept = stop.raw <= counted(clock.day_zero, clock.limit)
                assert (stop.outcome is Outcome.KEPT) == kept


@given(st.data())
@many
def test_nobody_hears_of_a_running_clock_before_its_rung_or_after_its_end(
    data: st.DataObject,
) -> None:
    facts = data.draw(lives())
    road = data.draw(roads(facts))
    story = live(road, after_all(facts, road, days=10), BOOK)
    for fact in story.told:
        if isinstance(fact, RungReached):
            assert fact.happened_at <= fact.recorded_at
            assert BOOK.last.calendar.is_worked(fact.fell)


@given(st.data())
@many
def test_the_moves_that_a_rung_names_add_up_to_its_day(data: st.DataObject) -> None:
    for clock in plan(data.draw(lives()), TWO_VERSIONS).clocks:
        for rung in clock.rungs:
            if rung.due is not None:
                calendar = TWO_VERSIONS.versions[clock.rules - 1].calendar
                assert calendar.add(rung.due, sum(move.days for move in rung.moved)) == rung.fell
