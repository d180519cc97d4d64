"""What comes in meanwhile: mails of people, of machines, and of somebody who means harm."""

import base64
import imaplib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from random import Random
from typing import Any

from deploy.demo.compose import WebsiteRelay, compose
from deploy.demo.deliver import append, mailbox
from tests.machine_mails import machines

_BOXES = ("pref-bmi", "pref-bsr", "pref-bre")
_RELAY = WebsiteRelay("mx.indre.example", "mx.indre.example", ("X-Spam-Flag", "YES"))
_TEXT = """Bonjour,

Mon titre expire bientôt et mon dossier porte le numéro {number}. Quelles pièces dois-je préparer ?

Merci,
Salif Keita
"""
_BONJOUR = b"\r\n\r\nBonjour"
_CHARSETS = ("idna", "unicode_escape", "zlib_codec", "rot13", "punycode", "x" * 900)
_PEOPLE, _MACHINES, _HOSTILE = 8, 1, 1
"""Of ten mails."""


@dataclass
class Sent:
    """What was put into the mailboxes."""

    people: list[str] = field(default_factory=list)
    """Addresses, of whom each wrote once and must be told once."""
    others: int = 0
    """Of machines and of the hostile: what becomes of them is counted, nobody is told."""

    @property
    def count(self) -> int:
        return len(self.people) + self.others


class Letters:
    """Mails by a seed, put in by IMAP as the préfecture's own server would."""

    def __init__(self, run: Mapping[str, Any], seed: int) -> None:
        self._run = run
        self._random = Random(seed)  # noqa: S311 (a story, no secret)
        self._machines = machines(seed, 1_000_000)
        self._hostile = _hostile_ones(self._random)
        self.sent = Sent()

    def put(self, count: int) -> None:
        """`count` more mails, in the mailboxes in turn."""
        kinds = ["person"] * _PEOPLE + ["machine"] * _MACHINES + ["hostile"] * _HOSTILE
        for box in _BOXES:
            mine = [self._random.choice(kinds) for _ in range(count // len(_BOXES) or 1)]
            self._append(box, mine)

    def _append(self, box: str, kinds: Sequence[str]) -> None:
        address = f"{box}@indre.example"
        with mailbox(self._run, address, self._run["mailbox_passwords"][box]) as session:
            for kind in kinds:
                now = datetime.now(UTC)  # noqa: TID251 (the real time is the story's here)
                if kind == "person":
                    self._person(session, address, now)
                else:
                    some = next(self._machines)[1] if kind == "machine" else next(self._hostile)
                    append(session, some, now)
                    self.sent.others += 1

    def _person(self, session: imaplib.IMAP4, box: str, now: datetime) -> None:
        number = len(self.sent.people) + 1
        address = f"salif.keita@foyer-{number}.example"
        mail = {
            "id": f"chaos-{number}",
            "from": f"Salif Keita <{address}>",
            "subject": f"Mon titre de séjour ({number})",
            "text": _TEXT.format(number=number),
        }
        append(session, compose(mail, box, now, _RELAY, None), now)
        self.sent.people.append(address)


def _hostile_ones(random: Random) -> Iterator[bytes]:
    """Mails that a parser, a table or a log would rather not have, in turn and without end."""
    number = 0
    while True:
        for shape in (_deep, _long_head, _no_charset, _zeros, _half, _bomb, _raw):
            number += 1
            yield shape(random, number)


def _head(number: int, *more: str) -> bytes:
    lines = (
        f"From: Mallory <mallory@malice-{number}.example>",
        "To: pref-bmi@indre.example",
        f"Message-ID: <{number}@malice.example>",
        f"Date: {format_datetime(datetime.now(UTC))}",  # noqa: TID251 (as above)
        *more,
    )
    return "\r\n".join(lines).encode("utf-8", "surrogateescape")


def _deep(random: Random, number: int) -> bytes:
    """Parts within parts within parts."""
    depth = random.randint(100, 400)
    body = b"Bonjour"
    for level in range(depth):
        mark = f"m{level}".encode()
        kind = b"Content-Type: multipart/mixed; boundary=" + mark
        body = b"--" + mark + b"\r\n" + (kind_of := b"\r\n") + body + b"\r\n--" + mark + b"--"
        body = kind + kind_of + b"\r\n" + body
    return _head(number, "Subject: profond", "MIME-Version: 1.0") + b"\r\n" + body


def _long_head(random: Random, number: int) -> bytes:
    """A subject of encoded words and an address in a domain without end."""
    words = " ".join(f"=?utf-8?b?{base64.b64encode(b'ab' * 20).decode()}?=" for _ in range(2_000))
    domain = "xn--" + "a" * random.randint(10_000, 60_000)
    return _head(number, f"Subject: {words}", f"Reply-To: <x@{domain}.example>") + _BONJOUR


def _no_charset(random: Random, number: int) -> bytes:
    """Charsets that nobody writes with."""
    charset = random.choice(_CHARSETS)
    kind = f"Content-Type: text/plain; charset={charset}"
    return _head(number, "Subject: jeu", kind) + b"\r\n\r\n" + b"\\x00\\N{BULLET}" * 500


def _zeros(_: Random, number: int) -> bytes:
    """NUL octets where text stands, and halves of characters."""
    return _head(number, "Subject: z\x00ro \udcff\udce9") + b"\r\n\r\n\x00\x00Bonjour\xff\xfe\x00"


def _half(_: Random, number: int) -> bytes:
    """It ends in the middle."""
    kind = "Content-Type: multipart/mixed; boundary=b"
    return _head(number, "Subject: fin", kind) + b"\r\n\r\n--b\r\nContent-Type: text/pl"


def _bomb(random: Random, number: int) -> bytes:
    """HTML that opens and never closes."""
    kind = "Content-Type: text/html; charset=utf-8"
    tags = b"<table><tr><td><b " * random.randint(2_000, 12_000)
    return _head(number, "Subject: page", kind) + b"\r\n\r\n" + tags


def _raw(random: Random, _: int) -> bytes:
    """No mail at all."""
    return random.randbytes(random.randint(50, 5_000)).replace(b"\n", b"\r\n")
