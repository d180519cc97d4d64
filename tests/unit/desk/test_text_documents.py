"""A text document holds whatever was pasted into it."""

import io
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
