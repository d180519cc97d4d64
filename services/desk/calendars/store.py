"""Calendar feeds in schema `desk` (sql/0600), and the limits that one holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import asyncpg

from services.desk.store.states import NOT_DONE
from shared.facts.envelope import PersonId, ServiceId
from shared.platform.database import Connection

MOST_LIMITS: Final = 2000
"""Limits in one feed, the earliest; a diary shows no more."""


@dataclass(frozen=True, slots=True)
class CalendarFeed:
    """A person's calendar feed: the services whose limits it has, and whether the label's dates."""

    person: PersonId
    services: Sequence[ServiceId]
    label: bool
    given_at: datetime


@dataclass(frozen=True, slots=True)
class ItemLimit:
    """The day until whose 24:00 (local) an item must be answered, and which service has it."""

    chrono: str
    service: ServiceId
    due: date


async def keep(connection: Connection, feed: CalendarFeed, digest: str) -> None:
    """Stores a person's calendar feed in place of the former; `digest`: SHA-256 of its secret."""
    await connection.execute(
        """
        INSERT INTO desk.calendar_feeds (person, digest, services, label, given_at)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (person) DO UPDATE SET
            digest = excluded.digest, services = excluded.services, label = excluded.label,
            given_at = excluded.given_at
        """,
        feed.person,
        digest,
        list(feed.services),
        feed.label,
        feed.given_at,
    )


async def of_person(connection: Connection, person: PersonId) -> CalendarFeed | None:
    """Reads a person's calendar feed; `None` if they have none."""
    row = await connection.fetchrow(
        "SELECT person, services, label, given_at FROM desk.calendar_feeds WHERE person = $1",
        person,
    )
    return None if row is None else _feed(row)


async def of_secret(connection: Connection, digest: str) -> CalendarFeed | None:
    """Reads the calendar feed whose secret has this digest (SHA-256); `None`: there is none."""
    row = await connection.fetchrow(
        "SELECT person, services, label, given_at FROM desk.calendar_feeds WHERE digest = $1",
        digest,
    )
    return None if row is None else _feed(row)


async def limits(
    connection: Connection, services: Sequence[ServiceId], since: date
) -> Sequence[ItemLimit]:
    """Reads the limits, from a local day on, of open items of services that are not réservés.

    The earliest first, `MOST_LIMITS` at most.
    """
    rows = await connection.fetch(
        f"""
        SELECT chrono, service, due FROM desk.items
        WHERE service = ANY ($1::text[]) AND due >= $2 AND confidentiality = 'normal'
          AND {NOT_DONE}
        ORDER BY due, chrono LIMIT $3
        """,  # noqa: S608  (a constant)
        list(services),
        since,
        MOST_LIMITS,
    )
    return [ItemLimit(row["chrono"], ServiceId(row["service"]), row["due"]) for row in rows]


def _feed(row: asyncpg.Record) -> CalendarFeed:
    services = tuple(ServiceId(service) for service in row["services"])
    return CalendarFeed(PersonId(row["person"]), services, row["label"], row["given_at"])
