"""Which clerk has which letter of the queue before them: leases, by the time of the database.

A claim keeps two clerks from reading the same letter; it decides nothing. What makes one decision
of a letter stays its row's lock (services/desk/decider.py). The page that is in sight renews its
claim, and a claim that nobody renews ends by itself: whoever was killed keeps no letter for long.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from shared.facts.envelope import ItemId, PersonId
from shared.platform.database import Connection

OPENED: Final = timedelta(minutes=5)
"""Of a page that was opened and renews nothing: it runs no script, or does not yet."""
RENEWED: Final = timedelta(seconds=90)
"""Of a page that renews its claim each half minute."""


MOST_OPEN: Final = 5
"""Letters that a clerk has open at once, in as many windows."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A clerk's claim of an item in the queue, by which no colleague is given it too."""

    person: PersonId
    since: datetime
    taken_from: PersonId | None = None
    """The colleague who had it open when this clerk took it over."""


async def holder(connection: Connection, item_id: ItemId) -> Claim | None:
    """Returns the present claim of an item; `None` when nobody has it open."""
    row = await connection.fetchrow(
        """
        SELECT person, since, taken_from FROM desk.queue_claims
        WHERE item_id = $1 AND ends_at > now() AND NOT ahead
        """,
        item_id,
    )
    return None if row is None else Claim(**row)


async def take(
    connection: Connection,
    item_id: ItemId,
    person: PersonId,
    *,
    page: UUID | None = None,
    ahead: bool = False,
    over: bool = False,
) -> bool:
    """Claims an item of the queue for a clerk, or renews the claim; returns whether it is theirs.

    `page`: the open page that renews it; `ahead`: fetched in advance, so that a colleague with
    nothing else to qualify may take it; `over`: even from whoever has it. An item that somebody
    claims in this very moment is theirs.
    """
    kept = await connection.fetchval(
        """
        WITH alone AS (
            -- Never waited for: two who claim side by side could else wait for one another.
            SELECT pg_try_advisory_xact_lock(hashtextextended('queue ' || $1::uuid, 460)) AS got
        )
        INSERT INTO desk.queue_claims AS claim (item_id, person, since, ends_at, page, ahead)
        SELECT $1, $2, now(), now() + $3::interval, $4, $5 FROM alone WHERE got
        ON CONFLICT (item_id) DO UPDATE SET
            person = $2,
            -- Fetched as the next of another window, it stays with the page that shows it.
            ends_at = CASE WHEN $5 AND claim.person = $2 AND NOT claim.ahead
                           THEN greatest(claim.ends_at, now() + $3::interval)
                           ELSE now() + $3::interval END,
            page = CASE WHEN $5 AND claim.person = $2 AND NOT claim.ahead AND claim.ends_at > now()
                        THEN claim.page ELSE $4 END,
            ahead = $5 AND (claim.ahead OR claim.person <> $2 OR claim.ends_at <= now()),
            since = CASE WHEN claim.person = $2 AND claim.ends_at > now() THEN claim.since
                         ELSE now() END,
            taken_from = CASE WHEN claim.person = $2 THEN claim.taken_from
                              WHEN claim.ends_at > now() AND NOT claim.ahead THEN claim.person END
        WHERE claim.person = $2 OR claim.ends_at <= now() OR $6
              OR claim.ahead AND NOT $5
        RETURNING true
        """,
        item_id,
        person,
        OPENED if page is None else RENEWED,
        page,
        ahead,
        over,
    )
    return bool(kept)


async def end(
    connection: Connection, item_id: ItemId, person: PersonId, page: UUID | None = None
) -> None:
    """Ends a clerk's claim of an item; with `page` only if that page is the last to renew it."""
    await connection.execute(
        """
        DELETE FROM desk.queue_claims WHERE item_id IN (
            SELECT item_id FROM desk.queue_claims
            WHERE item_id = $1 AND person = $2 AND ($3::uuid IS NULL OR page = $3)
            FOR UPDATE SKIP LOCKED)
        """,
        item_id,
        person,
        page,
    )


async def end_left(connection: Connection, person: PersonId, here: ItemId) -> None:
    """Ends a clerk's claims of items whose page is open no more, except of `here`."""
    await connection.execute(
        """
        DELETE FROM desk.queue_claims WHERE item_id IN (
            SELECT item_id FROM desk.queue_claims
            WHERE person = $1 AND item_id <> $2 AND page IS NULL AND NOT ahead
            ORDER BY item_id FOR UPDATE SKIP LOCKED)
        """,
        person,
        here,
    )


async def end_beyond(connection: Connection, person: PersonId, most: int = MOST_OPEN) -> None:
    """Ends the oldest claims of a clerk who has more than `most`, so that others get items too."""
    await connection.execute(
        """
        DELETE FROM desk.queue_claims WHERE item_id IN (
            SELECT item_id FROM desk.queue_claims WHERE item_id IN (
                SELECT item_id FROM desk.queue_claims WHERE person = $1 AND NOT ahead
                ORDER BY since DESC, item_id OFFSET $2)
            ORDER BY item_id FOR UPDATE SKIP LOCKED)
        """,
        person,
        most,
    )


async def end_ahead(connection: Connection, person: PersonId) -> None:
    """Ends a clerk's claims of items that were only fetched in advance."""
    await connection.execute(
        """
        DELETE FROM desk.queue_claims WHERE item_id IN (
            SELECT item_id FROM desk.queue_claims WHERE person = $1 AND ahead
            ORDER BY item_id FOR UPDATE SKIP LOCKED)
        """,
        person,
    )


async def forget(connection: Connection) -> None:
    """Deletes claims of queue items that ended an hour ago (purge)."""
    await connection.execute(
        "DELETE FROM desk.queue_claims WHERE ends_at < now() - interval '1 hour'"
    )


async def held_by_others(
    connection: Connection, item_ids: Sequence[ItemId], person: PersonId
) -> dict[ItemId, PersonId]:
    """Returns who has which of these items of the queue open, other than `person`."""
    rows = await connection.fetch(
        """
        SELECT item_id, person FROM desk.queue_claims
        WHERE item_id = ANY($1::uuid[]) AND person <> $2 AND ends_at > now() AND NOT ahead
        """,
        item_ids,
        person,
    )
    return {ItemId(row["item_id"]): PersonId(row["person"]) for row in rows}
