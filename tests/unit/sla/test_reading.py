"""Rule 1: nobody above the holder hears before the sources were read that day."""

from shared.facts.items.routing import ItemAssigned
from tests.unit.sla.builders import AGENT, BCL, BMI, OTHER, Register, Story, paris


def waiting_for_wednesday(**registered: object) -> Story:
    """Due on Tuesday 19 May, lived until Wednesday 20 at 06:00, when +1 falls."""
    register, story = Register(), Story()
    register.registered(paris(11), agent=AGENT, **registered)  # type: ignore[arg-type]  # unpacked, each of its own type
    story.hears(register.facts, paris(11))
    story.lives_until(paris(20, 6))
    return story


def test_the_rung_waits_and_the_holder_s_own_did_not() -> None:
    story = waiting_for_wednesday()
    assert story.stands() == {"-2"}
    assert story.item.unread_since == paris(20, 0)
    assert story.item.wake_at == paris(21, 6)


def test_it_is_told_once_every_source_was_read_that_day() -> None:
    story = waiting_for_wednesday()
    story.reads("mailbox:pref-bmi", until=paris(20, 7))
    assert story.ticks(paris(20, 7)) == []
    story.reads("sent:pref-bmi", until=paris(20, 0))
    [reached] = story.ticks(paris(20, 8))
    assert (reached.rung, reached.unread_sources) == ("+1", False)
    assert story.item.unread_since is None


def test_a_reading_of_the_evening_before_is_not_enough() -> None:
    story = waiting_for_wednesday()
    story.reads(until=paris(19, 23, 59))
    assert story.ticks(paris(20, 8)) == []


def test_next_jour_ouvre_it_is_told_with_sources_not_read() -> None:
    story = waiting_for_wednesday()
    [reached] = story.lives_until(paris(21, 6))
    assert (reached.rung, reached.unread_sources) == ("+1", True)


def test_a_service_without_sources_waits_for_nothing() -> None:
    assert waiting_for_wednesday(service=BCL).stands() == {"-2", "+1"}


def test_what_was_told_stands_whatever_is_read_later() -> None:
    story = waiting_for_wednesday()
    story.lives_until(paris(21, 6))
    story.reads(until=paris(18))
    assert story.ticks(paris(21, 7)) == []
    assert story.stands() == {"-2", "+1"}


def test_a_fact_that_pretends_to_be_of_next_month_makes_no_future_true() -> None:
    register, story = Register(), Story()
    register.registered(paris(11), agent=AGENT)
    register.says(ItemAssigned, paris(12), paris(22, month=6), service=BMI, agent=OTHER)
    story.hears(register.facts, paris(12))
    assert story.stands() == set()
