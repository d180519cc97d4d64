"""An email's rendered text and files: read from its letter's blobs, put behind its words."""

from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from hashlib import sha256

from shared.content.addresses import CONTROL
from shared.content.plis import Pli, Store


@dataclass(frozen=True, slots=True)
class EnclosedFile:
    """A file that leaves with an email: its name, its media type such as `application/pdf`."""

    name: str
    media_type: str
    octets: bytes


@dataclass(frozen=True, slots=True)
class RenderContext:
    """The rendered text of an email to the sender, with its author, mailbox, subject and HTML."""

    author: str
    mailbox: str
    subject: str
    text: str
    html: str
    files: tuple[EnclosedFile, ...] = ()
    to: str = ""
    """Of a copy: the address to which the letter itself went."""
    copies: tuple[str, ...] = ()
    """Addresses of whoever has a copy."""


async def files_of(composed: Pli, blobs: Store) -> tuple[EnclosedFile, ...]:
    """Reads the files that leave with a letter, as its pli names them. Raises what `blobs` does."""
    return tuple(
        [
            EnclosedFile(file.name, file.media_type, await blobs.get(file.key))
            for file in composed.enclosures
        ]
    )


def enclose(message: EmailMessage, files: Sequence[EnclosedFile], message_id: str) -> None:
    """Adds files to an email that has its words, in order; without any it stays as it is.

    `message_id`: from which the boundary follows, so that the same mail has the same octets.
    """
    for file in files:
        main, _, kind = file.media_type.partition("/")
        name = " ".join(CONTROL.sub(" ", file.name).split())
        message.add_attachment(file.octets, maintype=main, subtype=kind, filename=name)
    if files:
        message.set_boundary(boundary(f"{message_id} files"))


def boundary(of: str) -> str:
    """Returns what divides the parts of an email, the same for the same text."""
    return f"vgm-{sha256(of.encode()).hexdigest()[:32]}"
