"""The one picture of which a scanned PDF page is made, unpacked and not drawn.

A copier writes each page as a picture that covers it. Unpacking it takes a seventh of the time of
drawing the page, and gives the same pixels. Any page with something else on it is drawn, and one
whose picture may be hidden (a layer) or changed (a curve, another colour space) on its way there.
"""

from dataclasses import dataclass
from typing import Final

import pikepdf
import pypdfium2
from PIL import Image
from pypdfium2.raw import (
    FPDF_PAGEOBJ_IMAGE,
    FPDFClipPath_CountPaths,
    FPDFPageObj_CountMarks,
    FPDFPageObj_GetClipPath,
    FPDFPageObj_HasTransparency,
)

_MOST_SAMPLES: Final = 40_000_000  # octets of it unpacked: A4 in colour at 300 dpi has 26 million
_COARSEST, _FINEST = 110.0, 1_200.0  # dots an inch
_OFF: Final = 1.0  # points by which its edges may miss those of the page
_SLOPE: Final = 1e-3
_COLOURS: Final = frozenset({"/DeviceGray", "/DeviceRGB", "/CalGray", "/CalRGB", "/ICCBased"})
_CHANGED_BY: Final = frozenset(
    {"/ImageMask", "/Mask", "/SMask", "/SMaskInData", "/Decode", "/Alternates", "/OC"}
)
_CHANGED_BY_PAGE: Final = ("/Properties", "/ExtGState", "/ColorSpace")
"""What a page's resources may have beside its picture: layers, curves, `DefaultGray`."""
_NOT_UNPACKED: Final = "/JPXDecode"


@dataclass(frozen=True, slots=True)
class SolePicture:
    """The grey picture that covers a page, with its dots an inch across and down."""

    grey: Image.Image
    across: float
    down: float


def sole_picture(page: pypdfium2.PdfPage, source: pikepdf.Page) -> SolePicture | None:
    """Unpacks the only picture of a PDF page, where it alone is what the page shows.

    `page` and `source`: the same page, by PDFium and by qpdf. `None`: the page has to be drawn.
    Raises PdfiumError when the picture can't be unpacked.
    """
    if page.get_rotation():
        return None
    objects = list(page.get_objects(max_depth=1))
    if len(objects) != 1 or objects[0].type != FPDF_PAGEOBJ_IMAGE:
        return None
    image = objects[0]
    wide, high = image.get_px_size()
    if not _is_as_packed(source, wide, high) or not _covers(image, page):
        return None
    across, down = (
        72 * dots / points for dots, points in zip((wide, high), page.get_size(), strict=True)
    )
    if not all(_COARSEST <= dpi <= _FINEST for dpi in (across, down)):
        return None
    return SolePicture(image.get_bitmap().to_pil().convert("L"), across, down)


def _is_as_packed(source: pikepdf.Page, wide: int, high: int) -> bool:
    try:
        return _is_bare(source) and _is_plain(source, wide, high)
    except (AttributeError, TypeError, ValueError, LookupError, pikepdf.PdfError):
        return False  # a dictionary that is none, a name for a number: PDFium may know better


def _is_bare(source: pikepdf.Page) -> bool:
    changed = any(name in source.resources for name in _CHANGED_BY_PAGE)
    return not changed and not source.obj.get("/Annots") and "/UserUnit" not in source.obj


def _is_plain(source: pikepdf.Page, wide: int, high: int) -> bool:
    """Whether the page's resources have one picture, of this size, shown as it is packed."""
    things = source.resources.get("/XObject")
    if things is None or len(things) != 1:
        return False
    ((_, found),) = things.items()
    space = found.get("/ColorSpace")
    if isinstance(space, pikepdf.Array):
        space = space[0]
    channels = 1 if str(space).endswith("Gray") else 3
    return (
        int(found.get("/Width", 0)) == wide
        and int(found.get("/Height", 0)) == high
        and str(space) in _COLOURS
        and wide * high * channels <= _MOST_SAMPLES
        and not any(name in found for name in _CHANGED_BY)
        and _NOT_UNPACKED not in str(found.get("/Filter"))
    )


def _covers(image: pypdfium2.PdfObject, page: pypdfium2.PdfPage) -> bool:
    """Whether it stands upright on the whole page, not clipped, translucent or in a layer."""
    if FPDFPageObj_CountMarks(image) > 0:
        return False
    clip = FPDFPageObj_GetClipPath(image)
    if (clip and FPDFClipPath_CountPaths(clip) > 0) or FPDFPageObj_HasTransparency(image):
        return False
    a, b, c, d, _, _ = image.get_matrix().get()
    if a <= 0 or d <= 0 or max(abs(b), abs(c)) > _SLOPE * min(a, d):
        return False
    edges = zip(image.get_bounds(), page.get_bbox(), strict=True)
    return all(abs(one - other) <= _OFF for one, other in edges)
