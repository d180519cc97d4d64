"""Who is signed in, what each form has done already, and who read what is réservé.

Sessions live by the time of the database: the story of a demo moves by weeks, and nobody should be
signed out by it.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from services.desk.accounts.logout_tokens import ProviderLogout, ProviderMark
from shared.facts.envelope import ItemId, PersonId
from shared.platform.database import Connection

LONGEST = timedelta(hours=10)
"""A working day, after which everybody signs in again who did not ask to stay."""
IDLE = timedelta(hours=2)
ASKED_FOR = timedelta(hours=20)
"""After which even they do (RGAA 13.1 leaves a limit of twenty hours alone)."""
READING = timedelta(minutes=10)
SEEN_EACH = timedelta(minutes=1)
"""A page does not write that it was seen more often than this."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The open web session of a signed-in person, found by its cookie."""

    token: str
    person: PersonId | None
    """`None`: the local account, where it may not act as somebody."""
    administrator: bool
    way: str
    """`oidc` or `local`."""
    id_token: str | None
    said: str | None
    granted: Sequence[str] = ()
    """Roles that the provider's groups gave (domain/oidc_roles.py)."""
    said_refused: bool = False
    """Whether `said` tells that nothing was done."""
    auditor: int | None = None
    """The session of an auditor on site that it belongs to; `None`: somebody of ours."""
    left: timedelta = LONGEST
    """Until it ends, however much is done."""


async def begin(
    connection: Connection,
    person: PersonId | None,
    way: str,
    *,
    administrator: bool = False,
    id_token: str | None = None,
    granted: Sequence[str] = (),
    auditor: int | None = None,
    mark: ProviderMark | None = None,
) -> str:
    """Opens a web session; returns its cookie token, of which only a digest is stored.

    `mark`: by what the identity provider may end it.
    """
    token = secrets.token_urlsafe(32)
    await connection.execute(
        """
        INSERT INTO desk.sessions
            (digest, person, administrator, way, id_token, granted, began_at, seen_at, ends_at,
             auditor, subject, provider_session)
        VALUES ($1, $2, $3, $4, $5, $6, now(), now(), now() + $7, $8, $9, $10)
        """,
        _digest(token),
        person,
        administrator,
        way,
        id_token,
        list(granted),
        LONGEST,
        auditor,
        None if mark is None else mark.subject,
        None if mark is None else mark.session,
    )
    return token


async def find(connection: Connection, token: str) -> SignedIn | None:
    """Returns the web session of a cookie token; `None` when it ended or was idle too long.

    Notes now and then that it was used, from which idle time counts.
    """
    row = await connection.fetchrow(
        """
        SELECT person, administrator, way, id_token, said, said_refused, granted, auditor,
               seen_at < now() - $3::interval AS stale, ends_at - now() AS left
        FROM desk.sessions
        WHERE digest = $1 AND ends_at > now() AND seen_at > now() - $2::interval
        """,
        _digest(token),
        IDLE,
        SEEN_EACH,
    )
    if row is None:
        return None
    if row["stale"]:
        await connection.execute(
            "UPDATE desk.sessions SET seen_at = now() WHERE digest = $1", _digest(token)
        )
    return SignedIn(
        token,
        row["person"] and PersonId(row["person"]),
        row["administrator"],
        row["way"],
        row["id_token"],
        row["said"],
        row["granted"],
        row["said_refused"],
        row["auditor"],
        row["left"],
    )


async def prolong(connection: Connection, token: str) -> timedelta:
    """Prolongs a web session by `IDLE` from now, to at most `ASKED_FOR` after its beginning.

    `token`: its cookie's value. Returns after how long it ends, however much is done.
    """
    left: timedelta | None = await connection.fetchval(
        """
        UPDATE desk.sessions
        SET seen_at = now(),
            ends_at = greatest(ends_at, least(began_at + $3::interval, now() + $2::interval))
        WHERE digest = $1
        RETURNING ends_at - now()
        """,
        *(_digest(token), IDLE, ASKED_FOR),
    )
    return left or timedelta()


async def grant_anew(
    connection: Connection, person: PersonId, granted: Sequence[str], *, administrator: bool
) -> None:
    """Replaces the roles given by the identity provider in a person's open sessions."""
    await connection.execute(
        """
        UPDATE desk.sessions SET granted = $2, administrator = $3
        WHERE person = $1 AND way = 'oidc'
        """,
        person,
        list(granted),
        administrator,
    )


async def grants_of(connection: Connection, person: PersonId) -> frozenset[str]:
    """Returns the roles that the identity provider gave a person in their open sessions."""
    rows = await connection.fetch(
        """
        SELECT DISTINCT unnest(granted) AS granted FROM desk.sessions
        WHERE person = $1 AND ends_at > now() AND seen_at > now() - $2::interval
        """,
        person,
        IDLE,
    )
    return frozenset(row["granted"] for row in rows)


