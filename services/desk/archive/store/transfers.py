"""Transfers to the archive: proposed, with their visa, packed, answered or dropped (sql/0640)."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import asyncpg

from services.desk.archive.domain.transfer_reply import TransferReply
from services.desk.archive.package import PackageFigures
from services.desk.domain.retention import Due
from services.desk.store.archive_transfers import PACKED
from shared.errors import Refused
from shared.facts.envelope import Chrono, ItemId
from shared.platform.database import Connection

SERVER: Final = "server"
"""Who notes a reply that no person brought."""


@dataclass(frozen=True, slots=True)
class ArchiveTransfer:
    """A transfer of closed items to the archive: proposal, visa, package, reply, as they stand."""

    transfer: str
    """`36-2029-V-0001`."""
    proposed_by: str
    proposed_at: datetime
    digest: str
    """SHA-256 of the table that the archivist was shown."""
    visa: str | None
    archivist: str | None
    visa_on: date | None
    visa_by: str | None
    """Who noted the visa."""
    packed_by: str | None
    packed_at: datetime | None
    """When its package was taken first: what came later may lack in the one that was deposited."""
    manifest: str | None
    """SHA-256 of the manifest of the package that was taken last."""
    octets: int | None
    """Of that package."""
    accepted_at: datetime | None
    refused_at: datetime | None
    """When a reply was noted by which the archive has it, or has it not."""
    dropped_by: str | None
    dropped_at: datetime | None

    @property
    def open(self) -> bool:
        """Whether the transfer is not accepted, refused or dropped: its items are on no other."""
        return self.accepted_at is None and self.refused_at is None and self.dropped_at is None


@dataclass(frozen=True, slots=True)
class TransferLine:
    """A line of a transfer to the archive: an item, and how it had ended when proposed."""

    item_id: ItemId
    chrono: Chrono
    category: str
    ended_on: date
    due_on: date
    outcome: str | None
    """`packed`: in each package that was taken; or a code why it is not. `None`: none was taken."""

    @property
    def left_out(self) -> bool:
        """Whether a package was taken in which the item is not: no later one has it either."""
        return self.outcome not in (None, PACKED)


@dataclass(frozen=True, slots=True)
class NotedReply:
    """A stored reply of the archive to a transfer, without its octets (`reply_content`)."""

    digest: str
    code: str
    accepted: bool
    granted_at: datetime | None
    noted_by: str
    """Who brought it; `SERVER`: it was fetched from the archive's server."""
    noted_at: datetime
    reason: str
    """Why the archive refuses, in its words; empty: it says nothing, or was noted before 0690."""


async def next_number(connection: Connection, department: str, year: int) -> str:
    """Returns the next number of a transfer to the archive, such as `36-2029-V-0001`.

    No other transaction gets one until this one ends.
    """
    await connection.execute("SELECT pg_advisory_xact_lock(hashtext('desk archive transfers'))")
    prefix = f"{department}-{year}-V-"
    used = await connection.fetchval(
        "SELECT count(*) FROM desk.archive_transfers WHERE starts_with(transfer, $1)", prefix
    )
    return f"{prefix}{used + 1:04d}"


async def propose(
    connection: Connection,
    transfer: str,
    lines: Sequence[Due],
    content: bytes,
    who: str,
    now: datetime,
) -> None:
    """Stores a new transfer to the archive, its lines and the table for the archivist."""
    await connection.execute(
        """
        INSERT INTO desk.archive_transfers (transfer, proposed_by, proposed_at, digest, content)
        VALUES ($1, $2, $3, $4, $5)
        """,
        transfer,
        who,
        now,
        hashlib.sha256(content).hexdigest(),
        content,
    )
    await connection.executemany(
        """
        INSERT INTO desk.archive_transfer_items
            (transfer, item_id, chrono, category, ended_on, due_on)
        VALUES ($1, $2, $3, $4, $5, $6)
        """,
        [
            (transfer, line.item_id, line.chrono, line.category, line.ended_on, line.due_on)
            for line in lines
        ],
    )


async def lock(connection: Connection, transfer: str) -> ArchiveTransfer:
    """Reads and locks a transfer to the archive until the transaction ends. Raises Refused."""
    row = await connection.fetchrow(
        "SELECT * FROM desk.archive_transfers WHERE transfer = $1 FOR UPDATE", transfer
    )
    if row is None:
        raise Refused(f"There is no transfer {transfer[:40]!r}.", "no-such-transfer")
    return _transfer(row)


async def every(connection: Connection) -> Sequence[tuple[ArchiveTransfer, int]]:
    """Returns all transfers to the archive with their number of lines, newest first."""
    found = await connection.fetch(
        """
        SELECT t.*, (SELECT count(*) FROM desk.archive_transfer_items i
                     WHERE i.transfer = t.transfer)::int AS lines
        FROM desk.archive_transfers t ORDER BY proposed_at DESC, transfer DESC
        """
    )
    return [(_transfer(row), row["lines"]) for row in found]


