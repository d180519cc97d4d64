"""Who is to hear a rung, by function, and the digest that told it.

What no digest has told is counted and assigned by kinds of hearings, inside PostgreSQL: of twenty
thousand rungs that fell at six, a few hundred kinds are read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.notify.domain.recipients import Meant
from shared.database import Connection
from shared.facts.clocks import Holder, RungReached
from shared.facts.envelope import NoticeId, ServiceId
from shared.facts.words import Audience

OF_THE_DAY = """
    ((rung.fact->>'fell')::date = $1 AND hearing.rung ~ '^[+-][0-9]+$')
"""
"""A rung of the ladder that fell on this local day."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """One rung that stands, and one function that is to hear it."""

    rung: RungReached
    audience: Audience

    @property
    def meant(self) -> Meant:
        """Who is to hear it."""
        return Meant(self.rung.service, self.rung.holder, self.audience)


@dataclass(frozen=True, slots=True)
class Untold:
    """Hearings that no digest has told, alike in all that says who reads them and when."""

    meant: Meant
    of_the_day: bool
    holder: str
    """As the row says it: a version that gives a holder another field must find it still."""


async def untold(connection: Connection, today: date) -> Sequence[Untold]:
    """The kinds of hearings that wait for a digest."""
    rows = await connection.fetch(
        f"""
        SELECT DISTINCT rung.fact->>'service' AS service, (rung.fact->'holder')::text AS holder,
               hearing.audience, {OF_THE_DAY} AS of_the_day
        FROM notify.hearings AS hearing JOIN notify.rungs AS rung USING (item_id, clock, rung)
        WHERE hearing.digests = '{{}}'
        ORDER BY 1, 3, 2, 4
        """,  # noqa: S608  (a constant of ours)
        today,
    )
    return [
        Untold(
            Meant(
                ServiceId(row["service"]),
                Holder.model_validate_json(row["holder"]),
                Audience(row["audience"]),
            ),
            row["of_the_day"],
            row["holder"],
        )
        for row in rows
    ]


async def count_untold(connection: Connection) -> int:
    """How many wait for a digest."""
    return int(
        await connection.fetchval("SELECT count(*) FROM notify.hearings WHERE digests = '{}'")
    )


async def assign(
    connection: Connection, today: date, told: Sequence[tuple[Untold, Sequence[NoticeId]]]
) -> None:
    """All hearings of these kinds are told by these digests; those in other hands wait."""
    await connection.execute(
        f"""
        WITH waiting AS MATERIALIZED (
            SELECT hearing.ctid AS place, rung.fact->>'service' AS service,
                   (rung.fact->'holder')::text AS holder, hearing.audience,
                   {OF_THE_DAY} AS of_the_day
            FROM notify.hearings AS hearing JOIN notify.rungs AS rung USING (item_id, clock, rung)
            WHERE hearing.digests = '{{}}'
        ), found AS MATERIALIZED (
            SELECT waiting.place, told.digests
            FROM waiting JOIN unnest($2::text[], $3::text[], $4::text[], $5::boolean[], $6::text[])
                 AS told (service, holder, audience, of_the_day, digests)
            USING (service, holder, audience, of_the_day)
        ), free AS (
            SELECT hearing.ctid AS place, found.digests
            FROM notify.hearings AS hearing JOIN found ON hearing.ctid = found.place
            WHERE hearing.digests = '{{}}'
            FOR UPDATE OF hearing SKIP LOCKED
        )
        UPDATE notify.hearings AS hearing SET digests = free.digests::uuid[]
        FROM free
        WHERE hearing.ctid = free.place
        """,  # noqa: S608  (as above)
        today,
        [one.meant.service for one, _ in told],
        [one.holder for one, _ in told],
        [one.meant.audience.value for one, _ in told],
        [one.of_the_day for one, _ in told],
        [f"{{{','.join(str(digest) for digest in digests)}}}" for _, digests in told],
    )


async def of_digest(connection: Connection, digest: NoticeId) -> Sequence[Hearing]:
    """What a digest is to tell and still stands."""
    rows = await connection.fetch(
        """
        SELECT rung.fact, hearing.audience FROM notify.hearings AS hearing
        JOIN notify.rungs AS rung USING (item_id, clock, rung)
        WHERE hearing.digests @> ARRAY[$1::uuid]
        """,
        digest,
    )
    return [Hearing(RungReached.model_validate(r["fact"]), Audience(r["audience"])) for r in rows]
