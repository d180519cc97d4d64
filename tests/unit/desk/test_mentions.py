"""Whom a note names by `@`: an id, a name, whatever its accents; never the `@` of an address."""

import pytest

from services.desk.domain.mentions import Mentions, read_mentions
from tests.desk_builders import a_person

PEOPLE = [
    a_person("k.benali").model_copy(update={"first_name": "Karima", "name": "Bénali"}),
    a_person("j.martin").model_copy(update={"first_name": "Jérôme", "name": "Martin"}),
    a_person("l.martin").model_copy(update={"first_name": "Lise", "name": "Martin"}),
    a_person("y.legoff").model_copy(update={"first_name": "Yann", "name": "Le Goff"}),
]


@pytest.mark.parametrize(
    ("text", "persons"),
    [
        ("@k.benali, elle rappelle demain.", ("k.benali",)),
        ("Vu avec @Benali.", ("k.benali",)),
        ("@BÉNALI et @Yann.LeGoff", ("k.benali", "y.legoff")),
        ("@k.benali puis encore @benali", ("k.benali",)),
        ("(@legoff)", ("y.legoff",)),
        ("Écrire à ana@benali.example", ()),
        ("https://reseau.example/@benali", ()),
        ("à 10 h @ la gare", ()),
    ],
)
def test_a_person_is_named_by_id_or_by_name(text: str, persons: tuple[str, ...]) -> None:
    assert read_mentions(text, PEOPLE) == Mentions(persons=persons)  # type: ignore[arg-type]  # ids


def test_a_name_that_several_people_have_names_none_of_them_until_it_is_told_apart() -> None:
    assert read_mentions("@martin", PEOPLE) == Mentions(ambiguous=("martin",))
    assert read_mentions("@Lise.Martin @j.martin", PEOPLE).persons == ("l.martin", "j.martin")


def test_what_names_nobody_is_told_and_not_left_as_text() -> None:
    assert read_mentions("@personne... et @k.benali", PEOPLE) == Mentions(
        persons=("k.benali",),  # type: ignore[arg-type]  # an id
        unknown=("personne",),
    )
