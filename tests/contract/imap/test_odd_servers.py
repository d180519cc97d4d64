"""What a server may say that no server of these tests says: each is trouble of that mailbox."""

import logging
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace

import pytest
from pydantic import SecretStr

from services.ingest.imap import ImapSource
from services.ingest.imap_session import ImapAccount
from services.ingest.mailbox import AccessRefused, MailFailure
from services.ingest.sign_in import ByPassword

Say = Callable[[Mapping[bytes, bytes]], ImapSource]
WELL = {
    b"CAPABILITY": b"* CAPABILITY IMAP4rev1\r\n%s OK done\r\n",
    b"LOGIN": b"%s OK done\r\n",
    b"EXAMINE": b"* 0 EXISTS\r\n* OK [UIDVALIDITY 7] known\r\n%s OK done\r\n",
}


@pytest.fixture
def say() -> Iterator[Say]:
    """A server of one connection that answers each command with its line, and a source on it."""
    door = socket.create_server(("127.0.0.1", 0))
    door.settimeout(300)
    threads = list[threading.Thread]()
    sources = list[ImapSource]()

    def serve(answers: Mapping[bytes, bytes]) -> None:
        connection, _ = door.accept()
        with connection, connection.makefile("rwb") as lines:
            lines.write(b"* OK hello\r\n")
            lines.flush()
            for line in lines:
                tag, command, *_ = line.split()
                lines.write(answers.get(command.upper(), b"%s OK done\r\n").replace(b"%s", tag))
                lines.flush()

    def say(answers: Mapping[bytes, bytes]) -> ImapSource:
        threads.append(threading.Thread(target=serve, args=[WELL | dict(answers)], daemon=True))
        threads[-1].start()
        account = ImapAccount(
            "bmi", "127.0.0.1", door.getsockname()[1], tls=False,
            sign_in=ByPassword("bmi", lambda: SecretStr("secret")), folder="INBOX",
        )  # fmt: skip
        sources.append(ImapSource(account))
        return sources[-1]

    yield say
    for source in sources:
        source.close()
    for thread in threads:
        thread.join(30)
    door.close()


def test_a_server_that_answers_well_is_read(say: Say) -> None:
    assert say({}).open() == 7


def test_what_a_server_gives_is_written_out_for_no_log(
    say: Say, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    mail = b"Subject: Titre\r\n\r\nSi rien ne se passe, je viendrai."
    answer = b'* 1 FETCH (UID 7 INTERNALDATE "11-May-2026 10:00:00 +0200" RFC822.SIZE %d BODY[] '
    answer += b"{%d}\r\n%b)\r\n%%s OK done\r\n"
    source = say({b"UID": answer % (len(mail), len(mail), mail)})
    source.open()
    assert [fetched.octets for fetched in source.fetch([7])] == [mail]
    assert "je viendrai" not in caplog.text


@pytest.mark.parametrize("code", [b"UNAVAILABLE", b"INUSE", b"LIMIT"])
def test_a_server_that_can_not_say_who_is_let_in_refuses_no_password(say: Say, code: bytes) -> None:
    with pytest.raises(MailFailure, match="can't log in"):
        say({b"LOGIN": b"%s NO [" + code + b"] Try again\r\n"}).open()


def test_a_password_that_is_refused_is_said_as_such(say: Say) -> None:
    with pytest.raises(AccessRefused):
        say({b"LOGIN": b"%s NO [AUTHENTICATIONFAILED] No\r\n"}).open()


@pytest.mark.parametrize(
    "selected",
    [
        b"* 0 EXISTS\r\n%s OK done\r\n",
        b"* OK [UIDVALIDITY many] known\r\n%s OK done\r\n",
        b"* OK [UIDVALIDITY\r\n%s OK done\r\n",
    ],
)
def test_a_folder_without_a_numbering_is_trouble_of_its_mailbox(say: Say, selected: bytes) -> None:
    with pytest.raises(MailFailure, match="can't open folder INBOX"):
        say({b"EXAMINE": selected}).open()


def test_a_mail_that_came_before_there_was_mail_has_no_date(say: Say) -> None:
    source = say(
        {
            b"UID": b'* 1 FETCH (UID 1 RFC822.SIZE 2 INTERNALDATE "01-Jan-1970 00:00:00 +0000"'
            b" BODY[] {2}\r\nhi)\r\n%s OK done\r\n"
        }
    )
    source.open()
    (mail,) = source.fetch([1])
    assert (mail.octets, mail.internal_date) == (b"hi", None)


def test_the_password_is_asked_for_at_each_login(say: Say) -> None:
    given = [SecretStr("of before")]
    account = say({})._account  # noqa: SLF001  (its port)
    source = ImapSource(replace(account, sign_in=ByPassword("bmi", given.pop)))
    with closing(source):
        assert source.open() == 7
        assert given == []
