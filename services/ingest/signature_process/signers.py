"""Who signed: the certificate of each signer, who vouches for it, and whether the content is same.

The mathematics is OpenSSL's, the way from a certificate to a root that of `cryptography`; both read
what a stranger wrote, so this runs in a child process.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import MAXYEAR, MINYEAR, datetime
from typing import Final, Literal

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID
from cryptography.x509.verification import ExtensionPolicy, PolicyBuilder, Store, VerificationError

from services.ingest.domain import ber, decoding
from services.ingest.domain.cms import OtherEnvelope, SignedData, Signer, parse
from services.ingest.signature_process.signature_part import signed_part
from shared.content.plis import Signature

_MOST_SIGNERS = 3
_MOST_CERTIFICATES = 20
_LONGEST = 200
_DIGESTS: Final[dict[bytes, hashes.HashAlgorithm]] = {
    bytes.fromhex("608648016503040201"): hashes.SHA256(),
    bytes.fromhex("608648016503040202"): hashes.SHA384(),
    bytes.fromhex("608648016503040203"): hashes.SHA512(),
}
"""SHA-1 and MD5 are not among them: what can be forged says nothing of a content."""
_PSS = bytes.fromhex("2a864886f70d01010a")
_BROKEN = (ValueError, IndexError, TypeError, KeyError, UnsupportedAlgorithm, AttributeError)
UNREADABLE: Final = Signature()


def signatures(octets: bytes, roots: bytes, sender: str = "") -> tuple[Signature, ...]:
    """Returns who signed a mail, three signers at most; empty when it bears no signature.

    A signature that can't be read is one without a name. `octets`: the mail as its server
    delivered it. `roots`: certificates (PEM) of the authorities that the préfecture knows; may
    be empty. `sender`: the address of who wrote it, which is looked for in a certificate of
    several.
    """
    found = signed_part(octets)
    if found is None:
        return ()
    try:
        envelope = parse(found.envelope)
    except OtherEnvelope:
        return ()
    except _BROKEN:
        return (UNREADABLE,)
    # An envelope with a content says nothing of a text that stands beside it.
    beside = found.clear if envelope.content is None else None
    content = envelope.content if found.is_opaque else beside
    known = x509.load_pem_x509_certificates(roots) if roots.strip() else []
    return tuple(
        _signature(signer, envelope, content, known, sender)
        for signer in envelope.signers[:_MOST_SIGNERS]
    )


def _signature(
    signer: Signer,
    envelope: SignedData,
    content: bytes | None,
    roots: Sequence[x509.Certificate],
    sender: str,
) -> Signature:
    certificates = tuple(_certificates(envelope))
    mine = next((found for found in certificates if _is_of(found, signer)), None)
    if mine is None:
        return UNREADABLE
    try:
        return Signature(
            name=_of(mine.subject, NameOID.COMMON_NAME) or _shown(mine.subject.rfc4514_string()),
            organisation=_of(mine.subject, NameOID.ORGANIZATION_NAME),
            address=_address(mine, sender),
            issuer=_of(mine.issuer, NameOID.COMMON_NAME)
            or _of(mine.issuer, NameOID.ORGANIZATION_NAME),
            begins=_day(mine.not_valid_before_utc),
            ends=_day(mine.not_valid_after_utc),
            chain=_chain(mine, certificates, roots),
            content=_compared(signer, mine, content),
        )
    except _BROKEN:
        return UNREADABLE


def _certificates(envelope: SignedData) -> Iterator[x509.Certificate]:
    for octets in envelope.certificates[:_MOST_CERTIFICATES]:
        with suppress(*_BROKEN):
            yield x509.load_der_x509_certificate(octets)


def _is_of(certificate: x509.Certificate, signer: Signer) -> bool:
    try:
        if signer.key_id:
            kind = x509.SubjectKeyIdentifier
            return certificate.extensions.get_extension_for_class(kind).value.digest == (
                signer.key_id
            )
        issuer, serial = ber.elements(signer.issuer_and_serial)
        return certificate.issuer.public_bytes() == issuer.whole and (
            certificate.serial_number == int.from_bytes(serial.value, "big", signed=True)
        )
    except (*_BROKEN, x509.ExtensionNotFound):
        return False


def _of(name: x509.Name, oid: x509.ObjectIdentifier) -> str:
    values = name.get_attributes_for_oid(oid)
    return _shown(str(values[0].value)) if values else ""


def _day(moment: datetime) -> datetime | None:
    """`None` for the first and the last year, which stand for "always" and some zones lack."""
    return moment if MINYEAR < moment.year < MAXYEAR else None


def _address(certificate: x509.Certificate, sender: str) -> str:
    """The e-mail address of a certificate, of several the sender's; else the first."""
    with suppress(x509.ExtensionNotFound, *_BROKEN):
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        found = [_shown(address).lower() for address in names.get_values_for_type(x509.RFC822Name)]
        if found:
            return sender.lower() if sender.lower() in found else found[0]
    return _of(certificate.subject, NameOID.EMAIL_ADDRESS).lower()


def _shown(text: str) -> str:
    return " ".join(decoding.clean(text).split())[:_LONGEST]


def _chain(
    mine: x509.Certificate, others: Sequence[x509.Certificate], roots: Sequence[x509.Certificate]
) -> Literal["known", "unknown", "unchecked"]:
    """Whether known authorities vouch for it, on the day on which it was given.

    A certificate that has since ended shows its days; whether it was revoked is not asked.
    """
    if not roots:
        return "unchecked"
    if mine in roots:
        return "known"
    verifier = (
        PolicyBuilder()
        .store(Store(list(roots)))
        .time(mine.not_valid_before_utc)
        .extension_policies(
            ca_policy=ExtensionPolicy.webpki_defaults_ca(), ee_policy=ExtensionPolicy.permit_all()
        )
        .build_client_verifier()
    )
    try:
        verifier.verify(mine, [other for other in others if other != mine])
    except VerificationError:
        return "unknown"
    return "known"


def _compared(
    signer: Signer, certificate: x509.Certificate, content: bytes | None
) -> Literal["same", "changed", "unchecked"]:
    digest = _DIGESTS.get(signer.digest)
    if content is None or digest is None:
        return "unchecked"
    if signer.attributes:
        of_content = hashes.Hash(digest)
        of_content.update(content)
        if of_content.finalize() != signer.content_digest:
            return "changed"
    try:
        _verify(certificate.public_key(), signer, signer.attributes or content, digest)
    except InvalidSignature:
        return "changed"
    except _BROKEN:
        return "unchecked"
    return "same"


def _verify(key: object, signer: Signer, signed: bytes, digest: hashes.HashAlgorithm) -> None:
    """Raises InvalidSignature where key, signature and octets do not belong together."""
    match key:
        case rsa.RSAPublicKey() if signer.algorithm == _PSS:
            pss = padding.PSS(padding.MGF1(digest), padding.PSS.AUTO)
            key.verify(signer.signature, signed, pss, digest)
        case rsa.RSAPublicKey():
            key.verify(signer.signature, signed, padding.PKCS1v15(), digest)
        case ec.EllipticCurvePublicKey():
            key.verify(signer.signature, signed, ec.ECDSA(digest))
        case _:
            raise UnsupportedAlgorithm("no key of a kind that is read")
