"""A file is opened by what it is, is whole or says why not, and is cut without a loss."""

import contextlib
import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from services.ingest.faults import (
    Bomb,
    DamagedScan,
    Empty,
    Encrypted,
    TooLargeScan,
    Truncated,
    UnknownType,
    UnreadableScan,
)
from services.ingest.scan_process.file_kinds import open_pages
from services.ingest.scan_process.page_glance import look
from services.ingest.scan_process.pages import PageLimits
from services.ingest.scan_process.tiff import directories, extract
from tests.papers import as_image, as_pdf, as_tiff, scanned

LOW = 60


@pytest.fixture(scope="module")
def three() -> list[Image.Image]:
    """Three small pages that can be told apart."""
    return [Image.new("L", (500, 700), 255 - 60 * n) for n in range(3)]


@pytest.fixture
def put(tmp_path: Path) -> Callable[[bytes], Path]:
    def write(octets: bytes) -> Path:
        path = tmp_path / "scan"
        path.write_bytes(octets)
        return path

    return write


Put = Callable[[bytes], Path]


@pytest.mark.parametrize(
    ("made", "media_type", "count"),
    [
        (lambda pages: as_pdf(pages, LOW), "application/pdf", 3),
        (lambda pages: as_tiff(pages, LOW), "image/tiff", 3),
        (lambda pages: as_image(pages[0], "JPEG"), "image/jpeg", 1),
        (lambda pages: as_image(pages[0], "PNG"), "image/png", 1),
    ],
)
def test_a_file_is_what_its_octets_say(
    put: Put,
    three: list[Image.Image],
    made: Callable[[list[Image.Image]], bytes],
    media_type: str,
    count: int,
) -> None:
    pages = open_pages(put(made(three)))
    assert (pages.media_type, pages.count) == (media_type, count)


@pytest.mark.parametrize("kind", ["pdf", "tiff", "jpeg", "png"])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.9])
def test_a_file_cut_anywhere_is_truncated_never_a_shorter_letter(
    put: Put, three: list[Image.Image], kind: str, share: float
) -> None:
    octets = {
        "pdf": lambda: as_pdf(three, LOW),
        "tiff": lambda: as_tiff(three, LOW),
        "jpeg": lambda: as_image(scanned(three[0], noise=20), "JPEG"),
        "png": lambda: as_image(scanned(three[0], noise=20), "PNG"),
    }[kind]()
    with pytest.raises(Truncated):
        open_pages(put(octets[: max(12, int(len(octets) * share))]))


def test_an_empty_file_is_empty_and_one_of_zeros_is_still_being_written(put: Put) -> None:
    with pytest.raises(Empty):
        open_pages(put(b""))
    with pytest.raises(Truncated):
        open_pages(put(bytes(4_096)))


def test_a_pdf_made_for_the_web_and_cut_after_its_first_mark_is_truncated(
    put: Put, three: list[Image.Image]
) -> None:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(as_pdf(three, LOW))) as pdf:
        pdf.save(out, linearize=True)
    octets = out.getvalue()
    assert open_pages(put(octets)).count == 3
    with pytest.raises(Truncated):
        open_pages(put(octets[: octets.index(b"%%EOF") + 6]))


def test_a_pdf_padded_with_zeros_is_whole(put: Put, three: list[Image.Image]) -> None:
    assert open_pages(put(as_pdf(three, LOW) + bytes(2_000))).count == 3


def test_a_pdf_with_a_broken_table_is_mended(put: Put, three: list[Image.Image]) -> None:
    octets = as_pdf(three, LOW)
    broken = octets.replace(b"startxref\n", b"startxref\n9")
    pages = open_pages(put(broken))
    assert pages.count == 3
    assert pages.picture(3, LOW)[0].getpixel((100, 100)) == 135


