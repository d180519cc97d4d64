"""When a file may be read, on which day its letters came, and what shows a missed separator."""

from datetime import date, timedelta

import pytest

from services.ingest.domain.file_stability import StabilityLimits, is_noise, may_read
from services.ingest.domain.receipt_day import day_of_folder, receipt_day
from services.ingest.domain.second_letter import misses_separator

PATIENCE = StabilityLimits(still=timedelta(seconds=3), broken=timedelta(minutes=10))
FIRST = """Châteauroux, le 4 mai 2026
Madame, Monsieur,
Je demande le renouvellement de mon titre.
Je vous prie d’agréer, Madame, Monsieur, mes salutations distinguées."""
SECOND = """Le Blanc, le 5 mai 2026
Monsieur le Préfet,
Nous déclarons notre association."""


@pytest.mark.parametrize(
    ("name", "still_for", "settled"),
    [
        ("lot.pdf", 0, "wait"),
        ("lot.pdf", 3, "if_whole"),
        ("lot.pdf", 599, "if_whole"),
        ("lot.pdf", 600, "anyway"),
        ("lot.pdf.part", 60, "wait"),
        ("LOT.TMP", 60, "wait"),
        ("lot.pdf.part", 600, "anyway"),
    ],
)
def test_a_file_is_read_when_it_stands_still_and_judged_when_it_does_so_for_long(
    name: str, still_for: int, settled: str
) -> None:
    assert may_read(name, timedelta(seconds=still_for), PATIENCE) == settled


@pytest.mark.parametrize(
    ("name", "noise"),
    [("Thumbs.db", True), (".DS_Store", True), ("~$lot.docx", True), ("lot.pdf", False)],
)
def test_files_of_the_file_system_are_no_scans(name: str, *, noise: bool) -> None:
    assert is_noise(name) is noise


MONDAY, TUESDAY = date(2026, 5, 11), date(2026, 5, 12)


def test_the_sheet_of_the_day_goes_before_the_folder_and_the_folder_before_first_seen() -> None:
    assert receipt_day(MONDAY, TUESDAY, TUESDAY) == (MONDAY, "sheet")
    assert receipt_day(None, MONDAY, TUESDAY) == (MONDAY, "folder")
    assert receipt_day(None, None, TUESDAY) == (None, "first_seen")


def test_a_day_that_has_not_come_is_not_believed() -> None:
    assert receipt_day(TUESDAY, None, MONDAY) == (None, "first_seen")
    assert receipt_day(TUESDAY, MONDAY, MONDAY) == (MONDAY, "folder")


@pytest.mark.parametrize(
    ("names", "day"),
    [
        ((), None),
        (("2026-05-11",), MONDAY),
        (("2026-05-11", "recommandés"), MONDAY),
        (("2026-05-11", "2026-05-12"), TUESDAY),
        (("2026-02-30",), None),
        (("20260511",), None),
    ],
)
def test_a_day_folder_is_named_like_its_day(names: tuple[str, ...], day: date | None) -> None:
    assert day_of_folder(names) == day


def test_two_letters_in_one_document_show_by_a_second_date_and_greeting_after_a_leave() -> None:
    assert misses_separator([FIRST, SECOND])
    assert misses_separator([FIRST, "", SECOND])


@pytest.mark.parametrize(
    "document",
    [
        [],
        [FIRST],
        ["Facture no 12 du 5 mai 2026", "Madame, Monsieur,"],
        [FIRST, "Certificat médical fait à Issoudun, le 2 mai 2026"],
        [FIRST, "Monsieur le Préfet,"],
    ],
)
def test_an_enclosure_is_no_second_letter(document: list[str]) -> None:
    assert not misses_separator(document)


def test_a_sheet_whose_code_is_torn_is_read_by_its_words() -> None:
    assert misses_separator([FIRST, "FEUILLE DE SEPARATION\nBMI", "Bonjour"])


OURS = "Préfecture de l’Indre\nPlace de la Victoire\n36000 Châteauroux"
ANA = "Ana Ruiz\n12 rue des Lilas\n36000 Châteauroux"
PAUL = "Paul Roux\n14 rue des Roses\n36000 Châteauroux"
DATE = "Châteauroux, le 4 mai 2026\nMadame, Monsieur,"
ENDINGS = (
    *("Je vous prie d’agréer mes salutations.", "Veuillez agréer mes salutations.", "Cordialement"),
    *("Respectueusement", "Avec mes remerciements", "Bien à vous", "Mes respects", ""),
    "Dans l’attente de votre réponse",
)


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_second_sender_shows_whatever_the_first_one_took_leave_by(ending: str) -> None:
    first = f"{ANA}\n\n{OURS}\n{DATE}\nJe demande mon titre.\n{ending}"
    second = f"{PAUL}\n{OURS}\n{DATE}\nJe me plains de votre accueil."
    assert misses_separator([first, second])
    assert misses_separator([first, "La suite de ma demande.", second])


@pytest.mark.parametrize(
    "page",
    [
        f"CAF de l’Indre\n1 boulevard Blaise Pascal\n36026 Châteauroux\n{ANA}\n{DATE}\nVos droits",
        f"{OURS}\n{ANA}\n{DATE}\nVotre dossier est complet.",
        f"{ANA.replace('Lilas', 'Li1as')}\n{OURS}\n{DATE}\nMa lettre d’avril.",
        f"{PAUL}\nAttestation d’hébergement de Mme Ana Ruiz",
        f"{DATE}\nSans adresse aucune.",
    ],
    ids=["to the sender", "ours to the sender", "misread", "no letter", "no address"],
)
def test_what_somebody_encloses_is_no_second_letter(page: str) -> None:
    assert not misses_separator([f"{ANA}\n{OURS}\n{DATE}\nJe demande mon titre.", page])
