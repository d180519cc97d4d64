"""A clerk's day in a real browser, its keys and its time: `make bench WHAT=clerk`.

140 things arrive, all that no certain rule sorts is sorted, 40 letters leave, 20 answers are sent;
then ten opinions are asked for and given, ten replies prepared by one and signed by another, and
ten papers taken at the counter with their récépissé.
The clerk is a script that never hesitates: what is measured is what the pages ask of the hands, and
how long they let them wait. A goal is a number of keys for each thing, which no machine changes,
and the median from the key that decides a letter to the next one, which a busy machine misses.
"""

import argparse
import asyncio
import shutil
import statistics
import sys
from pathlib import Path

from tests.e2e.browser import ACCOUNT, chromium
from tests.e2e.clerks_day import Part, Size, lived
from tests.e2e.clerks_tasks import counter, opinions, signatures
from tests.e2e.house import house

KEYS = {
    "to sort": 2,
    "departures": 4,
    "answers": 6,
    "free replies": 6,
    "pieces": 20,
    "opinions asked": 16,
    "opinions given": 3,
    "letters prepared": 6,
    "letters signed": 3,
    "counter": 22,
}
"""At most, of each part of the day."""
NEXT_MS = 100
"""At most from the key to the next letter on the screen, median."""
SECONDS = {
    "to sort": 10,
    "departures": 3,
    "answers": 10,
    "free replies": 10,
    "pieces": 10,
    "opinions asked": 10,
    "opinions given": 10,
    "letters prepared": 10,
    "letters signed": 10,
    "counter": 10,
}
"""Wished for each thing."""


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def options() -> tuple[Size, int]:
    parser = argparse.ArgumentParser(description=__doc__)
    sizes = (("mails", 90), ("letters", 50), ("departures", 40), ("answers", 20), ("own", 3))
    for name, size in sizes:
        parser.add_argument(f"--{name}", type=int, default=size)
    parser.add_argument("--tasks", type=int, default=10, help="opinions, and papers at the counter")
    parser.add_argument("--no-scripts", action="store_true", help="the day without JavaScript")
    o = parser.parse_args()
    own = 0 if o.no_scripts else o.own
    day = Size(o.mails, o.letters, o.departures, o.answers, own, scripts=not o.no_scripts)
    return day, o.tasks


async def bench(size: Size, tasks: int, program: str) -> list[Part]:
    given = {"VAGUEMESTRE_LOCAL_ACCOUNT": ACCOUNT.hashed}
    async with house("2026-05-11T09:00", given=given) as live:
        live.running.password = ACCOUNT.password
        await live.live()
        await live.approve_letters()
        async with chromium(Path(program)) as browser:
            parts = list(await lived(live, browser, size, say))
            if size.scripts and tasks:
                parts += await opinions(live, browser, tasks)
                parts += await signatures(live, browser, tasks)
                parts.append(await counter(live, browser, tasks))
            return parts


def main() -> None:
    program = shutil.which("chromium")
    if program is None:
        raise SystemExit("chromium is missing: run deploy/system-packages.sh as root")
    parts = asyncio.run(bench(*options(), program))
    met, goals = 0, 0
    for part in parts:
        each = part.number or 1
        good = part.keys / each <= KEYS[part.what]
        met, goals = met + good, goals + 1
        if part.waits:
            median = statistics.median(part.waits)
            met, goals = met + (median <= NEXT_MS), goals + 1
            say(
                f"key to next letter: median {median:.0f} ms of {len(part.waits)}"
                f" ({part.at_once} at once), 95 in 100"
                f" {sorted(part.waits)[-1 - len(part.waits) // 20]:.0f} ms;"
                f" at most {NEXT_MS} ms, {'met' if median <= NEXT_MS else 'MISSED'}"
            )
        say(
            f"{part.what}: seen {part.seconds / each:.1f} s each, wished {SECONDS[part.what]} s;"
            f" {part.keys / each:.1f} keys each, at most {KEYS[part.what]},"
            f" {'met' if good else 'MISSED'}"
        )
    say(f"bench: {met} of {goals} goals met")
    raise SystemExit(met < goals)


if __name__ == "__main__":
    main()
