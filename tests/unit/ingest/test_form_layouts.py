"""Forms of websites in each layout that a site can name, and what becomes of one that changed."""

from html import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.ingest.domain.forms import FormTable, UnprovenForm, WebsiteForm
from services.ingest.domain.mail import Mail, read
from shared.facts.vocabulary import Authentication
from shared.site.tables.routing import FormLayout, FormMail
from tests.ingest_builders import a_mail, judged

RELAY = "robot@formulaires.example"
FIELDS = {
    "first_name": "Prénom",
    "name": "Nom",
    "email": "Courriel",
    "subject": "Objet",
    "text": "Message",
}
PLAIN = "text/plain; charset=utf-8"
HTML = "text/html; charset=utf-8"


def form_of(layout: FormLayout | None, text: str, content_type: str = PLAIN) -> WebsiteForm:
    row = FormMail.model_validate(
        {"id": "essai", "from_addresses": [RELAY], "layout": layout, "fields": FIELDS}
    )
    octets = a_mail(text, sender=f"Robot <{RELAY}>", content_type=content_type)
    mail = read(octets)
    assert isinstance(mail, Mail)
    found = FormTable((row,)).read(mail, Authentication.PASS)
    assert isinstance(found, WebsiteForm)
    return found


TEXT = "Bonjour,\n\nNom : ce n’est pas un champ.\nOù en est mon titre ?"
LAYOUTS = {
    FormLayout.LABELS: (
        "Nouveau message\n\nNom : Dupont\nPrénom : Renée\nTéléphone : 02 54 00 00 00\n"
        f"Courriel : renee@orange.example\nObjet : Mon titre\nMessage : {TEXT}\n"
    ),
    FormLayout.KEYS: (
        "DATE=2026-05-11\nNOM=Dupont\nPRENOM=Renée\nTEL=02 54 00 00 00\n"
        f"COURRIEL=renee@orange.example\nOBJET=Mon titre\nMESSAGE={TEXT}\n"
    ),
    FormLayout.SECTIONS: (
        "*** Nom ***\nDupont\n\n*** Prénom ***\nRenée\n\n== Téléphone ==\n02 54 00 00 00\n\n"
        f"[Courriel]\nrenee@orange.example\n\n--- Objet ---\nMon titre\n\n*** Message ***\n{TEXT}\n"
    ),
    FormLayout.TABLE: (
        "<table><tr><td><table><tr><th>Nom :</th><td>Dupont</td></tr>"
        "<tr><td><b>Pr&eacute;nom</b></td><td></td><td>Renée</td></tr>"
        "<tr><td>Téléphone</td><td>02 54 00 00 00</td></tr>"
        "<tr><td>Courriel</td><td><a href='mailto:renee@orange.example'>renee@orange.example</a>"
        "</td></tr><tr><td>Objet</td><td>Mon titre</td></tr><tr><td>Message</td><td>"
        f"{escape(TEXT).replace(chr(10), '<br>')}</td></tr></table></td></tr></table>"
    ),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_form_is_read_in_each_layout(layout: FormLayout) -> None:
    form = form_of(layout, LAYOUTS[layout], HTML if layout is FormLayout.TABLE else PLAIN)
    assert not form.unread
    assert (form.person.name, form.person.address) == ("Renée Dupont", "renee@orange.example")
    assert form.subject == "Mon titre"
    assert form.text == TEXT


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("other", LAYOUTS)
def test_a_layout_that_became_another_one_keeps_the_whole_text(
    layout: FormLayout, other: FormLayout
) -> None:
    if layout is other:
        return
    form = form_of(layout, LAYOUTS[other], HTML if other is FormLayout.TABLE else PLAIN)
    assert form.unread
    for word in ("Dupont", "renee@orange.example", "Mon titre", "Où en est mon titre ?"):
        assert word in form.text


def test_a_label_that_is_no_field_of_ours_ends_the_field_before() -> None:
    form = form_of(FormLayout.LABELS, "Nom : Dupont\nNé le : 1er mai 1960\nMessage : Bonjour")
    assert form.person.name == "Dupont"


def test_a_form_that_names_no_layout_has_labels() -> None:
    labels = form_of(FormLayout.LABELS, LAYOUTS[FormLayout.LABELS])
    assert form_of(None, LAYOUTS[FormLayout.LABELS]) == labels


def test_a_sentence_with_a_colon_ends_no_field() -> None:
    text = "Objet : Mon titre\nvoici ce que je voudrais vous demander : une date\nNom : Dupont"
    form = form_of(FormLayout.LABELS, f"{text}\nMessage : Bonjour")
    assert form.subject == "Mon titre\nvoici ce que je voudrais vous demander : une date"


def test_an_anonymous_person_is_read_and_a_message_without_words_is_not() -> None:
    empty = "Nom :\n\nPrénom :\n\nCourriel :\n\nObjet :\n\nMessage : {}\n"
    assert not form_of(FormLayout.LABELS, empty.format("Bonjour")).unread
    assert form_of(FormLayout.LABELS, empty.format("")).unread


def test_an_address_under_another_label_is_not_lost_without_a_word() -> None:
    text = "Nom : Dupont\n{}Message : Bonjour\n"
    assert form_of(FormLayout.LABELS, text.format("E-mail : renee@orange.example\n")).unread
    assert not form_of(FormLayout.LABELS, text.format("")).unread
    assert not form_of(FormLayout.LABELS, text.format(f"Robot : <{RELAY}>\n")).unread


def test_a_label_above_its_value_in_a_table_of_columns_is_another_layout() -> None:
    columns = (
        "<table><tr><th>Nom</th><th>Courriel</th><th>Message</th></tr>"
        "<tr><td>Dupont</td><td>renee@orange.example</td><td>Bonjour</td></tr></table>"
    )
    form = form_of(FormLayout.TABLE, columns, HTML)
    assert form.unread
    assert "renee@orange.example" in form.text


def test_a_form_whose_layout_changed_is_held_and_its_danger_is_seen() -> None:
    octets = a_mail(
        "Identité = Renée Dupont\nContenu = Je veux mourir.",
        sender="Site <ne-pas-repondre@sites-etat.example>",
        subject="Formulaire de contact",
    )
    one = judged(octets)
    assert one.verdict.kind == "enter"
    assert one.routing.hold == "form-unread"
    assert one.unread_form == "site-internet"
    assert one.routing.danger
    assert one.automatic == "no-address"
    assert one.pli is not None
    assert "Renée Dupont" in one.pli.text


def test_an_unproven_form_that_is_not_read_says_both() -> None:
    row = FormMail.model_validate({"id": "essai", "from_addresses": [RELAY], "fields": FIELDS})
    mail = read(a_mail("Bonjour", sender=f"Robot <{RELAY}>"))
    assert isinstance(mail, Mail)
    found = FormTable((row,)).read(mail, Authentication.NONE)
    assert isinstance(found, UnprovenForm)
    assert found.form.unread


def test_whoever_pretends_to_be_the_robot_is_held_for_that_and_counted_nowhere() -> None:
    octets = a_mail(
        "Bonjour",
        sender="Site <ne-pas-repondre@sites-etat.example>",
        subject="Formulaire de contact",
        dmarc="fail",
    )
    one = judged(octets)
    assert one.routing.hold == "form-not-authenticated"
    assert one.unread_form is None
    assert one.pli is not None
    assert one.pli.text == "Bonjour"


def test_a_read_form_is_counted_nowhere() -> None:
    octets = a_mail(
        "Nom : Dupont\nCourriel : renee@orange.example\nMessage : Bonjour",
        sender="Site <ne-pas-repondre@sites-etat.example>",
        subject="Formulaire de contact",
    )
    assert judged(octets).unread_form is None


LINE = st.text(
    st.characters(categories=["L", "Nd", "Zs", "Po", "Sm"], exclude_characters="\u2028\u2029"),
    max_size=60,
)
WORD = st.text(st.characters(categories=["L"], max_codepoint=0x24F), min_size=1, max_size=20)


@settings(max_examples=60, deadline=None)
@given(layout=st.sampled_from(FormLayout), lines=st.lists(LINE, max_size=30))
def test_whatever_is_written_is_read_or_kept_whole(layout: FormLayout, lines: list[str]) -> None:
    text = "\n".join(lines)
    form = form_of(layout, text)
    if form.unread:
        kept = "".join(form.text.split())
        assert all("".join(line.split()) in kept for line in lines)


@settings(max_examples=60, deadline=None)
@given(
    layout=st.sampled_from([FormLayout.LABELS, FormLayout.KEYS, FormLayout.SECTIONS]),
    name=WORD,
    first=WORD,
    message=st.lists(WORD, min_size=1, max_size=8),
)
def test_what_a_website_writes_is_what_is_read(
    layout: FormLayout, name: str, first: str, message: list[str]
) -> None:
    said = {"Nom": name, "Prénom": first, "Courriel": "a@b.example", "Message": "\n".join(message)}
    write = {
        FormLayout.LABELS: "{} : {}",
        FormLayout.KEYS: "{}={}",
        FormLayout.SECTIONS: "*** {} ***\n{}\n",
    }[layout]
    form = form_of(layout, "\n".join(write.format(*pair) for pair in said.items()))
    assert form.person.name == f"{first} {name}"
    assert form.text == "\n".join(message)
