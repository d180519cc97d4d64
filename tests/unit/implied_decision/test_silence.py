"""What silence means at a moment: it runs, is suspended, does not run, or has decided."""

from datetime import date

import pytest

from shared.calendar.pieces import Pieces
from shared.facts.vocabulary import Effect, RegimeStart
from shared.site.implied_decision import (
    Born,
    Idle,
    NotRunning,
    Runs,
    Suspended,
    may_restart,
    silence,
)
from tests.unit.implied_decision.cases import PARIS, a_regime, at, confirmed, pieces

MONDAY = date(2026, 5, 11)
GENERAL = a_regime(Effect.REJECTION, "2 months", RegimeStart.FIRST_OFFICE)
PERMIT = a_regime(Effect.REJECTION, "4 months", RegimeStart.COMPLETE_FILE)
ASKED = (date(2026, 5, 12), date(2026, 6, 6))


def test_a_rejection_counted_from_an_office_is_suspended_and_says_both_dates() -> None:
    given = confirmed(RegimeStart.FIRST_OFFICE, MONDAY)
    assert silence(GENERAL, given, pieces([ASKED]), PARIS, at(date(2026, 5, 21))) == Suspended(
        day_zero=MONDAY,
        limit=date(2026, 8, 5),
        since=date(2026, 5, 12),
        until=date(2026, 6, 6),
        limit_if_resumed=date(2026, 7, 20),  # 11 July and the nine days from 12 to 21 May
    )


def test_pieces_that_come_on_the_last_day_granted_end_the_suspension_at_once() -> None:
    given = confirmed(RegimeStart.FIRST_OFFICE, MONDAY)
    file = pieces([ASKED], [ASKED[1]])
    assert silence(GENERAL, given, file, PARIS, at(ASKED[1], 13)) == Runs(MONDAY, date(2026, 8, 5))


def test_once_the_time_granted_is_over_it_runs_again_without_any_fact() -> None:
    given = confirmed(RegimeStart.FIRST_OFFICE, MONDAY)
    assert silence(GENERAL, given, pieces([ASKED]), PARIS, at(date(2026, 6, 7))) == Runs(
        MONDAY, date(2026, 8, 5)
    )


def test_a_file_that_lacks_pieces_has_no_period_even_past_their_date() -> None:
    given = confirmed(RegimeStart.COMPLETE_FILE, MONDAY)
    for day in (date(2026, 5, 21), date(2026, 7, 1), date(2027, 7, 1)):
        assert silence(PERMIT, given, pieces([ASKED]), PARIS, at(day)) == NotRunning(
            Idle.PIECES_AWAITED, date(2026, 5, 12)
        )


def test_what_has_not_happened_yet_is_not_known() -> None:
    given = confirmed(RegimeStart.COMPLETE_FILE, MONDAY)
    file = pieces([ASKED], [date(2026, 5, 20)])
    assert isinstance(silence(PERMIT, given, file, PARIS, at(date(2026, 5, 19))), NotRunning)
    assert silence(PERMIT, given, file, PARIS, at(date(2026, 5, 20), 12)) == Runs(
        date(2026, 5, 20), date(2026, 9, 20)
    )


@pytest.mark.parametrize(
    ("asked", "came"),
    [
        ([(date(2026, 9, 12), date(2026, 10, 1))], []),
        ([(date(2026, 9, 12), date(2026, 10, 1))], [date(2026, 9, 20)]),
        ([], [date(2026, 9, 12)]),
    ],
)
def test_a_decision_that_was_born_is_never_erased_by_what_comes_later(
    asked: list[tuple[date, date]], came: list[date]
) -> None:
    given = confirmed(RegimeStart.COMPLETE_FILE, MONDAY)
    found = silence(PERMIT, given, pieces(asked, came), PARIS, at(date(2027, 1, 1)))
    assert found == Born(MONDAY, date(2026, 9, 11))


def test_it_is_born_at_the_end_of_the_limit_and_not_before() -> None:
    given = confirmed(RegimeStart.COMPLETE_FILE, MONDAY)
    last = silence(PERMIT, given, pieces(), PARIS, at(date(2026, 9, 11), 23))
    assert last == Runs(MONDAY, date(2026, 9, 11))
    born = silence(PERMIT, given, pieces(), PARIS, at(date(2026, 9, 12), 0))
    assert born == Born(MONDAY, date(2026, 9, 11))


def test_a_request_at_the_very_end_of_the_limit_comes_too_late() -> None:
    given = confirmed(RegimeStart.COMPLETE_FILE, MONDAY)
    asked = pieces([(date(2026, 9, 12), date(2026, 10, 1))])
    (request,) = asked.requested
    midnight = request.model_copy(update={"happened_at": at(date(2026, 9, 12), 0)})
    found = silence(PERMIT, given, Pieces([midnight]), PARIS, at(date(2026, 9, 13)))
    assert found == Born(MONDAY, date(2026, 9, 11))
    before = midnight.model_copy(update={"happened_at": at(date(2026, 9, 11), 23)})
    found = silence(PERMIT, given, Pieces([before]), PARIS, at(date(2026, 9, 13)))
    assert isinstance(found, NotRunning)


def test_an_acceptance_confirmed_at_the_first_office_never_runs() -> None:
    accepts = a_regime(Effect.ACCEPTANCE, "4 months", RegimeStart.COMPLETE_FILE)
    given = confirmed(RegimeStart.FIRST_OFFICE, MONDAY)
    assert silence(accepts, given, pieces(), PARIS, at(MONDAY)) == NotRunning(Idle.FORBIDDEN_START)


def test_asking_restarts_a_period_only_of_a_file_that_was_once_complete() -> None:
    given, now = confirmed(RegimeStart.COMPLETE_FILE, MONDAY), at(date(2026, 6, 1))
    complete = pieces([ASKED], [date(2026, 5, 20)])
    assert may_restart(PERMIT, given, complete, PARIS, now)
    assert not may_restart(PERMIT, given, pieces(), PARIS, now)
    assert not may_restart(PERMIT, given, pieces([ASKED]), PARIS, now)
    certified = confirmed(RegimeStart.COMPLETE_FILE, MONDAY, presumed=True)
    assert may_restart(PERMIT, certified, pieces(), PARIS, now)
    office = confirmed(RegimeStart.FIRST_OFFICE, MONDAY)
    assert not may_restart(GENERAL, office, complete, PARIS, now)
