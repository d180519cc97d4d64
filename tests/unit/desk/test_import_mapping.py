"""Which column says what: guessed from titles as registers write them, kept, and read again."""

import pytest

from services.desk.exports.lists import LIST
from services.desk.migration.spreadsheet.column_map import (
    ImportField,
    Mapped,
    guess,
    load_map,
    plain,
    write_map,
)
from shared.errors import Refused


def said(*titles: str) -> dict[str, str]:
    return {title: what.value for title, what in guess(titles).columns.items() if what}


def test_titles_are_understood_as_registers_write_them() -> None:
    titles = ("N° enr.", "Date d’arrivée", "Expéditeur", "Objet du courrier", "Réponse", "Divers")
    assert said(*titles) == {
        "N° enr.": "number",
        "Date d’arrivée": "received",
        "Expéditeur": "sender",
        "Objet du courrier": "subject",
        "Réponse": "answered",
    }


def test_a_list_of_ours_can_be_read_back() -> None:
    found = said(*LIST.titles)
    assert found["Numéro"] == "number"
    assert found["Reçu le"] == "received"
    assert found["État"] == "state"
    assert "Répondre avant la fin du" not in found


def test_no_field_is_said_by_two_columns() -> None:
    found = guess(("Date", "Date de réception", "Arrivée"))
    assert list(found.columns.values()).count(ImportField.RECEIVED) == 1
    assert found.columns["Date de réception"] is ImportField.RECEIVED


def test_a_mapping_is_kept_as_text_and_read_again() -> None:
    mapped = Mapped(
        {"N°": ImportField.NUMBER, "Divers": None},
        {ImportField.SERVICE: {plain("Étrangers"): "bmi"}},
    )
    assert load_map(write_map(mapped)) == mapped
    for text in ("columns: {A: nothing}", "columns: [", "[]", "columns: {A: number, B: number}"):
        with pytest.raises(Refused):
            load_map(text)
