"""`site check` refuses a form of a website whose labels its layout could never find."""

from pathlib import Path

import pytest

from shared.site.load import load_folder
from tests.unit.site.test_load import mistakes, spoil

FIRST = "fields: {name: 'Nom :', email: 'Courriel :'"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("layout: tables\n    fields: {name: 'Nom'", "'table'"),
        ("fields: {nom: 'Nom'", "'name', 'first_name', 'email'"),
        ("fields: {topic: 'Nom'", "the label of 'email' or 'name'"),
        ("fields: {name: 'Nom', email: 'NOM :'", "the label of 'name' too"),
        ("fields: {name: 'Prenom', email: 'Prénom'", "the label of 'name' too"),
        ("fields: {name: ' :'", "with a letter or a digit"),
        ("fields: {name: 'Vous : nom'", "the layout 'labels'"),
        ("layout: keys\n    fields: {name: 'nom=prenom'", "the layout 'keys'"),
        ("layout: sections\n    fields: {name: 'Nom + nom'", "the layout 'sections'"),
        (f"fields: {{name: '{'c' * 121}'", "at most 120 characters"),
    ],
)
def test_a_label_that_nothing_could_find_is_a_mistake(
    folder: Path, fields: str, expected: str
) -> None:
    spoil(folder, "routing.yaml", FIRST, fields)
    (told,) = mistakes(folder)
    assert told.startswith("routing.yaml:")
    assert expected in told


@pytest.mark.parametrize(
    "fields",
    [
        "layout: labels\n    fields: {name: 'Nom'",
        "layout: table\n    fields: {first_name: 'Prénom (facultatif) :', name: 'Nom : et prénom'",
        "layout: keys\n    fields: {name: NOM_USAGE, email: 'E-MAIL='",
        "layout: sections\n    fields: {name: '*** Nom ***', email: '[E-mail]'",
    ],
)
def test_a_label_may_stand_with_the_signs_of_its_layout(folder: Path, fields: str) -> None:
    spoil(folder, "routing.yaml", FIRST, fields)
    assert load_folder(folder).routing.forms[0].layout is not None
