"""What is printed for a campaign of the survey: the sheet to fill, posters to hang."""

import asyncio
from collections.abc import Sequence
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk.french import labels_fr
from services.desk.pages.downloads import our_file
from services.desk.pages.quality import survey_report, survey_words
from services.desk.pages.quality.survey import campaign_of
from services.desk.pages.visit import Visit
from services.desk.quality import survey_print
from services.desk.quality.domain import survey_results
from services.desk.quality.domain.survey import SurveyCampaign
from services.desk.quality.domain.survey_results import PublishedQuestion, SurveyResults
from services.desk.quality.store import measures as measure_store
from services.desk.quality.store import survey as survey_store
from services.desk.quality.store import survey_doors
from services.desk.quality.store import survey_results as results_store
from services.desk.quality.survey_print import PosterFigure, PosterPaper, PosterText
from shared.facts.quality.measures import SourceKind
from shared.site.tables.survey import SurveyForm

PDF: Final = "application/pdf"
FRENCH: Final = "fr"
MOST: Final = 5
"""Figures of the poster of results."""
NO_ADDRESS: Final = (
    "L’adresse des pages du public n’est pas réglée (VAGUEMESTRE_PORTAL_URL) : aucune affiche ne"
    " peut y mener."
)


async def sheet(visit: Visit) -> Response:
    """Downloads the paper sheet of a survey campaign, in French or in the language asked for.

    Raises HTTPException 404: nobody translated it.
    """
    campaign, form = await campaign_of(visit)
    language = visit.request.query_params.get("langue", FRENCH)
    known = {row.language: row for row in visit.applied.site.survey.translations_of(form.name)}
    if language != FRENCH and language not in known:
        raise HTTPException(404, "Cette feuille n’existe pas dans cette langue.")
    authority, zone = visit.applied.site.identity.authority, visit.applied.site.zone
    opened = campaign.opened_at.astimezone(zone).date()
    async with visit.apart():
        content = await asyncio.to_thread(
            survey_print.sheet, form, survey_words.LEVELS, authority, opened, known.get(language)
        )
    ending = "" if language == FRENCH else f"-{language}"
    return our_file(content, PDF, f"feuille-enquete-{campaign.number}{ending}.pdf")


async def poster(visit: Visit) -> Response:
    """Downloads a survey's poster with the way to its public page, for a place or for none.

    Raises HTTPException 404: no such place, or the public's pages have no address.
    """
    campaign, form = await campaign_of(visit)
    if visit.settings.portal_url is None:
        raise HTTPException(404, NO_ADDRESS)
    place = visit.request.query_params.get("lieu", "")
    doors = await survey_doors.posters(visit.connection, campaign.number)
    if place not in doors:
        raise HTTPException(404, "Aucune affiche n’est de ce lieu.")
    address = f"{visit.settings.portal_url.rstrip('/')}/enquete/{doors[place].code}"
    site = visit.applied.site
    name = site.survey.place[place].name if place in site.survey.place else ""
    opened = campaign.opened_at.astimezone(site.zone).date()
    paper = _paper(visit)
    async with visit.apart():
        content = await asyncio.to_thread(
            survey_print.poster, form, address, name, site.identity.authority, paper, opened
        )
    return our_file(content, PDF, f"affiche-enquete-{campaign.number}-{paper.value}.pdf")


def _paper(visit: Visit) -> PosterPaper:
    try:
        return PosterPaper(visit.request.query_params.get("format", "a4"))
    except ValueError:
        raise HTTPException(404, "Une affiche est de format A4 ou A3.") from None


async def results_poster(visit: Visit) -> Response:
    """Downloads the poster (PDF) of a survey's published results.

    Raises HTTPException 404: not published, or sheets or results altered since.
    """
    campaign, form = await campaign_of(visit)
    if campaign.published is None or campaign.published_at is None:
        raise HTTPException(404, "Les résultats de cette campagne ne sont pas publiés.")
    if await results_store.unlike(visit.connection, campaign):
        raise HTTPException(404, "Les feuilles ne sont plus celles qui ont été scellées.")
    results = await results_store.published_results(visit.connection, campaign)
    kept = await survey_store.text_of(visit.connection, campaign, campaign.published)
    if kept != survey_results.write_results(results):
        raise HTTPException(404, "Ces tableaux ne sont plus ceux qui ont été publiés.")
    done = await _done(visit, campaign, form)
    site, paper = visit.applied.site, _paper(visit)
    period = survey_report.period(campaign, site.zone)
    lead = f"{form.title}, {period}\N{NO-BREAK SPACE}: {results.sheets} réponses."
    on = campaign.published_at.astimezone(site.zone).date()
    foot = f"publié le {labels_fr.short_day(on)}, empreinte {campaign.published[:16]}"
    said = PosterText(
        "Ce que vous nous avez dit",
        lead,
        poster_figures(results),
        done,
        site.identity.authority,
        foot,
    )
    async with visit.apart():
        content = await asyncio.to_thread(survey_print.results, said, paper, on)
    return our_file(content, PDF, f"resultats-enquete-{campaign.number}-{paper.value}.pdf")


def poster_figures(results: SurveyResults) -> Sequence[PosterFigure]:
    """Returns the figures of a survey's results poster: the best and the worst questions by rate.

    As many of each, in the order of the form; all questions if there are few.
    """
    told = [question for question in results.questions if question.total is not None]
    ranked = sorted(told, key=_low)
    half = MOST // 2
    chosen = ranked if len(ranked) <= MOST else [*ranked[:half], *ranked[half - MOST :]]
    return [_figure(question) for question in told if question in chosen]


def _low(question: PublishedQuestion) -> float:
    return 0.0 if question.total is None else question.total.ends[0]


def _figure(question: PublishedQuestion) -> PosterFigure:
    total = question.total
    assert total is not None  # noqa: S101  (these alone are shown)
    exact = total.exact
    if exact is None:
        counts = f"{survey_words.span(total.satisfied)} satisfaits"
        return PosterFigure(question.text, survey_words.interval(total), counts)
    counts = f"{exact[0]} satisfaits sur {exact[1]}, intervalle {survey_words.interval(total)}"
    return PosterFigure(question.text, survey_words.rate(total), counts)


async def _done(
    visit: Visit, campaign: SurveyCampaign, form: SurveyForm
) -> Sequence[tuple[str, str]]:
    """What was done after this campaign or one before: the question, and the action."""
    texts = {f"{form.id}.{question.id}": question.text for question in form.questions}
    known = [
        measure
        for measure in await measure_store.every(visit.connection)
        if measure.source.kind is SourceKind.QUESTION
        and (measure.source.number or 0) <= campaign.number
        and measure.source.code in texts
        and measure.proof is not None
        and measure.action is not None
    ]
    words = await measure_store.words(visit.connection, known)
    return [
        (texts[measure.source.code], said)
        for measure in known
        if measure.source.code is not None
        and measure.action is not None
        and (said := words.get((measure.subject, measure.action)))
    ]
