"""What the register holds of one person: by the pseudonym of their address, and by numbers."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.desk.domain.disposition import Disposition
from shared.facts.envelope import ArrivalId, BlobKey, Chrono, Digest, ItemId
from shared.platform.database import Connection

MOST_ITEMS: Final = 200
"""Of one person: more is somebody who writes for others, and is asked for in parts."""
MOST_LOOSE: Final = 200
"""Messages without an item that a package has."""


@dataclass(frozen=True, slots=True)
class PersonItem:
    """An item in which a person wrote; `whole`: it is theirs, not another's in which they wrote."""

    item_id: ItemId
    chrono: Chrono
    whole: bool


@dataclass(frozen=True, slots=True)
class LooseArrival:
    """Arrival of a person, without item: set aside, in quarantine, or from before go-live."""

    arrival_id: ArrivalId
    word: Disposition
    received_at: datetime
    original: BlobKey


@dataclass(frozen=True, slots=True)
class Consultation:
    """A line of the access journal about an item: when, what was done, by which person."""

    at: datetime
    what: str
    person: str | None
    about: str


async def correspondents_of(
    connection: Connection, item_ids: Collection[ItemId]
) -> frozenset[Digest]:
    """Returns the pseudonyms of those to whom items are answered; paper has none."""
    rows = await connection.fetch(
        """
        SELECT DISTINCT correspondent FROM desk.items
        WHERE item_id = ANY($1::uuid[]) AND correspondent IS NOT NULL
        """,
        list(item_ids),
    )
    return frozenset(Digest(row["correspondent"]) for row in rows)


async def items_of(
    connection: Connection, correspondents: Collection[Digest], named: Collection[ItemId] = ()
) -> Sequence[PersonItem]:
    """Returns the items in which persons with these pseudonyms wrote, and those named, by chrono.

    Those whose content is gone have no pseudonym any more, and are not among them. At most one more
    than `MOST_ITEMS`.
    """
    rows = await connection.fetch(
        """
        SELECT i.item_id, i.chrono,
               coalesce(i.correspondent = ANY($1::text[]), false) OR i.item_id = ANY($2::uuid[])
                   AS whole
        FROM desk.items i
        WHERE i.state <> 'destroyed'
          AND (i.correspondent = ANY($1::text[]) OR i.item_id = ANY($2::uuid[])
               OR i.item_id IN (SELECT item_id FROM desk.arrivals
                                WHERE correspondent = ANY($1::text[]) AND item_id IS NOT NULL))
        ORDER BY i.chrono LIMIT $3
        """,
        list(correspondents),
        list(named),
        MOST_ITEMS + 1,
    )
    return [PersonItem(ItemId(row["item_id"]), Chrono(row["chrono"]), row["whole"]) for row in rows]


async def own_originals(
    connection: Connection, item_id: ItemId, correspondents: Collection[Digest]
) -> frozenset[BlobKey]:
    """Returns the originals that persons with these pseudonyms brought to an item."""
    rows = await connection.fetch(
        """
        SELECT original FROM desk.arrivals
        WHERE item_id = $1 AND correspondent = ANY($2::text[]) AND erased_at IS NULL
        """,
        item_id,
        list(correspondents),
    )
    return frozenset(BlobKey(row["original"]) for row in rows)


async def loose_arrivals(
    connection: Connection, correspondents: Collection[Digest]
) -> Sequence[LooseArrival]:
    """Returns the arrivals of these persons of which no item was made, by moment of receipt.

    At most one more than `MOST_LOOSE`.
    """
    rows = await connection.fetch(
        """
        SELECT arrival_id, word, received_at, original FROM desk.arrivals
        WHERE correspondent = ANY($1::text[]) AND erased_at IS NULL
          AND word IN ('history', 'set_aside', 'quarantine')
        ORDER BY received_at, arrival_id LIMIT $2
        """,
        list(correspondents),
        MOST_LOOSE + 1,
    )
    return [
        LooseArrival(
            ArrivalId(row["arrival_id"]),
            Disposition(row["word"]),
            row["received_at"],
            BlobKey(row["original"]),
        )
        for row in rows
    ]


async def consultations(
    connection: Connection, chronos: Collection[Chrono]
) -> Sequence[Consultation]:
    """Returns who read these items or took a file of them, as far back as the journal goes."""
    rows = await connection.fetch(
        """
        SELECT at, what, person, about FROM desk.journal
        WHERE about = ANY($1::text[]) AND what IN ('reading', 'download', 'audit')
        ORDER BY at, id
        """,
        list(chronos),
    )
    return [Consultation(row["at"], row["what"], row["person"], row["about"]) for row in rows]
