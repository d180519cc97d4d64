"""An item is called by its subject and who wrote; by its category where neither may be known."""

import pytest

from services.desk.pages.item.item_title import ItemTitle, item_title
from shared.content.plis import Correspondent

AWA = Correspondent(name="Awa Modèle", address="awa@exemple.fr")
MAIL = "Mon titre de séjour"
CATEGORY, CALLED = "titre de séjour", "Titre de séjour"


@pytest.mark.parametrize(
    ("noted", "opening", "who", "said"),
    [
        ("", MAIL, AWA, ItemTitle("Mon titre de séjour", "Awa Modèle")),
        ("Recours  gracieux", MAIL, AWA, ItemTitle("Recours gracieux", "Awa Modèle")),
        ("", "", Correspondent(address="a@b.fr"), ItemTitle(CALLED, "a@b.fr")),
        ("", "", Correspondent(), ItemTitle(CALLED)),
        ("", "", None, ItemTitle(CALLED)),
    ],
)
def test_what_is_known_heads_the_page(
    noted: str, opening: str, who: Correspondent | None, said: ItemTitle
) -> None:
    assert item_title(noted, opening, who, CATEGORY) == said


def test_a_subject_without_end_is_cut_after_a_whole_word() -> None:
    long = item_title("mot " * 100, "", None, CATEGORY).what
    assert long == "mot " * 40 + "…"
    assert item_title("m" * 500, "", None, CATEGORY).what == "m" * 160 + " …"
