"""A file in a mail is found by the digest of any reading that the mail ever had."""

import binascii
import hashlib

import pytest

from services.ingest.domain.mail import Mail, read
from shared.web.foreign_child import answer
from tests.ingest_builders import a_mail, a_multipart

LETTER = b"%PDF-1.4 je demande un recours gracieux " * 8


@pytest.mark.parametrize("named", ["base64 (x)", '"base64"', "base64"])
@pytest.mark.parametrize("beside", [b"Bonjour", b"Re=C3=A7u \xe9t\xe9"])
def test_a_part_is_found_by_the_digest_of_its_packing_as_of_its_octets(
    named: str, beside: bytes
) -> None:
    packed = binascii.b2a_base64(LETTER, newline=False)
    part = (
        "Content-Type: application/pdf; name=x.pdf\r\n"
        f"Content-Transfer-Encoding: {named}\r\n\r\n{packed.decode()}"
    )
    text = "Content-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nICI"
    octets = a_multipart(text, part).replace(b"ICI", beside)
    for content in (LETTER,) if named == "base64" else (LETTER, packed):
        assert part_of(octets, content) == (True, content)


def test_a_part_is_found_by_the_digest_of_what_another_parser_read() -> None:
    """It left out what nobody encoded; today the other one reads such a mail whole."""
    note = (
        "Content-Type: text/plain; name=note.txt\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n\r\nICI"
    )
    octets = a_multipart("Content-Type: text/plain\r\n\r\nBonjour", note)
    octets = octets.replace(b"ICI", b"Re=C3=A7u \xe9t\xe9")
    mail = read(octets)
    assert isinstance(mail, Mail)
    (file,) = mail.attachments
    for content in (b"Re\xc3\xa7u \xe9t\xe9", b"Re\xc3\xa7u t"):
        assert part_of(octets, content) == (True, content)
    assert file.sha256 == hashlib.sha256(b"Re\xc3\xa7u \xe9t\xe9").hexdigest()


def test_a_part_that_is_in_no_reading_is_not_found() -> None:
    assert part_of(a_mail("Bonjour"), b"another") == (None, b"")


def part_of(octets: bytes, content: bytes) -> tuple[object, bytes]:
    """What is found in a mail by the digest of a part's content."""
    return answer({"do": "part", "sha256": hashlib.sha256(content).hexdigest()}, octets)
