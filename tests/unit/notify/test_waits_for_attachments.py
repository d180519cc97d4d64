"""A receipt waits for what its mail leans on: two minutes at most, then it is held."""

from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from services.notify.domain.fold import fold
from services.notify.domain.ledger import NoticeState
from services.notify.domain.occasions import called_for
from services.notify.domain.policy import Circumstances, Hold, Later, Ruling, SendNow, judge
from services.notify.item_notices import decide
from shared.facts.envelope import ArrivalId
from shared.facts.items.attachments import AttachmentsRead
from shared.facts.items.registration import ItemRegistered
from shared.facts.vocabulary import AttachmentReading, Nature, NoticeKind, SenderKind
from shared.site.tables.notices import Speed
from tests.unit.notify.builders import EFFECTS, MONDAY, ON_CALL, applied, fact, registered

ARRIVAL = ArrivalId(UUID(int=7))
SITE = applied()
LATER = timedelta(seconds=10)


def leaning(**fields: Any) -> ItemRegistered:
    opened = registered(reading=AttachmentReading.AWAITED, **fields)
    return opened.model_copy(update={"arrival_id": ARRIVAL})


def read(seq: int = 2, **fields: Any) -> AttachmentsRead:
    found: AttachmentsRead = fact(
        AttachmentsRead, seq, at=MONDAY + LATER, arrival_id=ARRIVAL, pli=None, **fields
    )
    return found


def verdict(*facts: Any, after: timedelta = LATER) -> Ruling:
    item = fold(facts)
    assert item is not None
    now = MONDAY + after
    calls = called_for(
        item, today=now.date(), zone=ZoneInfo("Europe/Paris"), effects=EFFECTS, on_call=ON_CALL
    )
    receipt = next(call for call in calls if call.kind is NoticeKind.RECEIPT)
    return judge(receipt, item, SITE, Circumstances(address="jeanne@exemple.fr"), now)


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (timedelta(0), Later(timedelta(minutes=2))),
        (timedelta(seconds=90), Later(timedelta(seconds=30))),
        (timedelta(minutes=2), Hold("attachments_unread")),
        (timedelta(hours=1), Hold("attachments_unread")),
    ],
)
def test_it_waits_two_minutes_and_is_held_then(after: timedelta, expected: Ruling) -> None:
    assert verdict(leaning(), after=after) == expected


def test_read_it_leaves() -> None:
    assert verdict(leaning(), read()) == SendNow()


def test_what_stands_in_a_file_holds_like_what_is_written() -> None:
    assert verdict(leaning(), read(hold="sender-citizen")) == Hold("sender-citizen")
    assert verdict(leaning(), read(hold="appeal")) == Hold("appeal")


def test_what_could_not_be_read_is_for_a_person_to_open() -> None:
    assert verdict(leaning(), read(unread=1)) == Hold("attachments_unread")


def test_a_mail_that_says_enough_waits_for_nothing() -> None:
    beside = registered(reading=AttachmentReading.BESIDE)
    assert verdict(beside) == SendNow()


def test_danger_in_a_file_alerts_the_on_call_person() -> None:
    item = fold([leaning(), read(danger=True)])
    assert item is not None
    assert [event for event, _ in item.dangers] == [read().event_id]


def test_danger_in_its_own_words_alerts_before_anything_is_read() -> None:
    item = fold([leaning(danger=True)])
    assert item is not None
    assert len(item.dangers) == 1


def test_the_row_of_a_receipt_that_waits_is_due_again_as_soon_as_all_is_read() -> None:
    waiting = fold([leaning()])
    now_read = fold([leaning(), read()])
    assert waiting is not None
    assert now_read is not None
    (planned,) = decide(waiting, {}, SITE, MONDAY)
    assert (planned.fact, planned.row.due_at) == (None, MONDAY + timedelta(minutes=2))
    rows = {planned.row.entry.notice_id: planned.row}
    assert decide(waiting, rows, SITE, MONDAY + LATER) == []
    (again,) = decide(now_read, rows, SITE, MONDAY + LATER)
    assert (again.row.entry.state, again.row.due_at) == (NoticeState.PLANNED, MONDAY + LATER)


def test_the_row_of_a_receipt_that_was_held_unread_leaves_when_it_is_read() -> None:
    waiting = fold([leaning()])
    now_read = fold([leaning(), read()])
    assert waiting is not None
    assert now_read is not None
    late = MONDAY + timedelta(minutes=5)
    (held,) = decide(waiting, {}, SITE, late)
    assert (held.row.entry.state, held.row.entry.why) == (NoticeState.HELD, "attachments_unread")
    (again,) = decide(now_read, {held.row.entry.notice_id: held.row}, SITE, late)
    assert again.row.entry.state is NoticeState.PLANNED


def test_a_lawyers_receipt_is_held_whatever_stands_in_the_file() -> None:
    opened = leaning(sender=SenderKind.LAWYER, nature=Nature.REQUEST)
    expected = Hold("interlocuteur", Speed.OPENING)
    assert (verdict(opened), verdict(opened, read())) == (expected, expected)
