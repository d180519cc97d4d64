"""How fast notify speaks, beside bare aiosmtplib: `make bench WHAT=notify`.

Receipts are judged, rendered, kept, recorded and delivered to an SMTP server in a process of its
own (mail_sink.py), by one connection and by four; bare aiosmtplib gives the same mails to the same
server over as many connections, in turns. Then a morning: many rungs become one digest a person,
and what a look for digests costs while many items, rungs told before and people wait for nothing.
All on one embedded PostgreSQL with fsync on. No Kafka: nothing that a mail waits for passes by it.
"""

import argparse
import asyncio
import os
import statistics
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import aiosmtplib
from pydantic import SecretStr

from services.notify import digests
from shared.calendar.working_days import working_calendar
from shared.content.blobs import LocalBlobs
from shared.facts.clocks import Holder
from shared.facts.envelope import BlobKey, Digest, PersonId, ServiceId
from shared.platform.database import open_pool, transaction
from shared.site import store
from shared.site.applied_rules import applied_rules
from shared.site.load import load_proposal
from shared.site.staff import people_store
from shared.site.tables.people import People
from tests.bench.mail_sink import MailSink, sink_process
from tests.bench.morning import unthrottled
from tests.bench.said import Said, folder_made, run
from tests.contract.smtp.sink import Sink
from tests.integration.notify.conftest import GO_LIVE, INDRE, House, Moment
from tests.integration.notify.test_digests import MORNING, OPENING, rung, whole
from tests.unit.notify.builders import MONDAY

SHARE: Final = 1 / 4
"""Of what bare aiosmtplib delivers."""
WITHIN: Final = 60.0
"""Seconds from the first rung heard to the last digest taken."""
FLAT: Final = 1.5
"""Times what a look costs among few."""
FEW: Final = 1_000
BATCH: Final = 500
RETURN_PATH: Final = "retour@indre.example"
IN_HAND: Final = "SELECT EXISTS (SELECT 1 FROM notify.ledger WHERE state = 'attempting')"
ASLEEP: Final = """
    WITH items AS (
        INSERT INTO notify.items (item_id, chrono, wake_at)
        SELECT gen_random_uuid(), '36-2025-A-' || lpad(n::text, 6, '0'), $1::timestamptz + '30 days'
        FROM generate_series(1, $2::int) AS n RETURNING item_id
    ), rungs AS (
        INSERT INTO notify.rungs (item_id, clock, rung, fact)
        SELECT item_id, 'reply', '-2', $3::jsonb FROM items RETURNING item_id
    ), hearings AS (
        INSERT INTO notify.hearings (item_id, clock, rung, audience, digests)
        SELECT item_id, 'reply', '-2', 'holder', ARRAY[$4::uuid]
        FROM rungs
    )
    INSERT INTO notify.ledger (notice_id, item_id, occasion, kind, way, state, due_at, planned_at,
                               changed_at)
    SELECT gen_random_uuid(), item_id, 'slept ' || item_id, 'receipt', 'mail', 'sent', $1, $1, $1
    FROM items
"""


def crowd(count: int) -> People:
    """The people of Indre, and others of its services until there are so many; nobody is away."""
    known = load_proposal(INDRE).people
    made = [
        person.model_copy(
            update={
                "id": f"p.{number:06}",
                "email": f"personne{number}@indre.example",
                "deputy": None,
            }
        )
        for number in range(count - len(known.people))
        for person in [known.people[number % len(known.people)]]
    ]
    return known.model_copy(update={"people": (*known.people, *made), "absences": ()})


async def opened(url: str, folder: Path, sink: MailSink, people: People) -> House:
    """notify's parts on an empty database, live, with so many people."""
    pool = await open_pool(SecretStr(url), "bench", size=16)
    proposal = load_proposal(INDRE)
    calendar = proposal.site.calendar
    days = working_calendar(calendar.territory, calendar.closures, 2025, 2028)
    early = datetime(2026, 4, 1, tzinfo=UTC)
    async with transaction(pool) as connection:
        await store.keep(connection, unthrottled(proposal.site), days, "q", "bench", early)
        await people_store.import_people(connection, people, "bench", early)
        await store.go_live(connection, GO_LIVE, "q", "bench", GO_LIVE)
    rules, blobs = await applied_rules(pool), LocalBlobs(folder / "blobs")
    return House(pool, SecretStr(url), rules, Moment(), blobs, Sink(sink.host, sink.port))


