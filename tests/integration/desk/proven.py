"""A month of a register whose clocks sla really told: what an administrator may tamper with.

Five letters of May 2026 under a promise of 15 jours ouvrés. 000001 and 000002 were answered in
time, 000003 two jours ouvrés late, 000004 runs and is past its limit, 000005 came in June and runs.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid5

from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from services.desk import statements
from services.desk.domain.evidence import GENESIS, link
from services.desk.domain.roots import Head, digest_of, root_of
from services.desk.domain.stamp import Stamp
from services.desk.evidence import seals
from services.desk.evidence.verification import night
from services.desk.evidence.verification.ground import Documents, VerificationContext
from services.desk.evidence.verification.registry import CHECKS, Report
from services.desk.handlers.arrivals import hears_arrivals
from services.desk.handlers.clocks import hear_clocks
from services.desk.indicators import month_closure
from services.desk.store import items
from services.notify import root_mails
from services.ops.replanner import make_replanning
from services.sla.handlers import hears_items
from services.sla.metrics import SlaCounters
from services.sla.rulebook import Editions
from services.sla.settings import SlaSettings
from services.sla.ticker import Ticker
from shared.content import plis
from shared.content.blobs import LocalBlobs
from shared.content.plis import Correspondent, Pli
from shared.facts.clocks import CLOCKS, ClockFact
from shared.facts.envelope import ItemId, On
from shared.facts.items import ITEMS
from shared.facts.items.evidence import EvidenceSealed
from shared.facts.items.replies import ReplySent
from shared.facts.origin import SESSION
from shared.facts.vocabulary import Channel, Proof
from shared.platform.clock import SystemClock
from shared.platform.database import Connection, Pool, open_pool, transaction
from shared.platform.kafka.connection import KafkaAccess
from shared.site import store
from shared.site.applied_rules import AppliedRules, Rules
from shared.site.staff import people_store
from shared.site.tables.bundle import AppliedSite, Site
from shared.site.tables.commitments import Commitments
from tests.desk_builders import (
    DAYS,
    GO_LIVE,
    SPACE,
    a_person,
    a_site,
    an_arrival,
    certain,
    digest,
    some_people,
)
from tests.roles import one_transaction, under_role
from tests.unit.sla.builders import LADDERS, PROMISES

FIRST, SECOND, LATE, RUNNING, OTHER = (f"36-2026-A-{n:06}" for n in range(1, 6))
MAY, JUNE = (*(date(2026, 5, 4),) * 3, date(2026, 5, 5)), date(2026, 6, 8)
"""Receipts of the letters. The 8th, 14th and 25th of May are no jours ouvrés: 15 end on 28 May, for
that of the 5th on 29 May."""
ANSWERED = (date(2026, 5, 12), date(2026, 5, 28), date(2026, 6, 1))
ANSWER = "250 2.0.0 4XyZ00001"
CLOSED = datetime(2026, 6, 15, 9, tzinfo=UTC)
TONIGHT = datetime(2026, 6, 17, 2, 30, tzinfo=UTC)
"""04:30 in Paris: the 16th is sealed, nobody has worked yet."""


def site_with_promises() -> Site:
    promises = Commitments(target=0.9, ladders=LADDERS, commitments=PROMISES)
    return a_site().model_copy(update={"commitments": promises})


def _pli(text: str) -> Pli:
    nobody = Correspondent(name="Ana", address="ana@example.org")
    return Pli(kind="scan", sender=nobody, answer_to=nobody, subject="Santé", text=text)


class OneVersion(AppliedRules):
    """The rules of this préfecture, whatever its tables say."""

    async def if_any(self, connection: Connection) -> AppliedSite:
        del connection
        return self.applied


@dataclass
class Proven:
    """The register, its sla, and the hand of an administrator."""

    url: str
    desk: Pool
    sla: Pool
    blobs: LocalBlobs
    folder: Path
    applied: AppliedSite
    editions: Editions = field(default_factory=Editions)
    told: int = 0
    heard: int = 0
    kafka: tuple[KafkaAccess, str] | None = None

    async def close(self) -> None:
        await self.desk.close()
        await self.sla.close()

    @property
    def rules(self) -> Rules:
        return OneVersion(self.applied)

    async def arrives(self, name: str, day: date) -> ItemId:
        at = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=8)
        arrival_id = uuid5(SPACE, name)
        original = await self.blobs.put(2026, arrival_id, f"original {name}".encode())
        pli = await plis.write(self.blobs, 2026, arrival_id, _pli(name))
        arrival = an_arrival(
            name, at=at, receipt=On(day=day), channel=Channel.LETTER, original=original, pli=pli,
            routing=certain(), correspondent=digest(name), subject=digest(name),
        )  # fmt: skip
        async with transaction(self.desk) as connection:
            assert not await hears_arrivals(self.rules)(connection, [arrival], at)
        await self.passes(at)
        return await self.item(await self.desk.fetchval("SELECT max(chrono) FROM desk.items"))

    async def replies(self, item_id: ItemId, day: date) -> None:
        at = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=9)
        async with transaction(self.desk) as connection:
            kept = await items.lock(connection, [item_id])
            seq = kept[item_id].item.seq
            stamp = Stamp(item_id, seq, uuid5(item_id, "reply"), "person:a.gent", at)
            reply = ReplySent(**stamp(1), proof=Proof.DELIVERED, answer=ANSWER)
            await statements.state(connection, kept, [reply], self.applied.site.zone)
        await self.passes(at)

    async def passes(self, now: datetime) -> None:
        """What the register told reaches sla, notify and back, and the clocks tick."""
        counts = SlaCounters(CollectorRegistry())
        rows = await self.desk.fetch(
            "SELECT id, payload FROM desk.outbox WHERE id > $1 AND topic = 'items' ORDER BY id",
            self.told,
        )
        self.told = max([self.told, *(row["id"] for row in rows)])
        facts = [ITEMS.validate_json(row["payload"]) for row in rows]
        if facts:
            async with transaction(self.sla) as connection:
                await hears_items(self.editions, counts)(connection, facts, now)
            async with one_transaction(under_role(self.url, "notify")) as notify:
                sealed = [fact for fact in facts if isinstance(fact, EvidenceSealed)]
                await root_mails.plan(notify, sealed, self.applied, now)
        settings = SlaSettings(database_url=SecretStr("unused"), kafka="unused")
        ticker = Ticker(self.sla, SystemClock(), self.editions, counts, settings)
        while await ticker.wake(now):
            pass
        rows = await self.sla.fetch(
            "SELECT id, payload FROM sla.outbox WHERE id > $1 ORDER BY id", self.heard
        )
        self.heard = max([self.heard, *(row["id"] for row in rows)])
        clocks = [CLOCKS.validate_json(row["payload"]) for row in rows]
        async with transaction(self.desk) as connection:
            told: Sequence[Any] = [fact for fact in clocks if isinstance(fact, ClockFact)]
            await hear_clocks(connection, told, now)

    async def seals(self, now: datetime) -> None:
        await seals.once(self.desk, self.applied, now)
        await self.passes(now)

    async def night(self, now: datetime = TONIGHT) -> Report:
        """One simulated night, as `desk keep` lives it; what it found."""
        report = await self.look(now)
        assert report is not None, "it was due"
        return report

    async def look(self, now: datetime = TONIGHT) -> Report | None:
        """The same; `None` when no night is due."""
        url, known = (
            SecretStr(under_role(self.url, "desk")),
            (make_replanning(), self.blobs, self.kafka),
        )
        return await night.once(self.desk, url, self.rules, *known, now, patience=0.0)

    async def sql(self, *statements: str, chrono: str | None = None, free: bool = False) -> None:
        """By the register's role; `free`: by the owner, for whom no trigger stands.

        `$1` is the item of `chrono`, where one is given.
        """
        item_id = None
        if chrono is not None:
            item_id = await self.item(chrono)
        async with one_transaction(self.url if free else under_role(self.url, "desk")) as one:
            if free:
                await one.execute("SET LOCAL session_replication_role = replica")
            for statement in statements:
                await one.execute(statement, *([item_id] if "$1" in statement else []))

    async def item(self, chrono: str) -> ItemId:
        """The item that bears it."""
        found = await self.desk.fetchval("SELECT item_id FROM desk.items WHERE chrono = $1", chrono)
        return ItemId(found)

    def blob(self, name: str) -> Path:
        """The original of a letter, on the disk."""
        files = (self.folder / "2026" / str(uuid5(SPACE, name))).iterdir()
        return next(path for path in files if path.read_bytes() == f"original {name}".encode())

    async def rewrites(self, chrono: str, before: str, after: str, *, roots: bool) -> None:
        """Facts changed by whoever may disable triggers; every link, head and root made anew."""
        async with one_transaction(self.url) as owner:
            await owner.execute("SET LOCAL session_replication_role = replica")
            previous = GENESIS
            for row in await owner.fetch(
                "SELECT f.* FROM desk.facts f JOIN desk.items i USING (item_id)"
                " WHERE chrono = $1 ORDER BY f.seq",
                chrono,
            ):
                payload = row["payload"].replace(before, after)
                assert roots or payload != row["payload"] or row["seq"] > 0
                previous = link(previous, payload, row["by"], row["recorded_at"])
                await owner.execute(
                    "UPDATE desk.facts SET payload = $2, link = $3 WHERE event_id = $1",
                    row["event_id"], payload, previous,
                )  # fmt: skip
            if roots:
                await _roots_anew(owner)


async def _roots_anew(owner: Connection) -> None:
    await owner.execute(
        "UPDATE desk.root_heads h SET link = f.link FROM desk.facts f"
        " WHERE f.item_id = h.item_id AND f.seq = h.seq"
    )
    before = GENESIS
    for row in await owner.fetch("SELECT night, day FROM desk.roots ORDER BY night"):
        heads = await owner.fetch("SELECT * FROM desk.root_heads WHERE night = $1", row["night"])
        listed = digest_of(Head(row["item_id"], row["seq"], row["link"]) for row in heads)
        old = await owner.fetchval("SELECT root FROM desk.roots WHERE night = $1", row["night"])
        before = root_of(before, row["day"], listed)
        await owner.execute(
            "UPDATE desk.roots SET heads = $2, root = $3 WHERE night = $1",
            row["night"], listed, before,
        )  # fmt: skip
        previous = GENESIS
        for fact in await owner.fetch(
            "SELECT * FROM desk.facts WHERE type = 'EvidenceSealed' ORDER BY seq"
        ):
            payload = fact["payload"].replace(old, before)
            previous = link(previous, payload, fact["by"], fact["recorded_at"])
            await owner.execute(
                "UPDATE desk.facts SET payload = $2, link = $3 WHERE event_id = $1",
                fact["event_id"], payload, previous,
            )  # fmt: skip


async def named(pool: Pool, *checks: str) -> list[str]:
    """What these checks of the registry find, one sentence each."""
    async with transaction(pool) as connection:
        applied = await store.current(connection)
        replan = await make_replanning()(connection)
    nothing = Documents(since=CLOSED, part=None)
    ground = VerificationContext(pool, applied, replan, LocalBlobs(Path()), nothing, TONIGHT)
    return [str(difference) for name in checks async for difference in CHECKS[name](ground)]


async def a_month(url: str, folder: Path) -> Proven:
    """The month, closed on 15 June and sealed on the night of the 16th."""
    site = site_with_promises()
    async with one_transaction(url) as connection:
        await store.keep(connection, site, DAYS, "q.officer", "tests", GO_LIVE)
        await store.go_live(connection, GO_LIVE, "q.officer", "tests", GO_LIVE)
        await people_store.import_people(connection, some_people(), "q.officer", GO_LIVE)
        applied = await store.current(connection)
        await connection.execute("INSERT INTO site.story (moment) VALUES ($1)", TONIGHT)
    desk = await open_pool(SecretStr(under_role(url, "desk")), "tests", size=4)
    sla = await open_pool(SecretStr(under_role(url, "sla")), "tests", size=2)
    one = Proven(url, desk, sla, LocalBlobs(folder), folder, applied)
    names = [await one.arrives(f"letter {n}", day) for n, day in enumerate(MAY, start=1)]
    for item_id, day in zip(names, ANSWERED, strict=False):
        await one.replies(item_id, day)
    await one.arrives("letter 5", JUNE)
    await one.seals(CLOSED - timedelta(hours=2))
    async with transaction(desk) as connection:
        officer = a_person("q.officer", "qualite")
        await month_closure.close(
            connection, date(2026, 5, 1), officer, applied, CLOSED,
            early=True, may=True, origin=SESSION,
        )  # fmt: skip
    await one.passes(CLOSED)
    await one.seals(TONIGHT - timedelta(hours=2))
    await one.passes(TONIGHT - timedelta(hours=1))
    return one
