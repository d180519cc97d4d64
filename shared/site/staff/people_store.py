"""People, absences and opening hours: append-only rows of schema `site`, read as they stand.

Written by the first import and by desk alone; read by all.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from operator import itemgetter

import asyncpg

from shared.errors import Refused
from shared.facts.envelope import PersonId, ServiceId
from shared.platform.database import Connection
from shared.platform.postgres import rows
from shared.site.staff import delegations_store
from shared.site.staff.directory import Directory
from shared.site.tables.identity import OpeningHours
from shared.site.tables.people import Absence, People, Person

_SEEN_BACK = timedelta(days=400)
"""Absences that ended before are no longer read."""
_ZONES = timedelta(days=1)
"""No local day is further from the UTC one; `Delegation.covers` asks the local one."""

PEOPLE = """
    SELECT id AS number, person, first_name, name, capacity, email, phone, services, deputy
    FROM (SELECT DISTINCT ON (person) * FROM site.people
          WHERE valid_from <= $1 ORDER BY person, valid_from DESC, id DESC) AS latest
    WHERE NOT gone
"""
ABSENCES = """
    SELECT id AS number, person, first_day AS first, last_day AS last
    FROM site.absences AS absence
    WHERE cancels IS NULL AND valid_from <= $1 AND last_day >= $2
      AND NOT EXISTS (SELECT 1 FROM site.absences AS cancelled
                      WHERE cancelled.cancels = absence.id AND cancelled.valid_from <= $1)
    ORDER BY id
"""
HOURS = """
    SELECT DISTINCT ON (service) service, opens, closes FROM site.opening_hours
    WHERE valid_from <= $1 ORDER BY service, valid_from DESC, id DESC
"""
KNOWN = "SELECT DISTINCT person FROM site.people"
ADD_PERSON = """
    INSERT INTO site.people (person, first_name, name, capacity, email, phone, services, deputy,
                             gone, valid_from, author)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""
ADD_ABSENCE = """
    INSERT INTO site.absences (person, first_day, last_day, valid_from, author)
    VALUES ($1, $2, $3, $4, $5) RETURNING id
"""
CANCEL_ABSENCE = """
    INSERT INTO site.absences (person, first_day, last_day, cancels, valid_from, author)
    SELECT person, first_day, last_day, id, $2, $3 FROM site.absences
    WHERE id = $1 AND cancels IS NULL
    ON CONFLICT (cancels) DO NOTHING
    RETURNING id
"""
ADD_HOURS = """
    INSERT INTO site.opening_hours (service, opens, closes, valid_from, author)
    VALUES ($1, $2, $3, $4, $5)
"""


async def people_at(connection: Connection, moment: datetime) -> Directory:
    """Reads the directory of people at `moment`, with absences, opening hours and delegations.

    Rows that can't be read are left out and listed as unreadable; the person or absence they are
    about is then missing, and no earlier row takes their place.
    """
    people = await connection.fetch(PEOPLE, moment)
    absences = await connection.fetch(ABSENCES, moment, (moment - _SEEN_BACK).date())
    hours = await connection.fetch(HOURS, moment)
    with rows.leaving_out() as unreadable:
        found = Directory(
            people={
                PersonId(person.id): person
                for person in rows.readable("site.people", people, itemgetter("number"), _person)
            },
            absences=rows.readable("site.absences", absences, itemgetter("number"), _absence),
            hours=dict(rows.readable("site.opening_hours", hours, itemgetter("service"), _hours)),
            delegations=await delegations_store.standing(
                connection, moment, moment.date() - _ZONES
            ),
        )
    rows.leave_out(unreadable)
    return replace(found, unreadable=tuple(unreadable))


def _person(row: asyncpg.Record) -> Person:
    columns = dict(row)
    del columns["number"]
    return Person.model_validate(columns | {"id": columns.pop("person")})


def _absence(row: asyncpg.Record) -> Absence:
    return Absence(person=row["person"], first=row["first"], last=row["last"])


def _hours(row: asyncpg.Record) -> tuple[ServiceId, OpeningHours]:
    return ServiceId(row["service"]), OpeningHours(opens=row["opens"], closes=row["closes"])


async def newcomers(connection: Connection, people: People) -> Sequence[Person]:
    """Returns the people of people.yaml that the database has never known."""
    known = {row["person"] for row in await connection.fetch(KNOWN)}
    return [person for person in people.people if person.id not in known]


async def import_people(
    connection: Connection, people: People, author: str, now: datetime
) -> Sequence[Person]:
    """Adds the people that the database does not know, with their absences and delegations.

    Returns those added. Somebody known already is left as they stand: from then on the rows are the
    truth, not the file.
    """
    added = await newcomers(connection, people)
    for person in added:
        await set_person(connection, person, author, now)
    new = {person.id for person in added}
    for absence in people.absences:
        if absence.person in new:
            await add_absence(connection, absence, author, now)
    for delegation in people.delegations:
        if delegation.person in new:
            await delegations_store.give(connection, delegation, author, now)
    return added


async def set_person(
    connection: Connection, person: Person, author: str, valid_from: datetime, *, gone: bool = False
) -> None:
    """Stores a colleague's record, in effect from `valid_from` on; `gone`: that they left then."""
    await connection.execute(
        ADD_PERSON,
        person.id,
        person.first_name,
        person.name,
        person.capacity,
        person.email,
        person.phone,
        list(person.services),
        person.deputy,
        gone,
        valid_from,
        author,
    )


async def add_absence(connection: Connection, absence: Absence, author: str, now: datetime) -> int:
    """Stores an absence of a person (local days, both included); returns its number."""
    number = await connection.fetchval(
        ADD_ABSENCE, absence.person, absence.first, absence.last, now, author
    )
    return int(number)


async def cancel_absence(connection: Connection, number: int, author: str, now: datetime) -> None:
    """Cancels an absence by its number, from now on. Raises Refused when there is none."""
    if await connection.fetchval(CANCEL_ABSENCE, number, now, author) is None:
        raise Refused("This absence does not exist or was cancelled already.", "absence-gone")


async def set_hours(
    connection: Connection,
    service: ServiceId,
    hours: OpeningHours,
    author: str,
    valid_from: datetime,
) -> None:
    """Stores the local opening hours of a service from `valid_from` on."""
    await connection.execute(ADD_HOURS, service, hours.opens, hours.closes, valid_from, author)
