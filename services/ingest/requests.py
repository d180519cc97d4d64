"""What the register asks of ingest by the spool: judge again, search the Sent folders again."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime

from services.ingest import store
from services.ingest.domain.judge_form import judge_form
from services.ingest.domain.judge_mail import Place
from services.ingest.domain.judgement import Judged
from services.ingest.domain.rules import Rules
from services.ingest.facts import Told, kind_of, message_of, reason_of, reread
from services.ingest.inbox import judged
from services.ingest.keeping import SCHEMA, Keeper, year_of
from services.ingest.mailbox import MailSource, batches
from services.ingest.own_thread import OwnThread
from services.ingest.sent import SentReader
from services.ingest.watch import A_DAY
from shared import outbox, plis
from shared.blobs import Blobs
from shared.clock import Clock
from shared.database import Pool, transaction
from shared.facts.envelope import ServiceId
from shared.logs import Log
from shared.spool import FormDeposit, RereadRequest, SearchSentRequest

log = Log("requests")


class Rereading:
    """Judges a kept arrival again, from its octets, with the rules in force."""

    def __init__(self, pool: Pool, blobs: Blobs, clock: Clock, rules: Callable[[], Rules]) -> None:
        self._pool = pool
        self._blobs = blobs
        self._clock = clock
        self._rules = rules

    async def answer(self, request: RereadRequest) -> None:
        """Tell `ArrivalReread` with the next revision; what can't be read again is only logged.

        Raises:
            TemporaryFailure: the blobs or the database are away.
        """
        rules, now = self._rules(), self._clock.now()
        async with transaction(self._pool) as connection:
            row = await store.lock_row(connection, request.arrival_id)
            if row is None or not row.original:
                log.warning("reread_unknown", arrival=request.arrival_id)
                return
            again = _judge_again(row, await self._blobs.get(row.original), rules)
            if again is None:
                log.warning("reread_needs_the_scanner", arrival=request.arrival_id)
                return
            year = year_of((again,), rules.site.zone)
            pli = (
                await plis.write(self._blobs, year, row.arrival_id, again.pli)
                if again.pli is not None
                else None
            )
            revision = row.revision + 1
            told = Told(row.arrival_id, row.source, row.original, pli, now)
            await store.reread(
                connection,
                replace(
                    row,
                    kind=kind_of(again),
                    reason=reason_of(again),
                    fingerprint=again.fingerprint,
                    message=message_of(again),
                    pli=pli,
                    revision=revision,
                ),
            )
            await outbox.put(connection, SCHEMA, [reread(again, revision, request.by, told)])


def _judge_again(row: store.Row, octets: bytes, rules: Rules) -> Judged | None:
    kind, _, name = row.source.partition(":")
    if kind == "mailbox":
        boxes = {box.id: box for box in rules.site.sources.mailboxes}
        box = boxes.get(name)
        service = ServiceId(box.service) if box is not None and box.service else None
        place = Place(mailbox=name, service=service, bounces=box is not None and box.bounces)
        _, judgements = judged(octets, place, row.shown_at, rules)
        return next((one for one in judgements if isinstance(one, Judged)), None)
    if kind == "spool":
        try:
            return judge_form(FormDeposit.model_validate_json(octets), rules)
        except ValueError:
            return None
    return None


class SentSearch:
    """Looks again through the Sent folders of a service and tells what it finds once more."""

    def __init__(
        self,
        folders: Mapping[ServiceId, list[tuple[Callable[[], MailSource], SentReader]]],
        keeper: Keeper,
        clock: Clock,
    ) -> None:
        self._folders = folders
        self._keeper = keeper
        self._clock = clock

    async def answer(self, request: SearchSentRequest) -> None:
        """Tell each message since the moment asked, known or not, under the request's name.

        Raises:
            TemporaryFailure: a server, the blobs or the database are away.
        """
        for connect, reader in self._folders.get(request.service, []):
            thread = OwnThread(f"search {request.service}")
            source = connect()
            try:
                uidvalidity = await thread.run(source.open)
                uids = await thread.run(source.uids_since, _day(request.since))
                sizes = await thread.run(source.sizes, uids)
                for batch in batches(sizes):
                    mails = await thread.run(source.fetch, batch)
                    found = await reader.appearances(mails, uidvalidity)
                    asked = [replace(one, asked=str(request.id)) for one in found]
                    await self._keeper.keep(asked, self._clock.now())
            finally:
                thread.run(source.close)
                thread.end()


def _day(moment: datetime) -> date:
    return (moment - A_DAY).date()
