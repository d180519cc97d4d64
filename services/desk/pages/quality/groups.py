"""`/qualite/groupes`: the steering committee and working groups, their meetings and decisions.

A decision is a measure, opened from the meeting that took it, with owner and day: what became of it
is read on the page of measures, and nowhere else.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.open_document import (
    Bullets,
    DocumentBlock,
    DocumentHeading,
    DocumentTable,
    DocumentText,
    open_document,
)
from services.desk.pages.downloads import our_file
from services.desk.pages.quality import committee_words, figure_words, measure_words
from services.desk.pages.quality.committee import CANCEL, CANCELLED, improves, mandate
from services.desk.pages.quality.committee import meeting_time as time_of
from services.desk.pages.quality.minutes_words import clock
from services.desk.pages.visit import Visit
from services.desk.quality.committee_service import CommitteeDesk
from services.desk.quality.domain import groups as rules
from services.desk.quality.domain.committee import Committee, Meeting, fold
from services.desk.quality.domain.groups import QualityGroup
from services.desk.quality.store import committee as store
from services.desk.quality.store import measures as measure_store
from services.desk.quality.store.committee import CommitteeTexts
from shared.facts.quality.committee import College, GroupKind
from shared.web.forms import Mistyped

URL: Final = "/qualite/groupes"
KINDS: Final = {
    GroupKind.STEERING: "comité de pilotage",
    GroupKind.WORKING: "groupe de travail",
}
ODT: Final = "application/vnd.oasis.opendocument.text"


@dataclass(frozen=True, slots=True)
class DecisionLine:
    """A decision of a group's meeting in words: the corrective measure that it became."""

    number: int
    text: str
    owner: str
    """By function."""
    due: str
    state: str
    late: bool


@dataclass(frozen=True, slots=True)
class GroupView:
    """The quality group (such as a working group) of the address: members, meetings, texts."""

    group: QualityGroup
    name: str
    found: Committee
    words: CommitteeTexts

    @property
    def url(self) -> str:
        """The address (URL) of the quality group's page."""
        return f"{URL}/{self.group.number}"


def state(meeting: Meeting) -> str:
    """Formats the state of a quality group's meeting in French."""
    if meeting.cancelled:
        return "annulée"
    return "tenue" if meeting.held else "convoquée"


async def view(visit: Visit) -> GroupView:
    """Reads the quality group of the address. Raises HTTPException 404."""
    number = visit.request.path_params["group"]
    group = rules.groups(await store.facts(visit.connection)).get(number)
    if group is None:
        raise HTTPException(404, "Aucun groupe ne porte ce numéro.")
    found = await store.committee(visit.connection, number)
    names = await store.group_names(visit.connection, [group])
    return GroupView(group, names[number], found, await store.words(visit.connection, found))


async def meeting_of(visit: Visit) -> tuple[GroupView, Meeting]:
    """Reads the quality group and the meeting of the address. Raises HTTPException 404."""
    seen = await view(visit)
    meeting = seen.found.meetings.get(visit.request.path_params["number"])
    if meeting is None:
        raise HTTPException(404, "Aucune réunion ne porte ce numéro.")
    return seen, meeting


def desk(visit: Visit) -> CommitteeDesk:
    """Makes the service object by which the signed-in person acts on a quality group."""
    group = visit.request.path_params["group"]
    return CommitteeDesk(visit.connection, visit.author, visit.applied, visit.directory, group)


async def home(visit: Visit) -> Response:
    """Shows the quality groups, with the last meeting of each and what it decided."""
    facts = await store.facts(visit.connection)
    found = rules.groups(facts)
    names = await store.group_names(visit.connection, list(found.values()))
    zone = visit.applied.site.zone
    meetings = {number: fold(rules.of_group(facts, number)) for number in found}
    return await visit.html(
        "quality/groups.html",
        groups=[
            (
                group,
                names[number],
                KINDS[group.kind],
                [
                    labels_fr.short_day(meeting.at.astimezone(zone).date())
                    for meeting in list(meetings[number].meetings.values())[-1:]
                ],
                len(meetings[number].sitting),
            )
            for number, group in found.items()
        ],
        kinds=[(kind.value, said) for kind, said in KINDS.items()],
        improves=improves(visit),
    )


async def form(visit: Visit) -> Response:
    """Forms a quality group (a working group)."""
    sent = await visit.form()
    kind = sent.word("nature", GroupKind)
    if kind is None:
        raise Mistyped("nature", "Choisissez la nature du groupe.")
    name = sent.require("nom", "Donnez le nom du groupe.")
    by = CommitteeDesk(visit.connection, visit.author, visit.applied, visit.directory)
    number = await by.form(kind, name)
    return await visit.to(f"{URL}/{number}", said="Groupe formé.")


async def show_group(visit: Visit) -> Response:
    """Shows a quality group: members, meetings, and the measures that it decided."""
    seen = await view(visit)
    zone = visit.applied.site.zone
    known = await measure_store.every(visit.connection)
    return await visit.html(
        "quality/group.html",
        seen=seen,
        kind=KINDS[seen.group.kind],
        members=[
            (member, seen.words.name(member), seen.words.organisation(member))
            for member in seen.found.members.values()
        ],
        meetings=[
            (
                meeting,
                labels_fr.long_day(meeting.at.astimezone(zone).date()),
                clock(meeting.at, zone),
                seen.words.of(meeting.subject, meeting.place),
                state(meeting),
                len(rules.decisions(known, meeting.subject)),
            )
            for meeting in reversed(list(seen.found.meetings.values()))
        ],
        improves=improves(visit) and not seen.group.ended,
    )


