"""How fast the desk is, beside the bare database of the same run: `make bench WHAT=desk`.

- A page is compared with its own questions, asked bare and written as JSON: what is recorded of it
  is replayed without rights, rules or template.
- The queue is asked when a hundred thousand letters wait in it, with filters that find little.
- Registering is compared with the same rows copied into tables with the same indexes, in the same
  batches, nothing decoded or decided. No Kafka on either side: the bare limit is faster for it.
- The same questions are asked of a register ten times as large.
- People: locust clicks, each after three seconds on average and not in step, against a process of
  its own, whose memory is read.

`python -m tests.bench.desk --help` has the sizes; a small case runs in seconds. The server is the
embedded one with fsync on; the bench fails if an answer is wrong.
"""

import argparse
import asyncio
import csv
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psutil
from pydantic import SecretStr

from deploy.embedded.ports import free_port
from services.desk.accounts.store import sessions
from services.desk.handlers.arrivals import hears_arrivals
from services.desk.search.index_job import index
from shared.content.blobs import LocalBlobs
from shared.facts.arrivals import ARRIVALS
from shared.facts.envelope import PersonId
from shared.platform.clock import SystemClock
from shared.platform.database import open_pool, transaction
from shared.site import store
from shared.site.staff import people_store
from tests.bench.desk_measures import asking, bare, p95, recorded, timed
from tests.bench.desk_register import LIVE, all_to_qualify, fill, questions, queue_waiting
from tests.bench.said import Said, run
from tests.desk_browser import pages
from tests.desk_builders import DAYS, a_site, an_arrival, digest, rules, some_people

BATCH = 100
KEPT = 1 / 8
"""Of the bare inserts that registering must reach."""
GROWTH = 2.0
PAGES = {"list": (2.0, 60.0), "item": (2.0, 60.0), "search": (3.0, 200.0), "queue": (5.0, 60.0)}
"""Times the bare time of its questions; wished milliseconds of 95 in 100."""
WRITTEN = {
    "arrivals": "arrival_id, revision, word, item_id, source, channel, received_at, fingerprint,"
    " correspondent, subject, original, told, recorded_at",
    "facts": "event_id, item_id, seq, type, by, happened_at, recorded_at, payload, link",
    "items": "item_id, chrono, seq, state, channel, category, nature, perimeter, priority,"
    " confidentiality, service, received_on, received_at, provisional, registered_at, copies,"
    " informed",
    "waits": "id, waiting, service, since",
    "messages": "message, item_id",
    "outbox": "event_id, topic, key, payload, created_at",
}
"""What registering writes, by table."""
QUEUE = {
    "queue": "/bureau/file",
    "queue, rare rule": "/bureau/file?regle=rare",
    "queue, no such rule": "/bureau/file?regle=absent",
    "queue, nothing of this source": "/bureau/file?source=spool&service=bmi",
}
"""The queue as a list, when every letter of the smaller register waits in it."""
CLICKS, PAGE_OCTETS, MEMORY = 300.0, 60_000, 250.0


async def measure(
    said: Said, url: str, folder: Path, token: str, items: int, pages_asked: Mapping[str, list[str]]
) -> dict[str, float]:
    """The pages on a register of so many items; p95 of each."""
    pool = await open_pool(SecretStr(url), "bench")
    ask = asking(pages(pool, SystemClock(), folder).app, token)
    found, largest = {}, 0
    for name, urls in pages_asked.items():
        for first in urls[
            : len(urls) // 4 + 1
        ]:  # what a first visitor pays is not what is measured
            await ask(first)
        queries = await recorded(url, folder, token, urls)
        times, plain = list[float](), list[float]()
        for one, asked in zip(urls, queries, strict=True):  # side by side: neighbours hinder both
            start = time.perf_counter()
            status, octets = await ask(one)
            times.append(time.perf_counter() - start)
            plain += await timed([lambda asked=asked: bare(pool, asked)])  # type: ignore[misc]  # asked where it stands
            largest = max(largest, octets)
            # A number that is searched opens its item; nothing else may lead elsewhere.
            if status != 200 and not (status == 303 and name == "search"):
                raise SystemExit(f"{one}: {status}")
        times_bare, wished = PAGES[name.partition(",")[0]]
        share = statistics.median(times) / statistics.median(plain)
        found[name] = p95(times)
        said.goal(f"{name}, {items:,} items: median against its bare questions",
                  share, times_bare, "times")  # fmt: skip
        said.wish(f"{name}, {items:,} items: server time, 95 in 100", found[name], wished, "ms")
    said.goal(f"largest page, {items:,} items", largest / 1000, PAGE_OCTETS / 1000, "kB")
    await pool.close()
    return found


