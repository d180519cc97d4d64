"""The bench of scans, small: what must be read is, at any size; speed is for a quiet machine."""

from pathlib import Path

import pytest

from tests.bench import scans


async def test_the_bench_of_scans_reads_each_sheet_and_cuts_no_letter(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sizes = "--sheets 9 --letters 10 --bodies 2 --blurred 1 --pages 1"
    said = await scans.bench(tmp_path, scans.options(sizes.split()))
    printed = capsys.readouterr().out
    missed = [line for line in printed.splitlines() if line.endswith("missed")]
    assert [line for line in missed if not line.startswith("OCR")] == []
    assert said.goals == 6
    for line in (
        "separator, of 3: read",
        "day, of 3: read",
        "label, of 3: read",
        "letters, of 10: cut where nothing separates",
        "label, 2 pixels out of focus, of 1: read",
        "OCR: of bare tesserocr, on one core",
        "OCR: two reading processes, beside one",
    ):
        assert line in printed
