"""Mails that somebody signed by S/MIME, and the authorities that gave the certificates."""

import base64
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509.oid import NameOID

from tests.ingest_builders import a_mail

BEGINS, ENDS = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
Key: TypeAlias = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True, slots=True)
class Certified:
    """A key with its certificate, and the certificates that lead from there to a root."""

    key: Key
    certificate: x509.Certificate
    above: tuple[x509.Certificate, ...] = ()

    @property
    def pem(self) -> bytes:
        """Its certificate as a file of known authorities has it."""
        return self.certificate.public_bytes(Encoding.PEM)


class Authority:
    """A certification authority: a root, or one below another."""

    def __init__(self, name: str, above: "Authority | None" = None) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.above = above
        issuer = above or self
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        key_id = x509.SubjectKeyIdentifier.from_public_key
        usage = x509.KeyUsage(
            digital_signature=False, content_commitment=False, key_encipherment=False,
            data_encipherment=False, key_agreement=False, key_cert_sign=True, crl_sign=True,
            encipher_only=False, decipher_only=False,
        )  # fmt: skip
        begun = x509.CertificateBuilder().subject_name(self.name).issuer_name(issuer.name)
        begun = begun.public_key(self.key.public_key()).serial_number(x509.random_serial_number())
        self.certificate = (
            begun.not_valid_before(BEGINS)
            .not_valid_after(ENDS)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(key_id(self.key.public_key()), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()),
                critical=False,
            )
            .sign(issuer.key, hashes.SHA256())
        )

    @property
    def pem(self) -> bytes:
        """Its certificate as a file of known authorities has it."""
        return self.certificate.public_bytes(Encoding.PEM)

    def below(self, name: str) -> "Authority":
        """An authority for which this one vouches."""
        return Authority(name, self)

    def as_signer(self) -> Certified:
        """Itself, as somebody who signs by a certificate of their own."""
        return Certified(self.key, self.certificate)

    def gives(
        self,
        name: str,
        *addresses: str,
        organisation: str = "",
        key: Key | None = None,
        ends: datetime = ENDS,
    ) -> Certified:
        """A key of a person with a certificate of this authority."""
        mine = key or ec.generate_private_key(ec.SECP256R1())
        said = [x509.NameAttribute(NameOID.COMMON_NAME, name)]
        if organisation:
            said.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation))
        certificate = (
            x509.CertificateBuilder()
            .subject_name(x509.Name(said))
            .issuer_name(self.name)
            .public_key(mine.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(BEGINS)
            .not_valid_after(ends)
            .add_extension(
                x509.SubjectAlternativeName([x509.RFC822Name(address) for address in addresses]),
                critical=False,
            )
            .sign(self.key, hashes.SHA256())
        )
        above = () if self.above is None else (self.certificate,)
        return Certified(mine, certificate, above)


def envelope(
    content: bytes, signer: Certified, *options: pkcs7.PKCS7Options, pss: bool = False
) -> bytes:
    """What signs these octets, as DER."""
    digest = hashes.SHA256()
    salted = padding.PSS(padding.MGF1(digest), 32) if pss else None
    builder = pkcs7.PKCS7SignatureBuilder().set_data(content)
    builder = builder.add_signer(signer.certificate, signer.key, digest, rsa_padding=salted)
    for above in signer.above:
        builder = builder.add_certificate(above)
    return builder.sign(Encoding.DER, [pkcs7.PKCS7Options.Binary, *options])


def _inner(text: str) -> bytes:
    part = f"Content-Type: text/plain; charset=utf-8\r\n\r\n{text}"
    return part.replace("\r\n", "\n").replace("\n", "\r\n").encode()


def signed_in_clear(
    text: str, signer: Certified, *, pss: bool = False, came: str | None = None
) -> bytes:
    """A mail whose text anybody reads, with a signature beside; `came`: the text that arrives."""
    signature = envelope(_inner(text), signer, pkcs7.PKCS7Options.DetachedSignature, pss=pss)
    return multipart_signed(_inner(text if came is None else came), signature)


def multipart_signed(first: bytes, signature: bytes) -> bytes:
    """A mail of a first part and a signature in a second one."""
    packed = base64.encodebytes(signature).replace(b"\n", b"\r\n")
    body = (
        b"This is an S/MIME signed message\r\n\r\n--signe\r\n"
        + first
        + b"\r\n--signe\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\n"
        b"Content-Transfer-Encoding: base64\r\n"
        b"Content-Disposition: attachment; filename=smime.p7s\r\n\r\n" + packed + b"--signe--\r\n"
    )
    kind = 'multipart/signed; protocol="application/pkcs7-signature"; micalg=sha-256;'
    return a_mail("", content_type=f'{kind}\r\n boundary="signe"') + body


def opaque(text: str, signer: Certified) -> bytes:
    """A mail whose text stands inside its signature."""
    return enveloped(envelope(_inner(text), signer))


def enveloped(octets: bytes, kind: str = "signed-data") -> bytes:
    """A mail that is nothing but such an envelope."""
    packed = base64.encodebytes(octets).decode()
    return a_mail(
        packed,
        content_type=f"application/pkcs7-mime; smime-type={kind}; name=smime.p7m",
        headers={"Content-Transfer-Encoding": "base64"},
    )
