"""Pale ink, blank pages, files half written: real files, real OCR, and every page is somewhere."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydantic import SecretStr

from services.ingest.domain.document import Illegible, Legible
from services.ingest.domain.file_stability import StabilityLimits
from services.ingest.domain.separators import Cutting, Piece
from services.ingest.scan_cuts import KeptCutting, StoredCuttings
from services.ingest.scan_reader import ScanReaderProcess
from shared.facts.envelope import Digest, ServiceId
from shared.platform.database import open_pool
from shared.platform.postgres.rows import UnreadableRow
from tests.papers import ASSOCIATION, a_blank_back, a_letter, as_pdf, as_tiff, scanned, separator
from tests.roles import one_transaction, under_role
from tests.scan_folders import PATIENCE, Stopped, Watch, left_in, passes, take

PATIENT = StabilityLimits(PATIENCE.still, timedelta(hours=1))


def pale(page: Image.Image, ink: int) -> Image.Image:
    """In ink of this grey on paper of 248."""
    dark = np.asarray(page, dtype=np.float32) / 255
    return Image.fromarray((ink + (248 - ink) * dark).astype(np.uint8))


async def test_a_letter_in_pale_ink_between_two_sheets_is_read(
    folder: Path, watch: Watch, reading: ScanReaderProcess
) -> None:
    faded = scanned(pale(a_letter(dpi=200), 212), noise=3)
    pages = [separator(dpi=200), faded, separator(dpi=200), a_letter(ASSOCIATION, dpi=200)]
    (folder / "lot.pdf").write_bytes(as_pdf(pages, 200))
    documents = await take(watch(reading), 2)
    assert [(document.first_page, document.last_page) for document in documents] == [(2, 2), (4, 4)]
    assert isinstance(documents[0].reading, Legible)
    assert "titre de séjour" in documents[0].reading.pages[0]


@pytest.mark.parametrize("page", [a_blank_back, lambda: pale(_scribble(), 235)])
async def test_a_page_on_which_nothing_is_read_between_two_sheets_waits_for_a_person(
    folder: Path, watch: Watch, reading: ScanReaderProcess, page: Callable[[], Image.Image]
) -> None:
    (folder / "lot.pdf").write_bytes(as_pdf([separator(), page(), separator(), a_letter()]))
    documents = await take(watch(reading), 2)
    assert [(document.first_page, document.last_page) for document in documents] == [(2, 2), (4, 4)]
    assert documents[0].reading == Illegible("scan-blank")
    assert isinstance(documents[1].reading, Legible)


def _scribble() -> Image.Image:
    """Strokes of a pencil that are no words."""
    page = np.full((1_754, 1_240), 255, dtype=np.uint8)
    for row in range(400, 900, 90):
        wave = (row + 25 * np.sin(np.arange(200, 1_000) / 17)).astype(int)
        for thick in range(4):
            page[wave + thick, np.arange(200, 1_000)] = 0
    return Image.fromarray(page)


async def test_a_tiff_whose_length_was_set_first_is_not_judged_under_its_writer(
    folder: Path, watch: Watch
) -> None:
    octets = as_tiff([a_letter(), a_letter(ASSOCIATION), a_letter()])
    path = folder / "lot.tif"
    source = watch(patience=PATIENT)
    with path.open("w+b") as writer:
        writer.truncate(len(octets))
        assert await passes(source, 40) == []
        writer.write(octets[: len(octets) // 2])
        writer.flush()
        assert await passes(source, 40) == []
        assert left_in(folder) == ["lot.tif"]
        writer.write(octets[len(octets) // 2 :])
    (document,) = await take(source, 1)
    assert (document.first_page, document.last_page) == (1, 3)
    assert document.octets == octets


async def test_a_tiff_written_page_by_page_is_read_whole_in_the_end(
    folder: Path, watch: Watch
) -> None:
    pages = [a_letter(), a_letter(ASSOCIATION), a_letter()]
    whole = as_tiff(pages)
    source = watch(patience=PATIENT)
    with (folder / "lot.tif").open("w+b") as writer:
        writer.write(as_tiff(pages[:1]))
        writer.flush()
        (first,) = await take(source, 1)
        assert first.last_page == 1
        writer.seek(0)
        writer.write(whole)
    (document,) = await take(source, 1)
    assert (document.first_page, document.last_page) == (1, 3)
    assert document.octets == whole


async def test_how_a_file_was_cut_is_kept_once_and_by_nobody_changed(postgres_url: str) -> None:
    file = Digest("a" * 64)
    first = KeptCutting(
        Cutting((Piece(2, 3, ServiceId("bmi")), Piece(5, 5, waits="scan-blank")), (1, 4)), (3,)
    )
    other = KeptCutting(Cutting((Piece(1, 5),), ()))
    pool = await open_pool(SecretStr(under_role(postgres_url, "ingest")), "tests", size=2)
    try:
        cuttings = StoredCuttings(pool, Stopped())
        assert await cuttings.of("scans:courrier", file) is None
        both = await asyncio.gather(
            cuttings.keep("scans:courrier", file, first), cuttings.keep("scans:b", file, other)
        )
        assert both == [first, other]
        assert await cuttings.keep("scans:courrier", file, other) == first
        assert await StoredCuttings(pool, Stopped()).of("scans:courrier", file) == first
        with pytest.raises(Exception, match="permission denied"):
            await pool.execute("UPDATE ingest.cuttings SET cutting = '{}'")
        async with one_transaction(postgres_url) as owner:
            await owner.execute(
                "UPDATE ingest.cuttings SET cutting = '{}' WHERE source = 'scans:b'"
            )
        with pytest.raises(UnreadableRow, match=f"Row scans:b/{file} of ingest.cuttings"):
            await cuttings.of("scans:b", file)
        assert await cuttings.of("scans:courrier", file) == first
    finally:
        await pool.close()
