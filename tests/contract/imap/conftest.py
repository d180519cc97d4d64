"""Three servers behind one door: one in memory, GreenMail, and Debian's Dovecot."""

import smtplib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from imapclient import IMAPClient
from pydantic import SecretStr

from deploy.embedded.mail import MailServer
from services.ingest.imap import ImapSource
from services.ingest.imap_session import ImapAccount
from services.ingest.mailbox import MailSource
from services.ingest.sign_in import ByPassword
from tests.dovecot import PASSWORD
from tests.dovecot import dovecot as running_dovecot
from tests.fake_mail import FakeFolder, FakeSource
from tests.token_server import RunningTokenServer, token_server


@dataclass(frozen=True)
class Folder:
    """One empty folder: how it is reached, filled and looked at from outside."""

    connect: Callable[..., MailSource]
    """Takes `mark`, `largest`, `password`."""
    deliver: Callable[[bytes], None]
    flags: Callable[[int], set[str]]


@pytest.fixture(params=["memory", "greenmail", "dovecot"])
def folder(request: pytest.FixtureRequest) -> Folder:
    name = str(request.param)
    if name == "memory":
        return _in_memory()
    if name == "greenmail":
        server = request.getfixturevalue("mail_server")
        assert isinstance(server, MailServer)
        address = f"box-{uuid4().hex[:8]}@example.org"

        def smtp(octets: bytes) -> None:
            with smtplib.SMTP("127.0.0.1", server.smtp_port) as client:
                client.sendmail("a@example.org", [address], octets)

        smtp(b"From: a@example.org\r\n\r\nmakes the mailbox\r\n")
        _empty(server.imap_port, address, address)
        return _on(server.imap_port, address, address)
    port = request.getfixturevalue("dovecot")
    user = f"box-{uuid4().hex[:8]}"
    return _on(port, user, PASSWORD)


def _in_memory() -> Folder:
    there = FakeFolder()

    def connect(mark: str = "", largest: int = 60_000_000, password: str = "") -> MailSource:
        there.refuses = bool(password)
        return FakeSource(there, largest=largest, marks=bool(mark))

    def deliver(octets: bytes) -> None:
        there.deliver(octets)

    def flags(uid: int) -> set[str]:
        return {"$Vaguemestre"} if uid in there.marked else set()

    return Folder(connect, deliver, flags)


def _on(port: int, user: str, password: str) -> Folder:
    right = password

    def connect(mark: str = "", largest: int = 60_000_000, password: str = right) -> MailSource:
        return ImapSource(
            ImapAccount(
                "box",
                "127.0.0.1",
                port,
                tls=False,
                sign_in=ByPassword(user, lambda: SecretStr(password)),
                folder="INBOX",
                mark=mark,
                largest=largest,
            )
        )

    def deliver(octets: bytes) -> None:
        with IMAPClient("127.0.0.1", port=port, ssl=False) as client:
            client.login(user, right)
            client.append("INBOX", octets)

    def flags(uid: int) -> set[str]:
        with IMAPClient("127.0.0.1", port=port, ssl=False) as client:
            client.login(user, right)
            client.select_folder("INBOX", readonly=True)
            return {flag.decode() for flag in client.get_flags([uid])[uid]}

    return Folder(connect, deliver, flags)


def _empty(port: int, user: str, password: str) -> None:
    with IMAPClient("127.0.0.1", port=port, ssl=False) as client:
        client.login(user, password)
        client.select_folder("INBOX")
        client.delete_messages(client.search())
        client.expunge()


@pytest.fixture(scope="session")
def token_giver() -> Iterator[RunningTokenServer]:
    """The token server that Dovecot asks whether a token holds."""
    with token_server() as running:
        yield running


@pytest.fixture(scope="session")
def dovecot(needs_debian: Callable[[str], Path], token_giver: RunningTokenServer) -> Iterator[int]:
    """The port of a Dovecot that asks `token_giver` about tokens."""
    introspection = f"http://127.0.0.1:{token_giver.port}/introspect"
    with running_dovecot(needs_debian("dovecot"), introspection) as server:
        yield server.port
