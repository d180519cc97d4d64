"""One-time codes: shown in a session, typed once into a command, kept as a digest.

A code stands among the decisions (sql/0010), under a name made of its digest: person, act, what it
is about and the code itself. It holds five minutes, once, and only while its person is signed in.
"""

import secrets
from datetime import timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

from services.desk.domain.acts import Act, object_of
from services.desk.store.sessions import IDLE
from shared.database import Connection
from shared.errors import Refused
from shared.facts.envelope import PersonId

HOLDS: Final = timedelta(minutes=5)
MOST_AN_HOUR: Final = 20
MOST_WRONG: Final = 5
"""In `HOLDS`, of everybody together: commands are typed on one machine."""
_ALPHABET: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_LENGTH: Final = 10
_MARK: Final = "code"
_ONE_AT_A_TIME: Final = 0x636F6465  # "code"


async def issue(connection: Connection, person: PersonId, act: Act, about: str) -> str | None:
    """A new code for one act; `None` when the person had too many within the hour."""
    made = await connection.fetchval(
        """
        SELECT count(*) FROM desk.decisions
        WHERE person = $1 AND answer = $2 AND taken_at > now() - interval '1 hour'
        """,
        person,
        _MARK,
    )
    if int(made) >= MOST_AN_HOUR:
        return None
    code = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    await connection.execute(
        """
        INSERT INTO desk.decisions (decision, person, taken_at, answer) VALUES ($1, $2, now(), $3)
        """,
        _name(person, act, about, code),
        person,
        _MARK,
    )
    return f"{code[:5]}-{code[5:]}"


async def use(connection: Connection, person: PersonId, act: Act, about: str, code: str) -> bool:
    """Whether the code is this person's for this act; it is used up, a wrong one is counted.

    The caller commits whatever is answered. Raises Refused after too many wrong ones.
    """
    await connection.execute("SELECT pg_advisory_xact_lock($1)", _ONE_AT_A_TIME)
    wrong = await connection.fetchval(
        "SELECT count(*) FROM desk.attempts WHERE tried_at > now() - $1::interval", HOLDS
    )
    if int(wrong) >= MOST_WRONG:
        raise Refused(
            "Too many wrong codes: wait five minutes, then ask for a new one.", "too-many-codes"
        )
    typed = "".join(code.upper().replace("-", " ").split())
    right = await connection.fetchval(
        """
        DELETE FROM desk.decisions
        WHERE decision = $1 AND person = $2 AND answer = $3 AND taken_at > now() - $4::interval
          AND EXISTS (SELECT FROM desk.sessions WHERE person = $2 AND ends_at > now()
                                                  AND seen_at > now() - $5::interval)
        RETURNING true
        """,
        _name(person, act, about, typed),
        person,
        _MARK,
        HOLDS,
        IDLE,
    )
    if not right:
        await connection.execute("INSERT INTO desk.attempts DEFAULT VALUES")
    return bool(right)


def _name(person: PersonId, act: Act, about: str, code: str) -> UUID:
    said = "\n".join((person, act, object_of(about), code))
    return UUID(bytes=sha256(said.encode()).digest()[:16])