async def end(connection: Connection, token: str) -> None:
    """Ends the web session of a cookie token (sign-out)."""
    await connection.execute("DELETE FROM desk.sessions WHERE digest = $1", _digest(token))


async def end_all(connection: Connection, person: PersonId) -> None:
    """Ends every web session of a person."""
    await connection.execute("DELETE FROM desk.sessions WHERE person = $1", person)


async def end_by_provider(
    connection: Connection, ended: ProviderLogout
) -> Sequence[PersonId | None]:
    """Ends our web sessions that a provider's logout is about; returns whose each was.

    `None`: the session of an administrator who is nobody of the préfecture. A session of that
    person for which the provider named none of its own is ended whichever it named.
    """
    rows = await connection.fetch(
        """
        DELETE FROM desk.sessions
        WHERE began_at <= $3 AND CASE WHEN $2::text IS NULL OR provider_session IS NULL
            THEN subject = $1
            ELSE provider_session = $2 AND ($1::text IS NULL OR subject = $1) END
        RETURNING person
        """,
        ended.mark.subject,
        ended.mark.session,
        ended.until,
    )
    return [row["person"] and PersonId(row["person"]) for row in rows]


async def forget(connection: Connection) -> None:
    """Deletes expired web sessions and old idempotency keys of forms (purge)."""
    await connection.execute(
        "DELETE FROM desk.sessions WHERE ends_at < now() OR seen_at < now() - $1::interval", IDLE
    )
    await connection.execute(
        "DELETE FROM desk.decisions WHERE taken_at < now() - $1::interval", 3 * LONGEST
    )


async def say(
    connection: Connection, token: str, sentence: str | None, *, refused: bool = False
) -> None:
    """Sets the message that the session's next page shows once; `None` clears it.

    `refused`: the message says that nothing was done.
    """
    await connection.execute(
        "UPDATE desk.sessions SET said = $2, said_refused = $3 WHERE digest = $1",
        _digest(token),
        sentence,
        refused,
    )


async def first_time(connection: Connection, decision: UUID, person: PersonId) -> bool:
    """Claims a form's idempotency key; returns whether it is claimed for the first time.

    A second sending waits until the first one's transaction ends.
    """
    kept = await connection.fetchval(
        """
        INSERT INTO desk.decisions (decision, person, taken_at) VALUES ($1, $2, now())
        ON CONFLICT DO NOTHING RETURNING true
        """,
        decision,
        person,
    )
    return bool(kept)


async def keep_answer(connection: Connection, decision: UUID, url: str) -> None:
    """Stores the page to which a submitted form led, under the form's idempotency key."""
    await connection.execute(
        "UPDATE desk.decisions SET answer = $2 WHERE decision = $1", decision, url
    )


async def answer(connection: Connection, decision: UUID, person: PersonId) -> str:
    """Returns the page to which a form sent before led, by its idempotency key; by default `/`."""
    url = await connection.fetchval(
        "SELECT answer FROM desk.decisions WHERE decision = $1 AND person = $2", decision, person
    )
    return str(url or "/")


async def led_to(connection: Connection, decision: UUID, person: PersonId) -> str | None:
    """Returns the page to which a form led, by its idempotency key; `None` if it was never sent."""
    row = await connection.fetchrow(
        "SELECT answer FROM desk.decisions WHERE decision = $1 AND person = $2", decision, person
    )
    return None if row is None else str(row["answer"] or "/")


async def note_reading(
    connection: Connection, item_id: ItemId, person: PersonId, now: datetime
) -> None:
    """Records that somebody read a réservé item, at most once within the period `READING`."""
    await connection.execute(
        """
        INSERT INTO desk.readings (item_id, person, read_at)
        SELECT $1, $2, $3::timestamptz WHERE NOT EXISTS (
            SELECT 1 FROM desk.readings
            WHERE item_id = $1 AND person = $2 AND read_at > $3::timestamptz - $4::interval)
        """,
        item_id,
        person,
        now,
        READING,
    )


async def readings(
    connection: Connection, item_id: ItemId, limit: int = 200
) -> Sequence[tuple[PersonId, datetime]]:
    """Returns who read a réservé item and when: the `limit` latest, the latest first."""
    rows = await connection.fetch(
        """
        SELECT person, read_at FROM desk.readings WHERE item_id = $1
        ORDER BY read_at DESC, reading DESC LIMIT $2
        """,
        item_id,
        limit,
    )
    return [(PersonId(row["person"]), row["read_at"]) for row in rows]


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()
