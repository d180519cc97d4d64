"""A text document holds whatever was pasted into it."""

import io
import re
import zipfile

import pytest

from services.desk.text_documents import TextDocument


@pytest.mark.parametrize("letter", ["\x00", "\x0b", "\x0c", "\x1f", "\ufffe", "\uffff", "\ud800"])
def test_what_xml_forbids_becomes_a_blank_in_every_part(letter: str) -> None:
    text = f"avant{letter}après"
    document = TextDocument(text, text)
    document.title(text)
    document.heading(text)
    document.text(text)
    document.dashes([text])
    document.numbered([text])
    document.table([text], [[text]])
    with zipfile.ZipFile(io.BytesIO(document.save())) as archive:
        content = archive.read("content.xml").decode()
        styles = archive.read("styles.xml").decode()
    assert content.count("avant après") == 7
    assert styles.count("avant après") == 1


def test_the_same_text_is_the_same_octets_whenever_it_is_made() -> None:
    with zipfile.ZipFile(io.BytesIO(TextDocument("Titre", "pied").save())) as archive:
        moments = {entry.date_time for entry in archive.infolist()}
        meta = archive.read("meta.xml").decode()
    assert moments == {(1980, 1, 1, 0, 0, 0)}
    said = re.findall(r"<(?:dc:date|meta:creation-date)>([^<]*)<", meta)
    assert set(said) == {"1980-01-01T00:00:00"}
