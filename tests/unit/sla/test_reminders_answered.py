"""Rule 8: a holder answers a reminder with a reason and a date; postponements never add up."""

from datetime import date

from shared.facts.items.acknowledgements import HoldingReplySent
from shared.facts.items.routing import ReminderAnswered
from shared.facts.vocabulary import ClockName
from tests.unit.sla.builders import AGENT, OTHER, Register, june, may, paris


def answered(until: date, clock: ClockName = ClockName.REPLY) -> Register:
    """A mail due on 19 May, answered on Monday 18."""
    register = Register()
    register.registered(paris(11), agent=AGENT)
    register.says(ReminderAnswered, paris(18), clock=clock, reason="absence", until=until)
    return register


def test_the_next_rung_above_waits_until_the_jour_ouvre_after_its_date_and_carries_it() -> None:
    register = answered(may(21))
    assert register.rungs() == {"-2": may(15), "+1": may(22), "+3": may(27)}
    carried = {rung.name: rung.answered for rung in register.clock().rungs}
    assert carried["+1"]
    assert (carried["+1"].reason, carried["+1"].until) == ("absence", may(21))
    assert carried["-2"] is carried["+3"] is None


def test_it_puts_off_by_five_days_at_most() -> None:
    rungs = answered(june(3)).rungs()
    assert (rungs["+1"], rungs["+3"]) == (may(28), june(1))


def test_a_date_beyond_ten_jours_ouvres_after_the_limit_is_refused() -> None:
    assert answered(june(4)).rungs() == {"-2": may(15), "+1": may(20), "+3": may(22)}


def test_only_the_first_answer_postpones() -> None:
    register = answered(may(21))
    register.says(
        ReminderAnswered, paris(21), clock=ClockName.REPLY, reason="absence", until=may(28)
    )
    assert register.rungs()["+1"] == may(22)


def test_with_transfers_the_larger_counts_and_never_the_sum() -> None:
    register = answered(may(21))
    register.assigned(paris(19), OTHER)
    assert (register.rungs()["+1"], register.rungs()["+3"]) == (may(22), may(27))
    shorter = answered(may(20))
    shorter.assigned(paris(20, 5), OTHER)
    assert (shorter.rungs()["+1"], shorter.rungs()["+3"]) == (may(22), may(27))


def test_it_does_not_carry_over_to_the_holding_clock() -> None:
    register = answered(may(21))
    register.says(HoldingReplySent, paris(19), until=june(1))
    assert register.rungs(ClockName.HOLDING) == {"-1": may(29), "+1": june(2), "+3": june(4)}
