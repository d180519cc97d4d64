"""Attempts at mails sécurisés: which one is due, and what came of it (sql/0740).

Who attempts claims a mail for `LEASE`; whoever dies meanwhile leaves it to the next. What left is
sent, also where a person took it back too late. Moments are PostgreSQL's own.
"""

from datetime import date, datetime, timedelta
from typing import Final

from services.desk.parapheur.secure_mail import MailSent
from services.desk.parapheur.signature_book import BookRefuses, RemoteId
from services.desk.store.secure_mails import (
    LEASE,
    LOOKED_FOR,
    OPEN,
    SecureMailId,
    SecureMailState,
    StoredSecureMail,
    mail_of,
)
from shared.errors import Refused
from shared.platform.database import Connection

LOOK_AGAIN: Final = timedelta(hours=1)
"""Between two looks at a mail that is not read yet, or failed and is there."""
MOST_LOOKS: Final = 2400
"""Attempts after which one that failed is asked about no more: a hundred days, one an hour."""


async def any_due(connection: Connection) -> bool:
    """Returns whether a mail sécurisé is due to be sent or looked up."""
    return bool(
        await connection.fetchval(
            "SELECT EXISTS (SELECT FROM desk.secure_mails WHERE due_at <= clock_timestamp())"
        )
    )


async def claim(connection: Connection) -> StoredSecureMail | None:
    """Claims the mail sécurisé that has been due longest, until a lease ends; `None`: none is."""
    row = await connection.fetchrow(
        """
        UPDATE desk.secure_mails SET due_at = clock_timestamp() + $1::interval
        WHERE letter = (
            SELECT letter FROM desk.secure_mails WHERE due_at <= clock_timestamp()
            ORDER BY due_at, letter LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING *
        """,
        LEASE,
    )
    return None if row is None else mail_of(row)


async def lock(connection: Connection, letter: SecureMailId) -> StoredSecureMail:
    """Locks a mail sécurisé until the transaction ends; its item is locked before.

    Raises Refused without one.
    """
    row = await connection.fetchrow(
        "SELECT * FROM desk.secure_mails WHERE letter = $1 FOR UPDATE", letter
    )
    if row is None:
        raise Refused("There is no such mail sécurisé.", "secure-mail-unknown")
    return mail_of(row)


async def note_remote(connection: Connection, letter: SecureMailId, remote: RemoteId) -> None:
    """Stores the id at Pastell of a mail that is not sent yet.

    Raises BookRefuses where it must not be: it was taken back meanwhile, or has another id there
    since, of an attempt that was not as dead as it seemed.
    """
    row = await connection.fetchrow(
        """
        UPDATE desk.secure_mails SET remote = coalesce(remote, $2) WHERE letter = $1
        RETURNING state, remote
        """,
        letter,
        remote,
    )
    if row is None or row["state"] != SecureMailState.TO_SEND or row["remote"] != remote:
        raise BookRefuses("taken-back")


async def note_waiting(
    connection: Connection, letter: SecureMailId, pause: timedelta | None
) -> None:
    """Stores that Pastell has a mail that has not left; the next look is after a pause.

    `None`: it is one that left, of which nothing new is known.
    """
    await connection.execute(
        """
        UPDATE desk.secure_mails SET attempts = 0, why = NULL,
            due_at = clock_timestamp() + coalesce($2::interval, $3::interval),
            state = CASE WHEN state IN ('to_send', 'failed') THEN 'given' ELSE state END
        WHERE letter = $1
        """,
        letter,
        pause,
        LOOK_AGAIN,
    )


