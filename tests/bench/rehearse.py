"""Whether a rehearsal finds all that was planted, and how fast: `make bench WHAT=rehearse`.

The command itself, as a process with the role that only reads, on a register of its own: letters
of every day (rehearse_items.py), again and again under other ids. An unchanged folder and an
unchanged release must differ in nothing; what each planted change moves (rehearse_plants.py) is
known by hand, letter by letter, and compared with what was said. Speed is items in a second of one
core: of the command, with the release's own process where there is one, so that neighbours on the
machine change little. A listener stands where mail server and Kafka are named: nobody may call it.
"""

import argparse
import asyncio
import json
import os
import resource
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from pydantic import SecretStr

from services.ops.rehearsal.release import meaning_of
from shared.platform.database import Pool, open_pool, transaction
from tests.architecture.test_anatomy import PROJECT
from tests.bench.rehearse_items import PlayedLetter, letters
from tests.bench.rehearse_plants import PLANTS, Plant
from tests.bench.said import Said, run
from tests.rehearsal_register import FOLDER, a_wheel, begun, registered
from tests.roles import under_role

LEAST: Final = 1_000
"""Items in a second of one core."""
AGAIN: Final = """
    INSERT INTO desk.facts
        (event_id, item_id, seq, type, by, happened_at, recorded_at, payload, link)
    SELECT gen_random_uuid(), clone.id, f.seq, f.type, f.by, f.happened_at, f.recorded_at,
           replace(f.payload, f.item_id::text, clone.id::text), f.link
    FROM bench_items AS clone JOIN desk.facts f ON f.item_id = clone.item_id
    WHERE clone.id <> clone.item_id
"""
WRITTEN: Final = """
    SELECT relid::regclass::text AS name, n_tup_ins + n_tup_upd + n_tup_del AS n
    FROM pg_stat_user_tables
"""
FORMER_IDS: Final = "SELECT id, item_id FROM bench_items"


@dataclass(frozen=True)
class Register:
    """What is rehearsed: each item's id with the letter that it is."""

    url: str
    items: Mapping[UUID, PlayedLetter]


@dataclass(frozen=True)
class Rehearsed:
    """What a rehearsal told, in a file of its own, with what it cost."""

    told: Path
    core: float
    """Seconds of a core, in the command and in its children."""
    clock: float

    @property
    def lines(self) -> Iterator[Any]:
        """Of `--json`: an item each, then the sums."""
        with self.told.open(encoding="utf-8") as file:
            yield from map(json.loads, file)


async def fill(url: str, items: int) -> Register:
    """Every letter once, then again under other ids until there are so many."""
    pool = await open_pool(SecretStr(url), "bench")
    played = {letter.facts[0].item_id: letter for letter in letters()}
    async with transaction(pool) as connection:
        await begun(connection)
        await registered(connection, [letter.facts for letter in played.values()])
        await connection.execute(
            """
            CREATE TABLE public.bench_items AS
            SELECT CASE n WHEN 1 THEN item_id ELSE gen_random_uuid() END AS id, item_id
            FROM unnest($1::uuid[]) AS item_id, generate_series(1, $2::int) AS n
            """,
            list(played),
            max(1, -(-items // len(played))),
        )
        await connection.execute(AGAIN, timeout=600)
        rows = await connection.fetch(FORMER_IDS)
    await pool.execute("ANALYZE desk.facts")
    await pool.close()
    return Register(url, {row["id"]: played[row["item_id"]] for row in rows})


def _environment(url: str, folder: Path, sink: int) -> Mapping[str, str]:
    """As the command's: the role that reads, and the listener for whoever would send."""
    return {
        "PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(PROJECT), "PGSSLMODE": "disable",
        "VAGUEMESTRE_DATABASE_URL": under_role(url, "rehearsal"),
        "VAGUEMESTRE_DATA": str(folder / "none"), "VAGUEMESTRE_WHY": "bench",
        "VAGUEMESTRE_KAFKA": f"127.0.0.1:{sink}", "VAGUEMESTRE_SMTP_HOST": "127.0.0.1",
        "VAGUEMESTRE_SMTP_PORT": str(sink),
    }  # fmt: skip


async def rehearsed(words: Sequence[str], told: Path, given: Mapping[str, str]) -> Rehearsed:
    """Runs the command as a process of its own; its lines stand in the file."""
    used, begin = _used(), time.perf_counter()
    with told.open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "services", "rehearse", "--json", *words),
            stdout=out, stderr=asyncio.subprocess.PIPE, env=given, cwd=PROJECT,
        )  # fmt: skip
        _, error = await process.communicate()
    if process.returncode not in {0, 1}:
        raise SystemExit(unsaid(process.returncode, error))
    return Rehearsed(told, _used() - used, time.perf_counter() - begin)


