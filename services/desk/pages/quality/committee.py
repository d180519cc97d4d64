"""`/qualite/comite`: members of the users' committee, its meetings, what waits for an answer."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk import rights
from services.desk.french import labels_fr
from services.desk.pages.quality import committee_words
from services.desk.pages.quality.minutes_words import clock
from services.desk.pages.visit import Visit
from services.desk.quality.committee_service import CommitteeDesk
from services.desk.quality.domain.committee import Committee, Meeting
from services.desk.quality.store import committee as store
from services.desk.quality.store import member_contacts
from services.desk.quality.store.committee import CommitteeTexts
from services.desk.quality.store.member_contacts import MemberContact
from services.desk.rights import Right
from services.desk.store import item_numbers
from shared.facts.quality.committee import AgendaPoint, RemarkKind
from shared.web.forms import Form, Mistyped

URL: Final = "/qualite/comite"
RESUME, CANCEL = "reprendre", "annuler"
"""What a form says beside ending a mandate, and beside moving a meeting."""
CANCELLED: Final = "Réunion annulée : ce qui l’attendait attend la prochaine."


def desk(visit: Visit) -> CommitteeDesk:
    """Makes the service object by which the signed-in person acts on the users' committee."""
    return CommitteeDesk(visit.connection, visit.author, visit.applied, visit.directory)


async def read(visit: Visit) -> tuple[Committee, CommitteeTexts]:
    """Reads the users' committee and its texts: members' names, places, remarks, answers."""
    found = await store.committee(visit.connection)
    return found, await store.words(visit.connection, found)


def improves(visit: Visit) -> bool:
    """Whether the signed-in person may change the users' committee: members, meetings, remarks."""
    return rights.may(visit.roles, Right.IMPROVE)


async def home(visit: Visit) -> Response:
    """Shows the users' committee: members, meetings, and remarks that wait for an answer."""
    found, words = await read(visit)
    zone = visit.applied.site.zone
    waiting = [
        remark for remark in found.remarks.values() if not (remark.answered and remark.followed)
    ]
    return await visit.html(
        "quality/committee.html",
        members=[
            (
                member,
                words.name(member),
                words.organisation(member),
                committee_words.COLLEGES[member.college],
            )
            for member in found.members.values()
        ],
        meetings=[
            (
                meeting,
                _when(meeting, zone),
                words.of(meeting.subject, meeting.place),
                state(meeting),
            )
            for meeting in reversed([*found.meetings.values()])
        ],
        waiting=committee_words.lines(waiting, found, words),
        choices=committee_words.choices(found, words),
        colleges=[(college.value, said) for college, said in committee_words.COLLEGES.items()],
        kinds=[(kind.value, said) for kind, said in committee_words.KINDS.items()],
        coming=found.next,
        chrono=visit.request.query_params.get("courrier", ""),
        contacts=await _contacts(visit, found),
        improves=improves(visit),
    )


async def _contacts(visit: Visit, found: Committee) -> Mapping[int, MemberContact]:
    """The addresses of the members in office, by number: shown to who may change them alone."""
    if not improves(visit):
        return {}
    known = await member_contacts.of_members(
        visit.connection, [member.subject for member in found.sitting]
    )
    return {member.number: known.get(member.subject, MemberContact()) for member in found.sitting}


def _when(meeting: Meeting, zone: ZoneInfo) -> str:
    day = labels_fr.long_day(meeting.at.astimezone(zone).date())
    return f"{day} à {clock(meeting.at, zone)}"


def state(meeting: Meeting) -> str:
    """Formats the state of a meeting of the users' committee in French."""
    if meeting.cancelled:
        return "annulée"
    if meeting.published:
        return "compte-rendu diffusé"
    if meeting.approved is not None:
        return "compte-rendu approuvé"
    return "tenue" if meeting.held else "convoquée"


async def end(visit: Visit) -> Response:
    """Ends the mandate of a committee member today, or takes its end back. Raises Refused."""
    return await visit.to(URL, said=await mandate(visit, desk(visit)))


