"""Delegations of signature: append-only rows of schema `site`, beside the people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from operator import itemgetter

import asyncpg
from pydantic import ValidationError

from shared.errors import Refused
from shared.platform.database import Connection
from shared.platform.postgres import rows
from shared.site.tables.bundle import Site
from shared.site.tables.delegations import Delegation, Given

_STANDING = """
    SELECT id AS number, person, reference, first_day AS first, last_day AS last, services, kinds,
           author
    FROM site.delegations AS delegation
    WHERE cancels IS NULL AND valid_from <= $1 AND last_day >= $2
      AND NOT EXISTS (SELECT 1 FROM site.delegations AS ended
                      WHERE ended.cancels = delegation.id AND ended.valid_from <= $1)
    ORDER BY person, first_day, id
"""
_GIVE = """
    INSERT INTO site.delegations (person, reference, first_day, last_day, services, kinds,
                                  valid_from, author)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id
"""
_END = """
    INSERT INTO site.delegations (person, reference, first_day, last_day, services, kinds, cancels,
                                  valid_from, author)
    SELECT person, reference, first_day, last_day, services, kinds, id, $2, $3
    FROM site.delegations WHERE id = $1 AND cancels IS NULL
    ON CONFLICT (cancels) DO NOTHING
    RETURNING cancels AS number, person, reference, first_day AS first, last_day AS last, services,
              kinds, author
"""
_EVERY = """
    SELECT id AS number, person, reference, first_day AS first, last_day AS last, services, kinds,
           author, cancels AS ends, valid_from AS at
    FROM site.delegations ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class DelegationRow:
    """A row of table `site.delegations` as it was written: a delegation given or ended."""

    given: Given
    ends: int | None
    """The number of the delegation that it ends; `None`: it gives one."""
    at: datetime


async def standing(connection: Connection, moment: datetime, today: date) -> Sequence[Given]:
    """Lists the delegations of signature that were not ended and have not run out.

    Those that begin later are included; a row that can't be read is left out: nobody signs by it.
    """
    found = await connection.fetch(_STANDING, moment, today)
    return rows.readable("site.delegations", found, itemgetter("number"), _given)


def _given(row: asyncpg.Record) -> Given:
    return Given.model_validate(dict(row))


def read(
    person: str,
    reference: str,
    days: tuple[date, date],
    services: Sequence[str],
    kinds: Sequence[str],
    site: Site,
) -> Delegation:
    """Makes a delegation of signature from the fields that somebody entered.

    Raises Refused for a service that does not exist, or fields that make no sense.
    """
    for service in services:
        if service not in site.service:
            raise Refused(f"There is no service {service!r} in this site.", "no-such-service")
    try:
        return Delegation.model_validate(
            {
                "person": person,
                "reference": " ".join(reference.split()),
                "first": days[0],
                "last": days[1],
                "services": tuple(services),
                "kinds": tuple(kinds),
            }
        )
    except ValidationError as error:
        wrong = error.errors()[0]
        field = ".".join(map(str, wrong["loc"])) or "days"
        raise Refused(f"No delegation: {field}: {wrong['msg']}.", "delegation-misshapen") from error


async def give(connection: Connection, one: Delegation, author: str, now: datetime) -> int:
    """Stores a delegation of signature; returns its number."""
    number = await connection.fetchval(
        _GIVE,
        one.person,
        one.reference,
        one.first,
        one.last,
        list(one.services),
        [kind.value for kind in one.kinds],
        now,
        author,
    )
    return int(number)


async def end(connection: Connection, number: int, author: str, now: datetime) -> Given:
    """Ends a delegation of signature from now on; returns it.

    Raises Refused when there is none, UnreadableRow.
    """
    row = await connection.fetchrow(_END, number, now, author)
    if row is None:
        raise Refused("This delegation does not exist or was ended already.", "delegation-gone")
    return rows.read("site.delegations", number, lambda: _given(row))


async def every(connection: Connection) -> Sequence[DelegationRow]:
    """Lists all rows of table `site.delegations`, in order, without those that can't be read."""
    found = await connection.fetch(_EVERY)
    return rows.readable("site.delegations", found, itemgetter("number"), _row)


def _row(row: asyncpg.Record) -> DelegationRow:
    columns = dict(row)
    ends, at = columns.pop("ends"), columns.pop("at")
    return DelegationRow(ends=ends, at=at, given=Given.model_validate(columns))
