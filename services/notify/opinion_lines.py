"""What digests say of opinions asked of another service, and to whom (docs/decisions/0112).

One rule, in jours ouvrés: the head of the asked service reads it the morning after it was asked,
the last jour ouvré before its date, and the first one after it while it is not given; then whoever
holds the item reads it too. Each stage is told once. Nothing is told of an item that is answered.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from services.notify.domain import digest_sections
from services.notify.domain.digest_sections import RungContext
from services.notify.domain.fold import fold
from services.notify.domain.item import NotifiedItem
from services.notify.domain.judges import may_be_told
from services.notify.store import facts, opinions
from services.notify.store.ledger import LedgerRow
from services.notify.store.opinions import OpinionStage, OpinionTelling
from shared.calendar.local_days import day_of
from shared.facts.envelope import EventId, PersonId, ServiceId
from shared.facts.items.routing import OpinionAsked
from shared.platform.database import Connection
from shared.site.staff.directory import Directory
from shared.site.tables.people import Person
from shared.site.texts.pages import DigestLine, Section

TITLE: Final = "Avis entre services"
LOOKED_BACK: Final = timedelta(days=31)
"""How long after its date an opinion is looked at: by then what was to be told was told."""


def stage_of(asked: OpinionAsked, known: RungContext, opening: datetime) -> OpinionStage | None:
    """Returns what a digest of today says of an opinion that is not given; `None`: nothing yet.

    `opening`: when its reader's service opens today. What was asked since waits for tomorrow.
    """
    if asked.recorded_at >= opening:
        return None
    if asked.until < known.today:
        return OpinionStage.LATE
    soon = known.today >= known.days.add(asked.until, -1)
    return OpinionStage.SOON if soon else OpinionStage.ASKED


async def opinion_tellings(
    connection: Connection,
    known: RungContext,
    people: Directory,
    opening: Callable[[PersonId], datetime],
) -> Mapping[OpinionTelling, PersonId]:
    """Returns what digests of today have to tell of opinions and told never yet, and its readers.

    A reader is whom it is meant for, or their deputy.
    """
    stated = await facts.of(
        connection, await opinions.items_since(connection, known.today - LOOKED_BACK)
    )
    items = [item for given in stated.values() if (item := fold(given)) is not None]
    open_ = [(item, asked) for item in items if not _is_over(item) for asked in item.opinions]
    before = await opinions.tellings_of(connection, [asked.event_id for _, asked in open_])
    found = dict[OpinionTelling, PersonId]()
    for item, asked in open_:
        for meant, late_only in _hearers(item, asked, known):
            reader = people.reader(meant, known.today)
            if reader is None or not may_be_told(reader.person, item, known.site):
                continue
            person = PersonId(reader.person.id)
            stage = stage_of(asked, known, opening(person))
            if stage is not None and (stage is OpinionStage.LATE or not late_only):
                found[OpinionTelling(asked.event_id, stage, meant)] = person
    return {telling: reader for telling, reader in found.items() if telling not in before}


def _is_over(item: NotifiedItem) -> bool:
    return item.ended or item.gone or item.answered


def _hearers(
    item: NotifiedItem, asked: OpinionAsked, known: RungContext
) -> Iterable[tuple[PersonId, bool]]:
    """For whom it is meant, and whether only once it is late."""
    if asked.service == item.service:
        return
    holder = item.agent or _head(item.service, known)
    for person, late_only in ((_head(asked.service, known), False), (holder, True)):
        if person is not None:
            yield person, late_only


def _head(service: ServiceId, known: RungContext) -> PersonId | None:
    row = known.site.service_now(service)
    return None if row is None else PersonId(row.head)


async def section(
    connection: Connection, row: LedgerRow, known: RungContext, person: Person
) -> tuple[Section, ...]:
    """Makes the digest section about opinions between services; empty without any that is open."""
    told = await opinions.of_digest(connection, row.entry.notice_id)
    stated = await facts.of(connection, told)
    lines = [
        line
        for item_id, given in stated.items()
        if (item := fold(given)) is not None
        and not _is_over(item)
        and may_be_told(person, item, known.site)
        for line in _lines(item, told[item_id], known)
    ]
    return (digest_sections.section(TITLE, lines),) if lines else ()


def _lines(
    item: NotifiedItem, events: Iterable[EventId], known: RungContext
) -> Iterable[DigestLine]:
    category, wanted = known.site.category_now(item.classification.category), frozenset(events)
    for asked in item.opinions:
        if asked.event_id not in wanted:
            continue
        yield DigestLine(
            chrono=item.registered.chrono,
            label=category.label if category else "à qualifier",
            received=day_of(item.receipt, known.site.zone),
            limit=asked.until,
            left=known.days.between(known.today, asked.until)
            if known.today <= asked.until
            else -known.days.between(asked.until, known.today),
            url=digest_sections.item_url(known.site, item.registered.chrono),
            what=f"avis demandé à {_short(asked.service, known)} par"
            f" {_short(item.service, known)} pour le",
        )


def _short(service: ServiceId, known: RungContext) -> str:
    row = known.site.service_now(service)
    return service if row is None else row.short
