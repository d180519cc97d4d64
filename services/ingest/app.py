"""Where the parts of the door meet: one watcher for each folder that the applied site names."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path

from services.ingest.arrival_reread import ArrivalRereader
from services.ingest.arrival_writer import SCHEMA
from services.ingest.attachment_job import AttachmentJob
from services.ingest.attachment_reader import AttachmentReader
from services.ingest.deposit_reader import DepositReader
from services.ingest.deposit_server import door_jobs
from services.ingest.domain.file_stability import StabilityLimits
from services.ingest.domain.judge_mail import MailboxPlace
from services.ingest.domain.rules import JudgeRules
from services.ingest.imap import ImapSource
from services.ingest.in_hand import InHand
from services.ingest.inbox_reader import InboxReader
from services.ingest.judge_rules import CompiledRules
from services.ingest.mail_memory import MailMemory
from services.ingest.mail_parser import MailParserPool
from services.ingest.mail_reader import MailReader
from services.ingest.mailbox import MailSource
from services.ingest.metrics import IngestMetrics
from services.ingest.papers import PaperReader, clear_copies
from services.ingest.pass_ledger import PassLedger
from services.ingest.scan_cuts import StoredCuttings
from services.ingest.scan_intake import ScanIntake
from services.ingest.scan_reader_pool import ScanReaderPool
from services.ingest.scans import open_scan_folder
from services.ingest.sent_reader import SentReader
from services.ingest.sent_search import SentSearch
from services.ingest.settings import IngestSettings
from services.ingest.sheet_cutter import cutter_of
from services.ingest.source_status import Statuses
from services.ingest.spool import SpoolIntake
from services.ingest.unread_forms import counting_writer
from services.ingest.watch import MailWatch, Pace
from shared.content.spool import SOURCE as SPOOL
from shared.errors import PermanentFailure
from shared.facts.envelope import ServiceId
from shared.platform import disk_space
from shared.platform.observability.health import HealthCheck, State, Unwell, Well
from shared.platform.service_life import Parts, ServiceCommand, ServiceContext
from shared.site.applied_rules import AppliedRules, applied_rules
from shared.site.tables.bundle import AppliedSite, Site
from shared.site.tables.mailboxes import Mailbox

_THREADS = 24
Task = Callable[[], Awaitable[None]]


@dataclass
class _Door:
    """The parts of one running door while they are put together."""

    settings: IngestSettings
    ground: ServiceContext
    in_force: AppliedRules
    site: Site
    pace: Pace
    statuses: Statuses = field(default_factory=Statuses)
    tasks: dict[str, Task] = field(default_factory=dict)
    sent: dict[ServiceId, list[tuple[Callable[[], MailSource], SentReader]]] = field(
        default_factory=dict
    )

    def __post_init__(self) -> None:
        self.antivirus = self.settings.antivirus
        self.compiled = CompiledRules(
            self.in_force, self.settings.site_keys, self.ground.clock.now,
            antivirus=bool(self.antivirus),
        )  # fmt: skip
        applied = self.in_force.applied
        self.sheets, self.blobs = _sheets_of(applied), self.settings.originals
        self.paper_rules = applied, self.settings.code_keys(applied), self.settings.site_keys
        self.cuttings = StoredCuttings(self.ground.pool, self.ground.clock)
        self.deposits = DepositReader(
            self.ground.telemetry.registry, self.settings.keys, self.ground.clock
        )
        self.mails = MailMemory(MailParserPool(signatures=self.settings.signatures))
        self.passes = PassLedger(self.site.identity.id, self.ground.pool, self.ground.clock)
        self.keeper = counting_writer(
            self.ground, self.blobs, self.in_force, self.settings.lacks_room
        )
        # Emptied at each start: another instance must not lose the letter that it is reading.
        instance = self.settings.instance
        self.copies = self.settings.spool / (f".reading-{instance}" if instance else ".reading")

    def mailbox(self, box: Mailbox) -> None:
        """Watches the folders of a mailbox whose mail comes in, and its Sent folder."""
        service = ServiceId(box.service) if box.service else None
        source = f"mailbox:{box.id}"
        place = MailboxPlace(mailbox=box.id, service=service, bounces=box.bounces)
        inbox = InboxReader(
            self.site.identity.id, source, place,
            rules=self._rules, clock=self.ground.clock, mails=self.mails,
        )  # fmt: skip
        for name, folder in box.watched.items():  # one source: a moved mail is one arrival
            self._watch(name, service, box, folder, inbox, observed=False)
        if box.sent is not None and service is not None:
            source = f"sent:{box.id}"
            reader = SentReader(
                self.site.identity.id, source, service,
                rules=self._rules, pool=self.ground.pool, clock=self.ground.clock,
                go_live=lambda: self.in_force.applied.go_live, mails=self.mails,
            )  # fmt: skip
            opens = self._watch(source, service, box, box.sent, reader, observed=True)
            if opens is not None:
                self.sent.setdefault(service, []).append((opens, reader))

    def scans(self, reading: ScanReaderPool) -> None:
        """Every scan folder; the same processes read for all of them."""
        root = self.settings.scans
        if not self.site.sources.scan_folders:
            return
        if root is None:
            raise PermanentFailure("VAGUEMESTRE_SCANS is not set: the site has scan folders.")
        patience = StabilityLimits(self.settings.scan_still, self.settings.scan_broken)
        for folder in self.site.sources.scan_folders:
            source = open_scan_folder(
                self.paper_rules, folder, root, self.copies, reading, self.ground.clock, patience,
                cuttings=self.cuttings, antivirus=self.antivirus,
            )  # fmt: skip
            intake = ScanIntake(
                self.site.identity.id,
                folder,
                source,
                rules=self._rules,
                keeper=self.keeper,
                passes=self.passes,
                clock=self.ground.clock,
                status=self.statuses.of(source.source),
            )
            self.tasks[source.source] = intake.run

    def papers(self, reading: ScanReaderPool) -> PaperReader:
        """Makes the reader of papers that come by another way than a scan folder."""
        cutter = cutter_of(SPOOL, self.paper_rules, reading, cuttings=self.cuttings)
        return PaperReader(reading, reading, self.copies, cutter)

    def spool(self, papers: PaperReader | None) -> None:
        """The forms, papers and requests of our own pages."""
        rereading = ArrivalRereader(
            self.ground.pool, self.blobs, self.ground.clock, self._rules, papers, self.mails
        )
        search = SentSearch(self.sent, self.keeper, self.ground.clock)
        intake = SpoolIntake(
            self.site.identity.id, self.settings.spool,
            rules=self._rules, keeper=self.keeper, clock=self.ground.clock,
            status=self.statuses.of(SPOOL), papers=papers, mails=self.mails,
            reread=rereading.answer, search_sent=search.answer,
            in_hand=InHand(self.ground.pool, SPOOL, self.settings.instance),
            read=self.deposits.read, antivirus=self.antivirus,
        )  # fmt: skip
        self.tasks[SPOOL] = intake.run

    def attachments(self, papers: PaperReader | None) -> None:
        """The job that reads what is attached to mails, apart from every source."""
        self.files = AttachmentReader(papers, antivirus=self.antivirus)
        job = AttachmentJob(
            self.ground.pool, self.blobs, self.ground.clock, self._rules, self.mails, self.files,
            url=self.settings.database_url, instance=self.settings.instance,
        )  # fmt: skip
        self.tasks["attachments"] = job.run

    def folders(self) -> dict[str, Path]:
        """The folders whose free disk space is checked, by name."""
        folders = {"spool": self.settings.spool, **self.settings.written_folders}
        return folders | ({"scans": self.settings.scans} if self.settings.scans else {})

    def scan_folders(self) -> dict[str, Path]:
        """The path of each scan folder, by its source."""
        root = self.settings.scans
        folders = () if root is None else self.site.sources.scan_folders
        return {f"scans:{folder.id}": (root or Path()) / folder.folder for folder in folders}

    async def sources_unchanged(self) -> State:
        """Whether the applied site still names the sources and sheets that this process knows."""
        applied = self.in_force.applied.site
        if applied.sources != self.site.sources:
            return Unwell("mailboxes.yaml was changed: restart `vaguemestre ingest run`.")
        if applied.service.keys() != self.site.service.keys():
            return Unwell(
                "The list of services was changed: restart `vaguemestre ingest run`, so that scans "
                "know the separator sheets of them all."
            )
        if _sheets_of(self.in_force.applied) != self.sheets:
            return Unwell("What site.yaml says of sheets was changed: restart `ingest run`.")
        return Well(self.in_force.health_detail())

    async def close_mails(self) -> None:
        """End the processes that read mails; whoever waits for one goes on at once."""
        await asyncio.to_thread(self.mails.close)
        await asyncio.to_thread(self.files.close)

    def _rules(self) -> JudgeRules:
        return self.compiled.now

    def _watch(
        self,
        source: str,
        service: ServiceId | None,
        box: Mailbox,
        folder: str,
        reader: MailReader,
        *,
        observed: bool,
    ) -> Callable[[], MailSource] | None:
        status = self.statuses.of(source)
        try:
            opens = partial(ImapSource, self.settings.account(box, folder, observed=observed))
        except PermanentFailure as failure:
            status.trouble = str(failure)  # the other mailboxes go on
            return None
        watch = MailWatch(
            self.site.identity.id, source, service,
            source=opens(), reader=reader, keeper=self.keeper,
            pool=self.ground.pool, clock=self.ground.clock, status=status,
            passes=self.passes, pace=self.pace, instance=self.settings.instance,
        )  # fmt: skip
        self.tasks[source] = watch.run
        return opens


def _sheets_of(applied: AppliedSite) -> tuple[int, date | None]:
    return applied.site.identity.day_sheet_days, applied.unsigned_codes_until


async def _hold(close: Callable[[], Awaitable[None]]) -> None:
    """What reads for us ends with us, once those who ask it were cancelled."""
    try:
        await asyncio.Event().wait()
    finally:
        await close()


def create_app(settings: IngestSettings, pace: Pace | None = None) -> ServiceCommand:
    """Builds the process `ingest run`, which watches every source of the applied site.

    Its start raises PermanentFailure when a folder of scans or of OCR data is not set.
    """

    async def assemble(ground: ServiceContext) -> Parts:
        # Blobs wait for the disk's flushes, sixteen at a time: the default is six threads here.
        pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="ingest")
        asyncio.get_running_loop().set_default_executor(pool)
        in_force = await applied_rules(ground.pool)
        site = in_force.applied.site
        door = _Door(settings, ground, in_force, site, pace or Pace())
        await asyncio.to_thread(clear_copies, door.copies)
        for box in site.sources.mailboxes:
            door.mailbox(box)
        papers = None
        if settings.tessdata is not None:
            folders = (*door.scan_folders().values(), door.copies)
            reading = ScanReaderPool(settings.tessdata, folders=folders)
            papers = door.papers(reading)
            door.scans(reading)
            door.tasks["reading"] = lambda: _hold(reading.close)
        elif site.sources.scan_folders:
            raise PermanentFailure("VAGUEMESTRE_TESSDATA is not set: the site has scan folders.")
        door.spool(papers)
        door.attachments(papers)
        door.tasks["mails"] = lambda: _hold(door.close_mails)
        metrics = IngestMetrics(
            ground.telemetry.registry,
            ground.glances,
            ground.clock,
            door.statuses,
            folders=door.folders(),
            scans=door.scan_folders(),
            floor=settings.free_floor * disk_space.MEGA,
        )
        ground.telemetry.on_scrape(metrics.ask)
        ground.telemetry.on_scrape(metrics.look)
        checks: dict[str, HealthCheck] = {
            f"source {name}": status.check for name, status in door.statuses.by_source.items()
        }
        return Parts(
            tasks={
                **door.tasks,
                **door_jobs(settings, ground.stopping),
                "rules": lambda: in_force.follow(settings.database_url),
            },
            checks={
                **checks,
                **settings.token_checks,
                **settings.antivirus_checks,
                "rules": door.sources_unchanged,
                "encryption": door.deposits.check,
                **settings.room_checks(settings.spool),
            },
        )

    return ServiceCommand("ingest", SCHEMA, settings, assemble)
