"""The lists that a person or a service keeps under a name: an address, not what it shows."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from shared.facts.envelope import PersonId, ServiceId
from shared.platform.database import Connection

MOST: Final = 30
"""Views of one person, or of one service."""


@dataclass(frozen=True, slots=True)
class ViewOwner:
    """The owner of a saved view of the work list: a person or a service, one of the two."""

    person: PersonId | None = None
    service: ServiceId | None = None


@dataclass(frozen=True, slots=True)
class SavedView:
    """A view of the work list saved under a name; `query`: that of its address at `/courriers`."""

    view: UUID
    owner: ViewOwner
    name: str
    query: str


_LOCK: Final = 0x76696577  # "view"
_COLUMNS: Final = "view, person, service, name, query"


async def views_of(
    connection: Connection, person: PersonId, services: Collection[ServiceId]
) -> Sequence[SavedView]:
    """Returns a person's own saved views of the work list by name, then those of the services."""
    rows = await connection.fetch(
        f"""
        SELECT {_COLUMNS} FROM desk.saved_views
        WHERE person = $1 OR service = ANY($2::text[])
        ORDER BY service NULLS FIRST, lower(name)
        """,  # noqa: S608  (a constant of this module)
        person,
        sorted(services),
    )
    return [_view(**row) for row in rows]


async def find_view(connection: Connection, view: UUID) -> SavedView | None:
    """Returns a saved view of the work list by its id; `None` when there is none."""
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM desk.saved_views WHERE view = $1",  # noqa: S608  (as above)
        view,
    )
    return None if row is None else _view(**row)


async def keep_view(connection: Connection, kept: SavedView, by: PersonId, now: datetime) -> str:
    """Stores a view of the work list; returns empty, or why not: `many`, `named` (name in use)."""
    owner = kept.owner
    await _one_at_a_time(connection, owner)
    held = await connection.fetchval(
        """
        SELECT count(*) FROM desk.saved_views
        WHERE person IS NOT DISTINCT FROM $1 AND service IS NOT DISTINCT FROM $2
        """,
        owner.person,
        owner.service,
    )
    if held >= MOST:
        return "many"
    done = await connection.fetchval(
        """
        INSERT INTO desk.saved_views (view, person, service, name, query, made_by, made_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING true
        """,
        kept.view,
        owner.person,
        owner.service,
        kept.name,
        kept.query,
        by,
        now,
    )
    return "" if done else "named"


async def rename_view(connection: Connection, view: SavedView, name: str) -> bool:
    """Renames a saved view of the work list; `False` when its owner has another of that name."""
    await _one_at_a_time(connection, view.owner)
    done = await connection.fetchval(
        """
        UPDATE desk.saved_views AS kept SET name = $2
        WHERE view = $1 AND NOT EXISTS (
            SELECT FROM desk.saved_views AS other
            WHERE other.view <> $1 AND lower(other.name) = lower($2)
              AND other.person IS NOT DISTINCT FROM kept.person
              AND other.service IS NOT DISTINCT FROM kept.service)
        RETURNING true
        """,
        view.view,
        name,
    )
    return bool(done)


async def _one_at_a_time(connection: Connection, owner: ViewOwner) -> None:
    """Has whoever else names a view of this owner wait until the transaction ends."""
    await connection.execute(
        "SELECT pg_advisory_xact_lock($1, hashtext($2))", _LOCK, owner.person or owner.service
    )


async def delete_view(connection: Connection, view: UUID) -> None:
    """Deletes a saved view of the work list; the items stay as they are."""
    await connection.execute("DELETE FROM desk.saved_views WHERE view = $1", view)


async def forget(connection: Connection, now: datetime) -> None:
    """Deletes the saved views of the work list of persons who left (purge)."""
    await connection.execute(
        """
        DELETE FROM desk.saved_views WHERE person IN (
            SELECT person FROM (
                SELECT DISTINCT ON (person) person, gone FROM site.people
                WHERE valid_from <= $1 ORDER BY person, valid_from DESC, id DESC) AS latest
            WHERE gone)
        """,
        now,
    )


def _view(view: UUID, person: str | None, service: str | None, name: str, query: str) -> SavedView:
    owner = ViewOwner(
        None if person is None else PersonId(person),
        None if service is None else ServiceId(service),
    )
    return SavedView(view, owner, name, query)
