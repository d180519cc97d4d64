"""`/qualite/comite/reunions/N`: agenda, one screen a point in the meeting, minutes, invitation."""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, timedelta
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk import open_document
from services.desk.french import labels_fr
from services.desk.pages.downloads import our_file
from services.desk.pages.quality import (
    agenda_sources,
    committee_invitations,
    committee_words,
    minutes_words,
)
from services.desk.pages.quality.committee import (
    URL,
    desk,
    improves,
    meeting_of,
    points,
    state,
)
from services.desk.pages.quality.minutes_words import clock
from services.desk.pages.visit import Visit
from services.desk.quality.domain import minutes
from services.desk.quality.domain.committee import Committee, Meeting
from services.desk.quality.domain.minutes import Block
from services.desk.quality.store.committee import NO_TEXT, CommitteeTexts
from services.desk.quality.store.texts import ALTERED, MISSING
from services.desk.store import quality
from shared.content.icalendar import CalendarEvent, icalendar
from shared.errors import Refused
from shared.facts.quality.committee import AgendaPoint, RemarkKind
from shared.site.texts.meetings import LASTS, POINTS, TITLE
from shared.web.forms import Mistyped

DIGITS: Final = 10
"""A member's number has fewer."""
GONE: Final = "Le compte-rendu approuvé ne se lit plus : il a été effacé, ou altéré."


async def show_meeting(visit: Visit) -> Response:
    """Shows a users' committee meeting: agenda, live sources, remarks, attendance, minutes."""
    found, words, meeting = await meeting_of(visit)
    zone = visit.applied.site.zone
    sources = await _told(visit, found, words, meeting)
    return await visit.html(
        "quality/meeting.html",
        meeting=meeting,
        day=labels_fr.long_day(meeting.at.astimezone(zone).date()),
        hour=clock(meeting.at, zone),
        on=meeting.at.astimezone(zone).date(),
        at=f"{meeting.at.astimezone(zone):%H:%M}",
        place=words.of(meeting.subject, meeting.place),
        state=state(meeting),
        agenda=[(point, POINTS[point], sources.get(point, ())) for point in meeting.points],
        all_points=[(point.value, said, point in meeting.points) for point, said in POINTS.items()],
        remarks=committee_words.lines(found.of_meeting(meeting.number), found, words),
        members=[
            (member.number, committee_words.who(member.number, found, words), member)
            for member in found.members.values()
            if member.last is None or member.number in {*meeting.present, *meeting.excused}
        ],
        now=visit.now,
        shown=await _to_approve(visit, found, words, meeting),
        invited=await committee_invitations.invitation_panel(visit, found, words, meeting),
        improves=improves(visit),
    )


async def point(visit: Visit) -> Response:
    """Shows one agenda point during a committee meeting: its figures, remarks and answers."""
    found, words, meeting = await meeting_of(visit)
    asked = visit.request.query_params.get("point", "")
    at = next((known for known in meeting.points if known.value == asked), meeting.points[0])
    place = list(meeting.points).index(at)
    sources = await _told(visit, found, words, meeting)
    remarks = [remark for remark in found.of_meeting(meeting.number) if remark.point in {at, None}]
    told = committee_words.lines(remarks, found, words)
    before, after = place - 1, place + 1
    return await visit.html(
        "quality/meeting_point.html",
        meeting=meeting,
        point=at,
        number=place + 1,
        of=len(meeting.points),
        title=POINTS[at],
        sources=sources.get(at, ()),
        remarks=told,
        unanswered=[line for line in told if not line.answered],
        choices=committee_words.choices(found, words),
        kinds=[(kind.value, said) for kind, said in committee_words.KINDS.items()],
        before=meeting.points[before].value if before >= 0 else None,
        after=meeting.points[after].value if after < len(meeting.points) else None,
        improves=improves(visit),
    )


async def note(visit: Visit) -> Response:
    """Records a remark during a meeting of the users' committee, as it is typed. Raises Refused."""
    _, _, meeting = await meeting_of(visit)
    form = await visit.form()
    member, at = form.number("membre"), form.word("point", AgendaPoint)
    if member is None:
        raise Mistyped("membre", "Choisissez le membre.")
    kind = form.word("nature", RemarkKind) or RemarkKind.OBSERVATION
    text = form.require("remarque", "Écrivez la remarque.")
    number = await desk(visit).note(member, kind, text, meeting=meeting.number, point=at)
    url = f"{URL}/reunions/{meeting.number}/seance"
    there = url if at is None else f"{url}?point={at.value}"
    return await visit.to(there, said=f"Remarque n° {number} notée.")


async def agenda(visit: Visit) -> Response:
    """Sets the agenda of a meeting of the users' committee. Raises Refused."""
    _, _, meeting = await meeting_of(visit)
    await desk(visit).agenda(meeting.number, points(await visit.form()))
    return await visit.to(f"{URL}/reunions/{meeting.number}", said="Ordre du jour arrêté.")


