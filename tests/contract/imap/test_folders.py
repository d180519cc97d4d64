"""Further folders of a mailbox, on real servers: names with accents, mail that is moved there."""

import smtplib
from contextlib import closing

import pytest
from imapclient import IMAPClient
from pydantic import SecretStr

from deploy.embedded.mail import MailServer
from services.ingest.imap import ImapSource
from services.ingest.imap_session import ImapAccount
from services.ingest.sign_in import ByPassword

MAIL = b"From: a@example.org\r\nSubject: moved\r\n\r\ncorps \xe9\r\n"
FOLDER = "Traités et à suivre"


@pytest.mark.parametrize("server", ["dovecot", "greenmail"])
def test_a_moved_mail_keeps_octets_and_day(server: str, request: pytest.FixtureRequest) -> None:
    user = "deplacee@example.org"
    if server == "greenmail":
        running = request.getfixturevalue("mail_server")
        assert isinstance(running, MailServer)
        port, password = running.imap_port, user
        with smtplib.SMTP("127.0.0.1", running.smtp_port) as client:
            client.sendmail("a@example.org", [user], b"Subject: makes the mailbox\r\n\r\n")
    else:
        port, password = request.getfixturevalue("dovecot"), "secret"
    with IMAPClient("127.0.0.1", port=port, ssl=False) as mailbox:
        mailbox.login(user, password)
        mailbox.create_folder(FOLDER)
        mailbox.select_folder("INBOX")
        mailbox.append("INBOX", MAIL)
        (uid,) = mailbox.search(["SUBJECT", "moved"])
        taken = mailbox.fetch([uid], ["INTERNALDATE"])[uid][b"INTERNALDATE"]
        mailbox.move([uid], FOLDER)
    sign_in = ByPassword(user, lambda: SecretStr(password))
    account = ImapAccount("box", "127.0.0.1", port, tls=False, sign_in=sign_in, folder=FOLDER)
    with closing(ImapSource(account)) as source:
        source.open()
        (mail,) = source.fetch(source.uids())
    assert mail.octets == MAIL
    assert mail.internal_date is not None
    assert mail.internal_date.timestamp() == taken.timestamp()
