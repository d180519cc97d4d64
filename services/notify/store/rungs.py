"""What sla told: the rungs that stand, and who is to hear them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from shared.database import Connection
from shared.facts.clocks import ClockFact, RungReached
from shared.facts.envelope import ItemId, NoticeId
from shared.facts.words import Audience, ClockName


@dataclass(frozen=True, slots=True)
class Hearing:
    """One rung that stands, and one function that is to hear it."""

    rung: RungReached
    audience: Audience


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


async def until(connection: Connection) -> datetime | None:
    """The moment up to which the clocks were heard; `None`: never."""
    moment: datetime | None = await connection.fetchval("SELECT until FROM notify.heard")
    return moment


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


async def new_hearings(connection: Connection) -> Sequence[Hearing]:
    """What stands and no digest has told yet, locked against another process that makes them."""
    rows = await connection.fetch(
        """
        SELECT rung.fact, hearing.audience FROM notify.hearings AS hearing
        JOIN notify.rungs AS rung USING (item_id, clock, rung)
        WHERE hearing.digests = '{}'
        ORDER BY hearing.item_id, hearing.clock, hearing.rung, hearing.audience
        FOR UPDATE OF hearing
        """
    )
    return [Hearing(RungReached.model_validate(r["fact"]), Audience(r["audience"])) for r in rows]


async def hearings_of(connection: Connection, digest: NoticeId) -> Sequence[Hearing]:
    """What a digest is to tell and still stands."""
    rows = await connection.fetch(
        """
        SELECT rung.fact, hearing.audience FROM notify.hearings AS hearing
        JOIN notify.rungs AS rung USING (item_id, clock, rung)
        WHERE $1 = ANY(hearing.digests)
        """,
        digest,
    )
    return [Hearing(RungReached.model_validate(r["fact"]), Audience(r["audience"])) for r in rows]


async def standing(connection: Connection) -> Sequence[RungReached]:
    """The last rung of each clock that stands, for the counts of heads and of the weekly page."""
    rows = await connection.fetch(
        """
        SELECT DISTINCT ON (item_id, clock) fact FROM notify.rungs
        ORDER BY item_id, clock, (fact->>'fell') DESC, rung
        """
    )
    return [RungReached.model_validate(row["fact"]) for row in rows]


async def assign(connection: Connection, told: Sequence[tuple[Hearing, NoticeId]]) -> None:
    """These hearings are told by these digests."""
    by_digest: dict[NoticeId, list[Hearing]] = defaultdict(list)
    for hearing, digest in told:
        by_digest[digest].append(hearing)
    await connection.executemany(
        """
        UPDATE notify.hearings SET digests = array_append(digests, $5)
        WHERE item_id = $1 AND clock = $2 AND rung = $3 AND audience = $4
        """,
        [
            (
                hearing.rung.item_id,
                hearing.rung.clock.value,
                hearing.rung.rung,
                hearing.audience.value,
                UUID(str(digest)),
            )
            for digest, hearings in by_digest.items()
            for hearing in hearings
        ],
    )