async def note_failure(
    connection: Connection, mail: StoredSecureMail, why: str, pause: timedelta | None
) -> None:
    """Stores a failed attempt at a mail as it was claimed; after a pause another follows.

    `None`: it waits for a person, and is looked at each hour where Pastell has it, for a hundred
    days: somebody may send it there. What left is asked about each hour, or no more where it is
    there no longer. What was taken back meanwhile is withdrawn now; a withdrawal that fails for
    good is `still-there`.
    """
    await connection.execute(
        """
        UPDATE desk.secure_mails
        SET attempts = attempts + 1,
            due_at = CASE WHEN state = 'sent' AND $3::interval IS NULL THEN NULL
                     WHEN state = 'sent' THEN clock_timestamp() + $5::interval
                     WHEN state = 'taken_back' AND NOT $6 THEN clock_timestamp()
                     WHEN $3::interval IS NOT NULL THEN clock_timestamp() + $3::interval
                     WHEN state <> 'taken_back' AND remote IS NOT NULL AND attempts + 1 < $4
                          THEN clock_timestamp() + $5::interval END,
            why = CASE WHEN state = 'taken_back' AND $6 AND $3::interval IS NULL
                  THEN 'still-there' ELSE $2 END,
            state = CASE WHEN $3::interval IS NULL AND state IN ('to_send', 'given')
                    THEN 'failed' ELSE state END
        WHERE letter = $1
        """,
        mail.given.letter,
        why,
        pause,
        MOST_LOOKS,
        LOOK_AGAIN,
        mail.state is SecureMailState.TAKEN_BACK,
    )


async def note_sent(
    connection: Connection,
    letter: SecureMailId,
    sent_at: datetime,
    unread_from: date,
) -> None:
    """Stores that a mail sécurisé left; the caller holds its lock."""
    await connection.execute(
        """
        UPDATE desk.secure_mails SET state = 'sent', sent_at = $2, unread_from = $3,
            ended_at = NULL, why = NULL, attempts = 0, due_at = clock_timestamp() + $4::interval
        WHERE letter = $1
        """,
        letter,
        sent_at,
        unread_from,
        LOOK_AGAIN,
    )


async def note_readings(
    connection: Connection, letter: SecureMailId, seen: MailSent, now: datetime
) -> None:
    """Stores who has read a mail that left; what was read once stays so. It is locked.

    Once everybody has, or after a hundred days, Pastell is asked no more. `now`: aware, as the
    register counts time.
    """
    first = seen.readings[0]
    await connection.execute(
        """
        UPDATE desk.secure_mails SET
            read_at = ARRAY(SELECT coalesce(read_at[n], seen)
                            FROM unnest($2::timestamptz[]) WITH ORDINALITY AS told (seen, n)
                            ORDER BY n),
            returned = $3, reminders = $4, why = NULL, attempts = 0,
            due_at = CASE WHEN sent_at + $5::interval > $8 AND NOT $7
                     THEN clock_timestamp() + $6::interval END
        WHERE letter = $1 AND state = 'sent'
        """,
        letter,
        [None if reading is None else reading.read_at for reading in seen.readings],
        first is not None and first.returned,
        0 if first is None else first.reminders,
        LOOKED_FOR,
        LOOK_AGAIN,
        all(reading is not None and reading.read_at for reading in seen.readings),
        now,
    )


async def note_withdrawn(connection: Connection, letter: SecureMailId, *, gone: bool) -> None:
    """Stores that a mail that had not left was withdrawn; not `gone`: Pastell keeps it."""
    await connection.execute(
        "UPDATE desk.secure_mails SET due_at = NULL, why = $2"
        " WHERE letter = $1 AND state = 'taken_back'",
        letter,
        None if gone else "still-there",
    )


async def take_back(connection: Connection, letter: SecureMailId, now: datetime) -> None:
    """Takes back a mail sécurisé that has not left; Pastell is told at once. Raises Refused.

    One that may be on its way is withdrawn when that attempt has ended, or was lost.
    """
    if (await lock(connection, letter)).state not in OPEN:
        raise Refused("This mail sécurisé left, or was taken back.", "secure-mail-ended")
    await connection.execute(
        """
        UPDATE desk.secure_mails SET state = 'taken_back', ended_at = $2, why = NULL, attempts = 0,
            due_at = CASE state WHEN 'to_send' THEN least(greatest(due_at, clock_timestamp()),
                                                          clock_timestamp() + $3::interval)
                     ELSE clock_timestamp() END
        WHERE letter = $1
        """,
        letter,
        now,
        LEASE,
    )


async def try_again(connection: Connection, letter: SecureMailId) -> None:
    """Lets a mail sécurisé that failed be tried again at once. Raises Refused."""
    status = await connection.execute(
        """
        UPDATE desk.secure_mails SET state = 'to_send', due_at = clock_timestamp(), attempts = 0
        WHERE letter = $1 AND state = 'failed'
        """,
        letter,
    )
    if status != "UPDATE 1":
        raise Refused("This mail sécurisé did not fail.", "secure-mail-ended")
