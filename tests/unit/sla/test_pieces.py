"""Rule 13: waiting for pieces moves no reply limit; it moves the ladder and the net delay."""

from datetime import date

from shared.facts.clocks import Outcome
from shared.facts.items.corrections import ReceiptCorrected
from shared.facts.items.pieces import PiecesReceived, PiecesRequested
from shared.facts.items.routing import ReminderAnswered
from shared.facts.vocabulary import ClockName
from tests.unit.sla.builders import AGENT, OTHER, Register, Story, june, may, paris, received

PIECES = ClockName.PIECES


def asked_on_tuesday_12(until: date) -> Register:
    register = Register()
    register.registered(paris(11), agent=AGENT)
    register.says(PiecesRequested, paris(12), until=until)
    return register


def test_the_limit_stays_and_the_rungs_move_by_the_jours_ouvres_waited() -> None:
    register = asked_on_tuesday_12(may(22))  # 13, 15, 18, 19, 20, 21, 22: seven
    assert register.clock().limit == may(19)
    assert register.rungs() == {"-2": may(27), "+1": june(1), "+3": june(3)}


def test_a_reception_ends_the_wait_and_every_open_request() -> None:
    register = asked_on_tuesday_12(may(22))
    register.says(PiecesRequested, paris(13), until=may(29))
    register.says(PiecesReceived, paris(18))  # 13, 15, 18: three
    assert register.rungs() == {"-2": may(20), "+1": may(26), "+3": may(28)}


def test_the_net_delay_deducts_the_union_of_the_waits() -> None:
    register = asked_on_tuesday_12(may(22))
    register.says(PiecesRequested, paris(13), until=may(29))
    register.says(PiecesReceived, paris(18))
    register.replied(paris(21))
    stop = register.clock().stop
    assert stop
    assert (stop.outcome, stop.raw, stop.net) == (Outcome.LATE, 7, 4)


def test_a_reply_while_waiting_deducts_only_until_it() -> None:
    register = asked_on_tuesday_12(may(29))
    register.replied(paris(18))
    stop = register.clock().stop
    assert stop
    assert (stop.raw, stop.net) == (4, 1)


def test_its_own_rung_falls_on_the_first_jour_ouvre_not_before_its_date_and_stays() -> None:
    register, story = asked_on_tuesday_12(may(16)), Story()
    assert register.rungs(PIECES) == {"+0": may(18)}
    story.hears(register.facts, paris(12))
    story.lives_until(paris(29))
    assert story.stands(PIECES) == {"+0"}
    register.says(PiecesReceived, paris(29))
    told = story.hears(register.facts, paris(29))
    assert [fact.outcome for fact in told if fact.clock is PIECES] == [Outcome.LATE]


def test_expiry_ends_only_the_pause() -> None:
    register, story = asked_on_tuesday_12(may(15)), Story()
    told = story.hears(register.facts, paris(12))
    [paused] = [fact for fact in told if fact.type == "ClockPaused"]
    assert (paused.since, paused.until) == (may(12), may(15))
    [resumed] = [fact for fact in story.lives_until(paris(16, 0)) if fact.type == "ClockResumed"]
    assert (resumed.since, resumed.recorded_at) == (may(15), paris(16, 0))
    assert register.clock(PIECES).stop is None


def test_a_new_request_after_the_reception_opens_the_clock_again() -> None:
    register = asked_on_tuesday_12(may(15))
    register.says(PiecesReceived, paris(13))
    assert register.clock(PIECES).stop
    register.says(PiecesRequested, paris(18), until=may(22))
    assert (register.clock(PIECES).limit, register.clock(PIECES).stop) == (may(22), None)


def test_a_pause_that_expires_wakes_the_item() -> None:
    register, story = asked_on_tuesday_12(may(16)), Story()
    story.hears(register.facts, paris(12))
    story.lives_until(paris(16, 12))
    assert story.item.wake_at == paris(17, 0)


def july(day: int) -> date:
    return date(2026, 7, day)


