"""An email's rendered text, its lines as they are sent, and the files behind its words."""

import re
import textwrap
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import EmailPolicy

from shared.content.addresses import CONTROL
from shared.content.plis import Pli, Store
from shared.site.tables.identity import Identity
from shared.site.tables.services import Service
from shared.site.texts.mail_html import as_html, part_letter

_TIED = re.compile(r" (?=[;:?!%»])")
_ODD = re.compile(r"[\t\v\f]")
_WIDTH = 72


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


def file_part(file: EnclosedFile, policy: "EmailPolicy[EmailMessage]") -> bytes:
    """Writes a file as a part of a mail, to be saved by its reader; no message, no parts in it."""
    part = EmailMessage(policy=policy)
    main, _, kind = file.media_type.partition("/")
    name = " ".join(CONTROL.sub(" ", file.name).split())
    part.set_content(
        file.octets, maintype=main, subtype=kind, disposition="attachment", filename=name
    )
    return part.as_bytes()


async def composed_mail(
    composed: Pli, service: Service, identity: Identity, blobs: Store
) -> RenderContext:
    """Makes the text of an email of a letter that an agent composed: as it is, with its files.

    Raises what `blobs` does.
    """
    html = as_html(part_letter(composed.subject, composed.text, identity), identity)
    return RenderContext(
        author=service.name,
        mailbox=service.email,
        subject=composed.subject,
        text=composed.text,
        html=html,
        files=await files_of(composed, blobs),
        to=next(iter(composed.to), ""),
        copies=composed.copies,
    )


def wrap_flowed(text: str) -> str:
    """Wraps an email's text as format=flowed (RFC 3676), in lines of at most 72 characters.

    No line begins with a French punctuation mark that a space precedes, such as « ; » or « : ».
    """
    tied = _TIED.sub("\u00a0", text.replace("\u00ab ", "\u00ab\u00a0"))
    return "".join(f"{line}\n" for paragraph in tied.splitlines() for line in _folded(paragraph))


def _folded(paragraph: str) -> list[str]:
    tied = paragraph.rstrip()
    if _ODD.search(tied) or (len(tied) > _WIDTH and (tied[0] == " " or "  " in tied)):
        lines = textwrap.wrap(tied, _WIDTH, break_long_words=False, break_on_hyphens=False) or [""]
    else:
        lines = _filled(tied)
    stuffed = [f" {line}" if line.startswith((" ", ">", "From ")) else line for line in lines]
    return [*(f"{line} " for line in stuffed[:-1]), stuffed[-1]]


def _filled(text: str) -> list[str]:
    """The lines of words that one space divides, as `textwrap` fills them, which tries each word.

    A word longer than a line stands on its own.
    """
    lines = list[str]()
    start = 0
    while start + _WIDTH < len(text):
        end = text.rfind(" ", start, start + _WIDTH + 1)
        if end < 0 and (end := text.find(" ", start)) < 0:
            break
        lines.append(text[start:end])
        start = end + 1
    return [*lines, text[start:]]
