"""Uses of standard letters: which version was composed for which item, and by which way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

import asyncpg

from shared.facts.envelope import BlobKey, Chrono, ItemId, PersonId
from shared.facts.vocabulary import NoticeKind
from shared.platform.database import Connection

LetterWay = Literal["mail", "pdf", "odt"]
"""By which way a letter was composed."""


@dataclass(frozen=True, slots=True)
class Use:
    """A use of a standard letter for an item: version, kind, way, person and moment."""

    item_id: ItemId
    version: str
    """`letter@number`."""
    kind: NoticeKind
    by: LetterWay
    person: PersonId
    at: datetime
    until: date | None = None
    addressee: str | None = None
    """Code of the administration to which it says that the item was transmitted."""
    adapted: bool = False
    files: Sequence[BlobKey] = ()
    """Blobs that lie beside its pli: what leaves with it, and its PDF; written, never read."""
    chrono: Chrono | None = None
    """Of the item; read, never written."""


async def keep_use(connection: Connection, decision: UUID, use: Use) -> None:
    """Stores that a version of a standard letter was used for an item, once per decision."""
    letter, _, number = use.version.partition("@")
    await connection.execute(
        """
        INSERT INTO desk.letter_uses
            (decision, item_id, letter, number, kind, way, until, addressee, adapted, person,
             used_at, files)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING
        """,
        decision,
        use.item_id,
        letter,
        int(number),
        use.kind.value,
        use.by,
        use.until,
        use.addressee,
        use.adapted,
        use.person,
        use.at,
        list(use.files),
    )


async def on_paper(
    connection: Connection, item_ids: Sequence[ItemId]
) -> Mapping[tuple[ItemId, NoticeKind], Use]:
    """Returns the last standard letter of each kind taken to be printed, for these items."""
    rows = await connection.fetch(
        """
        SELECT DISTINCT ON (item_id, kind) * FROM desk.letter_uses
        WHERE item_id = ANY($1::uuid[]) AND way <> 'mail' ORDER BY item_id, kind, used_at DESC
        """,
        item_ids,
    )
    uses = [_use(row) for row in rows]
    return {(use.item_id, use.kind): use for use in uses}


async def thirds_to_leave(
    connection: Connection, bearers: Mapping[ItemId, ItemId]
) -> Mapping[ItemId, Sequence[Use]]:
    """Returns the last paper taken for each third party whose letter has not left since.

    `bearers`: the item by whose number a letter was taken → the item that it is now, after mergers.
    The uses stand by the former. One has left when its third party was said to be awaited after it
    was taken.
    """
    rows = await connection.fetch(
        """
        SELECT DISTINCT ON (use.item_id, use.addressee) use.*
        FROM unnest($1::uuid[], $2::uuid[]) AS bearer (item_id, now_id)
        JOIN desk.letter_uses AS use USING (item_id)
        WHERE use.way <> 'mail' AND use.kind = 'third' AND use.addressee IS NOT NULL
          AND NOT EXISTS (SELECT FROM desk.facts AS fact
                          WHERE fact.item_id IN (bearer.item_id, bearer.now_id)
                            AND fact.type = 'AwaitingThird' AND fact.recorded_at >= use.used_at
                            AND fact.payload::jsonb ->> 'who' = use.addressee)
        ORDER BY use.item_id, use.addressee, use.used_at DESC
        """,
        list(bearers),
        list(bearers.values()),
    )
    found = dict[ItemId, list[Use]]()
    for row in rows:
        found.setdefault(ItemId(row["item_id"]), []).append(_use(row))
    return found


async def uses(
    connection: Connection, letter: str, number: int | None = None, limit: int = 200
) -> Sequence[Use]:
    """Returns the `limit` latest uses of a standard letter, or of one version, latest first."""
    rows = await connection.fetch(
        """
        SELECT use.*, item.chrono FROM desk.letter_uses AS use
        JOIN desk.items AS item USING (item_id)
        WHERE letter = $1 AND ($2::int IS NULL OR number = $2)
        ORDER BY used_at DESC, decision LIMIT $3
        """,
        letter,
        number,
        limit,
    )
    return [_use(row, Chrono(row["chrono"])) for row in rows]


async def counts(connection: Connection) -> Mapping[str, int]:
    """Counts how often each version of a standard letter (`letter@number`) was used."""
    rows = await connection.fetch(
        """
        SELECT letter, number, sum(n) AS n FROM desk.letter_uses_counts GROUP BY letter, number
        """
    )
    return {f"{row['letter']}@{row['number']}": int(row["n"]) for row in rows}


def _use(row: asyncpg.Record, chrono: Chrono | None = None) -> Use:
    return Use(
        item_id=ItemId(row["item_id"]),
        version=f"{row['letter']}@{row['number']}",
        kind=NoticeKind(row["kind"]),
        by=row["way"],
        person=PersonId(row["person"]),
        at=row["used_at"],
        until=row["until"],
        addressee=row["addressee"],
        adapted=row["adapted"],
        chrono=chrono,
    )
