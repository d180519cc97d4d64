"""Whom one text for many may answer: each reason for which an item is left out, alone."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid5

import pytest

from services.desk.domain.item import Item
from services.desk.pages.quality import event_mass
from services.desk.pages.quality.event_words import BY_OTHERS
from services.desk.quality.domain.mass import (
    LeftOut,
    MassContext,
    count_left_out,
    draw_ten,
    held_senders,
    latest_of_each,
    why_left_out,
)
from shared.facts.envelope import ArrivalId, BlobKey, Chrono, Digest, ItemId, On, ServiceId
from shared.facts.items.base import Classification
from shared.facts.items.notice_orders import NoticeOrdered
from shared.facts.items.registration import ItemRegistered, SenderWroteAgain
from shared.facts.items.replies import ReplySent
from shared.facts.vocabulary import (
    Authentication,
    Category,
    Channel,
    Confidentiality,
    Nature,
    NoticeKind,
    Priority,
    Proof,
    SenderKind,
    Way,
)
from shared.site.tables.notices import Action, NoticeRow, NoticesTable
from tests.desk_builders import MONDAY, SPACE, a_site

ITEM = ItemId(uuid5(SPACE, "item"))


def envelope(seq: int = 1) -> dict[str, Any]:
    return {
        "event_id": uuid5(SPACE, f"fact {seq}"), "item_id": ITEM, "seq": seq,
        "happened_at": MONDAY, "recorded_at": MONDAY, "by": "service:desk",
    }  # fmt: skip


def an_item(**opened: Any) -> Item:
    what = Classification(
        category=Category("autre"), nature=Nature.REQUEST, perimeter=True,
        sender_kind=SenderKind.CITIZEN,
    )  # fmt: skip
    fact = ItemRegistered(
        **envelope(),
        chrono=Chrono("36-2026-A-000001"),
        channel=opened.pop("channel", Channel.EMAIL),
        receipt=On(day=MONDAY.date()),
        classification=what,
        service=ServiceId("bmi"),
        qualified=True,
        arrival_id=None,
        pli=BlobKey("2026/a/b"),
        **opened,
    )
    return Item(fact, 1, fact.receipt, provisional=False, classification=what,
                service=fact.service, agent=None)  # fmt: skip


def classified(**fields: Any) -> Item:
    item = an_item()
    what = item.classification.model_copy(update=fields)
    return replace(item, classification=what)


def wrote_again(minutes: int, *, danger: bool = False) -> Item:
    fact = SenderWroteAgain(
        **envelope(2) | {"recorded_at": MONDAY + timedelta(minutes=minutes)},
        arrival_id=ArrivalId(uuid5(SPACE, "again")), nature=Nature.UNKNOWN, pli=None, danger=danger,
    )  # fmt: skip
    return replace(an_item(), messages=(fact,))


ABOUT = MassContext({ITEM: MONDAY}, frozenset(), frozenset(), frozenset({SenderKind.LAWYER}))
ORDER = NoticeOrdered(**envelope(2), kind=NoticeKind.REPLY, way=Way.MAIL)
REPLY = ReplySent(**envelope(2), proof=Proof.DELIVERED)


@pytest.mark.parametrize(
    ("item", "why"),
    [
        (an_item(), None),
        (classified(nature=Nature.COMPLAINT), LeftOut.COMPLAINT),
        (classified(nature=Nature.APPEAL), LeftOut.APPEAL),
        (classified(sender_kind=SenderKind.LAWYER), LeftOut.SENDER),
        (classified(confidentiality=Confidentiality.RESERVE), LeftOut.RESERVED),
        (classified(confidentiality=Confidentiality.PERSONAL), LeftOut.RESERVED),
        (classified(priority=Priority.URGENTE), LeftOut.DANGER),
        (classified(priority=Priority.SIGNALEE), LeftOut.DANGER),
        (an_item(danger=True), LeftOut.DANGER),
        (wrote_again(-5, danger=True), LeftOut.DANGER),
        (an_item(automatic="auto-replied"), LeftOut.ROBOT),
        (an_item(hold="presse"), LeftOut.HELD),
        (an_item(authentication=Authentication.FAIL), LeftOut.HELD),
        (wrote_again(5), LeftOut.WROTE_AGAIN),
        (wrote_again(-5), None),
        (an_item(channel=Channel.LETTER), LeftOut.PAPER),
        (an_item(channel=Channel.FORM), None),
        (replace(an_item(), orders=(ORDER,)), LeftOut.ANSWERED),
        (replace(an_item(), replies=(REPLY,)), LeftOut.ANSWERED),
        (replace(an_item(), closed="sans-suite"), LeftOut.ANSWERED),
    ],
)  # fmt: skip
def test_each_reason_alone_leaves_an_item_out(item: Item, why: LeftOut | None) -> None:
    assert why_left_out(item, ABOUT) is why


def test_whoever_asks_more_or_was_told_or_has_left_is_left_out() -> None:
    item, one = an_item(), frozenset({ITEM})
    assert why_left_out(item, replace(ABOUT, asks_more=one)) is LeftOut.ASKS_MORE
    assert why_left_out(item, replace(ABOUT, told=one)) is LeftOut.ANSWERED
    assert why_left_out(item, replace(ABOUT, joined={})) is LeftOut.LEFT


def test_kinds_of_senders_that_the_table_holds_are_answered_by_a_person() -> None:
    rows = tuple(
        NoticeRow(id=kind.value, kinds=(NoticeKind.SIMPLE,), senders=(kind,), action=action)
        for kind, action in (
            (SenderKind.COURT, Action.HOLD),
            (SenderKind.UNKNOWN, Action.HOLD),
            (SenderKind.CITIZEN, Action.SEND),
        )
    )
    site = a_site().model_copy(update={"notices": NoticesTable(rows=rows)})
    assert held_senders(site) == {SenderKind.COURT, SenderKind.INTERNAL}


def test_previews_are_ten_and_the_same_for_the_same_list() -> None:
    seed = Digest("ab" * 32)
    ten = draw_ten(list(range(200)), seed)
    assert len(set(ten)) == 10
    assert ten == sorted(ten) == draw_ten(list(range(200)), seed)
    assert ten != draw_ten(list(range(200)), Digest("cd" * 32))
    assert draw_ten([1, 2], seed) == [1, 2]


def test_reasons_are_counted_in_their_order() -> None:
    found = count_left_out([LeftOut.PAPER, LeftOut.APPEAL, LeftOut.PAPER])
    assert list(found.items()) == [("appeal", 1), ("paper", 2)]


def of_sender(sender: str | None, number: int) -> Item:
    item = an_item(correspondent=sender)
    opened = item.opened.model_copy(
        update={"chrono": f"36-2026-A-{number:06}", "item_id": uuid5(SPACE, f"item {number}")}
    )
    return replace(item, opened=opened)


def test_whoever_wrote_thrice_hears_it_once_and_never_again() -> None:
    items = [of_sender("ana", 3), of_sender("ana", 1), of_sender(None, 2), of_sender(None, 4)]
    chosen, again = latest_of_each(items, frozenset())
    assert [item.chrono[-1] for item in chosen] == ["2", "3", "4"]
    assert again == 1
    chosen, again = latest_of_each(items, frozenset({Digest("ana")}))
    assert [item.chrono[-1] for item in chosen] == ["2", "4"]
    assert again == 2


def test_what_is_reserve_is_counted_to_nobody_apart() -> None:
    told = {"reserved": 1, "not_yours": 2, "complaint": 4}
    assert event_mass.reasons(told) == [(BY_OTHERS, 3), ("réclamation", 4)]
    assert event_mass.reasons({"reserved": 1}) == [(BY_OTHERS, 1)]
