"""The edges of the rules: moments on the dot, names of what is told, states that look alike."""

from datetime import timedelta
from typing import Any

import pytest

from services.sla.domain.announce import SKEW
from services.sla.domain.history import ItemHistory
from services.sla.domain.holders import tenures
from services.sla.domain.plan import plan
from services.sla.domain.rules import Rulebook
from shared.facts.clocks import ClockPaused, ClockResumed, Outcome, RungReached
from shared.facts.envelope import Chrono
from shared.facts.ids import event_id
from shared.facts.items.acknowledgements import HoldingReplySent, ReceiptSent
from shared.facts.items.corrections import ItemMergedInto, ReceiptCorrected
from shared.facts.items.pieces import PiecesReceived, PiecesRequested
from shared.facts.items.routing import (
    RegimeConfirmed,
    ReplyInSignature,
    SignatureReturned,
    WaitEnded,
    WaitStarted,
)
from shared.facts.vocabulary import Channel, ClockName, RegimeStart, Waiting, Way
from tests.unit.sla.builders import (
    AGENT,
    BCL,
    BOOK,
    DIRECTOR,
    HEAD,
    ITEM,
    PROMISES,
    Register,
    Story,
    june,
    may,
    paris,
    promise_of,
    received,
    rules,
    types,
)

REPLY, IMPLIED = ClockName.REPLY, ClockName.IMPLIED_DECISION


def a_mail(**more: object) -> Register:
    """Of Monday 11 May: −2 on 15, limit 19, +1 on 20, +3 on 22 May."""
    register = Register()
    register.registered(paris(11), **{"agent": AGENT, **more})  # type: ignore[arg-type]  # unpacked, each of its own type
    return register


def rungs_of_the_reply(told: list[Any]) -> list[RungReached]:
    return [fact for fact in told if isinstance(fact, RungReached) and fact.clock is REPLY]


def test_the_event_of_a_rung_is_named_by_its_rung_and_telling_whatever_was_told_before() -> None:
    quiet, busy = Story(), Story()
    quiet.hears(a_mail().facts, paris(11))
    register = a_mail()
    busy.hears(register.facts, paris(11))
    asked = register.says(PiecesRequested, paris(11, 11), until=may(12))
    register.takes_back(asked, paris(11, 12))
    for fact in register.facts[1:]:
        busy.hears([fact], fact.recorded_at)
    named = event_id(ITEM, REPLY, "RungReached", "-2", 1)
    for story in (quiet, busy):
        story.lives_until(paris(15, 9))
        [minus_two] = rungs_of_the_reply(story.told)
        assert minus_two.event_id == named
    assert quiet.told[-1].revision != busy.told[-1].revision


def test_only_the_reply_and_a_suspended_decision_are_ever_paused() -> None:
    register = a_mail()
    register.says(
        RegimeConfirmed, paris(11, 11), regime="demande", start=RegimeStart.FIRST_OFFICE,
        received=received(may(11)),
    )  # fmt: skip
    register.says(PiecesRequested, paris(12), until=may(22))
    paused = {clock.clock for clock in register.plan().clocks if clock.pauses}
    assert paused == {REPLY, IMPLIED}
    assert {clock.clock for clock in register.plan().clocks} > paused


def test_a_pause_is_told_once_however_often_the_item_is_looked_at() -> None:
    register, story = a_mail(), Story()
    register.says(PiecesRequested, paris(12), until=may(15))
    story.hears(register.facts, paris(12))
    for hour in (13, 14, 15):
        story.ticks(paris(12, hour))
    story.lives_until(paris(18))
    kinds = [type(fact) for fact in story.told if isinstance(fact, ClockPaused | ClockResumed)]
    assert kinds == [ClockPaused, ClockResumed]


def test_in_signature_the_item_is_with_the_signatory_as_such_and_not_as_holder() -> None:
    register = a_mail()
    register.says(ReplyInSignature, paris(12), signatory=HEAD)
    register.says(SignatureReturned, paris(13))
    register.assigned(paris(13, 11), HEAD)
    turns = tenures(ItemHistory(register.facts), BOOK.last)
    assert [(turn.holder.person, turn.holder.signing) for turn in turns] == [
        (AGENT, False), (HEAD, True), (AGENT, False), (HEAD, False),
    ]  # fmt: skip


