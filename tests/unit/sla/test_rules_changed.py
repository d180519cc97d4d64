"""Rules 14 and 15: other rules, another category: the limit moves, in the open."""

from services.sla.domain.rules import Rulebook
from shared.calendar.territories import Closure
from shared.facts.clocks import Outcome
from shared.facts.items.routing import ItemReclassified
from shared.facts.vocabulary import ClockName, Nature
from tests.unit.sla.builders import (
    AGENT,
    BOOK,
    CHECKED,
    PROMISES,
    Register,
    Story,
    a_class,
    june,
    may,
    paris,
    promise_of,
    rules,
    types,
)

FOUR_DAYS = tuple(
    promise_of(ClockName.REPLY, "cinq", 4) if commitment.id == "reply-cinq-5" else commitment
    for commitment in PROMISES
)
TIGHTER = Rulebook((rules(), rules(2, paris(13), FOUR_DAYS)))
"""Four jours ouvrés from Wednesday 13 May on."""
BRIDGE = Rulebook((rules(), rules(2, paris(13), closures=[Closure(day=may(15), decided=CHECKED)])))
"""Friday 15 May is closed, as Wednesday 13 decides."""


def a_mail() -> Register:
    register = Register()
    register.registered(paris(11), agent=AGENT)
    return register


def test_a_running_clock_uses_the_last_applied_rules_and_says_why_its_limit_moved() -> None:
    register, story = a_mail(), Story(BOOK)
    story.hears(register.facts, paris(11))
    story.book = TIGHTER
    told = story.hears([], paris(13))
    assert types(told) == ["LimitMoved"]
    [moved] = [fact for fact in told if fact.clock == "reply"]
    assert (moved.before, moved.limit, moved.why, moved.rules) == (may(19), may(18), "rules", 2)


def test_a_day_closed_later_moves_a_running_limit() -> None:
    assert a_mail().clock(book=BRIDGE).limit == may(20)


def test_an_apply_never_changes_a_settled_outcome() -> None:
    register = a_mail()
    register.replied(paris(12))
    before, after = register.clock(book=BOOK), register.clock(book=TIGHTER)
    assert (after.limit, after.stop, after.rules) == (before.limit, before.stop, 1)


def test_a_stop_counts_with_the_rules_of_when_it_was_recorded() -> None:
    register = a_mail()
    register.replied(paris(12), recorded=paris(19))
    assert (register.clock(book=TIGHTER).limit, register.clock(book=TIGHTER).rules) == (may(18), 2)


def test_an_earlier_limit_by_new_rules_collapses_what_it_jumps_over() -> None:
    late = Rulebook((rules(), rules(2, paris(20, 10), FOUR_DAYS)))
    register, story = a_mail(), Story(BOOK)
    story.hears(register.facts, paris(11))
    story.lives_until(paris(20, 9))
    # +1 fell on 20 May before and falls on 19 May now: past under both, it is only waiting.
    story.book = late
    told = story.hears([], paris(20, 10))
    assert types(told) == ["LimitMoved"]
    assert register.rungs(book=late)["+1"] == may(20)


def test_a_complaint_is_the_same_clock_under_another_commitment() -> None:
    register, story = a_mail(), Story()
    story.hears(register.facts, paris(11))
    register.says(ItemReclassified, paris(13), classification=a_class(Nature.COMPLAINT))
    told = story.hears(register.facts, paris(13))
    assert types(told) == ["LimitMoved"]
    assert (told[-1].limit, told[-1].why) == (june(3), "ItemReclassified")
    assert register.clock().commitment == "reclamation"


def test_a_rung_no_longer_due_under_the_new_category_is_taken_back() -> None:
    register, story = a_mail(), Story()
    story.hears(register.facts, paris(11))
    story.lives_until(paris(18, 9))
    register.says(ItemReclassified, paris(18), classification=a_class(Nature.COMPLAINT))
    assert types(story.hears(register.facts, paris(18))) == ["LimitMoved", "RungWithdrawn"]


def test_out_of_the_perimeter_the_clock_should_not_have_started_and_back_in_it_starts_again() -> (
    None
):
    register, story = a_mail(), Story()
    story.hears(register.facts, paris(11))
    register.says(ItemReclassified, paris(12), classification=a_class(perimeter=False))
    told = [fact for fact in story.hears(register.facts, paris(12)) if fact.clock == "reply"]
    assert [(fact.type, fact.outcome) for fact in told] == [("ClockStopped", Outcome.WITHDRAWN)]
    register.says(ItemReclassified, paris(13), classification=a_class())
    assert types(story.hears(register.facts, paris(13))) == ["ClockStarted"]
