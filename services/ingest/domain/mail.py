"""A mail as the rules see it, read from any octets without ever raising.

Whatever can't be decoded is left out here and stays in the original, which nothing rewrites.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from services.ingest.domain import decoding, header_values
from services.ingest.domain.addresses import Address, addresses
from services.ingest.domain.body import body, is_body, raw_text
from services.ingest.domain.data_files import attached_data
from services.ingest.domain.header_values import by_name, message_id, moment, references
from services.ingest.domain.programs import PROGRAM, is_program
from services.ingest.domain.quotations import part_text
from shared.content.mail_lines import headers, straighten
from shared.content.mime import Leaf, leaves
from shared.content.mime_fields import shorten_name
from shared.content.plis import Attachment, Signature

_SUBJECT = 1000
_NAME = 250
_RAW_NAME = 20_000
_MACHINE_PARTS = frozenset(
    {
        *("message/delivery-status", "message/global-delivery-status", "message/rfc822"),
        *("message/disposition-notification", "text/rfc822-headers"),
    }
)
_WRITTEN_BY_A_SENDER = frozenset(
    {"from", "sender", "reply-to", "to", "cc", "subject", "date", "message-id"}
)
"""A mail without any of these is noise, whatever trace lines servers put above it."""


@dataclass(frozen=True, slots=True)
class Signs:
    """The signs by which a delivery report (bounce) is recognised in an email."""

    statuses: tuple[tuple[str, str], ...] = ()
    """`action` or `status` and its value, from the parts made for machines."""
    shape: Literal["failed", "delayed"] | None = None
    """What one of the shapes says in which old servers wrote, where a server wrote this."""
    named: tuple[str, ...] = ()
    """Message-IDs that stand anywhere in it, with their angle brackets."""
    return_paths: tuple[str, ...] = ()
    """Addresses that attached messages name as theirs."""


NO_SIGNS = Signs()


@dataclass(frozen=True, slots=True)
class Mail:
    """A parsed email; its texts are a stranger's, of limited length."""

    fields: tuple[tuple[str, str], ...]
    """Lower-case name and raw value of each header field, topmost first."""
    senders: tuple[Address, ...]
    reply_to: tuple[Address, ...]
    to: tuple[Address, ...]
    """To and Cc."""
    subject: str
    message_id: str
    """Without angle brackets; `""` when there is none."""
    references: tuple[str, ...]
    """In-Reply-To, then References from the last: nearest first, without angle brackets."""
    written: datetime | None
    """The sender's Date: shown and compared, never counted with. UTC."""
    text: str = ""
    quoted: str = ""
    unsure: str = ""
    """Of `quoted`, what no sign says to be quoted (`quotations.PartedText`)."""
    whole_text: str = ""
    html: str = ""
    data: tuple[tuple[str, str], ...] = ()
    """Label and value of each field in attached JSON or XML files."""
    attachments: tuple[Attachment, ...] = ()
    machine: tuple[str, ...] = ()
    """Media types of the parts meant for machines: delivery status, receipts, attached messages."""
    inner: tuple["Mail", ...] = ()
    """Attached messages that can be read: who wrote them and what; their HTML stays outside."""
    signs: Signs = field(default=NO_SIGNS)
    signatures: tuple[Signature, ...] = ()
    """Who signed it by S/MIME, which another child process found."""

    def all(self, name: str) -> Iterator[str]:
        """Yields the raw values of a header of the email, the topmost first."""
        return iter(by_name(self.fields).get(name, ()))

    def first(self, name: str) -> str:
        """Returns the topmost value of a header of the email, in lower case, or ""."""
        return by_name(self.fields).get(name, ("",))[0].strip().lower()

    def has(self, name: str) -> bool:
        """Whether the email has a header of this name."""
        return name in by_name(self.fields)

    @property
    def sender(self) -> Address:
        """The address in the email's first From header; an empty one when it can't be read."""
        return self.senders[0] if self.senders else Address("", "")

    @property
    def answer_to(self) -> Address:
        """The address for an answer: the first usable one in Reply-To, else the sender's."""
        return next((address for address in self.reply_to if address.address), self.sender)

    @property
    def is_report(self) -> bool:
        """Whether the email is a multipart/report, such as a delivery status, of any type."""
        return self.first("content-type").startswith("multipart/report") or bool(self.report_type)

    @property
    def return_path(self) -> str | None:
        """The email's envelope sender, "" for the null one; `None` if no server wrote it down."""
        if not self.has("return-path"):
            return None
        return "".join(self.first("return-path").strip("<> ").split())

    @property
    def report_type(self) -> str:
        """The report-type of a multipart/report email (such as `delivery-status`), or ""."""
        return header_values.report_type(self.first("content-type"))


