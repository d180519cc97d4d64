"""Processes of the version before and of today on one database and the same topics of Kafka.

Each way round: one registers and the other counts and writes, then both do everything, then the
others, and at last the version before alone. Nothing is lost, nothing is told or sent twice.
"""

import asyncio
import json
import os
import shutil
import signal
import sys
from base64 import b64decode
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import asyncpg
import pytest
from pydantic import SecretStr

from deploy.release.notes import TREE
from shared.facts.envelope import ItemId, Topic
from shared.facts.vocabulary import Channel
from shared.platform.kafka import topic_log, topics
from shared.platform.messaging.relay import Relay
from shared.platform.postgres.migrate import migrate
from tests.contract.smtp.sink import Sink
from tests.golden.upgrade import written
from tests.golden.upgrade.before import Before, commit_before, running, tree_of
from tests.golden.upgrade.filling import LAST
from tests.golden.upgrade.programs import SCHEMAS, Programs, opened
from tests.relays import running as relaying
from tests.roles import under_role

LEFT = Path(written.__file__).parent / "0.1.0"
PATIENCE = 400.0
NOW = LAST + timedelta(days=1, hours=6)
"""10:00 in Paris, a Thursday; the story stands still."""
COMMANDS = {"desk": ("desk", "keep"), "sla": ("sla", "run"), "notify": ("notify", "run")}
SETTLED = """
    SELECT count(*) FROM desk.arrivals a
    WHERE a.arrival_id = ANY ($1::uuid[])
      AND EXISTS (SELECT FROM desk.clocks c WHERE c.item_id = a.item_id AND c.clock = 'reply')
      AND EXISTS (SELECT FROM desk.facts f WHERE f.item_id = a.item_id AND f.type = 'ReceiptSent')
"""
STOPPED = """
    SELECT count(*) FROM desk.clocks
    WHERE item_id = ANY ($1::uuid[]) AND clock = 'reply' AND outcome IS NOT NULL
"""
DEAD = "SELECT id, headers FROM {schema}.dead_letters ORDER BY id"
WAITING = " OR ".join(f"EXISTS (SELECT FROM {schema}.outbox_waiting)" for schema in SCHEMAS)


