"""What was asked of the identity provider, and who is signed in now.

All by the real time, as sessions are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from services.desk.accounts.store.sessions import IDLE
from shared.facts.envelope import PersonId
from shared.platform.database import Connection

PATIENCE = timedelta(minutes=10)
"""Within which somebody must have signed in at the provider."""


@dataclass(frozen=True, slots=True)
class PendingSignIn:
    """A sign-in that waits for the identity provider to send the browser back (OIDC)."""

    state: str
    browser: str
    """The secret of the browser that asked, which its cookie holds."""
    nonce: str
    verifier: str
    next: str


async def ask(connection: Connection, asked: PendingSignIn) -> None:
    """Stores a sign-in that was sent to the identity provider, and deletes expired ones."""
    await connection.execute(
        "DELETE FROM desk.signins WHERE asked_at < now() - $1::interval", PATIENCE
    )
    await connection.execute(
        """
        INSERT INTO desk.signins (state, browser, nonce, verifier, next)
        VALUES ($1, $2, $3, $4, $5)
        """,
        _digest(asked.state),
        _digest(asked.browser),
        asked.nonce,
        asked.verifier,
        asked.next,
    )


async def take_signin(connection: Connection, state: str, browser: str) -> PendingSignIn | None:
    """Deletes and returns the pending sign-in of this state and browser.

    `None` if it is unknown or expired.
    """
    row = await connection.fetchrow(
        """
        DELETE FROM desk.signins
        WHERE state = $1 AND browser = $2 AND asked_at >= now() - $3::interval
        RETURNING nonce, verifier, next
        """,
        _digest(state),
        _digest(browser),
        PATIENCE,
    )
    return None if row is None else PendingSignIn(state, browser, *row.values())


@dataclass(frozen=True, slots=True)
class Open:
    """A web session that has not ended, as administrators see it: without its cookie token."""

    number: str
    """The beginning of its digest: enough to end it, too little to be it."""
    person: PersonId | None
    administrator: bool
    way: str
    began_at: datetime
    seen_at: datetime
    auditor: int | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """A web session that was ended from outside; whose it was."""

    person: PersonId | None
    """`None`: the local account's, or an auditor's."""


async def sessions_that_hold(connection: Connection) -> Sequence[Open]:
    """Returns all open web sessions, the last used first."""
    rows = await connection.fetch(
        """
        SELECT left(digest, 16) AS number, person, administrator, way, began_at, seen_at, auditor
        FROM desk.sessions WHERE ends_at > now() AND seen_at > now() - $1::interval
        ORDER BY seen_at DESC, digest
        """,
        IDLE,
    )
    return [Open(**row) for row in rows]


async def end_session(connection: Connection, number: str) -> Ended | None:
    """Ends the web session with this public number; `None` when there was none."""
    row = await connection.fetchrow(
        "DELETE FROM desk.sessions WHERE left(digest, 16) = $1 RETURNING person", number
    )
    return None if row is None else Ended(row["person"] and PersonId(row["person"]))


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
