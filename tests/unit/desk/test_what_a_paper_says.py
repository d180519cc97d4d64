"""What a page says of a scanned paper beside its pictures: what of it is doubtful."""

import pytest

from services.desk.pages.paper import paper_of
from shared.content.plis import ScanText

NBSP = "\N{NO-BREAK SPACE}"
UNSURE = f"Le texte est reconnu avec peu de certitude (54 sur 100){NBSP}"
LETTER = ScanText(pages=("Bonjour", ""), confidence=90)


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