@dataclass
class House:
    """A préfecture that both versions' processes serve."""

    url: str
    kafka: str
    prefix: str
    trees: dict[str, Path]
    folder: Path
    sink: Sink
    owner: Any
    before: Before
    today: Programs
    processes: dict[tuple[str, str], asyncio.subprocess.Process] = field(default_factory=dict)
    letters: list[str] = field(default_factory=list)
    """Names of what came in."""

    async def takes_what_the_version_before_did_not_know(self) -> None:
        """Facts of a kind that it did not know are kept for today's program, which takes them."""
        known = {path.stem for path in (self.trees["before"] / "tests/golden").glob("*.json")}
        for schema in COMMANDS:
            rows = await self.owner.fetch(DEAD.format(schema=schema))
            types = {_type_of(row["headers"]) for row in rows}
            assert known.isdisjoint(types), types
            if rows:
                ids = [str(row["id"]) for row in rows]
                process = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-m", "services", schema, "dead-letters", "retry", *ids),
                    cwd=self.trees["today"], env=self._environment("today", schema),
                )  # fmt: skip
                assert await process.wait() == 0
            assert await self.owner.fetch(DEAD.format(schema=schema)) == []

    def _environment(self, version: str, name: str) -> Mapping[str, str]:
        return os.environ | {
            "VAGUEMESTRE_DATABASE_URL": under_role(self.url, name),
            "VAGUEMESTRE_KAFKA": self.kafka,
            "VAGUEMESTRE_PREFIX": self.prefix,
            "VAGUEMESTRE_INSTANCE": f"{name}-{version}",
            "VAGUEMESTRE_START_WAIT": "PT5M",
            "VAGUEMESTRE_DATA": str(self.folder / "none"),
            "VAGUEMESTRE_BLOBS": str(self.folder / "blobs"),
            "VAGUEMESTRE_SPOOL": str(self.folder / "spool"),
            "VAGUEMESTRE_SECRET": "secret of the tests",
            "VAGUEMESTRE_SMTP_HOST": self.sink.host,
            "VAGUEMESTRE_SMTP_PORT": str(self.sink.port),
            "VAGUEMESTRE_SMTP_TLS": "false",
        }

    async def start(self, version: str, *names: str) -> None:
        for name in names:
            environment = self._environment(version, name)
            with (self.folder / f"{name}-{version}.log").open("ab") as log:
                self.processes[version, name] = await asyncio.create_subprocess_exec(
                    *(sys.executable, "-m", "services", *COMMANDS[name]),
                    cwd=self.trees[version], env=environment, stdout=log, stderr=log,
                )  # fmt: skip

    async def stop(self, version: str, *names: str) -> None:
        """As an operator does: each ends what it has in hand."""
        ended = [self.processes.pop((version, name)) for name in names]
        for process in ended:
            process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(PATIENCE):
            assert {await process.wait() for process in ended} == {0}

    async def arrive(self, version: str, *names: str) -> Sequence[UUID]:
        """Kept by the door of a version, which tells it."""
        self.letters += names
        if version == "today":
            return [await self.today.kept(name, NOW, Channel.EMAIL) for name in names]
        kept = [await self.before.do("kept", NOW, name=name, channel="email") for name in names]
        return [UUID(each) for each in kept]

    async def replied(self, version: str, item: UUID) -> None:
        if version == "today":
            await self.today.replies(ItemId(item), NOW)
        else:
            await self.before.do("replies", NOW, item=str(item))

    async def items(self, arrivals: Sequence[UUID]) -> Sequence[UUID]:
        """Registered, counted, and acknowledged to whoever wrote."""
        await self._reached(SETTLED, arrivals)
        found = await self.owner.fetch(
            "SELECT item_id FROM desk.arrivals WHERE arrival_id = ANY ($1::uuid[])"
            " ORDER BY array_position($1::uuid[], arrival_id)",
            list(arrivals),
        )
        return [row["item_id"] for row in found]

    async def stopped(self, items: Sequence[UUID]) -> None:
        await self._reached(STOPPED, items)

    async def _reached(self, question: str, ids: Sequence[UUID]) -> None:
        async with asyncio.timeout(PATIENCE):
            while await self.owner.fetchval(question, list(ids)) < len(ids):
                codes = {name: each.returncode for name, each in self.processes.items()}
                assert set(codes.values()) == {None}, codes
                await asyncio.sleep(0.1)

    async def told(self) -> list[Any]:
        """Every record of every topic, once nobody has anything left to tell."""
        async with asyncio.timeout(PATIENCE):
            while await self.owner.fetchval(f"SELECT {WAITING}"):  # noqa: ASYNC110  (rows)
                await asyncio.sleep(0.1)
        names = [topics.name_of(topic, self.prefix) for topic in Topic]
        return [each for name in names async for each in topic_log.held_records(self.kafka, name)]


def _type_of(headers: str) -> str:
    """The type of the fact in a dead letter."""
    return b64decode(dict(json.loads(headers))["ce_type"]).decode()


async def _nobody_hears(now: datetime) -> None:
    """Processes of their own hear, by Kafka."""


@asynccontextmanager
async def _database(server_url: str) -> AsyncIterator[tuple[str, Any]]:
    name = f"versions_{uuid4().hex}"
    url = urlsplit(server_url)._replace(path=f"/{name}").geturl()
    server: Any = await asyncpg.connect(server_url)
    await server.execute(f'CREATE DATABASE "{name}"')
    owner: Any = await asyncpg.connect(url)
    try:
        yield url, owner
    finally:
        await owner.close()
        await server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        await server.close()