async def planned(house: House, first: int, count: int) -> None:
    """So many receipts are due, each of an item and to a sender and address of its own."""
    facts = []
    for number in range(first, first + count):
        address = f"personne{number}@exemple{number}.fr"
        mail = await house.mail(str(100_000 + number), address, at=house.clock.at)
        facts.append(mail.model_copy(update={"correspondent": Digest(f"{number:08x}")}))
    for start in range(0, count, BATCH):
        await house.hear(*facts[start : start + BATCH])


async def leaving(house: House, sink: MailSink, count: int, connections: int) -> float:
    """Mails a second, from the first claim to the last one recorded as sent."""
    before = (await sink.counts())[0]
    start = time.perf_counter()
    async with AsyncExitStack() as stack:
        for _ in range(connections):
            await stack.enter_async_context(house.sending())
        await sink.until(before + count)
        while await house.pool.fetchval(IN_HAND):  # noqa: ASYNC110  (what rows say)
            await asyncio.sleep(0.005)
        took = time.perf_counter() - start
    return count / took


async def kept_mails(house: House, count: int) -> Sequence[tuple[str, bytes]]:
    """Mails as they left: an address, and the octets that were kept."""
    rows = await house.pool.fetch(
        "SELECT document FROM notify.ledger WHERE state = 'sent' AND document IS NOT NULL LIMIT $1",
        count,
    )
    return [
        (f"a{number}@exemple{number}.fr", await house.blobs.get(BlobKey(row["document"])))
        for number, row in enumerate(rows)
    ]


async def bare(mails: Sequence[tuple[str, bytes]], sink: MailSink, connections: int) -> float:
    """Mails a second that aiosmtplib delivers, doing nothing else, over so many connections."""

    async def deliver(share: Sequence[tuple[str, bytes]]) -> None:
        smtp = aiosmtplib.SMTP(hostname=sink.host, port=sink.port, use_tls=False, start_tls=False)
        await smtp.connect()
        for address, octets in share:
            await smtp.mail(RETURN_PATH)
            await smtp.rcpt(address)
            await smtp.data(octets)
        await smtp.quit()

    start = time.perf_counter()
    await asyncio.gather(*(deliver(mails[n::connections]) for n in range(connections)))
    return len(mails) / (time.perf_counter() - start)


async def committed(house: House, count: int) -> float:
    """Rows a second that PostgreSQL takes when each has a commit of its own, with fsync."""
    async with house.pool.acquire() as connection:
        await connection.execute("CREATE TABLE IF NOT EXISTS bench_raw (n int)")
        start = time.perf_counter()
        for number in range(count):
            await connection.execute("INSERT INTO bench_raw VALUES ($1)", number)
        return count / (time.perf_counter() - start)


async def speaks(said: Said, house: House, sink: MailSink, o: argparse.Namespace) -> None:
    """The rates by one connection and by four, each beside the bare one of its turn."""
    first = 0
    ours: dict[int, list[float]] = {1: [], 4: []}
    shares: dict[int, list[float]] = {1: [], 4: []}
    bares: dict[int, list[float]] = {1: [], 4: []}
    for _ in range(o.turns):
        for connections in (1, 4):
            await planned(house, first, o.mails)
            first += o.mails
            rate = await leaving(house, sink, o.mails, connections)
            mails = await kept_mails(house, o.mails)
            raw = await bare(mails, sink, connections)
            ours[connections].append(rate)
            bares[connections].append(raw)
            shares[connections].append(rate / raw)
    rows = await committed(house, o.mails)
    said.fact("raw limit: a row and its commit for each mail", rows, "mails a second")
    for connections, how in ((1, "one connection"), (4, "four connections")):
        raw, rate, share = (statistics.median(of[connections]) for of in (bares, ours, shares))
        said.fact(f"raw limit: bare aiosmtplib, {how}", raw, "mails a second")
        said.fact(f"rendered, recorded, delivered, {how}", rate, "mails a second")
        if connections == 1:
            said.goal("  of the raw limit", share, SHARE, "", least=True)
        else:
            said.note(f"{'  of the raw limit':<62} {share:>10,.2f} {'':<12} wished {SHARE:g}")
    taken, ids = await sink.counts()
    told = await house.pool.fetchval("SELECT count(*) FROM notify.ledger WHERE state = 'sent'")
    if told != first or ids != first or taken != 2 * first:
        raise SystemExit(f"{first} receipts: {told} are sent, {taken} mails of {ids} were taken")


