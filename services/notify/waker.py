"""What no fact wakes: letters that reach calendar day 10 or are to be made, digests, a new day."""

from dataclasses import replace
from datetime import date, datetime

from services.notify import digests, follow_code_digests
from services.notify.domain.ledger import NoticeState
from services.notify.domain.policy import NOT_LIVE
from services.notify.handlers import WAKE_BATCH, settle, wake
from services.notify.ledger_decisions import LedgerDecision
from services.notify.ledger_writer import write
from services.notify.mail_composition import MailSigning
from services.notify.notice_facts import tell
from services.notify.printer import print_one
from services.notify.store import caps, facts, go_live, unreadable_rows
from services.notify.store.ledger import LedgerRow
from shared.calendar.local_days import local_day
from shared.errors import TemporaryFailure
from shared.facts.envelope import ItemId
from shared.platform.clock import Clock, sure
from shared.platform.database import TRY_AGAIN, Connection, Pool, is_lost, transaction
from shared.platform.failures import reason_of
from shared.platform.observability.logs import Log
from shared.site.applied_rules import AppliedRules
from shared.site.tables.bundle import AppliedSite

EACH_SECONDS = 5.0

log = Log("waker")


class Waker:
    """The background job that plans notices when time passes or the site goes live."""

    def __init__(self, pool: Pool, clock: Clock, rules: AppliedRules, ink: MailSigning) -> None:
        self._pool = pool
        self._ink = ink
        self._clock = clock
        self._rules = rules
        self._seen: tuple[object, ...] = ()
        self._day: date | None = None

    async def round(self) -> None:
        """Does all that is due: notices, letters to print, digests. Raises TemporaryFailure.

        A part that fails does not keep the others from being done.
        """
        try:
            await self._free_what_go_live_frees()
        finally:
            try:
                while await self._wake_some() or await self._print_one():
                    pass
            finally:
                try:
                    await self._make_digests()
                finally:
                    await self._begin_day()

    async def _free_what_go_live_frees(self) -> None:
        """Decides again what was held because the site was not live: each round, by the ledger.

        A batch that was open at that moment, and a process that was not there or had not heard of
        it yet, hold notices afterwards.
        """
        now = sure(self._clock)
        if self._rules.applied.go_live is None:
            return
        try:
            async with transaction(self._pool) as connection:
                await _plan_pages(connection, now)
        finally:
            await self._free_items(now)

    async def _free_items(self, now: datetime) -> None:
        last: ItemId | None = None
        while True:
            async with transaction(self._pool) as connection:
                applied = await self._rules.in_transaction(connection)
                last = await _settle_items(connection, applied, now, after=last)
            if last is None:
                return

    async def _make_digests(self) -> None:
        """Looks for digests where something has changed since the last look."""
        now = sure(self._clock)
        async with transaction(self._pool) as connection:
            applied = await self._rules.in_transaction(connection)
            seen = await digests.worth_looking(connection, applied, now)
            if seen == self._seen:
                return
            await digests.make(connection, applied, now)
        # What it was before: what another transaction told meanwhile is found by the next look, as
        # is what this one made of it.
        self._seen = seen

    async def _begin_day(self) -> None:
        """Forgets once a day, and when the process starts, codes and counts that are over."""
        now = sure(self._clock)
        today = local_day(now, self._rules.applied.site.zone)
        if today != self._day:
            async with transaction(self._pool) as connection:
                await follow_code_digests.end(connection, self._ink, today)
                await caps.forget_minutes(connection, now)
            self._day = today

    async def _wake_some(self) -> bool:
        async with transaction(self._pool) as connection:
            applied = await self._rules.in_transaction(connection)
            return await wake(connection, applied, sure(self._clock)) == WAKE_BATCH

    async def _print_one(self) -> bool:
        return await print_one(self._pool, self._rules, self._ink, sure(self._clock))


async def _settle_items(
    connection: Connection, applied: AppliedSite, now: datetime, *, after: ItemId | None
) -> ItemId | None:
    """Decides the next items of which a notice is held so, by the rules of a live préfecture.

    `after`: where the last transaction ended, by id. The last item; `None`: none is left.
    """
    ids = await go_live.items_held(connection, NOT_LIVE, after, WAKE_BATCH)
    if not ids:
        return None
    await facts.lock(connection, ids)
    await settle(connection, ids, applied, now)
    return ids[-1]


async def _plan_pages(connection: Connection, now: datetime) -> None:
    """Plans anew what concerns no item (a digest, a mail of roots, a change of somebody).

    Only a live préfecture plans them: a process that had not heard of go-live yet held them. What
    raises costs one of them.
    """
    for row in await go_live.pages_held(connection, NOT_LIVE):
        try:
            async with connection.transaction():
                await _plan_page(connection, row, now)
        except (TemporaryFailure, *TRY_AGAIN):
            raise
        except Exception as error:
            if is_lost(connection):
                raise
            notice = row.entry.notice_id
            await unreadable_rows.notice(connection, notice, row.entry.state, error)
            log.warning("notice_parked", id=str(notice), reason=reason_of(error))


async def _plan_page(connection: Connection, row: LedgerRow, now: datetime) -> None:
    entry = replace(row.entry, state=NoticeState.PLANNED, why=None)
    planned = replace(row, entry=entry, due_at=now, revision=row.revision + 1)
    await write(connection, [LedgerDecision(planned, tell(planned, now))], now)
