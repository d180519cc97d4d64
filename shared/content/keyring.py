"""The keyring: the keys that open this site's files, and the one that writes new ones.

    {"current": "2027", "keys": {"2026": "<32 octets in base64>", "2027": "…"}, "destroyed": []}

`current` may be null: files are read, and new ones lie in clear. A file that needs a key which is
not here is no damaged file: it is read as soon as its key is. `destroyed` has the ids of keys that
nobody has any more, so that nothing waits for them.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import IO, Final, Self, TypeVar

from shared.content.encryption import (
    BadEncryption,
    Header,
    ReadingKey,
    WritingKey,
    decrypt,
    read_header,
)
from shared.errors import PermanentFailure, TemporaryFailure

T = TypeVar("T")
_PART: Final = 1 << 20


class KeyMissing(TemporaryFailure):
    """Raised when a file is encrypted with a key that the keyring has not; nothing is lost."""

    def __init__(self, key_id: str, what: str) -> None:
        super().__init__(
            f"{what} is encrypted with key {key_id}, which is not in VAGUEMESTRE_KEYRING: give this"
            " process the keyring that has it, and start it again."
        )


class KeyDestroyed(PermanentFailure):
    """Raised when a file is encrypted with a key that was destroyed: nobody can ever read it."""


@dataclass(frozen=True)
class Keyring:
    """The encryption keys of a site by name, and which of them new files are written with.

    Empty: files are not encrypted.
    """

    keys: Mapping[str, ReadingKey] = field(default_factory=dict)
    current: WritingKey | None = None
    destroyed: frozenset[str] = frozenset()
    """Ids of keys that were destroyed."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parses a keyring from JSON. Raises ValueError that says what is wrong, and no key."""
        try:
            read = json.loads(text)
            current, secrets = read["current"], dict(read["keys"])
            destroyed = frozenset(map(str, read.get("destroyed", ())))
        except (ValueError, TypeError, KeyError):
            raise ValueError('a keyring is JSON with "current" and "keys"') from None
        if not all(isinstance(secret, str) for secret in secrets.values()):
            raise ValueError("a key is 32 octets in base64")
        keys = {name: ReadingKey.parse(name, secret) for name, secret in secrets.items()}
        if current is not None and (not isinstance(current, str) or current not in keys):
            raise ValueError('"current" names none of its keys')
        return cls(keys, None if current is None else keys[current].writing, destroyed)

    @property
    def text(self) -> str:
        """The keyring as JSON, which `parse` reads: it holds all secret keys."""
        secrets = {name: key.text for name, key in self.keys.items()}
        current = None if self.current is None else self.current.name
        destroyed = sorted(self.destroyed)
        return json.dumps({"current": current, "keys": secrets, "destroyed": destroyed})

    @property
    def ids(self) -> frozenset[str]:
        """The ids of all keys of this keyring, as they stand in the headers of encrypted files."""
        return frozenset(key.writing.id for key in self.keys.values())

    def key_of(self, header: Header, what: str) -> ReadingKey:
        """Returns the key that opens a file with this header; `what` names the file in an error.

        Raises KeyMissing: the key is not here; KeyDestroyed: it was destroyed.
        """
        for key in self.keys.values():
            if key.writing.id == header.key_id:
                return key
        if header.key_id in self.destroyed:
            raise KeyDestroyed(f"{what} was encrypted with key {header.key_id}, now destroyed.")
        raise KeyMissing(header.key_id, what)

    def opens(self, header: Header) -> bool:
        """Whether some key of this keyring decrypts the data key in a file's header."""
        try:
            self.key_of(header, "").data_key(header)
        except (KeyMissing, KeyDestroyed, BadEncryption):
            return False
        return True

    def parts(self, file: IO[bytes], what: str) -> Iterator[bytes]:
        """Yields the decrypted content of a file, or that of one in clear, part by part.

        Raises:
            KeyMissing: it is encrypted, and its key is not here.
            KeyDestroyed: it is encrypted, and its key was destroyed.
            BadEncryption: it is encrypted, and was altered or cut.
        """
        header = read_header(file)
        if header is None:
            file.seek(0)
            yield from _raw(file)
        else:
            yield from decrypt(file, self.key_of(header, what).data_key(header))

    def content(self, path: Path, sha256: str) -> bytes | None:
        """Reads a file whose content has this SHA-256; `None`: its octets are others.

        What a stranger sent may begin as an encrypted file, and lie in clear: the hash decides.

        Raises:
            KeyMissing: it is encrypted, and its key is not here.
            KeyDestroyed: it is encrypted, and its key was destroyed.
            OSError: it can't be read.
        """
        with path.open("rb") as file:
            return self.content_in(file, sha256, str(path))

    def content_in(self, file: IO[bytes], sha256: str, what: str) -> bytes | None:
        """Reads a file that is open as `content` does one by its path, and raises the same.

        `what` names the file in an error.
        """

        def joined(parts: Iterator[bytes]) -> tuple[str, bytes]:
            whole = BytesIO()  # which grows and gives itself away: parts and their sum stand once
            whole.writelines(parts)
            content = whole.getvalue()
            return hashlib.sha256(content).hexdigest(), content

        return self._read(file, sha256, what, joined)

    def holds(self, path: Path, sha256: str) -> bool:
        """Whether a file's content has this SHA-256; read in parts. Raises as `content` does."""

        def hashed(parts: Iterator[bytes]) -> tuple[str, bool]:
            digest = hashlib.sha256()
            for part in parts:
                digest.update(part)
            return digest.hexdigest(), True

        with path.open("rb") as file:
            return self._read(file, sha256, str(path), hashed) or False

    def _read(
        self,
        file: IO[bytes],
        sha256: str,
        what: str,
        read: Callable[[Iterator[bytes]], tuple[str, T]],
    ) -> T | None:
        missing: KeyMissing | KeyDestroyed | None = None
        for reading in (partial(self.parts, what=what), _raw):
            file.seek(0)
            try:
                digest, found = read(reading(file))
            except BadEncryption:
                continue
            except (KeyMissing, KeyDestroyed) as failure:
                missing = failure
                continue
            if digest == sha256:
                return found
        if missing is not None:
            raise missing
        return None


def raw_holds(path: Path, sha256: str) -> bool:
    """Whether the octets of a file, as they lie on the disk, have this SHA-256. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == sha256


def _raw(file: IO[bytes]) -> Iterator[bytes]:
    while part := file.read(_PART):
        yield part


IN_CLEAR: Final = Keyring()
"""The keyring of a site that encrypts nothing."""
