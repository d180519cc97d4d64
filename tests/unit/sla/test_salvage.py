"""A standing that can't be read is made anew: nothing is told twice, and nothing less."""

import json
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.sla.domain.advance import ItemState, advance
from services.sla.domain.salvage import salvage
from services.sla.domain.standing import Standing
from services.sla.item_format import write_standing
from shared.facts.vocabulary import ClockName
from tests.unit.sla.builders import AGENT, BOOK, ITEM, Register, Story, paris
from tests.unit.sla.histories import after_all, lives, roads
from tests.unit.sla.test_any_order import live

many = settings(suppress_health_check=list(HealthCheck))


def a_mail_of_11_may() -> Story:
    """−2 on 15, limit 19, +1 on 20 May; told up to the 15th."""
    register, story = Register(), Story()
    register.registered(paris(11), agent=AGENT)
    story.hears(register.facts, paris(11))
    story.ticks(paris(15, 6))
    return story


def left_of(story: Story) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(write_standing(story.item.standing))
    return said


def salvaged(story: Story, left: dict[str, Any], told: list[Any], then: Any) -> Standing | None:
    assumed = advance(ItemState(Standing(ITEM)), story.heard, story.book, story.read, then).item
    assert assumed.plan is not None
    return salvage(ITEM, left, told, assumed.plan, assumed.standing)


def test_what_was_told_says_exactly_what_stands_where_all_of_it_is_left() -> None:
    story = a_mail_of_11_may()
    assert salvaged(story, {}, story.told[::-1], paris(15, 6)) == story.item.standing


def test_a_clock_that_can_be_read_stands_as_it_was_left() -> None:
    story = a_mail_of_11_may()
    left = left_of(story)
    del left["clocks"]["reply"]["limit"]
    found = salvaged(story, left, [], paris(15, 6))
    assert found is not None
    stood = story.item.standing
    assert found.clocks[ClockName.RECEIPT] == stood.clocks[ClockName.RECEIPT]
    reply = found.clocks[ClockName.REPLY]
    assert (reply.limit, set(reply.rungs)) == (stood.clocks[ClockName.REPLY].limit, {"-2"})
    assert reply.tellings == {"-2": stood.revision, "+1": stood.revision, "+3": stood.revision}, (
        "its next telling has a name that was never given"
    )


def test_what_was_told_last_says_the_revision_when_the_row_does_not() -> None:
    story = a_mail_of_11_may()
    found = salvaged(story, {}, story.told[-1:], paris(15, 6))
    assert found is not None
    assert found.revision == story.item.standing.revision


def test_without_any_revision_nothing_is_made_up() -> None:
    assert salvaged(a_mail_of_11_may(), {"clocks": {}}, [], paris(15, 6)) is None


@many
@given(st.data(), st.booleans())
def test_nothing_is_told_twice_after_a_salvage_whatever_was_lived(data: Any, whole: bool) -> None:  # noqa: FBT001  (drawn)
    facts = data.draw(lives())
    road = data.draw(roads(facts))
    now = after_all(facts, road, days=data.draw(st.integers(0, 20)))
    story = live(road, now, BOOK)
    before = story.item.standing
    if not before.revision:
        return
    told = story.told if whole else []
    found = salvaged(story, {"revision": before.revision}, told, now)
    assert found is not None
    assert not whole or found == before
    story.item = ItemState(found, story.item.plan, story.item.wake_at, story.item.unread_since)
    names = {fact.event_id for fact in story.told}
    assert story.ticks(now) == []
    later = story.lives_until(now + timedelta(days=90))
    assert names & {fact.event_id for fact in later} == set()
    assert all(fact.revision > before.revision for fact in later)
