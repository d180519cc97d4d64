"""Attached messages: what they say and hold.

`tnef.py` and `domain/cms.py` open what else holds files.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from services.ingest.domain import decoding
from shared.content.mail_lines import headers
from shared.content.mime import leaves

MOST_FILES = 40
MOST_TEXT = 200_000
"""Characters of one attached file, with all that it holds."""


@dataclass(frozen=True, slots=True)
class HeldFile:
    """A file found inside another one (an archive, a mail): its name, declared type and octets."""

    name: str
    declared: str
    content: bytes


def of_mail(octets: bytes) -> Iterator[HeldFile]:
    """Yields an attached mail's sender and subject, texts and files, each as a file."""
    fields = {name.lower(): value for name, value in reversed(headers(octets))}
    said = [decoding.header(fields[name]) for name in ("from", "subject") if name in fields]
    if said:
        yield HeldFile("", "text/plain", "\n".join(said).encode())
    for leaf in leaves(octets)[:MOST_FILES]:
        name = decoding.header(leaf.name)
        if leaf.media_type.startswith("text/") and not name:
            text = decoding.text(leaf.content, leaf.charset)
            yield HeldFile("", leaf.media_type, text.encode("utf-8", "replace"))
        else:
            yield HeldFile(name, leaf.media_type, leaf.content)
