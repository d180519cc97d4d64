"""How many mails a worker claims together: what leaves within a quarter of a second."""

import pytest

from services.notify.lanes import ORDINARY, URGENT, Lane


@pytest.mark.parametrize(
    ("lane", "per_minute", "together"),
    [
        (ORDINARY, 600, 2),  # nine a second
        (URGENT, 600, 1),
        (ORDINARY, 1, 1),
        (ORDINARY, 1_700, 6),
        (ORDINARY, 1_000_000, 32),
    ],
)
def test_no_more_is_claimed_than_leaves_at_once(lane: Lane, per_minute: int, together: int) -> None:
    assert lane.at_once(per_minute) == together
