"""Rules 7, 11, 16, 17, 18 and 20: what stops a clock, and what takes a stop back."""

from datetime import datetime

import pytest

from shared.facts.clocks import Outcome
from shared.facts.envelope import ArrivalId, ItemId
from shared.facts.items.acknowledgements import AcknowledgementSent, PersonTold, ReceiptSent
from shared.facts.items.base import ItemFact
from shared.facts.items.closure import ItemClosed, ItemReopened, ItemTransferred
from shared.facts.items.routing import RegimeConfirmed, WaitEnded, WaitStarted
from shared.facts.vocabulary import ClockName, NoticeKind, RegimeStart, Waiting, Way
from tests.unit.sla.builders import (
    AGENT,
    COURRIER,
    ITEM,
    Register,
    Story,
    may,
    paris,
    received,
    types,
)

RECEIPT, ACKNOWLEDGEMENT = ClockName.RECEIPT, ClockName.ACKNOWLEDGEMENT
REPLY, TRANSMISSION = ClockName.REPLY, ClockName.TRANSMISSION


def a_mail() -> Register:
    """Of Monday 11 May: −2 on 15, limit 19, +1 on 20, +3 on 22 May."""
    register = Register()
    register.registered(paris(11), agent=AGENT)
    return register


def lived_until_thursday_21(register: Register) -> Story:
    story = Story()
    story.hears(register.facts, paris(11))
    story.lives_until(paris(20, 5))
    story.reads(until=paris(20, 5))
    story.lives_until(paris(21, 9))
    assert story.stands() == {"-2", "+1"}
    return story


def outcome(register: Register, clock: ClockName = REPLY) -> Outcome | None:
    stop = register.clock(clock).stop
    return stop.outcome if stop else None


def test_a_stop_ends_all_that_stands_without_taking_it_back() -> None:
    register = a_mail()
    story = lived_until_thursday_21(register)
    register.replied(paris(21, 10))
    told = story.hears(register.facts, paris(21, 10))
    assert types(told) == ["ClockStopped"]
    assert story.stands() == set()


def test_rungs_dated_after_the_reply_had_left_are_taken_back() -> None:
    register = a_mail()
    story = lived_until_thursday_21(register)
    register.replied(paris(19, 16), recorded=paris(21, 10))
    told = [fact for fact in story.hears(register.facts, paris(21, 10)) if fact.clock is REPLY]
    assert [(fact.type, getattr(fact, "rung", "")) for fact in told] == [
        ("RungWithdrawn", "+1"),
        ("ClockStopped", ""),
    ]
    assert (told[-1].outcome, told[-1].raw, told[-1].net) == (Outcome.KEPT, 5, 5)


def test_rungs_first_known_after_the_stop_are_never_told() -> None:
    register = a_mail()
    register.replied(paris(21, 10))
    story = Story()
    assert types(story.hears(register.facts, paris(21, 11))) == ["ClockStarted", "ClockStopped"]
    assert types(story.lives_until(paris(30))) == []


def test_when_a_reply_is_taken_back_what_is_due_is_told_again() -> None:
    register = a_mail()
    story = lived_until_thursday_21(register)
    reply = register.replied(paris(21, 10))
    story.hears(register.facts, paris(21, 10))
    register.takes_back(reply, paris(21, 11))
    story.reads(until=paris(21, 11))
    told = [fact for fact in story.hears(register.facts, paris(21, 11)) if fact.clock is REPLY]
    assert (told[0].type, told[0].outcome, told[0].why) == (
        "ClockCorrected", None, "FactWithdrawn",
    )  # fmt: skip
    assert [(fact.rung, fact.telling) for fact in told[1:]] == [("-2", 2), ("+1", 2)]


def test_closing_without_reply_stops_every_clock_without_a_delay() -> None:
    register = a_mail()
    register.says(
        RegimeConfirmed, paris(12), regime="demande", start=RegimeStart.FIRST_OFFICE,
        received=received(may(11)),
    )  # fmt: skip
    register.says(ItemClosed, paris(13), reason="sans-objet")
    stops = {clock.clock: clock.stop for clock in register.plan().clocks}
    implied = stops.pop(ClockName.IMPLIED_DECISION)
    assert implied
    assert implied.outcome is Outcome.BORN
    assert {(stop.outcome, stop.raw) for stop in stops.values() if stop} == {(Outcome.CLOSED, None)}
    assert set(stops) == {RECEIPT, ClockName.SERVICES_PUBLICS, ACKNOWLEDGEMENT, REPLY}


def test_reopening_cancels_a_closing_and_counts_from_the_first_receipt() -> None:
    register = a_mail()
    register.says(ItemClosed, paris(13), reason="sans-objet")
    register.says(ItemReopened, paris(22), reason="erreur")
    assert (register.clock().stop, register.clock().limit) == (None, may(19))


@pytest.mark.parametrize("replied", [paris(12), paris(18)])
def test_a_reply_prevails_over_a_closing_and_reopening_restarts_nothing(
    replied: datetime,
) -> None:
    register = a_mail()
    register.says(ItemClosed, paris(13), reason="sans-objet")
    register.replied(replied)
    assert outcome(register) is Outcome.KEPT
    register.says(ItemReopened, paris(22), reason="suite")
    assert outcome(register) is Outcome.KEPT


def test_a_withdrawal_may_come_before_its_target() -> None:
    register, story = a_mail(), Story()
    reply = register.replied(paris(13))
    withdrawal = register.takes_back(reply, paris(13, 11))
    story.hears([register.facts[0], withdrawal], paris(13, 11))
    assert types(story.hears([reply], paris(13, 12))) == []
    assert outcome(register) is None


