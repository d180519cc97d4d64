"""Parts of a mail as octets: headers whose lines are folded already, and what stands under them.

Package `email` would parse each header to know how it is folded, and again when it is written; of
a mail as we make them all is known, and it takes it five times as long.
"""

import re
from binascii import b2a_qp
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from services.notify.header_cache import END, header
from shared.content.addresses import UnusableAddress
from shared.site.texts.alike_text import alike

FLOWED: Final = 'text/plain; charset="utf-8"; format="flowed"'
"""Lines that the reader's program may wrap anew (RFC 3676)."""
HTML: Final = 'text/html; charset="utf-8"'
_QUOTED: Final = header("Content-Transfer-Encoding", "quoted-printable")
_NAMES: Final = re.compile(rb"(?>\A|\r\n|\r|\n)(?![ \t]|\Z)([^:\r\n]*)")


@dataclass(frozen=True, slots=True)
class MailPart:
    """A part of a mail: the lines of its headers, and the octets under them."""

    headers: Sequence[str]
    content: bytes

    @property
    def octets(self) -> bytes:
        """The part as it stands in a mail."""
        return b"%b\r\n%b" % ("".join(self.headers).encode("ascii"), self.content)


def text_part(content_type: str, text: str) -> MailPart:
    """Makes a part in quoted-printable UTF-8 from a text with lines ended by LF."""
    content = alike(_encoded, text).replace("\n", END).encode("ascii")
    return MailPart((header("Content-Type", content_type), _QUOTED), content)


def _encoded(text: str) -> str:
    return b2a_qp(text.encode()).decode("ascii")


def multipart(kind: str, parts: Sequence[bytes], of: str) -> MailPart:
    """Makes one part of several: `kind` is `alternative` or `mixed` (RFC 2046 §5.1).

    What divides them follows from the text `of`, so that the same mail has the same octets.
    """
    boundary = f"vgm-{sha256(of.encode()).hexdigest()[:32]}"
    line = f"--{boundary}".encode()
    content = b"".join(b"%b\r\n%b\r\n" % (line, part) for part in parts)
    named = header("Content-Type", f'multipart/{kind}; boundary="{boundary}"')
    return MailPart((named,), b"%b%b--\r\n" % (content, line))


def mail_octets(headers: Sequence[str], whole: MailPart, *, utf8: bool = False) -> bytes:
    """Serialises a mail, its headers first, and looks once more at the names of its headers.

    Raises UnusableAddress when the octets have others than were set: a text from outside broke out;
    UnicodeEncodeError for a header with letters that only a mail in `utf8` may have (RFC 6532).
    """
    lines = (*headers, *whole.headers)
    head = "".join(lines).encode("utf-8" if utf8 else "ascii")
    if _NAMES.findall(head) != [line.partition(":")[0].encode() for line in lines]:
        raise UnusableAddress("An address broke out of its header: correct it at the desk.")
    return b"%b\r\n%b" % (head, whole.content)
