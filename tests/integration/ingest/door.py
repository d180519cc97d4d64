"""A spool, a blob folder and a database: what the requests of the register act on."""

from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from uuid import uuid4

import orjson

from services.ingest.arrival_reread import ArrivalRereader
from services.ingest.arrival_writer import ArrivalWriter
from services.ingest.domain.judge_mail import MailboxPlace
from services.ingest.domain.rules import JudgeRules
from services.ingest.in_hand import InHand
from services.ingest.inbox_reader import InboxReader
from services.ingest.mail_opener import MailParser
from services.ingest.mailbox import Fetched
from services.ingest.papers import PaperReader
from services.ingest.sent_reader import SentReader
from services.ingest.sent_search import SentSearch
from services.ingest.source_status import SourceStatus
from services.ingest.spool import SpoolIntake
from shared.content import spool
from shared.content.blobs import LocalBlobs
from shared.content.keyring import IN_CLEAR, Keyring
from shared.content.spool import SOURCE, RereadRequest, SpooledRequest
from shared.facts.envelope import ArrivalId, PersonId, ServiceId
from shared.platform.antivirus import Antivirus
from shared.platform.clock import SystemClock
from shared.platform.database import Pool
from tests.fake_mail import FakeFolder, FakeSource
from tests.ingest_builders import indre, indre_rules
from tests.local_mails import LocalMailParser

NOW = datetime(2026, 5, 12, 8, tzinfo=UTC)
BMI = ServiceId("bmi")


class Door:
    """A spool, a blob folder and a database, with one Sent folder."""

    def __init__(
        self,
        pool: Pool,
        folder: Path,
        papers: PaperReader | None = None,
        mails: MailParser | None = None,
        keyring: Keyring = IN_CLEAR,
        antivirus: Antivirus | None = None,
    ) -> None:
        self.pool, self.folder, self.sent = pool, folder, FakeFolder()
        self.rules: JudgeRules = indre_rules()
        self.clock = SystemClock()
        self.keyring = keyring
        self.blobs = blobs = LocalBlobs(folder / "blobs", keyring)
        self.keeper = ArrivalWriter(pool, blobs, indre().zone)
        observer = SentReader(
            "indre",
            "sent:pref-bmi",
            BMI,
            rules=self._rules,
            pool=pool,
            clock=self.clock,
            go_live=lambda: None,
            mails=LocalMailParser(),
        )
        search = SentSearch(
            {BMI: [(lambda: FakeSource(self.sent), observer)]}, self.keeper, self.clock
        )
        mails = mails or LocalMailParser()
        self.intake = SpoolIntake(
            "indre",
            folder / "spool",
            rules=self._rules,
            keeper=self.keeper,
            clock=self.clock,
            status=SourceStatus("spool"),
            papers=papers,
            mails=mails,
            reread=ArrivalRereader(pool, blobs, self.clock, self._rules, papers, mails).answer,
            search_sent=search.answer,
            in_hand=InHand(pool, SOURCE),
            read=partial(spool.read, keyring=keyring),
            antivirus=antivirus,
        )

    def _rules(self) -> JudgeRules:
        return self.rules

    async def receive(self, octets: bytes) -> ArrivalId:
        reader = InboxReader(
            "indre", "mailbox:pref-bmi", MailboxPlace("pref-bmi", BMI),
            rules=self._rules, clock=self.clock, mails=LocalMailParser(),
        )  # fmt: skip
        (one,) = await reader.arrivals([Fetched(1, NOW, octets)], 1)
        await self.keeper.keep([one], NOW)
        return one.arrival_id

    async def ask(self, what: SpooledRequest, *contents: bytes) -> None:
        spool.deposit(self.folder / "spool", what, contents, self.keyring.current)
        await self.intake.take_all()
        assert spool.waiting_folders(self.folder / "spool") == []

    async def told(self) -> list[dict[str, object]]:
        rows = await self.pool.fetch("SELECT payload FROM ingest.outbox ORDER BY id")
        return [orjson.loads(row["payload"]) for row in rows]


def a_reread(arrival: ArrivalId) -> RereadRequest:
    return RereadRequest(id=uuid4(), at=NOW, arrival_id=arrival, by=PersonId("m.durand"))
