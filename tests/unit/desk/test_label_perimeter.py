"""Which service an item counts by, and whether the label covers it on that day: by hand."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from services.desk.domain.fold import fold
from services.desk.domain.item import Item
from services.desk.domain.label_perimeter import (
    LabelPerimeter,
    fold_perimeter,
    outside_service,
    service_on_day_zero,
)
from shared.facts.envelope import At, Chrono, Digest, EventId, ItemId, On, ServiceId
from shared.facts.items import Items
from shared.facts.items.base import Classification
from shared.facts.items.corrections import FactWithdrawn, ReceiptCorrected
from shared.facts.items.registration import ItemRegistered
from shared.facts.items.routing import ItemAssigned, WaitEnded
from shared.facts.quality.base import SubjectId
from shared.facts.quality.perimeter import PerimeterAsked, PerimeterChanged, PerimeterDropped
from shared.facts.vocabulary import Category, Channel, Nature, Waiting

PARIS = ZoneInfo("Europe/Paris")
BMI, DRE, MAIL = ServiceId("bmi"), ServiceId("dre"), ServiceId("courrier")
ITEM = ItemId(UUID(int=1))


def at(day: int, hour: int = 8) -> datetime:
    return datetime(2026, 5, day, hour, tzinfo=UTC)


def an_item(
    *facts: tuple[type[Any], datetime, dict[str, Any]],
    service: str = "bmi",
    qualified: bool = True,
    inside: bool = True,
    on: int = 11,
) -> Item:
    """Received on the 11th of May at 10:00 in Paris, registered on day `on`."""
    what = Classification(category=Category("autre"), nature=Nature.REQUEST, perimeter=inside)
    opened: dict[str, Any] = {
        "chrono": Chrono("36-2026-A-000001"),
        "channel": Channel.EMAIL,
        "receipt": At(instant=at(11)),
        "classification": what,
        "service": service,
        "qualified": qualified,
        "arrival_id": None,
        "pli": None,
    }
    told: Sequence[tuple[type[Any], datetime, dict[str, Any]]] = [
        (ItemRegistered, at(on), opened),
        *facts,
    ]
    stated: list[Items] = [
        kind(
            event_id=EventId(UUID(int=seq)), item_id=ITEM, seq=seq, happened_at=moment,
            recorded_at=moment, by="person:b.head", **fields,
        )
        for seq, (kind, moment, fields) in enumerate(told, start=1)
    ]  # fmt: skip
    return fold(stated)


def given(service: str, day: int, hour: int = 8) -> tuple[type[Any], datetime, dict[str, Any]]:
    return (ItemAssigned, at(day, hour), {"service": service})


SORTED = (WaitEnded, at(13), {"waiting": Waiting.TO_QUALIFY})


@pytest.mark.parametrize(
    ("item", "service"),
    [
        (an_item(), BMI),
        (an_item(given("dre", 12)), BMI),  # given away on the next day
        (an_item(given("dre", 11)), DRE),  # on the day itself
        (an_item(given("dre", 11, 21)), DRE),  # 23:00 in Paris
        (an_item(given("dre", 11, 22)), BMI),  # midnight in Paris: the 12th
        (an_item(service="courrier", qualified=False), MAIL),  # what is proposed
        (an_item(given("dre", 13), SORTED, service="courrier", qualified=False), DRE),
        (an_item(SORTED, given("dre", 14), service="bmi", qualified=False), BMI),
        (an_item(given("dre", 14), on=13), BMI),  # registered two days after its receipt
        (an_item(given("dre", 12),
                 (ReceiptCorrected, at(13), {"receipt": On(day=date(2026, 5, 12)),
                                             "reason": "erreur"})),
         DRE),
        (an_item(given("dre", 11),
                 (FactWithdrawn, at(12), {"fact": EventId(UUID(int=2)), "fact_seq": 2,
                                          "fact_type": "ItemAssigned", "reason": "erreur"})),
         BMI),
    ],
)  # fmt: skip
def test_the_service_of_an_item_is_that_of_its_day_zero(item: Item, service: str) -> None:
    assert service_on_day_zero(item, PARIS) == service


def changed(seq: int, since: date, *, inside: bool, service: ServiceId = BMI) -> PerimeterChanged:
    return PerimeterChanged(
        event_id=EventId(UUID(int=100 + seq)), subject_id=SubjectId(UUID(int=9)), seq=seq,
        happened_at=at(1), recorded_at=at(1), by="person:s.general", service=service,
        inside=inside, since=since, why=Digest("8" * 64), asked=EventId(UUID(int=seq)),
    )  # fmt: skip


def asked(seq: int) -> PerimeterAsked:
    return PerimeterAsked(
        event_id=EventId(UUID(int=seq)), subject_id=SubjectId(UUID(int=9)), seq=seq,
        happened_at=at(1), recorded_at=at(1), by="person:q.officer", service=BMI, inside=False,
        since=date(2026, 7, 1), why=Digest("8" * 64),
    )  # fmt: skip


def test_the_change_with_the_latest_day_that_has_come_counts_and_of_one_day_the_last() -> None:
    may, july = date(2026, 5, 1), date(2026, 7, 1)
    known = LabelPerimeter(
        [
            changed(5, july, inside=False),
            changed(8, may, inside=False),  # stated later, of an earlier day
            changed(9, may, inside=True),
            changed(11, date(2026, 9, 1), inside=True),
            changed(12, may, inside=False, service=DRE),
        ]
    )
    said = {day: known.inside(BMI, day) for day in (date(2026, 4, 30), may, date(2026, 6, 30))}
    assert set(said.values()) == {True}
    assert not known.inside(BMI, july)
    assert not known.inside(BMI, date(2026, 8, 31))
    assert known.inside(BMI, date(2026, 9, 1))
    assert not known.inside(DRE, may)
    assert known.inside(MAIL, may)
    assert [fact.seq for fact in known.periods(BMI)] == [9, 5, 11]
    assert known.before(9).inside(BMI, may) is False


def test_an_item_outside_for_another_reason_has_no_service_that_is_outside() -> None:
    out = LabelPerimeter([changed(5, date(2026, 5, 11), inside=False)])
    assert outside_service(an_item(), PARIS, out) == BMI
    assert outside_service(an_item(inside=False), PARIS, out) is None
    assert outside_service(an_item(given("bmi", 12), service="dre"), PARIS, out) is None
    assert outside_service(an_item(), PARIS, LabelPerimeter()) is None


def test_a_request_waits_until_it_is_confirmed_or_dropped_and_a_new_one_replaces_it() -> None:
    first, second = asked(1), asked(2)
    assert fold_perimeter([first, second]).asked == {BMI: second}
    late = changed(3, date(2026, 7, 1), inside=False).model_copy(update={"asked": first.event_id})
    assert fold_perimeter([first, second, late]).asked == {BMI: second}, "it confirms another one"
    done = late.model_copy(update={"asked": second.event_id})
    assert fold_perimeter([first, second, done]).asked == {}
    dropped = PerimeterDropped(
        event_id=EventId(UUID(int=77)), subject_id=first.subject_id, seq=4, happened_at=at(1),
        recorded_at=at(1), by="person:q.officer", service=BMI, asked=second.event_id,
    )  # fmt: skip
    assert fold_perimeter([first, second, dropped]) == LabelPerimeter()
