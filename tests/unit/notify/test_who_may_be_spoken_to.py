"""DOMAIN §7 and §10, RFC 3834: send, hold for a person, or never."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.notify.domain.calls import Call
from services.notify.domain.fold import fold
from services.notify.domain.loop_guard import RecentNotice, capped_domain, mailbox_of
from services.notify.domain.occasions import called_for
from services.notify.domain.policy import (
    Circumstances,
    Hold,
    Later,
    Never,
    Ruling,
    SendNow,
    judge,
)
from shared.facts.items.registration import SenderWroteAgain
from shared.facts.vocabulary import Authentication, Channel, Nature, NoticeKind, SenderKind, Way
from shared.site.tables.bundle import AppliedSite
from shared.site.tables.notices import Caps, Speed
from tests.unit.notify.builders import (
    EFFECTS,
    HELD_SENDERS,
    MONDAY,
    ON_CALL,
    applied,
    event,
    fact,
    ordered,
    qualified,
    regime,
    registered,
)

PERSON = Circumstances(address="jeanne@exemple.fr")
SITE = applied()


def verdict(
    *facts: Any,
    kind: NoticeKind = NoticeKind.RECEIPT,
    around: Circumstances = PERSON,
    site: AppliedSite = SITE,
    now: datetime = MONDAY,
    call: Call | None = None,
) -> Ruling:
    item = fold(facts)
    assert item is not None
    called = called_for(
        item, today=now.date(), zone=ZoneInfo("Europe/Paris"), effects=EFFECTS, on_call=ON_CALL
    )
    chosen = call or next(call for call in called if call.kind is kind)
    return judge(chosen, item, site, around, now)


@pytest.mark.parametrize(
    "sender",
    [SenderKind.CITIZEN, SenderKind.ASSOCIATION, SenderKind.COMPANY, SenderKind.UNKNOWN],
)
def test_the_neutral_receipt_leaves_by_itself(sender: SenderKind) -> None:
    assert verdict(registered(sender=sender)) == SendNow()


@pytest.mark.parametrize("sender", HELD_SENDERS)
def test_a_held_kind_of_sender_waits_for_a_person_told_within_the_opening_hour(
    sender: SenderKind,
) -> None:
    assert verdict(registered(sender=sender)) == Hold("interlocuteur", Speed.OPENING)


def test_an_appeal_gets_no_automatic_text_even_from_a_citizen() -> None:
    assert verdict(registered(nature=Nature.APPEAL)) == Hold("recours", Speed.OPENING)


def test_an_unknown_sender_gets_the_neutral_receipt_and_nothing_else() -> None:
    facts = [registered(sender=SenderKind.UNKNOWN), qualified()]
    assert verdict(*facts, kind=NoticeKind.SIMPLE) == Hold("no_rule")


def test_what_ingest_wants_held_is_held() -> None:
    assert verdict(registered(hold="deux_expediteurs")) == Hold("deux_expediteurs")


def test_nothing_leaves_before_go_live_not_even_what_a_person_ordered() -> None:
    site = applied(go_live=None)
    assert verdict(registered(), site=site) == Hold("not_live")
    assert verdict(registered(danger=True), kind=NoticeKind.ALERT, site=site) == Hold("not_live")
    order = ordered(NoticeKind.REPLY)
    assert verdict(registered(), order, kind=NoticeKind.REPLY, site=site) == Hold("not_live")
    released = replace(PERSON, released=True)
    assert verdict(registered(), around=released, site=site) == Hold("not_live")


def test_what_was_received_before_go_live_is_history_and_silent() -> None:
    old = datetime(2026, 4, 30, 12, tzinfo=UTC)
    assert verdict(registered(at=old), now=old) == Never("history")
    assert verdict(registered(at=old, danger=True), kind=NoticeKind.ALERT) == Never("history")


def test_danger_in_a_later_message_of_an_item_of_the_past_alerts_all_the_same() -> None:
    old = registered(at=datetime(2026, 4, 28, 8, tzinfo=UTC), imported=True)
    again = fact(
        SenderWroteAgain, 3, arrival_id=event("a"), nature=Nature.CHASER, pli=None, danger=True
    )
    assert verdict(old, again, kind=NoticeKind.ALERT) == SendNow()


def test_a_person_may_answer_what_is_history() -> None:
    old = datetime(2026, 4, 30, 12, tzinfo=UTC)
    assert (
        verdict(registered(at=old), ordered(NoticeKind.REPLY), kind=NoticeKind.REPLY) == SendNow()
    )


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"automatic": "auto_submitted"}, "automatic.auto_submitted"),
        ({"automatic": "list_id"}, "automatic.list_id"),
        ({"automatic": "null_return_path"}, "automatic.null_return_path"),
        ({"authentication": Authentication.FAIL}, "authentication_failed"),
    ],
)
def test_a_machine_or_a_forged_sender_is_never_answered(fields: Any, why: str) -> None:
    assert verdict(registered(**fields)) == Never(why)


def test_without_any_authentication_the_receipt_may_leave() -> None:
    assert verdict(registered(authentication=Authentication.NONE)) == SendNow()


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("", "no_return_path"),
        ("noreply@boutique.example", "no_reply"),
        ("no-reply+42@boutique.example", "no_reply"),
        ("ne-pas-repondre@service.example", "no_reply"),
        ("MAILER-DAEMON@mx.example", "no_reply"),
        ("liste-owner@lists.example", "no_reply"),
        ("pref-bmi@indre.example", "own_domain"),
        ("x@mail.INDRE.example.", "own_domain"),
    ],
)
def test_an_address_that_nobody_reads_is_never_answered(address: str, why: str) -> None:
    assert verdict(registered(), around=Circumstances(address=address)) == Never(why)


@pytest.mark.parametrize(
    "address", ["noreen@exemple.fr", "a@madindre.example", "postmasterson@exemple.fr"]
)
def test_an_address_that_only_looks_like_one_is_answered(address: str) -> None:
    assert verdict(registered(), around=Circumstances(address=address)) == SendNow()


def test_a_second_automatic_mail_on_one_item_waits_for_another_day() -> None:
    told = replace(PERSON, told=RecentNotice(of_this_item=1))
    facts = [registered(), qualified()]
    assert verdict(*facts, kind=NoticeKind.SIMPLE, around=told) == Later()


def test_the_same_thread_twice_a_day_is_held_for_a_person() -> None:
    told = replace(PERSON, told=RecentNotice(of_this_thread=1, to_this_correspondent=1))
    assert verdict(registered(), around=told) == Hold("thread_told_today")


def test_the_sixth_automatic_mail_of_a_day_to_one_person_is_held() -> None:
    assert verdict(
        registered(), around=replace(PERSON, told=RecentNotice(to_this_correspondent=4))
    ) == (SendNow())
    assert verdict(
        registered(), around=replace(PERSON, told=RecentNotice(to_this_correspondent=5))
    ) == (Hold("many_today"))


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (RecentNotice(to_this_domain_in_an_hour=199, to_this_domain=999), SendNow()),
        (RecentNotice(to_this_domain_in_an_hour=200), Hold("domain_full")),
        (RecentNotice(to_this_domain=1_000), Hold("domain_full")),
        (RecentNotice(in_all_in_an_hour=2_999, in_all=9_999), SendNow()),
        (RecentNotice(in_all=10_000), Hold("day_full")),
        (RecentNotice(in_all_in_an_hour=3_000), Later(timedelta(minutes=5))),
    ],
)
def test_a_domain_and_a_day_have_their_caps_and_a_full_hour_waits(
    told: RecentNotice, expected: Ruling
) -> None:
    assert verdict(registered(), around=replace(PERSON, told=told)) == expected


def test_a_silenced_address_hears_nothing_but_what_a_person_lets_go() -> None:
    silenced = replace(PERSON, silenced=True)
    assert verdict(registered(), around=silenced) == Hold("correspondent_silent")
    assert verdict(registered(), around=replace(silenced, released=True)) == SendNow()
    reply = ordered(NoticeKind.REPLY)
    assert verdict(registered(), reply, kind=NoticeKind.REPLY, around=silenced) == SendNow()


@pytest.mark.parametrize(
    ("address", "mailbox"),
    [
        ("Victim+7@X.example", "victim@x.example"),
        (" victim@x.example. ", "victim@x.example"),
        ("a+b+c@x.example", "a@x.example"),
        ("nobody", ""),
    ],
)
def test_plus_parts_are_one_mailbox(address: str, mailbox: str) -> None:
    assert mailbox_of(address) == mailbox


def test_strangers_who_share_a_provider_share_no_cap() -> None:
    shared = Caps().shared_domains
    assert capped_domain("x@Orange.fr", shared) is None
    assert capped_domain("x@Mairie.example.", shared) == "mairie.example"
    assert capped_domain("nobody", shared) == "nobody"


def test_what_a_person_orders_leaves_whoever_wrote_and_whatever_left_today() -> None:
    told = replace(PERSON, told=RecentNotice(1, 3, 9))
    facts = [registered(sender=SenderKind.LAWYER, automatic="auto_submitted")]
    order = ordered(NoticeKind.REPLY)
    assert verdict(*facts, order, kind=NoticeKind.REPLY, around=told) == SendNow()


def test_a_pointer_never_answers_a_complaint_even_when_ordered() -> None:
    facts = [registered(nature=Nature.COMPLAINT), ordered(NoticeKind.POINTER)]
    assert verdict(*facts, kind=NoticeKind.POINTER) == Never("reclamation")


def test_what_a_person_released_leaves() -> None:
    released = replace(PERSON, released=True)
    assert verdict(registered(sender=SenderKind.LAWYER), around=released) == SendNow()


def test_an_effect_of_silence_is_never_said_against_the_confirmed_regime() -> None:
    released = replace(PERSON, released=True)
    facts = [registered(), regime("titre"), ordered(NoticeKind.SVA)]
    assert verdict(*facts, kind=NoticeKind.SVA, around=released) == Hold("regime_not_confirmed")


def test_what_is_too_late_is_held() -> None:
    late = MONDAY + timedelta(days=2, seconds=1)
    assert verdict(registered(), now=MONDAY + timedelta(days=2)) == SendNow()
    assert verdict(registered(), now=late) == Hold("stale")
    order = ordered(NoticeKind.REPLY)
    assert verdict(
        registered(), order, kind=NoticeKind.REPLY, now=MONDAY + timedelta(days=4)
    ) == Hold("stale")


def test_words_of_danger_reach_the_on_call_person_on_a_sunday() -> None:
    sunday = datetime(2026, 5, 10, 3, 0, tzinfo=UTC)
    facts = [registered(at=sunday, danger=True)]
    assert verdict(*facts, kind=NoticeKind.ALERT, now=sunday) == SendNow()


def test_an_address_that_bounced_is_held_and_a_letter_to_the_same_person_is_not() -> None:
    bounced = replace(PERSON, suppressed=True)
    assert verdict(registered(), around=bounced) == Hold("address_bounced")
    letter = registered(channel=Channel.LETTER)
    order = ordered(NoticeKind.REPLY, way=Way.PAPER)
    assert verdict(letter, order, kind=NoticeKind.REPLY, around=bounced) == SendNow()


def test_a_paper_acknowledgement_asks_nothing_of_mail_headers() -> None:
    facts = [registered(channel=Channel.LETTER), regime("titre")]
    assert verdict(*facts, kind=NoticeKind.SVR, around=Circumstances()) == SendNow()
