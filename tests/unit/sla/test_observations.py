"""Rule 10: a reply seen in a Sent folder hides the rungs; the clock runs on."""

from shared.facts.clocks import Outcome
from shared.facts.envelope import ArrivalId
from shared.facts.items.acknowledgements import HoldingReplySent
from shared.facts.items.replies import ReplyObserved
from shared.facts.items.routing import RegimeConfirmed
from shared.facts.vocabulary import ClockName, RegimeStart
from tests.unit.sla.builders import (
    AGENT,
    HOLDER,
    ITEM,
    THE_HEAD,
    Register,
    Story,
    june,
    may,
    paris,
    received,
    types,
)


def observed_on_monday_18() -> tuple[Register, Story]:
    """A mail due on 19 May whose −2 stands when a message to the sender is seen."""
    register, story = Register(), Story()
    register.registered(paris(11), agent=AGENT)
    story.hears(register.facts, paris(11))
    story.lives_until(paris(18, 9))
    assert story.stands() == {"-2"}
    register.says(ReplyObserved, paris(18), arrival_id=ArrivalId(ITEM), message=None)
    return register, story


def test_it_takes_back_what_stood_and_the_clock_runs_on() -> None:
    register, story = observed_on_monday_18()
    assert types(story.hears(register.facts, paris(18))) == ["RungWithdrawn"]
    assert register.clock().stop is None


def test_unconfirmed_it_asks_the_holder_after_two_days_and_the_head_after_four() -> None:
    register, _ = observed_on_monday_18()
    assert [(rung.name, rung.fell, rung.tell) for rung in register.clock().rungs] == [
        ("observed:2:+2", may(20), (HOLDER,)),
        ("observed:2:+4", may(22), (THE_HEAD,)),
    ]


def test_the_law_s_clocks_go_on() -> None:
    register, _ = observed_on_monday_18()
    register.says(
        RegimeConfirmed, paris(18), regime="demande", start=RegimeStart.FIRST_OFFICE,
        received=received(may(11)),
    )  # fmt: skip
    assert register.rungs(ClockName.ACKNOWLEDGEMENT) == {"-3": may(21), "+1": may(28)}


def test_confirmed_the_clock_stops_at_the_moment_of_the_message() -> None:
    register, story = observed_on_monday_18()
    story.hears(register.facts, paris(18))
    register.replied(paris(18, 9), paris(21), observation=register.facts[-1].event_id)
    told = [fact for fact in story.hears(register.facts, paris(21)) if fact.clock == "reply"]
    assert [fact.type for fact in told] == ["ClockStopped"]
    assert (told[0].outcome, told[0].raw) == (Outcome.KEPT, 4)


def test_taken_back_the_rungs_speak_again() -> None:
    register, story = observed_on_monday_18()
    story.hears(register.facts, paris(18))
    register.takes_back(register.facts[-1], paris(19))
    [reached] = [f for f in story.hears(register.facts, paris(19)) if f.clock == "reply"]
    assert (reached.rung, reached.telling) == ("-2", 2)


def test_named_by_a_holding_reply_it_ends_and_that_clock_speaks() -> None:
    register, _ = observed_on_monday_18()
    seen = register.facts[-1].event_id
    register.says(HoldingReplySent, paris(18), until=june(1), observation=seen)
    assert register.rungs() == {"-2": may(15)}
    assert register.rungs(ClockName.HOLDING)["-1"] == may(29)


def test_a_confirmation_that_is_taken_back_does_not_hide_the_rungs_again() -> None:
    register, _ = observed_on_monday_18()
    reply = register.replied(paris(18), observation=register.facts[-1].event_id)
    register.takes_back(reply, paris(19))
    assert register.rungs() == {"-2": may(15), "+1": may(20), "+3": may(22)}
