"""The project's own awkward mails give what a person reads in them (tests/awkward_mails)."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from services.ingest.domain.judge_mail import MailboxPlace
from services.ingest.domain.judgement import ArrivalJudgement, Judgement
from services.ingest.domain.observation_judgements import BounceJudgement
from services.ingest.inbox_reader import judge_octets
from services.ingest.mail_parser import MailParserPool
from shared.content.plis import Correspondent, Pli
from shared.facts.arrivals import Quarantine, SetAside, Verdict
from shared.facts.envelope import ServiceId
from tests.awkward_mails.corpus import AwkwardMail, awkward_mails
from tests.ingest_builders import INTERNAL, indre_rules

NOBODY = Correspondent()
NOTHING = Pli(kind="mail", sender=NOBODY, answer_to=NOBODY)
MAILS = {mail.name: mail for mail in awkward_mails()}


@pytest.fixture(scope="module")
def mails() -> Iterator[MailParserPool]:
    """One child for all: a mail that ends it is in quarantine as a bomb, and no row says so."""
    opened = MailParserPool()
    yield opened
    opened.close()


def place_of(mail: AwkwardMail) -> MailboxPlace:
    home = ServiceId(mail.mailbox.removeprefix("pref-"))
    bounces = mail.mailbox == "retour"
    return MailboxPlace(mail.mailbox, None if bounces else home, bounces=bounces)


def test_every_mail_has_a_name_of_its_own() -> None:
    assert len(MAILS) == len(awkward_mails())


@pytest.mark.parametrize("name", MAILS)
def test_an_awkward_mail_says_what_a_person_reads(mails: MailParserPool, name: str) -> None:
    mail = MAILS[name]
    _, (first, *_) = judge_octets(mail.octets, place_of(mail), INTERNAL, indre_rules(), mails, name)
    if isinstance(first, BounceJudgement):
        assert f"bounce {first.action} {first.status}" == mail.expected["verdict"]
    else:
        assert found(first, mail.expected) == mail.expected


def found(judgement: Judgement, expected: Mapping[str, Any]) -> Mapping[str, Any]:
    """What was read, in the words of a row."""
    assert isinstance(judgement, ArrivalJudgement)
    pli = judgement.pli or NOTHING
    return {
        "from": [pli.sender.name, pli.sender.address],
        "answer": pli.answer_to.address,
        "subject": _words(pli.subject, expected["subject"]),
        "text": _words(pli.text, expected["text"]),
        "quoted": _words(pli.quoted, expected["quoted"]),
        "files": [[file.name, file.media_type, file.size] for file in pli.attachments],
        "written": "none" if pli.written is None else f"{pli.written:%Y-%m-%d %H:%M}",
        "received": f"{judgement.happened_at:%Y-%m-%d %H:%M}",
        "verdict": _verdict(judgement.verdict),
        "silent": judgement.automatic or "none",
        "held": judgement.routing.hold or "none",
        "danger": judgement.routing.danger,
        "thanks": judgement.thanks,
    }


def _verdict(verdict: Verdict) -> str:
    if isinstance(verdict, SetAside | Quarantine):
        return f"{verdict.kind} {verdict.reason}"
    return verdict.kind


def _words(text: str, expected: str) -> str:
    """The words of a text, as far as a row says them."""
    words = " ".join(text.split())
    beginning = expected.removesuffix(" …")
    return expected if beginning != expected and words.startswith(beginning) else words