async def morning(said: Said, house: House, sink: MailSink, o: argparse.Namespace) -> None:
    """Rungs of six o'clock become a digest for each of those who hold the items."""
    named = [person for person in crowd(o.people).people if person.services]
    holders = [
        Holder(service=ServiceId(person.services[0]), person=PersonId(person.id))
        for person in named
    ]
    before, house.clock.at = (await sink.counts())[0], MORNING
    start = time.perf_counter()
    for begin in range(0, o.rungs, BATCH):
        batch = range(begin, min(begin + BATCH, o.rungs))
        held = [(number, holders[number % len(holders)]) for number in batch]
        await house.hear(*(rung(number, holder=of, service=of.service) for number, of in held))
    heard = time.perf_counter() - start
    house.clock.at = OPENING
    await house.hear(*whole(OPENING.replace(hour=6, minute=0)))
    async with house.sending():
        await house.waker().round()
        made = await house.pool.fetchval("SELECT count(*) FROM notify.ledger WHERE kind = 'digest'")
        await sink.until(before + made)
    took = time.perf_counter() - start
    said.fact(f"{o.rungs:,} rungs heard", o.rungs / heard, "a second")
    said.goal(f"{o.rungs:,} rungs become {made} digests, taken by the server", took, WITHIN, "s")
    if made != len(holders):
        raise SystemExit(f"{len(holders)} people hold items, and {made} digests were made")


async def look(house: House) -> float:
    """Milliseconds in the median of a look for digests that finds none due."""
    times = list[float]()
    for _ in range(30):
        start = time.perf_counter()
        async with transaction(house.pool) as connection:
            applied = house.rules.applied
            await digests.worth_looking(connection, applied, house.clock.at)
            await digests.make(connection, applied, house.clock.at)
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


async def flat(said: Said, house: House, o: argparse.Namespace) -> None:
    """What a look costs while so many items wait for nothing."""
    house.clock.at = OPENING + timedelta(hours=1)
    await house.waker().round()
    digest = await house.pool.fetchval("SELECT notice_id FROM notify.ledger LIMIT 1")
    costs, there = list[float](), 0
    for asleep in (FEW, o.asleep):
        for start in range(there, asleep, 10_000):
            fact = rung(1).model_dump(mode="json")
            count = min(10_000, asleep - start)
            await house.pool.execute(ASLEEP, MONDAY, count, fact, digest, timeout=600)
        there = asleep
        await house.pool.execute("VACUUM ANALYZE notify.hearings, notify.items, notify.ledger")
        costs.append(await look(house))
        said.fact(f"a look for digests beside {asleep:,} items that wait", costs[-1], "ms")
    said.goal("  times that beside few", costs[1] / costs[0], FLAT, "")


async def bench(url: str, folder: Path, o: argparse.Namespace) -> Said:
    """Everything, on an empty migrated database."""
    said = Said()
    said.note(f"load: {' '.join(f'{load:.1f}' for load in os.getloadavg())}")
    said.note(f"a folder made: {folder_made(folder):.2f} ms, about 0.04 where nothing was deleted")
    async with sink_process() as sink:
        house = await opened(url, folder, sink, crowd(o.people))
        await speaks(said, house, sink, o)
        await morning(said, house, sink, o)
        await flat(said, house, o)
        await house.pool.close()
    said.note(f"load: {' '.join(f'{load:.1f}' for load in os.getloadavg())}")
    return said


def options(words: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.notify")
    for name, size, what in (
        ("mails", 1_000, "mails of a turn"),
        ("turns", 5, "turns with one connection and with four"),
        ("rungs", 10_000, "rungs that fell at six"),
        ("people", 200, "people who hold items"),
        ("asleep", 100_000, "items that wait for nothing, at the last look"),
    ):
        parser.add_argument(f"--{name}", type=int, default=size, help=what)
    return parser.parse_args(words)


def main() -> None:
    o = options()
    run(lambda url, folder: bench(url, folder, o))


if __name__ == "__main__":
    main()
