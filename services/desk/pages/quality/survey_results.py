"""`/qualite/enquetes/N/resultats`: what a campaign shows, as page, spreadsheet and text."""

import asyncio
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk import open_document
from services.desk.french import labels_fr
from services.desk.pages.downloads import our_file
from services.desk.pages.quality import figure_files, survey_report, survey_words
from services.desk.pages.quality.survey import URL, campaign_of, improves
from services.desk.pages.visit import Visit
from services.desk.quality.domain import survey_results
from services.desk.quality.domain.survey import SurveyCampaign, before
from services.desk.quality.store import survey as store
from services.desk.quality.store import survey_doors
from services.desk.quality.store import survey_results as results_store
from services.desk.sheets import KINDS
from shared.site.tables.survey import SurveyForm

NOT_YET: Final = "Les résultats paraissent une fois la campagne close et ses feuilles scellées."


async def _complete(visit: Visit) -> tuple[SurveyCampaign, SurveyForm]:
    """The campaign of the address, whose sheets are all sealed. Raises HTTPException 404."""
    campaign, form = await campaign_of(visit)
    if not campaign.complete:
        raise HTTPException(404, NOT_YET)
    return campaign, form


async def page(visit: Visit) -> Response:
    """Shows a survey's results: who answered first, then each question by channel and in all."""
    campaign, form = await _complete(visit)
    results = await results_store.published_results(visit.connection, campaign)
    earlier = before(await store.campaigns(visit.connection), campaign)
    zone = visit.applied.site.zone
    path = f"{URL}/{campaign.number}/resultats"
    published = await store.text_of(visit.connection, campaign, campaign.published)
    return await visit.html(
        "quality/survey_results.html",
        campaign=campaign,
        form=form,
        first=campaign.opened_at.astimezone(zone).date(),
        last=campaign.closed_at and campaign.closed_at.astimezone(zone).date(),
        response=survey_report.response(
            campaign, results, await survey_doors.visits(visit.connection, campaign.number)
        ),
        unreached=await store.text_of(visit.connection, campaign, campaign.unreached),
        results=results,
        questions=[
            (question.text, survey_words.lines_of(question)) for question in results.questions
        ],
        chart=survey_words.chart(results, f"{form.title}, satisfaits par question"),
        earlier=earlier and labels_fr.short_day(earlier.opened_at.astimezone(zone).date()),
        errors=survey_words.errors(await store.second_entries(visit.connection, campaign.number)),
        differing=await results_store.unlike(visit.connection, campaign),
        as_published=published in {"", survey_results.write_results(results)},
        files=[(kind, f"{path}{kind}") for kind in KINDS],
        improves=improves(visit),
    )


async def table(visit: Visit) -> Response:
    """Downloads a survey's results as a spreadsheet, line by line. Raises HTTPException 404."""
    kind = f".{visit.request.path_params['kind']}"
    if kind not in KINDS:
        raise HTTPException(404)
    campaign, _ = await _complete(visit)
    results = await results_store.published_results(visit.connection, campaign)
    name = f"enquete-{campaign.number}{kind}"
    return await figure_files.download(visit, survey_words.cells(results), name, survey_words.SHEET)


async def report(visit: Visit) -> Response:
    """Downloads the report of a survey campaign, compared with the campaign before."""
    campaign, form = await _complete(visit)
    connection = visit.connection
    results = await results_store.published_results(connection, campaign)
    earlier = before(await store.campaigns(connection), campaign)
    past = None if earlier is None else await results_store.published_results(connection, earlier)
    unreached = await store.text_of(connection, campaign, campaign.unreached)
    authority, zone = visit.applied.site.identity.authority, visit.applied.site.zone
    draft = campaign.published is None
    visits = await survey_doors.visits(connection, campaign.number)

    def made() -> bytes:
        return survey_report.odt(
            survey_report.SurveyReport(
                campaign,
                form,
                results,
                earlier,
                past,
                unreached,
                authority,
                zone,
                draft=draft,
                visits=visits,
            )
        )

    async with visit.apart():
        content = await asyncio.to_thread(made)
    return our_file(content, open_document.MEDIA, f"enquete-{campaign.number}.odt")