async def dissolve(visit: Visit) -> Response:
    """Dissolves a quality group. Raises Refused."""
    await visit.form()
    await desk(visit).dissolve()
    return await visit.to(URL, said="Groupe dissous : ses décisions restent.")


async def appoint(visit: Visit) -> Response:
    """Appoints a member of a quality group. Raises Refused."""
    sent = await visit.form()
    name = sent.require("nom", "Donnez le nom du membre.")
    await desk(visit).appoint(name, sent.text("fonction"), College.ADMINISTRATION)
    return await visit.to((await view(visit)).url, said="Membre ajouté.")


async def end(visit: Visit) -> Response:
    """Ends the mandate of a quality group's member today, or takes its end back. Raises Refused."""
    said = await mandate(visit, desk(visit))
    return await visit.to((await view(visit)).url, said=said)


async def call(visit: Visit) -> Response:
    """Calls a meeting of a quality group, moves the called one or cancels it. Raises Refused."""
    sent, coming = await visit.form(), (await view(visit)).found.next
    if sent.text("acte") == CANCEL and coming is not None:
        await desk(visit).cancel(coming.number)
        return await visit.to((await view(visit)).url, said=CANCELLED)
    place = sent.require("lieu", "Donnez le lieu.")
    number = await desk(visit).call(
        time_of(sent, visit), place, None if coming is None else coming.number
    )
    url = f"{(await view(visit)).url}/reunions/{number}"
    return await visit.to(url, said="Réunion convoquée." if coming is None else "Réunion déplacée.")


async def meeting(visit: Visit) -> Response:
    """Shows a meeting of a quality group: who was there, and what it decided."""
    seen, held = await meeting_of(visit)
    zone = visit.applied.site.zone
    return await visit.html(
        "quality/group_meeting.html",
        seen=seen,
        meeting=held,
        day=labels_fr.long_day(held.at.astimezone(zone).date()),
        hour=clock(held.at, zone),
        place=seen.words.of(held.subject, held.place),
        state=state(held),
        members=[
            (member.number, committee_words.who(member.number, seen.found, seen.words))
            for member in seen.found.members.values()
            if member.last is None or member.number in {*held.present, *held.excused}
        ],
        decisions=await _decisions(visit, held),
        over=held.at <= visit.now,
        improves=improves(visit) and not seen.group.ended,
    )


async def state_held(visit: Visit) -> Response:
    """Records who was present at a quality group's meeting and who was excused. Raises Refused."""
    seen, told = await meeting_of(visit)
    sent = await visit.form()
    present, excused = (
        [int(number) for number in sent.texts(name) if number.isdecimal()]
        for name in ("presents", "excuses")
    )
    await desk(visit).call_roll(told.number, present, excused)
    return await visit.to(f"{seen.url}/reunions/{told.number}", said="Présences notées.")


async def document(visit: Visit) -> Response:
    """Downloads the decisions of a quality group's meeting as a text document."""
    seen, told = await meeting_of(visit)
    lines = await _decisions(visit, told)
    zone, authority = visit.applied.site.zone, visit.applied.site.identity.authority
    day = labels_fr.long_day(told.at.astimezone(zone).date())
    place = seen.words.of(told.subject, told.place)
    blocks: list[DocumentBlock] = [
        DocumentHeading(f"Relevé de décisions : {seen.name}"),
        DocumentText(f"{authority}. Réunion du {day}, {clock(told.at, zone)}, {place}."),
    ]
    for title, numbers in (("Présents", told.present), ("Excusés", told.excused)):
        blocks.append(DocumentHeading(title, 2))
        who = [committee_words.who(number, seen.found, seen.words) for number in numbers]
        blocks.append(Bullets(who) if who else DocumentText("Personne."))
    titles = ("Mesure", "Décision", "Responsable", "Échéance", "État")
    rows = [(f"n° {line.number}", line.text, line.owner, line.due, line.state) for line in lines]
    blocks.append(DocumentHeading("Décisions", 2))
    blocks.append(
        DocumentTable("Décisions", titles, rows) if rows else DocumentText("Aucune décision.")
    )
    title, foot = f"Relevé de décisions, {seen.name}", f"{authority}, {seen.name}"
    async with visit.apart():
        content = await asyncio.to_thread(open_document, title, blocks, foot)
    return our_file(content, ODT, f"releve-groupe-{seen.group.number}-{told.number}.odt")


async def _decisions(visit: Visit, told: Meeting) -> Sequence[DecisionLine]:
    known = rules.decisions(await measure_store.every(visit.connection), told.subject)
    words = await measure_store.words(visit.connection, known)
    return [
        DecisionLine(
            measure.number,
            words.get((measure.subject, measure.seen), measure_words.ERASED),
            _function(visit, measure.owner),
            labels_fr.short_day(measure.due),
            measure_words.STATES[measure.state].lower(),
            measure.awaits_action and measure.due < visit.today,
        )
        for measure in known
    ]


def _function(visit: Visit, owner: str) -> str:
    """The function of who owns a measure: « attachée d’administration, BMI », never a name."""
    names, person = Names(visit.applied.site, visit.directory), visit.directory.person(owner)
    if person is None:
        return "–"
    services = [figure_words.short(service, names) for service in person.services[:1]]
    return ", ".join([person.capacity, *services])
