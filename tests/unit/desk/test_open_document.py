"""A document as .odt: the same octets twice, read again by another library, and nothing obeyed."""

import io
import zipfile

from odfdo import Document

from services.desk.open_document import (
    Bullets,
    DocumentBlock,
    DocumentHeading,
    DocumentTable,
    DocumentText,
    open_document,
)

BLOCKS: tuple[DocumentBlock, ...] = (
    DocumentHeading("Dossier <de> candidature"),
    DocumentText("Une ligne & une autre\nici \x07\ufffe\ud800."),
    Bullets(("premier", "second")),
    DocumentTable("Mois", ("Mois", "Taux"), (("mai 2026", "25 sur 31"), ("juin 2026", "« 28 »"))),
)


def test_the_same_content_is_the_same_octets() -> None:
    first, second = (open_document("Dossier", BLOCKS, "Préfecture") for _ in range(2))
    assert first == second
    with zipfile.ZipFile(io.BytesIO(first)) as packed:
        assert packed.testzip() is None
        first_entry = packed.infolist()[0]
    assert (first_entry.filename, first_entry.compress_type) == ("mimetype", zipfile.ZIP_STORED)


def test_another_library_reads_it_again() -> None:
    document = Document(io.BytesIO(open_document("Dossier", BLOCKS, "Préfecture")))
    assert document.get_type() == "text"
    assert [str(heading).strip() for heading in document.body.headers] == [
        "Dossier <de> candidature"
    ]
    [table] = document.body.tables
    assert table.get_values() == [
        ["Mois", "Taux"],
        ["mai 2026", "25 sur 31"],
        ["juin 2026", "« 28 »"],
    ]
    text = document.get_formatted_text()
    assert "Une ligne & une autre" in text
    assert "second" in text
