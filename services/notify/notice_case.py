"""A due notice about an item, with what is needed to write it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
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
from services.notify.store.facts import ReadFacts
from services.notify.store.ledger import LedgerRow
from shared.errors import PermanentFailure
from shared.platform.database import Connection
from shared.site import events
from shared.site.events import StandingEvent
from shared.site.staff.directory import Directory
from shared.site.staff.people_store import people_at
from shared.site.tables.bundle import AppliedSite


class TransactionReads:
    """Reads of one transaction that serve all its notices: people and open events, each once."""

    def __init__(self) -> None:
        self._people: Directory | None = None
        self._events: Sequence[StandingEvent] | None = None

    async def people(self, connection: Connection, now: datetime) -> Directory:
        """Returns the people at `now`, with who is away."""
        if self._people is None:
            self._people = await people_at(connection, now)
        return self._people

    async def events(self, connection: Connection, now: datetime) -> Sequence[StandingEvent]:
        """Returns the crisis events and exercises that are open at `now`, oldest first."""
        if self._events is None:
            self._events = await events.open_at(connection, now)
        return self._events


@dataclass(frozen=True, slots=True)
class NoticeCase:
    """A notice about an item, with all data needed to write it at `now`."""

    row: LedgerRow
    call: Call
    item: NotifiedItem
    applied: AppliedSite
    now: datetime
    reads: TransactionReads = field(default_factory=TransactionReads)

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
    found = await facts.read(connection, [] if row.item_id is None else [row.item_id])
    return case_among(found, row, applied, now, TransactionReads())


def case_among(
    found: ReadFacts, row: LedgerRow, applied: AppliedSite, now: datetime, reads: TransactionReads
) -> NoticeCase | LedgerDecision:
    """Does what `case_of` does, from the facts of several items and what the transaction reads."""
    if row.item_id is None:
        raise PermanentFailure("A page of one of ours is written by digests.")
    known, unreadable = found
    if row.item_id in unreadable:
        raise PermanentFailure("A fact of the item can't be read: nothing may be said of it.")
    item = fold(known.get(row.item_id, ()))
    calls = calls_of(item, applied, now) if item else ()
    site = applied.site.identity.id
    call = next((call for call in calls if call.notice(site) == row.entry.notice_id), None)
    if item is None or call is None:
        entry = replace(row.entry, state=NoticeState.WITHDRAWN, why=no_longer(row.entry.kind, item))
        row = replace(row, entry=entry, revision=row.revision + 1)
        return LedgerDecision(row, tell(row, now))
    return NoticeCase(row, call, item, applied, now, reads)
