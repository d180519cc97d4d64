"""An item is called by its subject and who wrote; by its category where neither may be known."""

import pytest

from services.desk.pages.item.item_title import ItemTitle, item_title
from services.desk.pages.item.thread import MessageContent
from shared.content.plis import Correspondent

AWA = Correspondent(name="Awa Modèle", address="awa@exemple.fr")
MAIL = MessageContent("a", "courriel", "boîte", "lundi", subject="Mon titre de séjour")
SCAN = MessageContent("b", "lettre", "scan", "lundi")
CATEGORY, CALLED = "titre de séjour", "Titre de séjour"


@pytest.mark.parametrize(
    ("noted", "contents", "who", "said"),
    [
        ("", [MAIL, SCAN], AWA, ItemTitle("Mon titre de séjour", "Awa Modèle")),
        ("Recours  gracieux", [MAIL], AWA, ItemTitle("Recours gracieux", "Awa Modèle")),
        ("", [SCAN, MAIL], Correspondent(address="a@b.fr"), ItemTitle(CALLED, "a@b.fr")),
        ("", [SCAN], Correspondent(), ItemTitle(CALLED)),
        ("", [], None, ItemTitle(CALLED)),
    ],
)
def test_what_is_known_heads_the_page(
    noted: str, contents: list[MessageContent], who: Correspondent | None, said: ItemTitle
) -> None:
    assert item_title(noted, contents, who, CATEGORY) == said


def test_a_subject_without_end_is_cut_after_a_whole_word() -> None:
    long = item_title("mot " * 100, [], None, CATEGORY).what
    assert long == "mot " * 40 + "…"
    assert item_title("m" * 500, [], None, CATEGORY).what == "m" * 160 + " …"
