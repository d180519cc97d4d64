"""What kind of file octets are that a copier or a mailbox brought, by how they begin."""

from collections.abc import Mapping
from typing import Final

BEGINNINGS: Final = (
    (b"%PDF-", ".pdf"),
    (b"II*\0", ".tif"),
    (b"MM\0*", ".tif"),
    (b"\xff\xd8\xff", ".jpg"),
    (b"\x89PNG", ".png"),
)
"""Of what a copier writes; all else came by mail."""
MEDIA_TYPES: Final[Mapping[str, str]] = {
    ".pdf": "application/pdf",
    ".tif": "image/tiff",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".eml": "message/rfc822",
    ".txt": "text/plain",
}
"""The media type of each ending."""


def ending(octets: bytes) -> str:
    """Guesses the file ending of an arrival's original from its first bytes; `.eml` by default."""
    return next((name for begin, name in BEGINNINGS if octets.startswith(begin)), ".eml")
