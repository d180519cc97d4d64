"""Lines into the register, a hundred at a time.

A line's id says whether it was taken: an import that ended half-way is simply started again. Plis
are on the disk before the transaction that names them. Whoever wrote an item taken over is known by
the same pseudonym as in an arrival: a reply to them that is seen in Sent finds it.
"""

import asyncio
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID, uuid5

from services.desk import statements
from services.desk.domain.stamp import Stamp
from services.desk.migration.spreadsheet.column_map import Mapped
from services.desk.migration.spreadsheet.grid import Grid
from services.desk.migration.spreadsheet.lines import (
    ImportContext,
    ImportLine,
    JudgedLine,
    LineRefusal,
    judge,
)
from services.desk.migration.store import legacy_records
from services.desk.store import counters, item_numbers
from shared.content import plis
from shared.content.blobs import Blob, Blobs
from shared.content.chronos import Direction
from shared.content.plis import Correspondent, Pli
from shared.content.site_keys import SiteKeys
from shared.content.tokens import pseudonym
from shared.errors import Refused
from shared.facts.authors import by_person
from shared.facts.envelope import BlobKey, Chrono, Digest, On, PersonId
from shared.facts.items import Items
from shared.facts.items.base import Classification
from shared.facts.items.registration import ItemRegistered
from shared.facts.origin import IMPORT, Origin
from shared.facts.vocabulary import Nature
from shared.platform.database import Connection, Pool, transaction
from shared.site.staff.directory import Directory
from shared.site.tables.bundle import AppliedSite
from shared.values import ADDRESS

AT_ONCE: Final = 100


@dataclass(frozen=True, slots=True)
class ImportAuthor:
    """The context of an import from another register: who imports, when, by which rules."""

    person: PersonId
    now: datetime
    applied: AppliedSite
    secret: SiteKeys | None
    """Of the site (shared/content/tokens.py); without it nobody is known by a pseudonym."""
    origin: Origin = IMPORT

    @property
    def year(self) -> int:
        """The local year in which chronos are given to imported items."""
        return self.now.astimezone(self.applied.site.zone).year


class ImportProgress(Protocol):
    """The interface of what follows an import and may stop it after each hundred lines."""

    async def goes_on(self, connection: Connection) -> bool:
        """Returns whether the import takes the next hundred lines."""

    async def took(self, connection: Connection, opened: int, closed: int) -> None:
        """Records how many open and closed lines this transaction imported."""


class Unfollowed:
    """A progress that records nothing and lets the import go to its end."""

    async def goes_on(self, connection: Connection) -> bool:
        """Returns True: the import always goes on; see ImportProgress."""
        del connection
        return True

    async def took(self, connection: Connection, opened: int, closed: int) -> None:
        """Records nothing of an import's progress; see ImportProgress."""


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """The plan of an import (dry run): lines to import, refused lines, those imported before."""

    open: Sequence[ImportLine]
    past: Sequence[ImportLine]
    refusals: Sequence[LineRefusal]
    known: int
    """Lines that were taken before."""
    next_number: int
    """Of this year's arrivals, after it."""


async def plan(
    connection: Connection,
    grid: Grid,
    mapped: Mapped,
    site: tuple[AppliedSite, Directory],
    now: datetime,
    next_number: int | None,
    *,
    begun: bool = False,
) -> ImportPlan:
    """Plans an import: checks every line of a file against site and register.

    `begun`: an earlier run took some lines, so that the register has given numbers from
    `next_number` on. Raises Refused.
    """
    applied, directory = site
    local = now.astimezone(applied.site.zone)
    last = await counters.last(connection, Direction.ARRIVAL, local.year)
    if next_number is not None and next_number <= last and not begun:
        raise Refused(
            f"This year's number {last} is taken: the next one is {last + 1}.",
            "import-next",
            number=last + 1,
        )
    following = next_number or last + 1
    known = ImportContext(applied, directory, local.date(), following)
    judged = await asyncio.to_thread(judge, grid, mapped, known)
    return await _against_register(connection, judged, following)


async def _against_register(
    connection: Connection, judged: JudgedLine, following: int
) -> ImportPlan:
    taken = await legacy_records.ids_in_use(connection, [line.item_id for line in judged.lines])
    fresh = [line for line in judged.lines if line.item_id not in taken]
    borne = await item_numbers.by_chronos(
        connection, [line.chrono for line in fresh if line.chrono]
    )
    doubles = [
        LineRefusal(
            line.number,
            Refused(f"Another item bears {line.chrono}.", "import-line-borne", chrono=line.chrono),
        )
        for line in fresh
        if line.chrono in borne
    ]
    free = [line for line in fresh if line.chrono not in borne]
    return ImportPlan(
        open=[line for line in free if not line.closed],
        past=[line for line in free if line.closed],
        refusals=sorted([*judged.refusals, *doubles], key=lambda refusal: refusal.number),
        known=len(judged.lines) - len(fresh),
        next_number=following,
    )


