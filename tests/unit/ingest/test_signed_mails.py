"""Who signed a mail by S/MIME is said as the certificate says it, and compared with what came."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Never

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs7

from services.ingest.domain.full_mail import read_whole
from services.ingest.domain.judge_mail import MailboxPlace, judge
from services.ingest.domain.judgement import ArrivalJudgement
from services.ingest.domain.mail import Mail
from services.ingest.mail_parser import MailParserPool
from services.ingest.signature_process.signers import signatures
from services.ingest.signature_reader import SignatureReader, declares_signature, roots_in
from shared.content.plis import Signature
from shared.errors import PermanentFailure
from shared.facts.envelope import ServiceId
from shared.platform.children import ChildLimits, Children
from tests.attached_files import body, part
from tests.ingest_builders import INTERNAL, a_mail, a_multipart, indre_rules
from tests.signed_mails import (
    Authority,
    Certified,
    Key,
    envelope,
    enveloped,
    multipart_signed,
    opaque,
    signed_in_clear,
)

BY_OPENSSL = Path(__file__).parents[2] / "signed_by_openssl"
AUTHORITY = Authority("Autorité de l’Indre")
STRANGER = Authority("Autorité d’ailleurs")
JEANNE = AUTHORITY.gives(
    "Jeanne Petit", "Jeanne.Petit@orange.example", organisation="Mairie de Levroux"
)
TEXT = "Bonjour,\nje forme un recours."
SAID = Signature(
    name="Jeanne Petit",
    organisation="Mairie de Levroux",
    address="jeanne.petit@orange.example",
    issuer="Autorité de l’Indre",
    begins=datetime(2026, 1, 1, tzinfo=UTC),
    ends=datetime(2027, 1, 1, tzinfo=UTC),
    chain="known",
    content="same",
)
UNREADABLE = Signature()


def parsed(octets: bytes) -> Mail:
    mail = read_whole(octets)
    assert isinstance(mail, Mail)
    return mail


@pytest.mark.parametrize("made", [signed_in_clear, opaque])
def test_who_signed_and_who_vouches_is_said(made: Callable[[str, Certified], bytes]) -> None:
    octets = made(TEXT, JEANNE)
    assert signatures(octets, AUTHORITY.pem) == (SAID,)
    unknown = SAID.model_copy(update={"chain": "unknown"})
    assert signatures(octets, STRANGER.pem) == (unknown,)
    assert signatures(octets, STRANGER.pem + AUTHORITY.pem) == (SAID,)
    unchecked = SAID.model_copy(update={"chain": "unchecked"})
    assert signatures(octets, b"") == (unchecked,)


def test_an_authority_below_another_is_found_in_what_the_mail_brings() -> None:
    below = AUTHORITY.below("Autorité des mairies")
    (found,) = signatures(signed_in_clear(TEXT, below.gives("Ana", "ana@x.example")), AUTHORITY.pem)
    assert (found.issuer, found.chain) == ("Autorité des mairies", "known")


def test_whoever_signs_by_a_certificate_of_their_own_is_vouched_for_by_nobody() -> None:
    alone = Authority("Ana").as_signer()
    octets = signed_in_clear(TEXT, alone)
    assert [found.chain for found in signatures(octets, AUTHORITY.pem)] == ["unknown"]
    assert [found.chain for found in signatures(octets, alone.pem)] == ["known"], (
        "the site lists it"
    )


@pytest.mark.parametrize(
    ("key", "pss"),
    [
        (ec.generate_private_key(ec.SECP384R1()), False),
        (rsa.generate_private_key(65537, 2048), False),
        (rsa.generate_private_key(65537, 2048), True),
    ],
    ids=["ec", "rsa", "pss"],
)
def test_keys_of_each_kind_are_compared(key: Key, *, pss: bool) -> None:
    signer = AUTHORITY.gives("Ana", "ana@x.example", key=key)
    (same,) = signatures(signed_in_clear(TEXT, signer, pss=pss), AUTHORITY.pem)
    assert (same.name, same.content) == ("Ana", "same")
    octets = signed_in_clear(TEXT, signer, pss=pss, came="Bonjour,\nje retire mon recours.")
    (changed,) = signatures(octets, AUTHORITY.pem)
    assert (changed.name, changed.chain, changed.content) == ("Ana", "known", "changed")


UNSIGNED = b"--signe\r\nContent-Type: text/plain\r\n\r\nJe retire mon recours.\r\n--signe--\r\n"


def with_a_third_part(octets: bytes) -> bytes:
    """Text behind the signature, in the same multipart/signed."""
    return octets.replace(b"--signe--\r\n", UNSIGNED)


def with_another_boundary_in_a_value(octets: bytes) -> bytes:
    """What was signed stands where no parser looks; one that reads values in quotes is misled."""
    said = b'protocol=";boundary=signe; "; boundary="real"'
    octets = octets.replace(b'protocol="application/pkcs7-signature"', said)
    octets = octets.replace(b'\r\n boundary="signe"', b"").replace(b"sha-256;", b"sha-256")
    return octets + UNSIGNED.replace(b"--signe", b"--real").replace(
        b"--real--", b"--real\r\n" + octets[octets.index(b"Content-Type: application/pkcs7-") :]
    ).replace(b"--signe--", b"--real--")


@pytest.mark.parametrize("altered", [with_a_third_part, with_another_boundary_in_a_value])
def test_a_text_that_nobody_signed_is_never_said_to_be_signed(
    altered: Callable[[bytes], bytes],
) -> None:
    """Whoever holds one signed mail of somebody has their signature; not their word for more."""
    octets = altered(signed_in_clear(TEXT, JEANNE))
    assert "Je retire mon recours." in parsed(octets).text
    assert [found.content for found in signatures(octets, AUTHORITY.pem)] == ["unchecked"]


def test_a_signature_with_a_content_of_its_own_says_nothing_of_the_text_beside() -> None:
    inside = envelope(b"Content-Type: text/plain\r\n\r\nBonjour", JEANNE)
    octets = multipart_signed(b"Content-Type: text/plain\r\n\r\nJe retire mon recours.", inside)
    assert [found.content for found in signatures(octets, AUTHORITY.pem)] == ["unchecked"]


def test_an_envelope_that_is_shown_as_another_file_says_nothing_of_it() -> None:
    octets = opaque(TEXT, JEANNE).replace(b"application/pkcs7-mime", b"application/pdf")
    assert [found.content for found in signatures(octets, AUTHORITY.pem)] == ["unchecked"]


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"], ids=["lf", "crlf"])
def test_all_parts_that_were_signed_are_the_message(line_end: bytes) -> None:
    lines = (
        'Content-Type: multipart/mixed; boundary="in"\n\n--in\n'
        "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n"
        "Je forme un recours, =C3=A0 bient=C3=B4t.\n\n--in\nContent-Type: application/pdf;"
        " name=acte.pdf\nContent-Transfer-Encoding: base64\n"
        "Content-Disposition: attachment; filename=acte.pdf\n\nJVBERi0xLjQ=\n\n--in--\n"
    )
    first = lines.replace("\n", "\r\n").encode()
    signature = envelope(first, JEANNE, pkcs7.PKCS7Options.DetachedSignature)
    octets = multipart_signed(first, signature).replace(b"\r\n", b"\n").replace(b"\n", line_end)
    assert signatures(octets, AUTHORITY.pem) == (SAID,)


def test_a_certificate_without_an_end_has_none() -> None:
    """RFC 5280 gives it the last second of the year 9999, which no zone east of Greenwich has."""
    forever = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    octets = signed_in_clear(TEXT, AUTHORITY.gives("Ana", "ana@x.example", ends=forever))
    (found,) = signatures(octets, AUTHORITY.pem)
    assert (found.name, found.begins, found.ends) == ("Ana", SAID.begins, None)


def test_of_several_addresses_the_senders_is_said() -> None:
    octets = signed_in_clear(TEXT, AUTHORITY.gives("Ana", "ana@x.example", "Ana@Y.example"))
    for sender, said in (
        ("ana@y.example", "ana@y.example"),
        ("ana@x.example", "ana@x.example"),
        ("paul@x.example", "ana@x.example"),
        ("", "ana@x.example"),
    ):
        (found,) = signatures(octets, AUTHORITY.pem, sender)
        assert found.address == said


def test_a_signature_that_another_key_made_is_not_of_the_content() -> None:
    """Whoever copies somebody's certificate into a mail has not signed by it."""
    forged = Certified(ec.generate_private_key(ec.SECP256R1()), JEANNE.certificate)
    (found,) = signatures(signed_in_clear(TEXT, forged), AUTHORITY.pem)
    assert (found.name, found.content) == ("Jeanne Petit", "changed")


