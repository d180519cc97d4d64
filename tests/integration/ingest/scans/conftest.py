"""The real reading process, an empty scan folder, and a source that watches it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from deploy.embedded.downloads import tessdata
from services.ingest.domain.file_stability import StabilityLimits
from services.ingest.ocr import Ocr
from services.ingest.scan_documents import ScanCutter
from services.ingest.scan_reader import ScanReaderProcess
from services.ingest.scans import ScanFolderSource
from shared.platform.antivirus import Antivirus
from tests.fake_ocr import FakeOcr
from tests.scan_folders import PATIENCE, SHEETS, Stopped, Watch, three_days_before


@pytest.fixture(scope="module")
async def reading() -> AsyncIterator[ScanReaderProcess]:
    process = ScanReaderProcess(tessdata(), nice=0)
    yield process
    await process.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "courrier"
    path.mkdir()
    return path


@pytest.fixture
def watch(folder: Path, reading: ScanReaderProcess) -> Watch:
    def source(
        ocr: Ocr | None = None,
        patience: StabilityLimits = PATIENCE,
        *,
        share: bool = False,
        antivirus: Antivirus | None = None,
    ) -> ScanFolderSource:
        table = ScanCutter(
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
            antivirus=antivirus,
        )

    return source
