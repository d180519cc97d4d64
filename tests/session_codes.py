"""One-time codes as a person's session shows them, for the tests of commands that ask for one."""

from services.desk.domain.acts import Act
from services.desk.store import one_time_codes, sessions
from shared.database import Pool, transaction
from shared.facts.envelope import PersonId


async def code_of(pool: Pool, person: str, act: Act, about: str) -> str:
    """The person signs in, and opens the page /code."""
    async with transaction(pool) as connection:
        await sessions.begin(connection, PersonId(person), "oidc")
        code = await one_time_codes.issue(connection, PersonId(person), act, about)
    assert code is not None
    return code