def test_what_left_stays_whoever_takes_it_back() -> None:
    register = a_mail()
    sent = register.says(ReceiptSent, paris(11, 11), notice_id=None, way=Way.MAIL)
    register.takes_back(sent, paris(12))
    assert outcome(register, RECEIPT) is Outcome.KEPT


def test_a_withdrawal_is_not_withdrawn() -> None:
    register = a_mail()
    reply = register.replied(paris(13))
    register.takes_back(register.takes_back(reply, paris(13, 11)), paris(13, 12))
    assert outcome(register) is None


def test_of_two_replies_the_one_that_left_first_stops_the_clock() -> None:
    register = a_mail()
    register.replied(paris(21))
    register.replied(paris(18))
    stop = register.clock().stop
    assert stop
    assert (stop.outcome, stop.raw) == (Outcome.KEPT, 4)


def test_a_receipt_or_acknowledgement_overtaken_by_a_reply_is_moot() -> None:
    register = a_mail()
    register.says(
        RegimeConfirmed, paris(12), regime=None, start=RegimeStart.FIRST_OFFICE,
        received=received(may(11)),
    )  # fmt: skip
    assert register.clock(ACKNOWLEDGEMENT).limit == may(27)
    register.replied(paris(12))
    assert outcome(register, RECEIPT) is Outcome.MOOT
    assert outcome(register, ACKNOWLEDGEMENT) is Outcome.MOOT
    register.says(
        AcknowledgementSent, paris(13), kind=NoticeKind.SIMPLE, notice_id=None, way=Way.MAIL
    )
    assert outcome(register, ACKNOWLEDGEMENT) is Outcome.MOOT


@pytest.mark.parametrize("kind", [ReceiptSent, AcknowledgementSent])
def test_services_publics_is_met_by_the_first_word_that_left(
    kind: type[ItemFact],
) -> None:
    register = a_mail()
    more = {"kind": NoticeKind.SIMPLE} if kind is AcknowledgementSent else {}
    register.says(kind, paris(18), notice_id=None, way=Way.MAIL, **more)
    assert outcome(register, ClockName.SERVICES_PUBLICS) is Outcome.KEPT
    assert register.clock(ClockName.SERVICES_PUBLICS).stop.raw is None  # type: ignore[union-attr]  # the page has it


def test_a_transmission_ends_once_transferred_and_the_person_told() -> None:
    register = a_mail()
    register.says(ItemTransferred, paris(13), to="autre")
    assert outcome(register) is Outcome.TRANSFERRED
    assert (register.clock(TRANSMISSION).limit, outcome(register, TRANSMISSION)) == (may(19), None)
    register.says(PersonTold, paris(15), notice_id=None, way=Way.MAIL)
    stop = register.clock(TRANSMISSION).stop
    assert stop
    assert (stop.outcome, stop.raw, stop.at) == (Outcome.KEPT, 3, paris(15))


def test_told_before_the_transfer_it_ends_with_the_transfer() -> None:
    register = a_mail()
    register.says(PersonTold, paris(13), notice_id=None, way=Way.MAIL)
    register.says(ItemTransferred, paris(20), to="autre")
    stop = register.clock(TRANSMISSION).stop
    assert stop
    assert (stop.outcome, stop.at) == (Outcome.LATE, paris(20))


def test_to_transmit_opens_the_clock_when_a_person_says_so_and_not_when_a_rule_does() -> None:
    by_person, by_rule = a_mail(), a_mail()
    by_person.says(WaitStarted, paris(12), waiting=Waiting.TO_TRANSMIT, service=COURRIER)
    by_rule.says(
        WaitStarted, paris(12), waiting=Waiting.TO_TRANSMIT, service=COURRIER, by="rule:ofii"
    )
    assert by_person.has(TRANSMISSION)
    assert not by_rule.has(TRANSMISSION)


def test_what_waits_in_quarantine_is_timed_under_the_arrival_s_id() -> None:
    arrival = Register(ItemId(ArrivalId(ITEM)))
    arrival.says(WaitStarted, paris(16), waiting=Waiting.QUARANTINE, service=COURRIER)
    clock = arrival.clock(ClockName.REGISTRATION)
    assert (clock.day_zero, clock.limit) == (may(16), may(18))
    assert arrival.rungs(ClockName.REGISTRATION) == {"+0": may(18), "+1": may(19)}
    arrival.says(WaitEnded, paris(18), waiting=Waiting.QUARANTINE)
    assert outcome(arrival, ClockName.REGISTRATION) is Outcome.KEPT


def test_put_into_quarantine_again_its_clock_runs_again() -> None:
    arrival = Register()
    arrival.says(WaitStarted, paris(15), waiting=Waiting.QUARANTINE, service=COURRIER)
    arrival.says(WaitEnded, paris(18), waiting=Waiting.QUARANTINE)
    arrival.says(WaitStarted, paris(19), waiting=Waiting.QUARANTINE, service=COURRIER)
    clock = arrival.clock(ClockName.REGISTRATION)
    assert (clock.limit, clock.stop) == (may(19), None)


def test_a_clock_whose_cause_is_taken_back_should_not_have_started() -> None:
    register, story = a_mail(), Story()
    transfer = register.says(ItemTransferred, paris(13), to="autre")
    story.hears(register.facts, paris(13))
    register.takes_back(transfer, paris(13, 11))
    told = story.hears(register.facts, paris(13, 11))
    assert [(f.type, f.outcome) for f in told if f.clock is TRANSMISSION] == [
        ("ClockStopped", Outcome.WITHDRAWN)
    ]
    assert [(f.type, f.outcome) for f in told if f.clock is REPLY] == [("ClockCorrected", None)]
