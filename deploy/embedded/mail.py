"""Mail: IMAP and SMTP by GreenMail, on the JRE of a wheel.

It keeps its mails in memory: after `stop()` or `kill()` the mailboxes are empty and have a new
UIDVALIDITY; `child.pause()` is an outage that loses nothing. It sends nothing anywhere: what is
given to its SMTP port lands in a mailbox of its own, made for the recipient if need be.
"""

import imaplib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from deploy.embedded.child import Child
from deploy.embedded.downloads import from_what_was_learned, java, mail_class_path
from deploy.embedded.errors import EmbeddedError
from deploy.embedded.ports import accepts_connections, free_port, require_free
from deploy.embedded.server import Server

_MAIN = "com.icegreen.greenmail.standalone.GreenMailStandaloneRunner"
_READY_SECONDS = 180
_ANSWER_SECONDS = 15
# What GreenMail's own list of users (login:password@domain,…) can carry.
_ADDRESS = re.compile(r"[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+")
_PASSWORD = re.compile(r"[A-Za-z0-9._~-]+")


@dataclass(frozen=True, slots=True)
class EmbeddedMailbox:
    """A mailbox of the embedded mail server; its address is also the login."""

    address: str
    password: str = field(repr=False)
    folders: tuple[str, ...] = ()
    """Made beside its inbox, as the mail program of a service would have done."""

    def __post_init__(self) -> None:
        """Refuse what GreenMail would read as something else.

        Raises:
            EmbeddedError: the address or the password has other characters.
        """
        if not _ADDRESS.fullmatch(self.address):
            raise EmbeddedError(f"{self.address!r} can't be a mailbox of the embedded mail server.")
        if not _PASSWORD.fullmatch(self.password):
            raise EmbeddedError(
                f"The password of {self.address} may have letters, digits and . _ ~ - only."
            )

    @property
    def as_user(self) -> str:
        """The mailbox in GreenMail's syntax for users."""
        login, domain = self.address.split("@")
        return f"{login}:{self.password}@{domain}"


class MailServer(Server):
    """The embedded mail server (GreenMail), with an IMAP and an SMTP port without TLS."""

    key = "mail"
    name = "The mail server"

    def __init__(
        self,
        data: Path,
        mailboxes: Sequence[EmbeddedMailbox],
        *,
        imap_port: int | None = None,
        smtp_port: int | None = None,
        heap_mb: int = 128,
    ) -> None:
        super().__init__(data)
        self._heap_mb = heap_mb
        self.host = "127.0.0.1"
        self.mailboxes = tuple(mailboxes)
        self.imap_port = imap_port if imap_port is not None else free_port()
        self.smtp_port = smtp_port if smtp_port is not None else free_port()

    def start(self) -> None:
        """Starts the mail server and waits until both ports answer: about two seconds.

        Raises:
            EmbeddedError: a port is busy or the server did not start.
        """
        require_free("The mail server (IMAP)", self.imap_port)
        require_free("The mail server (SMTP)", self.smtp_port)
        words: list[str | Path] = [java(), *self._starting(), f"@{self._arguments()}"]
        self._child = Child("The mail server", words, self.log)
        self._child.wait_until(
            lambda: accepts_connections(self.imap_port) and accepts_connections(self.smtp_port),
            _READY_SECONDS,
        )
        for mailbox in self.mailboxes:
            if mailbox.folders:
                self._make_folders(mailbox)

    def _starting(self) -> Sequence[str]:
        """What Java is told of starts that went before."""
        return from_what_was_learned(mail_class_path())

    def _make_folders(self, mailbox: EmbeddedMailbox) -> None:
        with imaplib.IMAP4(self.host, self.imap_port, timeout=_ANSWER_SECONDS) as session:
            session.login(mailbox.address, mailbox.password)
            for folder in mailbox.folders:
                session.create(f'"{folder}"')

    def _arguments(self) -> Path:
        """A file of arguments, since the command line of a process is seen by everyone."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / "arguments"
        path.touch(mode=0o600)
        users = ",".join(mailbox.as_user for mailbox in self.mailboxes)
        words = [
            *("-Xms32m", f"-Xmx{self._heap_mb}m", "-XX:+UseSerialGC"),
            *(f"-Dgreenmail.imap.hostname={self.host}", f"-Dgreenmail.imap.port={self.imap_port}"),
            *(f"-Dgreenmail.smtp.hostname={self.host}", f"-Dgreenmail.smtp.port={self.smtp_port}"),
            *([f"-Dgreenmail.users={users}"] if users else []),
            "-Dgreenmail.users.login=email",
            *("-cp", f'"{mail_class_path()}"', _MAIN),
        ]
        path.write_text("\n".join(words) + "\n")
        return path
