"""What the yearly report tells of the survey: published results alone, question by question."""

from collections.abc import Sequence

from services.desk.pages.quality import survey_report, survey_words
from services.desk.pages.visit import Visit
from services.desk.quality.store import survey as store
from services.desk.quality.store import survey_doors
from services.desk.quality.store import survey_results as results_store

CAMPAIGN = "Enquête n° {number}, {title}, {period} : {response}."
QUESTION = "{question} : {satisfied} satisfaits sur {answered}, {rate} ({interval}) : {verdict}."


async def of_year(visit: Visit, year: int) -> Sequence[str]:
    """The lines of the campaigns that were closed in a year and whose results were published."""
    zone, lines = visit.applied.site.zone, list[str]()
    for campaign in await store.campaigns(visit.connection):
        if campaign.published is None or campaign.closed_at is None:
            continue
        if campaign.closed_at.astimezone(zone).year != year:
            continue
        results = await results_store.published(visit.connection, campaign)
        form = await store.form_of(visit.connection, campaign)
        visits = await survey_doors.visits(visit.connection, campaign.number)
        response = survey_report.response(campaign, results, visits)
        lines.append(
            CAMPAIGN.format(
                number=campaign.number,
                title=form.title,
                period=survey_report.period(campaign, zone),
                response=", ".join(f"{name.lower()} {said}" for name, said in response),
            )
        )
        lines += [
            QUESTION.format(
                question=line.question,
                satisfied=line.satisfied,
                answered=line.answered,
                rate=line.rate,
                interval=line.interval,
                verdict=line.verdict,
            )
            if line.rate
            else f"{line.question} : {line.answered}."
            for line in survey_words.lines(results)
            if line.total
        ]
    return lines
