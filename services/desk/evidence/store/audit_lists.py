"""Frozen lists, and the draws that were made from them."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime
from operator import itemgetter
from uuid import UUID

import asyncpg

from shared.facts.envelope import ItemId
from shared.facts.quality import QUALITY, DrawMade, ListFrozen, ListKind, SubjectId
from shared.platform.database import Connection
from shared.platform.postgres import rows


@dataclass(frozen=True, slots=True)
class Frozen:
    """A frozen list as stored: items an auditor draws from, or to explain before an audit."""

    number: int
    """Its place in the chain of quality, by which people name it."""
    list_id: SubjectId
    kind: ListKind
    first: date
    last: date
    by: str
    frozen_at: datetime
    n: int
    sha256: str
    content: str


@dataclass(frozen=True, slots=True)
class StatedList:
    """A frozen list or a draw, as its fact in the quality chain has it."""

    number: int
    by: str
    at: datetime
    fact: ListFrozen | DrawMade


async def keep(connection: Connection, told: ListFrozen, content: str) -> None:
    """Stores the text of a frozen list."""
    await connection.execute(
        "INSERT INTO desk.frozen_lists (list_id, content) VALUES ($1, $2)",
        told.subject_id,
        content,
    )


async def read_frozen_list(connection: Connection, number: int) -> Frozen | None:
    """Reads the frozen list with this number, or `None`. Raises UnreadableRow."""
    row = await connection.fetchrow(
        """
        SELECT f.payload, l.content FROM desk.quality_facts f
        JOIN desk.frozen_lists l ON l.list_id = f.subject_id
        WHERE f.seq = $1::numeric AND f.type = 'ListFrozen'
        """,
        number,
    )
    if row is None:
        return None
    fact = rows.read("desk.quality_facts", number, lambda: QUALITY.validate_json(row["payload"]))
    assert isinstance(fact, ListFrozen)  # noqa: S101  (the type that was asked for)
    return Frozen(
        fact.seq,
        fact.subject_id,
        fact.kind,
        fact.first,
        fact.last,
        fact.by,
        fact.recorded_at,
        fact.n,
        fact.sha256,
        row["content"],
    )


async def number_of(connection: Connection, subject: SubjectId) -> int | None:
    """Returns the number of the frozen list with this subject id, or `None`."""
    found: int | None = await connection.fetchval(
        "SELECT seq FROM desk.quality_facts WHERE subject_id = $1 AND type = 'ListFrozen'", subject
    )
    return found


async def draw(connection: Connection, number: int) -> DrawMade | None:
    """Reads the stated draw with this number, or `None`. Raises UnreadableRow."""
    payload = await connection.fetchval(
        "SELECT payload FROM desk.quality_facts WHERE seq = $1::numeric AND type = 'DrawMade'",
        number,
    )
    if payload is None:
        return None
    fact = rows.read("desk.quality_facts", number, lambda: QUALITY.validate_json(payload))
    return fact if isinstance(fact, DrawMade) else None


async def latest(
    connection: Connection, limit: int, frame: SubjectId | None = None
) -> Sequence[StatedList]:
    """Returns the `limit` last frozen lists and draws, or draws from one list, the latest first.

    Unreadable ones are left out.
    """
    found = await connection.fetch(
        """
        SELECT seq, payload FROM desk.quality_facts
        WHERE type = ANY(CASE WHEN $2::text IS NULL THEN '{ListFrozen,DrawMade}'::text[]
                              ELSE '{DrawMade}' END)
          AND ($2::text IS NULL OR payload::jsonb ->> 'frame_id' = $2)
        ORDER BY seq DESC LIMIT $1
        """,
        limit,
        None if frame is None else str(frame),
    )
    return rows.readable("desk.quality_facts", found, itemgetter("seq"), _stated)


async def contents(connection: Connection) -> "dict[SubjectId, str]":
    """Returns the text of every frozen list, by its subject id."""
    found = await connection.fetch("SELECT list_id, content FROM desk.frozen_lists")
    return {SubjectId(row["list_id"]): row["content"] for row in found}


def _stated(row: asyncpg.Record) -> StatedList:
    fact = QUALITY.validate_json(row["payload"])
    assert isinstance(fact, ListFrozen | DrawMade)  # noqa: S101  (the types that were asked for)
    return StatedList(fact.seq, fact.by, fact.recorded_at, fact)


async def ever_reserved(connection: Connection, items: Sequence[ItemId]) -> AbstractSet[UUID]:
    """Returns those of these items that are réservé, or ever were."""
    found = await connection.fetch(
        """
        SELECT item_id FROM desk.items
        WHERE item_id = ANY ($1::uuid[]) AND (was_reserved OR confidentiality <> 'normal')
        """,
        list(items),
    )
    return {row["item_id"] for row in found}
