"""How fast webhooks are told, beside bare httpx to the same receiver: `make bench WHAT=webhooks`.

- One webhook is told of every item of a register, each in an attempt of its own; httpx then sends
  the same number of messages of the same size, as many at once, and keeps nothing.
- What a letter pays for webhooks while nobody listens: facts appended with the trigger and without.

The receiver is a process of its own, on this machine.
"""

import argparse
import asyncio
import multiprocessing
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from typing import Final
from uuid import uuid4

import httpx
from pydantic import SecretStr

from services.desk.api.domain.keys import KeyScope
from services.desk.api.key_service import KeyService, KeyWish
from services.desk.api.webhook_sender import AT_ONCE, WebhookSender
from services.desk.api.webhook_service import WebhookService, WebhookWish
from services.desk.store.access_journal import JournalLine, What
from shared.content.site_keys import SiteKeys
from shared.platform.clock import SystemClock
from shared.platform.database import Pool, open_pool, transaction
from shared.site import store
from shared.site.applied_rules import AppliedRules
from shared.site.tables.bundle import Site
from shared.site.tables.identity import WebhookPlaces
from tests.bench.desk_register import LIVE, fill
from tests.bench.said import Said, run
from tests.desk_builders import DAYS, a_site
from tests.webhook_sink import a_sink

SHARE: Final = 0.25
"""Of the messages a second of bare httpx."""
KEYS: Final = SiteKeys(b"bench")
TRIGGER: Final = "ALTER TABLE desk.facts {} TRIGGER note_for_webhooks"
_STATED: Final = """
    INSERT INTO desk.facts (event_id, item_id, seq, type, by, happened_at, recorded_at, payload, link)
    SELECT gen_random_uuid(), gen_random_uuid(), n, 'ItemRegistered', 'bench', now(), now(),
           repeat('x', 800), 'bench'
    FROM generate_series(1, 10) AS n
"""  # noqa: E501  (a query is read as it is sent)


def _serve(pipe: "Pipe") -> None:
    async def serving() -> None:
        async with a_sink() as sink:
            pipe.send(sink.url)
            await asyncio.Event().wait()

    asyncio.run(serving())


@contextmanager
def receiver() -> Iterator[str]:
    """A receiver in a process of its own; its address."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs,))
    process.start()
    try:
        yield ours.recv()
    finally:
        process.terminate()
        process.join()


def _site() -> Site:
    site = a_site()
    places = WebhookPlaces(networks=("127.0.0.0/8",), plain_hosts=("127.0.0.1",))
    identity = site.identity.model_copy(update={"webhooks": places})
    return site.model_copy(update={"identity": identity})


async def listens(pool: Pool, url: str) -> None:
    """A key of every service, with a webhook of every fact."""
    now, site = SystemClock().now(), _site()
    async with transaction(pool) as connection:
        await store.keep(connection, site, DAYS, "q", "bench", LIVE)
        line = JournalLine(now, What.KEY_GIVEN, None, None, "bench")
        wish = KeyWish("bench", frozenset({KeyScope.ITEMS}), None, 60, now + timedelta(days=30))
        key, _ = await KeyService(connection, "account:local", line).give(wish, site, now, uuid4())
        service = WebhookService(connection, "account:local", line, KEYS)
        await service.give(WebhookWish(key.key, url, None), site, now, uuid4())


async def told(pool: Pool) -> float:
    """Seconds in which all is told that is due."""
    clock = SystemClock()
    sender = WebhookSender(pool, AppliedRules(), KEYS, clock, asyncio.Event())
    start = time.perf_counter()
    while await pool.fetchval("SELECT EXISTS (SELECT FROM desk.webhook_lanes)"):
        await sender.round()
        await sender.idle()
    return time.perf_counter() - start


async def bare(url: str, messages: int) -> float:
    """Seconds in which httpx sends so many messages, as many at once."""
    body, left = b"x" * 450, iter(range(messages))
    headers = {"webhook-id": str(uuid4()), "content-type": "application/cloudevents+json"}

    async def send(client: httpx.AsyncClient) -> None:
        for _ in left:
            answer = await client.post(url, content=body, headers=headers)
            if not answer.is_success:
                raise SystemExit(f"{url}: {answer.status_code}")

    async with httpx.AsyncClient(limits=httpx.Limits(max_connections=AT_ONCE)) as client:
        start = time.perf_counter()
        await asyncio.gather(*(send(client) for _ in range(AT_ONCE)))
        return time.perf_counter() - start


async def unheard(pool: Pool, times: int) -> tuple[float, float]:
    """Median seconds of ten facts that are appended, with the trigger and without, in turns."""
    found: dict[str, list[float]] = {"ENABLE": [], "DISABLE": []}
    async with pool.acquire() as connection:
        await connection.execute("SET synchronous_commit = off")
        for _ in range(times):
            for which, spent in found.items():
                await connection.execute(TRIGGER.format(which))
                start = time.perf_counter()
                await connection.execute(_STATED)
                spent.append(time.perf_counter() - start)
        await connection.execute(TRIGGER.format("ENABLE"))
    return statistics.median(found["ENABLE"]), statistics.median(found["DISABLE"])


async def bench(url: str, folder: Path, o: argparse.Namespace) -> Said:
    """Everything, on an empty migrated database."""
    del folder
    said, pool = Said(), await open_pool(SecretStr(url), "bench")
    having, lacking = await unheard(pool, o.appends)
    said.fact("ten facts appended, nobody listens", having * 1e3, "ms")
    said.fact("ten facts appended, without the trigger", lacking * 1e3, "ms")
    with receiver() as address:
        await bare(address, o.items // 10 + 1)  # what the first messages pay is not measured
        await listens(pool, address)
        await fill(pool, 0, o.items, heard=True)
        lanes = await pool.fetchval("SELECT count(*) FROM desk.webhook_lanes")
        if lanes != o.items:
            raise SystemExit(f"{lanes} items are to be told, of {o.items}")
        ours, plain = await told(pool), await bare(address, o.items)
        said.fact(f"told, {o.items:,} items", o.items / ours, "messages/s")
        said.fact("bare httpx", o.items / plain, "messages/s")
        said.goal("told a second, as part of bare httpx", plain / ours, SHARE, "", least=True)
    await pool.close()
    return said


def options(words: Sequence[str] | None = None) -> argparse.Namespace:
    """The sizes of a run."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.webhooks")
    parser.add_argument("--items", type=int, default=5_000, help="items that are told")
    parser.add_argument("--appends", type=int, default=500, help="times that facts are appended")
    return parser.parse_args(words)


def main() -> None:
    """Runs the bench on a database of its own."""
    o = options()
    run(lambda url, folder: bench(url, folder, o))


if __name__ == "__main__":
    main()
