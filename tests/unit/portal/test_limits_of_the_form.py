"""How often the form may be sent: nobody closes it to somebody else, and no address is kept."""

from datetime import UTC, datetime, timedelta

import pytest

from services.portal.domain.limits import (
    AT_ONCE,
    FROM_ALL,
    FROM_NETWORK,
    FROM_ONE,
    TRIES,
    UNNAMED_AT_ONCE,
    WINDOW,
    Limits,
)
from services.portal.pages import attachments
from shared.web.forms import Mistyped
from shared.web.guards import household, network
from tests.zips import zipped

NOW = datetime(2026, 5, 12, 8, 0, tzinfo=UTC)


def test_an_address_may_send_ten_in_ten_minutes_and_is_then_forgotten() -> None:
    limits = Limits()
    assert all(limits.another("203.0.113.7", NOW) for _ in range(10))
    assert not limits.another("203.0.113.7", NOW + timedelta(minutes=9))
    assert limits.another("203.0.113.8", NOW + timedelta(minutes=9))
    assert limits.another("203.0.113.7", NOW + WINDOW)
    assert "203.0.113.7" not in repr(limits)


def test_two_hundred_of_a_few_addresses_close_the_form_to_nobody_else() -> None:
    limits, kept = Limits(), 0
    crowd = [f"198.51.{n}.5" for n in range(20)]
    for _ in range(20):
        for address in crowd:
            kept += limits.another(address, NOW, crowded=kept >= FROM_ALL)
    assert kept == FROM_ALL
    assert limits.another("203.0.113.7", NOW, crowded=True), "who has sent nothing yet"
    assert not limits.another("203.0.113.7", NOW, crowded=True), "once"
    assert limits.another("2001:db8:1:2::7", NOW, crowded=True)
    assert not limits.another(crowd[0], NOW, crowded=True)


def test_who_has_a_whole_network_counts_as_one() -> None:
    for addresses in (
        [f"203.0.113.{n}" for n in range(250)],
        [f"2001:db8:7:{n:x}::1" for n in range(250)],
    ):
        limits = Limits()
        kept = sum(limits.another(address, NOW) for address in addresses for _ in range(3))
        assert kept == FROM_NETWORK
        assert limits.another("198.51.100.9", NOW)


def test_what_is_refused_counts_as_well_before_it_is_read() -> None:
    limits = Limits()
    assert all(limits.try_("203.0.113.7", NOW) for _ in range(FROM_ONE * TRIES))
    assert not limits.try_("203.0.113.7", NOW)
    assert limits.try_("203.0.113.8", NOW)


def test_whom_no_address_names_has_the_common_bound_alone() -> None:
    limits = Limits()
    for address in (None, "127.0.0.1", "::1"):
        assert all(limits.another(address, NOW) for _ in range(30))
        assert not limits.another(address, NOW, crowded=True)
        assert all(limits.try_(address, NOW) for _ in range(100))


@pytest.mark.parametrize(("address", "most"), [("203.0.113.7", AT_ONCE), (None, UNNAMED_AT_ONCE)])
def test_so_many_are_on_their_way_at_once(address: str | None, most: int) -> None:
    limits = Limits()
    open_ = [limits.coming(address) for _ in range(most)]
    assert all(slot.__enter__() for slot in open_)
    with limits.coming(address) as more:
        assert not more
    with limits.coming("198.51.100.9") as other:
        assert other
    for slot in open_:
        slot.__exit__(None, None, None)
    with limits.coming(address) as again:
        assert again


@pytest.mark.parametrize(
    ("address", "one", "many"),
    [
        ("203.0.113.7", "203.0.113.7/32", "203.0.113.0/24"),
        ("::ffff:203.0.113.7", "203.0.113.7/32", "203.0.113.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("testclient", "testclient", "testclient"),
    ],
)
def test_a_household_and_its_network(address: str, one: str, many: str) -> None:
    assert (household(address), network(address)) == (one, many)


def test_files_that_unpack_to_too_much_together_are_refused_by_what_they_say(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    content = zipped({"mimetype": b"application/vnd.oasis.opendocument.text", "x": b"0" * 4_000})
    assert len(attachments.check([("lettre.odt", content)] * 5)) == 5
    monkeypatch.setattr(attachments, "_MOST_UNPACKED", 15_000)
    monkeypatch.setattr(attachments, "_document", None)  # nothing is unpacked for this answer
    with pytest.raises(Mistyped, match="trop volumineux"):
        attachments.check([("lettre.odt", content)] * 5)
