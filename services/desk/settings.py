"""What the register must be told."""

from datetime import time
from pathlib import Path
from typing import ClassVar, Final, Literal

from pydantic import Field, SecretStr

from shared.content.originals_settings import OriginalsSettings
from shared.content.transfer_settings import DepositSenderSettings
from shared.paper.code_settings import CodeSettings
from shared.platform.antivirus import ADDRESS, Clamd, clamd_at
from shared.platform.settings import PORTAL_URL

_SIGNS: Final = "([REP]S(256|384|512)|EdDSA)"


class DeskSettings(CodeSettings, OriginalsSettings, DepositSenderSettings):
    """The settings of the register's processes and commands, read from environment variables."""

    role: ClassVar[str] = "desk"

    batch: int = Field(default=100, ge=1, le=5000)
    """Records in one transaction: more would hold the counter of chronos longer for nothing."""
    vendor: Path | None = None
    """Folder of what npm gave at set-up (htmx, the theme of the State); without it the pages work
    as without JavaScript, in the neutral theme."""
    evening_folder: Path | None = None
    """Where `desk keep` writes, each evening, what an office needs to go on by hand; none: it does
    not. A share that is there when this machine is not."""
    evening_at: time = time(18)
    """Local time from which on it is written."""
    evening_days: int = Field(default=30, ge=1)
    """For how long the files are kept: they name people."""
    syslog: str | None = Field(default=None, pattern=r"^(udp|tcp|tls)://[^/]+/?$")
    """Where `desk keep` sends the journal, `tls://logs.prefecture.example:6514` (RFC 5424); none:
    it stays in the register."""
    syslog_ca: Path | None = None
    """PEM of the authority that signed the certificate of a `tls://` collector; none: those that
    this system trusts."""
    desk_url: str | None = Field(default=None, pattern=r"^https://[^/?#]+/?$")
    """Where browsers reach the pages, `https://courrier.prefecture.example`; none: this machine."""
    portal_url: str | None = Field(default=None, pattern=PORTAL_URL)
    """Where the public reaches the portal: the former addresses of the form lead there."""
    proxies: str = "127.0.0.1,::1"
    """Addresses or networks, between commas, of the proxies before the pages: they alone are
    believed when they say by X-Forwarded-For who asks."""
    oidc_issuer: str | None = Field(
        default=None, pattern=r"^(https://|http://(localhost|127\.0\.0\.1)([:/]|$))"
    )
    """The identity provider (ProConnect, Keycloak, …), discovered from this address: by https, or
    on this machine."""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")
    oidc_scope: str = "openid email"
    oidc_algorithms: str = Field(default="RS256 ES256", pattern=rf"^{_SIGNS}( {_SIGNS})*$")
    """By which the provider may sign, between spaces: never by a secret that we share."""
    oidc_client_auth: Literal["auto", "client_secret_basic", "client_secret_post"] = "auto"
    """How our secret is sent; `auto`: the first of both that the provider offers."""
    oidc_acr: str = ""
    """Levels between spaces, of which the sign-in must have one (ProConnect: `eidas2 eidas3`)."""
    oidc_amr: str = ""
    """Methods between spaces, of which the sign-in must have used one (`mfa`)."""
    oidc_claim: str = "email"
    """What says who it is: `email` finds the person of that address, any other the person's id."""
    oidc_roles: str = "roles"
    """The claim that lists roles."""
    oidc_administrator: str = "vaguemestre-administrateur"
    """The role that looks after accounts; all others follow from the site's rules and people."""
    parapheur_login: str = ""
    """Of the account at Pastell or i-Parapheur (`parapheur`, `iparapheur` in site.yaml) that
    deposits letters to be signed."""
    parapheur_password: SecretStr = SecretStr("")
    secure_mail_login: str = ""
    """Of the account at Pastell (`secure_mail` in site.yaml) that sends mails sécurisés."""
    secure_mail_password: SecretStr = SecretStr("")
    clamd: str | None = Field(default=None, pattern=ADDRESS)
    """Where clamd looks at the files that leave with a letter: the path of its socket, or
    `host:port`; none: nobody looks."""
    archive_login: str = ""
    """Of the account at the archive's as@lae (`archive.deposit` in site.yaml) that deposits
    packages there."""
    archive_password: SecretStr = SecretStr("")
    local_account: str | None = Field(
        default=None, pattern=r"^\$argon2id\$", json_schema_extra={"secret": True}
    )
    """Argon2id hash of the password of the one local account (`vaguemestre up` makes it)."""

    @property
    def antivirus(self) -> Clamd | None:
        """The antivirus that scans what clerks enclose; `None`: there is none."""
        return None if self.clamd is None else clamd_at(self.clamd)
