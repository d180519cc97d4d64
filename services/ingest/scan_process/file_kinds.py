"""A file is opened by what it is, whatever its name says."""

from pathlib import Path

from services.ingest.faults import Empty, TooLargeScan, Truncated, UnknownType
from services.ingest.media import HEAD, media_type
from services.ingest.scan_process.pages import PageLimits, ScanPages
from services.ingest.scan_process.pdf import PdfPages
from services.ingest.scan_process.pictures import ImagePages

_LIMITS = PageLimits()


def open_pages(path: Path, limits: PageLimits = _LIMITS) -> ScanPages:
    """Opens a scanned file by its content, never by its name, and checks that it is whole.

    Raises:
        UnreadableScan: see services/ingest/faults.py.
    """
    size = path.stat().st_size
    if size == 0:
        raise Empty
    if size > limits.octets:
        raise TooLargeScan
    with path.open("rb") as file:
        head = file.read(HEAD)
    match media_type(head):
        case None:
            raise UnknownType if head.strip(b"\0") else Truncated
        case "application/pdf":
            return PdfPages(path, limits)
        case image:
            return ImagePages(path, limits, image)
