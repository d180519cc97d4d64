"""What the register asks by the spool: look again through the Sent folders of a service."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime

from services.ingest.arrival_writer import ArrivalWriter
from services.ingest.mailbox import AccessRefused, MailSource, batches
from services.ingest.mailbox_backoff import REFUSED_PAUSE
from services.ingest.mailbox_uids import A_DAY
from services.ingest.sent_reader import SentReader
from services.ingest.worker_thread import WorkerThread
from shared.content.spool import SearchSentRequest
from shared.facts.envelope import ServiceId
from shared.platform.clock import Clock


class SentSearch:
    """The search through a service's Sent folders again; it publishes each reply that it finds."""

    def __init__(
        self,
        folders: Mapping[ServiceId, list[tuple[Callable[[], MailSource], SentReader]]],
        keeper: ArrivalWriter,
        clock: Clock,
    ) -> None:
        self._folders = folders
        self._keeper = keeper
        self._clock = clock
        self._refused: dict[ServiceId, float] = {}

    async def answer(self, request: SearchSentRequest) -> None:
        """Searches a service's Sent folders from the moment asked; publishes each email again.

        Raises:
            TemporaryFailure: a server, the blobs or the database are away, or the server refused
                our password less than five minutes ago.
        """
        if time.monotonic() - self._refused.get(request.service, -REFUSED_PAUSE) < REFUSED_PAUSE:
            raise AccessRefused(
                f"The Sent folders of {request.service} wait: the server refused the password."
            )
        for connect, reader in self._folders.get(request.service, []):
            thread = WorkerThread(f"search {request.service}")
            source = connect()
            try:
                uidvalidity = await thread.run(source.open)
                uids = await thread.run(source.uids_since, _day(request.since))
                sizes = await thread.run(source.sizes, uids)
                for batch in batches(sizes):
                    mails = await thread.run(source.fetch, batch)
                    found = await reader.arrivals(mails, uidvalidity)
                    asked = [replace(candidate, asked=str(request.id)) for candidate in found]
                    await self._keeper.keep(asked, self._clock.now())
            except AccessRefused:
                # Each try counts: the account would be locked, for everybody.
                self._refused[request.service] = time.monotonic()
                raise
            finally:
                thread.run(source.close)
                thread.end()


def _day(moment: datetime) -> date:
    return (moment - A_DAY).date()
