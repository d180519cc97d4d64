"""The door to SMTP: one kept connection, and for each mail exactly what is known of its fate.

What matters is where the conversation ended: before DATA nothing was taken, after it nobody knows
until the answer (DESIGN, law 5). The in-memory form is tests/contract/smtp/memory.py.
"""

import asyncio
import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

import aiosmtplib
from pydantic import SecretStr

from services.notify.domain.ledger import (
    Accepted,
    Answer,
    NoAnswer,
    NotTried,
    RefusedForGood,
    RefusedForNow,
)
from services.notify.domain.server_answer import kept
from services.notify.smtp_sign_in import SmtpTokens
from shared.errors import TemporaryFailure

_STATUS = re.compile(r"^\s*([245]\.\d{1,3}\.\d{1,3})\b")
_CLOSING = 421
_PERMANENT = 500
_UNUSABLE_ADDRESS = "5.6.7"
"""RFC 6531: the address is international and the server does not take those."""
_GOODBYE_SECONDS = 5.0


class Tls(StrEnum):
    """The ways in which an SMTP connection may be encrypted."""

    NONE = "none"
    STARTTLS = "starttls"
    IMPLICIT = "implicit"


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """The address and account of the SMTP server that takes our emails."""

    host: str
    port: int
    tls: Tls = Tls.STARTTLS
    user: str | None = None
    password: SecretStr | None = None
    by_token: SmtpTokens | None = None
    timeout: timedelta = timedelta(seconds=60)
    """For each answer; RFC 5321 grants a server minutes after DATA, ours have never needed one."""


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

    async def send(self, envelope: Envelope) -> Answer:
        """Sends one email and returns the server's answer; never raises."""
        ...

    async def close(self) -> None:
        """Closes the SMTP connection politely (QUIT)."""
        ...


class SmtpMailer:
    """Sends emails over one SMTP connection, which is kept open between them."""

    def __init__(self, server: SmtpServer) -> None:
        self._server = server
        self._smtp = self._new()

    def _new(self) -> aiosmtplib.SMTP:
        server = self._server
        return aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.tls is Tls.IMPLICIT,
            start_tls=server.tls is Tls.STARTTLS,
            username=server.user,
            password=server.password.get_secret_value() if server.password else None,
            timeout=server.timeout.total_seconds(),
        )

    async def connect(self) -> None:
        """Opens the SMTP connection, or checks the one that is open. Raises TemporaryFailure."""
        if self._smtp.is_connected:
            try:
                await self._smtp.rset()
            except (aiosmtplib.SMTPException, OSError):
                self._smtp.close()
            else:
                return
        # Before the connection: a token may be long in coming, and a server's patience is short.
        by_token = self._server.by_token
        token = await asyncio.to_thread(by_token.tokens.current) if by_token else None
        self._smtp = self._new()
        try:
            await self._smtp.connect()
            await self._smtp.ehlo()
            if by_token and token:
                await by_token.sign_in(self._smtp, token)
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            self._smtp.close()
            raise TemporaryFailure(
                f"SMTP server {self._server.host}:{self._server.port} can't be used "
                f"({type(error).__name__}): check that it runs, VAGUEMESTRE_SMTP_TLS and the "
                "password; mails wait."
            ) from error

    async def send(self, envelope: Envelope) -> Answer:
        """Sends one email by SMTP and returns the server's answer; never raises."""
        international = not (envelope.recipient + envelope.return_path).isascii()
        if international and not self._smtp.supports_extension("smtputf8"):
            return RefusedForGood(_UNUSABLE_ADDRESS)
        options = ["SMTPUTF8"] if international else []
        try:
            await self._smtp.mail(envelope.return_path, options=options, encoding="utf-8")
            await self._smtp.rcpt(envelope.recipient, encoding="utf-8")
        except aiosmtplib.SMTPResponseException as refusal:
            return self._refused(refusal)
        except ValueError:
            # A control character, or one that no encoding has: it would be so at each attempt.
            self._smtp.close()
            return RefusedForGood(_UNUSABLE_ADDRESS)
        except Exception:  # noqa: BLE001  (whatever the library raises, nothing was taken)
            self._smtp.close()
            return NotTried()
        return await self._data(envelope.message)

    async def _data(self, message: bytes) -> Answer:
        try:
            taken = await self._smtp.data(message)
        except aiosmtplib.SMTPDataError as refusal:
            return self._refused(refusal)
        except Exception:  # noqa: BLE001  (whatever the library raises)
            # DATA may or may not have been sent: the careful reading is that it was.
            self._smtp.close()
            return NoAnswer()
        return Accepted(kept(taken.code, taken.message))

    def _refused(self, refusal: aiosmtplib.SMTPResponseException) -> Answer:
        if refusal.code == _CLOSING or refusal.code < 0:
            self._smtp.close()
            return NotTried()
        found = _STATUS.match(refusal.message)
        status = found[1] if found else f"{refusal.code // 100}.0.0"
        return RefusedForGood(status) if refusal.code >= _PERMANENT else RefusedForNow(status)

    async def close(self) -> None:
        """Closes the SMTP connection politely (QUIT)."""
        try:
            if self._smtp.is_connected:
                await self._smtp.quit(timeout=_GOODBYE_SECONDS)
        except (aiosmtplib.SMTPException, OSError):
            pass  # it has gone already
        finally:
            # Also when we are cut while we say it.
            self._smtp.close()
