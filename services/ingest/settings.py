"""What ingest must be told by its environment; the rules come from the applied site."""

from datetime import timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import ClassVar

from pydantic import Field, SecretStr

from services.ingest.door_settings import DepositDoorSettings
from services.ingest.imap_session import ImapAccount
from services.ingest.mailbox import AccessRefused, password_variable
from services.ingest.sign_in import ByPassword, ByToken, SignIn
from services.ingest.signature_reader import SignatureReader, roots_in
from shared.content.originals_settings import OriginalsSettings
from shared.errors import PermanentFailure
from shared.paper.code_settings import CodeSettings
from shared.platform import secret_files
from shared.platform.antivirus import ADDRESS, Clamd, clamd_at
from shared.platform.observability.health import HealthCheck
from shared.platform.settings import PREFIX
from shared.platform.token_settings import TokenSettings
from shared.site.tables.mailboxes import Mailbox

_DEFAULT_PORT = 993


class IngestSettings(DepositDoorSettings, CodeSettings, TokenSettings, OriginalsSettings):
    """The settings of `vaguemestre ingest`, from environment variables."""

    role: ClassVar[str] = "ingest"

    scans: Path | None = None
    """The root of the scan folders; needed where the site has any."""
    scan_still: timedelta = timedelta(seconds=3)
    """How long a scanned file must have stood still before it is opened (ISO 8601); a TIFF three
    times as long."""
    scan_broken: timedelta = timedelta(minutes=10)
    """And how long one that can't be read before it is quarantined, one put away before it is
    let go."""
    tessdata: Path | None = None
    clamd: str | None = Field(default=None, pattern=ADDRESS)
    """Where clamd looks at what is attached to mails and at papers: the path of its socket, or
    `host:port`; none: nobody looks."""
    smime_roots: Path | None = None
    """File (PEM) of the authorities that the préfecture knows, for the names of who signed a mail;
    none: the page says that the authority was not looked for."""
    imap_host: str | None = None
    imap_port: int | None = Field(default=None, ge=1, le=65535)
    imap_tls: bool | None = None
    """`None`: as mailboxes.yaml says; the embedded mail server has none."""
    imap_mark: str = Field(default="$Vaguemestre", pattern=r"^(\\Seen|\$?[A-Za-z0-9_-]{1,60}|)$")
    """Put on a mail once it is kept: `\\Seen`, a keyword, or nothing at all."""
    imap_largest: int = Field(default=60_000_000, ge=1_000_000)
    """Octets; of a larger mail only the header is kept, in quarantine."""
    mailbox_passwords: dict[str, SecretStr] = Field(default_factory=dict)
    """By mailbox id, as a running embedded stack tells them; variables win."""

    @cached_property
    def antivirus(self) -> Clamd | None:
        """The antivirus that scans what comes in; `None`: there is none."""
        return None if self.clamd is None else clamd_at(self.clamd)

    @property
    def antivirus_checks(self) -> dict[str, HealthCheck]:
        """The health check of the antivirus, where there is one."""
        return {} if self.antivirus is None else {"antivirus": self.antivirus.check}

    @property
    def signatures(self) -> SignatureReader:
        """Makes the reader of mails' S/MIME signatures, with the authorities that the site knows.

        Raises PermanentFailure when the file of known authorities can't be read.
        """
        return SignatureReader(roots_in(self.smime_roots))

    def account(self, box: Mailbox, folder: str, *, observed: bool) -> ImapAccount:
        """Returns the IMAP account of a mailbox's folder; `observed`: nothing is marked there.

        Raises:
            PermanentFailure: host, password or token server are not known; the sentence names the
                variable.
        """
        host = box.host or self.imap_host
        if host is None:
            raise PermanentFailure(
                f"Mailbox {box.id} has no host: set {PREFIX}IMAP_HOST, or `host` there."
            )
        sign_in = self._sign_in(box)
        own_host = box.host is not None
        return ImapAccount(
            mailbox=box.id,
            host=host,
            port=box.port if own_host else self.imap_port or _DEFAULT_PORT,
            tls=box.tls if own_host or self.imap_tls is None else self.imap_tls,
            sign_in=sign_in,
            folder=folder,
            mark="" if observed else self.imap_mark,
            largest=self.imap_largest,
        )

    def _sign_in(self, box: Mailbox) -> SignIn:
        user = box.user or box.address
        if box.sign_in is None:
            self._password(box.id)
            return ByPassword(user, partial(self._latest, box.id), box.signs_in_as)
        if self.tokens is None:
            raise PermanentFailure(
                f"Mailbox {box.id} signs in by token: set {PREFIX}OAUTH_TOKEN_URL."
            )
        return ByToken(user, self.tokens, self.oauth_mechanism)

    def _password(self, mailbox: str) -> SecretStr:
        variable = password_variable(mailbox)
        if (given := secret_files.value_of(variable)) is not None:
            return SecretStr(given)
        if mailbox in self.mailbox_passwords:
            return self.mailbox_passwords[mailbox]
        raise PermanentFailure(f"{variable} is not set: it is the password of mailbox {mailbox}.")

    def _latest(self, mailbox: str) -> SecretStr:
        """The password as it is now: a file that was written anew holds at the next login."""
        try:
            return self._password(mailbox)
        except PermanentFailure as failure:  # it is being exchanged, or was taken away
            raise AccessRefused(str(failure)) from failure
