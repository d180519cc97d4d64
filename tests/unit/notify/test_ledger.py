"""DESIGN law 5: nobody is told twice, save the one window that SMTP can't close."""

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.notify.domain.calls import Call
from services.notify.domain.fold import fold
from services.notify.domain.ledger import (
    Accepted,
    LedgerChange,
    LedgerEntry,
    Next,
    NoAnswer,
    NoticeState,
    NotTried,
    PlanNotice,
    RefusedForGood,
    RefusedForNow,
    ReleaseNotice,
    WithdrawNotice,
    next_after,
    reconcile,
)
from services.notify.domain.occasions import called_for
from shared.facts.items.replies import ReplySent
from shared.facts.vocabulary import NoticeKind, Proof
from tests.unit.notify.builders import (
    EFFECTS,
    ON_CALL,
    SITE,
    fact,
    ordered,
    qualified,
    regime,
    registered,
)


def entry(
    call: Call,
    state: NoticeState,
    why: str | None = None,
    **fields: Any,
) -> LedgerEntry:
    return LedgerEntry(call.notice(SITE), call.occasion, call.kind, state, why, **fields)


def calls(*facts: Any) -> tuple[Call, ...]:
    item = fold(facts)
    assert item is not None
    return called_for(
        item,
        today=date(2026, 5, 11),
        zone=ZoneInfo("Europe/Paris"),
        effects=EFFECTS,
        on_call=ON_CALL,
    )


def changes(
    called: tuple[Call, ...], *entries: LedgerEntry, facts: tuple[Any, ...] = ()
) -> list[LedgerChange]:
    item = fold(facts or (registered(),))
    assert item is not None
    return reconcile(called, {entry.notice_id: entry for entry in entries}, item, SITE)


def test_what_is_called_for_and_unknown_is_planned() -> None:
    (receipt,) = calls(registered())
    assert changes((receipt,)) == [PlanNotice(receipt)]


@pytest.mark.parametrize("state", list(NoticeState))
def test_what_the_ledger_knows_is_not_planned_again(state: NoticeState) -> None:
    (receipt,) = calls(registered())
    assert changes((receipt,), entry(receipt, state, "recours")) == []


@pytest.mark.parametrize("state", [NoticeState.PLANNED, NoticeState.TO_PRINT, NoticeState.HELD])
def test_what_is_no_longer_called_for_and_has_not_left_is_taken_back(state: NoticeState) -> None:
    (receipt,) = calls(registered())
    waiting = entry(receipt, state)
    assert changes((), waiting) == [WithdrawNotice(waiting, "taken_back")]


@pytest.mark.parametrize(
    "state",
    [
        NoticeState.ATTEMPTING,
        NoticeState.UNKNOWN,
        NoticeState.SENT,
        NoticeState.BOUNCED,
        NoticeState.FAILED,
    ],
)
def test_what_may_have_left_is_never_taken_back(state: NoticeState) -> None:
    (receipt,) = calls(registered())
    assert changes((), entry(receipt, state)) == []


def test_what_was_taken_back_can_be_called_for_again_but_what_was_dropped_can_not() -> None:
    (receipt,) = calls(registered())
    assert changes((receipt,), entry(receipt, NoticeState.WITHDRAWN, "taken_back")) == [
        PlanNotice(receipt)
    ]
    assert changes((receipt,), entry(receipt, NoticeState.WITHDRAWN, "dropped")) == []


def test_a_receipt_that_still_waits_when_the_reply_left_is_withdrawn_as_moot() -> None:
    (receipt,) = calls(registered())
    held, to_print = (
        entry(receipt, NoticeState.HELD, "recours"),
        entry(receipt, NoticeState.TO_PRINT),
    )
    answered = (registered(), fact(ReplySent, 5, proof=Proof.KEYED))
    assert changes(calls(*answered), held, facts=answered) == [WithdrawNotice(held, "moot")]
    assert changes(calls(*answered), to_print, facts=answered) == [WithdrawNotice(to_print, "moot")]
    withdrawn = entry(receipt, NoticeState.WITHDRAWN, "moot")
    assert changes(calls(*answered), withdrawn, facts=answered) == []
    assert changes((receipt,), withdrawn) == [PlanNotice(receipt)]


def test_a_confirmed_regime_replaces_a_simple_that_has_not_left() -> None:
    (_, simple) = calls(registered(), qualified())
    after = calls(registered(), qualified(), regime("titre"))
    (receipt, svr) = after
    held, sent = entry(simple, NoticeState.HELD), entry(receipt, NoticeState.SENT)
    assert changes(after, sent, held) == [PlanNotice(svr), WithdrawNotice(held, "taken_back")]


def test_a_second_effect_of_silence_is_not_planned_while_the_first_leaves() -> None:
    (_, first) = calls(registered(), regime("titre", 3))
    (receipt, second) = calls(registered(), regime("accord", 4))
    sent = entry(receipt, NoticeState.SENT)
    leaving = entry(first, NoticeState.ATTEMPTING)
    assert changes((receipt, second), sent, leaving) == []


def test_an_order_releases_what_was_held() -> None:
    (receipt,) = calls(registered())
    (by_order,) = calls(registered(), ordered(NoticeKind.RECEIPT))
    held = entry(receipt, NoticeState.HELD, "interlocuteur")
    assert changes((by_order,), held) == [ReleaseNotice(held, by_order)]


def plain(state: NoticeState = NoticeState.ATTEMPTING, **fields: Any) -> LedgerEntry:
    (receipt,) = calls(registered())
    return entry(receipt, state, **fields)


def test_a_server_that_took_it_ends_it() -> None:
    assert next_after(plain(), Accepted()) == Next(NoticeState.SENT)


def test_a_final_refusal_fails_with_its_status() -> None:
    assert next_after(plain(), RefusedForGood("5.1.1")) == Next(NoticeState.FAILED, "5.1.1")


def test_temporary_refusals_wait_longer_each_time() -> None:
    first = next_after(plain(), RefusedForNow("4.2.2"))
    assert first == Next(NoticeState.PLANNED, "4.2.2", timedelta(minutes=1), refusals=1)
    later = next_after(plain(refusals=20), RefusedForNow("4.2.2"))
    assert later.after == timedelta(hours=4)


def test_a_connection_that_ended_before_data_is_no_attempt() -> None:
    assert next_after(plain(), NotTried()) == Next(NoticeState.PLANNED)


def test_no_answer_leaves_once_more_and_the_second_time_waits_for_a_person() -> None:
    first = next_after(plain(), NoAnswer())
    assert (first.state, first.silences) == (NoticeState.UNKNOWN, 1)
    second = next_after(plain(silences=1), NoAnswer())
    assert (second.state, second.why) == (NoticeState.HELD, "no_answer_twice")


@pytest.mark.parametrize("answer", [RefusedForNow("4.3.0"), NotTried()])
def test_an_unknown_one_that_is_refused_for_now_stays_unknown(
    answer: RefusedForNow | NotTried,
) -> None:
    assert next_after(plain(silences=1), answer).state is NoticeState.UNKNOWN
