"""Who answered a survey: a share only where what is divided was handed out."""

from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

import pytest

from services.desk.pages.quality.survey_report import response
from services.desk.quality.domain.survey import SurveyCampaign
from services.desk.quality.domain.survey_results import publish, tallies
from shared.facts.envelope import Digest, EventId
from shared.facts.quality.base import SubjectId
from shared.facts.quality.survey import SheetsDistributed
from tests.unit.desk.test_survey_results import ASKED, rows

WHEN = datetime(2026, 7, 1, 8, 0, tzinfo=UTC)
SUBJECT = SubjectId(UUID(int=1))
SHARE = "Part des feuilles distribuées"


def answered(*sheets: tuple[str, int], handed_out: int = 80) -> Mapping[str, str]:
    """What is told of a campaign in which so many answered by each way."""
    handed = SheetsDistributed(
        event_id=EventId(UUID(int=2)), seq=2, happened_at=WHEN, recorded_at=WHEN,
        by="person:q.officer", subject_id=SUBJECT, n=handed_out, place="pan", on=WHEN.date(),
    )  # fmt: skip
    campaign = SurveyCampaign(
        SUBJECT, 1, "usagers", 1, Digest("0" * 64), WHEN, distributed=[handed]
    )
    kept = list(rows([(channel, (4, 4, 4), n) for channel, n in sheets]))
    results = publish(ASKED, tallies(kept, len(ASKED)), len(kept))
    return dict(response(campaign, results, visits=0))


def test_sheets_that_came_back_are_a_share_of_those_that_were_handed_out() -> None:
    told = answered(("paper", 40), ("counter", 20))
    assert (told["Réponses"], told[SHARE]) == ("60", "75\N{NO-BREAK SPACE}%")  # 60 of 80


@pytest.mark.parametrize("channel", ["poster", "mail", "telephone"])
def test_who_got_no_sheet_is_no_share_of_the_sheets(channel: str) -> None:
    """Sixty of eighty would be 75 %, when forty of eighty sheets came back."""
    told = answered(("paper", 40), (channel, 20))
    assert told["Réponses"] == "60"
    assert SHARE not in told


def test_more_sheets_than_were_handed_out_are_no_share() -> None:
    assert SHARE not in answered(("paper", 90))
