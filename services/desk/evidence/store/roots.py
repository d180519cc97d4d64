"""The roots of the evidence: sealed, kept for ever, compared with the chains."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.desk.domain.roots import Head, Root
from services.desk.store.roots import COLUMNS, root_of
from services.desk.store.sheets import BrokenChain
from shared.facts.envelope import Chrono, Digest, EventId, ItemId
from shared.platform.database import Connection

_PAGE = 1_000


async def lock_sealing(connection: Connection) -> None:
    """Locks the sealing of evidence: other processes wait until this transaction ends."""
    await connection.execute("SELECT pg_advisory_xact_lock(hashtext('desk evidence'))")
    # A plan that was kept from a night with empty tables would read them whole for each chain.
    await connection.execute("SET LOCAL plan_cache_mode = force_custom_plan")


async def any_grown(connection: Connection) -> bool:
    """Returns whether any evidence chain grew since the last root."""
    return bool(await connection.fetchval("SELECT EXISTS (SELECT FROM desk.to_seal)"))


async def grown(connection: Connection) -> Sequence[Head]:
    """Removes the marks of the chains that grew since the last root, and returns their heads.

    The caller seals them in this transaction. A page of ids at a time: each is found by its key,
    whatever the planner knows of the tables.
    """
    noted = await connection.fetch("DELETE FROM desk.to_seal RETURNING item_id")
    ids = sorted({row["item_id"] for row in noted})
    heads = list[Head]()
    for start in range(0, len(ids), _PAGE):
        rows = await connection.fetch(
            """
            SELECT head.item_id, head.seq, head.link
            FROM unnest($1::uuid[]) AS one (item_id),
                 LATERAL (SELECT item_id, seq, link FROM desk.chained f
                          WHERE f.item_id = one.item_id ORDER BY seq DESC LIMIT 1) AS head,
                 LATERAL (SELECT max(seq) AS seq FROM desk.root_heads h
                          WHERE h.item_id = one.item_id) AS sealed
            WHERE head.seq > coalesce(sealed.seq, 0)
            """,
            ids[start : start + _PAGE],
        )
        heads += [Head(row["item_id"], row["seq"], row["link"]) for row in rows]
    return heads


async def keep(connection: Connection, root: Root, heads: Sequence[Head]) -> None:
    """Stores a root and the list of chain heads that it seals."""
    await connection.execute(
        """
        INSERT INTO desk.roots (night, day, heads, root, chains, sealed_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        """,
        root.night,
        root.day,
        root.heads,
        root.root,
        root.chains,
        root.sealed_at,
    )
    await connection.execute(
        """
        INSERT INTO desk.root_heads (item_id, night, seq, link)
        SELECT item_id, $4, seq, link
        FROM unnest($1::uuid[], $2::int[], $3::text[]) AS head (item_id, seq, link)
        """,
        [head.item_id for head in heads],
        [head.seq for head in heads],
        [head.link for head in heads],
        root.night,
    )


async def every(connection: Connection) -> Sequence[Root]:
    """Returns all roots, in the order in which they were sealed."""
    rows = await connection.fetch(f"SELECT {COLUMNS} FROM desk.roots ORDER BY night")  # noqa: S608  (a constant of ours)
    return [root_of(row) for row in rows]


async def heads_of(connection: Connection, night: int) -> Sequence[Head]:
    """Returns the list of chain heads that a root sealed."""
    rows = await connection.fetch(
        "SELECT item_id, seq, link FROM desk.root_heads WHERE night = $1", night
    )
    return [Head(row["item_id"], row["seq"], row["link"]) for row in rows]


async def every_list(connection: Connection) -> AsyncIterator[tuple[int, Sequence[Head]]]:
    """Yields root by root the list of chain heads that it sealed."""
    night, heads = 0, list[Head]()
    async for row in connection.cursor(
        "SELECT night, item_id, seq, link FROM desk.root_heads ORDER BY night", prefetch=_PAGE
    ):
        if row["night"] != night:
            if heads:
                yield night, heads
            night, heads = row["night"], []
        heads.append(Head(row["item_id"], row["seq"], row["link"]))
    if heads:
        yield night, heads


async def nights_of(connection: Connection, item_id: ItemId) -> Sequence[tuple[int, Head]]:
    """Returns the roots that sealed an item's chain, with the head that each one sealed."""
    rows = await connection.fetch(
        "SELECT item_id, night, seq, link FROM desk.root_heads WHERE item_id = $1 ORDER BY night",
        item_id,
    )
    return [(row["night"], Head(row["item_id"], row["seq"], row["link"])) for row in rows]


@dataclass(frozen=True, slots=True)
class Differs:
    """An evidence chain whose facts differ from what a root sealed."""

    item_id: UUID
    chrono: Chrono | None
    night: int
    why: str


async def changed_chains(
    connection: Connection, *, night: int | None = None, item_id: ItemId | None = None
) -> Sequence[Differs]:
    """Returns the chains whose facts differ from the head that a root sealed, at most 100.

    Of one root (`night`), of one item, or of all.
    """
    rows = await connection.fetch(
        """
        SELECT h.item_id, h.night, h.seq, i.chrono, f.link IS NULL AS missing
        FROM desk.root_heads h
        LEFT JOIN desk.chained f ON f.item_id = h.item_id AND f.seq = h.seq
        LEFT JOIN desk.items i ON i.item_id = h.item_id
        WHERE ($1::int IS NULL OR h.night = $1) AND ($2::uuid IS NULL OR h.item_id = $2)
          AND f.link IS DISTINCT FROM h.link
        ORDER BY h.night, h.item_id LIMIT 100
        """,
        night,
        item_id,
    )
    return [
        Differs(
            row["item_id"],
            row["chrono"],
            row["night"],
            f"fact {row['seq']} is missing"
            if row["missing"]
            else f"fact {row['seq']} is not the one that was sealed",
        )
        for row in rows
    ]


async def unsealed_chains(connection: Connection, register: ItemId) -> Sequence[BrokenChain]:
    """Returns the chains with facts that no root seals or will seal: a sign of tampering.

    At most 100 of them.
    """
    rows = await connection.fetch(
        """
        SELECT f.item_id, i.chrono, max(f.seq) AS seq
        FROM desk.chained f
        LEFT JOIN desk.items i ON i.item_id = f.item_id
        WHERE f.item_id <> $1
          AND NOT EXISTS (SELECT FROM desk.root_heads h
                          WHERE h.item_id = f.item_id AND h.seq >= f.seq)
          AND NOT EXISTS (SELECT FROM desk.to_seal t WHERE t.item_id = f.item_id)
        GROUP BY f.item_id, i.chrono LIMIT 100
        """,
        register,
    )
    return [
        BrokenChain(row["item_id"], row["chrono"], row["seq"], "no root has sealed it")
        for row in rows
    ]


async def stated_roots(connection: Connection, register: ItemId) -> dict[int, tuple[date, Digest]]:
    """Returns the roots as facts of the register state them, by number."""
    rows = await connection.fetch(
        """
        SELECT seq, payload::jsonb ->> 'day' AS day, payload::jsonb ->> 'root' AS root
        FROM desk.facts WHERE item_id = $1 ORDER BY seq
        """,
        register,
    )
    return {row["seq"]: (date.fromisoformat(row["day"]), Digest(row["root"])) for row in rows}


async def mailed_roots(connection: Connection) -> dict[EventId, tuple[date, Digest]]:
    """Returns the roots that the service notify received, by the event id of their fact."""
    rows = await connection.fetch("SELECT event_id, day, root FROM notify.seals")
    return {EventId(row["event_id"]): (row["day"], Digest(row["root"])) for row in rows}


@dataclass(frozen=True, slots=True)
class RoadDeparture:
    """An email that carries a root to one recipient (road), and the state of that email."""

    event_id: EventId
    day: date
    road: str
    root: Digest
    state: str | None
    """Of the mail in notify's ledger; `None`: it is not there any more."""
    at: datetime | None
    """Since when it stands so."""


async def root_departures(connection: Connection) -> Sequence[RoadDeparture]:
    """Returns the emails that carry roots to their recipients (roads), sent or still to be sent."""
    rows = await connection.fetch(
        """
        SELECT event_id, day, road, root, state, changed_at FROM notify.roots_left
        ORDER BY day, changed_at, road
        """
    )
    return [
        RoadDeparture(
            EventId(row["event_id"]),
            row["day"],
            row["road"],
            Digest(row["root"]),
            row["state"],
            row["changed_at"],
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class RoadState:
    """The state of one road (a recipient of roots): when the last mail left, how many wait."""

    road: str
    last: datetime | None
    """When the last mail left; `None`: none yet."""
    waiting: int
    """Roots whose mail has not left, or came back, since the last one that left."""


async def by_road(connection: Connection) -> Sequence[RoadState]:
    """Returns for each road (a recipient of roots) its last sent email, and how many wait."""
    rows = await connection.fetch(
        """
        WITH one AS (
            SELECT event_id, road, state, changed_at, (day, coalesce(night, 0)) AS place
            FROM notify.roots_left
        ), sent AS (
            SELECT DISTINCT ON (road) road, place FROM one WHERE state = 'sent'
            ORDER BY road, place DESC
        )
        SELECT road, max(one.changed_at) FILTER (WHERE one.state = 'sent') AS last,
               count(DISTINCT one.event_id)
                   FILTER (WHERE sent.road IS NULL OR one.place > sent.place) AS waiting
        FROM one LEFT JOIN sent USING (road) GROUP BY road ORDER BY road
        """
    )
    return [RoadState(row["road"], row["last"], row["waiting"]) for row in rows]
