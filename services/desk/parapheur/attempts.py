"""Attempts at the parapheur: which letter is due, and what came of it (sql/0610).

Who attempts claims a letter for `LEASE`; whoever dies meanwhile leaves it to the next. What a
person took back in between stays taken back, whatever the attempt brought. Moments are PostgreSQL's
own.
"""

from datetime import datetime, timedelta
from typing import Final

from services.desk.parapheur.signature_book import BookRefuses, RemoteId
from services.desk.store.parapheur_letters import (
    LEASE,
    UNSIGNED,
    ParapheurLetter,
    ParapheurLetterId,
    ParapheurState,
    letter_of,
)
from shared.errors import Refused
from shared.facts.envelope import BlobKey
from shared.platform.database import Connection

MOST_WITHDRAWALS: Final = 80
"""Attempts after which what was taken back is said to be there still."""
LOOK_AGAIN: Final = timedelta(hours=1)
"""Between two looks at a letter that failed and is there: it may be signed in spite of it."""
MOST_LOOKS: Final = 800
"""Attempts after which a letter that failed is looked at no more: about a month."""


async def any_due(connection: Connection) -> bool:
    """Returns whether a letter is due to be sent to the parapheur or looked up there."""
    return bool(
        await connection.fetchval(
            """
            SELECT EXISTS (SELECT FROM desk.parapheur_letters WHERE due_at <= clock_timestamp())
            """
        )
    )


async def claim(connection: Connection) -> ParapheurLetter | None:
    """Claims the letter for the parapheur that has been due longest; `None`: none is due.

    For one attempt, until a lease ends.
    """
    row = await connection.fetchrow(
        """
        UPDATE desk.parapheur_letters SET due_at = clock_timestamp() + $1::interval
        WHERE letter = (
            SELECT letter FROM desk.parapheur_letters WHERE due_at <= clock_timestamp()
            ORDER BY due_at, letter LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING *
        """,
        LEASE,
    )
    return None if row is None else letter_of(row)


async def lock(connection: Connection, letter: ParapheurLetterId) -> ParapheurLetter:
    """Locks a letter for the parapheur until the transaction ends. Raises Refused without one.

    Its item is locked before.
    """
    row = await connection.fetchrow(
        "SELECT * FROM desk.parapheur_letters WHERE letter = $1 FOR UPDATE", letter
    )
    if row is None:
        raise Refused("There is no such letter at the parapheur.", "parapheur-unknown")
    return letter_of(row)


async def note_remote(connection: Connection, letter: ParapheurLetterId, remote: RemoteId) -> None:
    """Stores the id of a letter at the parapheur that is not in its circuit there yet.

    Raises BookRefuses where it must not begin its circuit: the letter was taken back meanwhile, or
    has another id there since, of an attempt that was not as dead as it seemed.
    """
    row = await connection.fetchrow(
        """
        UPDATE desk.parapheur_letters SET remote = coalesce(remote, $2) WHERE letter = $1
        RETURNING state, remote
        """,
        letter,
        remote,
    )
    if row is None or row["state"] != ParapheurState.TO_SEND or row["remote"] != remote:
        raise BookRefuses("taken-back")


async def note_sent(connection: Connection, letter: ParapheurLetterId, remote: RemoteId) -> None:
    """Stores that the parapheur has a letter; one taken back meanwhile is withdrawn there now."""
    await connection.execute(
        """
        UPDATE desk.parapheur_letters SET remote = $2, due_at = clock_timestamp(), attempts = 0,
            why = NULL, state = CASE state WHEN 'to_send' THEN 'sent' ELSE state END
        WHERE letter = $1
        """,
        letter,
        remote,
    )


async def note_waiting(
    connection: Connection, letter: ParapheurLetterId, why: str | None, pause: timedelta
) -> None:
    """Stores that a letter waits at the parapheur for its signature; next look after a pause.

    One that had failed is in its circuit again: it is no longer failed.
    """
    await connection.execute(
        """
        UPDATE desk.parapheur_letters
        SET due_at = clock_timestamp() + $3::interval, attempts = 0, why = $2, state = 'sent'
        WHERE letter = $1 AND state IN ('sent', 'failed')
        """,
        letter,
        why,
        pause,
    )