@pytest.mark.parametrize("name", ["clear.eml", "opaque.eml"])
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"], ids=["lf", "crlf"])
def test_what_openssl_signed_is_read(name: str, line_end: bytes) -> None:
    """`openssl cms -sign`; the opaque one with -stream (lengths by end marks) and -keyid."""
    octets = (BY_OPENSSL / name).read_bytes().replace(b"\r\n", b"\n").replace(b"\n", line_end)
    (found,) = signatures(octets, (BY_OPENSSL / "root.pem").read_bytes())
    assert (found.name, found.organisation) == ("Paul Roux", "Association des amis")
    assert (found.address, found.issuer) == ("paul@amis.example", "Racine d'essai")
    assert (found.chain, found.content) == ("known", "same")
    assert declares_signature(parsed(octets))


@pytest.mark.parametrize(
    "octets",
    [
        multipart_signed(b"Content-Type: text/plain\r\n\r\nBonjour", b"no signature at all"),
        multipart_signed(b"Content-Type: text/plain\r\n\r\nBonjour", b""),
        enveloped(b"0\x80\x06\x09"),
        enveloped(b"0"),
    ],
)
def test_a_signature_that_can_not_be_read_is_said_to_be_there(octets: bytes) -> None:
    assert declares_signature(parsed(octets))
    assert signatures(octets, AUTHORITY.pem) == (UNREADABLE,)


