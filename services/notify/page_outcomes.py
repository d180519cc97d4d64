"""What becomes of a page that does not leave: nothing to say any more, or it can't as it is."""

from dataclasses import replace
from datetime import datetime

from services.notify.deciding import Decided
from services.notify.domain.ledger import TAKEN_BACK, State
from services.notify.domain.policy import NOT_LIVE, STALE
from services.notify.store.ledger import Row
from services.notify.telling import tell
from shared.site.bundle import AppliedSite


def withdrawn(row: Row, now: datetime) -> Decided:
    """Nothing is left to say."""
    entry = replace(row.entry, state=State.WITHDRAWN, why=TAKEN_BACK)
    after = replace(row, entry=entry, revision=row.revision + 1)
    return Decided(after, tell(after, now))


def held(row: Row, why: str, now: datetime) -> Decided:
    """It can't leave as it is."""
    entry = replace(row.entry, state=State.HELD, why=why)
    after = replace(row, entry=entry, revision=row.revision + 1)
    return Decided(after, tell(after, now))


def too_late(row: Row, applied: AppliedSite, now: datetime) -> str | None:
    """Why a page may not leave any more, if so."""
    if applied.go_live is None:
        return NOT_LIVE
    stale = {one.kind: one.after for one in applied.site.notices.stale}.get(row.entry.kind)
    late = stale is not None and now - row.planned_at > stale and row.released_by is None
    return STALE if late else None
