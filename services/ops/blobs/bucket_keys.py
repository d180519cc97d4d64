"""The objects of a bucket by the key that each needs: counted, encrypted, put under another key.

As turnover.py does for a folder. An object is written anew only if it is still the one that was
read, so that what is erased meanwhile stays erased.
"""

import hashlib
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from io import BytesIO
from typing import Final

from services.ops.blobs.turnover import Turnover
from shared.content.at_rest import FilesAtRest
from shared.content.blobs import KEY, NoSuchBlob, sha256_of
from shared.content.bucket import BucketBlobs, in_turns
from shared.content.encryption import BadEncryption, WritingKey, read_header, rewrap
from shared.content.keyring import Keyring
from shared.errors import Refused

_HEAD: Final = 256
"""Octets, more than any header has."""
_SAID_EACH: Final = 1_000


async def count(bucket: BucketBlobs, keyring: Keyring) -> FilesAtRest:
    """Counts the objects of a bucket by the key that each needs; asks for the head of each.

    Raises TemporaryFailure.
    """
    keys = Counter[str | None]()

    async def look(name: str) -> None:
        with suppress(NoSuchBlob):  # erased meanwhile
            keys[await _needed(bucket, keyring, name)] += 1

    await in_turns(look, await _names(bucket))
    clear = keys.pop(None, 0)
    return FilesAtRest(clear, {key: number for key, number in keys.items() if key})


async def encrypt(
    bucket: BucketBlobs, keyring: Keyring, progress: Callable[[int], None], *, renew: bool = False
) -> Turnover:
    """Encrypts all objects of a bucket that lie in clear, while everything runs.

    Args:
        bucket: whose objects are looked at.
        keyring: its current key encrypts.
        progress: called with the number of objects looked at, now and then.
        renew: whether objects of the keyring's other keys get a header of the current one as well.

    Raises:
        Refused: no key of the keyring writes.
        TemporaryFailure: the bucket is away; what was done stays.
    """
    current = keyring.current
    if current is None:
        raise Refused("No key of VAGUEMESTRE_KEYRING writes: say which by `keys use` first.")
    work = _Work(bucket, keyring, current, progress, renew=renew)
    await in_turns(work.look, await _names(bucket))
    done = work.done
    return Turnover(
        current.id, done["encrypted"], done["rewrapped"], done["before"], sorted(work.damaged)
    )


class _Work:
    """One run over a bucket."""

    def __init__(
        self,
        bucket: BucketBlobs,
        keyring: Keyring,
        key: WritingKey,
        progress: Callable[[int], None],
        *,
        renew: bool,
    ) -> None:
        self._bucket, self._keyring, self._key = bucket, keyring, key
        self._others = keyring.ids - {key.id} if renew else frozenset()
        self._progress, self._seen = progress, 0
        self.done, self.damaged = Counter[str](), list[str]()

    async def look(self, name: str) -> None:
        """Replaces an object if it needs it."""
        with suppress(NoSuchBlob):  # erased meanwhile
            needed = await _needed(self._bucket, self._keyring, name)
            if needed is None:
                made, word = partial(self._in_cipher, name), "encrypted"
            elif needed in self._others:
                made, word = partial(self._renewed, name), "rewrapped"
            else:
                made, word = None, "before"
            # Added when it is done: others count meanwhile.
            times = 1 if made is None else await self._bucket.replace(name, made)
            self.done[word] += times
        self._seen += 1
        if self._seen % _SAID_EACH == 0:
            self._progress(self._seen)

    def _in_cipher(self, name: str, raw: bytes) -> bytes | None:
        if hashlib.sha256(raw).hexdigest() == sha256_of(name):
            return self._key.encrypt(raw)
        self.damaged.append(name)
        return None

    def _renewed(self, name: str, raw: bytes) -> bytes | None:
        file = BytesIO(raw)
        try:
            header = read_header(file)
            if header is not None:
                old = self._keyring.key_of(header, name)
                return b"".join(rewrap(file, header, old, self._key))
        except BadEncryption:
            self.damaged.append(name)
        return None


async def _names(bucket: BucketBlobs) -> list[str]:
    return [file.name async for file in bucket.files() if KEY.fullmatch(file.name)]


async def _needed(bucket: BucketBlobs, keyring: Keyring, name: str) -> str | None:
    """The id of the key that an object needs; `None`: it lies in clear, or its header is damaged.

    One that names a key which does not open it, and has the hash of its name as it lies there, is
    in clear: a stranger made it so.
    """
    try:
        header = read_header(BytesIO(await bucket.octets(name, first=_HEAD)))
    except BadEncryption:
        return None
    if header is None or keyring.opens(header):
        return None if header is None else header.key_id
    whole = await bucket.octets(name)
    return None if hashlib.sha256(whole).hexdigest() == sha256_of(name) else header.key_id
