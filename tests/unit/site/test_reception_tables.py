"""Each mistake in website.yaml and places.yaml is told, with what was expected."""

from pathlib import Path

import pytest

from tests.unit.site.test_load import mistakes, spoil

SPOILS = [
    ("website.yaml", "id: naturalisation", "id: titres-de-sejour", "each id once"),
    ("website.yaml", "service: pan", "service: pam", "did you mean 'pan'?"),
    ("website.yaml", "correspondent: o.masson", "correspondent: o.mason", "mean 'o.masson'?"),
    ("website.yaml", "https://www.indre.example/armes", "javascript:alert(1)", "url"),
    ("places.yaml", "service: pan-emeraude", "service: pan-emeraud", "mean 'pan-emeraude'?"),
    ("places.yaml", "id: pan-emeraude", "id: pan", "each id once"),
    ("places.yaml", "office: maison-france-services", "office: maison", "an office of labels.yaml"),
    ("places.yaml", "[ants, compte, numerisation]", "[ants, comptes]", "mean 'compte'?"),
    ("places.yaml", "text: personne orientée", "text: nationalité de la personne", "neither"),
    ("places.yaml", "id: depot", "id: nom-de-famille", "neither nationality nor name"),
    ("places.yaml", "id: depot", "id: orientation", "each tally once"),
    ("places.yaml", "'09:30', closes: '11:30'", "'11:30', closes: '09:30'", "opens < closes"),
    ("places.yaml", "opens: '13:30'", "opens: '11:30'", "spans of a day in order"),
    (
        "website.yaml",
        "indre.example/armes",
        "indre.example/permis-de-conduire",
        "each address once",
    ),
]


@pytest.mark.parametrize(("file", "old", "new", "said"), SPOILS)
def test_a_mistake_is_told(folder: Path, file: str, old: str, new: str, said: str) -> None:
    spoil(folder, file, old, new)
    told = [line for line in mistakes(folder) if said in line]
    assert told
    assert told[0].startswith(f"{file}:")
