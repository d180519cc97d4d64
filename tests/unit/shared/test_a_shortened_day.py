"""When mails come in the bench of a whole day, and which of its own delays a scrape says."""

import pytest

from tests.bench.day import moments, read, those_in_danger

DAY = 24 * 60.0
"""A day of which each half hour takes a minute."""


def test_half_of_the_mails_come_from_half_past_eight_to_eleven() -> None:
    came = moments(1_000, DAY)
    assert len(came) == 1_000
    assert came == sorted(came)
    assert sum(180 <= at < 480 for at in came) == 530


def test_none_comes_after_four() -> None:
    assert max(moments(1_000, DAY)) < 18 * 60


def test_words_of_danger_come_among_the_fullest_half_hour() -> None:
    came, dangers = moments(1_000, DAY), those_in_danger(1_000)
    assert len(dangers) == 40
    assert {int(came[number] // 60) for number in dangers} == {4}


@pytest.mark.parametrize("mails", [1, 7, 100])
def test_few_mails_are_all_given_a_moment(mails: int) -> None:
    assert len(moments(mails, DAY)) == mails


def test_a_scrape_is_read_for_its_delays_alone() -> None:
    scrape = (
        "# HELP vaguemestre_outbox_age_seconds Age of the oldest.\n"
        'vaguemestre_outbox_age_seconds{schema="notify",site="indre"} 0.25\n'
        'vaguemestre_outbox_facts{schema="notify",site="indre"} 3.0\n'
        "vaguemestre_sla_wake_lag_seconds 12.0\n"
    )
    assert list(read(scrape)) == [
        ("vaguemestre_outbox_age_seconds", 0.25),
        ("vaguemestre_sla_wake_lag_seconds", 12.0),
    ]
