"""A quick look at a scanned page: its codes, and how much stands on it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SeenCode:
    """A QR code found on a scanned page: its text, and its width on the paper."""

    text: str
    millimetres: float
    beside: bool = False
    """On the page of a sheet: something stands where our sheets are white."""


@dataclass(frozen=True, slots=True)
class SeenPage:
    """The result of a quick look at a scanned page: its QR codes, and whether it is blank."""

    number: int
    codes: tuple[SeenCode, ...] = ()
    blank: bool = False
    """Nothing stands out of the paper's own grain."""
    faint: bool = False
    """All that stands on it is fainter than ink, and OCR read no word of it."""
