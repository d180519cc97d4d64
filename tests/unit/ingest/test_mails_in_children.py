"""A child reads a mail as this process would; what it can't survive costs one mail."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from services.ingest import mail_parser, signature_reader
from services.ingest.domain.judge_mail import MailboxPlace
from services.ingest.domain.judgement import ArrivalJudgement
from services.ingest.inbox_reader import judge_octets
from services.ingest.mail_opener import SlowMail
from services.ingest.mail_parser import MailParserPool
from services.ingest.signature_reader import SignatureReader
from shared.errors import TemporaryFailure
from shared.facts.arrivals import Quarantine
from shared.platform.child_answers import ChildAnswers
from shared.platform.children import ChildFailed, ChildLimits, Children
from tests.ingest_builders import A_PDF, a_mail, a_multipart, indre_rules
from tests.local_mails import LocalMailParser
from tests.machine_mails import machines, people
from tests.signed_mails import multipart_signed

SHOWN = datetime(2026, 5, 12, tzinfo=UTC)
SEED = 20260512
LAUGHS = '<!DOCTYPE a [<!ENTITY l0 "ha"><!ENTITY l9 "&l0;&l0;">]>'


@pytest.fixture(scope="module")
def mails() -> Iterator[MailParserPool]:
    opened = MailParserPool()
    yield opened
    opened.close()


def ordinary() -> Iterator[bytes]:
    yield from (octets for _, octets in machines(SEED, 120))
    yield from people(SEED, 40)
    yield a_mail("<p>Bonjour</p><table><tr><td>a<td>b</table>", content_type="text/html")
    yield a_multipart("Content-Type: text/plain\r\n\r\nVoici.", A_PDF)
    yield a_multipart("Content-Type: message/rfc822\r\n\r\n" + a_mail("Je passe.").decode())
    yield a_multipart("Content-Type: text/plain; charset=iso-2022-jp\r\n\r\nabc")
    yield a_mail("abc", content_type="text/plain; charset=hz")
    yield a_mail("Q=Q", headers={"Content-Transfer-Encoding": "base64"})  # the tolerant parser's
    yield a_mail("", content_type="multipart/mixed; boundary=limite")
    yield b"\x80\x81 no mail at all"
    for xml in ('<?xml version="1.0" encoding="iso-8859-15"?><a><b>20 e</b></a>', f"{LAUGHS}&l9;"):
        yield a_multipart(f"Content-Type: application/xml\r\n\r\n{xml}")
    yield a_multipart('Content-Type: application/json\r\n\r\n{"nom": 12.50}')


def test_a_child_reads_as_this_process_does(mails: MailParserPool) -> None:
    every = list(ordinary())
    assert list(mails.read_soon(every)) == [LocalMailParser().read(octets) for octets in every]
    for octets in every:
        assert mails.read(octets) == LocalMailParser().read(octets)
        assert mails.unread(octets, "mail-too-large") == LocalMailParser().unread(
            octets, "mail-too-large"
        )


class Fragile(Children):
    """Children that die of what they are asked, as often as they are told."""

    def __init__(self, deaths: int) -> None:
        super().__init__("services.ingest.mail_child", ChildLimits(seconds=4, patience=60))
        self.deaths = deaths

    def _send(self, *arguments: object) -> ChildAnswers:
        if self.deaths:
            self.deaths -= 1
            raise EOFError
        return super()._send(*arguments)  # type: ignore[arg-type]  # unpacked, each of its own type


def test_a_mail_that_ends_one_child_is_read_without_its_html() -> None:
    mails = MailParserPool(Fragile(1))
    found = mails.read(a_mail("<p>Bonjour &amp; <b>merci</b></p>", content_type="text/html"))
    assert found.text.split() == ["Bonjour", "&", "merci"]
    assert not getattr(found, "html", "")
    mails.close()


def test_a_mail_that_takes_long_is_given_up_by_who_asks_soon_and_read_by_who_is_patient() -> None:
    mails = MailParserPool(hasty=Fragile(1))
    (given_up,) = mails.read_soon([a_mail("Bonjour"), a_mail("Merci")])
    assert isinstance(given_up, SlowMail)
    assert mails.read(a_mail("Bonjour")) == LocalMailParser().read(a_mail("Bonjour"))
    assert list(mails.read_soon([a_mail("Merci")])) == [LocalMailParser().read(a_mail("Merci"))]
    mails.close()


def test_a_mail_that_ends_two_children_is_kept_unopened_and_named(
    caplog: pytest.LogCaptureFixture,
) -> None:
    mails = MailParserPool(Fragile(2))
    octets, place = a_mail("Bonjour"), MailboxPlace("pref-bmi", None)
    _, (one,) = judge_octets(octets, place, SHOWN, indre_rules(), mails, "mailbox:pref-bmi UID 7")
    assert isinstance(one, ArrivalJudgement)
    assert (one.verdict, one.pli) == (Quarantine(reason="mail-bomb"), None)
    (said,) = [
        record for record in caplog.records if record.getMessage() == "mail_ends_its_readers"
    ]
    assert getattr(said, "fields", {})["mail"] == "mailbox:pref-bmi UID 7"
    mails.close()


def test_a_machine_that_can_start_no_process_blames_no_mail() -> None:
    mails = MailParserPool(Children("services.ingest.no_such", ChildLimits(seconds=4, patience=60)))
    with pytest.raises(TemporaryFailure):
        judge_octets(a_mail(), MailboxPlace("pref-bmi", None), SHOWN, indre_rules(), mails, "UID 7")


class WithoutMemory(Children):
    """Children whose program has not enough memory for what it is asked, as often as told."""

    def __init__(self, failures: int) -> None:
        super().__init__("services.ingest.signature_child", ChildLimits(seconds=4, patience=60))
        self.failures = failures

    def ask(self, *arguments: object) -> object:  # type: ignore[override]  # takes what it hands on
        if self.failures:
            self.failures -= 1
            raise ChildFailed(MemoryError.__name__)
        return super().ask(*arguments)  # type: ignore[arg-type]  # unpacked, each of its own type


def test_a_signature_for_which_a_hasty_child_lacks_memory_is_read_patiently() -> None:
    signed = multipart_signed(b"Content-Type: text/plain\r\n\r\nBonjour", b"no certificate")
    mails = MailParserPool(signatures=SignatureReader(children=WithoutMemory(1)))
    given_up, other = mails.read_soon([signed, a_mail("Bonjour")])
    assert isinstance(given_up, SlowMail)
    assert other == LocalMailParser().read(a_mail("Bonjour"))
    mails.read(signed)
    mails.close()


def test_all_hasty_children_may_take_less_than_two_patient_ones() -> None:
    """Two of mails and one of signatures: a small préfecture has 4 GB."""
    hasty = 2 * mail_parser.SOON.memory + signature_reader.SOON.memory
    assert hasty <= 1_800_000_000 < 2 * mail_parser.ALLOWANCE.memory
