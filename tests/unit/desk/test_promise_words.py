"""What a poster promises: one sentence, of the site's own commitments."""

from pathlib import Path

import pytest

from services.desk.pages.quality.promise_words import promise
from shared.facts.vocabulary import Channel, ClockName, Nature
from shared.site.load import load_proposal
from shared.site.tables.commitments import Commitment, Unit

INDRE = Path(__file__).parents[3] / "deploy" / "site" / "indre"


def test_the_example_site_promises_what_its_table_says() -> None:
    site = load_proposal(INDRE).site
    assert promise(site.commitments.commitments) == (
        "Une réponse en 5 jours ouvrés aux courriels et aux formulaires ; en 15 jours ouvrés aux"
        " courriers, aux réclamations et aux suggestions."
    )


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"channels": [Channel.LETTER]}, "Une réponse en 8 jours aux courriers."),
        ({"natures": [Nature.APPEAL]}, "Une réponse en 8 jours aux recours."),
        ({}, "Une réponse en 8 jours aux courriers et aux courriels."),
        ({"services": ["bmi"]}, "Une réponse à chacun."),
        ({"days": None}, "Une réponse à chacun."),
        ({"clock": ClockName.RECEIPT}, "Une réponse à chacun."),
    ],
)
def test_a_commitment_in_words(changed: dict[str, object], said: str) -> None:
    row = {
        "id": "x", "clock": ClockName.REPLY, "days": 8, "unit": Unit.JOURS, "ladder": "x",
        "source": {"text": "x", "certainty": "choice", "checked_by": "nobody"},
    }  # fmt: skip
    assert promise([Commitment.model_validate(row | changed)]) == said
