"""The programs of the four services on one database, in this process and without Kafka.

What one tells is handed over to whoever hears it in one order, so that the same comes of the same.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid5

from faststream.kafka import KafkaRouter
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from services.desk import app as register
from services.desk import statements
from services.desk.decider import Decider
from services.desk.domain.stamp import Stamp
from services.desk.store import items
from services.ingest import store as door
from services.notify import app as voice
from services.notify.domain.ledger import TOLD, SmtpAnswer, next_after
from services.notify.handlers import wake
from services.notify.ledger_decisions import LedgerDecision
from services.notify.ledger_writer import write
from services.notify.notice_facts import tell
from services.notify.store import attempts, ledger
from services.sla import app as clocks
from services.sla.metrics import SlaCounters
from services.sla.rulebook import Editions
from services.sla.settings import SlaSettings
from services.sla.ticker import Ticker
from shared.content import plis
from shared.content.blobs import LocalBlobs
from shared.content.plis import Correspondent, Pli
from shared.facts.envelope import ItemId, NoticeId, On, Topic
from shared.facts.items.replies import ReplySent
from shared.facts.origin import SESSION
from shared.facts.vocabulary import Channel, Proof
from shared.platform.clock import SystemClock
from shared.platform.database import Connection, Pool, open_pool, transaction
from shared.platform.messaging import outbox
from shared.platform.messaging.consumer_group import ConsumerGroup
from shared.platform.messaging.handler_declarations import subscriptions
from shared.platform.messaging.subscription import Subscription
from shared.site.applied_rules import AppliedRules, applied_rules
from shared.site.staff import people_store
from tests.desk_builders import an_arrival, certain, digest
from tests.roles import under_role

NAMES: Final = UUID("5f6c2c1e-0b0d-4a58-9d3e-4c6a3f0a0001")
SCHEMAS: Final = ("ingest", "desk", "sla", "notify")
WORKER: Final = 36
"""Of the attempt that is going on when the programs end."""
BEGUN: Final = """
    UPDATE notify.ledger SET worker = abs(worker), attempts = attempts + 1, document = $2
    WHERE notice_id = $1
