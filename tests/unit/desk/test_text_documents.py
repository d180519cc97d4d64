"""A text document holds whatever was pasted into it."""

import io
import re
import zipfile

import pytest

from services.desk.quality.text_documents import TextDocument


@pytest.mark.parametrize("letter", ["\x00", "\x0b", "\x0c", "\x1f", "\ufffe", "\uffff", "\ud800"])
def test_what_xml_forbids_becomes_a_blank_in_every_part(letter: str) -> None:
    text = f"avant{letter}après"
    document = TextDocument(text, text)
    document.title(text)
    document.heading(text)
    document.text(text)
    document.dashes([text])
    document.numbers([text])
    document.table([text], [[text]])
    with zipfile.ZipFile(io.BytesIO(document.save())) as archive:
        content = archive.read("content.xml").decode()
        styles = archive.read("styles.xml").decode()
    assert content.count("avant après") == 7
    assert styles.count("avant après") == 1


def test_the_same_text_is_the_same_octets_whenever_it_is_made() -> None:
    first, again = (TextDocument("Titre", "pied").save() for _ in range(2))
    assert first == again
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        moments = {entry.date_time for entry in archive.infolist()}
        meta = archive.read("meta.xml").decode()
    assert moments == {(1980, 1, 1, 0, 0, 0)}
    assert re.findall(r"<(?:dc:date|meta:creation-date)>", meta) == []


def test_a_word_processor_adds_no_bullet_to_a_number_and_splits_no_row() -> None:
    document = TextDocument("Compte-rendu")
    document.title("Compte-rendu")
    document.heading("1 – Synthèse")
    document.numbers(["Les modules", "Le label"])
    document.table(["N°", "Constat"], [["1", "Deux appels mystères sur dix sans réponse."]])
    with zipfile.ZipFile(io.BytesIO(document.save())) as archive:
        content = archive.read("content.xml").decode()
    assert 'text:style-name="Heading_20_2" text:outline-level="1"' in content
    assert "text:list" not in content
    assert "2. Le label" in content
    assert content.count('table:style-name="Ligne"') == 2
    assert content.count("style:column-width") == 2
    assert content.count("<table:table-column ") == 2
    assert 'fo:keep-together="always"' in content