def registered_late_then_asked(until: date) -> Register:
    """Received on 14 May (limit 21 May), registered on Friday 12 June."""
    register = Register()
    register.registered(paris(12, month=6), may(14), agent=AGENT)
    assert register.rungs() == {"-2": june(15), "+1": june(16), "+3": june(18)}
    register.says(PiecesRequested, paris(12, 12, month=6), until=until)
    return register


def test_rungs_that_an_old_receipt_put_off_wait_for_the_pieces_too() -> None:
    register = registered_late_then_asked(june(30))  # 15 to 30 June: twelve
    assert register.rungs() == {"-2": july(1), "+1": july(2), "+3": july(6)}


def test_while_the_citizen_has_time_nobody_hears_of_an_item_registered_late() -> None:
    register, story = registered_late_then_asked(june(30)), Story()
    story.hears(register.facts, paris(12, 12, month=6))
    story.lives_until(paris(30, 23, month=6))
    assert story.stands() == set()
    story.lives_until(paris(1, 6, month=7))
    assert story.stands() == {"-2"}


def test_pieces_that_come_earlier_bring_the_rungs_put_off_back_with_their_spacing() -> None:
    register = registered_late_then_asked(june(30))
    register.says(PiecesReceived, paris(17, month=6))  # 15, 16, 17: three
    assert register.rungs() == {"-2": june(18), "+1": june(19), "+3": june(23)}


def test_pieces_asked_once_the_line_was_told_move_only_what_is_ahead() -> None:
    register = Register()
    register.registered(paris(12, month=6), may(14), agent=AGENT)
    register.says(PiecesRequested, paris(15, month=6), until=june(19))  # 16 to 19: four
    assert register.rungs() == {"-2": june(15), "+1": june(22), "+3": june(24)}


def test_a_rung_that_an_answer_put_off_waits_for_the_pieces_and_keeps_its_spacing() -> None:
    register = Register()
    register.registered(paris(11), agent=AGENT)
    register.says(
        ReminderAnswered, paris(18), clock=ClockName.REPLY, reason="absence", until=may(26)
    )
    assert register.rungs() == {"-2": may(15), "+1": may(27), "+3": may(29)}
    register.says(PiecesRequested, paris(21), until=june(12))  # fifteen
    assert register.rungs() == {"-2": may(15), "+1": june(17), "+3": june(19)}


def test_a_rung_that_a_transfer_put_off_waits_for_the_pieces_and_keeps_its_spacing() -> None:
    register = Register()
    register.registered(paris(11), agent=AGENT)
    register.assigned(paris(19), OTHER)
    assert register.rungs() == {
        "-2": may(15), "+1": may(21), "+3": may(26), "given:2": may(20),
    }  # fmt: skip
    register.says(PiecesRequested, paris(20, 12), until=may(22))  # 21, 22: two
    assert register.rungs() == {
        "-2": may(15), "+1": may(26), "+3": may(28), "given:2": may(20),
    }  # fmt: skip


def test_pieces_asked_after_a_rung_put_off_was_told_leave_it_where_it_fell() -> None:
    register = Register()
    register.registered(paris(11), agent=AGENT)
    register.assigned(paris(19), OTHER)
    register.says(PiecesRequested, paris(21), until=may(22))  # 22: one
    rungs = register.rungs()
    assert (rungs["+1"], rungs["+3"]) == (may(21), may(27))


def test_a_wait_under_way_when_an_old_date_is_set_holds_what_it_puts_off() -> None:
    """Rung -2 of the corrected limit is past before the wait: its line comes when the wait ends."""
    register = Register()
    register.registered(paris(18), agent=AGENT)
    register.says(PiecesRequested, paris(19), until=may(29))
    register.says(ReceiptCorrected, paris(20), receipt=received(may(4)), reason="tampon")
    # Limit 12 May: -2 on 7, +1 on 13, +3 on 18 were past; after 20 May six jours ouvrés are waited.
    assert register.rungs() == {"-2": june(1), "+1": june(2), "+3": june(4)}
