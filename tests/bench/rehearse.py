"""How fast a rehearsal is, and that nothing changed differs in nothing: `make bench WHAT=rehearse`.

The command itself, on a register of its own: the thirteen items of tests/rehearsal_builders.py,
again and again under other ids. Speed is items in a second of one core, the release's own process
counted with this one, so that neighbours on the machine change little.
"""

import argparse
import asyncio
import os
import resource
import shutil
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from click.testing import CliRunner
from pydantic import SecretStr

from services.__main__ import main
from shared.platform.database import open_pool, transaction
from tests.bench.said import Said, run
from tests.rehearsal_register import FOLDER, a_wheel, begun, registered
from tests.roles import under_role

LEAST = 1_000
"""Items that other rules are asked of, in a second of one core."""
LINE = "channels: [letter, registered_letter, hand_delivered]\n    days: "
AGAIN = """
    INSERT INTO desk.facts
        (event_id, item_id, seq, type, by, happened_at, recorded_at, payload, link)
    SELECT gen_random_uuid(), clone.id, f.seq, f.type, f.by, f.happened_at, f.recorded_at,
           replace(f.payload, f.item_id::text, clone.id::text), f.link
    FROM (SELECT gen_random_uuid() AS id, item_id FROM items, generate_series(1, $1) n) AS clone
    JOIN desk.facts f ON f.item_id = clone.item_id
"""


async def fill(url: str, items: int) -> int:
    """The stories, each again under other ids until there are so many; how many there are."""
    pool = await open_pool(SecretStr(url), "bench")
    async with transaction(pool) as connection:
        await begun(connection)
        await registered(connection)
        await connection.execute(
            "CREATE TEMPORARY TABLE items ON COMMIT DROP AS SELECT DISTINCT item_id FROM desk.facts"
        )
        stories = int(await connection.fetchval("SELECT count(*) FROM items"))
        await connection.execute(AGAIN, max(0, items // stories - 1), timeout=600)
        made = int(await connection.fetchval("SELECT count(DISTINCT item_id) FROM desk.facts"))
    await pool.execute("ANALYZE desk.facts")
    await pool.close()
    return made


def rehearsed(words: Sequence[str]) -> tuple[str, float, float]:
    """What the command says, the seconds of a core that it took, and those of the clock."""
    start, begin = _used(), time.perf_counter()
    done = CliRunner().invoke(main, ["rehearse", "--summary", *words])
    if done.exit_code not in {0, 1}:
        raise SystemExit(done.output)
    return done.stdout, _used() - start, time.perf_counter() - begin


def _used() -> float:
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in both)


def _differing(said: str) -> int:
    """Of « 13 items read, 0 differ in 0 points. »."""
    return int(said.split(", ", 1)[1].split(maxsplit=1)[0])


async def bench(url: str, folder: Path, o: argparse.Namespace) -> Said:
    said = Said()
    made = await fill(url, o.items)
    os.environ["VAGUEMESTRE_DATABASE_URL"] = under_role(url, "rehearsal")
    os.environ["VAGUEMESTRE_DATA"] = str(folder / "none")
    eight = Path(shutil.copytree(FOLDER, folder / "eight"))
    table = eight / "commitments.yaml"
    text = table.read_text("utf-8")
    if f"{LINE}15" not in text:
        raise SystemExit("The example's line of letters is another one: mend this bench.")
    table.write_text(text.replace(f"{LINE}15", f"{LINE}8"), "utf-8")
    wheel = a_wheel(folder, "9.9.9", {})
    sides = {
        "the rules that run": ("--site", str(FOLDER)),
        "letters in 8 days": ("--site", str(eight)),
        "an unchanged release": ("--release", wheel),
    }
    for name, words in sides.items():
        told, used, took = await asyncio.to_thread(rehearsed, words)
        said.fact(f"{name}: {made:,} items", took, "s")
        if name == "letters in 8 days":
            said.goal(f"{name}: items a second of one core", made / used, LEAST, "", least=True)
            said.goal(f"{name}: items that differ", _differing(told), 1, "items", least=True)
        else:
            said.fact(f"{name}: items a second of one core", made / used, "")
            said.goal(f"{name}: items that differ", _differing(told), 0, "items")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    said.fact("memory at its highest", peak, "MB")
    return said


def options(words: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.rehearse")
    parser.add_argument("--items", type=int, default=100_000, help="items of the register")
    return parser.parse_args(words)


if __name__ == "__main__":
    run(partial(bench, o=options()))
