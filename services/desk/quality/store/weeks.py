"""The figures of weeks as they were stated, and the last verification beside them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from operator import itemgetter

import asyncpg

from services.desk.store import quality
from shared.facts import ids
from shared.facts.quality import QUALITY
from shared.facts.quality.base import SubjectId
from shared.facts.quality.figures import FiguresStated
from shared.platform.database import Connection
from shared.platform.postgres import rows


@dataclass(frozen=True, slots=True)
class LastVerification:
    """The result of the last nightly verification of figures and evidence."""

    day: date
    items: int
    clocks: int
    differ: int


def week_id(site: str, week: date) -> SubjectId:
    """Returns the subject id of the fact about a week, which is named by its Monday."""
    return ids.quality_id(site, "week", week.isoformat())


async def of_week(connection: Connection, site: str, week: date) -> FiguresStated | None:
    """Returns the stated figures of a week, named by its Monday; `None`: none to be read."""
    found = await quality.of_subject(connection, week_id(site, week), FiguresStated)
    return found[-1] if found else None


async def last(connection: Connection) -> FiguresStated | None:
    """Returns the weekly figures stated last; `None`: none to be read."""
    found = await connection.fetch(
        """
        SELECT seq, payload FROM desk.quality_facts WHERE type = 'FiguresStated'
        ORDER BY seq DESC LIMIT 1
        """
    )
    facts: Sequence[object] = rows.readable(quality.TABLE, found, itemgetter("seq"), _read)
    return next((fact for fact in facts if isinstance(fact, FiguresStated)), None)


def _read(row: asyncpg.Record) -> object:
    return QUALITY.validate_json(row["payload"])


async def last_verification(connection: Connection) -> LastVerification | None:
    """Returns the result of the register's last nightly verification; `None`: none yet."""
    row = await connection.fetchrow("SELECT day, items, clocks, differ FROM desk.verified")
    return None if row is None else LastVerification(*row.values())
