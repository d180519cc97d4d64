"""What no mail asks on its way: who is known, how many there are, the next revision of one."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from services.ingest.store import ArrivalRow
from shared.facts.envelope import Digest
from shared.platform.database import Connection

ROW = """arrival_id, source, kind, reason, fingerprint, message, original, pli, shown_at,
    revision, shown_as"""
"""The columns of an `ArrivalRow`, in the order of its fields."""
REVISED = "kind = $2, reason = $3, fingerprint = $4, message = $5, pli = $6, revision = $7"
"""What another revision of an arrival changes, by `revised_values`."""


async def known_messages(connection: Connection, messages: Iterable[Digest]) -> set[Digest]:
    """Returns those of these Message-ID digests whose email has come in to a mailbox."""
    rows = await connection.fetch(
        """
        SELECT DISTINCT message FROM ingest.arrivals
        WHERE message = ANY($1::text[]) AND kind <> 'seen'
        """,
        list(messages),
    )
    return {Digest(row["message"]) for row in rows}


async def known_correspondents(connection: Connection, people: Iterable[Digest]) -> set[Digest]:
    """Returns those of these persons (pseudonyms) from whom mail has gone to the register."""
    rows = await connection.fetch(
        """
        SELECT DISTINCT correspondent FROM ingest.arrivals
        WHERE correspondent = ANY($1::text[]) AND kind = 'enter'
        """,
        list(people),
    )
    return {Digest(row["correspondent"]) for row in rows}


async def counts(connection: Connection) -> Mapping[tuple[str, str], int]:
    """Counts the stored arrivals by source and kind."""
    rows = await connection.fetch(
        "SELECT source, kind, sum(n) AS n FROM ingest.arrivals_counts GROUP BY source, kind"
    )
    return {(row["source"], row["kind"]): int(row["n"]) for row in rows}


async def probes(connection: Connection) -> Mapping[str, datetime]:
    """Returns, by source, when the mail server took the last probe (test email) that came in."""
    rows = await connection.fetch(
        """
        SELECT source, taken_at FROM ingest.checkpoints, LATERAL (
            SELECT max(shown_at) AS taken_at FROM ingest.arrivals
            WHERE arrivals.source = checkpoints.source AND kind = 'probe') AS last
        WHERE taken_at IS NOT NULL
        """
    )
    return {row["source"]: row["taken_at"] for row in rows}


async def lock_row(connection: Connection, arrival_id: UUID) -> ArrivalRow | None:
    """Reads one arrival and locks its row until the transaction ends; `None` when unknown."""
    row = await connection.fetchrow(
        f"SELECT {ROW} FROM ingest.arrivals WHERE arrival_id = $1 FOR UPDATE",  # noqa: S608  (ours)
        arrival_id,
    )
    return None if row is None else ArrivalRow(*row)


async def reread(connection: Connection, row: ArrivalRow) -> None:
    """Replaces an arrival's row by its next revision, after it was judged again."""
    await connection.execute(
        f"UPDATE ingest.arrivals SET {REVISED} WHERE arrival_id = $1",  # noqa: S608  (ours)
        *revised_values(row),
    )


def revised_values(row: ArrivalRow) -> Sequence[Any]:
    """Returns the values of `REVISED`, behind the id of their arrival."""
    return (
        *(row.arrival_id, row.kind, row.reason, row.fingerprint, row.message, row.pli),
        row.revision,
    )
