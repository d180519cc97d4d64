"""The HTML of a notice says what its text says, and nothing in it is fetched from anywhere."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag

from shared.facts.vocabulary import NoticeKind
from shared.site.load import load_folder
from shared.site.texts.letters import Correspondence
from shared.site.texts.mail_html import as_html, part_letter
from shared.site.texts.public_lines import NextSteps
from shared.site.texts.public_notice import render_translated
from shared.site.texts.samples import samples
from shared.site.texts.templates import CONTEXTS, TemplateText, render

SITE = load_folder(Path(__file__).parents[3] / "deploy" / "site" / "indre")
NEUTRAL = SITE.identity.model_copy(update={"authority": "Préfecture de l’exemple"})
STATE = NEUTRAL.model_copy(update={"theme": "dsfr", "brand": ("Préfet", "de l’exemple")})
LETTERS = [
    pytest.param(sample, id=f"{kind}-{number}")
    for kind in CONTEXTS
    for number, sample in enumerate(samples(kind))
    if isinstance(sample, Correspondence)
]
AFTER = (
    "Où en est votre demande ?\n\nOuvrez ce lien :\nhttps://x.example/suivi/1/A\n\n- votre code : A"
)


def receipt() -> TemplateText:
    return replace(render(SITE.templates, samples(NoticeKind.RECEIPT)[0]), after=AFTER)


def said_in_english(sample: Correspondence) -> dict[str, str]:
    said = render_translated(SITE.templates, sample, NextSteps(reference=sample.reference), "en")
    return {"translation": said, "language": "en" if said else ""}


def page(html: str) -> BeautifulSoup:
    return BeautifulSoup(html, "html.parser")


def body(html: str) -> Tag:
    found = page(html).body
    assert found is not None
    return found


def words(text: str) -> list[str]:
    return text.replace("\n- ", "\n").split()


@pytest.mark.parametrize("sample", LETTERS)
@pytest.mark.parametrize("identity", [NEUTRAL, STATE])
def test_the_html_has_the_words_of_the_text_in_their_order(
    sample: Correspondence, identity: object
) -> None:
    text = replace(render(SITE.templates, sample), after=AFTER, **said_in_english(sample))
    shown = body(as_html(text, STATE if identity is STATE else NEUTRAL))
    for extra in (*shown.find_all(class_="mark"), *shown.find_all("h1")):
        extra.decompose()
    assert words(shown.get_text("\n")) == words(text.whole)


def test_headings_paragraphs_lists_and_the_language_are_marked() -> None:
    found = page(as_html(receipt(), NEUTRAL))
    assert found.html is not None
    assert found.html["lang"] == "fr"
    assert [h.get_text() for h in found.find_all("h1")] == [receipt().subject]
    assert [h.get_text() for h in found.find_all("h2")] == ["Où en est votre demande ?"]
    assert [li.get_text() for li in found.find_all("li")] == ["votre code : A"]
    assert found.find("header") is not None
    assert found.find("main") is not None
    assert found.find("footer") is not None


@pytest.mark.parametrize("identity", [NEUTRAL, STATE])
def test_nothing_is_fetched_and_nobody_is_followed(identity: object) -> None:
    html = as_html(receipt(), STATE if identity is STATE else NEUTRAL)
    found = page(html)
    assert found.find_all(["img", "script", "link", "iframe", "object", "form", "svg"]) == []
    assert not re.search(r"url\(|@import|\bsrc=|\bbackground=", html)
    assert [a["href"] for a in found.find_all("a")] == ["https://x.example/suivi/1/A"]
    assert len(html) < 8_000


def test_what_a_stranger_wrote_is_neither_markup_nor_a_link() -> None:
    text = replace(
        receipt(), body="Votre message (« <b>x</b> https://mal.example »)\n\n<script>1</script>"
    )
    found = page(as_html(text, NEUTRAL))
    assert found.find_all(["b", "script"]) == []
    assert "https://mal.example" not in [a["href"] for a in found.find_all("a")]


def test_only_the_state_s_sites_bear_its_mark() -> None:
    (mark,) = page(as_html(receipt(), STATE)).find_all(class_="mark")
    assert mark.get_text(" ") == "Préfet de l’exemple Liberté Égalité Fraternité"
    assert mark["aria-hidden"] == "true", "whoever hears it hears the authority's name once"
    assert page(as_html(receipt(), NEUTRAL)).find_all(class_="mark") == []


@pytest.mark.parametrize("sample", LETTERS)
def test_a_letter_kept_whole_is_parted_as_it_was_made(sample: Correspondence) -> None:
    text = render(SITE.templates, sample)
    assert part_letter(text.subject, text.whole, NEUTRAL) == text


def test_a_paragraph_that_begins_as_the_foot_does_stays_in_the_body() -> None:
    (sample, *_) = samples(NoticeKind.REPLY)
    text = render(SITE.templates, sample)
    like_the_foot = f"{NEUTRAL.authority} – site de Châteauroux : venez-y.\n\nPrenez vos papiers."
    text = replace(text, body=f"{text.body}\n\n{like_the_foot}")
    assert part_letter(text.subject, text.whole, NEUTRAL) == text


def test_a_letter_of_another_form_is_one_body() -> None:
    assert part_letter("Objet", "Bonjour,\n\nOui.\n", NEUTRAL) == TemplateText(
        "Objet", "", "Bonjour,\n\nOui.", ""
    )


def test_a_translation_is_marked_by_its_language_below_the_french() -> None:
    (sample, *_) = samples(NoticeKind.RECEIPT)
    assert isinstance(sample, Correspondence)
    text = replace(receipt(), **said_in_english(sample))
    (section,) = page(as_html(text, NEUTRAL)).find_all("section")
    assert section["lang"] == "en"
    assert [h.get_text() for h in section.find_all("h2")] == [
        "We have received your message (reference 99-2031-A-004321)",
        "What happens now?",
    ]
    assert text.whole.index("Votre message nous est bien parvenu") < text.whole.index("We have")
    assert text.whole.index("We have") < text.whole.index(text.foot), "the foot ends the mail"
