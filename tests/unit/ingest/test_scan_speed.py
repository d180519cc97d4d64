"""What makes OCR fast changes nothing that it sees: unpacked pages, levelled parts, white left out.

Each is held against the slow way that it replaces.
"""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from PIL import Image, ImageChops, ImageDraw

from services.ingest.scan_process import pdf
from services.ingest.scan_process.file_kinds import open_pages
from services.ingest.scan_process.ink import written_part
from services.ingest.scan_process.skew import level_part, skew
from tests.papers import as_pdf, scanned

DPI = 150
SIZE = (1240, 1754)


@pytest.fixture(scope="module")
def ruled() -> Image.Image:
    """A page of level lines, as of words, in its middle."""
    page = Image.new("L", SIZE, 250)
    draw = ImageDraw.Draw(page)
    for row in range(400, 1300, 40):
        for left in range(200, 1000, 90):
            draw.rectangle((left, row, left + 70, row + 14), fill=30)
    return page


def changed(octets: bytes, change: Callable[[pikepdf.Pdf, pikepdf.Page], None]) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(octets)) as document:
        change(document, document.pages[0])
        document.save(out)
    return out.getvalue()


def nothing(_: pikepdf.Pdf, __: pikepdf.Page) -> None:
    """Changes nothing."""


def a_line_over_it(document: pikepdf.Pdf, page: pikepdf.Page) -> None:
    page.contents_add(document.make_stream(b"0 0 0 rg 100 100 300 20 re f"), prepend=False)


def a_turned_page(_: pikepdf.Pdf, page: pikepdf.Page) -> None:
    page.Rotate = 90


def a_smaller_page(_: pikepdf.Pdf, page: pikepdf.Page) -> None:
    page.CropBox = [0, 0, 300, 400]


def a_clip(document: pikepdf.Pdf, page: pikepdf.Page) -> None:
    page.contents_add(document.make_stream(b"100 100 200 200 re W n"), prepend=True)


def a_picture_turned_over(_: pikepdf.Pdf, page: pikepdf.Page) -> None:
    (picture,) = page.Resources.XObject.values()
    picture.Decode = [1, 0]


def a_note(document: pikepdf.Pdf, page: pikepdf.Page) -> None:
    shown = document.make_stream(b"0 0 0 rg 0 0 200 200 re f")
    shown.Type, shown.Subtype = pikepdf.Name.XObject, pikepdf.Name.Form
    shown.BBox = [0, 0, 200, 200]
    note = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Stamp, F=4,
        Rect=[50, 50, 250, 250], AP=pikepdf.Dictionary(N=shown),
    )  # fmt: skip
    page.Annots = pikepdf.Array([note])


def a_hidden_layer(document: pikepdf.Pdf) -> pikepdf.Object:
    layer = document.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.OCG, Name="x"))
    off = pikepdf.Dictionary(OFF=pikepdf.Array([layer]), Order=pikepdf.Array([layer]))
    document.Root.OCProperties = pikepdf.Dictionary(OCGs=pikepdf.Array([layer]), D=off)
    return layer


def a_picture_in_a_hidden_layer(document: pikepdf.Pdf, page: pikepdf.Page) -> None:
    (picture,) = page.Resources.XObject.values()
    picture.OC = a_hidden_layer(document)


def contents_in_a_hidden_layer(document: pikepdf.Pdf, page: pikepdf.Page) -> None:
    page.Resources.Properties = pikepdf.Dictionary(MC0=a_hidden_layer(document))
    page.contents_add(document.make_stream(b"/OC /MC0 BDC"), prepend=True)
    page.contents_add(document.make_stream(b"EMC"), prepend=False)


def a_mark_without_a_name(document: pikepdf.Pdf, page: pikepdf.Page) -> None:
    page.contents_add(document.make_stream(b"/Artifact BMC"), prepend=True)
    page.contents_add(document.make_stream(b"EMC"), prepend=False)


def grey_turned_over(_: pikepdf.Pdf, page: pikepdf.Page) -> None:
    over = [pikepdf.Name.Indexed, pikepdf.Name.DeviceGray, 255, bytes(reversed(range(256)))]
    page.Resources.ColorSpace = pikepdf.Dictionary(DefaultGray=pikepdf.Array(over))


def a_curve_that_turns_it_over(document: pikepdf.Pdf, page: pikepdf.Page) -> None:
    curve = pikepdf.Dictionary(FunctionType=2, Domain=[0, 1], N=1, C0=[1], C1=[0])
    page.Resources.ExtGState = pikepdf.Dictionary(G=pikepdf.Dictionary(TR=curve))
    page.contents_add(document.make_stream(b"/G gs"), prepend=True)


