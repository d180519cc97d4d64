"""The connection to an SMTP server: how it is made, signed in, found alive and ended.

Beside it how one end of an envelope is named; which mail is handed over stands in mailer.py.
"""

import asyncio
import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

import aiosmtplib
from pydantic import SecretStr

from services.notify.smtp_sign_in import SmtpTokens
from shared.errors import TemporaryFailure

_GOODBYE_SECONDS = 5.0
_AGREED = 2
_ENDS = re.compile(r"[\s<>\x00-\x20\x7f]")


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


class SmtpConnection:
    """The connection to an SMTP server, kept open from email to email."""

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
        await self._reset()
        if self._smtp.is_connected:
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

    async def _name(self, command: bytes, address: str, *options: bytes) -> None:
        """Names one end of an envelope. Raises SMTPResponseException unless the server agrees.

        The library parses an address to do so, ours were checked when the mail was composed.
        Raises ValueError for one with a sign that would end it.
        """
        if _ENDS.search(address):
            raise ValueError("An address of an envelope has a blank or a bracket.")
        answer = await self._smtp.execute_command(b"%b<%b>" % (command, address.encode()), *options)
        if answer.code // 100 != _AGREED:
            raise aiosmtplib.SMTPResponseException(answer.code, answer.message)

    async def _reset(self) -> None:
        """Ends what was begun of another mail on an open connection; closes one that is dead."""
        if self._smtp.is_connected:
            try:
                await self._smtp.rset()
            except (aiosmtplib.SMTPException, OSError):
                self._smtp.close()

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
