"""Rule 13: waiting for pieces moves no reply limit; it moves the ladder and the net delay."""

from datetime import date

from shared.facts.clocks import Outcome
from shared.facts.handled import PiecesReceived, PiecesRequested
from shared.facts.words import ClockName
from tests.unit.sla.builders import AGENT, Register, Story, june, may, paris

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
