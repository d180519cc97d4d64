"""What a scan folder does with files that are growing, broken, hostile, doubled or replaced."""

import os
from datetime import timedelta
from pathlib import Path

import pikepdf
import pytest

from services.ingest.domain.document import (
    Illegible,
    Legible,
)
from services.ingest.domain.file_stability import StabilityLimits
from shared.errors import TemporaryFailure
from tests.papers import (
    ASSOCIATION,
    BMI,
    a_blank_back,
    a_letter,
    as_image,
    as_pdf,
    as_tiff,
    separator,
)
from tests.scan_folders import PATIENCE, Watch, left_in, passes, put_away, take


@pytest.fixture
def share_gone(folder: Path) -> None:
    folder.rmdir()


async def test_a_file_that_is_still_written_waits_and_is_then_read_whole(
    folder: Path, watch: Watch
) -> None:
    octets = as_pdf([a_blank_back(), a_letter()])
    path = folder / "lot.pdf"
    path.write_bytes(octets[: len(octets) // 2])
    source = watch(patience=StabilityLimits(PATIENCE.still, timedelta(hours=1)))
    assert await passes(source, 30) == []
    with path.open("ab") as growing:
        growing.write(octets[len(octets) // 2 :])
    (document,) = await take(source, 1)
    assert isinstance(document.reading, Legible)
    assert document.octets == octets


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        (b"", "scan-empty"),
        (b"%PDF-1.7 cut in the mid", "scan-truncated"),
        (b"%PDF-1.7 nothing in between %%EOF", "scan-damaged"),
        (b"PK\3\4 a letter typed in a word processor", "scan-unknown-type"),
        (bytes(3_000_001), "scan-too-large"),
    ],
)
async def test_what_cannot_be_read_is_quarantined_and_leaves_the_folder(
    folder: Path, watch: Watch, octets: bytes, reason: str
) -> None:
    (folder / "lot.pdf").write_bytes(octets)
    (document,) = await take(watch(), 1)
    assert document.reading == Illegible(reason)
    assert (document.first_page, document.last_page) == (0, 0)
    assert document.octets == (octets if reason != "scan-too-large" else b"")
    (kept,) = put_away(folder)
    assert kept.read_bytes() == octets


async def test_a_file_with_a_password_keeps_its_kind_in_quarantine(
    folder: Path, watch: Watch
) -> None:
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(folder / "lot.pdf", encryption=pikepdf.Encryption(owner="o", user="u"))
    (document,) = await take(watch(), 1)
    assert document.reading == Illegible("scan-encrypted")
    assert document.media_type == "application/pdf"


async def test_the_same_file_put_again_gives_the_same_documents_and_both_are_kept(
    folder: Path, watch: Watch
) -> None:
    octets = as_image(a_letter(), "JPEG")
    source = watch()
    (folder / "a.jpg").write_bytes(octets)
    (first,) = await take(source, 1)
    (folder / "b.jpg").write_bytes(octets)
    (again,) = await take(source, 1)
    assert (again.file, again.first_page, again.last_page) == (first.file, 1, 1)
    assert len(put_away(folder)) == 2


async def test_a_document_not_taken_stays_in_the_folder_and_comes_again(
    folder: Path, watch: Watch
) -> None:
    (folder / "lot.tif").write_bytes(as_tiff([a_letter(), separator(BMI), a_letter(ASSOCIATION)]))
    source = watch()
    first, second = await passes(source, 20)
    await source.confirm(first)
    assert left_in(folder) == ["lot.tif"]
    again = await take(source, 2)
    assert [document.octets for document in again] == [first.octets, second.octets]
    assert second.media_type == "image/tiff"
    assert left_in(folder) == []


async def test_links_pipes_and_strange_names_do_no_harm(
    folder: Path, watch: Watch, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.jpg"
    secret.write_bytes(as_image(a_letter(), "JPEG"))
    (folder / "link.jpg").symlink_to(secret)
    (folder / "up").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe.pdf")
    name = os.fsdecode(b"-rf \xff\n" + b"e" * 240 + b".jpg")
    (folder / name).write_bytes(secret.read_bytes())
    source = watch()
    (document,) = await take(source, 1)
    assert document.name.startswith("-rf \N{REPLACEMENT CHARACTER}\n")
    assert await passes(source, 20) == []
    assert secret.exists()
    assert left_in(folder) == ["link.jpg", "pipe.pdf", "up"]


async def test_a_link_in_place_of_the_done_folder_is_not_followed(
    folder: Path, watch: Watch, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (folder / ".pris").symlink_to(elsewhere)
    (folder / "a.jpg").write_bytes(as_image(a_letter(), "JPEG"))
    await take(watch(), 1)
    assert left_in(folder) == ["a.jpg"]
    assert list(elsewhere.iterdir()) == []


async def test_a_file_replaced_while_it_was_read_is_read_again(folder: Path, watch: Watch) -> None:
    path = folder / "a.jpg"
    path.write_bytes(as_image(a_letter(), "JPEG"))
    source = watch()
    (old,) = await passes(source, 20)
    path.write_bytes(as_image(a_letter(ASSOCIATION), "JPEG"))
    await source.confirm(old)
    (new,) = await take(source, 1)
    assert new.file != old.file
    assert len(put_away(folder)) == 1


@pytest.mark.usefixtures("share_gone")
async def test_a_share_that_is_gone_is_a_temporary_failure(watch: Watch) -> None:
    with pytest.raises(TemporaryFailure, match="scans:courrier"):
        await take(watch(), 1)


async def test_an_empty_place_where_a_share_should_be_is_told_and_not_read_as_no_letter(
    folder: Path, watch: Watch
) -> None:
    source = watch(share=True)
    with pytest.raises(TemporaryFailure, match=r"no file \.vaguemestre\): check that the share is"):
        await take(source, 1)
    (folder / ".vaguemestre").touch()
    (folder / "lot.pdf").write_bytes(as_pdf([a_letter()]))
    assert len(await take(source, 1)) == 1
