"""Letters that came twice: right, wrong and silent, and a look's cost: `make bench WHAT=likeness`.

Made pairs (tests/twice_letters.py), `COUNT` of each kind (250), then a register of `ROWS` sketches
(a million) of two years: as many letters a day, so that what a look costs with the last tenth of
them alone is what it may cost with all. Looks are for letters of the last weeks; what PostgreSQL
does for one is asked too: it may read no table whole.
"""

import os
import random
import statistics
import time
from collections import Counter
from collections.abc import Sequence
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
_OF_TEN = (0, 1, 20, 3, 40, 5, 60, 7, 80, 9)
"""Places among two hundred: the petition, four models, five letters of one person."""


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
        await connection.execute("ALTER TABLE desk.likenesses DROP CONSTRAINT likenesses_id_fkey")
        await _fill(connection, 0, ROWS // 10)
        few = await _looks(connection)
        said.fact("a look among the last tenth, median", few[len(few) // 2], "ms")
        await _fill(connection, ROWS // 10, ROWS)
        said.fact("rows", await connection.fetchval("SELECT count(*) FROM desk.likenesses"), "")
        size = await connection.fetchval("SELECT pg_total_relation_size('desk.likenesses')")
        said.fact("on the disk, index and all", size / 1e6, "MB")
        before = await _read_whole(connection)
        looks = await _looks(connection)
        said.goal("a look among all, median", looks[len(looks) // 2], 20, "ms")
        said.goal("a look among all, 95 of 100", looks[int(len(looks) * 0.95)], 60, "ms")
        grown = looks[len(looks) // 2] / few[len(few) // 2]
        said.goal("a look among all, beside the last tenth alone", grown, 2, "times")
        said.goal("looks that read the table whole", await _read_whole(connection) - before, 0, "")
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


async def _fill(connection: asyncpg.Connection, begin: int, end: int) -> None:
    """Sketches, the latest first: one letter in twenty is a model that many send."""
    dice = random.Random(begin)  # noqa: S311  (made letters, no secret)
    models = [random.Random(n).randbytes(4 * _WORDS) for n in range(500)]  # noqa: S311  (as above)
    await connection.execute("DROP INDEX desk.likenesses_bands")
    for start in range(begin, end, _BATCH):
        rows = list[tuple[UUID, bytes, list[int]]]()
        for number in range(start, min(end, start + _BATCH)):
            # A tenth of them is one petition.
            model = 0 if number % 200 == 0 else dice.randrange(len(models))
            sketch = models[model] if number % 20 == 0 else dice.randbytes(4 * _WORDS)
            rows.append((UUID(int=number), sketch, bands_of(sketch, _day(number))))
        await connection.copy_records_to_table(
            "likenesses", schema_name="desk", records=rows, columns=("id", "sketch", "bands")
        )
    await connection.execute("SET maintenance_work_mem = '512MB'")
    await connection.execute("CREATE INDEX likenesses_bands ON desk.likenesses USING gin (bands)")
    await connection.execute("VACUUM ANALYZE desk.likenesses")


def _day(number: int) -> date:
    return DAY - timedelta(days=number * _DAYS // ROWS)


async def _looks(connection: asyncpg.Connection) -> Sequence[float]:
    """Milliseconds of each look, for letters of the last weeks, the shortest first."""
    return sorted([await _look(connection, number) for number in range(_ASKED)])


async def _look(connection: asyncpg.Connection, number: int) -> float:
    keys = await _keys(connection, number)
    begun = time.perf_counter()
    await sharing_bands(connection, keys)
    return 1000 * (time.perf_counter() - begun)


async def _keys(connection: asyncpg.Connection, number: int) -> Sequence[int]:
    """Of a letter of the last tenth: in turn the petition, a model, one of its own."""
    row = number * (ROWS // 10 // _ASKED) // 200 * 200 + _OF_TEN[number % 10]
    sketch = await connection.fetchval(
        "SELECT sketch FROM desk.likenesses WHERE id = $1", UUID(int=row)
    )
    return bands_around(sketch, _day(row))


async def _read_whole(connection: asyncpg.Connection) -> int:
    """How often PostgreSQL has read the whole table of sketches until now."""
    await connection.execute("SELECT pg_stat_force_next_flush()")
    scans: int = await connection.fetchval(
        """
        SELECT seq_scan FROM pg_stat_user_tables
        WHERE schemaname = 'desk' AND relname = 'likenesses'
        """
    )
    return scans


if __name__ == "__main__":
    run(bench)
