"""What changes in the ledger of one item, and the facts that tell of it: everything but the I/O.

Used by the handler of items, by what time wakes, and when the site goes live.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from services.notify.domain.due import due, urgency
from services.notify.domain.hours import hours_of, next_opening
from services.notify.domain.item import NotifiedItem
from services.notify.domain.ledger import (
    POSTED,
    LedgerEntry,
    NoticeState,
    PlanNotice,
    ReleaseNotice,
    WithdrawNotice,
    reconcile,
)
from services.notify.domain.occasions import WITH_EFFECT, Call, ToColleague, ToSender, called_for
from services.notify.domain.policy import (
    NOT_LIVE,
    Circumstances,
    Hold,
    Later,
    Never,
    Send,
    Verdict,
    held_by_the_table,
    informing,
    judge,
)
from services.notify.domain.silence import PASSING, date_of, why_undated
from services.notify.notice_facts import tell
from services.notify.store.ledger import LedgerRow
from shared.facts.envelope import NoticeId, PersonId
from shared.facts.notices import Notices
from shared.facts.vocabulary import AUTOMATIC, Way
from shared.site.tables.bundle import AppliedSite

NOBODY_YET = Circumstances()


@dataclass(frozen=True, slots=True)
class LedgerDecision:
    """A row to write to the ledger of notices, with the fact that tells of it, if any."""

    row: LedgerRow
    fact: Notices | None


def calls_of(item: NotifiedItem, applied: AppliedSite, now: datetime) -> Sequence[Call]:
    """Lists all notices that an item calls for at `now`, with alerts about them."""
    site = applied.site
    calls = called_for(
        item,
        today=now.astimezone(site.zone).date(),
        zone=site.zone,
        effects={code: regime.effect for code, regime in site.regime.items()},
        on_call=PersonId(site.identity.on_call),
    )
    alerts = {call.notice(site.identity.id) for call in calls}
    told = (informing(call, item, applied) for call in calls if call.kind in AUTOMATIC)
    extra = {call.notice(site.identity.id): call for call in told if call is not None}
    return [*calls, *(call for notice, call in extra.items() if notice not in alerts)]


def decide(
    item: NotifiedItem, rows: Mapping[NoticeId, LedgerRow], applied: AppliedSite, now: datetime
) -> Sequence[LedgerDecision]:
    """Returns the changes to an item's notices in the ledger that its facts now call for."""
    site = applied.site.identity.id
    calls = {call.notice(site): call for call in calls_of(item, applied, now)}
    decided = [*_posted(item, rows), *_posted_apart(item, calls, rows, now)]
    rows = {**rows, **{decision.row.entry.notice_id: decision.row for decision in decided}}
    entries = {notice: row.entry for notice, row in rows.items()}
    for change in reconcile(calls.values(), entries, item, site):
        match change:
            case PlanNotice(call):
                decided += _judged(call, item, rows.get(call.notice(site)), applied, now)
            case ReleaseNotice(entry, call):
                decided += _judged(call, item, rows[entry.notice_id], applied, now)
            case WithdrawNotice(entry, why):
                decided.append(_told(rows[entry.notice_id], NoticeState.WITHDRAWN, why, now))
            case _:
                assert_never(change)
    decided += _now_live(calls, item, rows, applied, now)
    decided += _said_otherwise(calls, item, rows, applied, now)
    decided += _dated_otherwise(calls, item, rows, applied, now)
    return decided


def _now_live(
    calls: Mapping[NoticeId, Call],
    item: NotifiedItem,
    rows: Mapping[NoticeId, LedgerRow],
    applied: AppliedSite,
    now: datetime,
) -> Iterator[LedgerDecision]:
    """What was held because the site was not live is judged again, though its order was undone."""
    if applied.go_live is None:
        return
    for notice, row in rows.items():
        held = row.entry.state is NoticeState.HELD and row.entry.why == NOT_LIVE
        if held and notice in calls and (row.entry.ordered or not calls[notice].ordered):
            yield from _judged(calls[notice], item, row, applied, now)


