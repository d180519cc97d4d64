"""What every text to the public says beside its template: a plain first line, and what is next."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from services.notify.domain.due import urgency
from services.notify.domain.fold import fold
from services.notify.domain.ledger import LedgerEntry, NoticeState
from services.notify.item_notices import calls_of
from services.notify.mail_composition import MailSigning
from services.notify.notice_case import NoticeCase
from services.notify.public_text import steps_of
from services.notify.store.ledger import LedgerRow
from shared.content.follow_codes import follow_code
from shared.content.site_keys import SiteKeys
from shared.facts.envelope import Chrono
from shared.facts.items.registration import ItemRegistered
from shared.facts.vocabulary import Channel, Nature, NoticeKind, SenderKind, Way
from shared.site.texts.letters import Correspondence
from shared.site.texts.public_lines import HARD_WORDS, NextSteps
from shared.site.texts.public_notice import render_translated, what_is_next
from shared.site.texts.samples import samples
from shared.site.texts.template_checks import check_templates, hard_to_read
from shared.site.texts.templates import CONTEXTS, opening, render
from tests.code_keys import KEYS
from tests.unit.notify.builders import registered
from tests.unit.notify.test_texts_that_the_law_asks_for import indre

NOW = datetime(2026, 5, 11, 8, 1, tzinfo=UTC)
SECRET = SiteKeys(b"secret of the tests")
PROMISED = "En général, nous répondons aux courriels en 5 jours ouvrés"
LETTERS = [
    pytest.param(sample, id=f"{kind}-{number}")
    for kind in CONTEXTS
    for number, sample in enumerate(samples(kind))
    if isinstance(sample, Correspondence)
]
HEADINGS = ("Et maintenant\u00a0?", "Où en est votre demande\u00a0?")
LONGEST, MOST_WORDS = 120, 22


def steps(
    fact: ItemRegistered,
    portal: str | None = None,
    way: Way = Way.MAIL,
    *,
    released_by: str | None = None,
    at: datetime = NOW,
) -> NextSteps:
    applied, _ = indre()
    item = fold([fact])
    assert item is not None
    call = next(call for call in calls_of(item, applied, NOW) if call.kind is NoticeKind.RECEIPT)
    entry = LedgerEntry(call.notice("indre"), call.occasion, call.kind, NoticeState.PLANNED)
    row = LedgerRow(entry, fact.item_id, None, way, urgency(call), NOW, NOW)
    row = replace(row, released_by=released_by)
    ink = MailSigning(cast("Any", Path()), SECRET, lambda _: KEYS, portal)
    return steps_of(NoticeCase(row, call, item, applied, at), ink, way)


@pytest.mark.parametrize("sample", LETTERS)
@pytest.mark.parametrize("way", list(Way))
def test_every_text_to_the_public_opens_with_one_plain_sentence(
    sample: Correspondence, way: Way
) -> None:
    text = render(indre()[0].site.templates, sample, way)
    line = text.opening
    assert line.startswith("Préfecture de l’exemple\u00a0: "), "who speaks"
    assert line.endswith(".")
    assert line.count(".") == 1, "one sentence"
    assert len(line) <= LONGEST
    assert len(line.split()) <= MOST_WORDS
    assert [word for word in HARD_WORDS if word in line.lower()] == []
    assert text.whole.index(line) < text.whole.index(text.body), "it stands above the rest"


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("", "0 characters"),
        ("Préfecture : " + "x" * 120, "133 characters"),
        ("Ceci est un accusé.", "the word 'accusé'"),
    ],
)
def test_a_site_whose_first_line_is_hard_to_read_is_refused(line: str, found: str) -> None:
    assert hard_to_read(line) == found
    spoilt = {**indre()[0].site.templates, "opening.txt.j2": line}
    wrongs = [wrong for wrong in check_templates(spoilt) if wrong.file.endswith("opening.txt.j2")]
    assert wrongs
    assert all(wrong.found.startswith(found) for wrong in wrongs)


def test_a_site_whose_next_steps_leave_out_the_code_is_refused() -> None:
    spoilt = {**indre()[0].site.templates, "next.txt.j2": "Voyez {{ page }}."}
    assert [wrong.found for wrong in check_templates(spoilt)] == ["no page or code"] * 2


def test_a_receipt_says_what_is_promised_to_everybody_and_no_date() -> None:
    said = what_is_next({}, steps(registered()), NoticeKind.RECEIPT, Way.MAIL)
    assert said.startswith(f"{HEADINGS[0]}\n\nUne personne va lire votre message")
    assert PROMISED in said
    assert "2026" not in said
    assert HEADINGS[1] not in said, "no portal: nothing is said of following"


@pytest.mark.parametrize(
    "fact",
    [
        registered(nature=Nature.APPEAL),
        registered(sender=SenderKind.LAWYER),
        registered(perimeter=False),
        pytest.param(registered(nature=Nature.COMPLAINT), id="a narrower promise"),
    ],
)
def test_nothing_is_promised_of_what_a_person_has_to_see(fact: ItemRegistered) -> None:
    found = steps(fact)
    assert (found.usual, found.days) == ("", 0)
    said = what_is_next({}, found, NoticeKind.RECEIPT, Way.MAIL)
    assert "répond" not in said, "nor that anybody answers it"
    assert said.endswith("Une personne va lire votre message.")
    (sample, *_) = samples(NoticeKind.RECEIPT)
    assert isinstance(sample, Correspondence)
    in_english = render_translated(indre()[0].site.templates, sample, found, "en")
    assert in_english.endswith("A person will read your message.")


@pytest.mark.parametrize(
    ("fact", "released_by", "at"),
    [
        pytest.param(registered(), "c.martin", NOW, id="released"),
        pytest.param(registered(hold="prompt"), None, NOW, id="held when it came"),
        pytest.param(registered(at=NOW - timedelta(days=40)), None, NOW, id="before go-live"),
        pytest.param(registered(), None, NOW + timedelta(days=5), id="too late to leave by itself"),
    ],
)
def test_nothing_is_promised_of_what_a_person_let_leave(
    fact: ItemRegistered, released_by: str | None, at: datetime
) -> None:
    found = steps(fact, released_by=released_by, at=at)
    assert (found.usual, found.days) == ("", 0)


def test_no_acknowledgement_says_that_nothing_is_to_be_done() -> None:
    """Documents may have been asked for since, or be asked for by the same letter."""
    templates = indre()[0].site.templates
    said = {
        kind: opening(templates, cast("Correspondence", samples(kind)[0]), kind, Way.MAIL)
        for kind in (NoticeKind.SIMPLE, NoticeKind.SVR, NoticeKind.SVA)
    }
    assert said[NoticeKind.SIMPLE].endswith("de votre demande, inutile de la renvoyer.")
    for kind in (NoticeKind.SVR, NoticeKind.SVA):
        assert said[kind].endswith("lisez cette lettre jusqu’à la fin.")
    (sample, *_) = samples(NoticeKind.SIMPLE)
    assert isinstance(sample, Correspondence)
    english = render_translated(templates, sample, NextSteps(reference=sample.reference), "en")
    assert "nothing to do" not in english
    assert "Please do not send it again." in english


def test_following_is_said_by_a_link_in_a_mail_and_to_be_typed_on_paper() -> None:
    code = follow_code(SECRET, Chrono("36-2026-A-000123"))
    mail = steps(registered(), "https://ecrire.indre.example/")
    paper = steps(registered(), "https://ecrire.indre.example/", Way.PAPER)
    assert mail.link == f"https://ecrire.indre.example{code.path}"
    assert (paper.link, paper.page) == ("", "https://ecrire.indre.example/suivi")
    for found, way in ((mail, Way.MAIL), (paper, Way.PAPER)):
        said = what_is_next({}, found, NoticeKind.PIECES, way)
        assert said.startswith(HEADINGS[1])
        assert f"- votre code\u00a0: {code.shown}" in said
        assert "Et maintenant" not in said


def test_a_letter_of_an_agent_opens_plainly_too() -> None:
    (sample, *_) = samples(NoticeKind.REPLY)
    assert isinstance(sample, Correspondence)
    said = opening({}, sample, NoticeKind.REPLY, Way.PAPER)
    assert said.endswith("voici notre réponse, lisez-la jusqu’à la fin.")


def test_a_form_is_promised_what_forms_are() -> None:
    assert "du formulaire" in steps(registered(channel=Channel.FORM)).usual


def test_a_translation_says_date_promise_and_code_in_its_words() -> None:
    (sample, *_) = samples(NoticeKind.RECEIPT)
    assert isinstance(sample, Correspondence)
    found = steps(registered(), "https://ecrire.indre.example/")
    said = render_translated(indre()[0].site.templates, sample, found, "en")
    assert "reached us on 3 February 2031" in said
    assert "We usually answer within 5 working days." in said
    assert f"- your code: {found.code}" in said
    assert "only the French text above is legally binding" in said


def test_what_is_not_translated_is_said_in_french_alone() -> None:
    templates = indre()[0].site.templates
    (sample, *_) = samples(NoticeKind.SVR)
    assert isinstance(sample, Correspondence)
    steps_ = NextSteps(reference=sample.reference)
    assert render_translated(templates, sample, steps_, "en") == ""
    assert render_translated(templates, sample, steps_, "de") == ""


def test_translations_without_the_line_that_says_what_binds_are_refused() -> None:
    templates = dict(indre()[0].site.templates)
    del templates["en/opening.txt.j2"]
    assert [(wrong.file, wrong.found) for wrong in check_templates(templates)] == [
        ("templates/en/opening.txt.j2", "no file")
    ]


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("en/receipt.txt.j2", "Subject\n\nNo number.", "no 'reference'"),
        ("en/receipt.txt.j2", "{{ nobody }}", "the variable 'nobody'"),
        ("en/recept.txt.j2", "x", "an unknown file"),
        ("english/receipt.txt.j2", "x", "an unknown file"),
    ],
)
def test_a_translation_that_says_no_number_or_names_nothing_is_refused(
    name: str, text: str, found: str
) -> None:
    spoilt = {**indre()[0].site.templates, name: text}
    assert found in [wrong.found for wrong in check_templates(spoilt)]
