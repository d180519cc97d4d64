"""Which promise applies, and how far it reaches (docs/domain.md §4; rules 12 and 20)."""

from datetime import date, datetime
from typing import Any

import pytest

from services.sla.domain.rules import Rulebook
from shared.facts.clocks import Outcome
from shared.facts.vocabulary import Category, Channel, ClockName, Nature, Priority
from tests.unit.sla.builders import (
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


ALL, TITRE = tuple(Channel), ("titre-de-sejour",)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"services": (BMI,), "channels": ALL}, {"categories": TITRE}),
        ({"categories": TITRE, "channels": ALL}, {"natures": (Nature.REQUEST,)}),
        ({"natures": (Nature.REQUEST,), "services": (BMI,)}, {"categories": TITRE}),
        ({"priorities": (Priority.URGENTE,), "channels": ALL}, {"channels": (Channel.EMAIL,)}),
        ({"services": (BMI,), "channels": ALL, "priorities": (Priority.URGENTE,)},
         {"categories": TITRE, "natures": (Nature.REQUEST,)}),
    ],
    ids=["service and channel", "category and channel", "nature and service",
         "priority and channel", "three fields"],
)  # fmt: skip
def test_the_commitment_that_names_most_fields_wins_whichever_they_are(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    more = promise_of(ClockName.REPLY, "cinq", 3, id="more", **one)
    fewer = promise_of(ClockName.REPLY, "cinq", 2, id="fewer", **other)
    register = Register()
    register.registered(paris(11), what=a_class(priority=Priority.URGENTE))
    for both in ((more, fewer), (fewer, more)):
        book = Rulebook((rules(promises=(*PROMISES, *both)),))
        assert register.clock(book=book).commitment == "more"


def test_a_line_that_names_another_case_is_not_for_this_one() -> None:
    urgent = promise_of(ClockName.REPLY, "cinq", 1, priorities=(Priority.URGENTE,),
                        channels=ALL, id="urgent")  # fmt: skip
    book = Rulebook((rules(promises=(*PROMISES, urgent)),))
    register = Register()
    register.registered(paris(11))
    assert register.clock(book=book).commitment == "reply-cinq-5"


def test_a_version_applied_before_the_rule_keeps_its_order_where_as_many_fields_are_named() -> None:
    """A complaint's own line, then that of a category, then that of a service."""
    complaint = promise_of(ClockName.REPLY, "quinze", 15, natures=(Nature.COMPLAINT,), id="nature")
    of_service = promise_of(ClockName.REPLY, "cinq", 3, services=(BMI,), id="service")
    of_category = promise_of(ClockName.REPLY, "cinq", 2, categories=TITRE, id="category")
    plain = promise_of(ClockName.REPLY, "cinq", 5, channels=(Channel.EMAIL,), id="channel")
    lines = (plain, of_service, of_category, complaint)
    register = Register()
    register.registered(paris(11), what=a_class(Nature.COMPLAINT))
    for wins in ("nature", "category", "service", "channel"):
        assert register.clock(book=Rulebook((rules(promises=lines),))).commitment == wins
        lines = tuple(line for line in lines if line.id != wins)  # type: ignore[assignment]  # one name for both


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


def test_the_head_of_the_mail_office_never_hears_on_the_morning_of_the_mail_office() -> None:
    """Seven days after 30 March 2026 is Easter Monday: the mail office hears on 7 April."""
    register = Register()
    register.registered(paris(30, month=3))
    assert register.clock(ClockName.SERVICES_PUBLICS).limit == date(2026, 4, 6)
    assert register.rungs(ClockName.SERVICES_PUBLICS) == {
        "+0": date(2026, 4, 7), "+1": date(2026, 4, 8),
    }  # fmt: skip


def test_where_the_limit_is_worked_the_head_hears_on_the_next_jour_ouvre() -> None:
    register = Register()
    register.registered(paris(11))
    rungs = register.rungs(ClockName.SERVICES_PUBLICS)
    assert rungs == {"+0": may(18), "+1": may(19)}
