"""Pages of a copier for the bench of scans: what we print and what people write, scanned badly.

Each page is made of its number and its seed alone: a quarter lies on its head, all lie askew by up
to three degrees, are out of focus (σ up to 1.5 pixels), grainy (up to 20 grey levels), faded by up
to a half and packed as JPEG (quality 40 to 90), at 200 dpi.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, lru_cache
from itertools import cycle, islice
from pathlib import Path
from typing import Final, Literal, TypeAlias

import numpy as np
import segno
from PIL import Image, ImageFilter

from services.ingest.domain.separators import Cutting, Piece
from services.ingest.scan_process.file_kinds import open_pages
from services.ingest.scan_process.page_glance import look
from shared.facts.envelope import ServiceId
from shared.paper.sheets import day_sheets, label_sheets, separator_sheets
from tests.batches import INDRE, TODAY, a_page, cut
from tests.code_keys import KEYS
from tests.letters_of_people import letters
from tests.papers import (
    ASSOCIATION,
    BMI,
    DRCL,
    PREFECTURE,
    TITRE_DE_SEJOUR,
    a_letter,
    pictures,
)

DPI: Final = 200
LABELS: Final = 48
"""Stickers of one printed page."""
FIRST_LABEL: Final = 1000
BODIES: Final = 24
_DAYS: Final = 5
_STICKER_MM: Final = (45.7, 21.2)
_STEP_MM: Final = (48.3, 21.2)
_MARGIN_MM: Final = (9.7, 21.5)
_ACROSS: Final = 4
_STRANGERS: Final = (
    "BCD\n002\n1\nSCT\n\nAssociation sportive\nFR7612345678901234567890123\nEUR12",
    "https://www.valroy.example/dossier/36-2026",
    "VGM1:SEP:INDRE:BMI",
)
"""Codes on other people's papers, small: the last is a picture of a sheet of ours."""

Kind: TypeAlias = Literal["separator", "day", "label", "letter"]


@dataclass(frozen=True, slots=True)
class MadePage:
    """Which page is made, and how badly it is scanned."""

    kind: Kind
    number: int
    seed: int
    blur: float | None = None
    """Pixels; `None`: drawn with the rest."""


def print_bases(folder: Path, letters: int = BODIES) -> None:
    """Draws, once, the clean pages of which all others are made; `letters`: how many of those."""
    days = [TODAY - timedelta(days=ago) for ago in range(_DAYS)]
    for name, pdf in {
        "separator": separator_sheets(PREFECTURE, [BMI, DRCL], KEYS),
        "day": day_sheets(PREFECTURE, days, KEYS),
        "labels": label_sheets(PREFECTURE, FIRST_LABEL, LABELS, KEYS),
    }.items():
        sides = 1 if name == "labels" else 2
        for number, sheet in enumerate(pictures(pdf, DPI)[::sides]):
            sheet.save(folder / f"{name}-{number}.png")
    for number, body in enumerate(islice(bodies(), letters)):
        a_letter(body, dpi=DPI).save(folder / f"letter-{number}.png")
    for number, text in enumerate(_STRANGERS):
        made = io.BytesIO()
        segno.make_qr(text).save(made, kind="png", scale=4, border=4)
        Image.open(made).convert("L").save(folder / f"stranger-{number}.png")


def bodies() -> Iterator[str]:
    """What the letters say: a page each, of what people write."""
    written = cycle(letter.text for name in ("first", "fifth") for letter in letters(name))
    yield from (TITRE_DE_SEJOUR, ASSOCIATION)
    for number in range(BODIES - 2):
        yield "\n".join(islice(written, 4 + number % 9))


def is_understood(page: MadePage, folder: Path) -> bool:
    """Whether the reader of scans makes of a page what it is, in a batch between two others.

    A sheet is set apart and tells its service or day, a label names its letter; a letter is cut
    nowhere and belongs to what stands before it.
    """
    path = folder / f"{page.kind}-{page.seed}-{page.number}.{'jpg' if page.number % 2 else 'pdf'}"
    path.write_bytes(octets_of(page, folder))
    try:
        seen = look(open_pages(path), 1)
    finally:
        path.unlink()
    before, behind = a_page(1, "letter"), a_page(3, "letter")
    here = type(seen)(2, seen.codes, seen.blank, seen.faint)
    if page.kind == "day":  # it heads its batch
        return cut([here, behind], INDRE) == expected(page)
    return cut([before, here, behind], INDRE) == expected(page)