async def mandate(visit: Visit, by: CommitteeDesk) -> str:
    """Ends the mandate of the member in the address, or takes its end back; returns the message."""
    form, number = await visit.form(), visit.request.path_params["number"]
    if form.text("acte") == RESUME:
        await by.resume(number)
        return "Fin du mandat retirée : il se poursuit."
    await by.end(number, visit.today)
    return "Mandat terminé : les coordonnées sont effacées, le nom le sera dans trois ans."


async def call(visit: Visit) -> Response:
    """Calls a meeting of the users' committee. Raises Refused."""
    form = await visit.form()
    number = await desk(visit).call(
        meeting_time(form, visit), form.require("lieu", "Donnez le lieu.")
    )
    return await visit.to(f"{URL}/reunions/{number}", said="Réunion convoquée.")


def meeting_time(form: Form, visit: Visit) -> datetime:
    """Reads the moment of a meeting from the fields of its form. Raises Mistyped."""
    day, hour = form.day("jour"), form.require("heure", "Donnez l’heure.")
    if day is None:
        raise Mistyped("jour", "Donnez le jour.")
    try:
        local = datetime.strptime(hour, "%H:%M").time()  # noqa: DTZ007  (a time of day)
    except ValueError:
        raise Mistyped("heure", "Écrivez l’heure comme 14:30.") from None
    return datetime.combine(day, local, tzinfo=visit.applied.site.zone)


async def note(visit: Visit) -> Response:
    """Records a remark of a committee member received between two meetings. Raises Refused."""
    form = await visit.form()
    member = form.number("membre")
    if member is None:
        raise Mistyped("membre", "Choisissez le membre.")
    kind = form.word("nature", RemarkKind) or RemarkKind.OBSERVATION
    text = form.require("remarque", "Écrivez la remarque.")
    chrono = form.text("courrier")
    item_id = None
    if chrono:
        found = await visit.item(chrono)
        item_id = await item_numbers.by_chrono(visit.connection, found.item.chrono)
    number = await desk(visit).note(member, kind, text, item_id=item_id)
    return await visit.to(URL, said=f"Remarque n° {number} notée.")


async def answer(visit: Visit) -> Response:
    """Answers a remark of the users' committee. Raises Refused."""
    form, number = await visit.form(), visit.request.path_params["number"]
    function = form.require("fonction", "Dites qui répond : sa fonction, jamais son nom.")
    text = form.require("reponse", "Écrivez la réponse.")
    await desk(visit).answer(number, function, text)
    return await visit.to(_after(form), said=f"Réponse à la remarque n° {number} notée.")


async def follow(visit: Visit) -> Response:
    """Records why a remark of the users' committee leads to no measure. Raises Refused."""
    form, number = await visit.form(), visit.request.path_params["number"]
    why = form.require("motif", "Dites pourquoi aucune mesure ne suit.")
    await desk(visit).follow(number, why=why)
    return await visit.to(_after(form), said=f"Suite de la remarque n° {number} notée.")


async def withdraw(visit: Visit) -> Response:
    """Withdraws a committee member's remark that was recorded by mistake. Raises Refused."""
    form, number = await visit.form(), visit.request.path_params["number"]
    await desk(visit).withdraw(number, form.require("motif", "Dites pourquoi elle est retirée."))
    return await visit.to(_after(form), said=f"Remarque n° {number} retirée.")


def _after(form: Form) -> str:
    """The page of the committee on which a form stood."""
    page = form.text("page")
    return page if page.startswith(f"{URL}/") else URL


async def meeting_of(visit: Visit) -> tuple[Committee, CommitteeTexts, Meeting]:
    """Returns the users' committee and the meeting of the address. Raises HTTPException 404."""
    found, words = await read(visit)
    meeting = found.meetings.get(visit.request.path_params["number"])
    if meeting is None:
        raise HTTPException(404, "Aucune réunion ne porte ce numéro.")
    return found, words, meeting


def points(form: Form) -> list[AgendaPoint]:
    """Reads the points of a meeting's agenda that are ticked in a form, in the agenda's order."""
    ticked = set(form.texts("points"))
    return [point for point in AgendaPoint if point.value in ticked]