async def state_held(visit: Visit) -> Response:
    """Records who was present and who was excused at a committee meeting. Raises Refused."""
    _, _, meeting = await meeting_of(visit)
    form = await visit.form()
    present, excused = (
        [int(n) for n in form.texts(name) if n.isascii() and n.isdecimal() and len(n) < DIGITS]
        for name in ("presents", "excuses")
    )
    await desk(visit).call_roll(meeting.number, present, excused)
    return await visit.to(f"{URL}/reunions/{meeting.number}", said="Présences notées.")


async def _minutes(
    visit: Visit, found: Committee, words: CommitteeTexts, meeting: Meeting
) -> list[Block]:
    """The minutes as they were approved, or as they stand now."""
    if meeting.approved is not None:
        text = words.of(meeting.subject, meeting.approved)
        if text == NO_TEXT:
            raise HTTPException(404, "Ce compte rendu a été effacé : sa page « Textes » dit quand.")
        if text in {ALTERED, MISSING}:
            raise HTTPException(503, "Ce compte rendu a été altéré : prévenez l’exploitation.")
        return list(minutes.read(text))
    sources = await agenda_sources.sources(visit, found, words, meeting)
    return list(minutes_words.blocks(meeting, found, words, sources, visit.applied.site))


async def _told(
    visit: Visit, found: Committee, words: CommitteeTexts, meeting: Meeting
) -> Mapping[AgendaPoint, Sequence[str]]:
    """What is said on each point: live, until the minutes are approved, and then what these say."""
    if meeting.approved is None:
        lines = await agenda_sources.sources(visit, found, words, meeting)
    else:
        text = words.of(meeting.subject, meeting.approved)
        if text in {NO_TEXT, ALTERED, MISSING}:
            return {point: [GONE] for point in meeting.points}
        lines = dict(zip(meeting.points, minutes.presented_lines(minutes.read(text)), strict=False))
    return agenda_sources.lines_with_names(lines, found, words)


async def _to_approve(
    visit: Visit, found: Committee, words: CommitteeTexts, meeting: Meeting
) -> str:
    """The digest of the minutes that may be approved; empty once they are."""
    if meeting.approved is not None:
        return ""
    return _shown(minutes.write_minutes(await _minutes(visit, found, words, meeting)))


async def approve(visit: Visit) -> Response:
    """Approves the minutes of a committee meeting as they stand. Raises Refused."""
    await quality.lock_chain(
        visit.connection
    )  # first: nothing is said between reading and approving
    found, words, meeting = await meeting_of(visit)
    form = await visit.form()
    text = minutes.write_minutes(await _minutes(visit, found, words, meeting))
    if form.text("vu") != _shown(text):
        raise Refused("It is not what was read any more.", "minutes-moved")
    await desk(visit).approve(meeting.number, text)
    said = "Compte-rendu approuvé : il ne change plus."
    return await visit.to(f"{URL}/reunions/{meeting.number}", said=said)


def _shown(text: str) -> str:
    """The digest of minutes that a page shows: they are approved as they were read."""
    return hashlib.sha256(text.encode()).hexdigest()


async def publish(visit: Visit) -> Response:
    """Records that the minutes of a committee meeting were published. Raises Refused."""
    _, _, meeting = await meeting_of(visit)
    await visit.form()
    await desk(visit).publish(meeting.number)
    return await visit.to(f"{URL}/reunions/{meeting.number}", said="Compte-rendu diffusé.")


async def document(visit: Visit) -> Response:
    """Downloads the minutes of a committee meeting as a text document."""
    found, words, meeting = await meeting_of(visit)
    written = await _minutes(visit, found, words, meeting)
    names = {number: committee_words.who(number, found, words) for number in found.members}
    authority, draft = visit.applied.site.identity.authority, meeting.approved is None

    def made() -> bytes:
        return minutes_words.odt(written, names, authority, draft=draft)

    async with visit.apart():
        content = await asyncio.to_thread(made)
    name = f"compte-rendu-comite-{meeting.number}.odt"
    return our_file(content, open_document.MEDIA, name)


async def invitation(visit: Visit) -> Response:
    """Downloads a meeting of the users' committee as an event for calendars (.ics)."""
    _, words, meeting = await meeting_of(visit)
    event = CalendarEvent(
        uid=str(meeting.subject),
        on=(meeting.at, meeting.at + timedelta(hours=LASTS)),
        title=TITLE,
        text=" ; ".join(POINTS[point] for point in meeting.points),
        place=words.of(meeting.subject, meeting.place),
        sequence=meeting.calls - 1,
        cancelled=meeting.cancelled,
    )
    content = icalendar([event], meeting.called_at.astimezone(UTC), "Comite")
    return our_file(content, "text/calendar", f"comite-{meeting.number}.ics")