async def take(
    pool: Pool,
    blobs: Blobs,
    found: ImportPlan,
    by: ImportAuthor,
    progress: ImportProgress | None = None,
) -> bool:
    """Imports the planned lines, a hundred in a transaction; returns whether it reached the end.

    After a crash whole hundreds stay, and the rest is planned again. `progress` may stop it after
    any hundred.
    """
    follows = progress or Unfollowed()
    async with transaction(pool) as connection:
        # The register's next number; its row stays locked as it does when one is taken.
        await counters.at_least(connection, Direction.ARRIVAL, by.year, found.next_number - 1)
    for some in _hundreds(found):
        keyed = await _kept(blobs, some)
        async with transaction(pool) as connection:
            if not await follows.goes_on(connection):
                return False
            await follows.took(connection, *await _take(connection, keyed, by))
    return True


def _hundreds(found: ImportPlan) -> Iterator[Sequence[ImportLine]]:
    everything = [*found.open, *found.past]
    for start in range(0, len(everything), AT_ONCE):
        yield everything[start : start + AT_ONCE]


async def _kept(blobs: Blobs, some: Sequence[ImportLine]) -> Sequence[tuple[ImportLine, BlobKey]]:
    keys = await blobs.put_many(
        [Blob(line.received.year, line.item_id, plis.octets(_pli(line))) for line in some]
    )
    return list(zip(some, keys, strict=True))


async def _take(
    connection: Connection, some: Sequence[tuple[ImportLine, BlobKey]], by: ImportAuthor
) -> tuple[int, int]:
    """How many open and closed lines were not there yet."""
    site = by.applied.site
    taken = await legacy_records.ids_in_use(connection, [line.item_id for line, _ in some])
    fresh = [(line, key) for line, key in some if line.item_id not in taken]
    closed = [pair for pair in fresh if pair[0].closed]
    await legacy_records.keep(connection, closed, by_person(by.person), by.now)
    opened = [(line, key) for line, key in fresh if not line.closed]
    unnamed = [line.item_id for line, _ in opened if line.chrono is None]
    given = await counters.take(
        connection, site.identity.department, by.year, Direction.ARRIVAL, len(unnamed)
    )
    chronos = dict(zip(unnamed, given, strict=True))
    facts: list[Items] = [
        _registered(line, key, line.chrono or chronos[line.item_id], by) for line, key in opened
    ]
    await statements.state(connection, {}, facts, site.zone)
    return len(opened), len(closed)


def _registered(line: ImportLine, key: BlobKey, chrono: Chrono, by: ImportAuthor) -> ItemRegistered:
    site = by.applied.site
    row = site.category[line.category]
    complaint = row.nature is Nature.COMPLAINT
    stamp = Stamp(line.item_id, 0, _cause(line), by_person(by.person), by.now, by.origin)
    return ItemRegistered(
        **stamp(1),
        chrono=chrono,
        channel=line.channel,
        receipt=On(day=line.received),
        classification=Classification(
            category=line.category, nature=row.nature, perimeter=row.perimeter, reason=row.reason
        ),
        service=line.service,
        agent=None if complaint else line.agent,
        informed=(PersonId(site.identity.quality_officer),) if complaint else (),
        qualified=True,
        arrival_id=None,
        pli=key,
        correspondent=_correspondent(line.address, by.secret),
        imported=True,
    )


def _correspondent(address: str, secret: SiteKeys | None) -> Digest | None:
    """As ingest blurs whoever is to be answered; `None` for what is not one address alone."""
    if secret is None or not re.fullmatch(ADDRESS.strip("^$"), address):
        return None
    return pseudonym(secret, "address", address.lower())


def _cause(line: ImportLine) -> UUID:
    return uuid5(line.item_id, "import")


def _pli(line: ImportLine) -> Pli:
    sender = Correspondent(name=line.sender, address=line.address, postal=line.postal)
    named = f"Numéro dans l’ancien registre : {line.named}" if line.named else ""
    text = "\n".join(part for part in (named, line.note) if part)
    return Pli(kind="keyed", sender=sender, answer_to=sender, subject=line.subject, text=text)
