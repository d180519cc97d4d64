"""Laws of a rehearsal: identity, any order of facts, and what is said is what would be planned."""

from collections.abc import Sequence
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from services.desk.domain.label_perimeter import LabelPerimeter
from services.ops.rehearsal.comparison import RuleComparison
from services.ops.rehearsal.difference import ChangedThing
from services.ops.rehearsal.outcome import OUTCOMES
from services.ops.rehearsal.replay import Replay, always, replay_item
from services.ops.rehearsal.rule_scope import moved_rules
from services.ops.rehearsal.tally import RehearsalTally
from services.sla.domain.plan import Plan, plan
from services.sla.domain.rules import ClockRules, Rulebook
from shared.facts.items import Items
from tests.rehearsal_builders import NOW, applied, compared, some_items
from tests.unit.ops.test_rehearsal_plants import PLANTS
from tests.unit.sla.builders import paris, rules
from tests.unit.sla.histories import lives
from tests.unit.sla.test_rules_changed import FOUR_DAYS

LATE = paris(25, month=7)
SAME = rules(2, paris(13))
OTHER = rules(2, paris(13), FOUR_DAYS)
NOBODY = LabelPerimeter()


def _limits(made: Plan) -> dict[str, str]:
    return {clock.clock.value: clock.limit.isoformat() for clock in made.clocks}


@settings(max_examples=30)
@given(lives(), st.randoms(use_true_random=False))
def test_the_same_rules_change_nothing_whatever_happened(
    facts: Sequence[Items], chance: Random
) -> None:
    comparison = RuleComparison(Rulebook((rules(),)), SAME.applied, NOBODY)
    mixed = list(facts)
    chance.shuffle(mixed)
    assert comparison.compare(mixed, LATE).changes == []


@settings(max_examples=30)
@given(lives(), st.randoms(use_true_random=False))
def test_the_order_in_which_facts_are_read_does_not_matter(
    facts: Sequence[Items], chance: Random
) -> None:
    comparison = RuleComparison(Rulebook((rules(),)), OTHER.applied, NOBODY)
    mixed = list(facts)
    chance.shuffle(mixed)
    assert comparison.compare(mixed, LATE) == comparison.compare(facts, LATE)


@settings(max_examples=30)
@given(lives())
def test_what_is_said_to_come_is_what_would_be_planned(facts: Sequence[Items]) -> None:
    book = Rulebook((rules(),))
    found = RuleComparison(book, OTHER.applied, NOBODY).compare(facts, LATE)
    coming = {
        change.subject: change.after
        for change in found.changes
        if change.thing is ChangedThing.LIMIT and change.ahead
    }
    before = _limits(plan(facts, book))
    after = _limits(plan(facts, Rulebook((*book.versions, ClockRules(OTHER.applied)))))
    moved = {
        clock: after.get(clock) for clock in before | after if before.get(clock) != after.get(clock)
    }
    assert {clock: limit for clock, limit in coming.items() if clock in moved} == moved
    assert set(coming) <= set(before) | set(after)


def test_what_two_versions_have_alike_is_replayed_once_and_is_the_same() -> None:
    before = applied()
    items = some_items()
    for name, (site, item, *_) in PLANTS.items():
        after = applied(site, 2)
        for facts in (items[item], items["silence"]):
            replay, whole = Replay(facts, NOW), replay_item(facts, always(after, NOBODY), NOW)
            like = replay.under(always(before, NOBODY))
            shared = replay.under(always(after, NOBODY), like, moved_rules(before, after))
            assert shared == whole, name


def test_an_outcome_travels_as_json() -> None:
    for facts in some_items().values():
        one = replay_item(facts, always(applied(), NOBODY), NOW)
        assert one is not None
        assert OUTCOMES.validate_json(OUTCOMES.dump_json(one)) == one


def test_rates_are_counted_under_both_with_their_intervals() -> None:
    tally = RehearsalTally(NOW.date())
    for name in some_items():
        one = compared(PLANTS["a number of days"][0], name)
        tally.items += 1
        tally.count(one.before, one.after)
        tally.add(one.changes)
    said = tally.summary()
    # Kept: the letter and the mail that were answered; late: the mail of the 11th, and of the 7th.
    assert (said.before["reply"].kept, said.before["reply"].due) == (2, 4)
    # With eight days instead of fifteen the letter is late, and the open one past its limit.
    assert (said.after["reply"].kept, said.after["reply"].due) == (1, 5)
    low, high = said.after["reply"].interval
    assert (round(low, 3), round(high, 3)) == (0.036, 0.624)
    assert (said.items, said.differing) == (13, 2)
    assert said.persons > 0
    assert said.hearers["holder"].after > 0
