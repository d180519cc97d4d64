"""What is judged again of an item's rows: after go-live, after a person's word, after a posting."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from services.notify.domain.acknowledgements import WITH_EFFECT
from services.notify.domain.attachments import UNREAD, is_read, reading_until
from services.notify.domain.calls import Call
from services.notify.domain.item import NotifiedItem
from services.notify.domain.ledger import POSTED, NoticeState
from services.notify.domain.policy import (
    NOT_LIVE,
    Hold,
    held_by_the_table,
    judge,
)
from services.notify.domain.silence import PASSING, date_of, why_undated
from services.notify.ledger_decisions import NOBODY_YET, LedgerDecision, decide_call, enter_state
from services.notify.store.ledger import LedgerRow
from shared.facts.envelope import NoticeId
from shared.facts.vocabulary import Way
from shared.site.tables.bundle import AppliedSite


def judged_again(
    calls: Mapping[NoticeId, Call],
    item: NotifiedItem,
    rows: Mapping[NoticeId, LedgerRow],
    applied: AppliedSite,
    now: datetime,
) -> Iterator[LedgerDecision]:
    """Yields new decisions on an item's waiting notices, as the verdict on them has changed.

    That is after go-live, once attachments are read, when a person said who writes, and when a
    letter to print gives another date than the clock.
    """
    about = _Rows(calls, item, rows, applied, now)
    yield from _now_live(about)
    yield from _now_read(about)
    yield from _said_otherwise(about)
    yield from _dated_otherwise(about)


@dataclass(frozen=True, slots=True)
class _Rows:
    """An item with its calls and its rows of the ledger, under the rules, at a moment."""

    calls: Mapping[NoticeId, Call]
    item: NotifiedItem
    rows: Mapping[NoticeId, LedgerRow]
    applied: AppliedSite
    now: datetime

    def judge_again(self, call: Call, row: LedgerRow) -> Iterator[LedgerDecision]:
        return decide_call(call, self.item, row, self.applied, self.now)


def _now_live(about: _Rows) -> Iterator[LedgerDecision]:
    """What was held because the site was not live is judged again, though its order was undone."""
    if about.applied.go_live is None:
        return
    for notice, row in about.rows.items():
        held = row.entry.state is NoticeState.HELD and row.entry.why == NOT_LIVE
        if (
            held
            and notice in about.calls
            and (row.entry.ordered or not about.calls[notice].ordered)
        ):
            yield from about.judge_again(about.calls[notice], row)


def _now_read(about: _Rows) -> Iterator[LedgerDecision]:
    """What waited for the text of attachments need not wait on, nor is it held for want of it."""
    until = reading_until(about.item)
    if until is None or about.item.read is None:
        return
    for notice, row in about.rows.items():
        call, entry = about.calls.get(notice), row.entry
        waits = entry.state is NoticeState.PLANNED and row.due_at == until and about.now < until
        held = entry.state is NoticeState.HELD and entry.why == UNREAD
        unread = held and is_read(about.item)
        if call is not None and call.ordered == entry.ordered and (waits or unread):
            yield from about.judge_again(call, row)


def _said_otherwise(about: _Rows) -> Iterator[LedgerDecision]:
    """What a row of the table held leaves when a person says who writes, or what it is.

    Likewise what waited for pieces: when the last ones are here, its period runs.
    """
    for notice, row in about.rows.items():
        call, entry = about.calls.get(notice), row.entry
        if call is None or entry.state is not NoticeState.HELD or call.ordered != entry.ordered:
            continue
        if held_by_the_table(entry.why, about.applied) or entry.why in PASSING:
            match judge(call, about.item, about.applied, NOBODY_YET, about.now):
                case Hold(why) if why == entry.why:
                    pass
                case _:
                    yield from about.judge_again(call, row)


def _dated_otherwise(about: _Rows) -> Iterator[LedgerDecision]:
    """A letter that lies to be printed and tells another date than the clock is made anew."""
    for notice, row in about.rows.items():
        call, entry = about.calls.get(notice), row.entry
        if call is None or entry.kind not in WITH_EFFECT or entry.state is not NoticeState.TO_PRINT:
            continue
        undated = why_undated(about.item, about.applied, about.now, released=True) is not None
        moved = row.says is not None and row.says != date_of(about.item, about.applied, about.now)
        if undated or moved:
            yield from about.judge_again(call, row)


def decide_posted(
    calls: Mapping[NoticeId, Call],
    item: NotifiedItem,
    rows: Mapping[NoticeId, LedgerRow],
    now: datetime,
) -> Iterator[LedgerDecision]:
    """Yields the decisions on an item's paper letters that its facts say were posted."""
    yield from _posted_by_us(item, rows)
    yield from _posted_apart(item, calls, rows, now)


def _posted_by_us(
    item: NotifiedItem, rows: Mapping[NoticeId, LedgerRow]
) -> Iterator[LedgerDecision]:
    """A letter of which the register says that it left: it is the one that tells."""
    for notice in item.left_notices.keys() & rows.keys():
        row = rows[notice]
        if row.entry.state in {NoticeState.TO_PRINT, NoticeState.PLANNED} and row.way is Way.PAPER:
            yield LedgerDecision(
                replace(row, entry=replace(row.entry, state=NoticeState.SENT)), None
            )


def _posted_apart(
    item: NotifiedItem,
    calls: Mapping[NoticeId, Call],
    rows: Mapping[NoticeId, LedgerRow],
    now: datetime,
) -> Iterator[LedgerDecision]:
    """A paper of this kind left and nobody said which: what lay ready to print need not.

    What was called for after it left is another letter, and stays.
    """
    for notice, row in rows.items():
        lies = row.way is Way.PAPER and row.entry.state in {
            NoticeState.TO_PRINT,
            NoticeState.PLANNED,
        }
        left = item.posted.get(row.entry.kind)
        later = notice in calls and left is not None and calls[notice].seq > left
        if lies and left is not None and not later and notice not in item.left_notices:
            yield enter_state(row, NoticeState.WITHDRAWN, POSTED, now)
