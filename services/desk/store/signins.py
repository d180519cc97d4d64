"""What was asked of the identity provider, and the passwords that were tried: by the real time."""

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from shared.database import Connection

PATIENCE = timedelta(minutes=10)
"""Within which somebody must have signed in at the provider."""
WINDOW = timedelta(minutes=5)
MOST_TRIES = 5
"""Wrong passwords in a window; then nobody's password is looked at until it is over."""
_ONE_AT_A_TIME = 2_014_010
"""Of an advisory lock: a hundred attempts at once are still counted one after the other."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What must come back from the provider unchanged."""

    state: str
    browser: str
    """The secret of the browser that asked, which its cookie holds."""
    nonce: str
    verifier: str
    next: str


async def ask(connection: Connection, asked: Asked) -> None:
    """Remembers what was asked; what nobody came back for is forgotten."""
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


async def answered(connection: Connection, state: str, browser: str) -> Asked | None:
    """What was asked by this browser under this state, once; `None`: nothing, or too long ago."""
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
    return None if row is None else Asked(state, browser, *row.values())


async def may_try(connection: Connection) -> bool:
    """Whether another password may be looked at; whoever asks waits for the one before."""
    await connection.execute("SELECT pg_advisory_xact_lock($1)", _ONE_AT_A_TIME)
    tried = await connection.fetchval(
        "SELECT count(*) FROM desk.attempts WHERE tried_at > now() - $1::interval", WINDOW
    )
    return int(tried) < MOST_TRIES


async def failed(connection: Connection) -> None:
    """A wrong password; those that no longer count are forgotten."""
    await connection.execute(
        "DELETE FROM desk.attempts WHERE tried_at <= now() - $1::interval", WINDOW
    )
    await connection.execute("INSERT INTO desk.attempts DEFAULT VALUES")


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
