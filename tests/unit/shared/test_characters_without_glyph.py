"""A paper is made whatever was written to us: what our fonts lack stands there as « □ »."""

import io
import random
import unicodedata
from typing import Any, Final

import pypdfium2
import pytest

from shared.paper.glyphs import INSTEAD, PLAIN, lacks, substitute
from shared.paper.letter import bare

PARTS: Final[dict[str, Any]] = {
    "authority": "Préfecture de l’Indre",
    "service": "BMI",
    "references": [],
    "place": "Châteauroux, le 12 mai 2026",
    "address": ["Awa Modèle"],
    "subject": "Votre titre de séjour",
    "foot": [],
}


def words(octets: bytes) -> str:
    document = pypdfium2.PdfDocument(io.BytesIO(octets))
    return "\n".join(page.get_textpage().get_text_range() for page in document)


@pytest.mark.parametrize("place", ["address", "subject", "body"])
@pytest.mark.parametrize(("said", "read"), [("😀", "□"), ("王小明", "□□□")])
def test_a_letter_with_what_fonts_lack_is_made_and_shows_where(
    place: str, said: str, read: str
) -> None:
    text = f"Αθηνά {said} Modèle"
    parts = {**PARTS, **({"address": [text]} if place == "address" else {})}
    parts |= {"subject": text} if place == "subject" else {}
    octets = bare(parts, text if place == "body" else "Votre titre est prêt.")
    assert b"pdfaid" in octets
    assert f"Αθηνά {read} Modèle" in words(octets)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("« L’été » – 12 €, 3ᵉ étage, œuvre n° 5…\n\tligne", ()),
        ("Αθηνά Жанна יעל e\u0301 Nguyễn Đặng", ()),
        ("Bonjour 😀 !", ("😀",)),
        ("王小明 et 王小明, 李", ("王小明", "李")),
        ("en famille 👩‍👩‍👧 ❤️", ("👩‍👩‍👧",)),
        ("ก็ a\u0e31", ("ก็", "a\u0e31")),
        ("une cloche\x07 ne se voit pas", ()),
    ],
)
def test_what_is_not_printed_is_named_once_in_its_order(text: str, found: tuple[str, ...]) -> None:
    assert lacks(text) == found


def test_data_keep_their_shape_and_all_that_can_be_set() -> None:
    data = {"lines": ["Madame 王", ("😀", 3)], "none": None, "yes": True, "plain": "L’été"}
    assert substitute(data) == {
        "lines": [f"Madame {INSTEAD}", [INSTEAD, 3]],
        "none": None,
        "yes": True,
        "plain": "L’été",
    }
    assert substitute("une\x07cloche") == "une cloche"


def test_what_is_taken_for_plain_is_in_our_fonts() -> None:
    plain = [sign for sign in map(chr, range(0x3000)) if PLAIN.fullmatch(sign)]
    body = "\n".join(plain[start] + " " + "".join(plain[start + 1 : start + 60])
                     for start in range(0, len(plain), 60))  # fmt: skip
    assert b"pdfaid" in bare(PARTS, body)


@pytest.mark.parametrize("size", [1, 8])
def test_no_character_at_all_keeps_a_letter_from_being_made(size: int) -> None:
    """Alone, and in words of eight that nobody writes: a sign beside others may have no glyph."""
    every = [
        chr(code)
        for code in [*range(0x3400), *range(0xA000, 0xAC00, 7), *range(0xD7A0, 0x11000),
                     *range(0x1D400, 0x1D800), *range(0x1F000, 0x1FB00), *range(0xE0000, 0xE0200)]
        if unicodedata.category(chr(code)) != "Cs"
    ]  # fmt: skip
    random.Random(6).shuffle(every)  # noqa: S311  (the same at each run)
    said = ["".join(every[start : start + size]) for start in range(0, len(every), size)]
    assert b"pdfaid" in bare(PARTS, "\n".join(said))


def test_of_what_strangers_wrote_so_many_are_looked_at() -> None:
    assert lacks("Wang 王小明", most=2) == ("王小",)
    assert lacks("Wang 王王王小明", most=1) == ("王王王",)
