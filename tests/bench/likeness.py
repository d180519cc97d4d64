"""Letters that came twice: right, wrong and silent, and a look's cost: `make bench WHAT=likeness`.

Made pairs (tests/twice_letters.py), `COUNT` of each kind (250), then a register of a million
sketches, a made month of which is asked for.
"""

import os
import random
import statistics
import time
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import asyncpg

from services.desk.domain.likeness import (
    LEAST_ALIKE,
    LEAST_SHARED,
    bands_around,
    bands_of,
    likeness,
    one_person,
    shared_sentences,
    sketch_of,
)
from services.desk.store.likenesses import sharing_bands
from tests.bench.said import Said, run
from tests.twice_letters import KINDS, SAME, Kind, a_pair

COUNT = int(os.environ.get("COUNT", "250"))
ROWS = int(os.environ.get("ROWS", "1000000"))
DAY = date(2026, 11, 1)
_DAYS, _BATCH, _ASKED = 730, 20_000, 200
_WORDS = 48


async def bench(url: str, folder: Path) -> Said:
    del folder
    said = Said()
    for kind in KINDS:
        found = Counter(_proposed(number, kind) for number in range(COUNT))
        right = found[kind in SAME] * 100 / COUNT
        what = "proposed" if kind in SAME else "silent"
        said.goal(f"{kind}: {what}, as it should be", right, 95, "in 100", least=True)
    took = list[float]()
    texts = [a_pair(number, "paper")[0].text for number in range(200)]
    for text in texts:
        begun = time.process_time()
        sketch_of(text)
        took.append(1000 * (time.process_time() - begun))
    said.fact("sketch of a letter, mean", statistics.mean(took), "ms")
    connection = await asyncpg.connect(url)
    try:
        await _filled(connection)
        said.fact("rows", await connection.fetchval("SELECT count(*) FROM desk.likenesses"), "")
        size = await connection.fetchval("SELECT pg_total_relation_size('desk.likenesses')")
        said.fact("on the disk, index and all", size / 1e6, "MB")
        looks = sorted([await _look(connection, number) for number in range(_ASKED)])
        said.goal("a look among all, median", looks[len(looks) // 2], 20, "ms")
        said.goal("a look among all, 95 of 100", looks[int(len(looks) * 0.95)], 60, "ms")
    finally:
        await connection.close()
    return said


def _proposed(number: int, kind: Kind) -> bool:
    first, second = a_pair(number, kind)
    one, other = sketch_of(first.text), sketch_of(second.text)
    if one is None or other is None:
        return False
    found = set(bands_of(one, DAY)) & set(bands_around(other, DAY + timedelta(days=20)))
    same = one_person(second.names, first.names, second.text, first.text)
    share = shared_sentences(second.text, first.text).share
    return bool(found) and likeness(one, other) >= LEAST_ALIKE and same and share >= LEAST_SHARED


async def _filled(connection: asyncpg.Connection) -> None:
    """Sketches over two years: one letter in twenty is a model that many send."""
    await connection.execute("ALTER TABLE desk.likenesses DROP CONSTRAINT likenesses_id_fkey")
    dice = random.Random(1)  # noqa: S311  (made letters, no secret)
    models = [dice.randbytes(4 * _WORDS) for _ in range(500)]
    for start in range(0, ROWS, _BATCH):
        rows = list[tuple[UUID, bytes, list[int]]]()
        for number in range(start, min(ROWS, start + _BATCH)):
            sketch = dice.choice(models) if number % 20 == 0 else dice.randbytes(4 * _WORDS)
            day = DAY - timedelta(days=number % _DAYS)
            rows.append((UUID(int=number), sketch, bands_of(sketch, day)))
        await connection.copy_records_to_table(
            "likenesses", schema_name="desk", records=rows, columns=("id", "sketch", "bands")
        )
    await connection.execute("VACUUM ANALYZE desk.likenesses")


async def _look(connection: asyncpg.Connection, number: int) -> float:
    row = UUID(int=number * (ROWS // _ASKED) // 20 * 20 + (number % 2))
    sketch = await connection.fetchval("SELECT sketch FROM desk.likenesses WHERE id = $1", row)
    begun = time.perf_counter()
    await sharing_bands(connection, bands_around(sketch, DAY - timedelta(days=row.int % _DAYS)))
    return 1000 * (time.perf_counter() - begun)


if __name__ == "__main__":
    run(bench)
