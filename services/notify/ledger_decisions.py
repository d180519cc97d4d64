"""What a verdict makes of a row of the ledger, and the fact that tells of it: no I/O."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from services.notify.domain.calls import Call, ToColleague
from services.notify.domain.due import due, urgency
from services.notify.domain.hours import hours_of, next_opening
from services.notify.domain.item import NotifiedItem
from services.notify.domain.ledger import LedgerEntry, NoticeState
from services.notify.domain.policy import Circumstances, Hold, Later, Never, Ruling, SendNow, judge
from services.notify.notice_facts import tell
from services.notify.store.ledger import LedgerRow
from shared.facts.notices import Notices
from shared.facts.vocabulary import Way
from shared.site.tables.bundle import AppliedSite

NOBODY_YET = Circumstances()


@dataclass(frozen=True, slots=True)
class LedgerDecision:
    """A row to write to the ledger of notices, perhaps with the fact that publishes it."""

    row: LedgerRow
    fact: Notices | None


def decide_call(
    call: Call, item: NotifiedItem, before: LedgerRow | None, applied: AppliedSite, now: datetime
) -> Iterator[LedgerDecision]:
    """Yields the decision on a notice called for; none on a new one about mail before go-live."""
    verdict = judge(call, item, applied, NOBODY_YET, now)
    if before is None and verdict == Never("history"):
        return
    row = before or _new(call, item, applied, now)
    entry = replace(row.entry, ordered=call.ordered)
    row = replace(row, entry=entry, due_at=now, urgency=urgency(call))
    yield by_verdict(verdict, call, item, row, applied, now, first=before is None)


def by_verdict(
    verdict: Ruling,
    call: Call,
    item: NotifiedItem,
    row: LedgerRow,
    applied: AppliedSite,
    now: datetime,
    *,
    first: bool = False,
) -> LedgerDecision:
    """Returns a notice's row as a verdict changes it, to be saved; `first`: it has no fact yet."""
    match verdict:
        case SendNow():
            return enter_state(
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
            return enter_state(row, NoticeState.HELD, why, now, first=first)
        case Never(why):
            return enter_state(row, NoticeState.WITHDRAWN, why, now, first=first)
        case _:
            assert_never(verdict)


def enter_state(
    row: LedgerRow, state: NoticeState, why: str | None, now: datetime, *, first: bool = False
) -> LedgerDecision:
    """Returns a notice's row in a new state with its fact, to be saved; `first`: its first fact."""
    entry = replace(row.entry, state=state, why=why)
    row = replace(row, entry=entry, revision=1 if first else row.revision + 1)
    if state is NoticeState.PLANNED and row.way is Way.PAPER:
        return LedgerDecision(row, None)  # told once its letter is made: the mail office prints it
    return LedgerDecision(row, tell(row, now))


def _new(call: Call, item: NotifiedItem, applied: AppliedSite, now: datetime) -> LedgerRow:
    reader = call.recipient.person if isinstance(call.recipient, ToColleague) else None
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
