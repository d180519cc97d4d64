"""What stands before a notice in its batch counts for the caps as if it had left."""

import pytest

from services.notify.domain.loop_guard import RecentNotice, with_one_more

NONE = {"correspondent": False, "item": False, "thread": False, "domain": False}


@pytest.mark.parametrize(
    ("alike", "counts"),
    [
        (NONE, RecentNotice(in_all=6, in_all_in_an_hour=2)),
        (
            NONE | {"domain": True},
            RecentNotice(
                to_this_domain=1, to_this_domain_in_an_hour=1, in_all=6, in_all_in_an_hour=2
            ),
        ),
        (
            NONE | {"correspondent": True, "item": True, "thread": True},
            RecentNotice(of_this_item=1, to_this_correspondent=1, in_all=6, in_all_in_an_hour=2),
        ),
        (
            NONE | {"correspondent": True, "thread": True},
            RecentNotice(of_this_thread=1, to_this_correspondent=1, in_all=6, in_all_in_an_hour=2),
        ),
        (  # of somebody else, about the same subject
            NONE | {"thread": True},
            RecentNotice(in_all=6, in_all_in_an_hour=2),
        ),
    ],
)
def test_it_counts_where_it_is_alike(alike: dict[str, bool], counts: RecentNotice) -> None:
    before = RecentNotice(in_all=5, in_all_in_an_hour=1)
    assert with_one_more(before, **alike) == counts
