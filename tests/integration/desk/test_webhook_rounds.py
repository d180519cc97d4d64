"""Rounds of the sender of webhooks: none is kept by what another one, or its own past, left."""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

import pytest

from services.desk.api import webhook_job, webhook_sender
from services.desk.api.store import webhook_lanes, webhooks
from services.desk.api.webhook_client import JudgedBackend, ReceiverAnswer, WebhookClient
from services.desk.api.webhook_sender import WebhookSender
from services.desk.domain.replan import Replan
from services.desk.jobs import JobContext
from services.desk.pages.serve import PageServer
from services.desk.store.visibility import ALL
from shared.errors import TemporaryFailure
from shared.platform.clock import Clock
from shared.platform.database import Connection, Pool, transaction
from tests.desk_browser import desk_settings
from tests.integration.desk.clocked import items
from tests.integration.desk.programs import FIRST, a_register
from tests.integration.desk.test_webhooks import (
    URGENT,
    TellingRules,
    Told,
    a_sender,
    a_site_that_tells,
    chronos,
    happens,
    listens,
    tell,
)
from tests.webhook_sink import Sink, a_sink

pytestmark = pytest.mark.usefixtures("live_site", "environment")

MANY: Final = 1000
UNKNOWN: Final = """
    INSERT INTO desk.webhook_lanes (webhook, item_id, next_seq, due_at)
    SELECT $1, gen_random_uuid(), 1, clock_timestamp() - interval '1 day'
    FROM generate_series(1, $2::int)
"""
"""Lanes of items that the key may not know of (any more), due before all others."""


@pytest.fixture
async def desk(pool: Pool, story_clock: Clock, tmp_path: Path) -> PageServer:
    return await a_register(pool, story_clock, tmp_path)


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    async with a_sink() as one:
        yield one


class StopsSoon(asyncio.Event):
    """The process is to end, as it is asked for the third time."""

    asked = 0

    def is_set(self) -> bool:
        self.asked += 1
        return self.asked > 2


async def unknown(told: Told, pool: Pool) -> None:
    await pool.execute(UNKNOWN, told.webhook.webhook, MANY)


async def test_a_claim_passes_over_a_few_items_that_the_key_may_not_know_and_no_more(
    desk: PageServer, pool: Pool, sink: Sink
) -> None:
    told = await listens(desk, sink.url)
    await unknown(told, pool)
    async with transaction(pool) as connection:
        await webhook_lanes.claim(connection, told.webhook.webhook, None, ALL)
    assert len(await told.lanes()) == MANY - webhook_lanes.MOST_SKIPPED


async def test_what_the_key_knows_is_told_behind_all_that_it_may_not_know(
    desk: PageServer, pool: Pool, story_clock: Clock, sink: Sink
) -> None:
    told = await listens(desk, sink.url)
    await unknown(told, pool)
    await happens(pool, "a", URGENT)
    await tell(pool, story_clock)
    assert chronos(sink) == {FIRST}
    assert await told.lanes() == []


async def test_a_process_that_ends_keeps_what_it_passed_over(
    desk: PageServer, pool: Pool, story_clock: Clock, sink: Sink
) -> None:
    told = await listens(desk, sink.url)
    await unknown(told, pool)
    sender = a_sender(pool, story_clock)
    sender.stopping = StopsSoon()
    await sender.round()
    await sender.idle()
    assert 0 < len(await told.lanes()) < MANY


class Broken(WebhookClient):
    """A client that fails by what nobody foresaw, each time it is made, once it is told to."""

    made = 0
    fails: frozenset[int] = frozenset()

    async def __aenter__(self) -> Self:
        type(self).made += 1
        if type(self).made in type(self).fails:
            raise RuntimeError("nobody foresaw this")
        return await super().__aenter__()


async def ended(sender: WebhookSender) -> None:
    """Waits until one of two that were begun has ended."""
    drains = sender._drains.values()  # noqa: SLF001  (no event says it)
    async with asyncio.timeout(60):
        await asyncio.wait(drains, return_when=asyncio.FIRST_COMPLETED)


