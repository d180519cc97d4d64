"""The code by which whoever has a receipt follows their letter, without an account.

It stands beside the chrono in what we send or print: `K7QF-2MWX-3A`, HMAC-SHA256 of the chrono by
the site's secret (shared/content/site_keys.py), in letters and digits that can't be taken for each
other. The database keeps a digest of both alone: whoever reads it learns no code, and the portal,
which has no secret, finds what it may show by the digest of what was typed.
"""

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from shared.content.site_keys import SIGNATURE, SiteKeys
from shared.facts.envelope import Chrono, Digest

PATH: Final = "/suivi"
"""Of the portal's page on which number and code are typed."""

_PURPOSE = "follow"
_CODE = re.compile(SIGNATURE)
_NUMBER = re.compile(r"(\d{2,3}|2[AB])-?(\d{4})-?A-?(\d{1,9})", re.ASCII)
_MISTAKEN = str.maketrans("018", "OIB")
"""Digits that no code has, and the letters for which a reader takes them."""
_DASHES = re.compile(r"[\s\u00ad\u2010-\u2015\u2212.]+")
_LONGEST = 80


@dataclass(frozen=True, slots=True)
class FollowCode:
    """The number of a letter with the code that proves its receipt, as printed or typed."""

    chrono: Chrono
    code: str

    @property
    def shown(self) -> str:
        """The code in groups of four for a person to copy: `K7QF-2MWX-3A`."""
        return "-".join(self.code[at : at + 4] for at in range(0, len(self.code), 4))

    @property
    def digest(self) -> Digest:
        """The SHA-256 of number and code together, which is all that the database knows of them."""
        return Digest(sha256(f"follow\n{self.chrono}\n{self.code}".encode()).hexdigest())

    @property
    def path(self) -> str:
        """The path of the letter's page on the portal."""
        return f"{PATH}/{self.chrono}/{self.code}"


def follow_code(secret: SiteKeys, chrono: Chrono) -> FollowCode:
    """Makes the code by which the letter of a chrono is followed, the same at each call."""
    return FollowCode(chrono, secret.sign(_PURPOSE, chrono))


def proves(secret: SiteKeys, chrono: Chrono, code: str) -> bool:
    """Whether a code belongs to this chrono, signed by the current or a former secret in here."""
    return secret.verify(_PURPOSE, chrono, code)


def parse_typed(number: str, code: str) -> FollowCode | None:
    """Parses a number and a code as people type them; `None` when they can't be any.

    Spaces, dashes and lower case are no mistakes, nor is 0 for O, 1 for I or 8 for B in the
    code, nor a number without its zeros (`36-2026-A-123`). Whether the code is right is not
    checked.
    """
    if len(number) > _LONGEST or len(code) > _LONGEST:
        return None
    found = _NUMBER.fullmatch(_DASHES.sub("-", number.strip().upper()).strip("-"))
    letters = _DASHES.sub("", code.upper()).replace("-", "").translate(_MISTAKEN)
    if found is None or _CODE.fullmatch(letters) is None:
        return None
    department, year, count = found.groups()
    return FollowCode(Chrono(f"{department}-{year}-A-{int(count):06d}"), letters)
