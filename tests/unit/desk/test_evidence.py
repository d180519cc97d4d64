"""The chain holds, and shows every way of changing the past."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.desk.domain.evidence import GENESIS, BrokenLink, Link, link, verify

AT = datetime(2026, 5, 11, 8, 0, tzinfo=UTC)
BLOB = f"2026/00000000-0000-4000-8000-000000000036/{'a' * 64}"


def a_chain(*payloads: str) -> list[Link]:
    links, previous = [], GENESIS
    for seq, payload in enumerate(payloads, start=1):
        previous = link(previous, payload, "person:m.durand", AT)
        links.append(Link(seq, payload, "person:m.durand", AT, previous))
    return links


CHAIN = a_chain('{"type":"A"}', f'{{"type":"B","pli":"{BLOB}"}}', '{"type":"C"}')


def test_a_chain_that_nobody_touched_holds() -> None:
    assert verify(CHAIN, 3) is None
    assert verify([]) is None


@pytest.mark.parametrize(
    ("changed", "at"),
    [
        ([CHAIN[0], replace(CHAIN[1], payload='{"type":"X"}'), CHAIN[2]], 2),
        ([CHAIN[0], replace(CHAIN[1], by="person:x"), CHAIN[2]], 2),
        ([CHAIN[0], replace(CHAIN[1], recorded_at=AT + timedelta(seconds=1)), CHAIN[2]], 2),
        ([replace(CHAIN[0], link="0" * 64), *CHAIN[1:]], 1),
        ([CHAIN[0], CHAIN[2]], 2),
        ([CHAIN[1], CHAIN[2]], 1),
        ([CHAIN[0], replace(CHAIN[2], seq=2)], 2),
        (CHAIN[:2], 3),
        ([], 1),
    ],
    ids=["fact", "author", "moment", "link", "gap", "head", "renumbered", "tail", "all"],
)
def test_what_was_changed_is_found_where_it_was(changed: list[Link], at: int) -> None:
    broken = verify(changed, 3)
    assert isinstance(broken, BrokenLink)
    assert broken.seq == at


def test_the_moment_is_the_same_in_any_zone() -> None:
    paris = AT.astimezone(ZoneInfo("Europe/Paris"))
    assert link(GENESIS, "{}", "x", paris) == link(GENESIS, "{}", "x", AT)
