"""What a scanned file is, by its first octets; its name proves nothing."""

from typing import Literal

MediaType = Literal["application/pdf", "image/tiff", "image/jpeg", "image/png"]

HEAD = 1_024
"""Octets that `media_type` wants to see."""


def media_type(head: bytes) -> MediaType | None:
    """Detects a scanned file's media type by its first octets: PDF, TIFF, JPEG, PNG or `None`."""
    if b"%PDF-" in head[:HEAD]:
        return "application/pdf"
    if head.startswith((b"II*\0", b"MM\0*")):
        return "image/tiff"
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    return None
