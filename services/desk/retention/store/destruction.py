"""The bordereaux d'élimination from what is due to what became of each line."""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime

from services.desk.domain.fold import fold
from services.desk.domain.item import DONE, ItemStatus
from services.desk.domain.retention import Due, due
from services.desk.store import archive_transfers, fact_history
from services.desk.store.slips import Slip, slip_of
from services.desk.store.states import among
from shared.errors import Refused
from shared.facts.envelope import ItemId
from shared.platform.database import Connection
from shared.platform.postgres import rows
from shared.site.tables.bundle import Site

MOST_LINES = 2_000
"""Of one bordereau: what an archivist can look at. What remains is for the next one."""
_PAGE = 500


async def all_due(
    connection: Connection,
    site: Site,
    today: date,
    limit: int = MOST_LINES,
    *,
    unarchived: bool = False,
) -> Sequence[Due]:
    """Returns the first `limit` items due for destruction, by chrono; none on an open bordereau.

    An item whose category goes to the archive is among them once the archive has it as it is.
    `unarchived`: returns instead those that have still to be transferred and are on no open
    transfer.

    An item that was merged is due once the one that survived it is destroyed. Items that can't be
    read are left out (shared/platform/postgres/rows.py).
    """
    if unarchived and not any(row.final is not None for row in site.routing.categories):
        return []
    shortest = min(row.retention_months for row in site.routing.categories)
    goes = [row.id for row in site.routing.categories if row.final is not None]
    stays = [row.id for row in site.routing.categories if row.final is None]
    found, after = list[Due](), ""
    while len(found) < limit:
        page = await connection.fetch(
            f"""
            SELECT item_id, chrono FROM desk.items i
            WHERE chrono > $1 AND {among(DONE - {ItemStatus.DESTROYED})}
              AND CASE WHEN $5 THEN category <> ALL($7::text[]) AND NOT EXISTS (
                  SELECT FROM desk.archive_transfer_items s
                  JOIN desk.archive_transfers USING (transfer)
                  WHERE s.item_id = i.item_id AND accepted_at IS NULL AND refused_at IS NULL
                    AND dropped_at IS NULL)
                  -- Judged below: what nothing was accepted of need not be read at all.
                  ELSE merged_into IS NOT NULL OR category <> ALL($6::text[]) OR EXISTS (
                  SELECT FROM desk.archive_transfer_items s
                  JOIN desk.archive_transfers USING (transfer)
                  WHERE s.item_id = i.item_id AND accepted_at IS NOT NULL) END
              AND registered_at < $2::date - make_interval(months => $3)
              AND NOT EXISTS (SELECT FROM desk.slip_items s JOIN desk.slips USING (slip)
                              WHERE s.item_id = i.item_id AND done_at IS NULL
                                AND dropped_at IS NULL)
              AND (merged_into IS NULL OR EXISTS (
                  SELECT FROM desk.items survivor
                  WHERE survivor.item_id = desk.survivor(i.item_id)
                    AND survivor.state = 'destroyed'))
            ORDER BY chrono LIMIT $4
            """,  # noqa: S608  (a constant of ours)
            after,
            today,
            shortest,
            _PAGE,
            unarchived,
            goes,
            stays,
        )
        if not page:
            break
        paged = [ItemId(row["item_id"]) for row in page]
        stated, unreadable = await fact_history.readable(connection, paged)
        rows.leave_out(unreadable.values())
        archived = await archive_transfers.find_accepted(connection, paged)
        for item_id in paged:
            told = stated.get(item_id, ())
            line = due(fold(told), told, site, today) if told else None
            if line is None:
                continue
            there = archived.get(item_id)
            to_go = line.to_archive and (there is None or there.ended_on != line.ended_on)
            if to_go is unarchived:
                found.append(line)
        after = page[-1]["chrono"]
    return found[:limit]


async def propose(
    connection: Connection, slip: str, lines: Sequence[Due], content: bytes, who: str, now: datetime
) -> None:
    """Stores a new bordereau d'élimination and its CSV table; nothing is destroyed yet."""
    await connection.execute(
        """
        INSERT INTO desk.slips (slip, proposed_by, proposed_at, digest, content)
        VALUES ($1, $2, $3, $4, $5)
        """,
        slip,
        who,
        now,
        hashlib.sha256(content).hexdigest(),
        content,
    )
    await connection.executemany(
        """
        INSERT INTO desk.slip_items (slip, item_id, chrono, category, ended_on, due_on)
        VALUES ($1, $2, $3, $4, $5, $6)
        """,
        [
            (slip, line.item_id, line.chrono, line.category, line.ended_on, line.due_on)
            for line in lines
        ],
    )


async def next_number(connection: Connection, department: str, year: int) -> str:
    """Returns the next free number of a bordereau d'élimination: department-year-E-rank.

    Such as `36-2029-E-0001`. Takes a lock: other transactions wait for theirs until this one ends.
    """
    await connection.execute("SELECT pg_advisory_xact_lock(hashtext('desk slips'))")
    prefix = f"{department}-{year}-E-"
    used = await connection.fetchval(
        "SELECT count(*) FROM desk.slips WHERE starts_with(slip, $1)", prefix
    )
    return f"{prefix}{used + 1:04d}"


async def lock_slip(connection: Connection, slip: str) -> Slip:
    """Reads a bordereau d'élimination, locked until the transaction ends. Raises Refused."""
    row = await connection.fetchrow("SELECT * FROM desk.slips WHERE slip = $1 FOR UPDATE", slip)
    if row is None:
        raise Refused(
            f"There is no bordereau {slip[:40]!r}: `desk destroy list` shows them.", "no-such-slip"
        )
    return slip_of(row)


async def approve(
    connection: Connection, slip: str, visa: str, archivist: str, day: date, who: str
) -> None:
    """Stores the archivist's visa on a bordereau d'élimination; `who` entered it."""
    await connection.execute(
        """
        UPDATE desk.slips SET visa = $2, archivist = $3, visa_on = $4, visa_by = $5
        WHERE slip = $1
        """,
        slip,
        visa,
        archivist,
        day,
        who,
    )


async def drop(connection: Connection, slip: str, who: str, now: datetime) -> None:
    """Marks a bordereau d'élimination as given up, so that its items may be proposed again."""
    await connection.execute(
        "UPDATE desk.slips SET dropped_at = $3, dropped_by = $2 WHERE slip = $1", slip, who, now
    )


async def settle(connection: Connection, slip: str, item_id: ItemId, outcome: str) -> None:
    """Stores what became of one item of a bordereau d'élimination."""
    await connection.execute(
        "UPDATE desk.slip_items SET outcome = $3 WHERE slip = $1 AND item_id = $2",
        slip,
        item_id,
        outcome,
    )


async def mark_done(connection: Connection, slip: str, who: str, now: datetime) -> None:
    """Marks a bordereau d'élimination as carried out; every line has its outcome."""
    await connection.execute(
        "UPDATE desk.slips SET done_by = $2, done_at = $3 WHERE slip = $1", slip, who, now
    )
