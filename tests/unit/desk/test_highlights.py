"""Words marked in a letter: found as people and rules find them, and never letting HTML through."""

import time

import pytest

from services.desk.french.names import Names
from services.desk.french.rule_reasons import LetterText, reasons
from services.desk.pages.highlights import Highlights, searched_words
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
