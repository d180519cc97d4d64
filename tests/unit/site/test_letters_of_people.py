"""Complaints, recours and parliamentary offices are known by their usual French words."""

import pytest

from tests.letters_of_people import HARMLESS, letters, seen

MISSED = {
    "second": {"Intervention"},
    "third": {
        *("Attente au guichet", "Mon dossier", "RDV", "racisme", "Délais"),
        *("Erreur de vos services", "OQTF", "Votre décision du 11 mai", "Fermeture", "rejet"),
    },
}
"""Subjects of letters in which the tables see nothing: 28 of the 38 of `third` are recognised."""


@pytest.mark.parametrize("name", ["first", "second", "third"])
def test_what_people_write_is_recognised_and_never_as_something_else(name: str) -> None:
    told = [(letter, seen(letter)) for letter in letters(name) if letter.expected != HARMLESS]
    assert [(one, said) for one, said in told if said not in {one.expected, HARMLESS}] == []
    silent = {one.subject for one, said in told if said == HARMLESS}
    assert silent == MISSED.get(name, set())


def test_nothing_is_seen_in_a_hundred_harmless_letters() -> None:
    harmless = [
        letter
        for name in ("first", "second", "third")
        for letter in letters(name)
        if letter.expected == HARMLESS
    ]
    assert len(harmless) >= 100
    assert [letter for letter in harmless if seen(letter) != HARMLESS] == []
