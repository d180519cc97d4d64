"""Packages for the archive's own server: which is due, and what came of each attempt (sql/0690).

That a package is about to be sent is stored before it is. Whoever attempts claims a deposit for
`LEASE`; whoever dies meanwhile leaves it to the next, who asks the archive. Moments of attempts are
PostgreSQL's own.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import asyncpg

from shared.errors import Refused
from shared.platform.database import Connection

LEASE: Final = timedelta(hours=2)
"""For which an attempt has a deposit, longer than any takes."""
FIRST_LOOK: Final = timedelta(minutes=5)
"""Between a package that was sent and the first question about it."""
LOOK: Final = timedelta(hours=1)
"""Between two questions to an archive that has nothing new: its people answer in days."""
DOUBT: Final = timedelta(days=1)
"""For which an archive is asked for a package that it may have, before a person is."""


class DepositState(StrEnum):
    """The states of a package for the archive's own server."""

    TO_SEND = "to_send"
    IN_DOUBT = "in_doubt"
    """It began to be sent, and nothing says that the archive has it: it is asked."""
    SENT = "sent"
    """The archive has it; its reply is waited for."""
    FAILED = "failed"
    """The archive does not take it, or nobody knows: it waits for a person."""


@dataclass(frozen=True, slots=True)
class PackageDeposit:
    """The deposit of a transfer's package at the archive's own server, as it stands."""

    transfer: str
    asked_by: str
    asked_at: datetime
    state: DepositState
    manifest: str | None
    """SHA-256 of the manifest of the last package that was to be sent; `None`: none was."""
    attempts: int
    """Without an answer, since the last that had one."""
    why: str | None
    """Code of the last failure."""
    said: str
    """What the archive's server said of it."""
    due_at: datetime | None
    """When the next attempt is made, of PostgreSQL's own clock; `None`: never."""
    sent_at: datetime | None
    """Since when it is known to be there."""
    acknowledged_at: datetime | None


async def find(connection: Connection, transfer: str) -> PackageDeposit | None:
    """Returns the deposit of a transfer's package; `None`: nobody asked for one."""
    row = await connection.fetchrow(
        "SELECT * FROM desk.archive_deposits WHERE transfer = $1", transfer
    )
    return None if row is None else _deposit(row)


async def acknowledgement_of(connection: Connection, transfer: str) -> bytes | None:
    """Returns the octets of the archive's Acknowledgement of a transfer; `None`: it has none."""
    content = await connection.fetchval(
        "SELECT acknowledgement FROM desk.archive_deposits WHERE transfer = $1", transfer
    )
    return None if content is None else bytes(content)


async def ask(connection: Connection, transfer: str, who: str, now: datetime) -> None:
    """Stores that a person has a transfer's package deposited, or once more after a failure.

    Raises Refused while it is on its way, or there.
    """
    stored = await connection.execute(
        """
        INSERT INTO desk.archive_deposits AS d (transfer, asked_by, asked_at) VALUES ($1, $2, $3)
        ON CONFLICT (transfer) DO UPDATE
        SET asked_by = $2, asked_at = $3, state = 'to_send', due_at = clock_timestamp(),
            attempts = 0, why = NULL, said = ''
        WHERE d.state = 'failed'
        """,
        transfer,
        who,
        now,
    )
    if stored != "INSERT 0 1":
        raise Refused(f"The package of {transfer} is on its way.", "deposit-already")


_DUE: Final = """
    FROM desk.archive_deposits d JOIN desk.archive_transfers t USING (transfer)
    WHERE d.due_at <= clock_timestamp()
      AND t.accepted_at IS NULL AND t.refused_at IS NULL AND t.dropped_at IS NULL
"""


async def any_due(connection: Connection) -> bool:
    """Returns whether a package is due to be deposited, or to be asked for."""
    return bool(await connection.fetchval(f"SELECT EXISTS (SELECT {_DUE})"))


async def claim(connection: Connection) -> PackageDeposit | None:
    """Claims for `LEASE` the deposit of an open transfer that has been due longest.

    `None`: none is due.
    """
    row = await connection.fetchrow(
        f"""
        UPDATE desk.archive_deposits SET due_at = clock_timestamp() + $1::interval
        WHERE transfer = (
            SELECT d.transfer {_DUE}
            ORDER BY d.due_at, d.transfer LIMIT 1 FOR UPDATE OF d SKIP LOCKED)
        RETURNING *
        """,  # noqa: S608  (a constant of ours)
        LEASE,
    )
    return None if row is None else _deposit(row)


