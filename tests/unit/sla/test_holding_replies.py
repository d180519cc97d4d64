"""Rules 2 and 3: a holding reply ends the reply ladder, and its own clock speaks."""

from shared.facts.clocks import Outcome
from shared.facts.items.acknowledgements import HoldingReplySent
from shared.facts.vocabulary import ClockName
from tests.unit.sla.builders import AGENT, Register, june, may, paris

HOLDING = ClockName.HOLDING


def held_on_monday_18_until_1_june() -> Register:
    register = Register()
    register.registered(paris(11), agent=AGENT)
    register.says(HoldingReplySent, paris(18), until=june(1))
    return register


def test_rungs_dated_before_it_stand_and_later_ones_are_never_due() -> None:
    register = held_on_monday_18_until_1_june()
    assert register.rungs() == {"-2": may(15)}
    assert register.clock().limit == may(19)


def test_the_holding_clock_warns_the_day_before_and_climbs_after() -> None:
    register = held_on_monday_18_until_1_june()
    assert register.clock(HOLDING).limit == june(1)
    assert register.rungs(HOLDING) == {"-1": may(29), "+1": june(2), "+3": june(4)}


def test_it_never_ends_the_raw_figure() -> None:
    register = held_on_monday_18_until_1_june()
    register.replied(paris(1, month=6))
    reply, holding = register.clock().stop, register.clock(HOLDING).stop
    assert reply
    assert holding
    # 12, 13, 15, 18, 19, 20, 21, 22, 26, 27, 28, 29 May and 1 June.
    assert (reply.outcome, reply.raw) == (Outcome.LATE, 13)
    assert (holding.outcome, holding.raw) == (Outcome.KEPT, None)


def test_a_date_not_after_the_limit_is_refused() -> None:
    register = Register()
    register.registered(paris(11), agent=AGENT)
    register.says(HoldingReplySent, paris(18), until=may(19))
    assert not register.has(HOLDING)
    assert register.rungs() == {"-2": may(15), "+1": may(20), "+3": may(22)}


def test_a_second_one_moves_the_limit_but_its_rungs_keep_the_first_date() -> None:
    register = held_on_monday_18_until_1_june()
    register.says(HoldingReplySent, paris(29), until=june(10))
    assert register.clock(HOLDING).limit == june(10)
    assert register.rungs(HOLDING) == {"-1": may(29), "+1": june(2), "+3": june(4)}


def test_taken_back_the_reply_ladder_speaks_again() -> None:
    register = held_on_monday_18_until_1_june()
    register.takes_back(register.facts[-1], paris(18, 11))
    assert register.rungs() == {"-2": may(15), "+1": may(20), "+3": may(22)}
    assert not register.has(HOLDING)
