"""Whether something stands on the page of a sheet where what we print is white.

Our sheets (shared/paper/sheet.typ) have their code in the middle and leave the paper white above,
below and on both sides of it. A letter on the back of an old sheet's copy, a note, a page that
overlaps
it: each reaches there. What is written across our own printed words alone is not seen.
"""

import numpy as np
import zxingcpp
from PIL import Image

from services.ingest.scan_process.ink import relief, threshold

_CODE_MM = 89.0  # of one side, in the sheets that we print; 88 to 92 with the length of the text
_WHITE_MM = (
    (-83.0, -64.0, -59.0, 64.0),
    (59.0, -64.0, 83.0, 64.0),
    (-83.0, -64.0, 83.0, -58.0),
    (-83.0, 58.0, 83.0, 64.0),
)
"""Left, top, right and bottom of what is white, from the middle of the code."""
_STEP_MM = 0.5
_COARSE_DPI = 50  # a copier's grain is averaged away, a stroke of a pen is not
_LEAST = 12.0  # grey levels: the shine of a laminated sheet and its edge are no ink
_SPECKS = 24  # points of ink (6 mm²) that dust and scratches of the film make


def written_beside(picture: Image.Image, dpi: float, code: zxingcpp.Position) -> bool:
    """Whether somebody wrote on a separator sheet next to its QR code, where ours is blank."""
    factor = max(1, round(dpi / _COARSE_DPI))
    depth, grain, _ = relief(picture, dpi, _COARSE_DPI)
    corners = [
        np.array((corner.x, corner.y), dtype=np.float64) / factor
        for corner in (code.top_left, code.top_right, code.bottom_right, code.bottom_left)
    ]
    middle = sum(corners) / len(corners)
    right = (corners[1] - corners[0] + corners[2] - corners[3]) / 2 / _CODE_MM
    down = (corners[3] - corners[0] + corners[2] - corners[1]) / 2 / _CODE_MM
    points = _white_points()
    places = np.rint(middle + points[:, :1] * right + points[:, 1:] * down).astype(np.int64)
    inside = (places >= 0).all(axis=1) & (places < np.array(depth.shape[::-1])).all(axis=1)
    beside = depth[places[inside, 1], places[inside, 0]]
    return int((beside > max(threshold(grain), _LEAST)).sum()) > _SPECKS


def _white_points() -> "np.ndarray[tuple[int, int], np.dtype[np.float64]]":
    grids = [
        np.stack(
            np.meshgrid(np.arange(left, end, _STEP_MM), np.arange(top, bottom, _STEP_MM)), axis=-1
        ).reshape(-1, 2)
        for left, top, end, bottom in _WHITE_MM
    ]
    return np.concatenate(grids)