async def note_failure(
    connection: Connection, letter: ParapheurLetterId, why: str, pause: timedelta | None
) -> None:
    """Stores a failed attempt with the parapheur; after a pause another follows.

    `None`: it waits for a person, and is looked at each hour where the parapheur has it. What was
    taken back is withdrawn whatever failed: at once where nobody tried, then each hour.
    """
    await connection.execute(
        """
        UPDATE desk.parapheur_letters
        SET attempts = attempts + 1,
            due_at = CASE WHEN $3::interval IS NOT NULL THEN clock_timestamp() + $3::interval
                     WHEN state <> 'taken_back' AND remote IS NOT NULL
                          THEN clock_timestamp() + $5::interval
                     WHEN state <> 'taken_back' THEN NULL
                     WHEN attempts = 0 THEN clock_timestamp()
                     WHEN attempts + 1 < $4 THEN clock_timestamp() + interval '1 hour' END,
            why = CASE WHEN $3::interval IS NULL AND state = 'taken_back'
                  THEN 'still-there' ELSE $2 END,
            state = CASE WHEN $3::interval IS NULL AND state <> 'taken_back'
                    THEN 'failed' ELSE state END
        WHERE letter = $1 AND state IN ('to_send', 'sent', 'taken_back')
        """,
        letter,
        why,
        pause,
        MOST_WITHDRAWALS,
        LOOK_AGAIN,
    )


async def note_still_failed(
    connection: Connection, letter: ParapheurLetterId, why: str | None
) -> None:
    """Stores that one look more found a failed letter as it was; the next is in an hour.

    `why`: what the parapheur says of it now; `None`: it said nothing, and the former stays. None
    follows the look `MOST_LOOKS`, nor one of a letter that a person has taken up meanwhile.
    """
    await connection.execute(
        """
        UPDATE desk.parapheur_letters
        SET attempts = attempts + 1, why = coalesce($2, why),
            due_at = CASE WHEN attempts + 1 < $4 THEN clock_timestamp() + $3::interval END
        WHERE letter = $1 AND state = 'failed'
        """,
        letter,
        why,
        LOOK_AGAIN,
        MOST_LOOKS,
    )


async def note_signed(
    connection: Connection,
    letter: ParapheurLetterId,
    signed: BlobKey,
    signers: tuple[str, ...],
    now: datetime,
    *,
    same: bool,
) -> None:
    """Stores that a letter came back signed from the parapheur; the caller holds its lock."""
    await connection.execute(
        """
        UPDATE desk.parapheur_letters SET state = 'signed', signed = $2, signers = $3, same = $4,
            ended_at = $5, due_at = NULL, why = NULL, attempts = 0
        WHERE letter = $1
        """,
        letter,
        signed,
        list(signers),
        same,
        now,
    )


async def note_refused(
    connection: Connection, letter: ParapheurLetterId, reason: str, now: datetime
) -> None:
    """Stores that somebody refused to sign a letter at the parapheur; the caller holds its lock."""
    await connection.execute(
        """
        UPDATE desk.parapheur_letters SET state = 'refused', reason = $2, ended_at = $3,
            due_at = NULL, why = NULL, attempts = 0
        WHERE letter = $1
        """,
        letter,
        reason,
        now,
    )


async def note_withdrawn(connection: Connection, letter: ParapheurLetterId, *, gone: bool) -> None:
    """Stores that a letter was withdrawn from the parapheur; not `gone`: it stays there."""
    await connection.execute(
        "UPDATE desk.parapheur_letters SET due_at = NULL, why = $2 WHERE letter = $1",
        letter,
        None if gone else "still-there",
    )


async def take_back(connection: Connection, letter: ParapheurLetterId, now: datetime) -> None:
    """Takes an unsigned letter back from the parapheur, which is told at once. Raises Refused.

    One that may be on its way is withdrawn when that attempt has ended, or was lost.
    """
    if (await lock(connection, letter)).state not in UNSIGNED:
        raise Refused("This letter is at the parapheur no longer.", "parapheur-ended")
    await connection.execute(
        """
        UPDATE desk.parapheur_letters SET state = 'taken_back', ended_at = $2, why = NULL,
            attempts = 0,
            due_at = CASE state WHEN 'to_send' THEN least(greatest(due_at, clock_timestamp()),
                                                          clock_timestamp() + $3::interval)
                     ELSE clock_timestamp() END
        WHERE letter = $1
        """,
        letter,
        now,
        LEASE,
    )


async def try_again(connection: Connection, letter: ParapheurLetterId) -> None:
    """Lets a letter that failed at the parapheur be tried again at once. Raises Refused."""
    status = await connection.execute(
        """
        UPDATE desk.parapheur_letters SET state = 'to_send', due_at = clock_timestamp(),
            attempts = 0
        WHERE letter = $1 AND state = 'failed'
        """,
        letter,
    )
    if status != "UPDATE 1":
        raise Refused("This letter did not fail.", "parapheur-ended")


async def note_departure(
    connection: Connection, letter: ParapheurLetterId, now: datetime
) -> ParapheurLetter:
    """Stores that a signed letter left, once; the caller holds its item's lock. Raises Refused."""
    found = await lock(connection, letter)
    if found.signed is None or found.left_at is not None:
        raise Refused("This letter is not signed, or left already.", "parapheur-ended")
    await connection.execute(
        "UPDATE desk.parapheur_letters SET left_at = $2 WHERE letter = $1", letter, now
    )
    return found
