"""`/qualite/enquetes`: campaigns of the satisfaction survey, from opening to results."""

from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk import rights
from services.desk.french import labels_fr
from services.desk.pages.quality import survey_words
from services.desk.pages.visit import Visit
from services.desk.quality.domain.survey import SurveyCampaign
from services.desk.quality.store import survey as store
from services.desk.quality.store import survey_doors
from services.desk.quality.store import survey_results as results_store
from services.desk.quality.store.survey import VerbatimState
from services.desk.quality.survey_service import SurveyDesk
from services.desk.rights import Right
from shared.site.tables.survey import SurveyForm
from shared.web.forms import Mistyped

URL: Final = "/qualite/enquetes"


def desk(visit: Visit) -> SurveyDesk:
    """Makes the service object by which the signed-in person acts on the satisfaction survey."""
    site = visit.applied.site
    return SurveyDesk(visit.connection, visit.author, site, visit.directory, visit.today)


def improves(visit: Visit) -> bool:
    """Whether the signed-in person may act on the satisfaction survey."""
    return rights.may(visit.roles, Right.IMPROVE)


async def campaign_of(visit: Visit) -> tuple[SurveyCampaign, SurveyForm]:
    """Returns the survey campaign of the address with its frozen form. Raises HTTPException 404."""
    number = visit.request.path_params["number"]
    for campaign in await store.campaigns(visit.connection):
        if campaign.number == number:
            return campaign, await store.form_of(visit.connection, campaign)
    raise HTTPException(404, "Aucune campagne ne porte ce numéro.")


def places(visit: Visit) -> list[tuple[str, str]]:
    """Returns the places where the satisfaction survey is held, as choices of a form."""
    return [(place.id, place.name) for place in visit.applied.site.survey.places]


async def home(visit: Visit) -> Response:
    """Shows every survey campaign, the last first, and the forms with which one may be opened."""
    known = await store.campaigns(visit.connection)
    taken = {campaign.form for campaign in known if campaign.open}
    zone = visit.applied.site.zone
    rows = []
    for campaign in reversed(known):
        title = await store.title_of(visit.connection, campaign)
        opened = labels_fr.short_day(campaign.opened_at.astimezone(zone).date())
        n = await store.count(visit.connection, campaign.number)
        rows.append((campaign, title, opened, n, survey_words.state(campaign)))
    return await visit.html(
        "quality/surveys.html",
        campaigns=rows,
        forms=[
            (form.name, f"{form.title} ({form.id}, version {form.version})")
            for form in visit.applied.site.survey.forms
            if form.id not in taken
        ],
        improves=improves(visit),
    )


async def open_(visit: Visit) -> Response:
    """Opens a campaign of the satisfaction survey. Raises Refused."""
    form = await visit.form()
    name = form.require("questionnaire", "Choisissez le questionnaire.")
    number = await desk(visit).open(name)
    return await visit.to(f"{URL}/{number}", said=f"Campagne n° {number} ouverte.")


async def show_campaign(visit: Visit) -> Response:
    """Shows a survey campaign: sheets handed out, sheets returned, what remains to be done."""
    campaign, form = await campaign_of(visit)
    zone = visit.applied.site.zone
    number, connection = campaign.number, visit.connection
    known = visit.applied.site.survey.place
    return await visit.html(
        "quality/survey.html",
        campaign=campaign,
        form=form,
        state=survey_words.state(campaign),
        opened=campaign.opened_at.astimezone(zone).date(),
        closed=campaign.closed_at and campaign.closed_at.astimezone(zone).date(),
        sheets=await store.count(connection, number),
        late=await store.count_late(connection, number),
        distributed=[
            (fact.on, known[fact.place].name if fact.place in known else fact.place, fact.n)
            for fact in campaign.distributed
        ],
        errors=survey_words.errors(await store.second_entries(connection, number)),
        waiting=len(await store.verbatims(connection, number, VerbatimState.WAITING)),
        readable=len(await store.verbatims(connection, number, VerbatimState.READABLE)),
        unreached=await store.text_of(connection, campaign, campaign.unreached),
        differing=await results_store.unlike(connection, campaign),
        places=places(visit),
        translated=visit.applied.site.survey.translations_of(form.name),
        posters=[
            (door.place, known[door.place].name if door.place in known else "", door.visits)
            for door in (await survey_doors.posters(connection, number)).values()
        ],
        reached=visit.settings.portal_url is not None,
        improves=improves(visit),
    )


async def distribute(visit: Visit) -> Response:
    """Records that paper sheets of a survey campaign were handed out. Raises Refused."""
    form, number = await visit.form(), visit.request.path_params["number"]
    n = form.number("nombre")
    if n is None:
        raise Mistyped("nombre", "Combien de feuilles ?")
    on = form.day("jour") or visit.today
    await desk(visit).distribute(number, n, form.text("lieu"), on)
    return await visit.to(f"{URL}/{number}", said=f"{n} feuilles distribuées.")


async def close(visit: Visit) -> Response:
    """Closes a survey campaign. Raises Refused."""
    form, number = await visit.form(), visit.request.path_params["number"]
    said = "Dites qui n’a pas pu être atteint : c’est la première chose qu’on lit des résultats."
    await desk(visit).close(number, form.require("absents", said))
    done = "Campagne close : les résultats paraissent une fois les dernières feuilles scellées."
    return await visit.to(f"{URL}/{number}", said=done)


async def publish(visit: Visit) -> Response:
    """Publishes the results of a survey campaign. Raises Refused."""
    number = visit.request.path_params["number"]
    await visit.form()
    await desk(visit).publish(number)
    return await visit.to(f"{URL}/{number}/resultats", said="Résultats publiés.")
