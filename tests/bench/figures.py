"""How fast the pages of figures are beside their bare questions: `make bench WHAT=figures`.

Ten years of letters: items with their reply, receipt and registration clocks, counted by the
triggers that count them in a préfecture; a tenth outside the perimeter, a quarter late, one in
thirty a complaint with a theme; of what is late or outside also the facts that the reports read.
A page's questions are recorded and asked again bare, their rows written as JSON: without rights,
rules, geometry or template. The register is filled for at most `--seconds`; how far it came is
said.

`python -m tests.bench.figures --help` has the sizes; a small case runs in seconds. The server is
the embedded one with fsync on; the bench fails if a page answers anything but 200.
"""

import argparse
import statistics
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from services.desk.accounts.store import sessions
from shared.facts.envelope import PersonId
from shared.platform.clock import SystemClock
from shared.platform.database import Pool, open_pool, transaction
from shared.platform.messaging import trigger_counts
from shared.site import store
from shared.site.staff import people_store
from tests.bench.desk_measures import asking, bare, recorded, timed
from tests.bench.said import Said, run
from tests.desk_browser import pages
from tests.desk_builders import DAYS, a_site, some_people

DECADE: Final = 3650
"""Days over which the items were received, until today."""
AT_ONCE: Final = 20_000
SHARE: Final = 3.0
"""Times the bare time of its questions."""
ITEMS: Final = """
    INSERT INTO desk.items (item_id, chrono, seq, state, channel, category, nature, perimeter,
                            priority, confidentiality, service, received_on, received_at,
                            provisional, registered_at, answered_at, theme, late_cause)
    SELECT md5('item ' || n)::uuid, '36-2026-A-' || n, 3,
           CASE WHEN n > $2 - 3000 THEN 'open' ELSE 'answered' END,
           (ARRAY['email', 'form', 'letter', 'registered_letter', 'hand_delivered'])[1 + n % 5],
           'titre-de-sejour', CASE WHEN n % 30 = 0 THEN 'complaint' ELSE 'request' END,
           n % 10 <> 3, 'normale', 'normal',
           (ARRAY['courrier', 'bmi', 'dre', 'juridique'])[1 + n % 4],
           day, day + time '09:00', false, day + time '10:00',
           CASE WHEN n > $2 - 3000 THEN NULL ELSE day + 5 + time '10:00' END,
           CASE WHEN n % 60 = 0 THEN 'appointments' WHEN n % 90 = 0 THEN 'website' END,
           CASE WHEN n % 8 = 1 THEN 'signature' END
    FROM (SELECT n, $3::date - (($2 - n) * $4 / $2)::integer AS day
          FROM generate_series($1::bigint + 1, least($1 + $5, $2)) AS n) AS drawn
"""
CLOCKS: Final = """
    INSERT INTO desk.clocks (item_id, clock, revision, commitment, day_zero, limit_day, holder,
                             rungs, stopped_at, outcome, raw, net)
    SELECT md5('item ' || n)::uuid, clock, 1, clock, day, day + 21, '{}', '{}',
           CASE WHEN n > $2 - 3000 THEN NULL ELSE day + 5 + time '10:00' END,
           CASE WHEN n > $2 - 3000 THEN NULL
                WHEN clock = 'reply' AND n % 4 = 1 THEN 'late' ELSE 'kept' END,
           CASE WHEN n > $2 - 3000 THEN NULL ELSE 1 + n % 20 END,
           CASE WHEN n > $2 - 3000 THEN NULL ELSE 1 + n % 20 END
    FROM (SELECT n, $3::date - (($2 - n) * $4 / $2)::integer AS day
          FROM generate_series($1::bigint + 1, least($1 + $5, $2)) AS n) AS drawn,
         unnest(ARRAY['reply', 'receipt', 'registration']) AS clock
"""
FACTS: Final = """
    INSERT INTO desk.facts (event_id, item_id, seq, type, by, happened_at, recorded_at, payload,
                            link)
    SELECT md5('fact ' || n || seq)::uuid, md5('item ' || n)::uuid, seq, type,
           CASE seq WHEN 1 THEN 'rule:x' ELSE 'person:c.head' END, at, at,
           CASE seq WHEN 1 THEN CASE WHEN n % 10 = 3
               THEN '{"qualified":false,"classification":{"perimeter":false,"reason":"invoice"},'
                    '"proposal":{"rule":"x","certain":null}}'
               ELSE '{"qualified":false,"classification":{"perimeter":true}}' END
               WHEN 2 THEN '{"waiting":"to_qualify"}' ELSE '{"signatory":"d.rector"}' END, ''
    FROM (SELECT n, $3::date - (($2 - n) * $4 / $2)::integer AS day
          FROM generate_series($1::bigint + 1, least($1 + $5, $2)) AS n) AS drawn,
         LATERAL (VALUES (1, 'ItemRegistered', day + time '10:00'),
                         (2, 'WaitEnded', day + 1 + time '10:00'),
                         (3, 'ReplyInSignature', day + 4 + time '10:00')) AS said (seq, type, at)
    WHERE n % 10 = 3 OR n % 4 = 1 OR n > $2 - 3000
"""


