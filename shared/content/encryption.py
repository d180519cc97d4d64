"""The format of an encrypted file, and the two halves of a key that write and open it.

Each file has a data key of its own. The header holds it sealed to a key of the site (HPKE of RFC
9180 with X25519, HKDF-SHA256 and AES-256-GCM), so that the public half alone writes files, and
reads none of them. The octets follow in chunks (AES-256-GCM under the data key):

    octets  8       89 56 47 4D 0D 0A 1A 0A
            1       version of the format, 1
            1       length n of the key's id
            n       the key's id, in ASCII: its name, and what its public half is known by
            80      the data key, sealed; all that stands before it is authenticated with it
            …       chunks of 65,536 octets, the last one shorter or equal, each with 16 of its tag

The nonce of a chunk is its number in 11 octets and one that is 1 for the last chunk alone: what is
cut, swapped, repeated or added to is refused. The key's id stands in clear: without any key it is
known which one a file needs.
"""

import hashlib
import os
import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import IO, Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from shared.errors import PermanentFailure

MAGIC: Final = b"\x89VGM\r\n\x1a\n"
VERSION: Final = 1
CHUNK: Final = 65_536
"""Octets of content in one chunk."""
NAME: Final = re.compile(r"[a-z0-9]{1,32}")
"""A name of a key, such as its year."""
_ID: Final = re.compile(NAME.pattern + r"-[0-9a-f]{8}")
_TAG: Final = 16
_DATA_KEY: Final = 32
_SEALED: Final = 80
_KEY_OCTETS: Final = 32
_SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


class BadEncryption(PermanentFailure):
    """Raised when an encrypted file is altered, cut or of a format that this version can't read."""


@dataclass(frozen=True, slots=True)
class Header:
    """The start of an encrypted file: the key's id and the sealed data key."""

    key_id: str
    sealed: bytes

    @property
    def octets(self) -> bytes:
        """The octets of an encrypted file's header, as they stand at the file's beginning."""
        return _prefix(self.key_id) + self.sealed


@dataclass(frozen=True)
class WritingKey:
    """The public half of a key: it writes encrypted files, and opens none."""

    name: str
    public: X25519PublicKey = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parses the public half of a key, `name:base64`. Raises ValueError for another text."""
        name, _, octets = text.strip().partition(":")
        return cls(_named(name), X25519PublicKey.from_public_bytes(_key_octets(octets)))

    @property
    def text(self) -> str:
        """The public half of the key as text `name:base64`, which `parse` reads: no secret."""
        return f"{self.name}:{b64encode(self.public.public_bytes_raw()).decode()}"

    @cached_property
    def id(self) -> str:
        """The id in a file's header: the name, and eight letters of the public half's hash."""
        return f"{self.name}-{hashlib.sha256(self.public.public_bytes_raw()).digest()[:4].hex()}"

    def encrypt_parts(self, source: IO[bytes]) -> Iterator[bytes]:
        """Encrypts the octets that `source` has from here on; yields the file part by part."""
        data_key = os.urandom(_DATA_KEY)
        yield self.header(data_key).octets
        cipher = AESGCM(data_key)
        for number, (chunk, last) in enumerate(_chunks(source, CHUNK)):
            yield cipher.encrypt(_nonce(number, last=last), chunk, None)

    def encrypt(self, content: bytes) -> bytes:
        """Encrypts octets and returns those of the whole encrypted file."""
        return b"".join(self.encrypt_parts(BytesIO(content)))

    def header(self, data_key: bytes) -> Header:
        """Makes the header of an encrypted file, with its data key sealed by this public half."""
        return Header(self.id, _SUITE.encrypt(data_key, self.public, _prefix(self.id)))


@dataclass(frozen=True)
class ReadingKey:
    """The secret half of a key: it opens what its public half wrote."""

    name: str
    secret: X25519PrivateKey = field(repr=False)

    @classmethod
    def new(cls, name: str) -> Self:
        """Makes a random key that opens encrypted files: the secret half, under this name.

        Raises ValueError for a name that can't be a key's.
        """
        return cls(_named(name), X25519PrivateKey.generate())

    @classmethod
    def parse(cls, name: str, text: str) -> Self:
        """Parses a secret key from base64. Raises ValueError for another text."""
        return cls(_named(name), X25519PrivateKey.from_private_bytes(_key_octets(text)))

    @property
    def text(self) -> str:
        """The secret key as base64, which `parse` reads."""
        return b64encode(self.secret.private_bytes_raw()).decode()

    @cached_property
    def writing(self) -> WritingKey:
        """The public half of this key, which encrypts new files."""
        return WritingKey(self.name, self.secret.public_key())

    def data_key(self, header: Header) -> bytes:
        """Decrypts the data key in a file's header. Raises BadEncryption when it was altered."""
        try:
            return _SUITE.decrypt(header.sealed, self.secret, _prefix(header.key_id))
        except InvalidTag:
            raise BadEncryption("Its header was altered.") from None


