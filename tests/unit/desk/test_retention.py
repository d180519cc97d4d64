"""When a content's time has come: counted by hand from the last thing that happened to its item."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.desk.domain.fold import fold
from services.desk.domain.retention import due
from services.desk.domain.roots import Head, Root, broken, next_root
from shared.facts.envelope import At, Chrono, EventId, ItemId
from shared.facts.gone import LegalHoldLifted, LegalHoldPlaced, WithdrawalAsked
from shared.facts.handled import FactWithdrawn, ItemClosed, ItemReopened, ReplySent
from shared.facts.item import Classification
from shared.facts.items import Items
from shared.facts.opened import ItemRegistered
from shared.facts.words import Category, Channel, Nature, Proof
from tests.desk_builders import a_site

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
        kind(
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
        ([], None),
        ([CLOSED, REOPENED], None),
        ([REPLIED, HELD], None),
        ([REPLIED, ASKED], None),
    ],
    ids=["replied", "closed later", "hold lifted", "open", "reopened", "held", "to withdraw"],
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


def test_a_root_stands_for_its_list_its_day_and_every_root_before() -> None:
    first = next_root(None, date(2026, 5, 11), [A, B])
    assert first == next_root(None, date(2026, 5, 11), [B, A]), "in any order"
    assert first.root != next_root(None, date(2026, 5, 11), [A]).root
    assert first.root != next_root(None, date(2026, 5, 12), [A, B]).root
    second = next_root(first, date(2026, 5, 12), [])
    assert broken([first, second]) is None
    forged = Root(1, first.day, "0" * 64, first.root, 2)
    assert broken([forged, second]) == "the root of 2026-05-11 does not follow from the one before"
    assert broken([second]) == "night 1 is missing"
