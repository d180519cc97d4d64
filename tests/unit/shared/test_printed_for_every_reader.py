"""What we print as PDF is read by a screen reader too: tags, language, title, pictures in words."""

import io
import re
from pathlib import Path
from typing import Final

import pikepdf
import pytest

from shared.paper.letter import bare

ROOT: Final = Path(__file__).parents[3]
LAYOUTS: Final = sorted(
    path for folder in ("services", "shared") for path in (ROOT / folder).rglob("*.typ")
)
PART: Final = "root.typ"
"""A part of other layouts, which set what a document has."""
PICTURE: Final = re.compile(r"image\((?:[^()]|\([^()]*\))*\)")


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda path: path.name)
def test_a_layout_has_a_title_a_language_and_words_for_each_picture(layout: Path) -> None:
    written = layout.read_text("utf-8")
    if layout.name != PART:
        assert "#set document(title:" in written
        assert 'lang: "fr"' in written
    assert [picture for picture in PICTURE.findall(written) if "alt:" not in picture] == []


def test_a_letter_is_tagged_and_says_its_language_and_its_subject() -> None:
    parts = {
        "authority": "Préfecture de l’Indre",
        "service": "BMI",
        "references": [],
        "place": "Châteauroux, le 12 mai 2026",
        "address": ["Awa Modèle"],
        "subject": "Votre titre de séjour",
        "foot": [],
    }
    with pikepdf.open(io.BytesIO(bare(parts, "Madame,\n\nVotre titre est prêt."))) as paper:
        assert paper.Root.MarkInfo.Marked
        assert "/StructTreeRoot" in paper.Root
        assert str(paper.Root.Lang).startswith("fr")
        assert paper.docinfo["/Title"] == "Votre titre de séjour"
