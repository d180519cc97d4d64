"""What becomes of a page that does not leave: nothing to say any more, or it can't as it is."""

from dataclasses import replace
from datetime import datetime

from services.notify.domain.ledger import TAKEN_BACK, NoticeState
from services.notify.domain.policy import NOT_LIVE, STALE
from services.notify.ledger_decisions import LedgerDecision
from services.notify.notice_facts import tell
from services.notify.store.ledger import LedgerRow
from shared.site.tables.bundle import AppliedSite


def withdrawn(row: LedgerRow, now: datetime) -> LedgerDecision:
    """Returns an email about no item as withdrawn: nothing is left to say. Saves nothing."""
    entry = replace(row.entry, state=NoticeState.WITHDRAWN, why=TAKEN_BACK)
    after = replace(row, entry=entry, revision=row.revision + 1)
    return LedgerDecision(after, tell(after, now))


def hold_page(row: LedgerRow, why: str, now: datetime) -> LedgerDecision:
    """Returns an email about no item as held, for a reason code (`why`). Saves nothing."""
    entry = replace(row.entry, state=NoticeState.HELD, why=why)
    after = replace(row, entry=entry, revision=row.revision + 1)
    return LedgerDecision(after, tell(after, now))


def too_late(row: LedgerRow, applied: AppliedSite, now: datetime) -> str | None:
    """Returns the reason code to hold an email about no item: too old, or before go-live.

    `None`: it may leave.
    """
    if applied.go_live is None:
        return NOT_LIVE
    stale = {stale.kind: stale.after for stale in applied.site.notices.stale}.get(row.entry.kind)
    late = stale is not None and now - row.planned_at > stale and row.released_by is None
    return STALE if late else None
