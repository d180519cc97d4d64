"""The applied rules in schema `site`: immutable versions, one after the other, and go-live.

Every function works inside the caller's transaction; moments are aware and given by the caller.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

import asyncpg
import orjson

from shared.calendar.working_days import WorkingCalendar
from shared.errors import PermanentFailure, Refused
from shared.platform.database import Connection
from shared.site.tables.bundle import AppliedSite, Site

_EMPTY: Final[tuple[Any, ...]] = (None, [], {})
_READ_ONCE = 16  # versions of the rules that a process need not read twice
_LOCK = 0x73697465  # "site": one apply at a time in a database


class NoSite(PermanentFailure):
    """Raised when no version of the site's rules was applied yet, or not that one."""


@dataclass(frozen=True)
class AppliedVersion:
    """An entry in the history of applied rules: version, author, reason and moment, no rules."""

    version: int
    digest: str
    author: str
    why: str
    effective_from: datetime
    rehearsal: int | None = None
    """The kept rehearsal on which it rests, where whoever applied it named one."""


CURRENT = """
    SELECT version, digest, effective_from, bundle::text AS bundle, days::text AS days,
           (SELECT moment FROM site.go_live ORDER BY id DESC LIMIT 1) AS go_live,
           (SELECT until FROM site.unsigned_codes) AS unsigned
    FROM site.versions ORDER BY version DESC LIMIT 1
"""
NUMBERED = """
    SELECT version, digest, effective_from, bundle::text AS bundle, days::text AS days,
           (SELECT moment FROM site.go_live ORDER BY id DESC LIMIT 1) AS go_live,
           (SELECT until FROM site.unsigned_codes) AS unsigned
    FROM site.versions WHERE version = $1
"""
LIST = """
    SELECT version, digest, author, why, effective_from, rehearsal
    FROM site.versions ORDER BY version
"""
STATE = """
    SELECT (SELECT max(version) FROM site.versions) AS version,
           (SELECT moment FROM site.go_live ORDER BY id DESC LIMIT 1) AS go_live
"""
INSERT = """
    INSERT INTO site.versions
        (version, digest, bundle, days, author, why, effective_from, rehearsal)
    SELECT coalesce(max(version), 0) + 1, $1, $2::text::jsonb, $3::text::jsonb, $4, $5, $6, $7::int
    FROM site.versions
    RETURNING version
"""
STORY = """
    INSERT INTO site.story (moment) VALUES ($1)
    ON CONFLICT (single) DO UPDATE SET moment = excluded.moment
"""
GO_LIVE = """
    INSERT INTO site.go_live (moment, author, why, recorded_at) VALUES ($1, $2, $3, $4)
"""


async def current(connection: Connection) -> AppliedSite:
    """Reads the last applied version of the site's rules. Raises NoSite when there is none."""
    row = await connection.fetchrow(CURRENT)
    if row is None:
        raise NoSite("No rules were applied yet: run `vaguemestre site apply DIR --by … --why …`.")
    return _applied(row)


async def version(connection: Connection, number: int) -> AppliedSite:
    """Reads an applied version of the site's rules by its number. Raises NoSite."""
    row = await connection.fetchrow(NUMBERED, number)
    if row is None:
        raise NoSite(f"There is no version {number}: `vaguemestre site versions` lists them.")
    return _applied(row)


async def versions(connection: Connection) -> Sequence[AppliedVersion]:
    """Lists all applied versions of the site's rules, oldest first, without their content."""
    return [AppliedVersion(**row) for row in await connection.fetch(LIST)]


async def state(connection: Connection) -> tuple[int | None, datetime | None]:
    """Returns the number of the site's last applied rules, and the moment of go-live.

    Each is `None` while there is none. A cheap query.
    """
    row = await connection.fetchrow(STATE)
    return (row["version"], row["go_live"]) if row is not None else (None, None)


async def lock(connection: Connection) -> None:
    """Takes the advisory lock for applying versions of the rules, until the transaction ends."""
    await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)


async def keep(
    connection: Connection,
    site: Site,
    days: WorkingCalendar,
    author: str,
    why: str,
    now: datetime,
    rehearsal: int | None = None,
) -> int:
    """Stores a new version of the site's rules, in effect from `now`; returns its number."""
    bundle, calendar = stored_text(site), days.model_dump_json()
    number = await connection.fetchval(
        INSERT, digest(site, days), bundle, calendar, author, why, now, rehearsal
    )
    return int(number)


async def go_live(
    connection: Connection, moment: datetime, author: str, why: str, now: datetime
) -> None:
    """Stores the moment of go-live, from which mail is no history. Raises Refused if already live.

    A go-live that has passed stays, since facts and notices have left; one to come is replaced.
    """
    _, before = await state(connection)
    if before is not None and before <= now:
        raise Refused(f"The préfecture is live since {before:%Y-%m-%d %H:%M %Z}: that stands.")
    await connection.execute(GO_LIVE, moment, author, why, now)


async def move_story(connection: Connection, moment: datetime) -> None:
    """Sets the simulated time of a demo site, never back; every process is notified."""
    await connection.execute(STORY, moment)


def digest(site: Site, days: WorkingCalendar) -> str:
    """Returns the SHA-256 of a site's rules and working days, the same for the same content."""
    # A site without a pack is the same as before there were packs.
    without = {"pack"} if site.pack is None else set()
    content = {
        "site": site.model_dump(mode="json", exclude=without),
        "days": days.model_dump(mode="json", exclude={"library"}),
    }
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


def stored_text(site: Site) -> str:
    """Returns a site's rules as JSON to store: without tables and values that nobody wrote.

    A program of the version before knows no table that came since, and refuses one that it is
    shown: what nobody wrote into the folder must not stop it.
    """
    every, said = (site.model_dump(mode="json", exclude_defaults=only) for only in (False, True))
    tables = {name: table for name, table in every.items() if name in said}
    return orjson.dumps({name: _said(table, said[name]) for name, table in tables.items()}).decode()


def _said(every: Any, said: Any) -> Any:
    """Leaves out what is empty by default; other defaults stay, so that none changes later."""
    if isinstance(every, dict):
        given = said if isinstance(said, dict) else {}
        shown = {name: _said(value, given.get(name)) for name, value in every.items()}
        return {
            name: value for name, value in shown.items() if name in given or value not in _EMPTY
        }
    if isinstance(every, list):
        rest = said if isinstance(said, list) else [None] * len(every)
        return [_said(*pair) for pair in zip(every, rest, strict=True)]
    return every


@lru_cache(maxsize=_READ_ONCE)
def _parsed(bundle: str, days: str) -> tuple[Site, WorkingCalendar]:
    """A version's rules and jours ouvrés: large, and by their text the same for ever."""
    return Site.model_validate_json(bundle), WorkingCalendar.model_validate_json(days)


def _applied(row: asyncpg.Record) -> AppliedSite:
    site, days = _parsed(row["bundle"], row["days"])
    return AppliedSite(
        version=row["version"],
        digest=row["digest"],
        effective_from=row["effective_from"],
        site=site,
        days=days,
        go_live=row["go_live"],
        unsigned_since_upgrade=row["unsigned"],
    )
