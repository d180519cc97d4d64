"""The story's letters as a copier would scan them: typeset, printed, tilted, speckled, filed.

The pictures are the same on every machine: noise comes from a seed, never from the moment.
"""

import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
import typst
from PIL import Image, ImageOps
from pydantic import SecretStr

from shared.facts.envelope import ServiceId
from shared.paper import sheets
from shared.paper.code_keys import CodeKeys
from shared.site.tables.bundle import Site

HERE = Path(__file__).parent
A4_INCHES = (8.27, 11.69)
POINTS_AN_INCH = 72
SHADES = 255
INK = 140
"""Darker than this a two-tone copier prints black."""
_NEIGHBOUR = CodeKeys.of("cher", SecretStr("of another préfecture"))


@dataclass(frozen=True, slots=True)
class Copier:
    """The properties of the copier that scanned a batch of the demo."""

    dpi: int
    tilt: float
    """Degrees, anticlockwise."""
    noise: float
    """Standard deviation of the grain, in shades of 255."""


def letter_pages(letter: dict[str, Any], copier: Copier) -> list[Image.Image]:
    """Draws the pages of a letter of letters.yaml, clean, at the copier's resolution."""
    data = json.dumps(letter, ensure_ascii=False)
    pages = typst.compile(
        str(HERE / "letter.typ"), format="png", ppi=copier.dpi, sys_inputs={"letter": data}
    )
    return [_opened(page) for page in (pages if isinstance(pages, list) else [pages])]


def blank_page(copier: Copier) -> Image.Image:
    """Draws the blank back of a sheet of paper."""
    width, height = (round(inches * copier.dpi) for inches in A4_INCHES)
    return Image.new("L", (width, height), SHADES)


def sheet(name: str, site: Site, keys: CodeKeys, copier: Copier) -> Image.Image:
    """Draws a separator sheet or sticker of the mail office, such as `service:bmi`, `label:7`.

    `foreign` is the generic sheet of another préfecture.
    """
    kind, _, which = name.partition(":")
    match kind:
        case "service":
            service = site.service[ServiceId(which)]
            return _printed(sheets.separator_sheets(site.identity, [service], keys), copier, page=2)
        case "generic":
            return _printed(sheets.separator_sheets(site.identity, [], keys), copier)
        case "foreign":
            neighbour = site.identity.model_copy(update={"id": "cher"})
            return _printed(sheets.separator_sheets(neighbour, [], _NEIGHBOUR), copier)
        case "day":
            days = [date.fromisoformat(which)]
            return _printed(sheets.day_sheets(site.identity, days, keys), copier)
        case "label":
            printed = _printed(sheets.label_sheets(site.identity, int(which), 1, keys), copier)
            return printed.crop(ImageOps.invert(printed).getbbox())
        case _:
            raise ValueError(f"letters.yaml knows no sheet {name!r}")


def _printed(pdf: bytes, copier: Copier, page: int = 0) -> Image.Image:
    document = pypdfium2.PdfDocument(pdf)
    picture: Image.Image = document[page].render(scale=copier.dpi / POINTS_AN_INCH).to_pil()
    return picture.convert("L")


def with_sticker(page: Image.Image, sticker: Image.Image) -> Image.Image:
    """Returns the picture of a page with a sticker at its top right."""
    stuck = page.copy()
    margin = page.width // 30
    stuck.paste(sticker, (page.width - sticker.width - margin, margin))
    return stuck


def scan_picture(page: Image.Image, copier: Copier, seed: int) -> Image.Image:
    """Makes the picture of a page look scanned: tilted, grainy, a little grey."""
    tilted = page.rotate(copier.tilt, resample=Image.Resampling.BICUBIC, fillcolor=SHADES)
    grain = np.random.default_rng(seed).normal(-4, copier.noise, (page.height, page.width))
    shades = np.clip(np.asarray(tilted, dtype=np.float32) + grain, 0, SHADES)
    return Image.fromarray(shades.astype(np.uint8))


def scan_file(name: str, pages: Sequence[Image.Image], copier: Copier) -> bytes:
    """Makes the file that a copier writes of scanned pages, in the format of its name."""
    save: dict[str, Callable[[io.BytesIO], None]] = {
        ".pdf": lambda out: _save_all(out, "PDF", pages, copier, quality=70),
        ".tif": lambda out: _save_all(out, "TIFF", [_two_tone(page) for page in pages], copier),
        ".jpg": lambda out: pages[0].save(out, "JPEG", quality=80, dpi=(copier.dpi, copier.dpi)),
        ".png": lambda out: pages[0].save(out, "PNG", dpi=(copier.dpi, copier.dpi)),
    }
    out = io.BytesIO()
    save[Path(name).suffix](out)
    return out.getvalue()


def _save_all(
    out: io.BytesIO, kind: str, pages: Sequence[Image.Image], copier: Copier, quality: int = 75
) -> None:
    extra: dict[str, Any] = {"compression": "group4"} if kind == "TIFF" else {"quality": quality}
    resolution = {"dpi": (copier.dpi, copier.dpi)} if kind == "TIFF" else {"resolution": copier.dpi}
    pages[0].save(out, kind, save_all=True, append_images=list(pages[1:]), **resolution, **extra)


def _two_tone(page: Image.Image) -> Image.Image:
    return page.point(lambda shade: SHADES if shade > INK else 0).convert(
        "1", dither=Image.Dither.NONE
    )


def _opened(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("L")
