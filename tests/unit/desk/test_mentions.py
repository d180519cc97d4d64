"""Whom a note names by `@`: an id, a name, whatever its accents; never the `@` of an address."""

import unicodedata

import pytest

from services.desk.domain import mentions
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
        ("@_ et @__", ()),
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


def test_twenty_people_are_named_and_not_one_more() -> None:
    people = [a_person(f"p{n}") for n in range(30)]
    twenty = [f"@p{n}" for n in range(20)]
    assert len(read_mentions(" ".join(twenty * 3), people).persons) == 20
    assert read_mentions(" ".join([*twenty, "@p20"]), people) == Mentions(too_many=True)


def test_each_person_is_read_once_however_many_words_a_note_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read: list[str] = []

    def normalize(form: str, said: str) -> str:
        read.append(said)
        return unicodedata.normalize(form, said)  # type: ignore[arg-type]  # a form, as given

    monkeypatch.setattr(mentions, "unicodedata", type("Counted", (), {"normalize": normalize}))
    words = " ".join(f"@{n}" for n in range(20))
    assert len(read_mentions(words, PEOPLE).unknown) == 20
    assert len(read) <= 2 * len(PEOPLE) + 20
    read.clear()
    read_mentions(" ".join(f"@{n}" for n in range(800)), PEOPLE)
    assert read == []
