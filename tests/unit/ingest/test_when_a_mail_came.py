"""What a mail server's own clock is believed for; a trusted Received comes before it."""

from datetime import UTC, datetime, timedelta

from services.ingest.mailbox import Fetched, shown_at

NOW = datetime(2026, 5, 11, 8, tzinfo=UTC)
EARLIER, LATER = NOW - timedelta(days=3), NOW + timedelta(days=900)


def test_the_server_says_when_it_took_a_mail() -> None:
    assert shown_at(Fetched(1, EARLIER, b""), NOW, story=False) == EARLIER


def test_a_server_that_says_nothing_or_goes_ahead_is_not_believed() -> None:
    assert shown_at(Fetched(1, None, b""), NOW, story=False) == NOW
    assert shown_at(Fetched(1, LATER, b""), NOW, story=False) == NOW


def test_in_a_story_the_day_on_which_it_is_played_is_no_day_of_a_mail() -> None:
    assert shown_at(Fetched(1, EARLIER, b""), NOW, story=True) == NOW
    assert shown_at(Fetched(1, LATER, b""), NOW, story=True) == NOW
