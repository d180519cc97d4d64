"""What a backup drill takes of a large register: `make bench WHAT=drill`.

700,000 items (ten years of a large préfecture), each with its arrival, two facts, a chain and two
clocks, an original for one of ten, and forms that wait in the spool. The drill itself runs as an
operator's command would: dump, restore beside, every table compared, every chain refolded and
every clock counted anew. Said are RPO and RTO, beside a bare copy of the same files; the goals are
that nothing is lost and nothing differs.

A small case: `--items 2000`.
"""

import argparse
import asyncio
import shutil
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from uuid import uuid4, uuid5

import asyncpg
from pydantic import SecretStr

from deploy.embedded.postgres import binaries
from services.ops.drill.exercise import DrillPlan, DrillResult, drill
from shared.content import spool
from shared.content.blobs import Blob, LocalBlobs
from shared.content.keyring import IN_CLEAR
from shared.content.spool import FormDeposit
from shared.platform.database import Pool, open_pool, transaction
from shared.site import store
from shared.site.tables.commitments import Commitments
from tests.bench import proof
from tests.bench.said import Said, run
from tests.desk_builders import DAYS, GO_LIVE, SPACE, a_site
from tests.unit.sla.builders import LADDERS, PROMISES

ARRIVALS: Final = """
    INSERT INTO ingest.arrivals (arrival_id, source, kind, shown_at, recorded_at)
    SELECT item_id, 'mailbox:bmi', 'enter', received_on, received_on FROM desk.items
"""
AT: Final = datetime(2026, 6, 17, 1, tzinfo=UTC)
DEPOSITS: Final = 20
ORIGINAL: Final = 40_000
"""Octets."""
ONE_OF: Final = 10
"""Items of which one has an original: a disk's pace is what a file costs, at any number."""


async def fill(url: str, folder: Path, items: int) -> None:
    """Fills register, originals and spool."""
    pool = await open_pool(SecretStr(url), "bench", size=4)
    promises = Commitments(target=0.9, ladders=LADDERS, commitments=PROMISES)
    site = a_site().model_copy(update={"commitments": promises})
    async with transaction(pool) as connection:
        await store.keep(connection, site, DAYS, "q.officer", "bench", GO_LIVE)
        await store.go_live(connection, GO_LIVE, "q.officer", "bench", GO_LIVE)
        applied = await store.current(connection)
    await proof.fill(pool, applied, 0, items)
    await pool.execute(ARRIVALS)
    await _originals(folder / "blobs", items // ONE_OF)
    for number in range(DEPOSITS):
        what = FormDeposit(id=uuid5(SPACE, f"deposit {number}"), at=AT, text="Bonjour")
        await asyncio.to_thread(spool.deposit, folder / "spool", what)
    await _settled(pool)


async def _originals(folder: Path, files: int) -> None:
    blobs = LocalBlobs(folder)
    for first in range(0, files, 500):
        numbers = range(first, min(first + 500, files))
        named = [uuid5(SPACE, f"original {number}") for number in numbers]
        await blobs.put_many([Blob(2026, name, name.bytes * (ORIGINAL // 16)) for name in named])


async def _settled(pool: Pool) -> None:
    await pool.execute("VACUUM ANALYZE")
    await asyncio.wait_for(pool.close(), 30)


async def bench(url: str, folder: Path, o: argparse.Namespace) -> Said:
    said = Said()
    started = time.perf_counter()
    await fill(url, folder, o.items)
    said.fact(f"register filled with {o.items:,} items", time.perf_counter() - started, "s")
    side = urlsplit(url)._replace(path=f"/side_{uuid4().hex}").geturl()
    server = await asyncpg.connect(url)
    await server.execute(f'CREATE DATABASE "{urlsplit(side).path[1:]}"')
    plan = DrillPlan(
        live=SecretStr(url), side=SecretStr(side), folder=folder / "drill", blobs=folder / "blobs",
        spool=folder / "spool", keyring=IN_CLEAR, site=None, bucket=None,
        programs=binaries(),
    )  # fmt: skip
    try:
        result = await drill(plan)
    finally:
        await server.execute(f'DROP DATABASE "{urlsplit(side).path[1:]}" WITH (FORCE)')
        await server.close()
    bare = await asyncio.to_thread(_bare_copy, folder)
    originals = result.copied["blobs"]
    said.fact(f"base of {result.rows:,} rows: dumped", result.seconds["dump"], "s")
    said.fact("base: restored", result.seconds["restore"], "s")
    said.fact(f"{originals.files:,} originals: copied", result.seconds["files"], "s")
    said.fact(f"{originals.files:,} originals: a bare copy of them", bare, "s")
    said.fact("each item refolded, each clock counted anew", result.seconds["proof"], "s")
    said.fact("RTO: from an empty server to a register that starts", result.recovery_seconds, "s")
    said.goal(
        "inputs acknowledged, of all", result.acknowledged, o.items + DEPOSITS, "", least=True
    )
    said.goal("RPO: of these lost", len(result.lost), 0, "")
    said.goal("tables, documents, chains and clocks that differ", _wrong(result), 0, "")
    said.goal("items refolded", result.proof.items, o.items, "", least=True)
    return said


def _wrong(result: DrillResult) -> int:
    return len(result.differences) + result.proof.differ + result.unmigrated


def _bare_copy(folder: Path) -> float:
    """Seconds to copy the originals once more, with neither hashes nor flushes."""
    started = time.perf_counter()
    shutil.copytree(folder / "blobs", folder / "bare")
    return time.perf_counter() - started


def options(words: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.drill")
    parser.add_argument("--items", type=int, default=700_000, help="items of the register")
    return parser.parse_args(words)


if __name__ == "__main__":
    run(partial(bench, o=options()))