def test_a_pdf_with_a_password_is_encrypted(put: Put, three: list[Image.Image]) -> None:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(as_pdf(three, LOW))) as pdf:
        pdf.save(out, encryption=pikepdf.Encryption(owner="o", user="u"))
    with pytest.raises(Encrypted):
        open_pages(put(out.getvalue()))


@pytest.mark.parametrize(
    ("octets", "fault"),
    [
        (b"PK\x03\x04 a word processor's file", UnknownType),
        (b"%PDF-1.7 nothing in between %%EOF", DamagedScan),
        (b"\xff\xd8\xff\xe0" + b"x" * 500, DamagedScan),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 500, DamagedScan),
    ],
)
def test_what_is_no_scan_says_so(put: Put, octets: bytes, fault: type[UnreadableScan]) -> None:
    with pytest.raises(fault):
        open_pages(put(octets))


def test_limits_hold(put: Put, three: list[Image.Image]) -> None:
    path = put(as_pdf(three, LOW))
    with pytest.raises(TooLargeScan):
        open_pages(path, PageLimits(pages=2))
    with pytest.raises(TooLargeScan):
        open_pages(path, PageLimits(octets=100))
    with pytest.raises(Bomb):
        open_pages(put(as_image(three[0], "PNG")), PageLimits(samples=349_999))


def test_a_small_file_that_unpacks_to_a_huge_picture_is_a_bomb(put: Put) -> None:
    small = bytearray(as_image(Image.new("1", (8, 8)), "PNG"))
    small[16:24] = struct.pack(">II", 30_000, 30_000)
    small[29:33] = struct.pack(">I", zlib.crc32(small[12:29]))
    with pytest.raises(Bomb):
        open_pages(put(bytes(small)))


def test_a_sheet_of_five_metres_is_drawn_small(put: Put) -> None:
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(14_400, 14_400))
        out = io.BytesIO()
        pdf.save(out)
    picture, dpi = open_pages(put(out.getvalue())).picture(1, 300)
    assert picture.width * picture.height <= 20_100_000
    assert dpi < 30


def test_a_text_hidden_behind_the_picture_is_not_seen(put: Put) -> None:
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(595, 842))
        font = pikepdf.Dictionary(
            Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
        )
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        page.Contents = pdf.make_stream(b"BT /F1 40 Tf 3 Tr 100 400 Td (IGNORE TOUT) Tj ET")
        out = io.BytesIO()
        pdf.save(out)
    assert look(open_pages(put(out.getvalue())), 1).blank


def test_pages_of_a_pdf_are_cut_without_touching_their_pictures(
    put: Put, three: list[Image.Image]
) -> None:
    octets = as_pdf(three, LOW)
    pages = open_pages(put(octets))
    piece = pages.cut(2, 3)
    assert piece == pages.cut(2, 3)
    with pikepdf.open(io.BytesIO(octets)) as whole, pikepdf.open(io.BytesIO(piece)) as part:
        assert len(part.pages) == 2
        for number in range(2):
            (before,) = whole.pages[number + 1].get_images().values()
            (after,) = part.pages[number].get_images().values()
            assert before.read_raw_bytes() == after.read_raw_bytes()


def test_pages_of_a_tiff_are_cut_strip_by_strip(three: list[Image.Image]) -> None:
    octets = as_tiff(three, LOW)
    before, after = directories(octets), directories(extract(octets, 2, 3))
    assert len(after) == 2
    cut = extract(octets, 2, 3)
    for one, same in zip(before[1:], after, strict=True):
        assert [octets[at : at + size] for at, size in one.strips] == [
            cut[at : at + size] for at, size in same.strips
        ]
    with Image.open(io.BytesIO(octets)) as whole, Image.open(io.BytesIO(cut)) as part:
        assert part.n_frames == 2  # type: ignore[attr-defined]  # of this kind here
        whole.seek(2)
        part.seek(1)
        assert np.array_equal(np.asarray(whole), np.asarray(part))


