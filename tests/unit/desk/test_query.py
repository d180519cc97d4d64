"""What a person types into the search."""

import pytest

from services.desk.domain.query import QueryPartKind, alike, forms, numbers, parts, slips, words

DEPARTMENT, YEAR = "36", 2026


@pytest.mark.parametrize(
    ("typed", "chronos", "label"),
    [
        ("36-2026-A-000123", ["36-2026-A-000123"], None),
        ("36 2026 a 123", ["36-2026-A-000123"], None),
        ("2026/123", ["36-2026-A-000123"], None),
        ("2026A123", ["36-2026-A-000123"], None),
        ("n° 123", ["36-2026-A-000123", "36-2025-A-000123"], "000123"),
        ("A-123", ["36-2026-A-000123", "36-2025-A-000123"], None),
        ("d 45", ["36-2026-D-000045", "36-2025-D-000045"], None),
        ("étiquette 45", ["36-2026-A-000045", "36-2025-A-000045"], "000045"),
        ("2a-2025-a-7", ["2A-2025-A-000007"], None),
        # A year alone is a number like any other.
        ("2026", ["36-2026-A-002026", "36-2025-A-002026"], "002026"),
        ("12 rue des Lilas", [], None),
        ("dupont", [], None),
        ("", [], None),
        ("1234567890", [], None),
    ],
)
def test_a_number_is_understood_in_every_spelling(
    typed: str, chronos: list[str], label: str | None
) -> None:
    meant = numbers(typed, DEPARTMENT, YEAR)
    assert (list(meant.chronos), meant.label) == (chronos, label)


def test_words_phrases_and_exclusions_are_told_apart() -> None:
    found = parts('lettre à "titre de séjour" -relance Saint-Maur')
    assert [(part.kind, part.forms[0]) for part in found] == [
        (QueryPartKind.WORD, "lettre"),
        (QueryPartKind.PHRASE, "titre de séjour"),
        (QueryPartKind.NOT, "relance"),
        (QueryPartKind.WORD, "Saint-Maur"),
    ]


def test_a_word_is_looked_for_in_its_plurals_and_feminines() -> None:
    assert set(forms("loyers")) >= {"loyers", "loyer"}
    assert set(forms("impayé")) >= {"impayé", "impayés", "impayée"}
    assert forms("A4") == ("A4",)


@pytest.mark.parametrize(
    ("typed", "meant", "count"),
    [
        ("dupnot", "dupont", 1),
        ("dupond", "dupont", 1),
        ("dupon", "dupont", 1),
        ("duppont", "dupont", 1),
        ("martin", "dupont", 6),
        ("", "ab", 2),
        ("ab", "ab", 0),
    ],
)
def test_slips_are_counted_letter_by_letter(typed: str, meant: str, count: int) -> None:
    assert slips(typed, meant) == count
    assert slips(meant, typed) == count


def test_a_short_word_has_room_for_one_slip() -> None:
    assert alike("paul", ["paule", "pauls", "pierre", "paulette"]) == ["paul", "paule", "pauls"]
    assert alike("dupnot", ["dupont", "dupuis", "durand"]) == ["dupnot", "dupont"]


def test_what_is_typed_is_bounded() -> None:
    assert len(words("mot " * 1000)) == 1
    assert len(parts("x y " * 1000)) == 0
    assert sum(len(part.forms[0]) for part in parts("abcdefghi " * 1000)) <= 200
