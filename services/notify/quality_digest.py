"""What a digest says of the quality system, and who reads it: whom it is for, or the deputy."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, TypeVar

from services.notify import measure_reminders, website_reminders
from services.notify.store import quality_reminders, quality_rungs, website_rungs
from services.notify.store.quality_reminders import WaitingReminder
from services.notify.store.quality_rungs import QualityHearing
from services.notify.store.website_rungs import WebsiteHearing
from shared.facts.envelope import NoticeId, PersonId
from shared.facts.quality.label import ReminderTo
from shared.platform.database import Connection
from shared.site.staff.directory import Directory
from shared.site.tables.bundle import Site
from shared.site.texts.pages import QualityLine

T = TypeVar("T")
FORGOTTEN: Final = timedelta(days=30)
"""So long after its date nobody is told any more of a date of the label, as in the register."""


@dataclass(frozen=True, slots=True)
class QualityReaders:
    """The reminders about quality that are in no digest yet, each with who reads it today."""

    dates: Mapping[WaitingReminder, PersonId]
    """Of the label's calendar."""
    measures: Mapping[QualityHearing, PersonId]
    website: Mapping[WebsiteHearing, PersonId]

    @property
    def persons(self) -> set[PersonId]:
        """The persons who read a reminder about quality today."""
        return {*self.dates.values(), *self.measures.values(), *self.website.values()}

    async def assign(self, connection: Connection, made: Mapping[PersonId, NoticeId]) -> None:
        """Assigns quality reminders to their readers' digests made today; others wait."""
        if dates := _told(self.dates, made):
            await quality_reminders.assign(connection, dates)
        if measures := _told(self.measures, made):
            await quality_rungs.assign(connection, measures)
        if website := _told(self.website, made):
            await website_rungs.assign(connection, website)


def _told(readers: Mapping[T, PersonId], made: Mapping[PersonId, NoticeId]) -> Mapping[T, NoticeId]:
    return {reminder: made[person] for reminder, person in readers.items() if person in made}


async def quality_readers(
    connection: Connection, site: Site, people: Directory, today: date
) -> QualityReaders:
    """Reads the waiting reminders about quality, with their readers of a local day.

    Lists of website pages of past quarters that no digest has told are deleted first.
    """
    return QualityReaders(
        await _date_readers(connection, site, people, today),
        await measure_reminders.readers(connection, site, people, today),
        await website_reminders.readers(connection, site, people, today),
    )


async def _date_readers(
    connection: Connection, site: Site, people: Directory, today: date
) -> Mapping[WaitingReminder, PersonId]:
    """The reminders that wait, each with its reader of today; one without a reader goes on waiting.

    The référent qualité reads each, the secrétaire général what falls on its very day; whoever is
    away is read for by the deputy.
    """
    persons = {
        ReminderTo.QUALITY_OFFICER: site.identity.quality_officer,
        ReminderTo.GENERAL_SECRETARY: site.identity.general_secretary,
    }
    found = dict[WaitingReminder, PersonId]()
    for reminder in await quality_reminders.waiting_reminders(connection, today - FORGOTTEN):
        reader = people.reader(persons[reminder.audience], today)
        if reader is not None:
            found[reminder] = PersonId(reader.person.id)
    return found


async def quality_lines(
    connection: Connection, digest: NoticeId, site: Site, today: date
) -> tuple[QualityLine, ...]:
    """Returns a digest's lines about the quality system, in the words of the framework."""
    framework = site.quality.current
    steps = {} if framework is None else {step.id: step.text for step in framework.calendar}
    lines = []
    for reminder in await quality_reminders.of_digest(connection, digest):
        text = steps.get(reminder.what, reminder.what)
        what = f"Documents : {text.lower()}" if reminder.documents else text
        lines.append(QualityLine(what, reminder.due, (reminder.due - today).days))
    return tuple(lines)