def unsaid(code: int | None, error: bytes) -> str:
    """Why a rehearsal said nothing: who was killed has no words of his own."""
    ended = f"The rehearsal ended with {meaning_of(code or 0)}"
    return f"{ended}: {error.decode(errors='replace').strip() or 'it said nothing.'}"


def _used() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


async def _written(pool: Pool) -> Mapping[str, int]:
    """By table, every row that was ever inserted, changed or deleted, as PostgreSQL counts them."""
    await pool.execute("SELECT pg_stat_force_next_flush()")
    return {row["name"]: row["n"] for row in await pool.fetch(WRITTEN)}


def _say_speed(said: Said, name: str, items: int, one: Rehearsed) -> None:
    said.fact(f"{name}: {items:,} items", one.clock, "s")
    said.goal(f"{name}: items a second of one core", items / one.core, LEAST, "", least=True)


def _found(said: Said, name: str, plant: Plant, register: Register, one: Rehearsed) -> None:
    """Compares the letters that moved with those that must move, one by one."""
    moved = set[UUID]()
    for line in one.lines:
        for change in line["changes"] if "item" in line else ():
            if (change["thing"], change["subject"]) == (plant.thing, "reply"):
                moved.add(UUID(line["item"]))
    must = {item for item, letter in register.items.items() if plant.moves(letter)}
    said.fact(f"{name}: by hand its {plant.thing} moves of", len(must), "items")
    said.goal(f"{name}: of these found", 100 * len(must & moved) / len(must), 100, "%", least=True)
    said.goal(f"{name}: found of others", len(moved - must), 0, "items")
    if wrong := sorted({register.items[item].kind for item in must ^ moved}):
        said.note(f"{name}: wrong of {'; '.join(wrong)}")


async def bench(url: str, folder: Path, o: argparse.Namespace) -> Said:
    said, heard = Said(), list[object]()
    start = time.perf_counter()
    register = await fill(url, o.items)
    items = len(register.items)
    said.fact(f"register filled with {items:,} items", time.perf_counter() - start, "s")
    pool = await open_pool(SecretStr(url), "bench", size=1)
    sink = await asyncio.start_server(lambda *_: heard.append(1), "127.0.0.1", 0)
    async with sink:
        given = _environment(url, folder, sink.sockets[0].getsockname()[1])
        before = await _written(pool)
        same: Mapping[str, Sequence[str]] = {
            "an unchanged folder": ("--site", str(FOLDER)),
            "an unchanged release": ("--release", a_wheel(folder, "9.9.9", {})),
        }
        for name, words in same.items():
            one = await rehearsed(words, folder / "told", given)
            _say_speed(said, name, items, one)
            sums = list(one.lines)[-1]
            said.goal(f"{name}: items read", sums["items"], items, "items", least=True)
            differing = sums["differing"] + sums["failed"]
            said.goal(f"{name}: items that differ", differing, 0, "items")
        for number, (name, plant) in enumerate(PLANTS.items()):
            words = plant.words(folder / f"plant {number}")
            one = await rehearsed(words, folder / "told", given)
            _say_speed(said, name, items, one)
            _found(said, name, plant, register, one)
        after = await _written(pool)
    rows = sum(abs(after[name] - before.get(name, 0)) for name in after)
    said.goal("rows written by all of these", rows, 0, "rows")
    said.goal("calls of mail server or Kafka", len(heard), 0, "calls")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    said.fact("memory of a rehearsal at its highest", peak, "MB")
    await pool.close()
    return said


def options(words: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.rehearse")
    parser.add_argument("--items", type=int, default=100_000, help="items of the register")
    return parser.parse_args(words)


if __name__ == "__main__":
    run(partial(bench, o=options()))
