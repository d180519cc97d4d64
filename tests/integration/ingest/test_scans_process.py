"""The real process on a copier's folder: killed in the middle of a batch, then started again."""

import asyncio
from pathlib import Path

import pytest

from deploy.embedded.downloads import tessdata
from shared.platform.database import transaction
from shared.site import store
from shared.site.tables.mailboxes import ScanFolder, Sources
from tests.desk_builders import DAYS
from tests.ingest_builders import indre
from tests.integration.ingest.prefecture import APPLIED, Prefecture, until
from tests.papers import ASSOCIATION, a_letter, as_pdf, separator
from tests.scan_folders import left_in

LETTERS = 5


@pytest.fixture
async def copier(prefecture: Prefecture) -> Path:
    """The folder into which the copier of `prefecture` writes."""
    root = prefecture.folder / "scans"
    folder = root / "courrier"
    folder.mkdir(parents=True)
    row = ScanFolder(id="courrier", folder="courrier", service="courrier")
    sources = Sources(trust=indre().sources.trust, mailboxes=(), scan_folders=(row,))
    site = indre().model_copy(update={"sources": sources})
    async with transaction(prefecture.pool) as connection:
        await store.keep(connection, site, DAYS, "q.officer", "scans", APPLIED)
    prefecture.environment |= {
        "VAGUEMESTRE_SCANS": str(root),
        "VAGUEMESTRE_TESSDATA": str(tessdata()),
    }
    return folder


def a_batch() -> bytes:
    letters = [a_letter(ASSOCIATION, day=f"{day} mai 2026") for day in range(1, LETTERS + 1)]
    return as_pdf([page for letter in letters for page in (separator(), letter)])


async def test_killed_in_the_middle_of_a_batch_nothing_is_lost_and_nothing_twice(
    prefecture: Prefecture, copier: Path
) -> None:
    batch = await asyncio.to_thread(a_batch)
    (copier / "lot du matin.pdf").write_bytes(batch)
    async with prefecture.holding(2), prefecture.running() as first:

        async def in_the_middle() -> bool:
            return await prefecture.kept() >= 2

        await until(in_the_middle)
        first.kill()
        await first.wait()
    assert await prefecture.kept() < LETTERS
    assert (copier / "lot du matin.pdf").read_bytes() == batch

    async with prefecture.running():

        async def all_told_and_the_file_gone() -> bool:
            if await prefecture.kept() < LETTERS or left_in(copier):
                return False
            return await prefecture.all_told()

        await until(all_told_and_the_file_gone)

    facts = await prefecture.told()
    assert len({fact.arrival_id for fact in facts}) == LETTERS
    assert len({fact.event_id for fact in facts}) == LETTERS
    assert {fact.channel for fact in facts} == {"letter"}
    (done,) = (copier / ".pris").glob("*/*")
    assert done.read_bytes() == batch
    assert list((prefecture.folder / "spool" / ".reading").iterdir()) == []