def a_number_for_a_picture(document: pikepdf.Pdf, page: pikepdf.Page) -> None:
    shown = b"q 500 0 0 700 0 0 cm BI /W 1 /H 1 /CS /G /BPC 8 ID \x40 EI Q"
    page.Contents = document.make_stream(shown)
    page.Resources.XObject = pikepdf.Dictionary(A=3)


@pytest.mark.parametrize(
    ("change", "unpacked"),
    [
        (nothing, True),
        (a_line_over_it, False),
        (a_turned_page, False),
        (a_smaller_page, False),
        (a_clip, False),
        (a_picture_turned_over, False),
        (a_note, False),
        (a_picture_in_a_hidden_layer, False),
        (contents_in_a_hidden_layer, False),
        (a_mark_without_a_name, False),
        (grey_turned_over, False),
        (a_curve_that_turns_it_over, False),
        (a_number_for_a_picture, False),
    ],
)
def test_a_page_is_unpacked_where_that_shows_what_drawing_it_shows(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    ruled: Image.Image,
    change: Callable[[pikepdf.Pdf, pikepdf.Page], None],
    *,
    unpacked: bool,
) -> None:
    path = tmp_path / "scan"
    path.write_bytes(changed(as_pdf([ruled], DPI), change))
    found, dpi = open_pages(path).picture(1, DPI)
    monkeypatch.setattr(pdf, "sole_picture", lambda *_: None)
    drawn, _ = open_pages(path).picture(1, DPI)
    assert dpi == pytest.approx(DPI, abs=0.5)
    assert abs(found.width - drawn.width) <= 1
    assert abs(found.height - drawn.height) <= 1
    differs = np.asarray(ImageChops.difference(found, drawn.resize(found.size)))
    assert float(differs.mean()) < (2 if unpacked else 0.01)


def test_a_copiers_page_is_not_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ruled: Image.Image
) -> None:
    (tmp_path / "scan").write_bytes(as_pdf([ruled.convert("RGB")], 300))
    pages = open_pages(tmp_path / "scan")

    def never(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr("pypdfium2.PdfPage.render", never)
    picture, dpi = pages.picture(1, DPI)
    assert dpi == pytest.approx(DPI, abs=0.5)
    assert picture.size == (620, 877)
    assert pages.picture(1, 600)[1] == pytest.approx(300, abs=0.5)  # never more than it has


@pytest.mark.parametrize("tilt", [-3.0, -1.5, 0.0, 0.5, 2.0, 3.5])
def test_the_slope_of_lines_is_found(ruled: Image.Image, tilt: float) -> None:
    assert skew(scanned(ruled, tilt=tilt, noise=10)) == pytest.approx(-tilt, abs=0.3)


def test_a_page_without_lines_does_not_slope() -> None:
    assert skew(Image.new("L", SIZE, 240)) == 0
    assert skew(Image.new("L", (1, 1), 240)) == 0


@pytest.mark.parametrize("angle", [-2.5, 0.0, 1.5])
def test_a_levelled_part_is_the_part_of_the_levelled_page(ruled: Image.Image, angle: float) -> None:
    part = (150, 330, 900, 1200)
    whole = ruled.rotate(angle, Image.Resampling.BILINEAR, fillcolor=255)
    differs = ImageChops.difference(level_part(ruled, angle, part), whole.crop(part))
    assert float(np.asarray(differs).mean()) < 0.5


@pytest.mark.parametrize(
    ("ink", "noise", "beside"), [(30, 0.0, 70), (180, 4.0, 70), (225, 1.0, 70), (60, 20.0, 700)]
)  # black, pale, pencil on a quiet sheet; a grainy copy, whose grain may be taken for ink
def test_all_that_is_written_is_in_the_part_that_is_read(
    ink: int, noise: float, beside: int
) -> None:
    page = Image.new("L", SIZE, 245)
    ImageDraw.Draw(page).rectangle((300, 500, 800, 900), outline=ink, width=5)
    left, top, right, bottom = written_part(scanned(page, noise=noise), DPI)
    assert 300 - beside <= left <= 300
    assert 500 - beside <= top <= 500
    assert 800 < right <= 800 + beside
    assert 900 < bottom <= 900 + beside


def test_of_a_white_page_all_is_read() -> None:
    assert written_part(Image.new("L", SIZE, 245), DPI) == (0, 0, *SIZE)