async def test_what_fails_in_one_webhook_stays_with_it_and_is_logged(
    desk: PageServer, pool: Pool, story_clock: Clock, sink: Sink, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = [await listens(desk, sink.url) for _ in range(2)]
    await happens(pool, "a", URGENT)

    class FailsOnce(Broken):
        fails = frozenset({1})

    sender = a_sender(pool, story_clock)
    sender.client = FailsOnce
    async with sender:
        await sender.round()
        await ended(sender)
        await items(pool, "x")
        with caplog.at_level(logging.ERROR):
            await sender.round()
        await sender.idle()
    failed, told = sorted((first, second), key=lambda one: one.webhook.webhook)
    assert await told.lanes() == []
    assert len(await failed.lanes()) == 2, "it rests a while"
    (line,) = [line for line in caplog.records if line.message == "webhook_failed"]
    said = vars(line)["fields"]
    assert said["webhook"] == failed.webhook.webhook
    assert "nobody foresaw this" not in str(said), "a code, no value"


async def test_what_a_client_did_not_foresee_is_a_failed_attempt(
    desk: PageServer, pool: Pool, story_clock: Clock, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = await listens(desk, sink.url)
    await happens(pool, "a", URGENT)

    async def connect(*_: object, **__: object) -> None:
        raise RuntimeError("nobody foresaw this")

    monkeypatch.setattr(JudgedBackend, "connect_tcp", connect)
    await tell(pool, story_clock)
    assert [lane[1:] for lane in await told.lanes()] == [(1, "protocol", False)]


@dataclass
class Slow:
    """A receiver that has been asked, and answers once it is let."""

    asked: asyncio.Event = field(default_factory=asyncio.Event)
    answers: asyncio.Event = field(default_factory=asyncio.Event)

    async def post(self, *_: object) -> ReceiverAnswer:
        self.asked.set()
        await self.answers.wait()
        return ReceiverAnswer(204)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Slow:
    one = Slow()
    monkeypatch.setattr(WebhookClient, "post", one.post)
    monkeypatch.setattr(webhook_job, "EACH_SECONDS", 0.01)
    monkeypatch.setattr(webhook_sender, "GRACE_SECONDS", 0.01)
    return one


async def nothing(_: Connection) -> Replan:
    raise NotImplementedError


def a_context(pool: Pool, clock: Clock, folder: Path) -> JobContext:
    settings, rules = desk_settings(folder), TellingRules(a_site_that_tells())
    stopping = asyncio.Event()
    return JobContext(pool, rules, settings.originals, clock, settings, nothing, stopping)


async def test_what_is_on_its_way_outlives_a_postgresql_that_is_away(
    desk: PageServer, pool: Pool, story_clock: Clock, tmp_path: Path, slow: Slow,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    told = await listens(desk, "http://127.0.0.1:1/")
    await happens(pool, "a", URGENT)
    context = a_context(pool, story_clock, tmp_path)
    job = webhook_job.sends_webhooks(context)

    async def away(*_: object) -> None:
        raise TemporaryFailure("PostgreSQL is away.")

    with monkeypatch.context() as outage:
        running = asyncio.ensure_future(job())
        await slow.asked.wait()
        outage.setattr(webhooks, "busy", away)
        with pytest.raises(TemporaryFailure):
            await running
    assert len(await told.lanes()) == 1
    monkeypatch.setattr(webhook_sender, "GRACE_SECONDS", 60)
    slow.answers.set()
    context.stopping.set()
    await job()
    assert await told.lanes() == []


async def test_a_process_that_ends_spends_no_attempt_and_lets_the_next_try_at_once(
    desk: PageServer, pool: Pool, story_clock: Clock, tmp_path: Path, slow: Slow
) -> None:
    told = await listens(desk, "http://127.0.0.1:1/")
    await happens(pool, "a", URGENT)
    context = a_context(pool, story_clock, tmp_path)
    running = asyncio.ensure_future(webhook_job.sends_webhooks(context)())
    await slow.asked.wait()
    assert [lane[1:] for lane in await told.lanes()] == [(1, None, False)]
    context.stopping.set()
    await running
    assert [lane[1:] for lane in await told.lanes()] == [(0, None, False)]
    slow.answers.set()
    await tell(pool, story_clock)
    assert await told.lanes() == []


async def test_a_process_that_may_wait_no_longer_spends_none_either(
    desk: PageServer, pool: Pool, story_clock: Clock, tmp_path: Path, slow: Slow,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    told = await listens(desk, "http://127.0.0.1:1/")
    await happens(pool, "a", URGENT)
    monkeypatch.setattr(webhook_sender, "GRACE_SECONDS", 600)
    context = a_context(pool, story_clock, tmp_path)
    ending, end = asyncio.Event(), WebhookSender.end

    async def ends(sender: WebhookSender) -> None:
        ending.set()
        await end(sender)

    monkeypatch.setattr(WebhookSender, "end", ends)
    running = asyncio.ensure_future(webhook_job.sends_webhooks(context)())
    await slow.asked.wait()
    running.cancel()
    await ending.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert [lane[1:] for lane in await told.lanes()] == [(0, None, False)]
