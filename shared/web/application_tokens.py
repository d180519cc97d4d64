"""Tokens by which other programs present themselves: two halves, of which one is a secret. Pure.

A token is `vgm_<key>_<secret>`: twelve hexadecimal digits that are shown, journalled and found in
an index, and 256 random bits of which only the SHA-256 is stored. So long a secret can't be
guessed, so no slow hash is needed; a checker of leaked secrets finds it by its first letters.
"""

import hmac
import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, NewType

KeyId = NewType("KeyId", str)

PREFIX: Final = "vgm"
NO_DIGEST: Final = "0" * 64
"""What a token without a key is compared with, so that it takes as long."""
_TOKEN: Final = re.compile(rf"{PREFIX}_(?P<key>[0-9a-f]{{12}})_(?P<secret>[A-Za-z0-9_-]{{43}})")


@dataclass(frozen=True, slots=True)
class PresentedToken:
    """The token of a program's request, in two halves: key and secret; not verified yet."""

    key: KeyId
    secret: str

    @property
    def digest(self) -> str:
        """The SHA-256 of the secret half, as it is stored."""
        return digest_of(self.secret)


def token_of(key: KeyId, secret: str) -> str:
    """Formats the token that a program presents, from both its halves."""
    return f"{PREFIX}_{key}_{secret}"


def parse_authorization(authorization: str | None) -> PresentedToken | None:
    """Parses an Authorization header (`Bearer vgm_…`); `None` when it holds no token of ours."""
    scheme, _, token = (authorization or "").partition(" ")
    found = _TOKEN.fullmatch(token.strip()) if scheme.lower() == "bearer" else None
    return None if found is None else PresentedToken(KeyId(found["key"]), found["secret"])


def digest_of(secret: str) -> str:
    """Computes the digest of a secret, by which alone it is known."""
    return sha256(secret.encode()).hexdigest()


def matches(token: PresentedToken, digest: str) -> bool:
    """Returns whether a token has the secret of this digest, in constant time."""
    return hmac.compare_digest(token.digest.encode(), digest.encode())