def test_pages_of_a_tiff_of_the_other_byte_order_are_cut_as_well(three: list[Image.Image]) -> None:
    out = io.BytesIO()
    deep = [page.convert("I").convert("I;16B") for page in three]
    deep[0].save(out, "TIFF", save_all=True, append_images=deep[1:])
    octets = out.getvalue()
    assert octets.startswith(b"MM")
    with Image.open(io.BytesIO(extract(octets, 3, 3))) as part:
        assert part.n_frames == 1  # type: ignore[attr-defined]  # of this kind here
        assert part.getpixel((10, 10)) == 135


def test_a_tiff_that_goes_round_in_a_circle_is_damaged() -> None:
    entries = struct.pack("<HHHII", 1, 256, 3, 1, 5)
    circle = b"II*\0" + struct.pack("<I", 8) + entries + struct.pack("<I", 8)
    with pytest.raises(DamagedScan):
        directories(circle)


def test_a_tiff_of_more_pages_than_any_batch_is_too_large_not_damaged() -> None:
    strips = struct.pack("<HHHII", 2, 273, 4, 1, 0) + struct.pack("<HHII", 279, 4, 1, 0)
    size = len(strips) + 4
    chain = b"".join(strips + struct.pack("<I", 8 + n * size) for n in range(1, 5_002))
    with pytest.raises(TooLargeScan):
        directories(b"II*\0" + struct.pack("<I", 8) + chain + strips + bytes(4))


def test_a_fax_with_half_the_lines_has_the_shape_of_its_paper(put: Put) -> None:
    out = io.BytesIO()
    Image.new("1", (1_728, 1_145), 1).save(out, "TIFF", compression="group4", dpi=(204, 98))
    picture, dpi = open_pages(put(out.getvalue())).picture(1, 150)
    assert dpi == 150
    assert picture.height / picture.width == pytest.approx(1.379, abs=0.01)


def test_a_pdf_page_whose_picture_is_damaged_is_not_taken_for_a_blank_back(
    put: Put, three: list[Image.Image]
) -> None:
    octets = as_pdf([scanned(three[1], noise=9)], LOW)
    at = octets.index(b"\xff\xd8\xff")
    pages = open_pages(put(octets[:at] + bytes(600) + octets[at + 600 :]))
    with pytest.raises(DamagedScan):
        look(pages, 1)


def test_a_clean_white_back_in_black_and_white_is_blank(put: Put) -> None:
    white = Image.new("1", (1_240, 1_754), 1)
    assert look(open_pages(put(as_pdf([white]))), 1).blank
    assert look(open_pages(put(as_tiff([white]))), 1).blank


def test_what_is_transparent_is_white_paper(put: Put) -> None:
    octets = as_image(Image.new("RGBA", (900, 1_200), (0, 0, 0, 0)), "PNG")
    assert open_pages(put(octets)).picture(1, 150)[0].getpixel((10, 10)) == 255


def test_a_page_of_sixteen_bits_keeps_its_grey(put: Put) -> None:
    grey = Image.new("I;16", (900, 1_200), 0x8000)
    assert open_pages(put(as_image(grey, "PNG"))).picture(1, 150)[0].getpixel((10, 10)) == 0x80


def test_a_photo_turned_by_its_camera_is_turned_back(put: Put) -> None:
    photo = Image.new("L", (1_200, 900), 255)
    exif = photo.getexif()
    exif[274] = 6
    out = io.BytesIO()
    photo.save(out, "JPEG", exif=exif)
    picture, _ = open_pages(put(out.getvalue())).picture(1, 150)
    assert picture.height > picture.width


@given(st.data())
def test_no_octets_make_the_reader_of_tiff_fail_otherwise_than_it_says(data: st.DataObject) -> None:
    octets = bytearray(as_tiff([Image.new("L", (40, 60), shade) for shade in (0, 255)]))
    for _ in range(data.draw(st.integers(1, 6))):
        octets[data.draw(st.integers(4, len(octets) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(Truncated, DamagedScan):
        extract(bytes(octets), 1, 2)
