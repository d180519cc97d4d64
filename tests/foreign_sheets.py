"""Separator sheets of other products, as an office has them: drawn by their specifications."""

import numpy as np
import zxingcpp
from PIL import Image, ImageDraw

from tests.papers import A4, DPI

PATTERNS = {"1": "WWNN", "2": "WNNW", "3": "WNWN", "4": "NWWN", "6": "NNWW", "T": "NWNW"}
"""Of Kodak's patch codes, bar by bar from the leading edge: narrow or wide."""
INCHES = {"N": 0.08, "W": 0.20}


def a_page() -> Image.Image:
    return Image.new("L", (round(A4[0] * DPI), round(A4[1] * DPI)), 248)


def patch_sheet(name: str, length: float = 2.0, shade: int = 20) -> Image.Image:
    """A sheet with a patch code an inch below its leading edge; `length` in inches."""
    sheet = a_page()
    draw = ImageDraw.Draw(sheet)
    left, at = 2.0, 1.0
    for bar in PATTERNS[name]:
        box = [value * DPI for value in (left, at, left + length, at + INCHES[bar])]
        draw.rectangle((*box[:2], box[2] - 1, box[3] - 1), fill=shade)
        at += INCHES[bar] + INCHES["N"]
    return sheet


def code_sheet(text: str, kind: zxingcpp.BarcodeFormat) -> Image.Image:
    """A sheet with one code of another product in its middle."""
    sheet = a_page()
    code = zxingcpp.create_barcode(text, kind)
    drawn = Image.fromarray(np.asarray(zxingcpp.write_barcode_to_image(code, scale=4)))
    sheet.paste(drawn.convert("L"), (300, 400))
    return sheet
