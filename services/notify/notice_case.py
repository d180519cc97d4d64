"""A due notice about an item, with what is needed to write it."""

from dataclasses import dataclass, replace
from datetime import datetime

from services.notify.domain.calls import Call
from services.notify.domain.fold import fold
from services.notify.domain.item import NotifiedItem
from services.notify.domain.ledger import NoticeState, no_longer
from services.notify.domain.policy import Hold
from services.notify.item_notices import calls_of
from services.notify.ledger_decisions import LedgerDecision, by_verdict
from services.notify.notice_facts import tell
from services.notify.store import facts
from services.notify.store.ledger import LedgerRow
from shared.errors import PermanentFailure
from shared.platform.database import Connection
from shared.site.tables.bundle import AppliedSite


@dataclass(frozen=True, slots=True)
class NoticeCase:
    """A notice about an item, with all data needed to write it at `now`."""

    row: LedgerRow
    call: Call
    item: NotifiedItem
    applied: AppliedSite
    now: datetime

    def hold(self, why: str) -> LedgerDecision:
        """Returns the notice as held for a person, as it can't be written; saves nothing.

        `why`: the reason code.
        """
        return by_verdict(Hold(why), self.call, self.item, self.row, self.applied, self.now)


async def case_of(
    connection: Connection, row: LedgerRow, applied: AppliedSite, now: datetime
) -> NoticeCase | LedgerDecision:
    """Collects the data to write a due notice; or the decision to withdraw one not called for.

    Raises PermanentFailure for a notice about no item, and when a fact of the item can't be read.
    """
    if row.item_id is None:
        raise PermanentFailure("A page of one of ours is written by digests.")
    known, unreadable = await facts.read(connection, [row.item_id])
    if unreadable:
        raise PermanentFailure("A fact of the item can't be read: nothing may be said of it.")
    item = fold(known.get(row.item_id, ()))
    calls = calls_of(item, applied, now) if item else ()
    site = applied.site.identity.id
    call = next((call for call in calls if call.notice(site) == row.entry.notice_id), None)
    if item is None or call is None:
        entry = replace(row.entry, state=NoticeState.WITHDRAWN, why=no_longer(row.entry.kind, item))
        row = replace(row, entry=entry, revision=row.revision + 1)
        return LedgerDecision(row, tell(row, now))
    return NoticeCase(row, call, item, applied, now)
