"""Where the words of a scanned page stand, in a few octets a word, beside its text in a pli.

The words are those of the page's text between its blanks, in their order; each box is kept as four
numbers of two octets, shares of the page's sides, in base64: 400 words take four thousand letters.
"""

import base64
import binascii
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from pydantic import BaseModel, ConfigDict

WordBox: TypeAlias = tuple[float, float, float, float]
"""Left, top, right and bottom of a word: shares (0 to 1) of the page's sides, from top left."""
_BOX: Final = struct.Struct("!4H")
_MOST: Final = 65_535


class WordPlaces(BaseModel):
    """The places of a page's words on the page as it was scanned; by default of none."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    boxes: str = ""
    """Packed by `pack`; empty: nobody knows them."""
    turned: bool = False
    """The page stands on its head, and so do its words."""


@dataclass(frozen=True, slots=True)
class PlacedWord:
    """A word of a scanned page with the box in which it stands."""

    text: str
    box: WordBox


def pack(boxes: Iterable[WordBox]) -> str:
    """Packs the boxes of a page's words into a text; shares beyond the page's edges are its edges.

    A box comes back with each side right to a sixty-thousandth of the page.
    """
    packed = (
        _BOX.pack(*(round(_MOST * min(1.0, max(0.0, share))) for share in box)) for box in boxes
    )
    return base64.b64encode(b"".join(packed)).decode()


def placed_words(text: str, places: WordPlaces) -> Sequence[PlacedWord]:
    """Returns the words of a page's text, each with its box; none where the two do not agree."""
    words = text.split()
    try:
        octets = base64.b64decode(places.boxes, validate=True)
    except (binascii.Error, ValueError):
        return ()
    if len(octets) != _BOX.size * len(words):
        return ()
    return tuple(
        PlacedWord(word, (left / _MOST, top / _MOST, right / _MOST, bottom / _MOST))
        for word, (left, top, right, bottom) in zip(words, _BOX.iter_unpack(octets), strict=True)
    )
