"""What other days worked can't move is replayed once, and no change is missed for it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings

from services.desk.domain.label_perimeter import LabelPerimeter
from services.ops.rehearsal.comparison import RuleComparison
from services.ops.rehearsal.difference import RehearsedChange, differences
from services.ops.rehearsal.reasons import RuleDifference
from services.ops.rehearsal.replay import ReplayRules, always, replay_item
from services.ops.rehearsal.rule_scope import until_the_eve
from services.sla.domain.rules import ClockRules, Rulebook
from shared.calendar.working_days import DayOff
from shared.facts.items import Items
from shared.facts.vocabulary import Channel
from shared.site.tables.bundle import AppliedSite
from tests.rehearsal_builders import INDRE, NOW, RULES, RegisteredStory, applied, days, some_items
from tests.unit.ops.test_rehearsal_plants import PLANTS
from tests.unit.sla.builders import paris, rules
from tests.unit.sla.histories import lives

NOBODY = LabelPerimeter()
LATE = paris(25, month=7)


def closed(before: AppliedSite, *when: date, since: datetime = NOW) -> AppliedSite:
    """The same rules with these days off, applied then."""
    off = {row.day: row for row in before.days.off}
    off |= {day: DayOff(day=day, why="pont") for day in when}
    calendar = before.days.model_copy(update={"off": tuple(off[day] for day in sorted(off))})
    update = {"days": calendar, "version": before.version + 1, "effective_from": since}
    return before.model_copy(update=update)


def _whole(
    facts: Sequence[Items], book: Rulebook, after: AppliedSite, now: datetime
) -> tuple[list[RehearsedChange], bool]:
    """What differs between whole replays of the past, and whether anything of the rest does."""
    before = book.last.applied
    then = Rulebook((*book.versions, ClockRules(after)))
    past = [replay_item(facts, always(version, NOBODY), now) for version in (before, after)]
    rest = [replay_item(facts, ReplayRules(each, NOBODY), now) for each in (book, then)]
    why, today = RuleDifference(before, after), now.astimezone(before.site.zone).date()
    found = [replace(change, ahead=False) for change in differences(past[0], past[1], why, today)]
    return found, rest[0] != rest[1]


def _holds(facts: Sequence[Items], book: Rulebook, after: AppliedSite, now: datetime) -> bool:
    """Asserts that a comparison finds what the whole replays do; whether it replayed once."""
    whole, otherwise = _whole(facts, book, after, now)
    past = RuleComparison(book, after, NOBODY, ahead=False).compare(facts, now)
    both = RuleComparison(book, after, NOBODY).compare(facts, now)
    assert list(past.changes) == whole
    once = both.before is both.after
    assert not (once and (whole or otherwise or both.changes))
    return once


@pytest.mark.parametrize("day", [date(2026, 5, 4) + timedelta(n) for n in range(0, 45, 2)], ids=str)
def test_a_day_closed_changes_what_the_whole_replay_says(day: date) -> None:
    one = Rulebook((ClockRules(RULES),))
    two = Rulebook((ClockRules(RULES), ClockRules(applied(INDRE, 2, since=NOW - days(6)))))
    for book in (one, two):
        after = closed(book.last.applied, day)
        for facts in some_items().values():
            _holds(facts, book, after, NOW)


@settings(max_examples=40)
@given(lives())
def test_a_life_has_the_changes_of_its_whole_replay(facts: Sequence[Items]) -> None:
    for day in (date(2026, 3, 18), date(2026, 4, 8), date(2026, 6, 2)):
        _holds(facts, Rulebook((rules(),)), closed(rules().applied, day, since=LATE), LATE)


def test_a_letter_that_was_over_before_is_replayed_once() -> None:
    # Of Wednesday 1 April, answered on the 8th: day 15 is the 23rd (Easter Monday is the 6th), the
    # last reminder would fall on the 28th.
    letter = RegisteredStory(
        "over", "naturalisation", paris(1, month=4), channel=Channel.LETTER
    ).replied(paris(8, month=4))
    book = Rulebook((ClockRules(RULES),))
    assert _holds(letter.facts, book, closed(RULES, date(2026, 4, 29)), NOW)
    assert not _holds(letter.facts, book, closed(RULES, date(2026, 4, 28)), NOW)


def test_a_proposal_with_more_than_other_days_is_replayed_whole() -> None:
    other = applied(PLANTS["a number of days"][0], 2)
    assert until_the_eve(RULES, closed(other, date(2026, 6, 1))) is None
    assert until_the_eve(RULES, applied(INDRE, 2)) is None
    eve = until_the_eve(RULES, closed(RULES, date(2026, 6, 1)))
    assert eve is not None
    assert eve.days.last == date(2026, 5, 31)
