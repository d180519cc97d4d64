"""What sla told: the rungs that stand."""

from collections.abc import Iterable, Mapping, Sequence

import asyncpg
from pydantic import ValidationError

from services.notify.store import unreadable_rows
from services.notify.store.unreadable_rows import RowPlace
from shared.facts.clocks import ClockFact, ClockStopped, LimitMoved, RungReached, RungWithdrawn
from shared.facts.envelope import ItemId, NoticeId, ServiceId
from shared.platform.database import Connection


async def lock(connection: Connection, item_ids: Iterable[ItemId]) -> Mapping[ItemId, int]:
    """Locks these items' rows in `notify.clocks`; returns the revision below which facts are old.

    Missing rows are inserted; rows are locked in the order of their ids.
    """
    ids = sorted(set(item_ids))
    await connection.execute(
        """
        INSERT INTO notify.clocks (item_id, revision) SELECT unnest($1::uuid[]), 0
        ON CONFLICT DO NOTHING
        """,
        ids,
    )
    rows = await connection.fetch(
        """
        SELECT item_id, floor FROM notify.clocks WHERE item_id = ANY($1::uuid[])
        ORDER BY item_id FOR UPDATE
        """,
        ids,
    )
    return {ItemId(row["item_id"]): row["floor"] for row in rows}


async def keep_revisions(connection: Connection, facts: Sequence[ClockFact]) -> None:
    """Stores each item's highest clock-fact revision, and the moment of the latest fact received.

    Neither ever decreases; the moment (`notify.heard`) is one for all items. Call it after `lock`,
    which inserts the items' missing rows. `facts` must not be empty.
    """
    await connection.execute(
        """
        UPDATE notify.clocks AS clock SET revision = greatest(clock.revision, new.revision)
        FROM (SELECT item_id, max(revision) AS revision
              FROM unnest($1::uuid[], $2::int[]) AS fact (item_id, revision)
              GROUP BY item_id) AS new
        WHERE clock.item_id = new.item_id
        """,
        [fact.item_id for fact in facts],
        [fact.revision for fact in facts],
    )
    await connection.execute(
        """
        INSERT INTO notify.heard (until) VALUES ($1)
        ON CONFLICT (single) DO UPDATE SET until = greatest(heard.until, excluded.until)
        """,
        max(fact.recorded_at for fact in facts),
    )


async def reach(connection: Connection, facts: Sequence[RungReached]) -> None:
    """Stores reminders published by sla; one published again is to be in a digest again."""
    if not facts:
        return
    places = (
        [fact.item_id for fact in facts],
        [fact.clock.value for fact in facts],
        [fact.rung for fact in facts],
    )
    await connection.execute(
        """
        DELETE FROM notify.rungs AS told
        USING unnest($1::uuid[], $2::text[], $3::text[]) AS again (item_id, clock, rung)
        WHERE (told.item_id, told.clock, told.rung) = (again.item_id, again.clock, again.rung)
        """,
        *places,
    )
    await connection.execute(
        """
        INSERT INTO notify.rungs (item_id, clock, rung, fact, revision)
        SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::jsonb[], $5::int[])
        """,
        *places,
        [fact.model_dump(mode="json") for fact in facts],
        [fact.revision for fact in facts],
    )
    heard = [(fact, audience) for fact in facts for audience in dict.fromkeys(fact.tell)]
    await connection.execute(
        """
        INSERT INTO notify.hearings (item_id, clock, rung, audience)
        SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[])
        """,
        [fact.item_id for fact, _ in heard],
        [fact.clock.value for fact, _ in heard],
        [fact.rung for fact, _ in heard],
        [audience.value for _, audience in heard],
    )


async def withdraw(connection: Connection, fact: RungWithdrawn) -> None:
    """Removes a reminder that sla withdrew, so that no digest lists it."""
    await connection.execute(
        "DELETE FROM notify.rungs WHERE item_id = $1 AND clock = $2 AND rung = $3",
        fact.item_id,
        fact.clock.value,
        fact.rung,
    )


async def end(connection: Connection, fact: ClockStopped) -> None:
    """Removes the reminders of a clock that has stopped."""
    await connection.execute(
        "DELETE FROM notify.rungs WHERE item_id = $1 AND clock = $2 AND revision < $3",
        fact.item_id,
        fact.clock.value,
        fact.revision,
    )


async def move(connection: Connection, fact: LimitMoved) -> None:
    """Gives the stored reminders of a clock its new limit."""
    await connection.execute(
        """
        UPDATE notify.rungs SET fact = jsonb_set(fact, '{limit}', to_jsonb($3::text))
        WHERE item_id = $1 AND clock = $2 AND revision < $4
        """,
        fact.item_id,
        fact.clock.value,
        fact.limit.isoformat(),
        fact.revision,
    )


async def standing(
    connection: Connection, services: Sequence[ServiceId] | None = None
) -> Sequence[RungReached]:
    """Reads the last reminder not withdrawn of each clock, for heads' counts and the weekly page.

    `services`: only the clocks of their items; `None`: all clocks.
    """
    rows = await connection.fetch(
        """
        SELECT DISTINCT ON (item_id, clock) item_id, clock, rung, fact FROM notify.rungs
        WHERE NOT parked AND ($1::text[] IS NULL OR fact->>'service' = ANY($1))
        ORDER BY item_id, clock, (fact->>'fell') DESC, rung
        """,
        services,
    )
    return [rung for _, rung in await readable(connection, rows)]


async def readable(
    connection: Connection, rows: Sequence[asyncpg.Record], digest: NoticeId | None = None
) -> list[tuple[asyncpg.Record, RungReached]]:
    """Parses rows of reminders; unreadable ones are left out and set aside.

    `digest`: the digest that was to list them.
    """
    found, unreadable = [], dict[RowPlace, Exception]()
    for row in rows:
        try:
            found.append((row, RungReached.model_validate(row["fact"])))
        except ValidationError as error:
            unreadable[row["item_id"], row["clock"], row["rung"]] = error
    await unreadable_rows.rungs(connection, unreadable, digest)
    return found
