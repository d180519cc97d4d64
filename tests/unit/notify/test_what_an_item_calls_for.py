"""DOMAIN §3 and §7: which notices the facts of an item call for."""

from datetime import date, datetime, timedelta
from itertools import permutations
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.notify.domain.acknowledgements import wakes_on
from services.notify.domain.calls import Call, ToColleague
from services.notify.domain.copies import copies_of
from services.notify.domain.fold import fold
from services.notify.domain.occasions import called_for
from services.notify.domain.policy import STALE, Circumstances, Hold, SendNow, judge
from shared.facts.items.acknowledgements import AcknowledgementSent, HoldingReplySent, ReceiptSent
from shared.facts.items.closure import ItemClosed
from shared.facts.items.corrections import ItemMergedInto
from shared.facts.items.pieces import PiecesRequested
from shared.facts.items.registration import SenderWroteAgain
from shared.facts.items.replies import ReplyObserved, ReplySent
from shared.facts.items.retention import ItemDestroyed
from shared.facts.items.routing import ItemReclassified
from shared.facts.vocabulary import Channel, Nature, NoticeKind, Proof, Way
from tests.unit.notify.builders import (
    EFFECTS,
    ITEM,
    MONDAY,
    ON_CALL,
    SITE,
    applied,
    classification,
    event,
    fact,
    ordered,
    qualified,
    regime,
    registered,
    withdrawn,
)

PARIS = ZoneInfo("Europe/Paris")
DAY_0 = date(2026, 5, 11)


def calls(*facts: Any, today: date = DAY_0) -> tuple[Call, ...]:
    item = fold(facts)
    assert item is not None
    return called_for(item, today=today, zone=PARIS, effects=EFFECTS, on_call=ON_CALL)


def kinds(*facts: Any, today: date = DAY_0) -> list[tuple[NoticeKind, Way]]:
    return [(call.kind, call.way) for call in calls(*facts, today=today)]


RECEIPT = (NoticeKind.RECEIPT, Way.MAIL)
SIMPLE = (NoticeKind.SIMPLE, Way.MAIL)
REPLIED = fact(ReplySent, 5, proof=Proof.KEYED)


def test_a_registered_mail_calls_for_its_receipt_and_nothing_else() -> None:
    assert kinds(registered()) == [RECEIPT]


def test_a_form_calls_for_its_receipt() -> None:
    assert kinds(registered(channel=Channel.FORM)) == [RECEIPT]


def test_a_letter_calls_for_nothing_on_its_first_day() -> None:
    assert kinds(registered(channel=Channel.LETTER, qualified=True)) == []


def test_simple_waits_for_the_word_on_service_and_category() -> None:
    assert kinds(registered(), qualified()) == [RECEIPT, SIMPLE]
    assert kinds(registered(qualified=True)) == [RECEIPT, SIMPLE]


def test_the_occasion_of_simple_is_the_registration_whoever_qualified() -> None:
    (_, by_rule) = calls(registered(qualified=True))
    (_, by_hand) = calls(registered(), qualified())
    assert by_rule.notice(SITE) == by_hand.notice(SITE)


def test_silence_that_rejects_is_said_only_when_the_regime_is_confirmed() -> None:
    facts = [registered(), qualified(), regime("titre")]
    assert kinds(*facts) == [RECEIPT, (NoticeKind.SVR, Way.MAIL)]


def test_silence_that_accepts_is_said_only_when_the_regime_is_confirmed() -> None:
    assert kinds(registered(), regime("accord")) == [RECEIPT, (NoticeKind.SVA, Way.MAIL)]


def test_a_request_without_implied_decision_gets_simple() -> None:
    assert kinds(registered(), regime(None)) == [RECEIPT, SIMPLE]


def test_a_regime_that_the_site_no_longer_knows_says_nothing() -> None:
    assert kinds(registered(), qualified(), regime("inconnu")) == [RECEIPT]


def test_a_regime_taken_back_calls_for_simple_again() -> None:
    confirmed = regime("titre")
    assert kinds(registered(), qualified(), confirmed, withdrawn(confirmed)) == [RECEIPT, SIMPLE]


def test_a_second_regime_says_nothing_by_itself_once_an_acknowledgement_left() -> None:
    sent = fact(AcknowledgementSent, 4, kind=NoticeKind.SVR, notice_id=None, way=Way.MAIL)
    assert kinds(registered(), regime("titre"), sent, regime("accord", 5)) == [RECEIPT]


def test_a_letter_under_a_confirmed_regime_is_acknowledged_on_paper() -> None:
    facts = [registered(channel=Channel.LETTER), regime("titre")]
    assert kinds(*facts) == [(NoticeKind.SVR, Way.PAPER)]


