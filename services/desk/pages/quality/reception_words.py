"""Places of reception in French: a day, a paper, an incident, what is counted."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.pages.letters.labels_fr import KINDS
from services.desk.quality.domain.places import (
    BookingIncident,
    Companion,
    DisplayedSet,
    StatedHours,
)
from services.desk.quality.store.places import AFTERNOON, MORNING, SheetInUse
from services.desk.quality.store.texts import TextsByDigest
from shared.facts.quality.places import IncidentKind
from shared.site.place_hours import OpenDay
from shared.site.tables.places import Places
from shared.site.texts.place_hours import hours

ERASED: Final = "(texte effacé)"
INCIDENTS: Final[Mapping[IncidentKind, str]] = {
    IncidentKind.DOWN: "ne s’ouvre pas",
    IncidentKind.NO_SLOT: "aucun créneau",
    IncidentKind.ERROR: "erreur en cours de route",
    IncidentKind.OTHER: "autre",
}
HALVES: Final = {MORNING: "ce matin", AFTERNOON: "cet après-midi"}


@dataclass(frozen=True, slots=True)
class DayLine:
    """A day of a reception place in words: its hours, and whether they are exceptional."""

    day: str
    hours: str
    mark: str
    """Why it differs from the week; empty when it does not."""


def day_line(found: OpenDay, today: date) -> DayLine:
    """Formats a day of a reception place: « Aujourd’hui, mardi 12 mai 2026 »."""
    name = "Aujourd’hui" if found.day == today else "Demain"
    mark = "exceptionnel" if found.exceptional else found.holiday or ""
    return DayLine(f"{name}, {labels_fr.long_day(found.day)}", hours(found.slots), mark)


@dataclass(frozen=True, slots=True)
class PaperLine:
    """A paper in use at a reception place (slip, panel, poster), in words."""

    letter: str
    version: int
    title: str
    kind: str
    language: str
    approved: date
    until: date
    stale: bool


def paper_line(sheet: SheetInUse, today: date) -> PaperLine:
    """Formats a paper in use at a reception place: a slip, panel or poster."""
    content = sheet.version.content
    other = None if content.sheet is None else content.sheet.other
    return PaperLine(
        letter=sheet.version.letter,
        version=sheet.version.number,
        title=content.title,
        kind=KINDS[sheet.kind],
        language="" if other is None else other.language,
        approved=sheet.approved,
        until=sheet.until,
        stale=sheet.until < today,
    )


def reprint(
    displayed: DisplayedSet | None,
    papers: Sequence[SheetInUse],
    digest: Callable[[date], str],
) -> str:
    """Formats whether a place's displayed papers must be reprinted, or that none was displayed."""
    if displayed is None:
        return "Personne n’a encore noté que le jeu est affiché."
    since = f"affiché le {labels_fr.short_day(displayed.on)}"
    now = {sheet.version.name for sheet in papers}
    if now != set(displayed.papers):
        return f"À réimprimer : une fiche a changé depuis le jeu {since}."
    if digest(displayed.on) != displayed.hours:
        return f"À réimprimer : les horaires ont changé depuis le jeu {since}."
    return f"Le jeu {since} est à jour."


def companion(found: Companion | None, words: TextsByDigest) -> str:
    """Formats whether a visitor may be accompanied: « Admis depuis le 3 mars 2026 : note … »."""
    if found is None:
        return "rien n’est décidé"
    said = words.get((found.subject, found.decided), ERASED)
    name = "admis" if found.admitted else "non admis"
    return f"{name} depuis le {labels_fr.long_day(found.since)} ; décision : {said}"


@dataclass(frozen=True, slots=True)
class ExceptionLine:
    """A reception place's exceptional hours in words, with the reason for those who run it."""

    number: int
    days: str
    hours: str
    why: str
    by: str


def exception_line(stated: StatedHours, words: TextsByDigest, names: Names) -> ExceptionLine:
    """Formats a reception place's exceptional hours that stand."""
    found = stated.exception
    days = labels_fr.long_day(found.first)
    if found.last != found.first:
        days = f"du {days} au {labels_fr.long_day(found.last)}"
    why = words.get((stated.subject, stated.why), ERASED)
    return ExceptionLine(found.number, days, hours(found.slots), why, names.author(stated.by))


@dataclass(frozen=True, slots=True)
class IncidentLine:
    """An incident of the booking page in words."""

    number: int
    subject: str
    kind: str
    seen: str
    ticket: str


def incident_line(incident: BookingIncident, words: TextsByDigest, zone: ZoneInfo) -> IncidentLine:
    """Formats an incident of the page for booking appointments."""
    ticket = incident.ticket
    return IncidentLine(
        number=incident.number,
        subject=str(incident.subject),
        kind=INCIDENTS[incident.kind],
        seen=labels_fr.moment(incident.seen_at, zone),
        ticket="" if ticket is None else words.get((incident.subject, ticket), ERASED),
    )


def tally(table: Places, kind: str) -> str:
    """Returns the French words for a counted kind of visit or of help at a reception place."""
    found = table.tally.get(kind)
    return table.help.get(kind, kind) if found is None else found.text