async def lines_of(connection: Connection, transfer: str) -> Sequence[TransferLine]:
    """Returns the lines (items) of a transfer to the archive, by chrono."""
    found = await connection.fetch(
        """
        SELECT item_id, chrono, category, ended_on, due_on, outcome
        FROM desk.archive_transfer_items WHERE transfer = $1 ORDER BY chrono
        """,
        transfer,
    )
    return [
        TransferLine(
            ItemId(row["item_id"]),
            Chrono(row["chrono"]),
            row["category"],
            row["ended_on"],
            row["due_on"],
            row["outcome"],
        )
        for row in found
    ]


async def content_of(connection: Connection, transfer: str) -> bytes:
    """Returns the CSV table of a transfer to the archive as it was proposed."""
    return bytes(
        await connection.fetchval(
            "SELECT content FROM desk.archive_transfers WHERE transfer = $1", transfer
        )
    )


async def approve(
    connection: Connection, transfer: str, visa: str, archivist: str, day: date, who: str
) -> None:
    """Stores the archivist's visa on a transfer to the archive; `who` entered it."""
    await connection.execute(
        """
        UPDATE desk.archive_transfers SET visa = $2, archivist = $3, visa_on = $4, visa_by = $5
        WHERE transfer = $1
        """,
        transfer,
        visa,
        archivist,
        day,
        who,
    )


async def note_package(
    connection: Connection,
    transfer: str,
    figures: PackageFigures,
    outcomes: Mapping[ItemId, str],
    who: str,
    now: datetime,
) -> None:
    """Stores what a transfer's last downloaded package contains: figures, outcome of each item.

    Who took the first one, and when, stays: nobody knows which was deposited, so what lacked in a
    package once is never said to be packed, and what came after the first lacks in one.
    """
    await connection.execute(
        """
        UPDATE desk.archive_transfers
        SET packed_by = coalesce(packed_by, $2), packed_at = coalesce(packed_at, $3),
            manifest = $4, octets = $5
        WHERE transfer = $1
        """,
        transfer,
        who,
        now,
        figures.manifest,
        figures.octets,
    )
    await connection.execute(
        """
        UPDATE desk.archive_transfer_items i
        SET outcome = CASE WHEN i.outcome <> $4 THEN i.outcome ELSE told.outcome END
        FROM unnest($2::uuid[], $3::text[]) AS told (item_id, outcome)
        WHERE i.transfer = $1 AND i.item_id = told.item_id
        """,
        transfer,
        list(outcomes),
        list(outcomes.values()),
        PACKED,
    )


async def is_about(connection: Connection, transfer: str, reply: TransferReply) -> bool:
    """Whether an archive's reply names this transfer, and no other of ours: it leads to the end."""
    named = await connection.fetch(
        "SELECT transfer FROM desk.archive_transfers WHERE transfer = ANY($1)", list(reply.names)
    )
    return [row["transfer"] for row in named] == [transfer]


async def note_reply(
    connection: Connection,
    transfer: str,
    octets: bytes,
    reply: TransferReply,
    who: str,
    now: datetime,
) -> None:
    """Stores the archive's reply, whole, and that by it the transfer is accepted or refused."""
    await connection.execute(
        """
        INSERT INTO desk.archive_replies
            (digest, transfer, content, code, accepted, granted_at, noted_by, noted_at, reason)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING
        """,
        hashlib.sha256(octets).hexdigest(),
        transfer,
        octets,
        reply.code,
        reply.accepted,
        reply.granted_at,
        who,
        now,
        "" if reply.accepted else reply.reason,
    )
    await connection.execute(
        """
        UPDATE desk.archive_transfers
        SET accepted_at = CASE WHEN $2 THEN $3::timestamptz END,
            refused_at = CASE WHEN NOT $2 THEN $3::timestamptz END
        WHERE transfer = $1
        """,
        transfer,
        reply.accepted,
        now,
    )


async def replies_of(connection: Connection, transfer: str) -> Sequence[NotedReply]:
    """Returns the archive's replies to a transfer, in the order in which they were noted."""
    found = await connection.fetch(
        """
        SELECT digest, code, accepted, granted_at, noted_by, noted_at, reason
        FROM desk.archive_replies WHERE transfer = $1 ORDER BY noted_at, digest
        """,
        transfer,
    )
    return [NotedReply(*row.values()) for row in found]


async def reply_content(connection: Connection, transfer: str, digest: str) -> bytes | None:
    """Returns the octets of an archive's reply by their SHA-256; `None`: no such reply."""
    asked = "SELECT content FROM desk.archive_replies WHERE transfer = $1 AND digest = $2"
    content = await connection.fetchval(asked, transfer, digest)
    return None if content is None else bytes(content)


async def drop(connection: Connection, transfer: str, who: str, now: datetime) -> None:
    """Marks a transfer to the archive as given up: its items may be proposed again."""
    said = "UPDATE desk.archive_transfers SET dropped_by = $2, dropped_at = $3 WHERE transfer = $1"
    await connection.execute(said, transfer, who, now)


def _transfer(row: asyncpg.Record) -> ArchiveTransfer:
    return ArchiveTransfer(**{name: row[name] for name in ArchiveTransfer.__slots__})
