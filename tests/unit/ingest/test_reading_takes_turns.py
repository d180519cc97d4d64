"""The reading process keeps a few files open that take turns, page by page, and none too large."""

from pathlib import Path

import pytest
from PIL import Image

from services.ingest.domain.page_codes import SeenPage
from services.ingest.scan_process import __main__ as process
from services.ingest.scan_process.file_kinds import open_pages
from services.ingest.scan_process.pages import ScanPages
from tests.papers import as_pdf


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files that were opened, in order."""
    names: list[str] = []

    def opening(path: Path) -> ScanPages:
        names.append(path.name)
        return open_pages(path)

    monkeypatch.setattr(process, "open_pages", opening)
    return names


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / name for name in ("a", "b")]
    for path in paths:
        path.write_bytes(as_pdf([Image.new("L", (500, 700), 255)], 60))
    return paths


def looks(reading: process.RequestLoop, file: Path) -> bool:
    said, _ = reading.answer({"do": "look", "file": str(file), "page": 1})
    return bool(said["blank"])


def test_files_that_take_turns_are_opened_once(
    files: list[Path], opened: list[str], tmp_path: Path
) -> None:
    reading = process.RequestLoop(tmp_path)
    assert all(looks(reading, file) for _ in range(3) for file in files)
    assert opened == ["a", "b"]
    reading.answer({"do": "open", "file": str(files[0])})
    assert opened == ["a", "b", "a"], "a file of the same name may be another by now"


def test_a_large_file_is_open_alone(
    files: list[Path], opened: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "_KEPT_OCTETS", 2 * files[0].stat().st_size - 1)
    reading = process.RequestLoop(tmp_path)
    assert all(looks(reading, file) for _ in range(2) for file in files)
    assert opened == ["a", "b", "a", "b"]


def test_memory_that_other_files_take_is_no_bomb(
    files: list[Path], opened: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading = process.RequestLoop(tmp_path)
    assert looks(reading, files[0])
    look = process.look  # type: ignore[attr-defined]  # a name that the module only imports
    failures = [MemoryError()]

    def looking(pages: ScanPages, number: int, *, foreign: bool) -> SeenPage:
        if failures:
            raise failures.pop()
        return look(pages, number, foreign=foreign)

    monkeypatch.setattr(process, "look", looking)
    assert looks(reading, files[1])
    assert opened == ["a", "b", "b"]
    failures += [MemoryError(), MemoryError()]
    said, _ = reading.answer({"do": "look", "file": str(files[1]), "page": 1})
    assert said == {"fault": "scan-bomb"}