@dataclass(frozen=True, slots=True)
class UnreadableMail:
    """An email that can't be parsed, and what can be shown of it; `reason`: a code."""

    reason: str
    fields: tuple[tuple[str, str], ...] = ()
    """Header fields that could be read all the same."""
    text: str = ""
    """What follows the header, as far as it is text."""

    def as_mail(self) -> Mail:
        """Returns the readable remains as a `Mail`, to show to a person; nothing is trusted."""
        return replace(of_header(self.fields), references=(), text=self.text, whole_text=self.text)


def read(octets: bytes) -> Mail | UnreadableMail:
    """Parses an email as a server delivered it; never raises, whatever the octets are."""
    return parse_parts(octets)[0]


def parse_parts(
    octets: bytes, *, plainly: bool = False
) -> tuple[Mail | UnreadableMail, tuple[Leaf, ...]]:
    """Parses an email; returns it with its parts meant for machines. Never raises.

    `plainly`: HTML is not parsed, its words are taken from between its marks.
    `domain/full_mail.py` reads on in the parts for machines.
    """
    straight = straighten(octets)
    fields = tuple((name.lower(), value) for name, value in headers(octets, straight))
    if not any(name in _WRITTEN_BY_A_SENDER for name, _ in fields):
        return unread(octets, "mail-without-header"), ()
    parts = leaves(octets, straight=straight)
    if not parts:
        return unread(octets, "mail-structure"), ()
    machine = tuple(leaf for leaf in parts if leaf.media_type in _MACHINE_PARTS)
    whole, clean_html = body(parts, plainly=plainly)
    own = part_text(whole)
    mail = replace(
        of_header(fields),
        text=own.own,
        quoted=own.quoted,
        unsure=own.unsure,
        whole_text=whole,
        html=clean_html,
        data=() if plainly else attached_data(parts),
        attachments=tuple(_attachment(leaf) for leaf in parts if not is_body(leaf)),
        machine=tuple(leaf.media_type for leaf in machine),
    )
    return mail, machine


def of_header(fields: tuple[tuple[str, str], ...]) -> Mail:
    """Makes an email of its header alone: who writes to whom, when and about what."""

    def of(*names: str) -> tuple[Address, ...]:
        return addresses(value for name in names for field, value in fields if field == name)

    def first(name: str) -> str:
        return next((value for field, value in fields if field == name), "")

    return Mail(
        fields=fields,
        senders=of("from"),
        reply_to=of("reply-to"),
        to=of("to", "cc"),
        subject=" ".join(decoding.header(first("subject")).split())[:_SUBJECT],
        message_id=message_id(first("message-id")),
        references=references(first("in-reply-to"), first("references")),
        written=moment(first("date")),
    )


def unread(octets: bytes, reason: str) -> UnreadableMail:
    """Makes an unreadable email with its `reason` and the parts that a person can be shown."""
    fields = tuple((name.lower(), value) for name, value in headers(octets))
    return UnreadableMail(reason, fields, raw_text(octets))


def _attachment(leaf: Leaf) -> Attachment:
    return Attachment(
        name=shorten_name(decoding.header(leaf.name[:_RAW_NAME]), _NAME),
        media_type=PROGRAM if is_program(leaf.content) else decoding.clean(leaf.media_type)[:_NAME],
        size=len(leaf.content),
        sha256=hashlib.sha256(leaf.content).hexdigest(),
        part=leaf.number,
    )