def expected(page: MadePage) -> Cutting:
    """How a batch with this page in its middle (a sheet of the day: at its head) is cut."""
    match page.kind:
        case "separator":
            service = (None, ServiceId("bmi"), ServiceId("drcl"))[page.number % 3]
            return Cutting((Piece(1, 1), Piece(3, 3, service)), (2,))
        case "day":
            return Cutting((Piece(3, 3, day=TODAY - timedelta(days=page.number % _DAYS)),), (2,))
        case "label":
            name = f"{FIRST_LABEL + page.number % LABELS:06d}"
            return Cutting((Piece(1, 1), Piece(2, 3, label=name)), ())
        case "letter":
            return Cutting((Piece(1, 3),), ())


def octets_of(page: MadePage, folder: Path) -> bytes:
    """The page as the copier writes it: a PDF of one JPEG, or the JPEG alone."""
    chance = np.random.default_rng([page.seed, page.number, len(page.kind)])
    clean = _clean(page, folder, chance)
    if chance.random() < 0.25:
        clean = clean.transpose(Image.Transpose.ROTATE_180)
    tilt, blur = chance.uniform(-3, 3), chance.uniform(0, 1.5)
    fade, noise = chance.uniform(0, 0.5), chance.uniform(0, 20)
    turned = clean.rotate(tilt, Image.Resampling.BICUBIC, fillcolor=250)
    soft = turned.filter(ImageFilter.GaussianBlur(blur if page.blur is None else page.blur))
    shades = np.asarray(soft, dtype=np.float32)
    shades = 248 - (248 - shades) * np.float32(1 - fade)
    shades += chance.standard_normal(shades.shape, np.float32) * np.float32(noise)
    made = Image.fromarray(np.clip(shades, 0, 255).astype(np.uint8))
    out, kind = io.BytesIO(), "JPEG" if page.number % 2 else "PDF"
    more = {"dpi": (DPI, DPI)} if kind == "JPEG" else {"resolution": DPI}
    made.save(out, kind, quality=int(chance.integers(40, 91)), **more)
    return out.getvalue()


def _clean(page: MadePage, folder: Path, chance: np.random.Generator) -> Image.Image:
    match page.kind:
        case "separator":
            return _base(folder, f"separator-{page.number % 3}")
        case "day":
            return _base(folder, f"day-{page.number % _DAYS}")
        case "label":
            return _labelled(page, folder, chance)
        case "letter":
            letter = _letter(folder, chance)
            if page.number % 10 == 0:
                code = _base(folder, f"stranger-{page.number // 10 % len(_STRANGERS)}")
                letter.paste(code, (120, 1700))
            return letter


def _labelled(page: MadePage, folder: Path, chance: np.random.Generator) -> Image.Image:
    """A letter with its sticker near the head, put there by hand."""
    letter, place = _letter(folder, chance), page.number % LABELS
    across, down = place % _ACROSS, place // _ACROSS
    left = round((_MARGIN_MM[0] + across * _STEP_MM[0]) / 25.4 * DPI)
    top = round((_MARGIN_MM[1] + down * _STEP_MM[1]) / 25.4 * DPI)
    wide, high = (round(side / 25.4 * DPI) for side in _STICKER_MM)
    sticker = _base(folder, "labels-0").crop((left, top, left + wide, top + high))
    stuck = Image.new("L", (wide + 40, high + 40), 255)
    stuck.paste(sticker, (20, 20))
    stuck = stuck.rotate(chance.uniform(-4, 4), Image.Resampling.BICUBIC, fillcolor=255)
    letter.paste(stuck, (int(chance.integers(40, 1100)), int(chance.integers(40, 160))))
    return letter


def _letter(folder: Path, chance: np.random.Generator) -> Image.Image:
    return _base(folder, f"letter-{chance.integers(_letters_in(folder))}").copy()


@cache
def _letters_in(folder: Path) -> int:
    return len(list(folder.glob("letter-*.png")))


@lru_cache(maxsize=64)
def _base(folder: Path, name: str) -> Image.Image:
    with Image.open(folder / f"{name}.png") as drawn:
        return drawn.convert("L")
