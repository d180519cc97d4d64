"""The items of mass replies: which wait, which were ordered, and what became of their mails."""

from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.desk.domain.item import ENDED
from services.desk.quality.domain.mass import LeftOut
from services.desk.store import quality
from shared.facts.envelope import Digest, ItemId, NoticeId
from shared.facts.quality.events import (
    EventClosed,
    MassEnded,
    MassPaused,
    MassResumed,
)
from shared.platform.database import Connection

SETTLED = ("sent", "failed", "bounced", "held", "withdrawn")
"""States of a notice that is not on its way."""


@dataclass(frozen=True, slots=True)
class MassRow:
    """An item of an ordered mass reply whose turn to be sent has come."""

    position: int
    item_id: ItemId


@dataclass(frozen=True, slots=True)
class MassCount:
    """The counts of a mass reply's items: waiting, on their way, sent, returned, held, left out."""

    waits: int = 0
    on_the_way: int = 0
    sent: int = 0
    returned: int = 0
    """Refused by a server, or bounced: the items are open again."""
    held: int = 0
    withdrawn: int = 0
    left_out: int = 0
    lately: int = 0
    """Ordered within the last minute."""

    @property
    def ordered(self) -> int:
        """The number of a mass reply's items that were ordered, whatever became of them."""
        return self.on_the_way + self.sent + self.returned + self.held + self.withdrawn


async def fill(connection: Connection, subject: UUID, number: int, items: Sequence[ItemId]) -> None:
    """Stores the items of an ordered mass reply, in the order of its list."""
    await connection.execute(
        """
        INSERT INTO desk.mass_items (subject_id, number, position, item_id)
        SELECT $1, $2, position, item_id
        FROM unnest($3::uuid[]) WITH ORDINALITY AS list (item_id, position)
        """,
        subject,
        number,
        list(items),
    )


async def lock_next(connection: Connection, subject: UUID, number: int) -> MassRow | None:
    """Locks and returns a mass reply's next item; `None`: none is left.

    One that another process has in hand is passed over.
    """
    row = await connection.fetchrow(
        """
        SELECT position, item_id FROM desk.mass_items
        WHERE subject_id = $1 AND number = $2 AND state = 'waits'
        ORDER BY position LIMIT 1 FOR UPDATE SKIP LOCKED
        """,
        subject,
        number,
    )
    return None if row is None else MassRow(row["position"], ItemId(row["item_id"]))


async def lock(connection: Connection, subject: UUID, number: int) -> None:
    """Locks all waiting items of a mass reply, in the order in which they leave.

    To be called before the lock of the quality chain is taken: orders lock in this order too, and
    another would end in a deadlock.
    """
    await connection.execute(
        """
        SELECT FROM desk.mass_items WHERE subject_id = $1 AND number = $2 AND state = 'waits'
        ORDER BY position FOR UPDATE
        """,
        subject,
        number,
    )


async def mark_ordered(
    connection: Connection,
    subject: UUID,
    number: int,
    row: MassRow,
    notice: NoticeId,
    now: datetime,
) -> None:
    """Stores that the notice of a mass reply's item was ordered."""
    await connection.execute(
        """
        UPDATE desk.mass_items SET state = 'ordered', notice_id = $4, at = $5
        WHERE subject_id = $1 AND number = $2 AND position = $3
        """,
        subject,
        number,
        row.position,
        notice,
        now,
    )


async def left_out(
    connection: Connection, subject: UUID, number: int, row: MassRow, why: LeftOut, now: datetime
) -> None:
    """Stores why a mass reply leaves an item out after all."""
    await connection.execute(
        """
        UPDATE desk.mass_items SET state = 'left_out', why = $4, at = $5
        WHERE subject_id = $1 AND number = $2 AND position = $3
        """,
        subject,
        number,
        row.position,
        why.value,
        now,
    )


async def end(
    connection: Connection, subject: UUID, number: int, why: LeftOut, now: datetime
) -> None:
    """Marks all still waiting items of a mass reply as left out."""
    await connection.execute(
        """
        UPDATE desk.mass_items SET state = 'left_out', why = $3, at = $4
        WHERE subject_id = $1 AND number = $2 AND state = 'waits'
        """,
        subject,
        number,
        why.value,
        now,
    )


