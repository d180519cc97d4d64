"""The queue of mails whose attached files are still to be read (sql/0340), oldest first.

Each function is one statement, in the caller's transaction or alone. Whoever stops while a mail is
being taken may leave it taken with one try more: it is given back as what a dead process took is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.ingest.questions import REVISED, ROW, revised_values
from services.ingest.store import ArrivalRow
from shared.facts.arrivals import ArrivalReread, Arrivals, Arrived
from shared.facts.envelope import ArrivalId
from shared.platform.database import Connection
from shared.platform.messaging import outbox

CHANNEL = "ingest_attachments"
"""Where a mail that joins the queue is told by NOTIFY."""
ABANDONED_AFTER = timedelta(minutes=15)
"""A process that took one so long ago is dead: reading has two minutes, and some to spare."""


@dataclass(frozen=True, slots=True)
class QueuedReading:
    """A mail whose attachments a process has taken to read; `tries` counts how often, this one too.

    Of a mail whose texts are published already (`told`), the tries of the antivirus alone.
    """

    arrival: ArrivalRow
    """As it stood when the mail was taken."""
    since: datetime
    tries: int
    told: bool = False
    """What was read is told already: the antivirus alone, which was away, is to look."""

    @property
    def arrival_id(self) -> ArrivalId:
        """The id of the mail's arrival."""
        return self.arrival.arrival_id


@dataclass(frozen=True, slots=True)
class WaitingMails:
    """Number of mails whose attachments are to be read; when the oldest joined, `None`: no mail."""

    mails: int
    since: datetime | None


async def waiting(connection: Connection) -> WaitingMails:
    """Counts the mails whose attachments are still to be read, or are being read.

    Those that only wait for the antivirus are not counted: their texts were read.
    """
    row = await connection.fetchrow(
        """
        SELECT count(*) AS mails, min(since) AS since FROM ingest.attachment_readings
        WHERE NOT told
        """
    )
    return WaitingMails(row["mails"], row["since"]) if row is not None else WaitingMails(0, None)


async def put_told(connection: Connection, facts: Sequence[Arrivals], now: datetime) -> None:
    """Queues the new arrivals of these facts whose attachments are to be read.

    Call it in the transaction that stores the facts.
    """
    reading = [fact.arrival_id for fact in facts if isinstance(fact, Arrived) and fact.reading]
    if reading:
        await put(connection, reading, now)


async def put(connection: Connection, arrivals: Sequence[ArrivalId], now: datetime) -> None:
    """Queues mails to have their attachments read, and wakes the waiting readers (NOTIFY).

    A mail that is queued already stays; one that only waited for the antivirus is read again.
    """
    await connection.execute(
        """
        WITH queued AS (
            INSERT INTO ingest.attachment_readings (arrival_id, since)
            SELECT unnest($1::uuid[]), $2
            ON CONFLICT (arrival_id) DO UPDATE SET later = false, told = false,
                tries = CASE WHEN attachment_readings.told THEN 0
                             ELSE attachment_readings.tries END)
        SELECT pg_notify($3, '')
        """,
        sorted(arrivals),
        now,
        CHANNEL,
    )


async def release(connection: Connection, instance: str) -> None:
    """Puts back into the queue the mails that an earlier run of this instance had taken.

    It died while it read their attachments: they are to be read again.
    """
    await connection.execute(
        "UPDATE ingest.attachment_readings SET instance = NULL WHERE instance = $1", instance
    )


async def take(connection: Connection, instance: str, now: datetime) -> QueuedReading | None:
    """Takes the oldest queued mail that no other process reads; `None`: there is none.

    Mails of which only the antivirus is still to look at the files come last.
    """
    row = await connection.fetchrow(
        f"""
        WITH taken AS (
            UPDATE ingest.attachment_readings r
            SET instance = $1, taken_at = $2, tries = r.tries + 1
            WHERE arrival_id = (
                SELECT arrival_id FROM ingest.attachment_readings
                WHERE NOT later AND (instance IS NULL OR taken_at < $3)
                ORDER BY told, since, arrival_id LIMIT 1 FOR UPDATE SKIP LOCKED)
            RETURNING arrival_id, since, tries, told)
        SELECT since, tries, told, {ROW} FROM taken JOIN ingest.arrivals USING (arrival_id)
        """,  # noqa: S608  (names of our columns)
        instance,
        now,
        now - ABANDONED_AFTER,
    )
    if row is None:
        return None
    since, tries, told, *arrival = row
    return QueuedReading(ArrivalRow(*arrival), since, tries, told)


