"""What digests say of what has not come from outside by its day, and to whom (ADR 185, 206).

The answer of a third party; that the addressee of a mail sécurisé reads it. Whoever holds the item,
or the head of its service, reads it once for each day that passed: on the first jour ouvré after
it. Nothing is told of a third party once the item is answered, or waits for them no more.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from services.notify.domain import digest_sections
from services.notify.domain.digest_sections import RungContext
from services.notify.domain.fold import fold
from services.notify.domain.item import NotifiedItem
from services.notify.domain.judges import may_be_told
from services.notify.store import facts, thirds
from services.notify.store.ledger import LedgerRow
from services.notify.store.thirds import ThirdTelling
from shared.calendar.local_days import day_of
from shared.facts.envelope import EventId, PersonId
from shared.facts.items.pieces import AwaitingThird
from shared.facts.items.replies import SecureMailSent
from shared.platform.database import Connection
from shared.site.staff.directory import Directory
from shared.site.tables.people import Person
from shared.site.texts.pages import DigestLine, Section

TITLE: Final = "Tiers à relancer"
UNREAD: Final = "Mails sécurisés non lus"
LOOKED_BACK: Final = timedelta(days=31)
"""How long after its date a wait is looked at: by then what was to be told was told."""


async def third_tellings(
    connection: Connection,
    known: RungContext,
    people: Directory,
    opening: Callable[[PersonId], datetime],
) -> Mapping[ThirdTelling, PersonId]:
    """Returns what digests of today have to tell of what has not come, and its readers.

    A reader is whom it is meant for, or their deputy; `opening`: when their service opens today. A
    wait that was noted since waits for tomorrow.
    """
    items = await thirds.items_between(connection, known.today - LOOKED_BACK, known.today)
    stated = await facts.of(connection, items)
    late = [
        (item, ask)
        for given in stated.values()
        if (item := fold(given)) is not None
        for ask in (*_asks(item, known), *unread_mails(item, known))
    ]
    before = await thirds.tellings_of(connection, [ask.event_id for _, ask in late])
    found = dict[ThirdTelling, PersonId]()
    for item, ask in late:
        meant = item.agent or _head(item, known)
        reader = None if meant is None else people.reader(meant, known.today)
        if meant is None or reader is None or not may_be_told(reader.person, item, known.site):
            continue
        person = PersonId(reader.person.id)
        if ask.recorded_at < opening(person):
            found[ThirdTelling(ask.event_id, meant)] = person
    return {telling: reader for telling, reader in found.items() if telling not in before}


def late_ask(item: NotifiedItem, known: RungContext) -> AwaitingThird | None:
    """Returns the last ask of a third party if its date has passed unanswered, else `None`."""
    ask = item.third
    over = item.ended or item.gone or item.answered
    if over or ask is None or ask.expected is None or ask.expected >= known.today:
        return None
    return ask


def _asks(item: NotifiedItem, known: RungContext) -> Sequence[AwaitingThird]:
    ask = late_ask(item, known)
    return () if ask is None else (ask,)


def unread_mails(item: NotifiedItem, known: RungContext) -> Sequence[SecureMailSent]:
    """Returns the mails sécurisés whose day has come without their addressee having read them."""
    gone = item.gone or item.merged
    return [] if gone else [sent for sent in item.unread if sent.unread_from <= known.today]


def _head(item: NotifiedItem, known: RungContext) -> PersonId | None:
    row = known.site.service_now(item.service)
    return None if row is None else PersonId(row.head)


async def section(
    connection: Connection, row: LedgerRow, known: RungContext, person: Person
) -> tuple[Section, ...]:
    """Makes the digest sections about what has not come; none where all has meanwhile."""
    told = await thirds.of_digest(connection, row.entry.notice_id)
    stated = await facts.of(connection, told)
    items = [
        (item, told[item_id])
        for item_id, given in stated.items()
        if (item := fold(given)) is not None and may_be_told(person, item, known.site)
    ]
    found = {
        TITLE: [line for item, events in items for line in _lines(item, events, known)],
        UNREAD: [line for item, events in items for line in _unread(item, events, known)],
    }
    return tuple(digest_sections.section(title, lines) for title, lines in found.items() if lines)


def _lines(
    item: NotifiedItem, events: Iterable[EventId], known: RungContext
) -> Iterable[DigestLine]:
    ask = late_ask(item, known)
    if ask is None or ask.expected is None or ask.event_id not in frozenset(events):
        return
    what = f"{known.site.labels.office(ask.who)} devait répondre pour le"
    yield _line(item, ask.expected, -known.days.between(ask.expected, known.today), what, known)


def _unread(
    item: NotifiedItem, events: Iterable[EventId], known: RungContext
) -> Iterable[DigestLine]:
    for sent in unread_mails(item, known):
        if sent.event_id in frozenset(events):
            left = sent.happened_at.astimezone(known.site.zone).date()
            what = "la personne n’a pas encore ouvert le mail sécurisé parti le"
            yield _line(item, left, None, what, known)


def _line(
    item: NotifiedItem, day: date, left: int | None, what: str, known: RungContext
) -> DigestLine:
    category = known.site.category_now(item.classification.category)
    return DigestLine(
        chrono=item.registered.chrono,
        label=category.label if category else "à qualifier",
        received=day_of(item.receipt, known.site.zone),
        limit=day,
        left=left,
        url=digest_sections.item_url(known.site, item.registered.chrono),
        what=what,
    )
