"""Words marked in a letter: found as people and rules find them, and never letting HTML through."""

import time

import pytest

from services.desk.french.names import Names
from services.desk.french.rule_reasons import LetterText, reasons
from services.desk.pages.highlights import Highlights, searched_words
from services.desk.pages.paper import Paper
from shared.content.word_places import WordPlaces, pack
from shared.site.staff.directory import Directory
from shared.site.tables.routing import Condition, RoutingOutcome, Rule
from tests.desk_builders import an_applied_site


@pytest.mark.parametrize(
    ("phrase", "text", "marked"),
    [
        ("titre de séjour", "Mon TITRE  de sejour !", "Mon <mark>TITRE  de sejour</mark> !"),
        ("oeuvre", "l’œuvre", "l’<mark>œuvre</mark>"),
        ("été", "l’e\u0301té 2026", "l’<mark>e\u0301té</mark> 2026"),
        ("titre", "sous-titré, titrer", "sous-<mark>titré</mark>, titrer"),
        ("permis", "<b>permis</b> & c.", "&lt;b&gt;<mark>permis</mark>&lt;/b&gt; &amp; c."),
        ("", "<i>", "&lt;i&gt;"),
        ("!?", "ah !?", "ah !?"),
    ],
)
def test_a_phrase_is_marked_whatever_its_case_accents_and_marks(
    phrase: str, text: str, marked: str
) -> None:
    found = Highlights([phrase])
    assert found.mark(text) == marked
    assert found.places(text) == marked.count("<mark>")


def test_what_was_searched_is_marked_in_all_its_forms_but_not_what_was_put_aside() -> None:
    found = searched_words('récépissés "carte perdue" -permis')
    assert found.mark("Récépissé, carte  perdue, carte, permis") == (
        "<mark>Récépissé</mark>, <mark>carte  perdue</mark>, carte, permis"
    )
    assert not searched_words("-permis a").any


def test_small_words_are_marked_within_a_phrase_alone() -> None:
    said = "Mon titre de séjour, de Jeanne"
    assert searched_words("mon titre de séjour").mark(said) == (
        "Mon <mark>titre</mark> de <mark>séjour</mark>, de Jeanne"
    )
    assert searched_words('"titre de séjour"').mark(said) == (
        "Mon <mark>titre de séjour</mark>, de Jeanne"
    )
    assert not searched_words("de la Le").any


def standing(*boxes: tuple[float, float, float, float]) -> WordPlaces:
    return WordPlaces(boxes=pack(boxes))


PAGE = "Mon titre de\nséjour, sous-titré. Titre"
PLACES = standing(
    (0.1, 0.1, 0.15, 0.12),  # Mon
    (0.2, 0.1, 0.3, 0.12),  # titre
    (0.32, 0.101, 0.35, 0.121),  # de
    (0.1, 0.14, 0.2, 0.16),  # séjour,
    (0.25, 0.14, 0.4, 0.16),  # sous-titré.
    (0.9, 0.98, 1.0, 1.0),  # Titre, in the corner
)
"""What OCR read on a page, and where."""


def test_a_phrase_is_boxed_on_its_page_line_by_line() -> None:
    found = Highlights(["titre de séjour"]).outline(PAGE, PLACES)
    assert found == "M.1980 .0980H.3520V.1230H.1980zM.0980 .1380H.2020V.1620H.0980z"


def test_what_is_marked_side_by_side_is_one_box_and_what_is_apart_is_several() -> None:
    beside = standing((0.1, 0.5, 0.2, 0.52), (0.21, 0.501, 0.3, 0.521), (0.33, 0.5, 0.4, 0.52))
    found = Highlights(["carte", "perdue", "volée"]).outline("carte perdue volée", beside)
    assert found == "M.0980 .4980H.3020V.5230H.0980zM.3280 .4980H.4020V.5220H.3280z"


def test_a_word_that_has_the_phrase_in_it_is_boxed_whole_and_no_box_leaves_its_page() -> None:
    found = Highlights(["titre"]).outline(PAGE, PLACES).split("z")
    assert found == [
        "M.1980 .0980H.3020V.1220H.1980",
        "M.2480 .1380H.4020V.1620H.2480",
        "M.8980 .9780H1.0000V1.0000H.8980",
        "",
    ]


def test_nothing_is_boxed_where_nobody_knows_where_the_words_stand() -> None:
    found = Highlights(["titre"])
    assert found.outline(PAGE, WordPlaces()) == ""
    assert found.outline(f"{PAGE} de plus", PLACES) == "", "they are of another text"
    assert found.outline("", standing()) == ""
    assert Highlights().outline(PAGE, PLACES) == ""
    assert Highlights(["permis"]).outline(PAGE, PLACES) == ""


def test_a_page_has_forty_boxes_at_most() -> None:
    text, places = "titre " * 300, standing(*[(0.1, 0.1, 0.2, 0.2), (0.5, 0.1, 0.6, 0.2)] * 150)
    assert Highlights(["titre"]).outline(text, places).count("z") == 40


def test_what_is_boxed_is_turned_as_its_page_is() -> None:
    paper = Paper(drawn=2, total=2, turns={0: 180, 2: 90}, places=(PLACES,))
    assert [paper.turn_matrix(page) for page in (1, 2)] == [
        "matrix(-1 0 0 -1 1 1)",
        "matrix(0 1 -1 0 1 0)",  # (x, y) → (1 - y, x): what was at the top is at the right
    ]
    assert [paper.word_places(page) for page in (1, 2)] == [PLACES, WordPlaces()]


FORTY = [f"{a}{b}on" for a in "bcdfghjk" for b in "aeiou"]


def test_many_words_in_a_long_letter_cost_little() -> None:
    letter = "bonjour, je ne recois rien de vos services et je demande pourquoi; " * 1_500
    assert len(letter) > 100_000
    found = Highlights([*FORTY, *(f"{word}{end}" for word in FORTY for end in ("s", "e", "es"))])
    started = time.process_time()
    for _ in range(5):
        assert found.places(letter) == 0
    assert time.process_time() - started < 1.5  # 0.1; 2.8 when each word looks aside


def test_of_a_search_that_nobody_types_the_first_words_are_marked() -> None:
    found = searched_words(" ".join(FORTY))
    assert [found.places(word) for word in (FORTY[0], FORTY[24], FORTY[25])] == [1, 1, 0]


def test_a_rule_says_why_in_words_and_what_it_found_in_the_letter() -> None:
    when = Condition(
        mailboxes=("bmi",), subject=("récépissé",), words=("titre de séjour", "asile", "récépissé")
    )
    rule = Rule(id="titres", when=when, then=RoutingOutcome(category="titre-de-sejour"))
    letter = LetterText("Mon recepisse", "Mon titre  de SEJOUR", ("asile",), "mailbox:bmi")
    names = Names(an_applied_site().site, Directory({}, (), {}))
    found = reasons(rule, letter, names)
    assert tuple(said.replace("\N{NO-BREAK SPACE}", " ") for said in found.sentences) == (
        "arrivé par « boîte bmi »",
        "l’objet contient « récépissé »",
        "le courrier contient « titre de séjour », « asile », « récépissé »",
    )
    assert found.phrases == ("récépissé", "titre de séjour", "asile")
    assert reasons(rule, LetterText(), names).phrases == ()
