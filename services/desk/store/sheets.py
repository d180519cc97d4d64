"""All that the register knows of one item."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from services.desk.domain import evidence
from services.desk.domain.clocks import ItemClock
from services.desk.domain.disposition import Disposition
from services.desk.domain.fold import fold
from services.desk.domain.item import Item
from services.desk.store import clocks, fact_history, former_chronos, item_links, notices, warnings
from services.desk.store.item_links import Related
from services.desk.store.notices import Notice
from services.desk.store.warnings import Warned
from shared.facts.envelope import ArrivalId, BlobKey, Chrono, Digest, ItemId
from shared.facts.items import Items
from shared.facts.vocabulary import ClockName
from shared.platform.database import Connection
from shared.platform.postgres import rows


@dataclass(frozen=True, slots=True)
class ArrivalAppearance:
    """An arrival of an item: the one that opened it, a message, a copy or a departure."""

    arrival_id: ArrivalId
    word: Disposition
    source: str
    received_at: datetime
    original: BlobKey
    pli: BlobKey | None
    label: str | None
    erased_at: datetime | None = None
    """When its content was withdrawn or destroyed."""
    correspondent: Digest | None = None
    """Pseudonym of its sender; paper, a departure and what was erased have none."""


@dataclass(frozen=True, slots=True)
class ItemSheet:
    """All data of one item: facts, deadlines, notices, arrivals, reminders, old numbers."""

    item: Item
    facts: Sequence[Items]
    clocks: Mapping[ClockName, ItemClock]
    notices: Sequence[Notice]
    arrivals: Sequence[ArrivalAppearance]
    departures: Sequence[Chrono]
    linked: Related | None
    warned: Sequence[Warned] = ()
    """Reminders and escalations that sla told of its limits."""
    former: Sequence[Chrono] = ()
    """Numbers that it had before a restore of the database, and that people may hold."""
    namesakes: Mapping[Chrono, Chrono] = field(default_factory=dict)
    """The item that had this one's number before such a restore, by its number of now."""
    hidden: frozenset[Chrono] = frozenset()
    """Numbers of other items in its facts whose existence its reader may not know of."""


async def sheet(connection: Connection, item_id: ItemId) -> ItemSheet:
    """Loads everything about one item; unreadable deadlines and reminders are left out.

    Raises UnreadableRow when a fact can't be read.
    """
    stated = (await fact_history.of_items(connection, [item_id]))[item_id]
    running, unreadable = await clocks.readable(connection, [item_id])
    rows.leave_out(unreadable.values())
    arrivals = await connection.fetch(
        """
        SELECT arrival_id, word, source, received_at, original, pli, label, erased_at,
               correspondent
        FROM desk.arrivals WHERE item_id = $1 ORDER BY word <> 'item', received_at, arrival_id
        """,
        item_id,
    )
    departures = await connection.fetch(
        "SELECT chrono FROM desk.departures WHERE item_id = $1 ORDER BY chrono", item_id
    )
    item, left = fold(stated), [Chrono(row["chrono"]) for row in departures]
    return ItemSheet(
        item=item,
        facts=stated,
        clocks={name: clock for (_, name), clock in running.items()},
        notices=await notices.of_item(connection, item_id),
        arrivals=[
            ArrivalAppearance(
                ArrivalId(row["arrival_id"]),
                Disposition(row["word"]),
                row["source"],
                row["received_at"],
                BlobKey(row["original"]),
                row["pli"] and BlobKey(row["pli"]),
                row["label"],
                row["erased_at"],
                row["correspondent"] and Digest(row["correspondent"]),
            )
            for row in arrivals
        ],
        departures=left,
        linked=await item_links.linked_to(connection, item_id),
        warned=await warnings.of_item(connection, item_id),
        former=await former_chronos.of_item(connection, item_id),
        namesakes=await former_chronos.had_by(connection, item_id, [item.chrono, *left]),
    )


@dataclass(frozen=True, slots=True)
class BrokenChain:
    """An item whose evidence chain does not hold, with the fact where it breaks."""

    item_id: UUID
    chrono: Chrono | None
    seq: int
    why: str


async def verify(
    connection: Connection, item_id: ItemId | None = None, *, page: int = 500
) -> tuple[int, Sequence[BrokenChain]]:
    """Verifies the evidence chain of one item or of all; returns the count and the broken ones."""
    checked, broken, after = 0, list[BrokenChain](), None
    while True:
        rows = await connection.fetch(
            """
            SELECT f.item_id, i.chrono, i.seq AS last, f.seq, f.payload, f.by, f.recorded_at, f.link
            FROM (SELECT DISTINCT item_id FROM desk.facts
                  WHERE ($1::uuid IS NULL OR item_id = $1) AND ($2::uuid IS NULL OR item_id > $2)
                  ORDER BY item_id LIMIT $3) AS page
            JOIN desk.facts f USING (item_id)
            LEFT JOIN desk.items i ON i.item_id = f.item_id
            ORDER BY f.item_id, f.seq
            """,
            item_id,
            after,
            page,
        )
        chains: dict[UUID, list[evidence.Link]] = {}
        heads: dict[UUID, tuple[Chrono | None, int | None]] = {}
        for row in rows:
            heads[row["item_id"]] = (row["chrono"], row["last"])
            chains.setdefault(row["item_id"], []).append(
                evidence.Link(
                    row["seq"], row["payload"], row["by"], row["recorded_at"], row["link"]
                )
            )
        for id_, links in chains.items():
            chrono, last = heads[id_]
            if (found := evidence.verify(links, last)) is not None:
                broken.append(BrokenChain(id_, chrono, found.seq, found.why))
        checked += len(chains)
        if len(chains) < page:
            return checked, broken
        after = max(chains)