async def queueing(said: Said, url: str, folder: Path, token: str, o: argparse.Namespace) -> None:
    """The queue as a list, of which a filter may keep little or nothing."""
    pool = await open_pool(SecretStr(url), "bench")
    async with all_to_qualify(pool):
        asked = {name: [address] * max(o.asks // 6, 1) for name, address in QUEUE.items()}
        found = await measure(said, url, folder, token, o.small, asked)
    whole, *filtered = found.values()
    said.goal("queue, filtered: 95 in 100 against the whole list's",
              max(filtered) / whole, 1.2, "times as long")  # fmt: skip
    await pool.close()


async def registering(said: Said, url: str, folder: Path, number: int) -> None:
    """`desk keep`, from a record's octets to the commit, beside its rows copied in unjudged."""
    pool = await open_pool(SecretStr(url), "bench", size=2)
    run, hear, now = uuid4().hex, hears_arrivals(rules), SystemClock().now()
    records = [
        an_arrival(f"{run} {n}", correspondent=digest(f"{n % 5000}"), pli=None)
        .model_dump_json().encode()
        for n in range(number)
    ]  # fmt: skip
    before = await pool.fetchval("SELECT count(*) FROM desk.items")

    async def register(batch: Sequence[bytes]) -> None:
        async with transaction(pool) as connection:
            await hear(connection, [ARRIVALS.validate_json(record) for record in batch], now)

    kept = sum(await timed([lambda b=b: register(b) for b in batched(records)]))  # type: ignore[arg-type,misc]  # typed by hand
    after = await pool.fetchval("SELECT count(*) FROM desk.items")
    if after - before != number:
        raise SystemExit(f"{after - before} of {number} arrivals were registered")
    rows = {}
    for table, columns in WRITTEN.items():
        like = f"LIKE desk.{table} INCLUDING INDEXES INCLUDING DEFAULTS"
        await pool.execute(f"CREATE TABLE bare_{table} ({like})")
        found = await pool.fetch(f"SELECT {columns} FROM desk.{table}")  # noqa: S608  (of this page)
        rows[table] = [tuple(row) for row in found]
    # Its number and headers are of no use here, and can't be copied in.
    for change in ("DROP CONSTRAINT bare_outbox_pkey", "DROP id", "DROP headers"):
        await pool.execute(f"ALTER TABLE bare_outbox {change}")
    parts = {table: list(batched(of, -(-len(of) * BATCH // number))) for table, of in rows.items()}

    async def copy(n: int) -> None:
        async with transaction(pool) as connection:
            for table, columns in WRITTEN.items():
                await connection.copy_records_to_table(
                    f"bare_{table}", records=parts[table][n], columns=columns.split(", ")
                )

    batches = min(len(of) for of in parts.values())
    bare_time = sum(await timed([lambda n=n: copy(n) for n in range(batches)]))  # type: ignore[arg-type,misc]  # typed by hand
    plain = batches * BATCH / bare_time
    said.goal("registering: part of its rows copied in unjudged", number / kept / plain, KEPT, "",
              least=True)  # fmt: skip
    said.wish("arrivals registered", number / kept, 1000, "a second")
    start = time.perf_counter()
    while await index(pool, LocalBlobs(folder)):
        pass
    said.fact("made findable afterwards", number / (time.perf_counter() - start), "a second")
    await pool.close()


def batched(of: Sequence[Any], size: int = BATCH) -> Iterator[Sequence[Any]]:
    for start in range(0, len(of), size):
        yield of[start : start + size]


async def answering(port: int) -> None:
    """Returns once something answers at a port."""
    deadline = time.monotonic() + 60
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return


async def clicking(said: Said, url: str, folder: Path, token: str, o: argparse.Namespace) -> None:
    """So many people with three seconds of thought, against a process of its own."""
    port = free_port()
    environment = os.environ | {"BENCH_TOKEN": token, "BENCH_ITEMS": str(o.large)}
    server = subprocess.Popen(  # noqa: ASYNC220, S603  (our own command)
        [sys.executable, "-m", "tests.bench.desk_server", url, str(folder), str(port)]
    )
    try:
        await answering(port)
        locust = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "locust", "-f", str(Path(__file__).with_name("desk_people.py")),
            "--headless", "-u", str(o.people), "-r", str(o.people), "-t", f"{o.seconds}s",
            "--host", f"http://127.0.0.1:{port}", "--csv", str(folder / "people"), "--only-summary",
            env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        await locust.wait()
        together = await at_once(f"http://127.0.0.1:{port}", token, o)
        memory = psutil.Process(server.pid).memory_info().rss / 1e6
    finally:
        server.terminate()
        server.wait()
    with (folder / "people_stats.csv").open() as file:
        rows = {row["Name"]: row for row in csv.DictReader(file)}
    total = rows.pop("Aggregated")
    said.fact(f"pages asked by {o.people} people", int(total["Request Count"]), "")
    said.goal("pages that failed", int(total["Failure Count"]), 0, "")
    said.wish(f"{o.people} people: 95 in 100 answered", float(total["95%"]), CLICKS, "ms")
    for name, row in rows.items():
        said.fact(f"{o.people} people, {name}: 95 in 100 answered", float(row["95%"]), "ms")
    said.fact(f"{o.people} pages asked at one instant: the last answered", together, "ms")
    said.wish("memory of the pages' process", memory, MEMORY, "MB")


async def at_once(home: str, token: str, o: argparse.Namespace) -> float:
    """Milliseconds until the last of so many lists is there, all of them asked together."""
    urls = questions(o.large, o.people)["list"][: o.people]
    async with httpx.AsyncClient(base_url=home, cookies={"desk": token}, timeout=60) as client:
        start = time.perf_counter()
        answers = await asyncio.gather(*(client.get(url) for url in urls))
        for answer in answers:
            answer.raise_for_status()
        return (time.perf_counter() - start) * 1000


async def bench(url: str, folder: Path, o: argparse.Namespace) -> Said:
    """Everything, on an empty migrated database."""
    said, pool = Said(), await open_pool(SecretStr(url), "bench")
    async with transaction(pool) as connection:
        await store.keep(connection, a_site(), DAYS, "q", "bench", LIVE)
        await store.go_live(connection, LIVE, "q", "bench", LIVE)
        await people_store.import_people(connection, some_people(), "q", LIVE)
        token = await sessions.begin(connection, PersonId("c.head"), "local")
    await registering(said, url, folder, o.arrivals)
    await pool.execute(
        "TRUNCATE desk.items, desk.arrivals, desk.search, desk.to_index, desk.waits CASCADE"
    )
    seen = []
    for before, items in ((0, o.small), (o.small, o.large)):
        start = time.perf_counter()
        await fill(pool, before, items)
        said.fact(f"register filled to {items:,} items", time.perf_counter() - start, "s")
        seen.append(await measure(said, url, folder, token, items, questions(items, o.asks)))
        if items == o.small:
            await queueing(said, url, folder, token, o)
    for name in seen[0]:
        said.goal(f"{name}: {o.large // o.small} times as many items take",
                  seen[1][name] / seen[0][name], GROWTH, "times as long")  # fmt: skip
    if o.people:
        await queue_waiting(pool)
        await clicking(said, url, folder, token, o)
    await pool.close()
    return said


def options(words: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.desk")
    for name, size, what in (
        ("small", 100_000, "items of the smaller register"),
        ("large", 1_000_000, "items of the larger one"),
        ("asks", 300, "times that each page is asked"),
        ("arrivals", 5_000, "arrivals registered"),
        ("people", 30, "people who click; 0 leaves them out"),
        ("seconds", 60, "for how long they click"),
    ):
        parser.add_argument(f"--{name}", type=int, default=size, help=what)
    return parser.parse_args(words)


def main() -> None:
    o = options()
    run(lambda url, folder: bench(url, folder, o))


if __name__ == "__main__":
    main()