"""


@dataclass
class Programs:
    """The four services on one database, each in its role."""

    pools: dict[str, Pool]
    ears: dict[str, Sequence[Subscription[Any]]]
    ticker: Ticker
    blobs: LocalBlobs
    rules: AppliedRules
    heard: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SCHEMAS, 0))
    decided: int = 0

    async def arrives(self, name: str, at: datetime, channel: Channel, **kw: Any) -> ItemId:
        """Kept by the door, told, and registered."""
        arrival_id = await self.kept(name, at, channel, **kw)
        await self.passes(at)
        item_id = await self.pools["desk"].fetchval(
            "SELECT item_id FROM desk.arrivals WHERE arrival_id = $1", arrival_id
        )
        return ItemId(item_id)

    async def kept(self, name: str, at: datetime, channel: Channel, **kw: Any) -> UUID:
        """Kept by the door and put into its outbox."""
        arrival_id = uuid5(NAMES, name)
        original = await self.blobs.put(2026, arrival_id, f"original {name}".encode())
        sender = Correspondent(name="Ana Martin", address=f"{name}@exemple.fr")
        pli = Pli(
            kind="mail", sender=sender, answer_to=sender, subject="Santé", text=f"Lettre {name}"
        )
        receipt = {} if channel.electronic else {"receipt": On(day=at.date())}
        fact = an_arrival(
            name, at=at, channel=channel, original=original,
            pli=await plis.write(self.blobs, 2026, arrival_id, pli),
            **({"routing": certain(), "correspondent": digest(name), "subject": digest(name)}
               | receipt | kw),
        )  # fmt: skip
        fact = fact.model_copy(update={"arrival_id": arrival_id})
        row = door.ArrivalRow(
            fact.arrival_id, fact.source, fact.verdict.kind, getattr(fact.verdict, "reason", None),
            fact.fingerprint, fact.message, original, fact.pli, at,
            correspondent=fact.correspondent,
        )  # fmt: skip
        async with transaction(self.pools["ingest"]) as connection:
            await door.insert(connection, [row], at)
        await self.tells("ingest", fact)
        return arrival_id

    async def tells(self, schema: str, *facts: Any) -> None:
        async with transaction(self.pools[schema]) as connection:
            await outbox.put(connection, schema, facts)

    async def passes(self, now: datetime) -> None:
        """What was told reaches whoever hears it, time passes, until nothing new is said."""
        new = True
        while new:
            new = False
            for schema in SCHEMAS:
                rows = await self.pools[schema].fetch(
                    f"SELECT id, topic, payload FROM {schema}.outbox WHERE id > $1 ORDER BY id",  # noqa: S608  (a name of ours)
                    self.heard[schema],
                )
                self.heard[schema] = max([self.heard[schema], *(row["id"] for row in rows)])
                for topic in Topic:
                    said = [row["payload"] for row in rows if row["topic"] == topic.value]
                    if said:
                        new = True
                        await self.hears(topic, said, now)
            while await self.ticker.wake(now):
                new = True
            async with transaction(self.pools["notify"]) as connection:
                applied = await self.rules.in_transaction(connection)
                new = bool(await wake(connection, applied, now)) or new

    async def hears(self, topic: Topic, said: Sequence[str], now: datetime) -> None:
        for schema, ears in self.ears.items():
            for ear in ears:
                if ear.topic is topic:
                    async with transaction(self.pools[schema]) as connection:
                        facts = [ear.decode(payload.encode()) for payload in said]
                        assert not list(await ear.handle(connection, facts, now))

    async def all_told(self) -> None:
        """As relays leave it: nothing waits."""
        for schema in SCHEMAS:
            await self.pools[schema].execute(f"DELETE FROM {schema}.outbox_waiting")  # noqa: S608  (a name of ours)

    @asynccontextmanager
    async def decider(self, who: str, now: datetime) -> AsyncIterator[Decider]:
        """Somebody decides, and everybody hears of it."""
        self.decided += 1
        async with transaction(self.pools["desk"]) as connection:
            people = await people_store.people_at(connection, now)
            person = people.person(who)
            assert person is not None
            yield Decider(
                connection, person, uuid5(NAMES, f"decision {self.decided}"), now,
                await self.rules.in_transaction(connection), people, origin=SESSION,
                sees=lambda *_: True,
            )  # fmt: skip
        await self.passes(now)

    async def replies(self, item_id: ItemId, at: datetime) -> None:
        async with transaction(self.pools["desk"]) as connection:
            kept = await items.lock(connection, [item_id])
            stamp = Stamp(
                item_id, kept[item_id].item.seq, uuid5(item_id, "reply"), "person:k.haddad", at
            )
            reply = ReplySent(**stamp(1), proof=Proof.DELIVERED, answer="250 2.0.0 4XyZ00001")
            zone = (await self.rules.in_transaction(connection)).site.zone
            await statements.state(connection, kept, [reply], zone)
        await self.passes(at)

    async def leaves(self, item_id: ItemId, at: datetime, answer: SmtpAnswer | None) -> UUID:
        """The receipt of an item is handed to a server, which answers so; `None`: not yet."""
        async with transaction(self.pools["notify"]) as connection:
            notice = await connection.fetchval(
                "SELECT notice_id FROM notify.ledger WHERE item_id = $1 AND kind = 'receipt'",
                item_id,
            )
            row = (await ledger.by_id(connection, [NoticeId(notice)]))[NoticeId(notice)]
            key = await self.blobs.put(2026, notice, f"mail {notice}".encode())
            row = replace(row, document=key, address=digest(f"address {notice}"))
            await attempts.claim(connection, [(row, at.date())], WORKER, at)
            await connection.execute(BEGUN, notice, key)  # no session of a worker is open here
            taken = await attempts.lock_attempt(connection, row.entry.notice_id)
            assert taken is not None
            if answer is not None:
                await self._answered(connection, taken, answer, at)
        await self.passes(at)
        return row.entry.notice_id

    async def _answered(
        self, connection: Connection, row: ledger.LedgerRow, answer: SmtpAnswer, at: datetime
    ) -> None:
        after = attempts.after(row, next_after(row.entry, answer), at)
        told = after.entry.state in TOLD
        fact = tell(after, at, message=digest(f"ours {row.entry.notice_id}")) if told else None
        await write(connection, [LedgerDecision(after, fact)], at)


@asynccontextmanager
async def opened(url: str, blobs: Path) -> AsyncIterator[Programs]:
    """The services on a database that has rules."""
    urls = {schema: SecretStr(under_role(url, schema)) for schema in SCHEMAS}
    pools = {schema: await open_pool(urls[schema], "golden", size=2) for schema in SCHEMAS}
    rules, editions, counts = AppliedRules(), Editions(), SlaCounters(CollectorRegistry())
    in_force = await applied_rules(pools["notify"])
    routers: dict[str, Callable[[ConsumerGroup], KafkaRouter]] = {
        "desk": register.create_router,
        "sla": lambda group: clocks.create_router(group, editions, counts),
        "notify": lambda group: voice.create_router(group, in_force),
    }
    groups = {schema: ConsumerGroup(schema) for schema in routers}
    ears: dict[str, Sequence[Subscription[Any]]] = {
        schema: list(subscriptions(group, routers[schema](group)).values())
        for schema, group in groups.items()
    }
    settings = SlaSettings(database_url=SecretStr("unused"), kafka="unused")
    ticker = Ticker(pools["sla"], SystemClock(), editions, counts, settings)
    try:
        yield Programs(pools, ears, ticker, LocalBlobs(blobs), rules)
    finally:
        for pool in pools.values():
            await pool.close()
