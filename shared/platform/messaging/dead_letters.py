"""Dead letters: what a reader could not take, kept with the reason until somebody decides.

They are rows of the reader's own schema, written in the transaction of the batch they were found
in, so a record is either taken or here. A reason is a code of our program, never a value of the
record.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from shared.platform.database import Connection, Pool


@dataclass(frozen=True)
class DeadLetter:
    """A Kafka record that could not be handled, to be stored as a dead letter with the reason."""

    topic: str
    """The bare name of the topic; or what parked it (`wake`), without partition nor offset."""
    partition: int | None
    offset: int | None
    key: bytes | None
    headers: Sequence[tuple[str, bytes]]
    payload: bytes | None
    reason: str

    @property
    def said(self) -> dict[str, str]:
        """The record's headers as text; octets that are not UTF-8 are replaced."""
        return {name: value.decode(errors="replace") for name, value in self.headers}


@dataclass(frozen=True)
class KeptLetter:
    """A dead letter as stored, with its number of attempts.

    Times are aware, of the site's clock.
    """

    id: int
    letter: DeadLetter
    attempts: int
    first_at: datetime
    last_at: datetime


async def put(
    connection: Connection, schema: str, letters: Sequence[DeadLetter], now: datetime
) -> None:
    """Stores dead letters in the schema's table; one already stored counts one more attempt.

    A topic that was created anew counts offsets from 0 again: another record at the same offset is
    another dead letter.
    """
    await connection.executemany(
        f"""
        INSERT INTO "{schema}".dead_letters AS kept
            (topic, partition, "offset", key, headers, payload, reason, first_at, last_at)
        SELECT $1, CASE WHEN NOT taken THEN $2::integer END,
               CASE WHEN NOT taken THEN $3::bigint END, $4, $5, $6, $7, $8, $8
        FROM (SELECT EXISTS (
            SELECT FROM "{schema}".dead_letters
            WHERE topic = $1 AND partition = $2 AND "offset" = $3
                  AND payload IS DISTINCT FROM $6)) AS place (taken)
        ON CONFLICT (topic, partition, "offset") DO UPDATE
        SET attempts = kept.attempts + 1, reason = excluded.reason, last_at = excluded.last_at
        """,  # noqa: S608  (a schema is a name of our code, not input)
        [
            (
                letter.topic,
                letter.partition,
                letter.offset,
                letter.key,
                [[name, base64.b64encode(value).decode()] for name, value in letter.headers],
                letter.payload,
                letter.reason,
                now,
            )
            for letter in letters
        ],
    )


async def put_once(
    connection: Connection, schema: str, letters: Sequence[DeadLetter], now: datetime
) -> None:
    """Stores dead letters that came from no Kafka record, unless the same are stored already.

    The same are those of one topic and key.
    """
    known = await connection.fetch(
        f"""
        SELECT topic, key FROM "{schema}".dead_letters
        WHERE topic = ANY($1::text[]) AND key = ANY($2::bytea[])
        """,  # noqa: S608  (as above)
        [letter.topic for letter in letters],
        [letter.key for letter in letters],
    )
    stand = {(row["topic"], row["key"]) for row in known}
    new = [letter for letter in letters if (letter.topic, letter.key) not in stand]
    await put(connection, schema, new, now)


async def list_(pool: Pool, schema: str, *, limit: int = 100) -> Sequence[KeptLetter]:
    """Returns the oldest stored dead letters, at most `limit`."""
    rows = await pool.fetch(
        f'SELECT * FROM "{schema}".dead_letters ORDER BY id LIMIT $1',  # noqa: S608  (as above)
        limit,
    )
    return [_kept(row) for row in rows]


async def count(pool: "Pool | Connection", schema: str) -> int:
    """Returns the number of stored dead letters of a schema."""
    question = f'SELECT count(*) FROM "{schema}".dead_letters'  # noqa: S608  (as above)
    return int(await pool.fetchval(question))


async def lock(connection: Connection, schema: str, letter_id: int) -> KeptLetter | None:
    """Reads one dead letter and locks its row until the transaction ends.

    `None` when it is gone.
    """
    row = await connection.fetchrow(
        f'SELECT * FROM "{schema}".dead_letters WHERE id = $1 FOR UPDATE',  # noqa: S608  (as above)
        letter_id,
    )
    return None if row is None else _kept(row)


async def failed_again(
    connection: Connection, schema: str, letter_id: int, reason: str, now: datetime
) -> None:
    """Counts one more failed attempt of a stored dead letter, with the new reason."""
    await connection.execute(
        f"""
        UPDATE "{schema}".dead_letters
        SET attempts = attempts + 1, reason = $2, last_at = $3 WHERE id = $1
        """,  # noqa: S608  (as above)
        letter_id,
        reason,
        now,
    )


async def drop(connection: Connection, schema: str, letter_id: int) -> bool:
    """Deletes one stored dead letter; returns whether it existed."""
    status = await connection.execute(
        f'DELETE FROM "{schema}".dead_letters WHERE id = $1',  # noqa: S608  (as above)
        letter_id,
    )
    return status != "DELETE 0"


def _kept(row: asyncpg.Record) -> KeptLetter:
    return KeptLetter(
        id=row["id"],
        letter=DeadLetter(
            topic=row["topic"],
            partition=row["partition"],
            offset=row["offset"],
            key=row["key"],
            headers=[(name, base64.b64decode(value)) for name, value in row["headers"]],
            payload=row["payload"],
            reason=row["reason"],
        ),
        attempts=row["attempts"],
        first_at=row["first_at"],
        last_at=row["last_at"],
    )
