"""What sla told: the rungs that stand."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from shared.database import Connection
from shared.facts.clocks import ClockFact, RungReached
from shared.facts.envelope import ItemId, ServiceId
from shared.facts.words import ClockName


async def lock(connection: Connection, item_ids: Iterable[ItemId]) -> Mapping[ItemId, int]:
    """The last revision seen of each item; rows are made, and locked in the order of their ids."""
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
        SELECT item_id, revision FROM notify.clocks WHERE item_id = ANY($1::uuid[])
        ORDER BY item_id FOR UPDATE
        """,
        ids,
    )
    return {ItemId(row["item_id"]): row["revision"] for row in rows}


async def heard(connection: Connection, facts: Sequence[ClockFact]) -> None:
    """Remembers the revisions, and the moment up to which the clocks were heard."""
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


async def reach(connection: Connection, fact: RungReached) -> None:
    """The rung stands; told again, it is heard again."""
    await withdraw(connection, fact.item_id, fact.clock, fact.rung)
    await connection.execute(
        "INSERT INTO notify.rungs (item_id, clock, rung, fact) VALUES ($1, $2, $3, $4)",
        fact.item_id,
        fact.clock.value,
        fact.rung,
        fact.model_dump(mode="json"),
    )
    await connection.executemany(
        """
        INSERT INTO notify.hearings (item_id, clock, rung, audience) VALUES ($1, $2, $3, $4)
        ON CONFLICT DO NOTHING
        """,
        [(fact.item_id, fact.clock.value, fact.rung, one.value) for one in fact.tell],
    )


async def withdraw(
    connection: Connection, item_id: ItemId, clock: ClockName, rung: str | None = None
) -> None:
    """The rung, or all rungs of the clock, stand no more: no digest will say them."""
    await connection.execute(
        """
        DELETE FROM notify.rungs
        WHERE item_id = $1 AND clock = $2 AND ($3::text IS NULL OR rung = $3)
        """,
        item_id,
        clock.value,
        rung,
    )


async def move(connection: Connection, item_id: ItemId, clock: ClockName, limit: date) -> None:
    """What stands now has another limit."""
    await connection.execute(
        """
        UPDATE notify.rungs SET fact = jsonb_set(fact, '{limit}', to_jsonb($3::text))
        WHERE item_id = $1 AND clock = $2
        """,
        item_id,
        clock.value,
        limit.isoformat(),
    )


async def standing(
    connection: Connection, services: Sequence[ServiceId] | None = None
) -> Sequence[RungReached]:
    """The last rung of each clock that stands, for the counts of heads and of the weekly page.

    Of these services; `None`: of all.
    """
    rows = await connection.fetch(
        """
        SELECT DISTINCT ON (item_id, clock) fact FROM notify.rungs
        WHERE $1::text[] IS NULL OR fact->>'service' = ANY($1)
        ORDER BY item_id, clock, (fact->>'fell') DESC, rung
        """,
        services,
    )
    return [RungReached.model_validate(row["fact"]) for row in rows]
