"""A certificate authority of tests: it signs servers and clients for a day, in RSA."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from shared.platform.clock import SystemClock


@dataclass(frozen=True)
class Authority:
    """One that signs certificates, and the file by which it is known."""

    folder: Path
    key: rsa.RSAPrivateKey
    name: x509.Name

    @property
    def file(self) -> Path:
        return self.folder / "ca.pem"

    def signs(self, name: str, *alternatives: x509.GeneralName) -> Path:
        """A key and its certificate, in one file as Kafka and Python read them."""
        key = _key()
        made = _certificate(
            name, key, self.name, self.key, x509.SubjectAlternativeName(alternatives)
        )
        path = self.folder / f"{name}.pem"
        path.write_bytes(
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            + made.public_bytes(Encoding.PEM)
            + self.file.read_bytes()
        )
        return path


def authority(folder: Path) -> Authority:
    folder.mkdir()
    key, name = _key(), _name("authority")
    own = Authority(folder, key, name)
    extension = x509.BasicConstraints(ca=True, path_length=None)
    own.file.write_bytes(
        _certificate("authority", key, name, key, extension).public_bytes(Encoding.PEM)
    )
    return own


def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65_537, key_size=2_048)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _certificate(
    name: str,
    key: rsa.RSAPrivateKey,
    issuer: x509.Name,
    signer: rsa.RSAPrivateKey,
    extension: x509.ExtensionType,
) -> x509.Certificate:
    now = SystemClock().now()
    return (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
        .sign(signer, hashes.SHA256())
    )
