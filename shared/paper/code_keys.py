"""What proves that a code on paper is ours: a key id and a short MAC behind its text.

    VGM1:SEP:INDRE:BMI/K7Q2MWX3AFH5T
                       ^^^             key id: which secret signed it
                          ^^^^^^^^^^   the first 50 bits of HMAC-SHA256 of the text before it

The key is derived from the site's secret for this purpose and for this site alone. A secret that
was replaced goes on proving what was printed under it until its own day: sheets and stickers live
for years. Codes printed before there were signatures are believed until a day of the site, and
nothing unproven is ever obeyed. The form of the public bears no signature: anybody may print it,
and its code only says where a letter begins.
"""

import base64
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, SecretStr

from shared.errors import Refused
from shared.paper import codes
from shared.paper.codes import DayCode, FormCode, LabelCode, PaperCode, SeparatorCode

_KEY_ID, _MAC = 3, 10  # characters of base32; the pattern below knows them too
_SEAL = re.compile(r"(?P<text>.+)/(?P<key>[a-z2-7]{3})(?P<mac>[a-z2-7]{10})", re.DOTALL)


class FormerSecret(BaseModel):
    """A replaced secret, with the last local day on which it still proves a paper code."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    secret: SecretStr
    until: date


class Doubt(StrEnum):
    """The reason why a code on paper is not believed: forged or expired."""

    FORGED = "forged"
    """No key of ours signed it: another préfecture's, a stranger's, or a misread one."""
    EXPIRED = "expired"
    """The key that signed it, or the time of codes without signature, is over."""


@dataclass(frozen=True, slots=True)
class UnprovenCode:
    """A text that reads like a code on paper of ours and has no valid signature."""

    code: PaperCode
    doubt: Doubt


class NotProven(Refused):
    """Raised when a scanned or typed code has no valid signature."""

    def __init__(self, doubt: Doubt) -> None:
        super().__init__(
            {
                Doubt.FORGED: "This code was not printed by this site: key the number instead.",
                Doubt.EXPIRED: "This code is too old to be believed: key the number instead.",
            }[doubt],
            f"code-{doubt}",
        )
        self.doubt = doubt


@dataclass(frozen=True, slots=True)
class _Key:
    octets: bytes = field(repr=False)
    until: date | None

    @classmethod
    def of(cls, site: str, secret: SecretStr, until: date | None = None) -> Self:
        purpose = f"codes on paper\n{site}".encode()
        return cls(hmac.digest(secret.get_secret_value().encode(), purpose, "sha256"), until)

    @property
    def name(self) -> str:
        return _base32(hmac.digest(self.octets, b"key id", "sha256"))[:_KEY_ID]

    def mac(self, text: str) -> str:
        return _base32(hmac.digest(self.octets, f"mac\n{text}".encode(), "sha256"))[:_MAC]


@dataclass(frozen=True, slots=True)
class CodeKeys:
    """The keys of the codes on paper: the first signs, former ones verify until their day."""

    site: str
    keys: tuple[_Key, ...]
    unsigned_until: date | None = None
    """Last local day on which a code without signature is believed; `None`: on none."""

    @classmethod
    def of(
        cls,
        site: str,
        secret: SecretStr,
        former: Sequence[FormerSecret] = (),
        unsigned_until: date | None = None,
    ) -> Self:
        """Derives the keys for codes on paper from the site's secret and its former ones."""
        replaced = [_Key.of(site, secret.secret, secret.until) for secret in former]
        return cls(site, (_Key.of(site, secret), *replaced), unsigned_until)

    def write(self, code: PaperCode) -> str:
        """Returns the signed text of a paper code, to be put into a QR code."""
        text = codes.write(code)
        if isinstance(code, FormCode):
            return text
        return f"{text}/{self.keys[0].name}{self.keys[0].mac(text)}"

    def read(self, text: str, today: date) -> PaperCode | UnprovenCode | None:
        """Parses the text of a scanned paper code and verifies its signature on a local day.

        `UnprovenCode` when that fails, `None` when the text is no code of ours. The code of the
        public's form bears no signature.
        """
        text = text.strip().lower()
        sealed = _SEAL.fullmatch(text) if len(text) <= codes.LONGEST else None
        code = codes.read(sealed["text"] if sealed else text)
        if code is None or isinstance(code, FormCode):
            return None if sealed else code
        doubt = self._doubt(code, today, sealed)
        return code if doubt is None else UnprovenCode(code, doubt)

    def prove(self, text: str, today: date) -> PaperCode | None:
        """Parses the text of a paper code (scanned or typed) that must have a valid signature.

        `None`: no code.

        Raises:
            NotProven: it reads like one, and is not to be believed.
        """
        match self.read(text, today):
            case UnprovenCode(_, doubt):
                raise NotProven(doubt)
            case found:
                return found

    def _doubt(self, code: PaperCode, today: date, sealed: "re.Match[str] | None") -> Doubt | None:
        if isinstance(code, SeparatorCode | DayCode | LabelCode) and code.site != self.site:
            return Doubt.FORGED
        if sealed is None:
            believed = self.unsigned_until is not None and today <= self.unsigned_until
            return None if believed else Doubt.EXPIRED
        text, name, mac = codes.write(code), sealed["key"].upper(), sealed["mac"].upper()
        signed = [
            key for key in self.keys if key.name == name and hmac.compare_digest(key.mac(text), mac)
        ]
        if not signed:
            return Doubt.FORGED
        alive = any(key.until is None or today <= key.until for key in signed)
        return None if alive else Doubt.EXPIRED


def _base32(octets: bytes) -> str:
    return base64.b32encode(octets).decode()