def test_damaged_signatures_raise_nothing() -> None:
    octets = opaque(TEXT, JEANNE)
    begins = octets.index(b"\r\n\r\n") + 4
    for at in range(begins, len(octets), 7):
        for damaged in (octets[:at] + b"A" + octets[at + 1 :], octets[:at]):
            assert len(signatures(damaged, AUTHORITY.pem)) <= 1


def test_what_is_encrypted_or_only_brings_certificates_is_no_signature() -> None:
    encrypted = bytes.fromhex("300f06092a864886f70d010703a0023000")
    assert signatures(enveloped(encrypted, "enveloped-data"), AUTHORITY.pem) == ()


@pytest.mark.parametrize(
    "octets",
    [
        a_mail("Bonjour"),
        a_multipart(body("Bonjour"), part("smime.p7s", b"x", "application/pkcs7-signature")),
        a_multipart(
            body("Bonjour"), part("a.asc", b"x", "application/pgp-signature"), kind="signed"
        ),
    ],
    ids=["plain", "a file", "pgp"],
)
def test_other_mails_declare_none(octets: bytes) -> None:
    assert not declares_signature(parsed(octets))


def test_a_child_finds_it_and_it_goes_into_the_pli() -> None:
    mails = MailParserPool(signatures=SignatureReader(AUTHORITY.pem.decode()))
    try:
        octets = signed_in_clear(TEXT, JEANNE)
        mail = mails.read(octets)
        place = MailboxPlace("pref-bmi", ServiceId("bmi"))
        (judged,) = judge(octets, mail, place, INTERNAL, indre_rules())
        assert isinstance(judged, ArrivalJudgement)
        assert judged.pli is not None
        assert judged.pli.signatures == (SAID,)
        assert judged.pli.text == TEXT
    finally:
        mails.close()


class Deadly(Children):
    """Children that die of whatever they are asked."""

    def _send(self, *_: object) -> Never:
        raise EOFError


def test_a_signature_that_ends_its_reader_costs_itself_alone() -> None:
    deadly = Deadly("services.ingest.signature_child", ChildLimits(seconds=3, patience=60))
    mails = MailParserPool(signatures=SignatureReader("", deadly))
    try:
        mail = mails.read(signed_in_clear(TEXT, JEANNE))
        assert isinstance(mail, Mail)
        assert (mail.text, mail.signatures) == (TEXT, (UNREADABLE,))
    finally:
        mails.close()


def test_a_file_of_authorities_that_holds_none_stops_the_start(tmp_path: Path) -> None:
    file = tmp_path / "roots.pem"
    file.write_bytes(AUTHORITY.pem)
    assert roots_in(file) == AUTHORITY.pem.decode()
    assert roots_in(None) == ""
    file.write_text("nothing")
    with pytest.raises(PermanentFailure, match="VAGUEMESTRE_SMIME_ROOTS"):
        roots_in(file)
    with pytest.raises(PermanentFailure, match="VAGUEMESTRE_SMIME_ROOTS"):
        roots_in(tmp_path / "none.pem")


def test_a_damaged_authority_stops_the_start_and_not_each_signature(tmp_path: Path) -> None:
    file = tmp_path / "roots.pem"
    lines = STRANGER.pem.splitlines(keepends=True)
    file.write_bytes(AUTHORITY.pem + b"".join([*lines[:2], *lines[3:]]))
    with pytest.raises(PermanentFailure, match=r"damaged.*VAGUEMESTRE_SMIME_ROOTS"):
        roots_in(file)


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_authorities_may_be_named_in_french_beside_their_certificates(
    tmp_path: Path, encoding: str
) -> None:
    file = tmp_path / "roots.pem"
    file.write_bytes("# Autorité de l'Indre, à jour\n".encode(encoding) + AUTHORITY.pem)
    assert roots_in(file) == AUTHORITY.pem.decode()