def read_header(file: IO[bytes]) -> Header | None:
    """Reads the header of an encrypted file, up to its chunks; `None` for a file in clear.

    Of a file in clear some octets are read. Raises BadEncryption when the header is cut, of another
    version, or names what can't be the id of a key.
    """
    if file.read(len(MAGIC)) != MAGIC:
        return None
    start = file.read(2)
    if len(start) == 2 and start[0] != VERSION:  # noqa: PLR2004  (version and length)
        raise BadEncryption(f"Its format is {start[0]}, and this version of the program reads 1.")
    length = start[1] if len(start) == 2 else 0  # noqa: PLR2004  (as above)
    name, sealed = file.read(length), file.read(_SEALED)
    found = name.decode("latin-1")
    if not _ID.fullmatch(found) or len(sealed) != _SEALED:
        raise BadEncryption("Its header is altered or cut.")
    return Header(found, sealed)


def key_id(path: Path) -> str | None:
    """Returns the id of the key that a file says it needs; `None`: in clear, or damaged header.

    A file in clear may say so too, if a stranger made it: its hash decides. Raises OSError.
    """
    with path.open("rb") as file:
        try:
            header = read_header(file)
        except BadEncryption:
            return None
    return None if header is None else header.key_id


def decrypt(file: IO[bytes], data_key: bytes) -> Iterator[bytes]:
    """Yields the decrypted content of a file that was read up to the end of its header.

    Trust no octet before the iteration has come to its end. Raises BadEncryption when a chunk
    was altered, or when chunks are missing, were swapped or added.
    """
    cipher = AESGCM(data_key)
    for number, (chunk, last) in enumerate(_chunks(file, CHUNK + _TAG)):
        try:
            yield cipher.decrypt(_nonce(number, last=last), chunk, None)
        except InvalidTag:
            raise BadEncryption("It was altered or cut.") from None


def rewrap(file: IO[bytes], header: Header, old: ReadingKey, new: WritingKey) -> Iterator[bytes]:
    """Yields an encrypted file, read from its first chunk on, under another key's header.

    The chunks are copied as they are, not decrypted. Raises BadEncryption.
    """
    yield new.header(old.data_key(header)).octets
    while chunk := file.read(CHUNK):
        yield chunk


def _chunks(file: IO[bytes], size: int) -> Iterable[tuple[bytes, bool]]:
    """Cuts a file into chunks, the last one said so; of an empty file one that is empty."""
    chunk = file.read(size)
    while following := file.read(size):
        yield chunk, False
        chunk = following
    yield chunk, True


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def _prefix(key_id: str) -> bytes:
    return MAGIC + bytes([VERSION, len(key_id)]) + key_id.encode("ascii")


def _named(name: str) -> str:
    if not NAME.fullmatch(name):
        raise ValueError("a key's name is 1 to 32 small letters and digits, such as its year")
    return name


def _key_octets(text: str) -> bytes:
    try:
        octets = b64decode(text, validate=True)
    except ValueError:
        octets = b""
    if len(octets) != _KEY_OCTETS:
        raise ValueError("a key is 32 octets in base64")
    return octets
