"""What notify needs to know about where it runs."""

from datetime import timedelta
from pathlib import Path
from typing import ClassVar

from pydantic import Field, SecretStr

from services.notify.mailer import SmtpServer, Tls
from shared.paper.code_settings import CodeSettings

_IMPLICIT_TLS_PORT = 465


class NotifySettings(CodeSettings):
    """The settings of notify, from environment variables; passwords have no default."""

    role: ClassVar[str] = "notify"

    blobs: Path
    smtp_host: str
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_tls: bool = True
    """STARTTLS, or TLS from the first octet on port 465; false only towards a local relay."""
    smtp_timeout: timedelta = timedelta(seconds=60)
    probe_every: timedelta | None = None
    """How often a probe mail leaves for each mailbox (ISO 8601); none: no probe leaves."""

    @property
    def smtp(self) -> SmtpServer:
        """The address and account of the SMTP server that takes our emails."""
        implicit = self.smtp_port == _IMPLICIT_TLS_PORT
        return SmtpServer(
            host=self.smtp_host,
            port=self.smtp_port,
            tls=(Tls.IMPLICIT if implicit else Tls.STARTTLS) if self.smtp_tls else Tls.NONE,
            user=self.smtp_user,
            password=self.smtp_password,
            timeout=self.smtp_timeout,
        )
