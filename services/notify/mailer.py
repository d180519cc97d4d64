"""The door to SMTP: one kept connection, and for each mail exactly what is known of its fate.

What matters is where the conversation ended: before DATA nothing was taken, after it nobody knows
until the answer (DESIGN, law 5). The in-memory form is tests/contract/smtp/memory.py.
"""

import re
from dataclasses import dataclass
from typing import Protocol

import aiosmtplib

from services.notify.domain.ledger import (
    Accepted,
    NoAnswer,
    NotTried,
    RefusedForGood,
    RefusedForNow,
    SmtpAnswer,
)
from services.notify.domain.server_answer import stored_answer
from services.notify.smtp_connection import SmtpConnection

_STATUS = re.compile(r"^\s*([245]\.\d{1,3}\.\d{1,3})\b")
_CLOSING = 421
_PERMANENT = 500
_UNUSABLE_ADDRESS = "5.6.7"
"""RFC 6531: the address is international and the server does not take those."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """An SMTP envelope: return path, recipient and the octets of the message."""

    return_path: str
    """Empty: a mail that nothing may answer, not even a bounce."""
    recipient: str
    message: bytes


class Mailer(Protocol):
    """The interface that sends emails to an SMTP server, one at a time."""

    async def connect(self) -> None:
        """Makes sure of a live SMTP connection first, so that a dead server costs no attempt.

        Raises:
            TemporaryFailure: the server is away or refuses our sign-in.
        """
        ...

    async def send(self, envelope: Envelope) -> SmtpAnswer:
        """Sends one email and returns the server's answer; never raises."""
        ...

    async def close(self) -> None:
        """Closes the SMTP connection politely (QUIT)."""
        ...


class SmtpMailer(SmtpConnection):
    """The mailer over one SMTP connection, which is kept open between emails (a `Mailer`)."""

    async def send(self, envelope: Envelope) -> SmtpAnswer:
        """Sends one email by SMTP and returns the server's answer; never raises."""
        international = not (envelope.recipient + envelope.return_path).isascii()
        if international and not self._smtp.supports_extension("smtputf8"):
            return RefusedForGood(_UNUSABLE_ADDRESS)
        options = [b"SMTPUTF8"] if international else []
        try:
            await self._name(b"MAIL FROM:", envelope.return_path, *options)
            await self._name(b"RCPT TO:", envelope.recipient)
        except aiosmtplib.SMTPResponseException as refusal:
            await self._reset()
            return self._refused(refusal)
        except ValueError:
            # A control character, or one that no encoding has: it would be so at each attempt.
            self._smtp.close()
            return RefusedForGood(_UNUSABLE_ADDRESS)
        except Exception:  # noqa: BLE001  (whatever the library raises, nothing was taken)
            self._smtp.close()
            return NotTried()
        return await self._data(envelope.message)

    async def _data(self, message: bytes) -> SmtpAnswer:
        try:
            taken = await self._smtp.data(message)
        except aiosmtplib.SMTPDataError as refusal:
            return self._refused(refusal)
        except Exception:  # noqa: BLE001  (whatever the library raises)
            # DATA may or may not have been sent: the careful reading is that it was.
            self._smtp.close()
            return NoAnswer()
        return Accepted(stored_answer(taken.code, taken.message))

    def _refused(self, refusal: aiosmtplib.SMTPResponseException) -> SmtpAnswer:
        if refusal.code == _CLOSING or refusal.code < 0:
            self._smtp.close()
            return NotTried()
        found = _STATUS.match(refusal.message)
        status = found[1] if found else f"{refusal.code // 100}.0.0"
        return RefusedForGood(status) if refusal.code >= _PERMANENT else RefusedForNow(status)