async def _applied(tree: Path, url: str, folder: Path) -> None:
    """The whole example site, by the program of that version: its texts and its notices too."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services", "site", "apply", "deploy/site/indre"),
        *("--by", "tests", "--why", "the whole site"),
        cwd=tree,
        env=os.environ | {"VAGUEMESTRE_DATABASE_URL": url, "VAGUEMESTRE_DATA": str(folder)},
    )
    assert await process.wait() == 0


@pytest.fixture
async def house(
    postgres_server_url: str, kafka_address: str, tmp_path: Path
) -> AsyncIterator[House]:
    tree = tree_of(commit_before(), tmp_path / "before")
    prefix = f"t{uuid4().hex[:8]}."
    blobs = Path(shutil.copytree(LEFT / "blobs", tmp_path / "blobs"))
    async with AsyncExitStack() as stack:
        url, owner = await stack.enter_async_context(_database(postgres_server_url))
        await written.read(owner, LEFT)
        await owner.execute("UPDATE site.story SET moment = $1", NOW)
        await _applied(tree, url, tmp_path)
        await migrate(owner)
        await topics.provision(kafka_address, prefix, replication=1)
        today = await stack.enter_async_context(opened(url, blobs))
        today.passes = _nobody_hears  # type: ignore[method-assign]  # Kafka carries it
        before = await stack.enter_async_context(running(tree, url, blobs))
        await before.do("apart", NOW)
        sink = await stack.enter_async_context(Sink())
        relay = Relay(SecretStr(url), ("ingest",), kafka_address, prefix)
        await stack.enter_async_context(relaying(relay))
        trees = {"before": tree, "today": TREE}
        found = House(url, kafka_address, prefix, trees, tmp_path, sink, owner, before, today)
        yield found
        for process in found.processes.values():
            if process.returncode is None:
                process.kill()
                await process.wait()


async def test_two_versions_share_topics_and_either_hears_the_other(house: House) -> None:
    # The version before registers; today's counts, and writes to people.
    await house.start("before", "desk")
    await house.start("today", "sla", "notify")
    first = await house.items(
        [*await house.arrive("before", "first-b"), *await house.arrive("today", "first-t")]
    )

    # All of both, in the same groups: whatever partition is whose.
    await house.start("today", "desk")
    await house.start("before", "sla", "notify")
    both = await house.items([
        *await house.arrive("before", *(f"both-b{n}" for n in range(6))),
        *await house.arrive("today", *(f"both-t{n}" for n in range(6))),
    ])  # fmt: skip
    await house.replied("today", first[0])
    await house.replied("before", first[1])
    await house.stopped(first)

    # Today's registers; the version before counts, and writes to people.
    await house.stop("before", "desk")
    await house.stop("today", "sla", "notify")
    other = await house.items(
        [*await house.arrive("before", "other-b"), *await house.arrive("today", "other-t")]
    )
    await house.replied("before", both[0])
    await house.replied("today", both[1])
    await house.stopped(both[:2])

    # And back: the version before alone, on what today's told.
    await house.stop("today", "desk")
    await house.start("before", "desk")
    alone = await house.items(await house.arrive("before", "alone"))
    await house.replied("before", other[1])
    await house.replied("before", alone[0])
    await house.stopped([other[1], alone[0]])
    told = await house.told()
    await house.stop("before", "desk", "sla", "notify")

    items = {*first, *both, *other, *alone}
    assert len(items) == len(house.letters) == 17
    ids = Counter(dict(record.headers)["ce_id"] for record in told)
    assert {key: n for key, n in ids.items() if n > 1} == {}
    kinds = Counter(
        (record.key.decode(), dict(record.headers)["ce_type"].decode()) for record in told
    )
    for item in map(str, items):
        assert (kinds[item, "ItemRegistered"], kinds[item, "ReceiptSent"]) == (1, 1)
    await house.takes_what_the_version_before_did_not_know()
    receipts = Counter(mail.recipient for mail in house.sink.taken)
    sent = {name: receipts[f"{name}@exemple.fr"] for name in house.letters}
    assert sent == dict.fromkeys(house.letters, 1)
