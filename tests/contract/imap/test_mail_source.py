"""What `services.ingest.mailbox.MailSource` promises, on each server."""

import threading
import time
from datetime import UTC

import pytest

from services.ingest.mailbox import AccessRefused, batches
from services.ingest.wake_up import WakeUp
from tests.contract.imap.conftest import Folder

MAIL = b"From: a@example.org\r\nSubject: n%d\r\n\r\nBonjour\r\n"


def _filled(folder: Folder, count: int) -> None:
    for number in range(count):
        folder.deliver(MAIL % number)


def test_mails_are_listed_by_ascending_number_and_only_those_above(folder: Folder) -> None:
    _filled(folder, 3)
    source = folder.connect()
    source.open()
    uids = source.uids()
    assert uids == sorted(uids)
    assert len(uids) == 3
    assert source.uids(uids[1]) == uids[2:]
    assert source.uids(uids[2]) == []
    source.close()


def test_a_mail_comes_as_the_octets_that_were_delivered(folder: Folder) -> None:
    octets = b"From: a@example.org\r\nSubject: x\r\n\r\ncorps \xff\xfe \xe9\r\n"
    folder.deliver(octets)
    source = folder.connect()
    source.open()
    (mail,) = source.fetch(source.uids())
    assert mail.octets == octets
    assert mail.internal_date is not None
    assert mail.internal_date.tzinfo == UTC
    assert not mail.fault
    source.close()


def test_fetching_leaves_a_mail_unread(folder: Folder) -> None:
    _filled(folder, 1)
    source = folder.connect()
    source.open()
    (uid,) = source.uids()
    source.fetch([uid])
    assert "\\Seen" not in folder.flags(uid)
    source.close()


def test_what_is_kept_is_marked_and_nothing_is_when_the_account_says_so(folder: Folder) -> None:
    _filled(folder, 2)
    source = folder.connect(mark="$Vaguemestre")
    source.open()
    first, second = source.uids()
    source.mark([first])
    source.close()
    silent = folder.connect()
    silent.open()
    silent.mark([second])
    silent.close()
    assert "$Vaguemestre" in folder.flags(first)
    assert "$Vaguemestre" not in folder.flags(second)


def test_a_mail_of_megabytes_comes_whole(folder: Folder) -> None:
    octets = b"From: a@example.org\r\n\r\n" + b"0123456789abcde\r\n" * 150_000
    folder.deliver(octets)
    source = folder.connect()
    source.open()
    (mail,) = source.fetch(source.uids())
    assert mail.octets == octets
    source.close()


def test_of_a_mail_too_large_the_header_comes_and_says_so(folder: Folder) -> None:
    octets = b"From: a@example.org\r\n\r\n" + b"0123456789abcde\r\n" * 150_000
    folder.deliver(octets)
    source = folder.connect(largest=1_500_000)
    source.open()
    (mail,) = source.fetch(source.uids())
    assert mail.fault == "mail-too-large"
    assert mail.octets.strip() == b"From: a@example.org"
    source.close()


def test_a_number_that_is_gone_is_left_out(folder: Folder) -> None:
    _filled(folder, 1)
    source = folder.connect()
    source.open()
    (uid,) = source.uids()
    assert [mail.uid for mail in source.fetch([uid, uid + 500])] == [uid]
    assert list(source.sizes([uid, uid + 500])) == [uid]
    source.close()


def test_a_wrong_password_is_said_as_such(folder: Folder) -> None:
    with pytest.raises(AccessRefused, match="password"):
        folder.connect(password="wrong").open()


def test_waiting_ends_soon_after_a_mail_arrives(folder: Folder) -> None:
    source = folder.connect()
    source.open()
    started = time.monotonic()
    threading.Timer(0.3, _filled, (folder, 1)).start()
    source.wait(100, WakeUp())
    assert time.monotonic() - started < 60
    assert len(source.uids()) == 1
    source.close()


def test_a_mail_that_arrives_during_a_pass_is_waited_for_by_nobody(folder: Folder) -> None:
    _filled(folder, 1)
    source = folder.connect(mark="$Vaguemestre")
    source.open()
    listed = source.uids()
    folder.deliver(MAIL % 1)
    source.fetch(listed)
    source.mark(listed)
    started = time.monotonic()
    source.wait(100, WakeUp())
    assert time.monotonic() - started < 60
    assert len(source.uids(listed[-1])) == 1
    source.close()


def test_waiting_ends_when_it_is_told_to(folder: Folder) -> None:
    source = folder.connect()
    source.open()
    stop = WakeUp()
    threading.Timer(0.2, stop.set).start()
    started = time.monotonic()
    source.wait(100, stop)
    assert time.monotonic() - started < 60
    source.close()


def test_what_somebody_else_marks_while_we_begin_to_wait_is_no_trouble(folder: Folder) -> None:
    _filled(folder, 1)
    source, other = folder.connect(), folder.connect(mark="$Vaguemestre")
    source.open()
    other.open()
    (uid,) = source.uids()
    other.mark([uid])
    source.wait(0.5, WakeUp())
    folder.deliver(MAIL % 1)
    source.wait(100, WakeUp())
    assert len(source.uids(uid)) == 1
    source.close()
    other.close()


def test_the_same_folder_keeps_its_uidvalidity(folder: Folder) -> None:
    source = folder.connect()
    first = source.open()
    assert source.open() == first
    source.close()


def test_batches_respect_number_and_weight() -> None:
    assert list(batches({1: 10, 2: 10, 3: 10}, mails=2, octets=100)) == [[1, 2], [3]]
    assert list(batches({1: 60, 2: 60, 3: 1}, mails=50, octets=100)) == [[1], [2, 3]]
    assert list(batches({})) == []
