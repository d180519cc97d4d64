"""The words of a mail of ours as a MIME part: quoted-printable UTF-8, its headers constant."""

from binascii import b2a_qp
from email.message import EmailMessage
from email.policy import Policy
from typing import Any, Final

from services.notify.header_cache import ready
from shared.site.texts.alike_text import alike

FLOWED: Final = 'text/plain; charset="utf-8"; format="flowed"'
"""Lines that the reader's program may wrap anew (RFC 3676)."""
HTML: Final = 'text/html; charset="utf-8"'


def write_part(part: EmailMessage, content_type: str, text: str) -> None:
    """Writes a text, with lines ended by LF, into an empty part of a mail, or a mail itself."""
    ready(part, "Content-Type", content_type)
    ready(part, "Content-Transfer-Encoding", "quoted-printable")
    part.set_payload(alike(_encoded, text))


def _encoded(text: str) -> str:
    return b2a_qp(text.encode()).decode("ascii")


def text_part(policy: "Policy[Any]", content_type: str, text: str) -> EmailMessage:
    """Makes a part of a mail from a text with lines ended by LF."""
    part = EmailMessage(policy=policy)
    write_part(part, content_type, text)
    return part
