"""Watching one mail folder for ever: list, fetch, judge, keep, mark — then wait for more.

    UIDVALIDITY and last UID from the database → UID SEARCH above it → batches of 100
      → read and judged → kept with the checkpoint, one transaction → marked on the server
      a mail that takes long to open is read apart and follows (slow_mails.py)
    at each connection and each hour: every UID of the folder against the places that are kept
    IDLE is a hint only; a pass runs each minute anyway, and when a story's moment moves

One folder's trouble is its own: it waits 1 to 60 seconds, a refused password five minutes
(services/ingest/mailbox_backoff.py).
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from services.ingest import mailbox_backoff, store
from services.ingest.arrival_writer import ArrivalWriter, CheckpointUpdate
from services.ingest.batches_ahead import FetchAhead, FetchedBatch, judged_ahead
from services.ingest.first_ids import under_first_ids
from services.ingest.in_hand import DEATHS, InHand
from services.ingest.mail_reader import JudgedBatch, MailReader
from services.ingest.mailbox import BOMB, Fetched, MailFailure, MailSource
from services.ingest.mailbox_uids import MailboxUids, stored_uids
from services.ingest.mails_apart import MailsApart, read_until
from services.ingest.marks_behind import MarksBehind
from services.ingest.pass_ledger import EndedPass, PassLedger
from services.ingest.poll_loop import turn
from services.ingest.slow_mails import SlowMails
from services.ingest.source_status import SourceStatus
from services.ingest.wake_up import WakeUp
from services.ingest.worker_thread import WorkerThread
from shared.facts.envelope import ServiceId
from shared.platform.clock import Clock
from shared.platform.database import Pool, transaction
from shared.platform.observability.logs import Log

TELL_EVERY = timedelta(minutes=15)
_LONGEST_WAIT = 3600.0
"""Seconds; the poll comes first."""

log = Log("mailbox")


@dataclass(frozen=True, slots=True)
class Pace:
    """The polling pace: how often a mail folder is looked at."""

    poll: timedelta = timedelta(seconds=60)
    audit: timedelta = timedelta(hours=1)


class MailWatch:
    """The background job that follows one mail folder: lists, fetches, judges, stores, marks."""

    def __init__(
        self,
        site: str,
        name: str,
        service: ServiceId | None,
        *,
        source: MailSource,
        reader: MailReader,
        keeper: ArrivalWriter,
        pool: Pool,
        clock: Clock,
        status: SourceStatus,
        passes: PassLedger | None = None,
        pace: Pace | None = None,
        instance: str | None = None,
    ) -> None:
        self._name = name
        self._service = service
        self._source = source
        self._reader = reader
        self._keeper = keeper
        self._pool = pool
        self._clock = clock
        self._status = status
        self._passes = passes or PassLedger(site, pool, clock)
        self._pace = pace or Pace()
        self._in_hand = InHand(pool, name, instance)
        self._apart = MailsApart(pool, name)
        self._suspects: Mapping[int, int] = {}
        self._nudge = WakeUp()
        self._thread: WorkerThread
        self._slow: SlowMails[JudgedBatch]
        self._numbering: MailboxUids

    async def run(self) -> None:
        """Watches the mail folder until cancelled; a failed pass is retried with a backoff."""
        self._thread = WorkerThread(self._name)
        failures = 0
        try:
            while True:
                read_until = self._status.read_until
                try:
                    await self._session()
                except Exception as error:  # noqa: BLE001  (one folder's trouble is its own)
                    # A pass ended since the last one: this is another trouble.
                    failures = 1 if self._status.read_until != read_until else failures + 1
                    self._status.trouble = why = mailbox_backoff.why(error)
                    pause = mailbox_backoff.pause(error, failures)
                    log.warning("source_trouble", source=self._name, why=why, pause=pause)
                    await self._thread.run(self._source.close)
                    await asyncio.sleep(pause)
        finally:
            self._nudge.set()
            # Behind the call in hand: two threads on one connection make it lie.
            self._thread.run(self._source.close)
            self._thread.end()

    async def _session(self) -> None:
        """One connection: passes until it breaks."""
        uidvalidity = await self._thread.run(self._source.open)
        self._suspects = await self._in_hand.suspects(uidvalidity)
        self._numbering = MailboxUids(self._name, self._source, self._thread, self._pool)
        await self._numbering.begin(uidvalidity, self._reader.since)
        self._slow = SlowMails(partial(self._read_apart, uidvalidity), self._nudge.set)
        audited: float | None = None
        try:
            while True:
                audit = self._reader.places and (
                    audited is None or time.monotonic() - audited > self._pace.audit.total_seconds()
                )
                async with turn(self._clock, self._pace.poll) as due:
                    await self._pass(uidvalidity, audit=audit)
                    if audit:
                        audited = time.monotonic()
                    await self._wait(due)
        finally:
            await self._slow.end()
            await self._in_hand.put_down()

    async def _pass(self, uidvalidity: int, *, audit: bool) -> None:
        self._slow.begin_pass(self._clock.now())
        async with transaction(self._pool) as connection:
            stand = await store.checkpoint(connection, self._name)
            apart = await self._apart.read(connection, uidvalidity)
            ours = self._slow.uids
            left = {mail.uid for mail in apart if mail.old and mail.uid not in ours}
            # Who had them apart may be dead: where they are, only a look at every UID tells.
            audit = audit or (self._reader.places and bool(left))
            kept = await stored_uids(connection, self._name, uidvalidity) if audit else set()
        if stand.uidvalidity != uidvalidity:
            # Another process reads it too, and saw another numbering: ask the server which holds.
            raise MailFailure(f"Mailbox {self._name} was numbered anew while it was read.")
        listed = await self._thread.run(self._source.uids, 0 if audit else stand.last_uid)
        known = kept.union(self._slow.uids)
        await self._keep_slow(uidvalidity)
        await self._take([uid for uid in listed if uid not in known], uidvalidity)
        if self._reader.places and audit:
            await self._numbering.mark_rest(uidvalidity, set(listed))
            await self._apart.remove(uidvalidity, left.difference(listed))
        await self._keep_slow(uidvalidity)
        until = self._slow.kept_until()
        if until is not None and apart:
            until = read_until(until, await self._apart.read_unkept(uidvalidity))
        if until is not None:
            await self._end_pass(until, stand.told_until)

    async def _take(self, uids: Sequence[int], uidvalidity: int) -> None:
        if not uids:
            return
        fetches = FetchAhead(self._source, self._thread, uids, self._suspects)
        judge = partial(self._prepare, uidvalidity)
        marks = MarksBehind(partial(self._numbering.mark, uidvalidity))
        try:
            async with aclosing(judged_ahead(fetches, judge)) as judged:
                async for batch in judged:
                    await marks.add(await self._keep(batch, uidvalidity))
                    await self._keep_slow(uidvalidity)
            await marks.wait()
        finally:
            await marks.end()
            await self._in_hand.put_down(self._slow.uids)

    async def _prepare(self, uidvalidity: int, fetched: FetchedBatch) -> JudgedBatch:
        uids, mails = fetched.uids, fetched.mails
        deadly = {uid for uid in uids if self._suspects.get(uid, 0) >= DEATHS}
        mails = [replace(mail, fault=BOMB) if mail.uid in deadly else mail for mail in mails]
        # What is not opened any more stays known until it is kept: the next one may end us too.
        opened = [uid for uid in uids if uid not in deadly]
        async with self._in_hand.holding(uidvalidity, opened):
            read = await self._reader.arrivals_soon(mails, uidvalidity)
        slow = {mail.uid for mail in read.slow}
        mails = [mail for mail in mails if mail.uid not in slow]
        arrivals = await under_first_ids(self._pool, self._name, read.arrivals, mails)
        await self._in_hand.forget(uidvalidity, [uid for uid in opened if uid not in slow])
        await self._in_hand.set_apart(sorted(slow))
        await self._apart.add(uidvalidity, sorted(slow), self._slow.shown_after)
        await self._slow.add(read.slow)
        return JudgedBatch(max(uids), mails, arrivals, sorted(deadly))

    async def _read_apart(self, uidvalidity: int, mail: Fetched) -> JudgedBatch:
        """One slow mail, in hand from now on: those that wait their turn are not."""
        log.warning("mail_read_apart", source=self._name, uid=mail.uid)
        async with self._in_hand.holding(uidvalidity, [mail.uid]):
            arrivals = await self._reader.arrivals([mail], uidvalidity)
        arrivals = await under_first_ids(self._pool, self._name, arrivals, [mail])
        await self._in_hand.forget(uidvalidity, [mail.uid])
        # Its checkpoint is its batch's: mails before it may wait for theirs.
        return JudgedBatch(0, [mail], arrivals, ())

    async def _keep_slow(self, uidvalidity: int) -> None:
        for batch in self._slow.take():
            await self._numbering.mark(uidvalidity, await self._keep(batch, uidvalidity))
            await self._apart.remove(uidvalidity, {mail.uid for mail in batch.mails})

    async def _keep(self, batch: JudgedBatch, uidvalidity: int) -> Sequence[int]:
        """The UIDs of what is kept now, to be marked."""
        kept = await self._keeper.keep(
            batch.arrivals,
            self._clock.now(),
            CheckpointUpdate(self._name, uidvalidity, batch.last_uid),
        )
        if batch.unopened:
            await self._in_hand.forget(uidvalidity, batch.unopened)
        self._status.kept += len(kept.new)
        if kept.new:
            log.info("mails_kept", source=self._name, new=len(kept.new), seen=len(batch.mails))
        return [mail.uid for mail in batch.mails if not mail.fault] if self._reader.places else []

    async def _end_pass(self, until: datetime, told_until: datetime | None) -> None:
        # Either way: a clock that was ahead for a while must not keep us silent until then.
        due = told_until is None or abs(until - told_until) >= TELL_EVERY
        await self._passes.end(EndedPass(self._name, self._service, until, told=due))
        self._status.read(until)

    async def _wait(self, due: "asyncio.Future[None]") -> None:
        """Until the server hints, the poll is due, or the story's moment moves."""
        self._nudge.clear()
        if self._slow.any_ready:
            return
        hinted = self._thread.run(self._source.wait, _LONGEST_WAIT, self._nudge)
        try:
            await asyncio.wait({hinted, due}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._nudge.set()
        await hinted
