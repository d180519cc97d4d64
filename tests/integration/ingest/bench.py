"""One inbox on an imagined server, everything behind it real."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import orjson

from services.ingest.arrival_writer import ArrivalWriter
from services.ingest.domain.judge_mail import MailboxPlace
from services.ingest.inbox_reader import InboxReader
from services.ingest.mail_opener import MailParser
from services.ingest.sent_reader import SentReader
from services.ingest.source_status import SourceStatus
from services.ingest.watch import MailWatch, Pace
from shared.content.blobs import Blobs, LocalBlobs
from shared.content.keyring import IN_CLEAR, Keyring
from shared.facts.envelope import ServiceId
from shared.platform.clock import SystemClock
from shared.platform.database import Pool
from tests.fake_mail import FakeFolder, FakeSource
from tests.ingest_builders import a_mail, indre, indre_rules
from tests.local_mails import LocalMailParser

QUICK = Pace(poll=timedelta(seconds=0.2), audit=timedelta(hours=1))


@dataclass
class Bench:
    """One inbox `mailbox:pref-bmi` on an imagined server, everything behind it real."""

    pool: Pool
    blobs: Path
    folder: FakeFolder
    status: SourceStatus
    lacking: str | None = None
    """Why there is no room for anything new, if there is none."""
    keyring: Keyring = IN_CLEAR
    store: Blobs | None = None
    """The blob store, if it is none in the folder `blobs`."""

    def watch(
        self,
        mails: MailParser | None = None,
        *,
        largest: int = 60_000_000,
        source: FakeSource | None = None,
        pace: Pace = QUICK,
    ) -> MailWatch:
        clock = SystemClock()
        return MailWatch(
            "indre",
            "mailbox:pref-bmi",
            ServiceId("bmi"),
            source=source or FakeSource(self.folder, largest=largest),
            reader=InboxReader(
                "indre",
                "mailbox:pref-bmi",
                MailboxPlace("pref-bmi", ServiceId("bmi")),
                rules=indre_rules,
                clock=clock,
                mails=mails or LocalMailParser(),
            ),
            keeper=ArrivalWriter(
                self.pool,
                self.store or LocalBlobs(self.blobs, self.keyring),
                indre().zone,
                lambda: self.lacking,
            ),
            pool=self.pool,
            clock=clock,
            status=self.status,
            pace=pace,
        )

    async def until(
        self,
        true: Callable[[], Awaitable[bool]],
        *,
        watch: MailWatch | None = None,
        seconds: float = 60,
    ) -> None:
        """Run a watch until something is true."""
        task = asyncio.create_task((watch or self.watch()).run())
        try:
            async with asyncio.timeout(seconds):
                while not await true():
                    assert not task.done(), task.exception()
                    await asyncio.sleep(0.02)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def told(self, kind: str) -> list[dict[str, object]]:
        rows = await self.pool.fetch("SELECT payload FROM ingest.outbox ORDER BY id")
        facts = [orjson.loads(row["payload"]) for row in rows]
        return [fact for fact in facts if fact["type"] == kind]

    async def arrived(self, count: int) -> bool:
        return len(await self.told("Arrived")) == count

    async def rest(self) -> None:
        """One more complete pass."""
        before = self.status.read_until

        async def passed() -> bool:
            return self.status.read_until != before

        await self.until(passed)


def numbered(number: int) -> bytes:
    return a_mail(f"Lettre {number}", message_id=f"<{number}@orange.example>")


def a_reply(text: str, message_id: str, headers: Mapping[str, str] | None = None) -> bytes:
    return a_mail(
        text, sender="BMI <pref-bmi@indre.example>", to="renee.dupont@orange.example",
        message_id=message_id, headers=headers, subject="Réponse",
    )  # fmt: skip


async def observe(bench: Bench, sent: FakeFolder, go_live: datetime | None = None) -> None:
    """One complete pass over a Sent folder."""
    clock, status = SystemClock(), SourceStatus("sent:pref-bmi")
    watch = MailWatch(
        "indre", "sent:pref-bmi", ServiceId("bmi"),
        source=FakeSource(sent),
        reader=SentReader("indre", "sent:pref-bmi", ServiceId("bmi"), rules=indre_rules,
                          pool=bench.pool, clock=clock, go_live=lambda: go_live,
                          mails=LocalMailParser()),
        keeper=ArrivalWriter(bench.pool, LocalBlobs(bench.blobs), indre().zone),
        pool=bench.pool, clock=clock, status=status, pace=QUICK,
    )  # fmt: skip

    async def passed() -> bool:
        return status.read_until is not None

    await bench.until(passed, watch=watch)
