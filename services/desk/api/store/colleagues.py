"""Colleagues as a directory asks about them: who is there, and who left, by address or id."""

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from services.desk.api.domain.scim import ScimUser
from shared.platform.database import Connection
from shared.site.tables.people import Person

_LATEST = """
    SELECT DISTINCT ON (person) person, first_name, name, capacity, email, phone, services, deputy,
           gone, valid_from
    FROM site.people WHERE valid_from <= $1 ORDER BY person, valid_from DESC, id DESC
"""


async def by_id(connection: Connection, person: str, now: datetime) -> ScimUser | None:
    """Reads a colleague by their id, also one who left; `None` if there never was one."""
    row = await connection.fetchrow(
        """
        SELECT person, first_name, name, capacity, email, phone, services, deputy, gone
        FROM site.people WHERE person = $2 AND valid_from <= $1
        ORDER BY valid_from DESC, id DESC LIMIT 1
        """,
        now,
        person,
    )
    return None if row is None else _user(row)


async def by_address(connection: Connection, address: str, now: datetime) -> Sequence[ScimUser]:
    """Reads the colleagues who have an email address; who left last, if no present one has it.

    Of those who are there all, as several may be known by one address (decision 22).
    """
    rows = await connection.fetch(
        f"""
        SELECT * FROM ({_LATEST}) AS latest WHERE lower(email) = lower($2)
        ORDER BY gone, valid_from DESC, person
        """,  # noqa: S608  (a constant)
        now,
        address,
    )
    there = [row for row in rows if not row["gone"]]
    return [_user(row) for row in there or rows[:1]]


async def page(
    connection: Connection, now: datetime, offset: int, limit: int
) -> tuple[Sequence[ScimUser], int]:
    """Reads at most `limit` colleagues who have not left, by id; and their number in all."""
    rows = await connection.fetch(
        f"""
        SELECT * FROM ({_LATEST}) AS latest WHERE NOT gone ORDER BY person
        """,  # noqa: S608  (a constant)
        now,
    )
    return [_user(row) for row in rows[offset : offset + limit]], len(rows)


async def left_by_programs(connection: Connection, since: datetime, now: datetime) -> int:
    """Counts the colleagues of whom programs stated between two moments that they left."""
    return int(
        await connection.fetchval(
            """
            SELECT count(DISTINCT person) FROM site.people
            WHERE gone AND author LIKE 'application:%' AND valid_from > $1 AND valid_from <= $2
            """,
            since,
            now,
        )
    )


def _user(row: asyncpg.Record) -> ScimUser:
    person = Person(
        id=row["person"],
        first_name=row["first_name"],
        name=row["name"],
        capacity=row["capacity"],
        email=row["email"],
        phone=row["phone"],
        services=tuple(row["services"]),
        deputy=row["deputy"],
    )
    return ScimUser(person, not row["gone"])
