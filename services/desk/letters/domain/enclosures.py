"""Files that leave with a letter: what may be one, how many and how large."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from shared.content.file_kinds import MEDIA_TYPES, ending
from shared.content.mime_fields import shorten_name
from shared.errors import Refused

TYPES: Final = (".pdf", ".jpg", ".png")
"""What any reader shows, and what bears no program."""
MOST_FILES: Final = 10
MOST_OCTETS: Final = 10 * 1024 * 1024
"""Of all files of a letter: a mail is a third more, and many mailboxes refuse 20 MB."""
_LONGEST: Final = 80
"""Letters of a name."""


@dataclass(frozen=True, slots=True)
class FileToSend:
    """A file that leaves with a letter: its name with an ending, its media type, its octets."""

    name: str
    media_type: str
    octets: bytes


def file_to_send(name: str, octets: bytes) -> FileToSend:
    """Makes the file that leaves from what was handed in; its type is what its octets say.

    Raises Refused when it is empty or of a type that does not leave.
    """
    plain = " ".join("".join(c for c in name if c.isprintable() and c not in '/\\:*?"<>|').split())
    kind = ending(octets)
    if not octets:
        raise Refused(f"{plain!r} is empty.", "letter-file-empty", name=plain)
    if kind not in TYPES:
        raise Refused(f"{plain!r} is no PDF, JPEG or PNG.", "letter-file-type", name=plain)
    stem, _, last = plain.rpartition(".")
    stem = stem if stem and len(last) <= 4 else plain  # noqa: PLR2004  (`.jpeg` is replaced too)
    safe = shorten_name(stem, _LONGEST) or "document"
    return FileToSend(f"{safe}{kind}", MEDIA_TYPES[kind], octets)


def check_files(files: Sequence[FileToSend]) -> None:
    """Raises Refused when a letter has too many files, or all together are too large."""
    if len(files) > MOST_FILES:
        raise Refused(
            f"A letter has at most {MOST_FILES} files.", "letter-files-many", most=MOST_FILES
        )
    if sum(len(file.octets) for file in files) > MOST_OCTETS:
        mega = MOST_OCTETS // (1024 * 1024)
        raise Refused(
            f"All files of a letter have at most {mega} MB.", "letter-files-large", most=mega
        )
