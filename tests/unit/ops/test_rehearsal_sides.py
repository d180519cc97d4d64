"""The other sides of a rehearsal: a release over a pipe, history mail, letters asked again."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.desk.domain.label_perimeter import LabelPerimeter
from services.ops.rehearsal.child import PROTOCOL, DeclaredMove, answers
from services.ops.rehearsal.comparison import RuleComparison
from services.ops.rehearsal.content import ContentRouting
from services.ops.rehearsal.difference import differences
from services.ops.rehearsal.history_mail import days_of_month, stories
from services.ops.rehearsal.outcome import OUTCOMES
from services.ops.rehearsal.reasons import CauseCode, RuleDifference
from services.ops.rehearsal.replay import ReplayRules, replay_item
from services.sla.domain.commitments import limit_of
from shared.facts.items.registration import ItemRegistered
from shared.facts.items.replies import ReplySent
from shared.facts.vocabulary import ClockName
from shared.site.tables.routing import RoutingOutcome
from tests.desk_builders import a_reply_seen, an_arrival, digest
from tests.rehearsal_builders import (
    BOOK,
    INDRE,
    NOW,
    RULES,
    RegisteredStory,
    applied,
    some_items,
)

NOBODY = LabelPerimeter()


def _asked() -> Iterator[str]:
    """What the parent says: the rules, then a page of the facts of every item."""
    rules = [version.applied.model_dump(mode="json") for version in BOOK.versions]
    yield json.dumps(
        {"protocol": PROTOCOL, "versions": rules, "perimeter": [], "now": NOW.isoformat()}
    )
    page = [[fact.model_dump_json() for fact in facts] for facts in some_items().values()]
    yield json.dumps([*page, ["{}"]])


def _differing() -> dict[str, set[tuple[str, str]]]:
    """By item, what the release that answers here sees otherwise than the one that was."""
    hello, page = (json.loads(said) for said in answers(_asked()))
    assert set(hello) == {"protocol", "release", "moved"}
    *outcomes, unreadable = page
    assert unreadable == {"failed": "ValidationError"}
    why = RuleDifference(RULES, RULES, hello["release"])
    found = {}
    for (name, _), answer in zip(some_items().items(), outcomes, strict=True):
        other = None if answer is None else OUTCOMES.validate_python(answer)
        changes = differences(BEFORE[name], other, why, NOW.date())
        assert {change.cause.code for change in changes} <= {CauseCode.PROGRAM}
        found[name] = {(change.thing.value, change.subject) for change in changes}
    return found


BEFORE = {
    name: replay_item(facts, ReplayRules(BOOK, NOBODY), NOW) for name, facts in some_items().items()
}


def test_an_unchanged_release_sees_what_this_one_sees() -> None:
    assert {name: changes for name, changes in _differing().items() if changes} == {}


def test_a_release_that_counts_a_day_more_is_found_in_every_item_that_has_a_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def later(line: Any, day_zero: date, rules: Any) -> date:
        return limit_of(line, day_zero, rules) + timedelta(days=1)

    monkeypatch.setattr("services.sla.domain.commitments.limit_of", later)
    found = _differing()
    limited = {name for name, was in BEFORE.items() if was and ClockName.REPLY in was.clocks}
    assert {name for name in limited if ("limit", "reply") in found[name]} == limited


def test_a_release_of_another_protocol_says_so_and_nothing_else() -> None:
    [said] = answers(iter([json.dumps({"protocol": 99})]))
    assert set(json.loads(said)) == {"protocol", "release"}


def test_a_declared_move_covers_its_clock_and_kind() -> None:
    move = DeclaredMove("9.9.9", "limit", "reply", "a day more")
    assert move.covers("limit", "reply")
    assert not move.covers("limit", "receipt")
    assert not move.covers("rung", "reply")
    assert DeclaredMove("9.9.9", "*", "*", "all").covers("rung", "reply")


def test_history_mail_is_told_as_if_it_had_been_tracked() -> None:
    at = datetime(2026, 3, 10, 9, tzinfo=UTC)
    mails = [
        an_arrival(name, at=at, correspondent=digest(name), subject=digest(name))
        for name in ("answered", "unanswered")
    ]
    chaser = an_arrival(
        "chaser", at=at + timedelta(days=1), correspondent=digest("answered"),
        subject=digest("answered"),
    )  # fmt: skip
    reply = a_reply_seen(
        at=at + timedelta(days=2), to=(digest("answered"),), subject=digest("answered")
    )
    found = list(stories(iter([*mails, chaser]), iter([reply]), RULES))
    assert [[type(fact) for fact in facts if isinstance(fact, ItemRegistered | ReplySent)]
            for facts in found] == [[ItemRegistered, ReplySent], [ItemRegistered]]  # fmt: skip
    tracked = RULES.model_copy(update={"go_live": datetime(2026, 2, 28, tzinfo=UTC), "version": 2})
    comparison = RuleComparison(BOOK, tracked, NOBODY, ahead=False)
    results = [comparison.compare(facts, NOW) for facts in found]
    assert [each.before.clocks if each.before else None for each in results] == [{}, {}]
    said = [each.after.clocks[ClockName.REPLY].result for each in results if each.after]
    assert said == ["kept", "overdue"]


def test_a_month_has_its_first_and_last_day() -> None:
    assert days_of_month("2026-02") == (date(2026, 2, 1), date(2026, 2, 28))
    with pytest.raises(ValueError, match="isoformat"):
        days_of_month("février")


def test_a_rule_whose_word_changed_is_found_without_the_letter() -> None:
    """The letter can't be read: the word of the rule that had decided is compared."""
    rule = INDRE.routing.rules[0]
    other = rule.model_copy(update={"then": RoutingOutcome(category="elections", hold="essai")})
    rules = tuple(other if row.id == rule.id else row for row in INDRE.routing.rules)
    site = INDRE.model_copy(update={"routing": INDRE.routing.model_copy(update={"rules": rules})})
    content = ContentRouting(INDRE, site, None)
    assert content.differs
    then = rule.then
    story = RegisteredStory(
        "notice of a court", str(then.category), certain=None, rule=rule.id, hold=then.hold
    )
    comparison = RuleComparison(BOOK, applied(site, 2), NOBODY, content)
    found = comparison.compare(story.facts, NOW)
    said = {change.subject: change.after for change in found.changes if change.thing == "sorting"}
    assert (said["category"], said["hold"]) == ("elections", "essai")
