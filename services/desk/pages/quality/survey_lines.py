"""What the yearly report tells of the survey: published results alone, question by question."""

from collections.abc import Sequence
from typing import Final

from services.desk.pages.quality import survey_report, survey_words
from services.desk.pages.quality.survey_words import ResultLine
from services.desk.pages.visit import Visit
from services.desk.quality.domain.survey import SurveyCampaign
from services.desk.quality.store import survey as store
from services.desk.quality.store import survey_doors
from services.desk.quality.store import survey_results as results_store
from shared.errors import PermanentFailure
from shared.platform.observability.logs import Log

log = Log("survey")
UNLIKE: Final = (
    "Enquête n° {number} : ses feuilles ne sont pas celles qui ont été scellées, ses résultats ne"
    " sont pas repris ici."
)
UNREADABLE: Final = (
    "Enquête n° {number} : son questionnaire ne se lit pas, ses résultats ne sont pas repris ici."
)
CAMPAIGN: Final = "Enquête n° {number}, {title}, {period} : {response}."
QUESTION: Final = "{question} : {satisfied} satisfaits sur {answered}, {shown} : {verdict}."


async def of_year(visit: Visit, year: int) -> Sequence[str]:
    """Returns the yearly report's lines on survey campaigns closed that year and published.

    One line says so of a campaign whose form can't be read, or whose sheets differ from what was
    sealed.
    """
    zone, lines = visit.applied.site.zone, list[str]()
    for campaign in await store.campaigns(visit.connection):
        if campaign.published is None or campaign.closed_at is None:
            continue
        if campaign.closed_at.astimezone(zone).year != year:
            continue
        try:
            lines += await _of_campaign(visit, campaign)
        except PermanentFailure as failure:
            log.error("survey_form_unreadable", why=str(failure))  # noqa: TRY400  (one sentence, no trace)
            lines.append(UNREADABLE.format(number=campaign.number))
    return lines


async def _of_campaign(visit: Visit, campaign: SurveyCampaign) -> Sequence[str]:
    """The lines of a campaign. Raises PermanentFailure where its form can't be read."""
    if await results_store.unlike(visit.connection, campaign):
        return [UNLIKE.format(number=campaign.number)]
    results = await results_store.published_results(visit.connection, campaign)
    form = await store.form_of(visit.connection, campaign)
    visits = await survey_doors.visits(visit.connection, campaign.number)
    response = survey_report.response(campaign, results, visits)
    told = CAMPAIGN.format(
        number=campaign.number,
        title=form.title,
        period=survey_report.period(campaign, visit.applied.site.zone),
        response=", ".join(f"{name.lower()} {said}" for name, said in response),
    )
    return [told, *(_question(line) for line in survey_words.lines(results) if line.total)]


def _question(line: ResultLine) -> str:
    if not line.rate:
        return f"{line.question} : {line.answered}."
    return QUESTION.format(
        question=line.question,
        satisfied=line.satisfied,
        answered=line.answered,
        shown=(
            line.interval if line.rate == survey_words.HIDDEN else f"{line.rate} ({line.interval})"
        ),
        verdict=line.verdict,
    )
