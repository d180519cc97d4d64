"""What a report reads of an item beside its facts is what the facts say (the SQL: integration)."""

from datetime import timedelta
from typing import Any
from uuid import uuid5

import pytest

from services.desk.evidence.domain.history import History, history_differences, history_of
from shared.facts.envelope import ItemId, On
from shared.facts.items import ITEMS, Items
from shared.facts.vocabulary import Nature
from tests.desk_builders import MONDAY, SPACE

ITEM = ItemId(uuid5(SPACE, "an item with a history"))
WAITS: dict[str, Any] = {"type": "ItemRegistered", "service": "bmi", "qualified": False}
STANDS = WAITS | {"qualified": True}
QUALIFIED: dict[str, Any] = {"type": "WaitEnded", "waiting": "to_qualify"}
TO_DRE: dict[str, Any] = {"type": "ItemAssigned", "service": "dre"}
TO_BMI = TO_DRE | {"service": "bmi"}
KEYED: dict[str, Any] = {"type": "ReplySent", "proof": "keyed"}
DELIVERED = KEYED | {"proof": "delivered"}


def takes_back(seq: int) -> dict[str, Any]:
    """The taking back of the fact of this number."""
    return {"type": "FactWithdrawn", "fact": str(uuid5(ITEM, str(seq))), "reason": "no reply"}


def told(*said: dict[str, Any]) -> list[Items]:
    """Facts of one item, a minute after another."""
    facts: list[Items] = []
    for seq, fields in enumerate(said, start=1):
        at = MONDAY + timedelta(minutes=seq)
        common: dict[str, Any] = {
            "event_id": uuid5(ITEM, str(seq)), "item_id": ITEM, "seq": seq, "happened_at": at,
            "recorded_at": at, "by": "person:a.gent",
        }  # fmt: skip
        if fields["type"] == "ItemRegistered":
            common |= {
                "chrono": "36-2026-A-000001", "channel": "letter", "arrival_id": None, "pli": None,
                "receipt": On(day=MONDAY.date()),
                "classification": {
                    "category": "titre-de-sejour", "nature": Nature.REQUEST, "perimeter": True,
                },
            }  # fmt: skip
        if fields["type"] == "FactWithdrawn":
            back = next(fact for fact in facts if str(fact.event_id) == fields["fact"])
            common["fact_type"] = back.type
        facts.append(ITEMS.validate_python(common | fields))
    return facts


@pytest.mark.parametrize(
    ("said", "reassigned", "proof"),
    [
        ([STANDS], False, None),
        ([STANDS, TO_BMI], False, None),
        ([STANDS, TO_DRE], True, None),
        ([STANDS, TO_DRE, takes_back(2)], False, None),
        ([WAITS, TO_DRE, QUALIFIED], False, None),
        ([WAITS, TO_DRE, QUALIFIED, TO_BMI], True, None),
        ([STANDS, KEYED, DELIVERED], False, "keyed"),
        ([STANDS, KEYED, DELIVERED, takes_back(2)], False, "delivered"),
    ],
)
def test_a_history_is_what_stands_after_the_letter_was_qualified(
    said: list[dict[str, Any]], *, reassigned: bool, proof: str | None
) -> None:
    assert history_of(told(*said)) == History(len(said), reassigned, proof)


def test_what_is_of_earlier_facts_is_no_difference_and_what_is_of_more_is_one() -> None:
    should = History(3, reassigned=True, proof="keyed")
    assert not list(history_differences(should, None))
    assert not list(history_differences(should, History(2, reassigned=False, proof=None)))
    assert list(history_differences(should, History(3, reassigned=False, proof="keyed"))) == [
        ("history reassigned", True, False)
    ]
    assert list(history_differences(should, History(4, reassigned=True, proof="keyed"))) == [
        ("history seq", 3, 4)
    ]
