"""What a digest says of the quality system, and who reads it: whom it is for, or the deputy."""

from collections.abc import Mapping
from datetime import date

from services.notify.store import quality_reminders
from services.notify.store.quality_reminders import WaitingReminder
from shared.facts.envelope import NoticeId, PersonId
from shared.facts.quality.label import ReminderTo
from shared.platform.database import Connection
from shared.site.staff.directory import Directory
from shared.site.tables.bundle import Site
from shared.site.texts.pages import QualityLine


async def quality_readers(
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
    for reminder in await quality_reminders.waiting(connection):
        reader = people.reader(persons[reminder.audience], today)
        if reader is not None:
            found[reminder] = PersonId(reader.person.id)
    return found


async def quality_lines(
    connection: Connection, digest: NoticeId, site: Site, today: date
) -> tuple[QualityLine, ...]:
    """The lines of a digest about the quality system, in the words of the site's framework."""
    framework = site.quality.current
    steps = {} if framework is None else {step.id: step.text for step in framework.calendar}
    lines = []
    for reminder in await quality_reminders.of_digest(connection, digest):
        text = steps.get(reminder.what, reminder.what)
        what = f"Documents : {text.lower()}" if reminder.documents else text
        lines.append(QualityLine(what, reminder.due, (reminder.due - today).days))
    return tuple(lines)
