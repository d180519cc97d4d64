"""A scan folder for tests: how to listen to it, and what stands in it afterwards."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from services.ingest.domain.document import PassEnded, ScannedDocument
from services.ingest.domain.file_stability import StabilityLimits
from services.ingest.domain.page_codes import Sheets
from services.ingest.scans import ScanFolderSource
from shared.facts.envelope import ServiceId
from tests.code_keys import KEYS
from tests.papers import BMI, DRCL

NOW = datetime(2026, 5, 12, 8, 0, tzinfo=UTC)
SHEETS = Sheets(KEYS, "36", frozenset({ServiceId(BMI.id), ServiceId(DRCL.id)}))
PATIENCE = StabilityLimits(still=timedelta(seconds=0.1), broken=timedelta(seconds=1.5))
DEADLINE = 450
"""Seconds, of what hangs: below the limit of any test, on however busy a machine."""


def three_days_before(day: date) -> date:
    """The oldest sheet of the day that these folders believe."""
    return day - timedelta(days=3)


Watch = Callable[..., ScanFolderSource]


class Stopped:
    """A clock that stands at NOW."""

    def now(self) -> datetime:
        return NOW

    async def pause(self, longest: timedelta) -> None:
        await asyncio.sleep(longest.total_seconds())


async def take(source: ScanFolderSource, count: int) -> list[ScannedDocument]:
    """The next `count` documents, each taken as it comes."""
    taken: list[ScannedDocument] = []
    async with asyncio.timeout(DEADLINE), aclosing(source.documents()) as told:
        async for document in told:
            if isinstance(document, ScannedDocument):
                await source.confirm(document)
                taken.append(document)
                if len(taken) == count:
                    break
    return taken


async def passes(source: ScanFolderSource, count: int) -> list[ScannedDocument]:
    """What is yielded, and not taken, during `count` passes."""
    seen: list[ScannedDocument] = []
    async with asyncio.timeout(DEADLINE), aclosing(source.documents()) as told:
        async for document in told:
            if isinstance(document, PassEnded):
                count -= 1
                if not count:
                    break
            else:
                seen.append(document)
    return seen


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != ".pris")


def put_away(folder: Path) -> list[Path]:
    return sorted((folder / ".pris" / "2026-05-12").iterdir())
