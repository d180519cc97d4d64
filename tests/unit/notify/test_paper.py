"""The PDF of a letter: what a person reads on it, and what a scanner reads on its return."""

import re
from datetime import date
from pathlib import Path

import pypdfium2
import zxingcpp

from shared.content.plis import Correspondent
from shared.facts.envelope import Chrono
from shared.facts.vocabulary import NoticeKind, Way
from shared.paper.codes import DepartureCode
from shared.paper.letter import PrintedLetter, address_letter, laid_out, print_letter
from shared.site.load import load_proposal
from shared.site.texts.letters import Svr
from shared.site.texts.samples import samples
from shared.site.texts.templates import render
from tests.code_keys import KEYS

INDRE = Path(__file__).parents[3] / "deploy" / "site" / "indre"
ADDRESS = ("Madame Jeanne Martin", "12, rue des Lavandières", "36000 Châteauroux")


def code_of(letter: Svr) -> str:
    return KEYS.write(DepartureCode(letter.reference, NoticeKind.SVR))


async def printed(address: tuple[str, ...] = ADDRESS) -> pypdfium2.PdfDocument:
    (letter, *_) = samples(NoticeKind.SVR)
    assert isinstance(letter, Svr)
    text = render(load_proposal(INDRE).site.templates, letter, Way.PAPER)
    octets = await print_letter(
        PrintedLetter(NoticeKind.SVR, letter, text, code_of(letter), address)
    )
    assert b"pdfaid" in octets
    return pypdfium2.PdfDocument(octets)


async def test_a_letter_says_all_that_its_text_says() -> None:
    document = await printed()
    content = " ".join(page.get_textpage().get_text_range() for page in document)
    flat = re.sub(r"\s+", " ", content)
    for must in (*ADDRESS, "99-2031-A-004321", "Camille Modèle", "4 juin 2031", "Objet"):
        assert must in flat


async def test_the_address_stands_in_the_window_of_a_dl_envelope() -> None:
    page = (await printed())[0]
    text = page.get_textpage()
    found = text.search("Madame Jeanne Martin").get_next()
    assert found is not None
    left, bottom, _, top = text.get_charbox(found[0])
    mm = 72 / 25.4
    assert 105 <= left / mm <= 115
    assert 45 <= (page.get_height() - top) / mm <= 60
    assert bottom < top


async def test_a_scanner_reads_the_departure_code_on_page_one() -> None:
    picture = (await printed())[0].render(scale=150 / 72).to_pil()
    (found,) = zxingcpp.read_barcodes(picture)
    assert KEYS.read(found.text, date(2026, 5, 12)) == DepartureCode(
        Chrono("99-2031-A-004321"), NoticeKind.SVR
    )


async def test_markup_in_a_text_stays_text() -> None:
    hostile = '#import "x" $a$ *gras* @ref <label> \\ `code`'
    document = await printed((hostile,))
    assert "#import" in document[0].get_textpage().get_text_range()


async def test_a_letter_names_its_addressee_when_the_postal_address_alone_is_missing() -> None:
    (letter, *_) = samples(NoticeKind.SVR)
    assert isinstance(letter, Svr)
    text = render(load_proposal(INDRE).site.templates, letter, Way.PAPER)
    for to, address, blanks in (
        (Correspondent(name="Madame Jeanne Martin", address="j@exemple.fr"), 1, 3),
        (Correspondent(name="Jeanne", postal="12, rue des Lavandières\n36000 Châteauroux"), 3, 0),
        (Correspondent(address="j@exemple.fr"), 0, 4),
        (None, 0, 4),
    ):
        made = address_letter(NoticeKind.SVR, letter, text, code_of(letter), to)
        parts = laid_out(made)
        assert (len(parts["address"]), parts["blanks"]) == (address, blanks)
    to = Correspondent(name="Madame Jeanne Martin")
    octets = await print_letter(address_letter(NoticeKind.SVR, letter, text, code_of(letter), to))
    page = pypdfium2.PdfDocument(octets)[0]
    assert "Madame Jeanne Martin" in page.get_textpage().get_text_range()


async def test_a_letter_without_a_known_address_is_still_made() -> None:
    assert len(await printed(())) >= 1


async def test_a_receipt_to_whoever_is_called_in_chinese_is_made() -> None:
    document = await printed(("王小明 Wang 😀", *ADDRESS[1:]))
    assert "□□□ Wang □" in document[0].get_textpage().get_text_range()
