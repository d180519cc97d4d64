"""`/evenement/N/bilan`: the report of times, on the page, as a text and as a table.

Its n is the number of mails of the event that a server took: as many as notify told `NoticeSent`.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk import open_document
from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.pages.downloads import our_file
from services.desk.pages.quality import event_words, figure_files
from services.desk.pages.quality.event_mass import reasons
from services.desk.pages.quality.events import find_event
from services.desk.pages.visit import Visit
from services.desk.quality.domain.event_times import EventTimes, times
from services.desk.quality.domain.events import CrisisEvent
from services.desk.quality.store import event_lists
from services.desk.quality.store import event_report as store
from services.desk.quality.store import mass as rows
from services.desk.quality.store.event_report import EventMail
from services.desk.quality.text_documents import TextDocument
from services.desk.sheets import KINDS, ExportSheet
from shared.calendar.local_days import NBSP, plain_hour

STATES: Final[Mapping[str, str]] = {
    "ordered": "ordonné",
    "planned": "prévu",
    "sent": "remis",
    "bounced": "revenu",
    "failed": "refusé",
    "held": "retenu, ou sort incertain",
    "withdrawn": "abandonné",
}
SHEET: Final = ExportSheet("Bilan", ["Étape", "Moment", "Après l’ouverture"], [44, 22, 20])


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A line of a crisis event's time report: the step, when, how long after the opening."""

    what: str
    when: str
    after: str


@dataclass(frozen=True, slots=True)
class EventReport:
    """The report of how long each step of a crisis event took, in French words."""

    title: str
    rows: Sequence[ReportRow]
    n: int
    """Mails that a server took."""
    states: Sequence[tuple[str, int]]
    told: Sequence[tuple[str, int]]
    """To whom, with the number of mails that a server took: services, or entries of the list."""
    left_out: Sequence[tuple[str, int]]
    joined: int


async def report(visit: Visit, event: CrisisEvent) -> EventReport:
    """Makes the time report of a crisis event from its facts and from what notify published."""
    site = visit.applied.site
    mails = await store.mails(visit.connection, event, site.identity.id)
    left = [mail.left_at for mail in mails if mail.left_at is not None]
    names = Names(site, visit.directory)
    left_out = Counter[str]()
    for mass in event.masses.values():
        left_out.update(mass.left_out if not mass.dropped else {})
        if not event.exercise:
            left_out.update(await rows.reasons(visit.connection, event.subject, mass.number))
    states = Counter(mail.state for mail in mails)
    return EventReport(
        event_words.title(event),
        _rows(times(event, left, visit.now), len(left), site.zone),
        len(left),
        [(STATES[state], states[state]) for state in STATES if states[state]],
        _told(mails, names, exercise=event.exercise),
        reasons(left_out),
        await event_lists.count_unreserved(visit.connection, event.items),
    )


def _told(mails: Sequence[EventMail], names: Names, *, exercise: bool) -> Sequence[tuple[str, int]]:
    took = Counter(mail.to for mail in mails if mail.left_at is not None)
    return [(to if exercise else names.service(to), n) for to, n in sorted(took.items())]


def _rows(found: EventTimes, n: int, zone: ZoneInfo) -> Sequence[ReportRow]:
    steps: Sequence[tuple[str, datetime | None]] = (
        ("Ouverture demandée", found.asked),
        ("Ouvert par la deuxième personne", found.opened),
        ("Ligne des accusés approuvée", found.line),
        ("Réponse approuvée", found.reply),
        ("Envoi confirmé par la deuxième personne", found.ordered),
        ("Premier envoi remis", found.first),
        (f"Envoi médian remis (sur {n})", found.median),
        ("Dernier envoi remis", found.last),
        ("Fin", found.ended),
    )
    return [
        ReportRow(
            what,
            "pas encore" if at is None else _moment(at, zone),
            _span(found.since_opening(at)),
        )
        for what, at in steps
    ]


def _moment(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    hour = f"{plain_hour(local)} min {local:%S} s".replace(" ", NBSP)
    return f"{labels_fr.short_day(local.date())} à {hour}"


def _span(span: timedelta | None) -> str:
    """A span of time in words; empty: there is none, or it lies before the opening."""
    if span is None or span < timedelta():
        return ""
    seconds = int(span.total_seconds())
    hours, minutes = seconds // 3600, seconds % 3600 // 60
    begun = f"{hours} h {minutes:02}" if hours else str(minutes)
    return f"{begun} min {seconds % 60:02} s".replace(" ", NBSP)


async def page(visit: Visit) -> Response:
    """Shows the report of how long each step of a crisis event took."""
    event = await find_event(visit)
    return await visit.html(
        "quality/event_report.html",
        event=event,
        title=event_words.title(event),
        report=await report(visit, event),
    )


async def document(visit: Visit) -> Response:
    """Downloads the timeline of a crisis event: when each step and its mailing were done.

    As text (.odt) or table (.xlsx, .ods, .csv), with the mails sent, by state and by recipient.
    Raises HTTPException 404: no such event, or no such format.
    """
    event = await find_event(visit)
    kind = f".{visit.request.path_params['kind']}"
    made = await report(visit, event)
    name = f"evenement-{event.number}-bilan{kind}"
    if kind in KINDS:
        cells = [(row.what, row.when, row.after) for row in made.rows]
        cells += [(f"Envois : {said}", str(n), "") for said, n in made.states]
        cells += [(f"Remis à : {said}", str(n), "") for said, n in made.told]
        cells += [(f"Laissés de côté : {said}", str(n), "") for said, n in made.left_out]
        return await figure_files.download(visit, cells, name, SHEET)
    if kind != ".odt":
        raise HTTPException(404)
    authority = visit.applied.site.identity.authority

    def written() -> bytes:
        return _odt(made, authority, exercise=event.exercise)

    async with visit.apart():
        content = await asyncio.to_thread(written)
    return our_file(content, open_document.MEDIA, name)


def _odt(made: EventReport, authority: str, *, exercise: bool) -> bytes:
    """The report as a text document. Blocks."""
    title = f"Bilan des temps : {made.title}"
    text = TextDocument(title, authority)
    text.title(title)
    about = (
        "Exercice : aucun courrier réel, aucun délai."
        if exercise
        else f"{labels_fr.amount(made.joined, 'courrier confirmé')}. Aucun délai, aucun taux n’a"
        " changé."
    )
    text.text(f"{authority}. {about}")
    text.heading("Temps")
    text.table(
        ("Étape", "Moment", "Après l’ouverture"),
        [(row.what, row.when, row.after) for row in made.rows],
    )
    text.heading(f"Envois remis : {made.n}")
    for caption, counts in (
        ("État des envois", made.states),
        ("Remis à", made.told),
        ("Laissés de côté", made.left_out),
    ):
        if counts:
            text.table((caption, "Nombre"), [(said, str(n)) for said, n in counts])
    return text.save()