async def give_back(connection: Connection, arrival_id: ArrivalId, *, counts: bool) -> None:
    """Gives a taken mail back to the queue, since it could not be read now.

    `counts`: the try is counted, as the mail itself may be at fault.
    """
    await connection.execute(
        """
        UPDATE ingest.attachment_readings SET instance = NULL, tries = tries - $2::integer
        WHERE arrival_id = $1
        """,
        arrival_id,
        0 if counts else 1,
    )


async def remove(connection: Connection, arrival_id: ArrivalId) -> bool:
    """Removes a mail from the queue; returns whether it was there: only then publish its texts."""
    status = await connection.execute(
        "DELETE FROM ingest.attachment_readings WHERE arrival_id = $1", arrival_id
    )
    return status == "DELETE 1"


async def put_off(connection: Connection, arrival_id: ArrivalId) -> bool:
    """Skips a queued mail until the antivirus answers again; returns whether it was queued."""
    status = await connection.execute(
        """
        UPDATE ingest.attachment_readings
        SET later = true, told = true, instance = NULL, tries = CASE WHEN told THEN tries ELSE 0 END
        WHERE arrival_id = $1
        """,
        arrival_id,
    )
    return status == "UPDATE 1"


async def tell(
    connection: Connection, revised: ArrivalRow, fact: ArrivalReread, *, away: bool
) -> bool:
    """Stores and publishes a queued mail's next revision, in one statement; it leaves the queue.

    With `away` it waits there for the antivirus. Returns whether that was done: not of a mail that
    is in the queue no more, nor of one whose arrival was judged again since, by its revision.
    """
    left = """
        UPDATE ingest.attachment_readings AS r SET later = true, told = true, instance = NULL,
            tries = CASE WHEN r.told THEN r.tries ELSE 0 END FROM kept
        """ if away else "DELETE FROM ingest.attachment_readings AS r USING kept"  # fmt: skip
    row = await connection.fetchrow(
        f"""
        WITH kept AS MATERIALIZED (
            SELECT arrival_id FROM ingest.arrivals
            WHERE arrival_id = $1 AND revision = $7::integer - 1 FOR UPDATE
        ), gone AS ({left} WHERE r.arrival_id = kept.arrival_id RETURNING r.arrival_id
        ), revised AS (
            UPDATE ingest.arrivals AS a SET {REVISED} FROM gone
            WHERE a.arrival_id = gone.arrival_id
        ), told AS ({outbox.insert("ingest", 8, "EXISTS (SELECT FROM gone)")})
        SELECT (SELECT count(pg_notify($13, '')) FROM told) FROM gone
        """,  # noqa: S608  (names of our columns)
        *revised_values(revised),
        *outbox.columns("ingest", [fact]),
        outbox.channel("ingest"),
    )
    return row is not None


_DUE = """later AND (taken_at IS NULL
    OR taken_at <= $1::timestamptz - interval '1 minute' * (power(2, tries) - 1))"""
"""After the first silence at once; then after one minute, three, seven, and so on."""


async def put_off_mails(connection: Connection, now: datetime) -> int:
    """Counts the mails that wait for the antivirus, and whose next try is due."""
    asked = f"SELECT count(*) FROM ingest.attachment_readings WHERE {_DUE}"  # noqa: S608  (ours)
    return int(await connection.fetchval(asked, now))


async def call_back(connection: Connection, now: datetime, most: int) -> None:
    """Gives at most `most` mails that waited for the antivirus their turn again, if it is due."""
    await connection.execute(
        f"""
        UPDATE ingest.attachment_readings SET later = false WHERE arrival_id IN (
            SELECT arrival_id FROM ingest.attachment_readings WHERE {_DUE}
            ORDER BY tries, since, arrival_id LIMIT $2 FOR UPDATE SKIP LOCKED)
        """,  # noqa: S608  (ours)
        now,
        most,
    )
    await connection.execute("SELECT pg_notify($1, '')", CHANNEL)