async def reasons(connection: Connection, subject: UUID, number: int) -> Mapping[str, int]:
    """Counts by reason the items left out since the mass reply was ordered."""
    rows = await connection.fetch(
        """
        SELECT why, count(*)::int AS n FROM desk.mass_items
        WHERE subject_id = $1 AND number = $2 AND state = 'left_out' GROUP BY why ORDER BY why
        """,
        subject,
        number,
    )
    return {row["why"]: row["n"] for row in rows}


async def ordered_items(
    connection: Connection, subject: UUID, among: Collection[ItemId]
) -> AbstractSet[ItemId]:
    """Returns those of some items for which a mass reply of the event was ordered."""
    rows = await connection.fetch(
        """
        SELECT item_id FROM desk.mass_items
        WHERE subject_id = $1 AND state = 'ordered' AND item_id = ANY ($2::uuid[])
        """,
        subject,
        list(among),
    )
    return {ItemId(row["item_id"]) for row in rows}


async def done_items(
    connection: Connection, subject: UUID, among: Collection[ItemId]
) -> AbstractSet[ItemId]:
    """Returns those of some items that a mass reply of the event need not answer any more.

    They have ended, or their mass reply was ordered.
    """
    rows = await connection.fetch(
        """
        SELECT item_id FROM desk.items
        WHERE item_id = ANY ($2::uuid[]) AND (state = ANY ($3::text[]) OR item_id IN (
            SELECT m.item_id FROM desk.mass_items m
            WHERE m.subject_id = $1 AND m.state = 'ordered'))
        """,
        subject,
        list(among),
        [state.value for state in ENDED],
    )
    return {ItemId(row["item_id"]) for row in rows}


async def told_senders(connection: Connection, subject: UUID) -> AbstractSet[Digest]:
    """Returns the pseudonyms of senders for whom a mass reply of the event was ordered."""
    rows = await connection.fetch(
        """
        SELECT DISTINCT i.correspondent FROM desk.mass_items m JOIN desk.items i USING (item_id)
        WHERE m.subject_id = $1 AND m.state = 'ordered' AND i.correspondent IS NOT NULL
        """,
        subject,
    )
    return {Digest(row["correspondent"]) for row in rows}


async def count(connection: Connection, subject: UUID, number: int, now: datetime) -> MassCount:
    """Counts the items of a mass reply by state, as notify has published it."""
    row = await connection.fetchrow(
        """
        SELECT count(*) FILTER (WHERE m.state = 'waits')::int AS waits,
               count(*) FILTER (WHERE m.state = 'ordered'
                                AND (n.state IS NULL OR n.state <> ALL ($3::text[])))::int
                   AS on_the_way,
               count(*) FILTER (WHERE n.state = 'sent')::int AS sent,
               count(*) FILTER (WHERE n.state IN ('failed', 'bounced'))::int AS returned,
               count(*) FILTER (WHERE n.state = 'held')::int AS held,
               count(*) FILTER (WHERE n.state = 'withdrawn')::int AS withdrawn,
               count(*) FILTER (WHERE m.state = 'left_out')::int AS left_out,
               count(*) FILTER (WHERE m.state = 'ordered' AND m.at > $4)::int AS lately
        FROM desk.mass_items m
        LEFT JOIN desk.notices n ON n.item_id = m.item_id AND n.notice_id = m.notice_id
        WHERE m.subject_id = $1 AND m.number = $2
        """,
        subject,
        number,
        list(SETTLED),
        now - timedelta(minutes=1),
    )
    return MassCount() if row is None else MassCount(**row)


async def is_stopped(connection: Connection, subject: UUID, number: int) -> bool:
    """Whether a mass reply is paused or ended, or its event closed.

    To be asked under the quality chain's lock.
    """
    kinds = (MassPaused, MassResumed, MassEnded, EventClosed)
    found = await quality.of_kinds(connection, kinds)
    mine = [
        fact
        for fact in found
        if isinstance(fact, kinds)
        and fact.subject_id == subject
        and (isinstance(fact, EventClosed) or fact.number == number)
    ]
    return bool(mine) and not isinstance(mine[-1], MassResumed)