def test_nobody_is_above_a_director_and_only_the_director_above_a_head() -> None:
    gates = {
        holder: {rung.name: rung.gate is not None for rung in a_mail(agent=holder).clock().rungs}
        for holder in (AGENT, HEAD, DIRECTOR)
    }
    assert gates == {
        AGENT: {"-2": False, "+1": True, "+3": True},
        HEAD: {"-2": False, "+1": False, "+3": True},
        DIRECTOR: {"-2": False, "+1": False, "+3": False},
    }


@pytest.mark.parametrize(
    ("ahead", "told"), [(SKEW, 1), (SKEW + timedelta(seconds=1), 0)], ids=["a minute", "more"]
)
def test_a_fact_may_be_a_minute_ahead_of_our_clock_and_no_more(ahead: timedelta, told: int) -> None:
    """The rung of 15 May, 06:00, is due by the register's clock, not yet by ours."""
    assert timedelta(minutes=1) == SKEW
    register, story = a_mail(), Story()
    story.hears(register.facts, paris(11))
    register.says(ReplyInSignature, paris(15, 6), signatory=HEAD)
    said = story.hears(register.facts[1:], paris(15, 6) - ahead)
    assert len(rungs_of_the_reply(said)) == told


@pytest.mark.parametrize(
    ("by", "timed"),
    [("person:c.lerk", True), ("application:3f2a9c51e07b", True), ("service:desk", False)],
)
def test_what_somebody_or_a_program_puts_there_is_timed(by: str, *, timed: bool) -> None:
    register = a_mail()
    register.says(WaitStarted, paris(12), waiting=Waiting.TO_TRANSMIT, service=BCL, by=by)
    assert register.has(ClockName.TRANSMISSION) is timed


def test_what_leaves_the_list_to_transmit_is_no_longer_timed_for_it() -> None:
    register = a_mail()
    register.says(WaitStarted, paris(12), waiting=Waiting.TO_TRANSMIT, service=BCL)
    assert register.has(ClockName.TRANSMISSION)
    register.says(WaitEnded, paris(13), waiting=Waiting.TO_TRANSMIT)
    assert not register.has(ClockName.TRANSMISSION)


@pytest.mark.parametrize(
    ("minute", "fell"), [(-1, may(19)), (0, may(15)), (1, may(15))], ids=["before", "on", "after"]
)
def test_pieces_asked_on_the_dot_of_a_rung_do_not_move_it(minute: int, fell: object) -> None:
    register = a_mail()
    at = paris(15, 6) + timedelta(minutes=minute)
    register.says(PiecesRequested, at, until=may(19))  # 18 and 19: two
    assert register.rungs()["-2"] == fell


def test_a_reply_on_the_dot_of_a_rung_finds_it_standing_and_takes_nothing_back() -> None:
    register, story = a_mail(), Story()
    story.hears(register.facts, paris(11))
    story.lives_until(paris(15, 7))
    register.replied(paris(15, 6), paris(15, 8))
    told = story.hears(register.facts[1:], paris(15, 8))
    assert types(told) == ["ClockStopped"]


def test_an_assignment_that_changes_the_promise_is_what_moved_its_limit() -> None:
    of_service = promise_of(REPLY, "cinq", 3, services=(BCL,), channels=(Channel.EMAIL,), id="bcl")
    book = Rulebook((rules(promises=(*PROMISES, of_service)),))
    register = a_mail()
    register.assigned(paris(12), service=BCL)
    clock = register.clock(book=book)
    assert (clock.commitment, clock.limit, clock.limit_by) == ("bcl", may(15), "ItemAssigned")


def test_an_item_of_which_nothing_is_known_is_not_done_with() -> None:
    assert plan([], BOOK).done is False
    register = a_mail()
    register.replied(paris(12))
    assert register.plan().done is True