def _said_otherwise(
    calls: Mapping[NoticeId, Call],
    item: NotifiedItem,
    rows: Mapping[NoticeId, LedgerRow],
    applied: AppliedSite,
    now: datetime,
) -> Iterator[LedgerDecision]:
    """What a row of the table held leaves when a person says who writes, or what it is.

    Likewise what waited for pieces: when the last ones are here, its period runs.
    """
    for notice, row in rows.items():
        call, entry = calls.get(notice), row.entry
        if call is None or entry.state is not NoticeState.HELD or call.ordered != entry.ordered:
            continue
        if held_by_the_table(entry.why, applied) or entry.why in PASSING:
            match judge(call, item, applied, NOBODY_YET, now):
                case Hold(why) if why == entry.why:
                    pass
                case _:
                    yield from _judged(call, item, row, applied, now)


def _dated_otherwise(
    calls: Mapping[NoticeId, Call],
    item: NotifiedItem,
    rows: Mapping[NoticeId, LedgerRow],
    applied: AppliedSite,
    now: datetime,
) -> Iterator[LedgerDecision]:
    """A letter that lies to be printed and tells another date than the clock is made anew."""
    for notice, row in rows.items():
        call, entry = calls.get(notice), row.entry
        if call is None or entry.kind not in WITH_EFFECT or entry.state is not NoticeState.TO_PRINT:
            continue
        undated = why_undated(item, applied, now, released=True) is not None
        moved = row.says is not None and row.says != date_of(item, applied, now)
        if undated or moved:
            yield from _judged(call, item, row, applied, now)


def _posted(item: NotifiedItem, rows: Mapping[NoticeId, LedgerRow]) -> Iterator[LedgerDecision]:
    """A letter of which the register says that it left: it is the one that tells."""
    for notice in item.left_notices & rows.keys():
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
            yield _told(row, NoticeState.WITHDRAWN, POSTED, now)


def _judged(
    call: Call, item: NotifiedItem, before: LedgerRow | None, applied: AppliedSite, now: datetime
) -> Iterator[LedgerDecision]:
    verdict = judge(call, item, applied, NOBODY_YET, now)
    if before is None and verdict == Never("history"):
        return
    row = before or _new(call, item, applied, now)
    entry = replace(row.entry, ordered=call.ordered)
    row = replace(row, entry=entry, due_at=now, urgency=urgency(call))
    yield by_verdict(verdict, call, item, row, applied, now, first=before is None)


def by_verdict(
    verdict: Verdict,
    call: Call,
    item: NotifiedItem,
    row: LedgerRow,
    applied: AppliedSite,
    now: datetime,
    *,
    first: bool = False,
) -> LedgerDecision:
    """Applies a verdict to a notice's row in the ledger; `first`: nothing was told of it before."""
    match verdict:
        case Send():
            return _told(
                replace(row, due_at=due(call, item, applied, now)),
                NoticeState.PLANNED,
                None,
                now,
                first=first,
            )
        case Later(after):
            hours = hours_of(applied.site, item.service)
            morning = next_opening(now, hours, applied.days, applied.site.zone)
            again = morning if after is None else now + after
            return LedgerDecision(
                replace(row, due_at=again, entry=replace(row.entry, state=NoticeState.PLANNED)),
                None,
            )
        case Hold(why):
            return _told(row, NoticeState.HELD, why, now, first=first)
        case Never(why):
            return _told(row, NoticeState.WITHDRAWN, why, now, first=first)
        case _:
            assert_never(verdict)


def _told(
    row: LedgerRow, state: NoticeState, why: str | None, now: datetime, *, first: bool = False
) -> LedgerDecision:
    entry = replace(row.entry, state=state, why=why)
    row = replace(row, entry=entry, revision=1 if first else row.revision + 1)
    if state is NoticeState.PLANNED and row.way is Way.PAPER:
        return LedgerDecision(row, None)  # told once its letter is made: the mail office prints it
    return LedgerDecision(row, tell(row, now))


def _new(call: Call, item: NotifiedItem, applied: AppliedSite, now: datetime) -> LedgerRow:
    match call.recipient:
        case ToSender():
            reader = None
        case ToColleague(person):
            reader = person
        case _:
            assert_never(call.recipient)
    notice = call.notice(applied.site.identity.id)
    return LedgerRow(
        entry=LedgerEntry(notice, call.occasion, call.kind, NoticeState.PLANNED),
        item_id=item.registered.item_id,
        reader=reader,
        way=call.way,
        urgency=urgency(call),
        due_at=now,
        planned_at=now,
        correspondent=item.registered.correspondent if reader is None else None,
        thread=item.registered.subject,
    )
