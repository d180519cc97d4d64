"""Who has taken or left the guided first visit of the pages (sql/0633)."""

from shared.facts.envelope import PersonId
from shared.platform.database import Connection


async def is_over(connection: Connection, person: PersonId) -> bool:
    """Returns whether somebody has taken or left the guided visit."""
    found = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM desk.first_visits WHERE person = $1)", person
    )
    return bool(found)


async def leave(connection: Connection, person: PersonId) -> None:
    """Stores that somebody took or left the guided visit, so that it is not offered again."""
    await connection.execute(
        "INSERT INTO desk.first_visits (person) VALUES ($1) ON CONFLICT DO NOTHING", person
    )
