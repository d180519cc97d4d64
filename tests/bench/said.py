"""What every bench of the register says, and how it begins and ends."""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, NoReturn

import asyncpg

from deploy.embedded.postgres import PostgresServer
from shared.platform.postgres.migrate import migrate
from shared.platform.process import collect_seldom

MADE: Final = 100


class Said:
    """What is printed, and how many goals were met."""

    def __init__(self) -> None:
        self.met = self.goals = 0

    def goal(
        self, what: str, seen: float, wanted: float, unit: str, *, least: bool = False
    ) -> None:
        met = seen >= wanted if least else seen <= wanted
        self.goals += 1
        self.met += met
        sign = "≥" if least else "≤"
        self._line(
            what, f"{seen:>10,.2f} {unit:<12} goal {sign} {wanted:g}: {'met' if met else 'missed'}"
        )

    def wish(self, what: str, seen: float, wished: float, unit: str) -> None:
        self._line(what, f"{seen:>10,.0f} {unit:<12} wished {wished:,.0f}")

    def fact(self, what: str, seen: float, unit: str) -> None:
        self._line(what, f"{seen:>10,.1f} {unit}")

    @staticmethod
    def note(text: str) -> None:
        print(text, flush=True)  # noqa: T201  (a bench speaks to a terminal)

    @staticmethod
    def _line(what: str, rest: str) -> None:
        print(f"{what:<62} {rest}", flush=True)  # noqa: T201  (a bench speaks to a terminal)


def folder_made(below: Path) -> float:
    """Milliseconds of processor for a new folder; each mail that is kept asks for as much.

    ext4 searches the longer for a free inode the more were deleted in the last five minutes.
    """
    begun = time.process_time()
    for number in range(MADE):
        (below / f"made {number}").mkdir()
    return (time.process_time() - begun) * 1000 / MADE


def run(bench: Callable[[str, Path], Awaitable[Said]]) -> NoReturn:
    """On an empty migrated database of its own; the exit code says whether a goal was missed.

    `bench` takes the database's address and a folder that is gone afterwards.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        server = PostgresServer(Path(name))
        server.start()
        try:
            said = asyncio.run(_prepared(bench, server.url, Path(name)))
        finally:
            server.stop()
    print(f"bench: {said.met} of {said.goals} goals met")  # noqa: T201  (as above)
    raise SystemExit(said.met < said.goals)


async def _prepared(bench: Callable[[str, Path], Awaitable[Said]], url: str, folder: Path) -> Said:
    connection = await asyncpg.connect(url)
    await migrate(connection, site="indre")
    await connection.close()
    collect_seldom()  # as each process of ours does
    return await bench(url, folder)