async def fill(pool: Pool, items: int, seconds: float, today: date) -> int:
    """Fills the register until `items` or so many seconds; returns how many there are."""
    start, made = time.perf_counter(), 0
    async with pool.acquire() as connection:
        await connection.execute("SET synchronous_commit = off")
        while made < items and time.perf_counter() - start < seconds:
            # The newest last, so that a register cut short still ends today: numbers count down.
            for statement in (ITEMS, CLOCKS, FACTS):
                await connection.execute(
                    statement, made, items, today, DECADE, AT_ONCE, timeout=seconds
                )
            made = min(items, made + AT_ONCE)
        await trigger_counts.fold(pool, "desk")
        while await connection.fetchval("SELECT desk.keep_histories(20000)", timeout=seconds):
            pass  # as `desk keep` does
        await connection.execute("ANALYZE desk.items, desk.clocks, desk.facts")
        await connection.execute("ANALYZE desk.item_histories")
        await connection.execute("ANALYZE desk.indicators_counts, desk.items_counts")
    return made


def questions(last: date) -> dict[str, str]:
    """The pages that are asked, by their names: of the last whole month, and of its year."""
    month, year = f"/chiffres/mois/{last:%Y-%m}", f"/chiffres/annee/{last.year}"
    return {
        f"{name} {what}".strip(): f"{path}{below}"
        for name, below in (
            ("figures", ""), ("late", "/retards"), ("complaints", "/reclamations"),
            ("outside", "/hors-perimetre"), ("passages", "/cheminement"),
        )
        for what, path in (("of a month", month), ("of a year", year))
    }  # fmt: skip


async def measure(said: Said, url: str, folder: Path, token: str, last: date, asks: int) -> None:
    """Each page beside its own bare questions, side by side: neighbours hinder both."""
    pool = await open_pool(SecretStr(url), "bench")
    ask = asking(pages(pool, SystemClock(), folder).app, token)
    for name, page in questions(last).items():
        await ask(page)  # what a first visitor pays is not what is measured
        (asked,) = await recorded(url, folder, token, [page])
        times, plain = list[float](), list[float]()
        for _ in range(asks):
            start = time.perf_counter()
            status, _ = await ask(page)
            times.append(time.perf_counter() - start)
            plain += await timed([partial(bare, pool, asked)])
            if status != 200:
                raise SystemExit(f"{page}: {status}")
        said.goal(
            f"{name}: median against its bare questions",
            statistics.median(times) / statistics.median(plain), SHARE, "times",
        )  # fmt: skip
        said.fact(f"{name}: median", 1000 * statistics.median(times), "ms")
    await pool.close()


async def bench(url: str, folder: Path, o: argparse.Namespace) -> Said:
    said, pool = Said(), await open_pool(SecretStr(url), "bench")
    now = SystemClock().now()
    live = now - timedelta(days=DECADE + 40)
    async with transaction(pool) as connection:
        await store.keep(connection, a_site(), DAYS, "q", "bench", live)
        await store.go_live(
            connection, datetime(live.year, live.month, 1, tzinfo=UTC), "q", "b", live
        )
        await people_store.import_people(connection, some_people(), "q", live)
        token = await sessions.begin(connection, PersonId("q.officer"), "local")
    start = time.perf_counter()
    made = await fill(pool, o.items, o.seconds, now.date())
    took = time.perf_counter() - start
    said.fact(f"register filled to {made:,} of {o.items:,} items, ten years", took, "s")
    last = now.date().replace(day=1) - timedelta(days=1)
    if made < o.items:  # cut short: its newest month
        newest = await pool.fetchval("SELECT max(received_on) FROM desk.items")
        last = newest.replace(day=1) - timedelta(days=1)
    await pool.close()
    await measure(said, url, folder, token, last, o.asks)
    return said


def options(words: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.figures")
    for name, size, what in (
        ("items", 1_000_000, "items of the register"),
        ("seconds", 240, "for how long it is filled at most"),
        ("asks", 20, "times that each page is asked"),
    ):
        parser.add_argument(f"--{name}", type=int, default=size, help=what)
    return parser.parse_args(words)


def main() -> None:
    o = options()
    run(lambda url, folder: bench(url, folder, o))


if __name__ == "__main__":
    main()
