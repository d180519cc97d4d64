"""What stands on a page is judged against the page: pale ink is something, grain is nothing."""

import numpy as np
import pytest
from PIL import Image, ImageChops, ImageDraw

from services.ingest.domain.page_codes import SeenPage
from services.ingest.media import MediaType
from services.ingest.scan_process.ink import found_on, strengthen
from services.ingest.scan_process.page_glance import look
from tests.papers import BMI, a_blank_back, a_letter, scanned, separator

A4 = (1_240, 1_754)


def pale(page: Image.Image, ink: int, paper: int = 248) -> Image.Image:
    """The page in ink of this grey on paper of that."""
    dark = np.asarray(page, dtype=np.float32) / 255
    return Image.fromarray((ink + (paper - ink) * dark).astype(np.uint8))


@pytest.fixture(scope="module")
def letter() -> Image.Image:
    return a_letter()


@pytest.mark.parametrize(("ink", "noise"), [(212, 0), (212, 3), (225, 3), (235, 3), (225, 8)])
def test_a_letter_in_pale_ink_is_not_blank(letter: Image.Image, ink: int, noise: float) -> None:
    assert found_on(scanned(pale(letter, ink), noise=noise), 150) == "faint"


def test_a_letter_on_yellow_or_shaded_paper_is_ink(letter: Image.Image) -> None:
    shade = np.tile(np.linspace(60, 0, A4[0]), (A4[1], 1))
    shaded = np.clip(np.asarray(letter.resize(A4)) - shade, 0, 255)
    assert found_on(Image.fromarray(shaded.astype(np.uint8)), 150) == "ink"
    assert found_on(scanned(pale(letter, 60, 190), noise=8), 150) == "ink"


@pytest.mark.parametrize("noise", [0, 1, 3, 8, 15, 30])
def test_grain_alone_is_nothing_however_rough(noise: float) -> None:
    assert found_on(scanned(Image.new("L", A4, 243), noise=noise), 150) == "nothing"


def test_a_shadow_across_the_sheet_is_nothing() -> None:
    shade = np.tile(np.linspace(190, 250, A4[0]), (A4[1], 1)).astype(np.uint8)
    assert found_on(scanned(Image.fromarray(shade), noise=3), 150) == "nothing"


def test_one_pale_word_is_something_and_dust_is_not() -> None:
    back = a_blank_back(seed=4)
    assert found_on(back, 150) == "nothing"
    ImageDraw.Draw(back).text((600, 800), "non", fill=225, font_size=40)
    assert found_on(back, 150) == "faint"


def test_a_black_page_is_not_blank() -> None:
    assert found_on(Image.new("L", A4, 0), 150) == "ink"


def test_grain_is_taken_away_before_words_are_looked_for(letter: Image.Image) -> None:
    """OCR takes minutes over bare grain at 300 dpi."""
    grain, dpi = strengthen(scanned(Image.new("L", A4, 243), noise=15), 300)
    assert (dpi, grain.size) == (150, (A4[0] // 2, A4[1] // 2))
    assert (np.asarray(grain) < 128).mean() < 0.000_1
    words, dpi = strengthen(scanned(pale(letter, 225), noise=3), 150)
    assert (dpi, words.size) == (150, letter.size)
    assert 0.005 < (np.asarray(words) < 128).mean() < 0.1


@pytest.mark.parametrize("ink", [0, 180, 212, 225])
def test_a_letter_printed_over_a_sheet_is_seen_however_pale(letter: Image.Image, ink: int) -> None:
    over = ImageChops.darker(separator(BMI), pale(letter, ink, 255))
    (code,) = _seen(scanned(over, tilt=1, noise=5)).codes
    assert code.beside


@pytest.mark.parametrize("noise", [0, 5, 15, 30])
@pytest.mark.parametrize("tilt", [0, 3])
def test_our_own_sheet_bears_nothing_beside_its_code(noise: float, tilt: float) -> None:
    (code,) = _seen(scanned(separator(BMI), tilt=tilt, noise=noise, blur=noise / 30)).codes
    assert not code.beside


class _Drawn:
    """One page at 150 dpi, as a file that is open."""

    media_type: MediaType = "image/png"
    count = 1

    def __init__(self, page: Image.Image) -> None:
        self._page = page

    def picture(self, number: int, dpi: int) -> tuple[Image.Image, float]:
        """See `Pages`."""
        del number, dpi
        return self._page, 150

    def cut(self, first: int, last: int) -> bytes:
        """See `Pages`."""
        raise NotImplementedError


def _seen(page: Image.Image) -> SeenPage:
    return look(_Drawn(page), 1)


def test_black_and_white_pages_are_judged_alike() -> None:
    white, written = Image.new("1", A4, 1), a_letter().convert("1")
    assert found_on(white.convert("L"), 150) == "nothing"
    assert found_on(written.convert("L"), 150) == "ink"


def test_the_back_of_a_page_is_blank_despite_dust_and_a_dark_edge() -> None:
    assert found_on(a_blank_back(), 150) == "nothing"


@pytest.mark.parametrize("ink", [0, 110, 180])
def test_one_short_word_even_in_pencil_is_not_blank(ink: int) -> None:
    back = a_blank_back()
    pencil = ImageDraw.Draw(back)
    pencil.text((600, 800), "non", fill=ink, font_size=40)
    assert found_on(back, 150) == "ink"
