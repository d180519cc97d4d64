"""Signing in at the SMTP server by an access token: XOAUTH2, or OAUTHBEARER (RFC 7628)."""

from base64 import b64encode
from dataclasses import dataclass

import aiosmtplib
from pydantic import SecretStr

from shared.errors import TemporaryFailure
from shared.platform.access_tokens import AccessTokens
from shared.platform.token_settings import TokenMechanism, token_answer

_LET_IN = 235
_CHALLENGE = 334
_PERMANENT = 500


@dataclass(frozen=True, slots=True)
class SmtpTokens:
    """The sign-in of `user` at an SMTP server by a token instead of a password."""

    user: str
    tokens: AccessTokens
    mechanism: TokenMechanism

    async def sign_in(self, smtp: aiosmtplib.SMTP, token: SecretStr) -> None:
        """Signs in on an open SMTP connection by a token; closes it when refused.

        Raises TemporaryFailure, which says who must do what about it.
        """
        answer = b64encode(token_answer(self.mechanism, self.user, token))
        said = await smtp.execute_command(b"AUTH", self.mechanism.encode(), answer)
        if said.code == _CHALLENGE:
            # Who is refused is told why in a challenge, to which nothing is the answer.
            said = await smtp.execute_command(b"")
        if said.code == _LET_IN:
            return
        smtp.close()
        where = f"SMTP server {smtp.hostname}:{smtp.port}"
        if said.code < _PERMANENT:
            raise TemporaryFailure(f"{where} lets nobody in now ({said.code}); mails wait.")
        if self.tokens.drop(token):
            raise TemporaryFailure(f"{where} refuses our token, a new one is asked for.")
        raise TemporaryFailure(
            f"{where} refuses a fresh token: give the program of VAGUEMESTRE_OAUTH_CLIENT_ID the "
            "right to send as VAGUEMESTRE_SMTP_USER, and check VAGUEMESTRE_OAUTH_SCOPE and "
            "VAGUEMESTRE_OAUTH_MECHANISM; mails wait."
        )
