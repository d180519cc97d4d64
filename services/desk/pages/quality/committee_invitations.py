"""`/qualite/comite/reunions/N/inviter` and members' addresses: who hears of a meeting, and how."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk.pages.downloads import our_file
from services.desk.pages.quality import committee_words
from services.desk.pages.quality.committee import (
    CANCEL,
    CANCELLED,
    URL,
    desk,
    improves,
    meeting_of,
    meeting_time,
)
from services.desk.pages.visit import Visit
from services.desk.quality import committee_letters
from services.desk.quality.committee_invitation_service import InvitingDesk, view
from services.desk.quality.committee_letters import MeetingLetter
from services.desk.quality.domain.committee import Committee, Meeting
from services.desk.quality.domain.committee_invitations import InvitationPlan
from services.desk.quality.store import member_contacts
from services.desk.quality.store.committee import CommitteeTexts
from services.desk.quality.store.member_contacts import MemberContact
from shared.facts.quality.committee import College
from shared.facts.vocabulary import Way
from shared.site.texts.meetings import POINTS, MeetingNews
from shared.site.texts.templates import TemplateText, render
from shared.web.forms import Form, Mistyped

DIGITS: Final = 10
"""A member's number has fewer."""
STATES: Final = {
    "ordered": "courriel en attente",
    "planned": "courriel en attente",
    "held": "courriel retenu",
    "sent": "courriel parti",
    "failed": "courriel refusé par le serveur",
    "bounced": "courriel revenu",
    "withdrawn": "courriel non parti",
    "posted": "lettre postée",
    "to_post": "lettre à poster",
    "unreached": "sans adresse",
}
SEVERAL: Final = {
    "ordered": "courriels en attente",
    "planned": "courriels en attente",
    "held": "courriels retenus",
    "sent": "courriels partis",
    "failed": "courriels refusés par le serveur",
    "bounced": "courriels revenus",
    "withdrawn": "courriels non partis",
    "posted": "lettres postées",
    "to_post": "lettres à poster",
    "unreached": "sans adresse",
}
"""The same of two members or more."""


@dataclass(frozen=True, slots=True)
class InvitedLine:
    """A row of a meeting's page: what one invited member was told last, and how that was sent."""

    number: int
    who: str
    state: str
    about: str
    """What was told: an invitation, a new day or place, the end."""
    letter: bool
    """Whether a letter is to be printed."""
    wrong: bool


@dataclass(frozen=True, slots=True)
class InvitationPanel:
    """The invitations on the page of a meeting: who was told, who may be told, the text."""

    lines: Sequence[InvitedLine]
    told: str
    """How many by which way, in words."""
    ready: InvitationPlan
    names: Sequence[str]
    """Of those who may be invited now, with the way."""
    letters: int
    """That wait to be posted."""
    text: TemplateText
    """As it would leave by mail now."""
    open: bool
    """Whether the meeting may be told of."""


async def invitation_panel(
    visit: Visit, found: Committee, words: CommitteeTexts, meeting: Meeting
) -> InvitationPanel | None:
    """Returns what the page of a meeting shows of its invitations; `None` to who can't invite."""
    if not improves(visit):
        return None
    seen = await view(visit.connection, found, meeting.number)
    lines = [
        InvitedLine(
            number,
            committee_words.who(number, found, words),
            STATES[state],
            "annulation" if last.cancelled else "report" if last.again else "invitation",
            letter=state == "to_post",
            wrong=state in {"failed", "bounced", "withdrawn", "held", "unreached"},
        )
        for number, last in sorted(seen.known.items())
        for state in [seen.state(number)]
    ]
    ways = (("par courriel", seen.ready.mail), ("par lettre", seen.ready.paper))
    return InvitationPanel(
        lines=lines,
        told=", ".join(
            f"{n} {STATES[state] if n == 1 else SEVERAL[state]}" for state, n in seen.counted
        ),
        ready=seen.ready,
        names=[
            f"{committee_words.who(number, found, words)}, {way}"
            for way, members in (*ways, ("sans adresse", seen.ready.unreached))
            for number in members
        ],
        letters=sum(line.letter for line in lines),
        text=render(visit.applied.site.templates, news(visit, words, meeting, moved=False)),
        open=not (meeting.held or meeting.cancelled) and meeting.at > visit.now,
    )


