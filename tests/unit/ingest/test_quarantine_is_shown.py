"""What lies in quarantine says who wrote, when our server took it and what it says, if it can."""

from datetime import UTC, datetime
from typing import Never

import pytest

from services.ingest.domain.judge_mail import MailboxPlace
from services.ingest.domain.judgement import ArrivalJudgement
from services.ingest.inbox_reader import judge_octets as judged_by_inbox
from shared.facts.arrivals import Quarantine
from shared.facts.envelope import At
from tests.ingest_builders import INTERNAL, RECEIVED, a_mail, indre_rules, judged, reason
from tests.local_mails import LocalMailParser

NO_PARTS = "multipart/mixed; boundary=limite"


def test_an_unreadable_mail_shows_its_sender_subject_and_our_own_received() -> None:
    octets = a_mail("", content_type=NO_PARTS, subject="=?utf-8?q?Titre_de_s=C3=A9jour?=")
    one = judged(octets)
    assert one.verdict == Quarantine(reason="mail-structure")
    assert one.pli is not None
    assert (one.pli.sender.name, one.pli.sender.address) == (
        "Renée Dupont",
        "renee.dupont@orange.example",
    )
    assert one.pli.subject == "Titre de séjour"
    assert one.receipt == At(instant=RECEIVED)
    assert one.authentication.value == "none"
    assert one.correspondent is None
    assert (one.routing.hold, one.automatic) == ("unread", None)


def test_a_machine_in_quarantine_is_answered_by_nobody_even_once_it_is_taken() -> None:
    octets = a_mail("", content_type=NO_PARTS, sender="x <noreply@site.example>")
    assert judged(octets).automatic == "no-reply"


def test_without_our_received_the_servers_date_counts() -> None:
    assert judged(a_mail("", content_type=NO_PARTS, dmarc=None)).receipt == At(instant=INTERNAL)


def test_text_without_any_header_is_shown_and_noise_is_not() -> None:
    written = b"Bonjour, je n'ai rien re\xc3\xa7u.\r\nCordialement"
    text = judged(written)
    assert text.verdict == Quarantine(reason="mail-without-header")
    assert text.pli is not None
    assert text.pli.text == "Bonjour, je n'ai rien reçu.\nCordialement"
    assert judged(bytes(range(128, 256)) * 40).pli is None


def test_parts_that_no_boundary_parts_are_read_as_one_text() -> None:
    octets = a_mail("Bonjour, où en est mon titre ?", content_type=NO_PARTS)
    assert reason(octets) == "enter"
    one = judged(octets)
    assert one.pli is not None
    assert one.pli.text == "Bonjour, où en est mon titre ?"


def fails(*_: object) -> Never:
    raise ValueError("a fault")


class MailsWithAFault(LocalMailParser):
    read = fails  # type: ignore[assignment]  # stands in for what is not there


@pytest.mark.parametrize("broken", ["judge", "read"])
def test_a_fault_of_ours_quarantines_with_what_can_be_shown(
    monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    if broken == "judge":
        monkeypatch.setattr("services.ingest.inbox_reader.judge", fails)
    mails = MailsWithAFault() if broken == "read" else LocalMailParser()
    shown_at = datetime(2026, 5, 12, tzinfo=UTC)
    octets, place = a_mail("Voici."), MailboxPlace("pref-bmi", None)
    _, (one,) = judged_by_inbox(octets, place, shown_at, indre_rules(), mails, "pref-bmi UID 1")
    assert isinstance(one, ArrivalJudgement)
    assert one.verdict == Quarantine(reason="not-judged")
    assert one.pli is not None
    assert (one.pli.subject, one.pli.text) == ("Titre de séjour", "Voici.")
    assert one.receipt == At(instant=RECEIVED)