def test_an_unanswered_letter_is_acknowledged_on_calendar_day_ten() -> None:
    letter = registered(channel=Channel.LETTER)
    assert kinds(letter, today=date(2026, 5, 20)) == []
    assert kinds(letter, today=date(2026, 5, 21)) == [(NoticeKind.SIMPLE, Way.PAPER)]


def test_a_letter_that_got_a_holding_reply_needs_no_acknowledgement() -> None:
    facts = [
        registered(channel=Channel.LETTER),
        fact(HoldingReplySent, 3, until=date(2026, 6, 20)),
    ]
    assert kinds(*facts, today=date(2026, 5, 30)) == []


def test_time_wakes_an_unanswered_letter_on_day_ten_and_nothing_else() -> None:
    letter = fold([registered(channel=Channel.LETTER)])
    mail = fold([registered()])
    answered = fold([registered(channel=Channel.LETTER), REPLIED])
    assert letter is not None
    assert mail is not None
    assert answered is not None
    assert wakes_on(letter, PARIS) == date(2026, 5, 21)
    assert wakes_on(mail, PARIS) is None
    assert wakes_on(answered, PARIS) is None


def test_a_reply_that_left_makes_receipt_and_acknowledgement_moot() -> None:
    assert kinds(registered(), qualified(), REPLIED) == []
    assert kinds(registered(), regime("titre"), REPLIED) == []


def test_a_message_seen_in_sent_makes_no_receipt_moot() -> None:
    seen = fact(ReplyObserved, 5, arrival_id=event("a"), message=None)
    assert kinds(registered(), qualified(), seen) == [RECEIPT]


def test_what_was_ordered_before_the_reply_left_is_moot_and_what_is_ordered_after_it_is_not() -> (
    None
):
    before, after = ordered(NoticeKind.SIMPLE, 4), ordered(NoticeKind.RECEIPT, 6)
    assert kinds(registered(), qualified(), before, REPLIED) == []
    assert kinds(registered(), qualified(), REPLIED, after) == [RECEIPT]
    pieces = ordered(NoticeKind.PIECES, 4)
    assert kinds(registered(), pieces, REPLIED) == [(NoticeKind.PIECES, Way.MAIL)]


def test_a_reply_taken_back_calls_for_the_acknowledgement_again() -> None:
    assert kinds(registered(), qualified(), REPLIED, withdrawn(REPLIED)) == [RECEIPT, SIMPLE]


def test_out_of_the_perimeter_gets_its_receipt_and_no_acknowledgement() -> None:
    late = fact(ItemReclassified, 3, classification=classification(perimeter=False))
    assert kinds(registered(perimeter=False), qualified()) == [RECEIPT]
    assert kinds(registered(), qualified(), late) == [RECEIPT]


def test_a_closed_item_is_no_longer_acknowledged() -> None:
    assert kinds(registered(), qualified(), fact(ItemClosed, 3, reason="publicite")) == [RECEIPT]


def test_a_message_of_another_item_calls_for_nothing() -> None:
    merged = fact(ItemMergedInto, 3, survivor=ITEM, survivor_chrono="36-2026-A-000001")
    assert kinds(registered(), qualified(), merged) == []


def test_of_a_destroyed_item_nothing_can_be_said() -> None:
    assert kinds(registered(danger=True), fact(ItemDestroyed, 3, visa="v")) == []


def test_an_imported_item_is_told_nothing_of_its_past() -> None:
    assert kinds(registered(imported=True, qualified=True), regime("titre")) == []
    assert kinds(registered(imported=True, danger=True, hold="recours")) == []


def test_words_of_danger_alert_the_on_call_person_for_each_message_that_holds_some() -> None:
    again = fact(
        SenderWroteAgain, 3, arrival_id=event("a"), nature=Nature.CHASER, pli=None, danger=True
    )
    alerts = [
        call for call in calls(registered(danger=True), again) if call.kind is NoticeKind.ALERT
    ]
    assert [call.recipient for call in alerts] == [ToColleague(ON_CALL)] * 2
    assert len({call.notice(SITE) for call in alerts}) == 2


def test_what_a_person_orders_is_called_for_until_the_order_is_taken_back() -> None:
    order = ordered(NoticeKind.HOLDING_REPLY, until=date(2026, 6, 20))
    assert (NoticeKind.HOLDING_REPLY, Way.MAIL) in kinds(registered(), order)
    assert kinds(registered(), order, withdrawn(order)) == [RECEIPT]


