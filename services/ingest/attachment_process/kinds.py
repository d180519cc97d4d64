"""What an attached file is, by its octets: names and declared types are a stranger's word."""

import io
import re
import zipfile
from typing import Literal

FileKind = Literal[
    "pdf", "picture", "docx", "xlsx", "pptx", "odf", "archive", "rtf", "html", "text",
    "mail", "tnef", "signed", "old-office", "empty", "unknown",
]  # fmt: skip
TNEF = b"\x78\x9f\x3e\x22"
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\0", b"MM\0*")
_ARCHIVES = (b"Rar!", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0")
_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
_HTML = re.compile(rb"<\s*(?:!doctype\s+html|html|head|body|meta|div|p|table)\b", re.IGNORECASE)
_MAIL = re.compile(
    rb"^(?:received|return-path|from|to|subject|date|message-id|mime-version|delivered-to)[ \t]*:",
    re.IGNORECASE,
)
_BEGINNING = 4_096
_ODD = bytes(set(range(0x20)) - set(b"\t\r\n\f\x1b"))
_MANY_ODD = 50
"""One octet in so many that no text has makes it none."""


def kind_of(octets: bytes, declared: str) -> FileKind:  # noqa: PLR0911, C901  (one line a kind)
    """Recognises a file's kind by its octets; `declared`: the media type that its mail says."""
    head = octets[:_BEGINNING]
    if not head.strip():
        return "empty"
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head.startswith(_PICTURES):
        return "picture"
    if head.startswith(b"PK\x03\x04"):
        return _of_zip(octets)
    if head.startswith(_ARCHIVES):
        return "archive"
    if head.startswith(_OLD_OFFICE):
        return "old-office"
    if head.startswith(TNEF):
        return "tnef"
    if head[:1] == b"\x30" and _SIGNED_DATA in head[:64]:
        return "signed"
    if head.lstrip()[:5] == rb"{\rtf":
        return "rtf"
    if declared == "message/rfc822" or _MAIL.match(head.lstrip()):
        return "mail"
    if _is_binary(head):
        return "unknown"
    return "html" if _HTML.search(head[:1024]) else "text"


def _of_zip(octets: bytes) -> FileKind:
    try:
        with zipfile.ZipFile(io.BytesIO(octets)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError):
        return "unknown"
    if "word/document.xml" in names:
        return "docx"
    if "xl/workbook.xml" in names:
        return "xlsx"
    if "ppt/presentation.xml" in names:
        return "pptx"
    return "odf" if {"content.xml", "mimetype"} <= names else "archive"


def _is_binary(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):  # UTF-16, with its mark
        return False
    odd = len(head) - len(head.translate(None, _ODD))
    return odd * _MANY_ODD > len(head)
