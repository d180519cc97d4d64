"""QR codes, drawn in one way: as SVG, black on white, with their quiet zone.

Segno is imported by the first code that a process draws: three processes of four never draw one.
"""

from typing import Literal

QUIET = 4
"""Modules of white around a code, as its standard wants."""


def svg(text: str, error: Literal["m", "h"] = "h", *, quiet: int = QUIET) -> str:
    """Draws a QR code as an SVG element.

    `error`: how much of it may be lost; by "h" a fold, a stamp or a stain may take a third, by "m"
    a seventh.
    """
    import segno  # noqa: PLC0415  (see above)

    code = segno.make_qr(text, error=error, boost_error=False)
    return str(code.svg_inline(border=quiet, dark="#000", light="#fff"))
