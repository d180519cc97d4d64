"""CMS SignedData (RFC 5652), the envelope of an S/MIME signature, taken apart.

Nothing is verified here. `signature_process/` compares a signature with what it signs.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from services.ingest.domain import ber

_PKCS = bytes.fromhex("2a864886f70d01")
_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_DATA = bytes.fromhex("2a864886f70d010701")
_MESSAGE_DIGEST = bytes.fromhex("2a864886f70d010904")
_CERTIFICATES, _ATTRIBUTES, _KEY_ID = 0xA0, 0xA0, 0x80


class OtherEnvelope(ValueError):  # noqa: N818  (a kind of message, no fault)
    """Raised for octets that are another kind of S/MIME envelope, such as an encrypted message."""


@dataclass(frozen=True, slots=True)
class Signer:
    """A signer of an S/MIME envelope (SignerInfo): certificate, algorithms, digests, signature."""

    issuer_and_serial: bytes
    """IssuerAndSerialNumber as its content was written; empty where a key id names the signer."""
    key_id: bytes
    """SubjectKeyIdentifier; empty where issuer and serial number name the signer."""
    digest: bytes
    """Object identifier of the digest algorithm."""
    algorithm: bytes
    """Object identifier of the signature algorithm."""
    attributes: bytes
    """What is signed in place of the content, as DER; empty: the content itself is signed."""
    content_digest: bytes
    """What those attributes say the digest of the content to be."""
    signature: bytes


@dataclass(frozen=True, slots=True)
class SignedData:
    """A parsed S/MIME envelope (SignedData): its content, certificates (DER) and signers."""

    content: bytes | None
    """`None`: it stands elsewhere, in the part of the mail that is signed in clear."""
    certificates: tuple[bytes, ...]
    signers: tuple[Signer, ...]


def signed_content(octets: bytes) -> bytes:
    """Returns the content inside a SignedData (opaque S/MIME); b"" when it stands elsewhere.

    The signature is not verified. Raises ValueError or IndexError when the octets are no
    SignedData.
    """
    return parse(octets).content or b""


def parse(octets: bytes) -> SignedData:
    """Parses an S/MIME envelope (SignedData) into its content, certificates and signers.

    Raises OtherEnvelope for another kind of envelope, ValueError or IndexError for damaged octets.
    """
    kind, behind = ber.pair(ber.inside(octets))
    if kind != _SIGNED_DATA:
        raise OtherEnvelope if kind.startswith(_PKCS) else ValueError
    parts = list(ber.elements(ber.inside(ber.inside(behind))))
    held = next((part for part in parts if part.tag == ber.SEQUENCE), None)
    if held is None:
        raise ValueError
    certificates = next((part.value for part in parts if part.tag == _CERTIFICATES), b"")
    sets = [part.value for part in parts if part.tag == ber.SET]
    return SignedData(
        content=_content(held.value),
        certificates=tuple(
            part.whole for part in ber.elements(certificates) if part.tag == ber.SEQUENCE
        ),
        signers=tuple(_signers(sets[1])) if len(sets) > 1 else (),
    )


def _content(held: bytes) -> bytes | None:
    name, behind = ber.pair(held)
    if name != _DATA or not behind or behind.startswith(b"\0\0"):
        return None
    return ber.octet_string(ber.inside(behind))


def _signers(octets: bytes) -> Iterator[Signer]:
    for signer in ber.elements(octets):
        _, who, digest, *others = ber.elements(signer.value)
        attributes = b""
        if others[0].tag == _ATTRIBUTES:
            attributes = others.pop(0).value
        algorithm, signature = others[:2]
        yield Signer(
            issuer_and_serial=who.value if who.tag == ber.SEQUENCE else b"",
            key_id=who.value if who.tag == _KEY_ID else b"",
            digest=ber.pair(digest.value)[0],
            algorithm=ber.pair(algorithm.value)[0],
            attributes=ber.as_set(attributes) if attributes else b"",
            content_digest=_digest_in(attributes),
            signature=ber.octet_string(signature.whole),
        )


def _digest_in(attributes: bytes) -> bytes:
    for attribute in ber.elements(attributes):
        name, values = ber.pair(attribute.value)
        if name == _MESSAGE_DIGEST:
            return ber.octet_string(ber.inside(values))
    return b""
