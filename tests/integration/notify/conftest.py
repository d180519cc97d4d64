"""notify on a real PostgreSQL, under its role, and a real SMTP server, with the rules of Indre."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import pytest
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from services.notify.app import writes
from services.notify.bounces import hears_arrivals
from services.notify.clock_handler import hears_clocks
from services.notify.handlers import hears_items
from services.notify.lanes import ORDINARY, Lane
from services.notify.mail_composition import MailSigning
from services.notify.mailer import SmtpMailer
from services.notify.metrics import NotifyMetrics
from services.notify.quality_handler import hears_quality
from services.notify.sender import Sender
from services.notify.sender_session import SenderDeps
from services.notify.smtp_connection import SmtpServer, Tls
from services.notify.waker import Waker
from shared.calendar.working_days import working_calendar
from shared.content import plis
from shared.content.blobs import LocalBlobs
from shared.content.plis import Correspondent, Pli
from shared.content.site_keys import SiteKeys
from shared.facts.envelope import ArrivalId, BlobKey, ItemId
from shared.facts.items.registration import ItemRegistered
from shared.facts.notices import NOTICES, Notices
from shared.platform.database import Pool, open_pool, transaction
from shared.platform.jobs import Job, every
from shared.site import store
from shared.site.applied_rules import AppliedRules, applied_rules
from shared.site.load import SiteProposal, load_proposal
from shared.site.staff import people_store
from shared.site.tables.notices import Caps
from tests.code_keys import KEYS
from tests.contract.smtp.sink import Sink
from tests.roles import one_transaction, under_role
from tests.unit.notify.builders import MONDAY, NAMES, registered

INDRE = Path(__file__).parents[3] / "deploy" / "site" / "indre"
GO_LIVE = datetime(2026, 5, 1, tzinfo=UTC)
SECRET = SiteKeys(b"secret of the tests")


@dataclass
class Moment:
    """A clock that stands still until a test moves it."""

    at: datetime = MONDAY
    _moved: asyncio.Event = field(default_factory=asyncio.Event)

    def now(self) -> datetime:
        return self.at

    async def pause(self, longest: timedelta) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._moved.wait(), longest.total_seconds())
        self._moved.clear()

    def move(self, to: datetime) -> None:
        self.at = to
        self._moved.set()


@dataclass
class House:
    """All of notify but Kafka, whose records a test hands over itself."""

    pool: Pool
    url: SecretStr
    rules: AppliedRules
    clock: Moment
    blobs: LocalBlobs
    sink: Sink
    portal_url: str | None = None

    async def hear(self, *facts: Any) -> None:
        handlers: Any = {
            "arrivals": hears_arrivals(),
            "clocks": hears_clocks(),
            "items": hears_items(self.rules),
            "quality": hears_quality(self.rules),
        }
        handle = handlers[facts[0].topic.value]
        async with transaction(self.pool) as connection:
            assert list(await handle(connection, facts, self.clock.now())) == []

    def sender(self, stopping: asyncio.Event | None = None, lane: Lane = ORDINARY) -> Sender:
        ink = MailSigning(self.blobs, SECRET, lambda _: KEYS, self.portal_url)
        desk = SenderDeps(
            pool=self.pool,
            url=self.url,
            clock=self.clock,
            rules=self.rules,
            ink=ink,
            originals=self.blobs,
            write=writes(self.rules),
            voice=NotifyMetrics(CollectorRegistry(), self.pool, self.clock, self.rules),
            stopping=stopping or asyncio.Event(),
        )
        server = SmtpServer(self.sink.host, self.sink.port, Tls.NONE, timeout=timedelta(seconds=60))
        return Sender(desk, SmtpMailer(server), lane)

    @asynccontextmanager
    async def sending(self, lane: Lane = ORDINARY) -> AsyncIterator[Sender]:
        stopping = asyncio.Event()
        sender = self.sender(stopping, lane)
        task = asyncio.create_task(sender.run())
        try:
            yield sender
        finally:
            stopping.set()
            async with asyncio.timeout(300):
                await task

    def waker(self) -> Waker:
        return Waker(
            self.pool,
            self.clock,
            self.rules,
            MailSigning(self.blobs, SECRET, lambda _: KEYS, self.portal_url),
        )

    @asynccontextmanager
    async def following(self) -> AsyncIterator[None]:
        """The rules are followed and the waker runs, as they do in the process."""
        stopping = asyncio.Event()
        rounds = every(0.05, self.waker().round, stopping)
        tasks = [
            asyncio.create_task(self.rules.follow(self.url)),
            asyncio.create_task(_as_job(rounds)),
        ]
        try:
            yield
        finally:
            stopping.set()
            tasks[0].cancel()
            async with asyncio.timeout(300):
                await asyncio.gather(*tasks, return_exceptions=True)
        assert tasks[1].exception() is None

    async def knows_go_live(self) -> None:
        """Waits until this process has heard of it."""
        async with asyncio.timeout(300):
            while self.rules.applied.go_live is None:  # noqa: ASYNC110  (a cache)
                await asyncio.sleep(0.02)

    async def states(self) -> list[tuple[str, str, str | None]]:
        rows = await self.pool.fetch(
            "SELECT kind, state, why FROM notify.ledger ORDER BY planned_at, kind"
        )
        return [(row["kind"], row["state"], row["why"]) for row in rows]

    async def told(self) -> list[Notices]:
        rows = await self.pool.fetch("SELECT payload FROM notify.outbox ORDER BY id")
        return [NOTICES.validate_json(row["payload"]) for row in rows]

    async def until(self, *expected: tuple[str, str, str | None], within: float = 300.0) -> None:
        """Waits until the ledger is exactly this."""
        seen: list[tuple[str, str, str | None]] = []
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                while (seen := await self.states()) != list(expected):  # noqa: ASYNC110  (rows)
                    await asyncio.sleep(0.02)
        assert seen == list(expected)

    async def mail(
        self,
        name: str = "1",
        address: str = "jeanne@exemple.fr",
        *,
        at: datetime = MONDAY,
        on_behalf: Correspondent | None = None,
        **fields: Any,
    ) -> ItemRegistered:
        """A registered mail whose pli stands in the blobs."""
        arrival = ArrivalId(uuid5(NAMES, f"arrival {name}"))
        pli = Pli(
            kind="mail",
            sender=Correspondent(name="Jeanne Martin", address=address),
            answer_to=Correspondent(name="Jeanne Martin", address=address),
            on_behalf=on_behalf,
            subject="Ma demande de titre",
            text="Bonjour, où en est ma demande ?",
            message_id=f"<question-{name}@exemple.fr>",
        )
        key = await plis.write(self.blobs, at.year, arrival, pli)
        fact = registered(
            at=at,
            item=ItemId(uuid5(NAMES, f"item {name}")),
            pli=key,
            chrono=f"36-2026-A-{int(name):06}",
            **fields,
        )
        return fact.model_copy(update={"arrival_id": arrival})

    async def receipts_wait(self, count: int) -> None:
        """A ledger of that many receipts, each of an item of its own."""
        one = await self.mail("1")
        facts = [
            one.model_copy(
                update={
                    "item_id": ItemId(uuid5(NAMES, f"waiting {number}")),
                    "event_id": uuid5(NAMES, f"registered {number}"),
                    "correspondent": f"{number:08x}",
                }
            )
            for number in range(count)
        ]
        for start in range(0, count, 500):
            await self.hear(*facts[start : start + 500])
        assert await self.pool.fetchval("SELECT count(*) FROM notify.ledger") == count

    async def composed(self, text: str, name: str = "composed") -> BlobKey:
        """What an agent wrote at the desk."""
        nobody = Correspondent()
        pli = Pli(kind="composed", sender=nobody, answer_to=nobody, text=text)
        return await plis.write(self.blobs, 2026, UUID(int=hash(name) % 2**64), pli)


async def _as_job(job: Job) -> None:
    await job()


Live = Callable[[], Coroutine[Any, Any, None]]


@pytest.fixture
async def pool(postgres_url: str) -> AsyncIterator[Pool]:
    opened = await open_pool(SecretStr(under_role(postgres_url, "notify")), "tests")
    yield opened
    await opened.close()


@cache
def indre() -> SiteProposal:
    """The example site: its fifth of a second of reading is no matter of each test."""
    return load_proposal(INDRE)


async def rules_and_people(url: str, caps: Caps | None = None) -> None:
    """Those of Indre become a database's, with other caps where some are given."""
    proposal = indre()
    site = proposal.site
    if caps is not None:
        notices = site.notices.model_copy(update={"caps": caps})
        site = site.model_copy(update={"notices": notices})
    calendar = site.calendar
    days = working_calendar(calendar.territory, calendar.closures, 2025, 2028)
    early = datetime(2026, 4, 1, tzinfo=UTC)
    async with one_transaction(url) as connection:
        await store.keep(connection, site, days, "tests", "tests", early)
        await people_store.import_people(connection, proposal.people, "tests", early)


@pytest.fixture
async def house_before(pool: Pool, postgres_url: str, tmp_path: Path) -> AsyncIterator[House]:
    """The préfecture has its rules and people and is not live."""
    await rules_and_people(postgres_url)
    url = SecretStr(under_role(postgres_url, "notify"))
    async with Sink() as sink:
        rules = await applied_rules(pool)
        yield House(pool, url, rules, Moment(), LocalBlobs(tmp_path / "blobs"), sink)


@pytest.fixture
async def house(house_before: House, postgres_url: str) -> House:
    """Live since the first of May."""
    async with one_transaction(postgres_url) as connection:
        await store.go_live(connection, GO_LIVE, "tests", "tests", GO_LIVE)
    house_before.rules = await applied_rules(house_before.pool)
    return house_before