def test_the_last_confirmed_regime_decides_from_when_rules_are_looked_at() -> None:
    """Confirmed under version 1, anew under version 2: a decision is born by what is in effect."""
    book = Rulebook((rules(), rules(2, paris(18))))
    register = a_mail()
    for day in (12, 20):
        register.says(
            RegimeConfirmed, paris(day), regime="demande", start=RegimeStart.FIRST_OFFICE,
            received=received(may(11)),
        )  # fmt: skip
    clock = register.clock(IMPLIED, book)
    assert clock.rules == 2
    assert clock.stop
    assert (clock.stop.outcome, clock.stop.at) == (Outcome.BORN, paris(12, 0, month=7))


def registered_on_12_june() -> Register:
    """Received on 14 May: its line is put on 15 June, +1 on 16, +3 on 18."""
    register = Register()
    register.registered(paris(12, month=6), may(14), agent=AGENT)
    return register


def test_pieces_asked_before_a_line_was_told_and_known_after_it_move_it_all_the_same() -> None:
    register = registered_on_12_june()
    register.says(PiecesRequested, paris(12, 12, month=6), paris(15, 12, month=6), until=june(19))
    assert register.rungs() == {"-2": june(22), "+1": june(23), "+3": june(25)}


def test_pieces_known_late_to_have_come_early_tell_the_line_next_morning_again() -> None:
    """Waited until 30 June as far as known; on 25 June they turn out to have come on 12 June."""
    register = registered_on_12_june()
    register.says(PiecesRequested, paris(12, 12, month=6), until=june(30))
    register.says(PiecesReceived, paris(12, 15, month=6), paris(25, month=6))
    assert register.rungs() == {"-2": june(26), "+1": june(29), "+3": paris(1, month=7).date()}


def test_a_corrected_limit_in_the_past_twice_leaves_the_line_where_it_was_put() -> None:
    register = registered_on_12_june()
    register.says(
        ReceiptCorrected, paris(15, 12, month=6), receipt=received(may(15)), reason="tampon"
    )
    assert register.rungs()["-2"] == june(15)


def test_a_holding_reply_on_the_dot_of_a_rung_ends_the_ladder_before_it() -> None:
    register = a_mail()
    register.says(HoldingReplySent, paris(20, 6), until=june(1))
    assert set(register.rungs()) == {"-2"}


def test_nobody_hears_of_a_decision_that_is_born_before_its_old_rungs_are_told() -> None:
    """Confirmed on Friday 10 July for Saturday 11: the line would come on Monday, after it."""
    register = a_mail()
    register.says(
        RegimeConfirmed, paris(10, month=7), regime="demande", start=RegimeStart.FIRST_OFFICE,
        received=received(may(11)),
    )  # fmt: skip
    assert register.clock(IMPLIED).stop
    assert register.rungs(IMPLIED) == {}


def test_the_delay_of_a_receipt_is_counted_in_jours_ouvres() -> None:
    register = a_mail()
    register.says(ReceiptSent, paris(15), notice_id=None, way=Way.MAIL)
    stop = register.clock(ClockName.RECEIPT).stop
    assert stop
    assert (stop.outcome, stop.raw, stop.net) == (Outcome.LATE, 3, 3)


@pytest.mark.parametrize(
    ("minute", "outcome"), [(-1, Outcome.MERGED), (0, Outcome.BORN)], ids=["before", "on the dot"]
)
def test_a_merge_takes_a_decision_only_before_its_birth(minute: int, outcome: Outcome) -> None:
    register = a_mail()
    register.says(
        RegimeConfirmed, paris(12), regime="demande", start=RegimeStart.FIRST_OFFICE,
        received=received(may(11)),
    )  # fmt: skip
    register.says(
        ItemMergedInto, paris(12, 0, month=7) + timedelta(minutes=minute), survivor=ITEM,
        survivor_chrono=Chrono("36-2026-A-000003"),
    )  # fmt: skip
    stop = register.clock(IMPLIED).stop
    assert stop
    assert stop.outcome is outcome
