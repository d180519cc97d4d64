"""Mutants of the awkward mails, each drawn from its seed and number alone.

Damage is what servers, lists, gateways and old programs do: octets changed, lines lost or moved,
headers doubled, mails cut, joined or grown, boundaries broken, charsets renamed.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

from tests.awkward_mails.corpus import awkward_mails

LARGEST = 2_000_000
"""Octets of a mutant at most: what is larger is drawn from the hostile shapes."""
_CHARSET = re.compile(rb"(?i)charset\s*=\s*\"?[\w-]+")
_ENCODING = re.compile(rb"(?im)^(content-transfer-encoding:)[^\r\n]*")
_BOUNDARY = re.compile(rb"(?i)boundary=\"?([^\";\s]{1,70})")
_CHARSETS = (
    *(b"utf-8", b"iso-8859-1", b"iso-8859-15", b"windows-1252", b"us-ascii", b"utf-7", b"utf-16"),
    *(b"iso-2022-jp", b"gb2312", b"hz", b"big5", b"koi8-r", b"x-inconnu", b"idna", b"base64", b""),
)
_ENCODINGS = (b"7bit", b"8bit", b"base64", b"quoted-printable", b"x-uuencode", b"base64 ", b"?")
_NOISE = (b"\x00", b"\xff", b"\r", b"\n", b"\r\n\r\n", b"=", b"=?", b"?=", b"<", b'"', b"(", b"--")

Damage = Callable[[bytes, Random], bytes]


@dataclass(frozen=True, slots=True)
class Mutant:
    """A damaged mail of the corpus; `name` says of which mail, and which damage in its order."""

    name: str
    mailbox: str
    octets: bytes


def mutant(seed: int, number: int) -> Mutant:
    """Draws the mutant of this number: the same one at each call, whatever was drawn before."""
    random = Random(f"{seed}/{number}")  # noqa: S311  (a corpus, no secret)
    mails = awkward_mails()
    mail = mails[number % len(mails)]
    octets, done = mail.octets, list[str]()
    for _ in range(random.choice((1, 1, 1, 2, 2, 3, 5))):
        name = random.choice(tuple(DAMAGES))
        octets = DAMAGES[name](octets, random)[:LARGEST]
        done.append(name)
    return Mutant(f"{mail.name}: {', '.join(done)}", mail.mailbox, octets)


def _flipped(octets: bytes, random: Random) -> bytes:
    changed = bytearray(octets)
    for _ in range(random.choice((1, 1, 3, 30)) if changed else 0):
        changed[random.randrange(len(changed))] = random.randrange(256)
    return bytes(changed)


def _cut(octets: bytes, random: Random) -> bytes:
    begin, end = sorted(random.randrange(len(octets) + 1) for _ in range(2))
    return random.choice((octets[:end], octets[begin:], octets[:begin] + octets[end:]))


def _with_noise(octets: bytes, random: Random) -> bytes:
    at = random.randrange(len(octets) + 1)
    noise = random.choice(_NOISE) * random.choice((1, 1, 2, 50))
    return octets[:at] + noise + octets[at:]


def _lines(change: Callable[[list[bytes], Random], None]) -> Damage:
    def damaged(octets: bytes, random: Random) -> bytes:
        lines = octets.split(b"\n")
        if len(lines) > 1:
            change(lines, random)
        return b"\n".join(lines)

    return damaged


def _lose(lines: list[bytes], random: Random) -> None:
    del lines[random.randrange(len(lines))]


def _swap(lines: list[bytes], random: Random) -> None:
    one, other = (random.randrange(len(lines)) for _ in range(2))
    lines[one], lines[other] = lines[other], lines[one]


def _double(lines: list[bytes], random: Random) -> None:
    lines.insert(random.randrange(len(lines)), random.choice(lines))


def _fold(lines: list[bytes], random: Random) -> None:
    at = random.randrange(len(lines))
    lines[at] = random.choice((b" ", b"\t", b" \t ")) + lines[at]


def _header_doubled(octets: bytes, random: Random) -> bytes:
    head, blank, body = octets.partition(b"\r\n\r\n")
    fields = head.split(b"\r\n")
    fields.insert(random.randrange(len(fields) + 1), random.choice(fields))
    return b"\r\n".join(fields) + blank + body


def _joined(octets: bytes, random: Random) -> bytes:
    other = random.choice(awkward_mails()).octets
    here, there = random.randrange(len(octets) + 1), random.randrange(len(other) + 1)
    return random.choice((octets + other, octets[:here] + other[there:], octets[:here] + other))


def _broken_boundary(octets: bytes, random: Random) -> bytes:
    found = _BOUNDARY.search(octets)
    if found is None:
        return octets
    mark = found[1]
    places = [place.start() for place in re.finditer(re.escape(mark), octets)]
    at = random.choice(places)
    instead = random.choice((b"", mark[:-1], mark + b"x", mark.swapcase(), b" " + mark, b"--"))
    return octets[:at] + instead + octets[at + len(mark) :]


def _renamed_charset(octets: bytes, random: Random) -> bytes:
    return _CHARSET.sub(lambda _: b"charset=" + random.choice(_CHARSETS), octets, count=2)


def _other_encoding(octets: bytes, random: Random) -> bytes:
    return _ENCODING.sub(lambda found: found[1] + b" " + random.choice(_ENCODINGS), octets, count=2)


def _grown(octets: bytes, random: Random) -> bytes:
    if not octets:
        return octets
    begin = random.randrange(len(octets))
    piece = octets[begin : begin + random.choice((1, 10, 80, 2_000))]
    times = random.choice((2, 30, 1_000, 100_000))
    return octets[:begin] + piece * min(times, LARGEST // len(piece)) + octets[begin:]


def _ends(octets: bytes, random: Random) -> bytes:
    return octets.replace(b"\r\n", random.choice((b"\n", b"\r", b"\r\r\n", b"\n\r")))


DAMAGES: Mapping[str, Damage] = {
    "octets flipped": _flipped,
    "cut": _cut,
    "noise": _with_noise,
    "a line lost": _lines(_lose),
    "lines swapped": _lines(_swap),
    "a line doubled": _lines(_double),
    "a line folded": _lines(_fold),
    "a header doubled": _header_doubled,
    "joined": _joined,
    "a boundary broken": _broken_boundary,
    "a charset renamed": _renamed_charset,
    "another encoding": _other_encoding,
    "grown": _grown,
    "other line ends": _ends,
}
