"""What is promised to everybody who writes by one way, in words."""

from pathlib import Path

import pytest

from shared.facts.envelope import ServiceId
from shared.facts.items.base import Classification
from shared.facts.vocabulary import Category, Channel, Nature, SenderKind
from shared.site.load import load_folder
from shared.site.tables.commitments import Unit
from shared.site.texts.general_commitment import general_commitment, general_reply

SITE = load_folder(Path(__file__).parents[3] / "deploy" / "site" / "indre")
NOTE = "(du lundi au vendredi, sauf jours fériés)"


@pytest.mark.parametrize(
    ("channel", "said"),
    [
        (Channel.EMAIL, f"En général, nous répondons aux courriels en 5 jours ouvrés {NOTE}."),
        (Channel.LETTER, f"En général, nous répondons aux courriers en 15 jours ouvrés {NOTE}."),
    ],
)
def test_the_example_says_what_it_promises_by_each_way(channel: Channel, said: str) -> None:
    assert general_commitment(SITE, channel) == said


def test_what_is_promised_to_some_alone_is_not_said_to_everybody() -> None:
    table = SITE.commitments
    some = tuple(
        row.model_copy(update={"services": ("bmi",)}) if row.id == "reponse-courriel" else row
        for row in table.commitments
    )
    site = SITE.model_copy(update={"commitments": table.model_copy(update={"commitments": some})})
    assert general_commitment(site, Channel.EMAIL) == ""


@pytest.mark.parametrize(
    ("nature", "service", "days"),
    [
        (Nature.REQUEST, "bre", 5),
        (Nature.COMPLAINT, "bre", None),
        (Nature.SUGGESTION, "bre", None),
        (Nature.REQUEST, "bmi", None),
    ],
)
def test_what_is_promised_to_everybody_is_not_said_where_a_narrower_promise_holds(
    nature: Nature, service: str, days: int | None
) -> None:
    """Réclamations and suggestions have 15 days in the example; here one service has its own."""
    table = SITE.commitments
    (usual,) = (row for row in table.commitments if row.id == "reponse-courriel")
    own = usual.model_copy(update={"id": "own", "services": ("bmi",), "days": 20})
    site = SITE.model_copy(
        update={"commitments": table.model_copy(update={"commitments": (*table.commitments, own)})}
    )
    what = Classification(
        category=Category("titre-de-sejour"),
        nature=nature,
        perimeter=True,
        sender_kind=SenderKind.CITIZEN,
    )
    row = general_reply(site, Channel.EMAIL, what, ServiceId(service))
    assert (None if row is None else row.days) == days


def test_one_calendar_day_is_said_as_one() -> None:
    table = SITE.commitments
    one = tuple(row.model_copy(update={"days": 1, "unit": Unit.JOURS}) for row in table.commitments)
    site = SITE.model_copy(update={"commitments": table.model_copy(update={"commitments": one})})
    assert general_commitment(site, Channel.FORM) == (
        "En général, nous répondons aux messages du formulaire en 1 jour."
    )
