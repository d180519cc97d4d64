"""What is replayed of each item alone is what the whole replay finds, whatever the change."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings

from services.desk.domain.label_perimeter import LabelPerimeter
from services.ops.rehearsal.comparison import RuleComparison
from services.ops.rehearsal.difference import ChangedThing, RehearsedChange, differences
from services.ops.rehearsal.item_scope import ItemScope
from services.ops.rehearsal.reasons import RuleDifference
from services.ops.rehearsal.replay import ReplayRules, always, replay_item
from services.sla.domain.rules import ClockRules, Rulebook
from shared.facts.items import Items
from shared.facts.items.routing import ItemReclassified
from shared.facts.vocabulary import Channel, ClockName
from shared.site.tables.bundle import AppliedSite
from tests.rehearsal_builders import BOOK, MONDAY, NOW, RegisteredStory, applied, days, some_items
from tests.unit.ops.test_rehearsal_plants import PLANTS
from tests.unit.sla.builders import paris, rules
from tests.unit.sla.histories import lives
from tests.unit.sla.test_rules_changed import FOUR_DAYS

NOBODY = LabelPerimeter()
LATE = paris(25, month=7)
OTHER = rules(2, paris(13), FOUR_DAYS)
EIGHT_DAYS = PLANTS["a number of days"][0]
MOVED_LINES = [
    name for name in PLANTS if name.startswith(("a number", "a unit", "a line", "a rung"))
]


def _whole(facts: Sequence[Items], book: Rulebook, after: AppliedSite) -> list[RehearsedChange]:
    """What differs between two whole replays, as if each version had always been applied."""
    before = book.last.applied
    old, new = (replay_item(facts, always(version, NOBODY), NOW) for version in (before, after))
    today = NOW.astimezone(before.site.zone).date()
    found = differences(old, new, RuleDifference(before, after), today)
    return [replace(change, ahead=False) for change in found]


def _coming(facts: Sequence[Items], book: Rulebook, after: AppliedSite) -> set[tuple[str, ...]]:
    """The dates and reminders that differ between whole replays, as if it were applied now."""
    then = Rulebook((*book.versions, ClockRules(after)))
    old, new = (replay_item(facts, ReplayRules(each, NOBODY), NOW) for each in (book, then))
    today = NOW.astimezone(book.last.applied.site.zone).date()
    found = differences(old, new, RuleDifference(book.last.applied, after), today)
    return {
        (change.thing, change.subject, change.name, change.after or "")
        for change in found
        if change.thing in {"limit", "rung"}
    }


@pytest.mark.parametrize("name", MOVED_LINES)
def test_an_item_has_the_changes_of_its_whole_replay(name: str) -> None:
    after = applied(PLANTS[name][0], 2, since=NOW)
    past = RuleComparison(BOOK, after, NOBODY, ahead=False)
    ahead = RuleComparison(BOOK, after, NOBODY)
    differing = 0
    for facts in some_items().values():
        whole = _whole(facts, BOOK, after)
        assert list(past.compare(facts, NOW).changes) == whole
        said = {
            (change.thing, change.subject, change.name, change.after or "")
            for change in ahead.compare(facts, NOW).changes
            if change.ahead
        }
        assert _coming(facts, BOOK, after) <= said
        differing += bool(whole)
    assert differing


@settings(max_examples=40)
@given(lives())
def test_a_life_has_the_changes_of_its_whole_replay(facts: Sequence[Items]) -> None:
    book = Rulebook((rules(),))
    past = RuleComparison(book, OTHER.applied, NOBODY, ahead=False)
    before, after = (
        replay_item(facts, always(each, NOBODY), LATE) for each in (rules().applied, OTHER.applied)
    )
    why, today = RuleDifference(rules().applied, OTHER.applied), LATE.date()
    whole = [replace(change, ahead=False) for change in differences(before, after, why, today)]
    assert list(past.compare(facts, LATE).changes) == whole


def test_another_line_for_letters_moves_nothing_of_a_mail() -> None:
    scope = ItemScope(applied(), applied(EIGHT_DAYS, 2))
    assert scope.of(some_items()["mail open, late"]).nothing
    letter = scope.of(some_items()["letter open"])
    assert letter.clocks == {ClockName.REPLY, ClockName.HOLDING}


def test_what_an_item_was_before_it_was_sorted_again_counts_too() -> None:
    other = PLANTS["a line that is no more"][0]  # of complaints
    scope = ItemScope(applied(), applied(other, 2))
    story = RegisteredStory("sorted again", "accueil", MONDAY)
    opening = story.facts[0]
    assert scope.of(story.facts).nothing
    what = opening.classification.model_copy(update={"nature": "complaint"})  # type: ignore[union-attr]  # registered
    story.says(ItemReclassified, MONDAY + days(1), classification=what)
    assert ClockName.REPLY in scope.of(story.facts).clocks


def test_a_stop_recorded_under_the_proposed_rules_is_asked_anew() -> None:
    # Of Monday 11 May, answered on the 14th, under rules that came on the 13th: day 8 is the 22nd,
    # day 15 the 3rd of June (Ascension is the 14th, Whit Monday the 25th).
    letter = RegisteredStory("quick", "naturalisation", channel=Channel.LETTER)
    letter.replied(MONDAY + days(3))
    after = applied(EIGHT_DAYS, 2, since=MONDAY + days(2))
    found = [
        (change.subject, change.before, change.after)
        for change in RuleComparison(BOOK, after, NOBODY).compare(letter.facts, NOW).changes
        if change.ahead and change.thing is ChangedThing.LIMIT
    ]
    assert found == [("reply", "2026-06-03", "2026-05-22")]
