"""What is published of a campaign, from its sealed sheets; whether these are what was sealed."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from uuid import UUID

from services.desk.domain.survey_lines import digest
from services.desk.quality.domain import survey as rules
from services.desk.quality.domain import survey_results
from services.desk.quality.domain.survey import SurveyCampaign
from services.desk.quality.domain.survey_results import SurveyResults
from services.desk.quality.store import survey
from shared.errors import PermanentFailure
from shared.platform.database import Connection
from shared.platform.observability.logs import Log

log = Log("survey")


async def published_results(connection: Connection, campaign: SurveyCampaign) -> SurveyResults:
    """Computes a complete survey campaign's published tables, with changes since the one before."""
    found = await _results(connection, campaign)
    earlier = rules.before(await survey.campaigns(connection), campaign)
    if earlier is None:
        return found
    return survey_results.compare_results(found, await _results(connection, earlier))


async def last_published(
    connection: Connection, as_of: datetime | None = None
) -> Sequence[tuple[SurveyCampaign, SurveyResults]]:
    """Returns for each survey form the campaign published last, with its results.

    `as_of`: the last by this moment; `None`: by now. A campaign whose form can't be read, or whose
    sheets differ from what was sealed, is left out and logged, so that pages on other subjects
    still work.
    """
    last = dict[str, SurveyCampaign]()
    for campaign in await survey.campaigns(connection):
        at = campaign.published_at
        if at is not None and (as_of is None or at <= as_of):
            before = last.get(campaign.form, campaign).published_at
            if before is not None and before <= at:
                last[campaign.form] = campaign
    found = list[tuple[SurveyCampaign, SurveyResults]]()
    for campaign in last.values():
        if batches := await unlike(connection, campaign):
            log.error("survey_sheets_unlike", campaign=campaign.number, batches=list(batches))
            continue
        try:
            found.append((campaign, await published_results(connection, campaign)))
        except PermanentFailure as failure:
            log.error("survey_form_unreadable", why=str(failure))  # noqa: TRY400  (one sentence, no trace)
    return found


async def _results(connection: Connection, campaign: SurveyCampaign) -> SurveyResults:
    form = await survey.form_of(connection, campaign)
    told = {batch.batch for batch in campaign.batches}
    sheets = [
        row
        for batch, rows in (await survey.by_batch(connection, campaign.number)).items()
        if batch in told
        for row in rows
    ]
    counted = survey_results.tallies(sheets, len(form.questions))
    asked = [(question.id, question.text) for question in form.questions]
    return survey_results.publish(asked, counted, len(sheets))


async def unlike(connection: Connection, campaign: SurveyCampaign) -> Sequence[int]:
    """Returns the batches of survey sheets that differ from what was sealed, or have no fact."""
    rows = await survey.by_batch(connection, campaign.number)
    told = {batch.batch: (batch.n, batch.sha256) for batch in campaign.batches}
    numbers = told.keys() | {number for number in rows if number is not None}
    return [
        number
        for number in sorted(numbers)
        if (len(rows.get(number, ())), digest(rows.get(number, ()))) != told.get(number)
    ]


async def known_sheets(connection: Connection, sheets: Sequence[UUID]) -> AbstractSet[UUID]:
    """Returns those of these ids under which a survey sheet is stored."""
    found = await connection.fetch(
        "SELECT sheet_id FROM desk.survey_sheets WHERE sheet_id = ANY ($1::uuid[])", list(sheets)
    )
    return {row["sheet_id"] for row in found}
