"""A number and what it counts, in its number."""

import pytest

from services.desk.french.labels_fr import amount
from services.desk.pages.indicators.months import others


@pytest.mark.parametrize(
    ("count", "words", "said"),
    [
        (0, "courrier", "0 courrier"),
        (1, "courrier relu", "1 courrier relu"),
        (2, "courrier relu", "2 courriers relus"),
        (-2, "jour calendaire ajouté", "-2 jours calendaires ajoutés"),
        (3, "avis reçu", "3 avis reçus"),
    ],
)
def test_each_word_takes_the_number_of_what_is_counted(count: int, words: str, said: str) -> None:
    assert amount(count, words) == said


@pytest.mark.parametrize(
    ("result", "count", "said"),
    [
        ("closed", 1, "1 classé sans réponse"),
        ("closed", 2, "2 classés sans réponse"),
        ("overdue", 2, "2 limites passées"),
        ("observed", 1, "1 réponse vue"),
        ("late", 3, "3 en retard"),
        ("of-a-later-version", 2, "2 of-a-later-version"),
    ],
)
def test_a_months_sheet_says_one_in_the_singular(result: str, count: int, said: str) -> None:
    assert others(result, count) == said
