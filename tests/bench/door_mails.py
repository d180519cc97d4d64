"""Mails as a préfecture gets them, for the bench of the door: 48 kB in the mean.

Of twenty mails seven are text, two quote below theirs what they answer, four have HTML beside their
text, two HTML with the logo of a signature; four bring a PDF with a text layer, one a photo. Each
has the trace lines that servers leave; its number makes it different from all others.
"""

import base64
import random
from collections.abc import Iterator
from functools import cache
from itertools import cycle, islice
from pathlib import Path
from typing import Any, Final

from tests.attached_files import pdf
from tests.ingest_builders import a_mail, a_multipart
from tests.letters_of_people import letters

_PDF_OCTETS: Final = (40_000, 190_000)
_PHOTO_OCTETS: Final = (110_000, 270_000)
_LOGO_OCTETS: Final = (8_000, 30_000)
_KINDS: Final = ("plain",) * 7 + ("both",) * 4 + ("logo",) * 2 + ("reply",) * 2 + (
    "pdf",) * 4 + ("photo",)  # fmt: skip
_TRACE: Final = (
    "Received: from out-{n}.orange.example (out-{n}.orange.example [192.0.2.{octet}])\r\n"
    "\tby mx.indre.example (Postfix) with ESMTPS id {n:012X}\r\n"
    "\tfor <pref-bmi@indre.example>; Mon, 11 May 2026 10:00:00 +0200 (CEST)\r\n"
)
_SEAL: Final = (
    "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=orange.example; s=k{n};\r\n"
    "\th=From:To:Subject:Date:Message-ID:MIME-Version:Content-Type; bh={seal};\r\n\tb={seal}\r\n"
)


def a_door_mail(number: int) -> bytes:
    """The mail of a number; the same one each time."""
    chance = random.Random(number)  # noqa: S311  (a bench, no secret)
    kind = _KINDS[number % len(_KINDS)]
    text = "Bonjour,\r\n" + "\r\n".join(islice(_texts(number), 2 + number % 9))
    text += f"\r\nDossier {number}.\r\nCordialement,\r\nClaire Renard"
    plain = f"Content-Type: text/plain; charset=utf-8\r\n\r\n{text}"
    seal = base64.b64encode(chance.randbytes(96)).decode()
    said: dict[str, Any] = {
        "message_id": f"<{number}@orange.example>",
        "subject": f"Titre de séjour {number}",
        "sender": f"Claire Renard <claire.renard{number % 997}@orange.example>",
        "above": _TRACE.format(n=number, octet=number % 250) + _SEAL.format(n=number, seal=seal),
    }
    match kind:
        case "both":
            return a_multipart(plain, _html(text), kind="alternative", **said)
        case "logo":
            logo = _file("image/png", "logo.png", chance.randbytes(chance.randint(*_LOGO_OCTETS)))
            return a_multipart(_html(text), logo, kind="related", **said)
        case "reply":
            quoted = "\r\n".join(f"> {line}" for line in islice(_texts(number + 7), 12))
            return a_mail(f"{text}\r\n\r\nLe 4 mai 2026 à 10:00, BMI a écrit :\r\n{quoted}", **said)
        case "pdf":
            letter = _padded(number % 16, chance.randint(*_PDF_OCTETS), chance)
            return a_multipart(plain, _file("application/pdf", "lettre.pdf", letter), **said)
        case "photo":
            photo = b"\xff\xd8\xff\xe0" + chance.randbytes(chance.randint(*_PHOTO_OCTETS))
            return a_multipart(plain, _file("image/jpeg", "photo.jpg", photo), **said)
        case _:
            return a_mail(text, **said)


def a_heavy_mail(number: int, octets: int) -> bytes:
    """A mail with a PDF of this size and a text layer, instead of what the number brings else."""
    text = f"Bonjour,\r\nvoici les pièces de mon dossier {number}.\r\nClaire Renard"
    letter = _padded(number % 16, octets, random.Random(number))  # noqa: S311  (a bench, no secret)
    return a_multipart(
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{text}",
        _file("application/pdf", "dossier.pdf", letter),
        message_id=f"<{number}@orange.example>",
        subject=f"Titre de séjour {number}",
        sender=f"Claire Renard <claire.renard{number % 997}@orange.example>",
    )


def fill(maildir: Path, first: int, count: int) -> int:
    """Puts mails into a Maildir as its server stores them; returns their octets."""
    new, octets = maildir / "new", 0
    for name in ("cur", "new", "tmp"):
        (maildir / name).mkdir(parents=True, exist_ok=True)
        (maildir / name).chmod(0o777)
    maildir.chmod(0o777)
    for number in range(first, first + count):
        mail = a_door_mail(number)
        octets += len(mail)
        path = new / f"{1_790_000_000 + number}.M{number}P1.bench"
        path.write_bytes(mail.replace(b"\r\n", b"\n"))
        path.chmod(0o666)
    return octets


def _texts(number: int) -> Iterator[str]:
    every = _letters()
    return cycle(every[number % len(every) :] + every[: number % len(every)])


@cache
def _letters() -> tuple[str, ...]:
    return tuple(letter.text for name in ("first", "fifth") for letter in letters(name))


def _html(text: str) -> str:
    lines = "".join(
        f'<p style="margin:0;font-family:Calibri,sans-serif"><span>{line}</span></p>\r\n'
        for line in text.split("\r\n")
    )
    style = "p.MsoNormal{margin:0cm;font-size:11.0pt}\r\n" * 60
    head = f"<html><head><style>{style}</style></head>"
    return f"Content-Type: text/html; charset=utf-8\r\n\r\n{head}<body>{lines}</body></html>"


def _file(media_type: str, name: str, octets: bytes) -> str:
    packed = base64.encodebytes(octets).decode()
    return (
        f"Content-Type: {media_type}; name={name}\r\n"
        f"Content-Disposition: attachment; filename={name}\r\n"
        f"Content-Transfer-Encoding: base64\r\n\r\n{packed}"
    )


def _padded(number: int, size: int, chance: random.Random) -> bytes:
    """A letter as a PDF, as large as one with pictures: a comment at its end makes up for them."""
    letter = _pdf(number)
    noise = base64.b64encode(chance.randbytes(max(1, size - len(letter)) * 3 // 4))
    body, mark, end = letter.rpartition(b"startxref")
    return body + b"%" + noise + b"\n" + mark + end


@cache
def _pdf(number: int) -> bytes:
    return pdf("\n".join(islice(_texts(number), 8)))
