"""The chain of quality: what is stated about figures and promises, linked and told like all facts.

Its lock is taken after those of items, and last but the counter of chronos.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime
from operator import itemgetter
from typing import Any, Final, TypeVar
from uuid import UUID

import asyncpg

from services.desk.domain import evidence
from services.desk.domain.evidence import Link
from services.desk.domain.months import Month
from services.desk.domain.stamp import REGISTER
from services.desk.store import months
from shared.facts import ids
from shared.facts.envelope import Digest, EventId
from shared.facts.origin import MACHINE, Origin
from shared.facts.quality import QUALITY, MonthClosed, Quality, QualityFact, SubjectId
from shared.platform.database import Connection
from shared.platform.messaging import outbox
from shared.platform.postgres import rows

SCHEMA = "desk"
TABLE: Final = "desk.quality_facts"
T = TypeVar("T", bound=QualityFact)


@dataclass(frozen=True, slots=True)
class Author:
    """The author of a quality fact: préfecture, person or machine, with the way and the moment."""

    site: str
    by: str
    now: datetime
    origin: Origin = MACHINE


async def lock_chain(connection: Connection) -> None:
    """Locks the quality chain, so that nobody else appends to it until the transaction ends."""
    await connection.execute("SELECT pg_advisory_xact_lock(hashtext('desk quality'))")


async def begin(connection: Connection, site: str, now: datetime) -> None:
    """Begins the quality chain, if it is empty, with the months that were closed before it."""
    if await _last(connection, site) == 0:
        await _begin(connection, site, now)


async def state(
    connection: Connection,
    author: Author,
    subject: SubjectId,
    kind: type[T],
    /,
    **said: Any,
) -> T:
    """Appends a fact about a subject to the quality chain and puts it into the outbox."""
    seq = await _last(connection, author.site)
    if seq == 0:
        seq = await _begin(connection, author.site, author.now)
    fact = kind(**_envelope(author, subject, kind, seq + 1) | said)
    await _keep(connection, author.site, fact)
    return fact


async def _last(connection: Connection, site: str) -> int:
    """The last `seq`, once nobody else states anything of the chain."""
    await lock_chain(connection)
    return int(
        await connection.fetchval(
            "SELECT coalesce(max(seq), 0) FROM desk.quality_facts WHERE chain_id = $1",
            ids.quality_chain(site),
        )
    )


async def _begin(connection: Connection, site: str, now: datetime) -> int:
    author, seq = Author(site, REGISTER, now), 0
    for seq, month in enumerate(reversed(await months.every(connection)), start=1):
        subject = month_id(site, month.month.isoformat())
        fact = MonthClosed(
            **_envelope(author, subject, MonthClosed, seq) | {"happened_at": month.closed_at},
            **month_told(month, len(await months.promises(connection, month.month))),
        )
        await _keep(connection, site, fact)
    return seq


def month_id(site: str, month: str) -> SubjectId:
    """Returns the subject id under which a month, named by its first day, has its facts."""
    return ids.quality_id(site, "month", month)


def month_told(month: Month, n: int) -> dict[str, Any]:
    """Returns the fields of the fact that closes a month's figures; `n`: number of deadlines."""
    return {
        "month": month.month,
        "hash": Digest(month.hash),
        "n": n,
        "definition": month.definition,
        "rules": month.rules,
        "calendar": Digest(month.calendar),
    }


def _envelope(
    author: Author, subject: SubjectId, kind: type[QualityFact], seq: int
) -> dict[str, Any]:
    return {
        "event_id": EventId(ids.event_id(subject, kind.__name__, seq)),
        "subject_id": subject,
        "seq": seq,
        "happened_at": author.now,
        "recorded_at": author.now,
        "by": author.by,
        **author.origin.fields,
    }


async def _keep(connection: Connection, site: str, fact: QualityFact) -> None:
    chain = ids.quality_chain(site)
    before = await connection.fetchval(
        "SELECT link FROM desk.quality_facts WHERE chain_id = $1 AND seq = $2", chain, fact.seq - 1
    )
    payload = fact.model_dump_json()
    await connection.execute(
        """
        INSERT INTO desk.quality_facts (chain_id, seq, event_id, subject_id, type, by, happened_at,
                                        recorded_at, payload, link)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        """,
        chain,
        fact.seq,
        fact.event_id,
        fact.subject_id,
        fact.type,
        fact.by,
        fact.happened_at,
        fact.recorded_at,
        payload,
        evidence.link(before or evidence.GENESIS, payload, fact.by, fact.recorded_at),
    )
    await outbox.put(connection, SCHEMA, [fact])


async def links(connection: Connection, site: str) -> Sequence[Link]:
    """Returns all links of a site's quality chain, from its first fact."""
    found = await connection.fetch(
        """
        SELECT seq, payload, by, recorded_at, link FROM desk.quality_facts
        WHERE chain_id = $1 ORDER BY seq
        """,
        ids.quality_chain(site),
    )
    return [Link(**row) for row in found]


