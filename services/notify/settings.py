"""What notify needs to know about where it runs."""

from datetime import timedelta
from typing import ClassVar, Literal

from pydantic import Field, SecretStr

from services.notify.smtp_connection import SmtpServer, Tls
from services.notify.smtp_sign_in import SmtpTokens
from shared.content.originals_settings import OriginalsSettings
from shared.errors import PermanentFailure
from shared.paper.code_settings import CodeSettings
from shared.platform.settings import PORTAL_URL, PREFIX
from shared.platform.token_settings import TokenSettings

_IMPLICIT_TLS_PORT = 465


class NotifySettings(CodeSettings, TokenSettings, OriginalsSettings):
    """The settings of notify, from environment variables; passwords have no default."""

    role: ClassVar[str] = "notify"

    smtp_host: str
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_sign_in: Literal["password", "token"] = "password"
    """`token`: `smtp_user` signs in by the access token that the program is given."""
    smtp_tls: bool = True
    """STARTTLS, or TLS from the first octet on port 465; false only towards a local relay."""
    smtp_timeout: timedelta = timedelta(seconds=60)
    smtp_connections: int = Field(default=1, ge=1, le=16)
    """Over how many connections ordinary mails leave at once; what is urgent has one of its own."""
    portal_url: str | None = Field(default=None, pattern=PORTAL_URL)
    """Where the public follows a letter by its number and code; none: no notice says so."""
    probe_every: timedelta | None = None
    """How often a probe mail leaves for each mailbox (ISO 8601); none: no probe leaves."""

    @property
    def smtp(self) -> SmtpServer:
        """The address and account of the SMTP server that takes our emails.

        Raises PermanentFailure when sign-in is by token without a token server or user.
        """
        by_token = self._by_token if self.smtp_sign_in == "token" else None
        implicit = self.smtp_port == _IMPLICIT_TLS_PORT
        return SmtpServer(
            host=self.smtp_host,
            port=self.smtp_port,
            tls=(Tls.IMPLICIT if implicit else Tls.STARTTLS) if self.smtp_tls else Tls.NONE,
            user=None if by_token else self.smtp_user,
            password=None if by_token else self.smtp_password,
            by_token=by_token,
            timeout=self.smtp_timeout,
        )

    @property
    def _by_token(self) -> SmtpTokens:
        if self.tokens is None or self.smtp_user is None:
            raise PermanentFailure(
                f"{PREFIX}SMTP_SIGN_IN is token: set {PREFIX}OAUTH_TOKEN_URL and {PREFIX}SMTP_USER."
            )
        return SmtpTokens(self.smtp_user, self.tokens, self.oauth_mechanism)
