"""What a digest says to whom an internal note names: the item's number, never the note's text.

Told to that person alone, on their first morning there: nobody reads it in their stead, since a
deputy may not read what is réservé (docs/decisions/0130). What was taken back is not said, nor an
item that became réservé since, except to whoever still reads it.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Final

from services.notify.domain import digest_sections
from services.notify.domain.digest_sections import RungContext
from services.notify.domain.fold import fold
from services.notify.domain.judges import may_be_told
from services.notify.store import facts, note_mentions
from services.notify.store.ledger import LedgerRow
from shared.calendar.local_days import day_of
from shared.facts.envelope import PersonId
from shared.facts.items import Items
from shared.facts.items.routing import NoteWritten
from shared.facts.standing import standing
from shared.platform.database import Connection
from shared.site.staff.directory import Directory
from shared.site.tables.people import Person
from shared.site.texts.pages import DigestLine, Section

TITLE: Final = "Notes qui vous nomment"
WHAT: Final = "note interne du"
"""What the line says before the day of the note."""


async def note_readers(
    connection: Connection,
    people: Directory,
    today: date,
    opening: Callable[[PersonId], datetime],
) -> set[PersonId]:
    """Returns whom a note names, whom no digest has told, and who are there on a local day.

    A note makes no digest of the day on which it was written after the reader's opening: it would
    be a mail at once, and the day's digest would be used up.
    """
    named = await note_mentions.untold(connection)
    return {
        person
        for person, first in named.items()
        if people.person(person) is not None
        and not people.is_away(person, today)
        and first < opening(person)
    }


async def section(
    connection: Connection, row: LedgerRow, known: RungContext, person: Person
) -> tuple[Section, ...]:
    """Makes the digest section about notes that name its reader; empty without any that stands."""
    if row.reader != person.id:
        return ()
    told = await note_mentions.of_digest(connection, row.entry.notice_id, PersonId(person.id))
    stated = await facts.of(connection, {mention.item_id for mention in told})
    events = {mention.event_id for mention in told}
    lines = [line for given in stated.values() for line in _lines(given, events, known, person)]
    return (digest_sections.section(TITLE, lines),) if lines else ()


def _lines(
    given: Iterable[Items], events: Iterable[object], known: RungContext, reader: Person
) -> Iterable[DigestLine]:
    said = list(given)
    item, told = fold(said), frozenset(events)
    if item is None or item.gone or not may_be_told(reader, item, known.site):
        return
    category = known.site.category_now(item.classification.category)
    for fact in standing(said):
        if isinstance(fact, NoteWritten) and fact.event_id in told:
            yield DigestLine(
                chrono=item.registered.chrono,
                label=category.label if category else "à qualifier",
                received=day_of(item.receipt, known.site.zone),
                limit=fact.recorded_at.astimezone(known.site.zone).date(),
                left=None,
                url=digest_sections.item_url(known.site, item.registered.chrono),
                what=WHAT,
            )