async def note_doubt(connection: Connection, transfer: str, manifest: str) -> bool:
    """Stores that a package is about to be sent, of this manifest (SHA-256), for a new lease.

    Returns whether it may be: not where it is no longer to be sent.
    """
    stored = await connection.execute(
        """
        UPDATE desk.archive_deposits SET state = 'in_doubt', manifest = $2,
            doubt_at = clock_timestamp(), due_at = clock_timestamp() + $3::interval
        WHERE transfer = $1 AND state = 'to_send'
        """,
        transfer,
        manifest,
        LEASE,
    )
    return bool(stored == "UPDATE 1")


async def note_unsent(
    connection: Connection, transfer: str, why: str, said: str, pause: timedelta
) -> None:
    """Stores that nothing of a package was taken: it is sent again after a pause."""
    await connection.execute(
        """
        UPDATE desk.archive_deposits SET state = 'to_send', attempts = attempts + 1, why = $2,
            said = $3, due_at = clock_timestamp() + $4::interval
        WHERE transfer = $1 AND state IN ('to_send', 'in_doubt')
        """,
        transfer,
        why,
        said,
        pause,
    )


async def note_unsure(connection: Connection, transfer: str, why: str, said: str) -> None:
    """Stores that a package may have been taken: the archive is asked a little later."""
    await connection.execute(
        """
        UPDATE desk.archive_deposits SET why = $2, said = $3,
            due_at = clock_timestamp() + $4::interval
        WHERE transfer = $1 AND state = 'in_doubt'
        """,
        transfer,
        why,
        said,
        FIRST_LOOK,
    )


async def note_refused(connection: Connection, transfer: str, why: str, said: str) -> None:
    """Stores that the archive's server does not take a package: it waits for a person."""
    await connection.execute(
        """
        UPDATE desk.archive_deposits SET state = 'failed', why = $2, said = $3, due_at = NULL,
            attempts = 0
        WHERE transfer = $1 AND state IN ('to_send', 'in_doubt')
        """,
        transfer,
        why,
        said,
    )


async def note_sent(connection: Connection, transfer: str, now: datetime) -> None:
    """Stores that the archive has a package, from now on or as it says since longer."""
    await connection.execute(
        """
        UPDATE desk.archive_deposits SET state = 'sent', sent_at = coalesce(sent_at, $2),
            attempts = 0, why = NULL, said = '', due_at = clock_timestamp() + $3::interval
        WHERE transfer = $1 AND state <> 'sent'
        """,
        transfer,
        now,
        FIRST_LOOK,
    )


async def note_acknowledged(
    connection: Connection, transfer: str, octets: bytes, now: datetime
) -> None:
    """Stores the archive's Acknowledgement of a package, whole; the first one stays."""
    await connection.execute(
        """
        UPDATE desk.archive_deposits SET acknowledgement = $2, acknowledged_at = $3
        WHERE transfer = $1 AND acknowledgement IS NULL
        """,
        transfer,
        octets,
        now,
    )


async def note_nothing_new(connection: Connection, transfer: str) -> None:
    """Stores that the archive answered, and has no reply yet: it is asked again in an hour.

    A package that it does not even know a day after it began to be sent waits for a person, and is
    asked for meanwhile.
    """
    await connection.execute(
        """
        UPDATE desk.archive_deposits SET attempts = 0, due_at = clock_timestamp() + $2::interval,
            why = CASE WHEN state = 'sent' THEN NULL
                  WHEN state = 'in_doubt' AND doubt_at <= clock_timestamp() - $3::interval
                       THEN 'not-there'
                  ELSE why END,
            state = CASE WHEN state = 'in_doubt' AND doubt_at <= clock_timestamp() - $3::interval
                    THEN 'failed' ELSE state END
        WHERE transfer = $1
        """,
        transfer,
        LOOK,
        DOUBT,
    )


async def note_silence(
    connection: Connection, transfer: str, why: str, said: str, pause: timedelta
) -> None:
    """Stores that the archive gave no answer, or a wrong one, about a package that it may have."""
    await connection.execute(
        """
        UPDATE desk.archive_deposits SET attempts = attempts + 1, said = $3,
            why = CASE WHEN state = 'failed' THEN why ELSE $2 END,
            due_at = clock_timestamp() + $4::interval
        WHERE transfer = $1
        """,
        transfer,
        why,
        said,
        pause,
    )


async def end(connection: Connection, transfer: str) -> None:
    """Stores that the archive is asked no more about a package: it replied."""
    await connection.execute(
        """
        UPDATE desk.archive_deposits SET state = 'sent', due_at = NULL, attempts = 0, why = NULL,
            said = ''
        WHERE transfer = $1
        """,
        transfer,
    )


def _deposit(row: asyncpg.Record) -> PackageDeposit:
    told = {name: row[name] for name in PackageDeposit.__slots__}
    return PackageDeposit(**{**told, "state": DepositState(row["state"])})
