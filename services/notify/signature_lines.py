"""What a digest says of letters that wait to be read or signed, and to whom, each morning."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from services.notify.domain import digest_sections
from services.notify.domain.digest_sections import RungContext
from services.notify.domain.fold import fold
from services.notify.domain.item import NotifiedItem
from services.notify.domain.judges import may_be_told
from services.notify.store import facts
from shared.calendar.local_days import day_of
from shared.facts.envelope import PersonId
from shared.facts.vocabulary import NoticeKind
from shared.platform.database import Connection
from shared.site.staff.directory import Directory
from shared.site.tables.people import Person
from shared.site.texts.pages import DigestLine, Section

TITLE: Final = "Lettres à relire ou à signer"


def reader_of(item: NotifiedItem, known: RungContext, people: Directory) -> PersonId | None:
    """Returns who is told today that an item's letter waits for them; `None`: nobody.

    That is whoever has it; while they are away the next one who is there and has a delegation for a
    reply, else their deputy; of a réservé item only who may be told of it in an email.
    """
    if item.signing is None:
        return None
    signatory, service = item.signing.signatory, known.site.service_now(item.service)
    able = (
        people.signatories(service.id, NoticeKind.REPLY, known.today)
        if service is not None and people.is_away(signatory, known.today)
        else ()
    )
    there = (person for person in able if not people.is_away(person.id, known.today))
    reader = people.reader(signatory, known.today)
    person = next(there, None if reader is None else reader.person)
    if person is None or not may_be_told(person, item, known.site):
        return None
    return PersonId(person.id)


async def letters_to_sign(
    connection: Connection, known: RungContext, people: Directory
) -> Mapping[PersonId, Sequence[NotifiedItem]]:
    """Reads the items whose letter waits to be read or signed, by who is told of it today."""
    told = await facts.of(connection, await facts.in_signature(connection))
    found = dict[PersonId, list[NotifiedItem]]()
    for given in told.values():
        item = fold(given)
        reader = None if item is None else reader_of(item, known, people)
        if item is not None and reader is not None:
            found.setdefault(reader, []).append(item)
    return found


async def signature_readers(
    connection: Connection,
    known: RungContext,
    people: Directory,
    opening: Callable[[PersonId], datetime],
) -> frozenset[PersonId]:
    """Returns who reads today that a letter waits for them; one given since waits for tomorrow.

    `opening`: when a person's service opens today.
    """
    return frozenset(
        person
        for person, items in (await letters_to_sign(connection, known, people)).items()
        if any(item.signing and item.signing.recorded_at < opening(person) for item in items)
    )


async def section(
    connection: Connection, known: RungContext, people: Directory, person: Person
) -> tuple[Section, ...]:
    """Makes the digest section about letters to read or to sign, oldest first; empty without."""
    waiting = await letters_to_sign(connection, known, people)
    lines = [line for item in waiting.get(PersonId(person.id), ()) for line in _lines(item, known)]
    return (digest_sections.section(TITLE, lines),) if lines else ()


def _lines(item: NotifiedItem, known: RungContext) -> Iterable[DigestLine]:
    if item.signing is None:
        return
    category = known.site.category_now(item.classification.category)
    yield DigestLine(
        chrono=item.registered.chrono,
        label=category.label if category else "à qualifier",
        received=day_of(item.receipt, known.site.zone),
        limit=item.signing.recorded_at.astimezone(known.site.zone).date(),
        left=None,
        url=digest_sections.item_url(known.site, item.registered.chrono),
        what="à relire ou à signer depuis le",
    )
