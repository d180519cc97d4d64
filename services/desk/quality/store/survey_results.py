"""What is published of a campaign, from its sealed sheets; whether these are what was sealed."""

from collections.abc import Sequence

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


async def published(connection: Connection, campaign: SurveyCampaign) -> SurveyResults:
    """Computes the published tables of a complete campaign, and the change to the one before."""
    found = await _results(connection, campaign)
    earlier = rules.before(await survey.campaigns(connection), campaign)
    if earlier is None:
        return found
    return survey_results.compared(found, await _results(connection, earlier))


async def last_published(
    connection: Connection,
) -> tuple[SurveyCampaign, SurveyResults] | None:
    """The last campaign whose results were published, with them; `None`: none, or it is unreadable.

    Pages of other subjects go on without a survey whose form can't be read.
    """
    published_ = [
        campaign
        for campaign in await survey.campaigns(connection)
        if campaign.published is not None
    ]
    if not published_:
        return None
    try:
        return published_[-1], await published(connection, published_[-1])
    except PermanentFailure as failure:
        log.error("survey_form_unreadable", why=str(failure))  # noqa: TRY400  (one sentence, no trace)
        return None


async def _results(connection: Connection, campaign: SurveyCampaign) -> SurveyResults:
    form = await survey.form_of(connection, campaign)
    sheets = [
        row
        for batch, rows in (await survey.by_batch(connection, campaign.number)).items()
        if batch is not None
        for row in rows
    ]
    counted = survey_results.tallies(sheets, len(form.questions))
    asked = [(question.id, question.text) for question in form.questions]
    return survey_results.publish(asked, counted, len(sheets))


async def unlike(connection: Connection, campaign: SurveyCampaign) -> Sequence[int]:
    """The sealed batches whose sheets, counted again, are not those that were sealed."""
    rows = await survey.by_batch(connection, campaign.number)
    return [
        batch.batch
        for batch in campaign.batches
        if (len(rows.get(batch.batch, ())), digest(rows.get(batch.batch, ())))
        != (batch.n, batch.sha256)
    ]
