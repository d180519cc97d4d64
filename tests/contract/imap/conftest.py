"""Three servers behind one door: one in memory, GreenMail, and Debian's Dovecot."""

import shutil
import smtplib
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from imapclient import IMAPClient
from pydantic import SecretStr

from deploy.embedded.mail import MailServer
from deploy.embedded.ports import accepts_connections, free_port
from services.ingest.imap import ImapSource
from services.ingest.imap_session import ImapAccount
from services.ingest.mailbox import MailSource
from services.ingest.sign_in import ByPassword
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
    return _on(port, user, "secret")


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
    """Debian's Dovecot with one password for everybody; the port it listens on.

    An account that opens other mailboxes has a password of its own; tokens open those of their
    domain.
    """
    program = needs_debian("dovecot")
    home = Path(tempfile.mkdtemp(prefix="dovecot-", dir="/tmp"))
    port = free_port()
    config = home / "dovecot.conf"
    (home / "oauth2.conf").write_text(
        f"""
introspection_mode = post
introspection_url = http://127.0.0.1:{token_giver.port}/introspect
username_attribute = username
username_format = %d
active_attribute = active
active_value = true
"""
    )
    config.write_text(
        f"""
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:{home}/mail/%u
first_valid_uid = 0
default_internal_user = dovecot
default_login_user = dovenull
auth_mechanisms = plain login xoauth2 oauthbearer
auth_failure_delay = 0
auth_username_chars =
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
passdb {{
  driver = static
  mechanisms = plain
  master = yes
  args = password=opens-others
}}
passdb {{
  driver = static
  mechanisms = plain login
  args = password=secret
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {home}/oauth2.conf
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={home}/mail/%u
}}
service imap-login {{
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
"""
    )
    home.chmod(0o755)
    (home / "mail").mkdir()
    (home / "mail").chmod(0o777)
    process = subprocess.Popen([program, "-F", "-c", config])  # noqa: S603  (our own words)
    deadline = time.monotonic() + 300
    while not accepts_connections(port):
        assert process.poll() is None, (home / "log").read_text()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    yield port
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(10)
    shutil.rmtree(home, ignore_errors=True)
