"""Which promise applies, and how far it reaches (docs/domain.md §4; rules 12 and 20)."""

from datetime import date, datetime

import pytest

from services.sla.domain.rules import Rulebook
from shared.facts.clocks import Outcome
from shared.facts.words import Category, Channel, ClockName, Nature
from tests.unit.sla.builders import (
    BCL,
    BMI,
    PROMISES,
    Register,
    a_class,
    june,
    may,
    paris,
    promise_of,
    rules,
)


def limit(receipt: date | datetime, channel: Channel, nature: Nature = Nature.REQUEST) -> date:
    register = Register()
    register.registered(paris(1, year=2027), receipt, channel, what=a_class(nature))
    return register.clock().limit


@pytest.mark.parametrize(
    ("received", "channel", "due"),
    [
        (date(2026, 5, 11), Channel.EMAIL, date(2026, 5, 19)),
        (date(2026, 5, 11), Channel.LETTER, date(2026, 6, 3)),
        (date(2026, 3, 30), Channel.FORM, date(2026, 4, 7)),
        (date(2026, 4, 30), Channel.EMAIL, date(2026, 5, 11)),
        (date(2026, 12, 21), Channel.EMAIL, date(2026, 12, 29)),
        (date(2022, 3, 22), Channel.HAND_DELIVERED, date(2022, 4, 12)),
    ],
)
def test_the_check_vectors_of_the_domain_hold(received: date, channel: Channel, due: date) -> None:
    assert limit(received, channel) == due


def test_a_mail_of_one_minute_to_midnight_is_of_that_day_and_there_is_no_hour_cut_off() -> None:
    assert limit(paris(11, 23, 59), Channel.EMAIL) == may(19)
    assert limit(paris(12, 0, 1), Channel.EMAIL) == may(20)


def test_day_zero_of_weekend_mail_is_the_saturday_itself() -> None:
    assert limit(paris(16, 12), Channel.EMAIL) == may(22)


def test_a_complaint_by_mail_has_the_fifteen_days_of_complaints() -> None:
    assert limit(may(11), Channel.EMAIL, Nature.COMPLAINT) == june(3)


def test_the_most_specific_commitment_wins_category_before_service() -> None:
    of_service = promise_of(ClockName.REPLY, "cinq", 3, services=(BMI,), id="bmi")
    of_category = promise_of(ClockName.REPLY, "cinq", 2, categories=("titre-de-sejour",), id="cat")
    of_both = promise_of(
        ClockName.REPLY, "cinq", 1, categories=("titre-de-sejour",), services=(BCL,), id="both"
    )
    book = Rulebook((rules(promises=(*PROMISES, of_service, of_category, of_both)),))
    register = Register()
    register.registered(paris(11))
    assert register.clock(book=book).commitment == "cat"
    register.assigned(paris(11), service=BCL)
    assert register.clock(book=book).commitment == "both"


def test_a_complaint_s_own_commitment_comes_before_that_of_its_category() -> None:
    of_category = promise_of(ClockName.REPLY, "cinq", 2, categories=("titre-de-sejour",), id="cat")
    book = Rulebook((rules(promises=(*PROMISES, of_category)),))
    register = Register()
    register.registered(paris(11), what=a_class(Nature.COMPLAINT))
    assert register.clock(book=book).commitment == "reclamation"


def test_out_of_the_perimeter_nothing_is_promised() -> None:
    register = Register()
    register.registered(paris(11), what=a_class(perimeter=False, category=Category("publicite")))
    assert register.plan().clocks == ()


def test_services_publics_counts_calendar_days_by_channel() -> None:
    mail, letter = Register(), Register()
    mail.registered(paris(11))
    letter.registered(paris(11), may(11), Channel.LETTER)
    assert mail.clock(ClockName.SERVICES_PUBLICS).limit == may(18)
    assert letter.clock(ClockName.SERVICES_PUBLICS).limit == may(25)
    assert not letter.has(ClockName.RECEIPT)


@pytest.mark.parametrize(
    ("replied", "raw", "outcome"),
    [
        (paris(19, 23, 59), 5, Outcome.KEPT),
        (paris(20, 0, 1), 6, Outcome.LATE),
        (paris(16, 9), 4, Outcome.KEPT),
        (paris(11, 11), 0, Outcome.KEPT),
        (paris(9, 11), 0, Outcome.KEPT),
    ],
    ids=["last minute", "first late minute", "a Saturday counts as Monday", "same day", "before"],
)
def test_the_raw_delay_of_a_mail_of_monday(replied: datetime, raw: int, outcome: Outcome) -> None:
    register = Register()
    register.registered(paris(11))
    register.replied(replied)
    stop = register.clock().stop
    assert stop
    assert (stop.raw, stop.net, stop.outcome) == (raw, raw, outcome)


def test_a_reply_on_the_saturday_after_a_friday_limit_is_late_by_one_day() -> None:
    register = Register()
    register.registered(paris(21))
    register.replied(paris(30))
    stop = register.clock().stop
    assert register.clock().limit == may(29)
    assert stop
    assert (stop.raw, stop.outcome) == (6, Outcome.LATE)
