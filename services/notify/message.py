"""A mail as octets: headers that no text from outside can break, a body that any reader shows.

The text stands first, and whoever reads plain text reads it whole; `format=flowed` lets a phone
wrap its lines (RFC 3676). What is written to the public has the same words as HTML beside it. The
same mail composed anew has the same octets.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime
from enum import StrEnum

from services.notify.header_cache import address_of, encoded_words, from_header, header
from services.notify.mail_files import EnclosedFile, file_part, wrap_flowed
from services.notify.mail_parts import FLOWED, HTML, mail_octets, multipart, text_part
from shared.content.addresses import CONTROL, one_address
from shared.site.texts.alike_text import together

_MESSAGE_ID = re.compile(r"<[\x21-\x3b=\x3f-\x7e]{3,240}>")
_REFERENCES = 10
_SUBJECT = 200
_QUIET = header("X-Auto-Response-Suppress", "OOF, AutoReply, RN, NRN")
_MIME = header("MIME-Version", "1.0")


class AutoSubmitted(StrEnum):
    """The values of the mail header Auto-Submitted (RFC 3834 §5)."""

    NO = "no"
    REPLIED = "auto-replied"
    GENERATED = "auto-generated"


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """The headers and text of an email to send; any field may hold a text from outside."""

    author: str
    """Display name of the service."""
    mailbox: str
    """From and Reply-To: a reply joins the item."""
    recipient: str
    subject: str
    text: str
    automatic: AutoSubmitted
    written: datetime
    """Local, aware."""
    message_id: str = ""
    """Signed by `mail_composition.mail_of`, from the notice."""
    answers: str = ""
    """Message-ID of the sender's message."""
    references: tuple[str, ...] = ()
    html: str = ""
    """The words of `text` as HTML, or none."""
    files: tuple[EnclosedFile, ...] = ()
    to: str = ""  # of a copy: whom the letter itself went to, as all its readers see
    copies: tuple[str, ...] = ()  # addresses of whoever has a copy (Cc)


def compose(mail: OutgoingMail) -> bytes:
    """Serialises an email to send as octets, with lines ended by CRLF. Raises UnusableAddress.

    A subject is cut after 200 characters; at most ten answered mails are named, the last ones.
    """
    shown = [one_address(text) for text in (mail.to or mail.recipient, *mail.copies)]
    policy = SMTP if "".join(shown).isascii() else SMTPUTF8
    parts = (address.rpartition("@") for address in shown)
    to, *copies = (str(Address(username=local, domain=domain)) for local, _, domain in parts)
    headers = [
        header("Date", format_datetime(mail.written)),
        from_header(_line(mail.author), mail.mailbox, policy),
        header("To", to),
    ]
    if copies:
        headers.append(header("Cc", *(f"{copy}," for copy in copies[:-1]), copies[-1]))
    headers += (
        header("Reply-To", address_of(mail.mailbox)),
        header("Subject", *encoded_words(_line(mail.subject)[:_SUBJECT])),
        header("Message-ID", mail.message_id),
    )
    if _MESSAGE_ID.fullmatch(answered := mail.answers.strip()):
        older = [reference for reference in mail.references if _MESSAGE_ID.fullmatch(reference)]
        chain = [*(reference for reference in older if reference != answered), answered]
        headers += header("In-Reply-To", answered), header("References", *chain[-_REFERENCES:])
    if mail.automatic is not AutoSubmitted.NO:
        # Not `All`, nor `DR, NDR`: a bounce has to come back and find its notice.
        headers += header("Auto-Submitted", mail.automatic.value), _QUIET
    headers.append(_MIME)
    whole = text_part(FLOWED, together(wrap_flowed, mail.text))
    if mail.html:
        both = whole.octets, text_part(HTML, mail.html).octets
        whole = multipart("alternative", both, mail.message_id)
    if mail.files:
        files = (file_part(file, policy) for file in mail.files)
        whole = multipart("mixed", (whole.octets, *files), f"{mail.message_id} files")
    return mail_octets(headers, whole, utf8=policy.utf8)


def _line(text: str) -> str:
    return " ".join(CONTROL.sub(" ", text).split())
