"""Who is to hear a rung, by function, and the digest that told it.

What no digest has told is counted by kinds of hearings as it changes (0121_untold.sql) and assigned
by them: of twenty thousand rungs that fell at six, a few hundred kinds are read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import asyncpg

from services.notify.domain.recipients import RungRecipient
from services.notify.store import unreadable_rows
from services.notify.store.rungs import readable
from services.notify.store.unreadable_rows import RowPlace
from shared.facts.clocks import Holder, RungReached
from shared.facts.envelope import ItemId, NoticeId, ServiceId
from shared.facts.vocabulary import Audience
from shared.platform.database import Connection


@dataclass(frozen=True, slots=True)
class Hearing:
    """A reminder that was not withdrawn, with one of the roles (holder, head …) to read it."""

    rung: RungReached
    audience: Audience

    @property
    def meant(self) -> RungRecipient:
        """The people to whom the reminder is addressed, as roles: service, holder, audience."""
        return RungRecipient(self.rung.service, self.rung.holder, self.audience)


@dataclass(frozen=True, slots=True)
class Untold:
    """A group of reminders that are in no digest yet: by whom they are read, and when."""

    meant: RungRecipient
    of_the_day: bool
    holder: str
    """As the row says it: a version that gives a holder another field must find it still."""


async def untold(connection: Connection, today: date) -> Sequence[Untold]:
    """Lists the groups of reminders that are in no digest yet, without unreadable ones."""
    return (await _untold(connection, today))[0]


async def readable_untold(connection: Connection, today: date) -> Sequence[Untold]:
    """Lists the groups of reminders that are in no digest yet; sets unreadable ones aside first."""
    found, unreadable = await _untold(connection, today)
    at = dict[RowPlace, Exception]()
    for row, error in unreadable:
        places = await connection.fetch(
            """
            SELECT DISTINCT item_id, clock, rung FROM notify.hearings
            WHERE digests = '{}' AND NOT parked
              AND (service, holder, audience) = ($1, $2, $3)
            """,
            row["service"],
            row["holder"],
            row["audience"],
        )
        at |= {(ItemId(row["item_id"]), row["clock"], row["rung"]): error for row in places}
    await unreadable_rows.rungs(connection, at)  # all at once: it locks their items in one order
    return found


async def _untold(
    connection: Connection, today: date
) -> tuple[Sequence[Untold], Sequence[tuple[asyncpg.Record, Exception]]]:
    rows = await connection.fetch(
        """
        SELECT service, holder, audience, fell = $1 AS of_the_day FROM notify.untold_counts
        GROUP BY service, holder, audience, of_the_day HAVING sum(n) > 0 ORDER BY 1, 3, 2, 4
        """,
        today.isoformat(),
    )
    found, unreadable = list[Untold](), list[tuple[asyncpg.Record, Exception]]()
    for row in rows:
        try:
            meant = RungRecipient(
                ServiceId(row["service"]),
                Holder.model_validate_json(row["holder"]),
                Audience(row["audience"]),
            )
        except ValueError as error:
            unreadable.append((row, error))
        else:
            found.append(Untold(meant, row["of_the_day"], row["holder"]))
    return found, unreadable


async def count_untold(connection: Connection) -> int:
    """Counts the reminders that are in no digest yet."""
    return int(await connection.fetchval("SELECT coalesce(sum(n), 0) FROM notify.untold_counts"))


async def assign(
    connection: Connection, today: date, told: Sequence[tuple[Untold, Sequence[NoticeId]]]
) -> None:
    """Stores which digests list these groups of reminders.

    Reminders that others have locked, or that are in a digest already, are left as they are.
    """
    await connection.execute(
        """
        WITH free AS (
            SELECT hearing.ctid AS place, told.digests
            FROM notify.hearings AS hearing
            JOIN unnest($2::text[], $3::text[], $4::text[], $5::boolean[], $6::text[])
                 AS told (service, holder, audience, of_the_day, digests)
              ON hearing.service = told.service AND hearing.holder = told.holder
             AND hearing.audience = told.audience AND (hearing.fell = $1) = told.of_the_day
            WHERE hearing.digests = '{}' AND NOT hearing.parked
            FOR UPDATE OF hearing SKIP LOCKED
        )
        UPDATE notify.hearings AS hearing SET digests = free.digests::uuid[]
        FROM free
        WHERE hearing.ctid = free.place
        """,
        today.isoformat(),
        [one.meant.service for one, _ in told],
        [one.holder for one, _ in told],
        [one.meant.audience.value for one, _ in told],
        [one.of_the_day for one, _ in told],
        [f"{{{','.join(str(digest) for digest in digests)}}}" for _, digests in told],
    )


async def of_digest(connection: Connection, digest: NoticeId) -> Sequence[Hearing]:
    """Reads the reminders that are assigned to a digest and were not withdrawn."""
    rows = await connection.fetch(
        """
        SELECT rung.item_id, rung.clock, rung.rung, rung.fact, hearing.audience
        FROM notify.hearings AS hearing JOIN notify.rungs AS rung USING (item_id, clock, rung)
        WHERE hearing.digests @> ARRAY[$1::uuid] AND NOT rung.parked
        """,
        digest,
    )
    found = await readable(connection, rows, digest)
    return [Hearing(rung, Audience(row["audience"])) for row, rung in found]
