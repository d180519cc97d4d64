"""Columns of printed tables are as wide as what stands in them asks for."""

from services.desk.column_widths import column_widths

PAGE = 17.0


def test_a_number_is_narrow_and_a_sentence_is_wide() -> None:
    rows = [("N°", "Constat"), ("1", "Deux appels mystères sur dix sont restés sans réponse.")]
    number, text = column_widths(rows, PAGE)
    assert number < 2
    assert text > 15
    assert round(number + text, 1) == PAGE


def test_each_has_room_for_its_longest_word() -> None:
    """Nine columns of an audit's findings: a ninth of the line cut « Engagement » in two."""
    long = "Un renvoi d’appel vers le bureau du courrier dès le lendemain."
    titles = (
        "N°",
        "Le",
        "Engagement",
        "Classe",
        "Constat",
        "Cause",
        "Correction",
        "Action",
        "Levé",
    )
    row = ("1", "01/10/2026", long, "non-conformité", long, long, long, long, "08/12/2026")
    widths = column_widths([titles, row], PAGE)
    letter = PAGE / 96
    assert all(
        width > letter * max(len(word) for text in (title, cell) for word in text.split())
        for width, title, cell in zip(widths, titles, row, strict=True)
    )


def test_a_digest_takes_no_more_than_a_long_word_asks_for() -> None:
    month, digest = column_widths([("Mois", "Empreinte"), ("septembre 2026", "f" * 64)], PAGE)
    assert month > 2
    assert digest < 15


def test_empty_cells_have_columns_of_one_width() -> None:
    assert column_widths([("", ""), ("", "")], PAGE) == [8.5, 8.5]
