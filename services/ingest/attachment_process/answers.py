"""What the child that reads attached files answers, for whoever asks it.

Apart from what reads them: the process that asks loads neither the libraries of PDFs and pictures
nor what opens archives.
"""

from dataclasses import dataclass
from typing import Literal

Reason = Literal[
    "damaged", "locked", "unknown-kind", "too-deep", "too-many", "ends-its-reader", "late"
]


@dataclass(frozen=True, slots=True)
class ReadPiece:
    """The text read from one file, attached or inside another; `reason`: why it was not read."""

    path: tuple[int, ...]
    """The attachment's part, then the place in each file that holds it."""
    name: str
    text: str = ""
    picture: bool = False
    """Its pages are to be read by OCR; a text that it has as well is not to be believed alone."""
    reason: Reason | None = None
    """Why it, or a part of it, could not be read."""


@dataclass(frozen=True, slots=True)
class FilesRead:
    """The answer to one request for attached files: what was read, and what that cost.

    The attachments that no piece names are left for another request.
    """

    pieces: tuple[ReadPiece, ...]
    seconds: float
    """Of a processor."""