def test_ordering_what_is_owed_anyway_is_a_word_on_it_and_no_second_notice() -> None:
    order = ordered(NoticeKind.SIMPLE)
    (_, simple) = calls(registered(), qualified(), order)
    (_, alone) = calls(registered(), qualified())
    assert simple.ordered == order.event_id
    assert simple.notice(SITE) == alone.notice(SITE)


def test_nobody_orders_what_is_written_to_our_own_people() -> None:
    assert kinds(registered(), ordered(NoticeKind.DIGEST), ordered(NoticeKind.ALERT, 5)) == [
        RECEIPT
    ]


def test_the_order_in_which_facts_arrive_changes_nothing() -> None:
    sent = fact(ReceiptSent, 5, notice_id=None, way=Way.MAIL)
    facts = [registered(), qualified(), regime("titre"), withdrawn(regime("titre"), 4), sent]
    expected = calls(*facts)
    assert all(calls(*order) == expected for order in permutations(facts))


def test_a_receipt_grows_stale_from_the_receipt_and_not_from_a_late_registration() -> None:
    early = registered().receipt
    (call,) = calls(registered(at=MONDAY + timedelta(days=3), receipt=early))
    assert call.since == datetime(2026, 5, 11, 8, 0, tzinfo=MONDAY.tzinfo)


def copies(*facts: Any) -> list[Call]:
    item = fold(facts)
    assert item is not None
    return list(copies_of(calls(*facts), item, SITE))


def test_copies_of_a_letter_are_called_for_once_it_left_and_no_more_once_it_came_back() -> None:
    plis = ("2026/a/1", "2026/a/2")
    order = ordered(NoticeKind.REPLY, 4, pli="2026/a/0", copies=plis)
    (letter,) = [call for call in calls(registered(), order) if call.kind is NoticeKind.REPLY]
    left = fact(ReplySent, 5, proof=Proof.DELIVERED, notice_id=letter.notice(SITE))
    elsewhere = fact(ReplySent, 5, proof=Proof.KEYED)
    assert copies(registered(), order) == []
    assert copies(registered(), order, elsewhere) == [], "it was answered by another way"
    first, second = copies(registered(), order, left)
    assert (first.kind, first.way, first.text) == (NoticeKind.COPY, Way.MAIL, plis[0])
    assert (second.text, second.ordered) == (plis[1], order.event_id)
    assert len({call.notice(SITE) for call in (letter, first, second)}) == 3
    assert copies(registered(), order, left, withdrawn(order, 6), withdrawn(left, 7)) == []


def test_copies_stay_called_for_when_another_reply_is_recorded() -> None:
    order = ordered(NoticeKind.REPLY, 4, pli="2026/a/0", copies=("2026/a/1",))
    (letter,) = [call for call in calls(registered(), order) if call.kind is NoticeKind.REPLY]
    left = fact(ReplySent, 5, proof=Proof.DELIVERED, notice_id=letter.notice(SITE))
    paper = fact(ReplySent, 6, proof=Proof.SCANNED)
    assert copies(registered(), order, left, paper) == copies(registered(), order, left)
    assert [call.text for call in copies(registered(), order, left, paper)] == ["2026/a/1"]
    assert copies(registered(), order, left, paper, withdrawn(left, 7)) == []


@pytest.mark.parametrize(
    ("days", "verdict"), [(2, SendNow()), (3, SendNow()), (4, Hold(STALE)), (30, Hold(STALE))]
)
def test_a_copy_grows_as_old_as_its_letter_from_when_the_letter_left(
    days: int, verdict: SendNow | Hold
) -> None:
    order = ordered(NoticeKind.REPLY, 4, pli="2026/a/0", copies=("2026/a/1",))
    (letter,) = [call for call in calls(registered(), order) if call.kind is NoticeKind.REPLY]
    # Held, and released by a person on its fifth day: older by then than a reply may grow.
    at = MONDAY + timedelta(days=5)
    left = fact(ReplySent, 5, at=at, proof=Proof.DELIVERED, notice_id=letter.notice(SITE))
    (copy,) = copies(registered(), order, left)
    item = fold([registered(), order, left])
    assert item is not None
    now = at + timedelta(days=days)
    assert judge(copy, item, applied(), Circumstances(), now) == verdict


def test_copies_of_what_asks_for_pieces_leave_too() -> None:
    order = ordered(NoticeKind.PIECES, 4, pli="2026/a/0", copies=("2026/a/1",), until=DAY_0)
    (letter,) = [call for call in calls(registered(), order) if call.kind is NoticeKind.PIECES]
    sent = fact(PiecesRequested, 5, until=DAY_0, notice_id=letter.notice(SITE))
    assert [call.text for call in copies(registered(), order, sent)] == ["2026/a/1"]