async def others(connection: Connection, site: str) -> int:
    """Counts quality facts in chains that are not the site's, which is a sign of tampering."""
    return int(
        await connection.fetchval(
            "SELECT count(*) FROM desk.quality_facts WHERE chain_id <> $1", ids.quality_chain(site)
        )
    )


async def is_stated(connection: Connection, subject: UUID, kind: type[QualityFact]) -> bool:
    """Returns whether a subject has a quality fact of a kind, readable or not."""
    return bool(
        await connection.fetchval(
            """
            SELECT EXISTS (SELECT FROM desk.quality_facts WHERE subject_id = $1 AND type = $2)
            """,
            subject,
            kind.__name__,
        )
    )


async def known_events(connection: Connection, events: Sequence[EventId]) -> AbstractSet[EventId]:
    """Returns those of these facts' ids that are in the quality chain already."""
    found = await connection.fetch(
        "SELECT event_id FROM desk.quality_facts WHERE event_id = ANY ($1::uuid[])", list(events)
    )
    return {EventId(row["event_id"]) for row in found}


async def of_kinds(connection: Connection, kinds: Sequence[type[QualityFact]]) -> Sequence[Quality]:
    """Returns the quality facts of some kinds, in order; unreadable rows are left out."""
    found = await connection.fetch(
        "SELECT seq, payload FROM desk.quality_facts WHERE type = ANY ($1::text[]) ORDER BY seq",
        [kind.__name__ for kind in kinds],
    )
    return rows.readable(TABLE, found, itemgetter("seq"), _read)


async def latest(
    connection: Connection, kinds: Sequence[type[QualityFact]], before: int | None, most: int
) -> tuple[Sequence[Quality], int | None]:
    """Returns the last quality facts of some kinds, latest first, without unreadable rows.

    `before`: only those with a lower `seq`. Returns with them the `before` of the next page, `None`
    if this is the last. A page may have fewer than `most` facts, as unreadable rows count in it.
    """
    found = await connection.fetch(
        """
        SELECT seq, payload FROM desk.quality_facts
        WHERE type = ANY ($1::text[]) AND ($2::bigint IS NULL OR seq < $2)
        ORDER BY seq DESC LIMIT $3
        """,
        [kind.__name__ for kind in kinds],
        before,
        most + 1,
    )
    page = found[:most]
    after = int(page[-1]["seq"]) if len(found) > most else None
    return rows.readable(TABLE, page, itemgetter("seq"), _read), after


async def at(connection: Connection, seq: int) -> Quality | None:
    """Returns the quality fact with this `seq`; `None` if there is none that can be read."""
    found = await connection.fetch(
        "SELECT seq, payload FROM desk.quality_facts WHERE seq = $1 LIMIT 1", seq
    )
    return next(iter(rows.readable(TABLE, found, itemgetter("seq"), _read)), None)


async def count_of_kinds(connection: Connection, kinds: Sequence[type[QualityFact]]) -> int:
    """Counts the quality facts of some kinds, readable or not."""
    return int(
        await connection.fetchval(
            "SELECT count(*) FROM desk.quality_facts WHERE type = ANY ($1::text[])",
            [kind.__name__ for kind in kinds],
        )
    )


async def of_subject(connection: Connection, subject: UUID, kind: type[T]) -> Sequence[T]:
    """Returns the quality facts of one kind about a subject; unreadable rows are left out."""
    found = await connection.fetch(
        """
        SELECT seq, payload FROM desk.quality_facts
        WHERE subject_id = $1 AND type = $2 ORDER BY seq
        """,
        subject,
        kind.__name__,
    )
    facts = rows.readable(TABLE, found, itemgetter("seq"), _read)
    return [fact for fact in facts if isinstance(fact, kind)]


def _read(row: asyncpg.Record) -> Quality:
    return QUALITY.validate_json(row["payload"])


async def since(connection: Connection, moment: datetime | None) -> Sequence[Quality]:
    """Returns the quality facts recorded since a moment, to republish them.

    `None`: all facts. Unreadable ones are left out.
    """
    found = await connection.fetch(
        """
        SELECT seq, payload FROM desk.quality_facts
        WHERE $1::timestamptz IS NULL OR recorded_at >= $1 ORDER BY seq
        """,
        moment,
    )
    return rows.readable(TABLE, found, itemgetter("seq"), _read)


@dataclass(frozen=True, slots=True)
class Sealed:
    """The root (seal of all evidence) that first covered a fact of the quality chain."""

    day: date
    root: Digest


async def sealed_month(connection: Connection, site: str, month: date) -> Sealed | None:
    """Returns the root that first sealed the closing of a month; `None`: none has yet."""
    row = await connection.fetchrow(
        """
        SELECT r.day, r.root FROM desk.quality_facts f
        JOIN desk.root_heads h ON h.item_id = f.chain_id AND h.seq >= f.seq
        JOIN desk.roots r ON r.night = h.night
        WHERE f.subject_id = $1 AND f.type = 'MonthClosed' ORDER BY r.night LIMIT 1
        """,
        month_id(site, month.isoformat()),
    )
    return None if row is None else Sealed(row["day"], Digest(row["root"]))
