"""Rule 19: what silence will mean, and from when (CRPA L231-1, L231-4, L114-3, L114-5)."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

import pytest

from services.sla.domain.rules import Rulebook
from shared.facts.clocks import Outcome
from shared.facts.envelope import Chrono
from shared.facts.items.closure import DecisionTaken
from shared.facts.items.corrections import ItemMergedInto
from shared.facts.items.pieces import PiecesReceived, PiecesRequested
from shared.facts.items.routing import RegimeConfirmed
from shared.facts.vocabulary import ClockName, Effect, RegimeStart
from tests.unit.sla.builders import (
    AGENT,
    ITEM,
    PROMISES,
    Register,
    Story,
    may,
    paris,
    received,
    rules,
)

MONDAY = may(11)
IMPLIED = ClockName.IMPLIED_DECISION


def confirmed(regime: str, start: RegimeStart, day: date = MONDAY) -> Register:
    """A mail of 11 May whose regime a person confirms the same day."""
    register = Register()
    register.registered(paris(11), agent=AGENT)
    register.says(
        RegimeConfirmed, paris(11, 11), regime=regime, start=start, received=received(day)
    )
    return register


def a_request() -> Register:
    return confirmed("demande", RegimeStart.FIRST_OFFICE)


@pytest.mark.parametrize(
    ("start", "limit"),
    [
        (date(2026, 10, 31), date(2027, 2, 28)),
        (date(2027, 10, 31), date(2028, 2, 29)),
        (date(2028, 2, 29), date(2028, 6, 29)),
    ],
)
def test_four_months_keep_the_quantieme(start: date, limit: date) -> None:
    assert confirmed("titre", RegimeStart.FIRST_OFFICE, start).clock(IMPLIED).limit == limit


def test_its_limit_is_not_moved_to_a_jour_ouvre() -> None:
    clock = a_request().clock(IMPLIED)
    assert clock.limit == date(2026, 7, 11)  # a Saturday
    assert {rung.name: rung.fell for rung in clock.rungs} == {
        "-10": date(2026, 6, 29),
        "-5": date(2026, 7, 6),
        "-2": date(2026, 7, 9),
    }


def test_it_is_suspended_by_the_calendar_days_waited() -> None:
    register = a_request()
    register.says(PiecesRequested, paris(12), until=may(30))
    assert register.clock(IMPLIED).limit == date(2026, 7, 29)
    register.says(PiecesReceived, paris(18))
    assert register.clock(IMPLIED).limit == date(2026, 7, 17)


def test_a_complete_file_counts_from_the_last_pieces_received() -> None:
    register = confirmed("titre", RegimeStart.COMPLETE_FILE)
    assert register.clock(IMPLIED).limit == date(2026, 9, 11)
    register.says(PiecesRequested, paris(12), until=may(15))
    assert not register.has(IMPLIED)  # expiry starts nothing
    register.says(PiecesReceived, paris(18))
    assert register.clock(IMPLIED).limit == date(2026, 9, 18)


def test_at_its_limit_the_decision_is_born_and_time_itself_says_so() -> None:
    story = Story()
    story.hears(a_request().facts, paris(11, 12))
    told = [fact for fact in story.lives_until(paris(12, 0, month=7)) if fact.clock is IMPLIED]
    assert told[-1].type == "ClockStopped"
    assert (told[-1].outcome, told[-1].happened_at) == (Outcome.BORN, paris(12, 0, month=7))
    assert story.stands(IMPLIED) == set()


@pytest.mark.parametrize(
    ("day", "outcome"),
    [(date(2026, 7, 11), Outcome.KEPT), (date(2026, 7, 12), Outcome.BORN)],
)
def test_a_decision_counts_until_the_limit_and_not_after(day: date, outcome: Outcome) -> None:
    register = a_request()
    register.says(DecisionTaken, paris(15, month=7), effect=Effect.REJECTION, day=day)
    stop = register.clock(IMPLIED).stop
    assert stop
    assert stop.outcome is outcome


def test_a_decision_born_under_old_rules_stays_born_under_new_ones() -> None:
    effective: datetime = paris(1, month=8)
    no_regime_line = tuple(commitment for commitment in PROMISES if commitment.clock is not IMPLIED)
    book = Rulebook((rules(), rules(2, effective, no_regime_line)))
    clock = a_request().clock(IMPLIED, book)
    assert clock.stop
    assert (clock.stop.outcome, clock.rules) == (Outcome.BORN, 1)


def test_closing_or_replying_does_not_stop_it() -> None:
    register = a_request()
    register.replied(paris(12))
    stop = register.clock(IMPLIED).stop
    assert stop
    assert stop.outcome is Outcome.BORN


def test_after_its_last_rung_it_sleeps_until_the_birth_itself() -> None:
    story = Story()
    story.hears(a_request().facts, paris(11, 12))
    story.lives_until(paris(10, 12, month=7))
    assert story.item.wake_at == paris(12, 0, month=7)


def test_a_second_open_request_ends_the_clock_of_a_file_that_was_complete() -> None:
    register = confirmed("titre", RegimeStart.COMPLETE_FILE)
    register.says(PiecesRequested, paris(12), until=may(15))
    register.says(PiecesReceived, paris(20))
    assert register.clock(IMPLIED).limit == date(2026, 9, 20)
    register.says(PiecesRequested, paris(22), until=may(29))
    assert not register.has(IMPLIED)
    register.says(PiecesReceived, paris(15, month=6))
    assert register.clock(IMPLIED).limit == date(2026, 10, 15)


def test_an_acceptance_starts_when_the_pieces_arrive_whatever_the_office() -> None:
    register = confirmed("accord", RegimeStart.COMPETENT_OFFICE)
    assert register.clock(IMPLIED).limit == date(2026, 7, 11)
    register.says(PiecesRequested, paris(12), until=may(30))
    assert not register.has(IMPLIED)
    register.says(PiecesReceived, paris(18, month=6))
    assert register.clock(IMPLIED).limit == date(2026, 8, 18)
    assert not register.clock(IMPLIED).pauses


def born_on_11_september() -> Register:
    return confirmed("titre", RegimeStart.COMPLETE_FILE)


LATER: Mapping[str, Callable[[Register], Any]] = {
    "request": lambda register: register.says(
        PiecesRequested, paris(14, month=9), until=date(2026, 10, 1)
    ),
    "request and reception": lambda register: (
        register.says(PiecesRequested, paris(14, month=9), until=date(2026, 10, 1)),
        register.says(PiecesReceived, paris(20, month=9)),
    ),
    "merge": lambda register: register.says(
        ItemMergedInto,
        paris(14, month=9),
        survivor=ITEM,
        survivor_chrono=Chrono("36-2026-A-000003"),
    ),
    "decision": lambda register: register.says(
        DecisionTaken, paris(14, month=9), effect=Effect.REJECTION, day=date(2026, 9, 14)
    ),
}


@pytest.mark.parametrize("later", LATER)
def test_a_decision_that_was_born_stays_born_whatever_happens_later(later: str) -> None:
    register, story = born_on_11_september(), Story()
    story.hears(register.facts, paris(11, 12))
    story.lives_until(paris(13, month=9))
    before = len(register.facts)
    LATER[later](register)
    story.hears(register.facts[before:], paris(21, month=9))
    story.lives_until(paris(1, month=3, year=2027))
    stop = register.clock(IMPLIED).stop
    assert stop
    assert (stop.outcome, stop.at) == (Outcome.BORN, paris(12, 0, month=9))
    told = [fact.type for fact in story.told if fact.clock is IMPLIED]
    assert told.count("ClockStopped") == 1
    assert "ClockCorrected" not in told
    assert told[-1] == "ClockStopped"


def test_a_merge_before_the_limit_stops_it() -> None:
    register = a_request()
    register.says(
        ItemMergedInto,
        paris(10, month=7),
        survivor=ITEM,
        survivor_chrono=Chrono("36-2026-A-000003"),
    )
    stop = register.clock(IMPLIED).stop
    assert stop
    assert stop.outcome is Outcome.MERGED


def test_a_person_who_says_after_the_birth_that_there_was_no_regime_is_told_as_a_correction() -> (
    None
):
    register, story = born_on_11_september(), Story()
    story.hears(register.facts, paris(11, 12))
    story.lives_until(paris(13, month=9))
    register.says(
        RegimeConfirmed,
        paris(14, month=9),
        regime=None,
        start=RegimeStart.FIRST_OFFICE,
        received=received(MONDAY),
    )
    story.hears(register.facts[-1:], paris(14, 11, month=9))
    told = [fact for fact in story.told if fact.clock is IMPLIED]
    assert told[-1].type == "ClockCorrected"
    assert told[-1].why == "RegimeConfirmed"
    assert not register.has(IMPLIED)


def test_a_request_of_the_last_day_still_counts() -> None:
    register = a_request()
    register.says(PiecesRequested, paris(11, 23, month=7), until=date(2026, 7, 31))
    assert register.clock(IMPLIED).limit == date(2026, 7, 31)
