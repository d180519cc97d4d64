"""`/qualite/enquetes/N/courriels`: mails that invite after a reply, turned on, seen, stopped."""

from starlette.responses import Response

from services.desk.pages.quality import invitation_words, survey
from services.desk.pages.visit import Visit
from services.desk.quality.domain.invitations import EXCLUSIONS
from services.desk.quality.invitation_service import InvitationDesk
from services.desk.quality.store import invitations as store
from services.desk.quality.store import survey_doors
from shared.web.forms import Mistyped


def desk(visit: Visit) -> InvitationDesk:
    """Makes the service object by which the signed-in person acts on survey invitations."""
    reached = visit.settings.portal_url is not None
    table = visit.applied.site.survey
    return InvitationDesk(visit.connection, visit.author, table, visit.today, reached)


async def page(visit: Visit) -> Response:
    """Shows how many were invited to the survey, who was not and why; no answers."""
    campaign, form = await survey.campaign_of(visit)
    connection, site = visit.connection, visit.applied.site
    told = await store.outcomes(connection, campaign.number)
    door = await survey_doors.mail(connection, campaign.number)
    considered = sum(len(fact.items) + sum(fact.left_out.values()) for fact in campaign.draws)
    return await visit.html(
        "quality/survey_invitations.html",
        campaign=campaign,
        form=form,
        mail=site.survey.mail,
        mailbox=(site.survey.mail and site.survey.mail.mailbox) or site.identity.email,
        reached=visit.settings.portal_url is not None,
        considered=considered,
        drawn=sum(len(fact.items) for fact in campaign.draws),
        until=max((fact.last for fact in campaign.draws), default=None),
        sent=await store.count_sent(connection, campaign.number),
        waiting=invitation_words.count_waiting(told),
        withheld=invitation_words.withheld(told),
        left_out=invitation_words.left_out(campaign),
        rules=[invitation_words.REASONS[why] for why in EXCLUSIONS],
        visits=door.visits if door else 0,
        stopped=campaign.stopped_at and campaign.stopped_at.astimezone(site.zone).date(),
        improves=survey.improves(visit),
    )


async def open_(visit: Visit) -> Response:
    """Lets a survey campaign invite by email. Raises Refused."""
    form, number = await visit.form(), visit.request.path_params["number"]
    share = form.number("part")
    if share is None:
        raise Mistyped("part", "Combien de personnes sur cent ?")
    starts = form.day("debut") or visit.today
    await desk(visit).open(number, share, starts)
    return await visit.to(
        f"{survey.URL}/{number}/courriels", said="Les invitations par courriel sont en marche."
    )


async def stop(visit: Visit) -> Response:
    """Stops the invitations of a survey campaign. Raises Refused."""
    number = visit.request.path_params["number"]
    await visit.form()
    await desk(visit).stop(number)
    return await visit.to(
        f"{survey.URL}/{number}/courriels", said="Arrêté : plus aucune invitation ne part."
    )
