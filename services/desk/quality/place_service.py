"""Decisions about places of reception: checked, stated as facts, texts kept beside."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from services.desk.quality import place_papers
from services.desk.quality.domain import agents
from services.desk.quality.domain import places as rules
from services.desk.quality.domain.places import BookingIncident, PlacesState
from services.desk.quality.store import places as store
from services.desk.quality.store import texts
from services.desk.store import quality
from services.desk.store.quality import Author
from shared.errors import Refused
from shared.facts import ids
from shared.facts.envelope import Digest, ItemId
from shared.facts.quality.base import QualityFact, SubjectId
from shared.facts.quality.places import (
    BookingTried,
    CompanionAdmitted,
    HoursExcepted,
    HoursExceptionEnded,
    IncidentEnded,
    IncidentKind,
    IncidentSeen,
    IncidentTicketed,
    SetDisplayed,
    SheetChecked,
    StatedSlot,
)
from shared.platform.database import Connection
from shared.site.staff.directory import Directory
from shared.site.tables.bundle import AppliedSite
from shared.site.tables.places import OpenSlot, ReceptionPlace

LONGEST: Final = 1_000
"""Letters of a text about a place."""
NOON: Final = 13
"""The local hour at which the afternoon of a tally begins."""


@dataclass(frozen=True, slots=True)
class PlaceDesk:
    """The service object by which one author acts on places of reception on a local day."""

    connection: Connection
    author: Author
    applied: AppliedSite
    directory: Directory

    @property
    def today(self) -> date:
        """The local day on which the place is acted on."""
        return self._local.date()

    @property
    def half(self) -> str:
        """The half of the local day (morning, afternoon) in which a visit is counted."""
        return store.MORNING if self._local.hour < NOON else store.AFTERNOON

    @property
    def _local(self) -> datetime:
        return self.author.now.astimezone(self.applied.site.zone)

    async def except_hours(
        self, code: str, first: date, last: date, slots: Sequence[OpenSlot], why: str
    ) -> int:
        """Records exceptional hours of a place, or a closing; returns their number.

        Raises Refused.
        """
        place = self._place(code)
        rules.may_except(first, last, slots, self.today)
        number = 1 + (await self._locked()).stated
        subject = self._subject("hours", str(number))
        await self._state(
            subject, HoursExcepted, number=number, place=place.id, first=first, last=last,
            slots=tuple(StatedSlot(opens=slot.opens, closes=slot.closes) for slot in slots),
            sha256=await self._text(subject, why),
        )  # fmt: skip
        return number

    async def end_exception(self, number: int, why: str) -> None:
        """Withdraws a place's exceptional hours: its normal week counts again. Raises Refused."""
        found = await self._locked()
        stated = next((said for said in found.hours if said.exception.number == number), None)
        if stated is None:
            raise Refused(f"No other hours {number}.", "no-such-exception", number=number)
        digest = await self._text(stated.subject, why)
        await self._state(stated.subject, HoursExceptionEnded, number=number, sha256=digest)

    async def admit(self, code: str, since: date, decided: str, *, admitted: bool) -> None:
        """Records whether a place's visitor may be accompanied, since when, by whom.

        Raises Refused.
        """
        place = self._place(code)
        await self._locked()
        subject = self._subject("companion", place.id)
        digest = await self._text(subject, decided)
        await self._state(
            subject, CompanionAdmitted, place=place.id, admitted=admitted, since=since,
            sha256=digest,
        )  # fmt: skip

    async def record_display(self, code: str, mark: str) -> None:
        """Records that a place's papers are on display to the public. Raises Refused.

        `mark`: what stands in the foot of the printed set; refused if hours or a paper changed
        since.
        """
        place, state = self._place(code), await self._locked()
        sheets = await store.sheets(self.connection, self.applied.site, state)
        papers = place_papers.papers_of(sheets, place.id)
        hours = place_papers.set_digest(place, self.applied, state, self.today, self.today)
        if not papers:
            raise Refused("There is nothing to display.", "nothing-to-display")
        if mark != place_papers.mark(papers, hours):
            raise Refused("Hours or a paper changed since.", "display-changed")
        subject = self._subject("display", place.id)
        await self._state(
            subject,
            SetDisplayed,
            place=place.id,
            papers=tuple(sheet.version.name for sheet in papers),
            hours=hours,
        )

    async def sheet_checked(self, letter: str, version: int) -> None:
        """Records that a place's approved paper was reviewed and is right. Raises Refused."""
        found = await self._locked()
        in_use = await store.sheets(self.connection, self.applied.site, found)
        if not any(
            (sheet.version.letter, sheet.version.number) == (letter, version) for sheet in in_use
        ):
            raise Refused("This paper is not in use.", "no-sheet-in-use")
        await self._state(
            self._subject("sheet", letter), SheetChecked, letter=letter, version=version
        )

    async def record_incident(
        self, code: str, kind: IncidentKind, item_id: ItemId | None = None
    ) -> int:
        """Records that a place's booking page fails now; returns the incident's number.

        Raises Refused for a place without such a page.
        """
        place = self._booking(code)
        number = 1 + max((await self._locked()).incidents, default=0)
        await self._state(
            self._subject("incident", str(number)), IncidentSeen, number=number, place=place.id,
            kind=kind, seen_at=self.author.now, item_id=item_id,
        )  # fmt: skip
        return number

    async def ticket(self, number: int, text: str) -> None:
        """Records the ticket under which a booking incident was reported. Raises Refused."""
        incident = self._incident(await self._locked(), number)
        digest = await self._text(incident.subject, text)
        await self._state(incident.subject, IncidentTicketed, sha256=digest)

    async def end_incident(self, number: int, at: datetime | None = None) -> None:
        """Records that a booking incident ended, now or at a moment. Raises Refused."""
        incident = self._incident(await self._locked(), number)
        at = at or self.author.now
        rules.may_end(incident, at, self.author.now)
        await self._state(incident.subject, IncidentEnded, ended_at=at)

    async def record_try(
        self, code: str, tries: int, *, found: bool, corrects: bool = False
    ) -> None:
        """Records how often a person tried today to book an appointment, and if it succeeded.

        `corrects`: this replaces all that was recorded of the day. Raises Refused.
        """
        place = self._booking(code)
        if not 1 <= tries <= rules.MOST_TRIES:
            raise Refused("A number of tries.", "tries-number", most=rules.MOST_TRIES)
        await self._locked()
        key = f"{place.id} {self.today.isoformat()}"
        await self._state(
            self._subject("try", key), BookingTried, place=place.id, on=self.today, found=found,
            tries=tries, corrects=corrects,
        )  # fmt: skip

    async def count(self, code: str, kind: str, by: int) -> None:
        """Adds a visit to a place's count of this half-day, or subtracts one. Raises Refused."""
        place = self._place(code)
        if kind not in self.tally_kinds(place):
            raise Refused("This is not counted here.", "no-such-tally")
        await store.count(
            self.connection, place.id, self.today, self.half, kind, 1 if by > 0 else -1
        )

    def tally_kinds(self, place: ReceptionPlace) -> Sequence[str]:
        """Returns the kinds of visits and help that are counted at a place."""
        table = self.applied.site.places
        return [*table.tally, *(kind for kind in place.help if kind not in table.tally)]

    async def _locked(self) -> PlacesState:
        await quality.lock_chain(self.connection)
        found = await store.places(self.connection, self.applied.site)
        if found.unreadable:
            raise Refused("A fact of places can't be read.", "places-unreadable")
        return found

    def _place(self, code: str) -> ReceptionPlace:
        found = self.applied.site.places.place.get(code)
        if found is None:
            raise Refused("This place is not in the list.", "no-such-reception")
        return found

    def _booking(self, code: str) -> ReceptionPlace:
        place = self._place(code)
        if place.booking is None:
            raise Refused("This place has no booking page.", "no-booking")
        return place

    def _incident(self, found: PlacesState, number: int) -> BookingIncident:
        if number not in found.incidents:
            raise Refused(f"There is no incident {number}.", "no-such-incident", number=number)
        return found.incidents[number]

    def _subject(self, kind: str, key: str) -> SubjectId:
        return ids.quality_id(self.author.site, f"place {kind}", key)

    async def _text(self, subject: SubjectId, text: str) -> Digest:
        if len(text) > LONGEST:
            raise Refused(f"At most {LONGEST} letters.", "quality-text-long", most=LONGEST)
        agents.name_nobody(self.directory.people.values(), text)
        return await texts.keep(self.connection, subject, text, self.author.now)

    async def _state(self, subject: SubjectId, kind: type[QualityFact], /, **said: Any) -> None:
        await quality.state(self.connection, self.author, subject, kind, **said)