def news(visit: Visit, words: CommitteeTexts, meeting: Meeting, *, moved: bool) -> MeetingNews:
    """Makes the template values of a text about a meeting as it now stands.

    `moved`: whether its reader had been told of another day or place.
    """
    identity = visit.applied.site.identity
    return MeetingNews(
        authority=identity.authority,
        phone=identity.phone,
        email=identity.email,
        at=meeting.at.astimezone(visit.applied.site.zone),
        place=words.of(meeting.subject, meeting.place),
        points=tuple(POINTS[point] for point in meeting.points),
        moved=moved,
        cancelled=meeting.cancelled,
    )


def inviting_desk(visit: Visit) -> InvitingDesk:
    """Makes the service object by which the signed-in person reaches the committee's members."""
    return InvitingDesk(desk(visit))


async def appoint(visit: Visit) -> Response:
    """Appoints a member of the users' committee, with the addresses given. Raises Refused."""
    form = await visit.form()
    college = form.word("college", College)
    if college is None:
        raise Mistyped("college", "Choisissez le collège.")
    name = form.require("nom", "Donnez le nom du membre.")
    await inviting_desk(visit).appoint(name, form.text("organisme"), college, _contact(form))
    return await visit.to(URL, said="Membre ajouté.")


async def reach(visit: Visit) -> Response:
    """Stores where a committee member is reached. Raises Refused."""
    form, number = await visit.form(), visit.request.path_params["number"]
    await inviting_desk(visit).reach(number, _contact(form))
    return await visit.to(URL, said="Coordonnées enregistrées.")


def _contact(form: Form) -> MemberContact:
    return MemberContact(form.text("courriel"), form.text("adresse"))


async def invite(visit: Visit) -> Response:
    """Invites the members of the users' committee whom the page named. Raises Refused."""
    form, number = await visit.form(), visit.request.path_params["number"]
    seen = [int(member) for member in form.text("membres").split() if _is_number(member)]
    told = await inviting_desk(visit).invite(number, seen)
    return await visit.to(f"{URL}/reunions/{number}", said=f"Invitations : {plan_sentence(told)}.")


async def move(visit: Visit) -> Response:
    """Moves a called meeting to another day or place, or cancels it; who was invited is told.

    Raises Refused.
    """
    form, number = await visit.form(), visit.request.path_params["number"]
    if form.text("acte") == CANCEL:
        told = await inviting_desk(visit).cancel(number)
        return await visit.to(URL, said=_with(CANCELLED, told))
    place = form.require("lieu", "Donnez le lieu.")
    told = await inviting_desk(visit).move(meeting_time(form, visit), place, number)
    return await visit.to(f"{URL}/reunions/{number}", said=_with("Réunion déplacée.", told))


async def state_posted(visit: Visit) -> Response:
    """Records that the letters about a meeting were posted. Raises Refused."""
    await visit.form()
    number = visit.request.path_params["number"]
    n = await inviting_desk(visit).record_posting(number)
    words = "lettre postée" if n == 1 else "lettres postées"
    return await visit.to(f"{URL}/reunions/{number}", said=f"{n} {words}.")


async def letter(visit: Visit) -> Response:
    """Downloads the letter about a meeting to one member, to print. Raises HTTPException 404."""
    found, words, meeting = await meeting_of(visit)
    number = visit.request.path_params["member"]
    seen = await view(visit.connection, found, meeting.number)
    last, member = seen.known.get(number), found.members.get(number)
    if last is None or last.way is not Way.PAPER or member is None:
        raise HTTPException(404, "Aucune lettre n’est à imprimer pour ce membre.")
    known = await member_contacts.of_members(visit.connection, [member.subject])
    contact = known.get(member.subject)
    if contact is None or not contact.postal:
        raise HTTPException(404, "L’adresse de ce membre n’est plus connue.")
    made = MeetingLetter(
        news(visit, words, meeting, moved=last.again),
        words.name(member),
        words.organisation(member),
        contact.postal,
        visit.today,
    )
    async with visit.apart():
        octets = await asyncio.to_thread(committee_letters.pdf, made, visit.applied.site)
    return our_file(octets, "application/pdf", f"comite-{meeting.number}-membre-{number}.pdf")


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < DIGITS


def plan_sentence(plan: InvitationPlan) -> str:
    """Formats how many members hear of a meeting by which way: « 3 par courriel, 1 par lettre »."""
    ways = (
        (plan.mail, "par courriel"),
        (plan.paper, "par lettre à imprimer"),
        (plan.unreached, "sans adresse"),
    )
    return ", ".join(f"{len(members)} {way}" for members, way in ways if members)


def _with(sentence: str, told: InvitationPlan) -> str:
    if not told.everyone:
        return sentence
    return f"{sentence} Membres prévenus : {plan_sentence(told)}."
