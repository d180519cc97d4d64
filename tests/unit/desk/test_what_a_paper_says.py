"""What a page says of a scanned paper beside its pictures: what of it is doubtful."""

import pytest

from services.desk.pages.paper import paper_of
from shared.content.plis import ScanText
from tests.unit.desk.test_page_language import ENGLISH

NBSP = "\N{NO-BREAK SPACE}"
UNSURE = f"Le texte est reconnu avec peu de certitude (54 sur 100){NBSP}"
LETTER = ScanText(pages=("Bonjour", ""), confidence=90)
PAGE = "Je vous prie de trouver ma demande"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, ()),
        ({"confidence": 70}, ()),
        ({"confidence": 0, "pages": ("", "")}, ()),
        (
            {"confidence": 54},
            (f"{UNSURE}: écriture à la main, autre langue ou copie pâle.",),
        ),
        (
            {"missed_separator": True},
            ("Ce document contient peut-être deux lettres, sans feuille de séparation.",),
        ),
        ({"unlooked": True}, ("L’antivirus n’a pas pu examiner ce document.",)),
        (
            {"unlooked": True, "too_large": True},
            (f"L’antivirus n’a pas examiné ce document{NBSP}: trop volumineux pour lui.",),
        ),
    ],
)
def test_what_is_doubtful_of_a_paper_is_said(
    changed: dict[str, object], said: tuple[str, ...]
) -> None:
    assert paper_of(LETTER.model_copy(update=changed), 50).notes == said


def test_each_page_says_what_is_doubtful_of_its_text() -> None:
    scan = ScanText(
        pages=(PAGE, PAGE, "", ENGLISH, "", "Vu"),
        confidence=80,
        unread=(3,),
        confidences=(93, 54, None, 91, None, 30),
    )
    paper = paper_of(scan, 50)
    assert paper.doubts == {2: "peu sûre, 54 sur 100", 3: "non lue", 4: "semble en anglais"}
    assert paper.notes[-1] == (
        f"Texte à vérifier sur l’image{NBSP}: page 2 (peu sûre, 54 sur 100), page 3 (non lue),"
        " page 4 (semble en anglais)."
    )


def test_of_many_doubtful_pages_five_are_said_and_the_others_counted() -> None:
    scan = ScanText(pages=(PAGE,) * 8, confidence=75, confidences=(60,) * 8)
    assert paper_of(scan, 50).notes[-1].endswith("page 5 (peu sûre, 60 sur 100) et 3 autres.")


def test_what_was_read_before_says_nothing_of_its_pages() -> None:
    assert paper_of(ScanText(pages=(PAGE, PAGE), confidence=90), 50).doubts == {}
