"""The real reading process, an empty scan folder, and a source that watches it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from deploy.embedded.downloads import tessdata
from services.ingest.domain.settling import Patience
from services.ingest.ocr import Ocr
from services.ingest.reader import ReadingProcess
from services.ingest.scan_documents import SortingTable
from services.ingest.scans import ScanFolderSource
from tests.fake_ocr import FakeOcr
from tests.scan_folders import PATIENCE, SHEETS, Stopped, Watch, three_days_before


@pytest.fixture(scope="module")
async def reading() -> AsyncIterator[ReadingProcess]:
    process = ReadingProcess(tessdata())
    yield process
    await process.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "courrier"
    path.mkdir()
    return path


@pytest.fixture
def watch(folder: Path, reading: ReadingProcess) -> Watch:
    def source(
        ocr: Ocr | None = None, patience: Patience = PATIENCE, *, share: bool = False
    ) -> ScanFolderSource:
        table = SortingTable(
            "scans:courrier",
            SHEETS,
            three_days_before,
            ZoneInfo("Europe/Paris"),
            reading,
            ocr or FakeOcr(),
        )
        return ScanFolderSource(
            folder,
            table,
            Stopped(),
            patience=patience,
            every=timedelta(seconds=0.02),
            largest=3_000_000,
            server_dates=False,
            share=share,
        )

    return source
