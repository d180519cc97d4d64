"""When a content's time has come: counted by hand from the last thing that happened to its item."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from services.desk.domain.fold import fold
from services.desk.domain.retention import due
from services.desk.domain.roots import Head, Root, day_due, first_break, next_root
from shared.facts.envelope import At, Chrono, Digest, EventId, ItemId
from shared.facts.items import Items
from shared.facts.items.base import Classification
from shared.facts.items.closure import ItemClosed, ItemReopened
from shared.facts.items.corrections import FactWithdrawn, ItemAbsorbed
from shared.facts.items.registration import ItemRegistered
from shared.facts.items.replies import ReplySent
from shared.facts.items.retention import LegalHoldLifted, LegalHoldPlaced, WithdrawalAsked
from shared.facts.vocabulary import Category, Channel, Nature, Proof
from shared.site.tables.identity import OpeningHours
from tests.desk_builders import DAYS, a_site

ITEM = ItemId(UUID(int=1))


def said(*facts: tuple[type[Any], datetime, dict[str, Any]]) -> list[Items]:
    """A registered item of a category kept 36 months, and what happened to it."""
    opened = (
        ItemRegistered,
        datetime(2026, 5, 11, 8, tzinfo=UTC),
        {
            "chrono": Chrono("36-2026-A-000001"),
            "channel": Channel.EMAIL,
            "receipt": At(instant=datetime(2026, 5, 11, 8, tzinfo=UTC)),
            "classification": Classification(
                category=Category("titre-de-sejour"), nature=Nature.REQUEST, perimeter=True
            ),
            "service": "bmi",
            "qualified": True,
            "arrival_id": None,
            "pli": None,
        },
    )
    return [
        kind(  # type: ignore[operator]  # of this kind here
            event_id=EventId(uuid4()),
            item_id=ITEM,
            seq=seq,
            happened_at=at,
            recorded_at=at,
            by="person:b.head",
            **fields,
        )
        for seq, (kind, at, fields) in enumerate([opened, *facts], start=1)
    ]


REPLIED = (ReplySent, datetime(2026, 5, 31, 22, 30, tzinfo=UTC), {"proof": Proof.KEYED})
"""The first of June in Paris."""
CLOSED = (ItemClosed, datetime(2026, 6, 10, 8, tzinfo=UTC), {"reason": "sans-suite"})
REOPENED = (ItemReopened, datetime(2026, 6, 11, 8, tzinfo=UTC), {"reason": "piece-nouvelle"})
HELD = (LegalHoldPlaced, datetime(2026, 7, 1, 8, tzinfo=UTC), {"reason": "contentieux"})
LIFTED = (LegalHoldLifted, datetime(2027, 7, 1, 8, tzinfo=UTC), {"reason": "contentieux-termine"})
ABSORBED = (
    ItemAbsorbed,
    datetime(2027, 9, 3, 8, tzinfo=UTC),
    {
        "absorbed": ItemId(UUID(int=2)),
        "absorbed_chrono": Chrono("36-2026-A-000002"),
        "receipt": At(instant=datetime(2026, 5, 11, 8, tzinfo=UTC)),
        "channel": Channel.EMAIL,
    },
)
ASKED = (
    WithdrawalAsked,
    datetime(2026, 7, 1, 8, tzinfo=UTC),
    {"arrival_id": None, "reason": "donnees-sensibles"},
)


@pytest.mark.parametrize(
    ("facts", "last_day_kept"),
    [
        ([REPLIED], date(2029, 6, 1)),
        ([REPLIED, CLOSED], date(2029, 6, 10)),
        ([REPLIED, HELD, LIFTED], date(2029, 6, 1)),
        ([REPLIED, ABSORBED], date(2030, 9, 3)),
        ([], None),
        ([CLOSED, REOPENED], None),
        ([REPLIED, HELD], None),
        ([REPLIED, ASKED], None),
    ],
    ids=[
        "replied",
        "closed later",
        "hold lifted",
        "absorbed later",
        "open",
        "reopened",
        "held",
        "to withdraw",
    ],
)
def test_a_content_is_due_the_day_after_its_time(
    facts: Sequence[tuple[type[Any], datetime, dict[str, Any]]], last_day_kept: date | None
) -> None:
    told = said(*facts)
    far = due(fold(told), told, a_site(), date(2099, 1, 1))
    assert (None if far is None else far.due_on) == last_day_kept
    if last_day_kept is not None:
        assert due(fold(told), told, a_site(), last_day_kept) is None


def test_what_was_taken_back_does_not_count() -> None:
    told = said(REPLIED, CLOSED)
    undone = FactWithdrawn(
        event_id=EventId(uuid4()),
        item_id=ITEM,
        seq=4,
        happened_at=CLOSED[1],
        recorded_at=CLOSED[1],
        by="person:b.head",
        fact=told[2].event_id,
        fact_type="ItemClosed",
        reason="erreur",
    )
    found = due(fold([*told, undone]), [*told, undone], a_site(), date(2099, 1, 1))
    assert found is not None
    assert found.due_on == date(2029, 6, 1)


A, B = Head(UUID(int=1), 1, "a" * 64), Head(UUID(int=2), 3, "b" * 64)
AT = datetime(2026, 5, 12, tzinfo=UTC)


def test_a_root_stands_for_its_list_its_day_and_every_root_before() -> None:
    first = next_root(None, date(2026, 5, 11), [A, B], AT)
    assert first == next_root(None, date(2026, 5, 11), [B, A], AT), "in any order"
    assert first.root != next_root(None, date(2026, 5, 11), [A], AT).root
    assert first.root != next_root(None, date(2026, 5, 12), [A, B], AT).root
    second = next_root(first, date(2026, 5, 12), [], AT)
    assert first_break([first, second]) is None
    forged = Root(1, first.day, "0" * 64, first.root, 2, AT)
    assert (
        first_break([forged, second])
        == "the root of 2026-05-11 does not follow from the one before"
    )
    assert first_break([second]) == "root 1 is missing"


def test_sixteen_signs_of_a_root_name_it_and_fewer_do_not() -> None:
    one = Root(1, date(2026, 5, 11), "0" * 64, Digest("1a2b3c4d5e6f7081" + "9" * 48), 2, AT)
    assert one.short == "1a2b 3c4d 5e6f 7081"
    assert one.is_named("1A2B 3C4D 5E6F 7081")
    assert one.is_named(one.root)
    assert not one.is_named("1a2b 3c4d 5e6f 708")
    assert not one.is_named(one.root + "9")
    assert not one.is_named("")


PARIS = ZoneInfo("Europe/Paris")
TUESDAY, SATURDAY = 12, 16
"""Of May 2026; the 14th is Ascension Day. The préfecture opens at 9 and closes at 16:30."""


def sealed_next(day: int, hour: int, minute: int, *, last: tuple[int, int, int] | None) -> object:
    """The day of May that is due at a local moment, when something grew since the last root."""
    before = None
    if last is not None:
        at = datetime(2026, 5, *last, tzinfo=PARIS)
        before = Root(7, at.date(), "0" * 64, Digest("1" * 64), 1, at.astimezone(UTC))
    now = datetime(2026, 5, day, hour, minute, tzinfo=PARIS).astimezone(UTC)
    hours = OpeningHours(opens=time(9), closes=time(16, 30))
    found = day_due(before, now, grown=True, hours=hours, days=DAYS, zone=PARIS)
    return None if found is None else found.day


def test_a_root_is_due_each_night_and_each_hour_of_work_in_which_something_grew() -> None:
    assert sealed_next(12, 3, 0, last=None) == 11
    assert sealed_next(12, 0, 0, last=(11, 16, 31)) == 11, "the day that ended, whatever came"
    assert sealed_next(12, 8, 59, last=(12, 0, 1)) is None, "nobody works yet"
    assert sealed_next(12, 9, 0, last=(12, 0, 1)) == 12
    assert sealed_next(12, 9, 59, last=(12, 9, 0)) is None
    assert sealed_next(12, 10, 0, last=(12, 9, 0)) == 12
    assert sealed_next(12, 10, 0, last=(12, 9, 59)) == 12, "at each full hour, never later"
    assert sealed_next(12, 16, 29, last=(12, 16, 0)) is None
    assert sealed_next(12, 16, 30, last=(12, 16, 0)) == 12, "and when it has closed"
    assert sealed_next(12, 23, 0, last=(12, 16, 30)) is None
    assert sealed_next(14, 10, 0, last=(14, 0, 0)) is None, "Ascension Day"
    assert sealed_next(16, 10, 0, last=(16, 0, 0)) is None, "a Saturday"


def test_an_hour_in_which_nothing_grew_has_no_root_and_a_night_has() -> None:
    hours, night = (
        OpeningHours(opens=time(9), closes=time(17)),
        datetime(2026, 5, 11, 22, tzinfo=UTC),
    )
    last = Root(7, date(2026, 5, 11), "0" * 64, Digest("1" * 64), 1, night)
    noon, tomorrow = night + timedelta(hours=12), night + timedelta(hours=24)
    told = {"grown": False, "hours": hours, "days": DAYS, "zone": PARIS}
    assert day_due(last, noon, **told) is None  # type: ignore[arg-type]  # unpacked, each of its own type
    assert day_due(last, tomorrow, **told) == date(2026, 5, 12)  # type: ignore[arg-type]  # unpacked, each of its own type
