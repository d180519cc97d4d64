"""Which database a program may run on: one whose `min_version` is not above its own version.

Programs N and N + 1 run together on one database. A change comes in three steps (expand, migrate,
contract): a migration that only adds is harmless to the program before it; one that takes away what
program N still needs says so in its head,

    -- min_version: 2

and from then on programs below 2 refuse that database, at their start and when they would migrate
it. `VERSION` rises with each release that programs before it can't run beside.
"""

import re
from typing import Final

from shared.errors import PermanentFailure
from shared.platform.database import Connection

VERSION: Final = 1
"""Of this program. Version 1: roles carry the site, codes on paper are signed."""

_DECLARED = re.compile(r"^-- min_version: (\d+)$", re.MULTILINE)
TABLE = """
    CREATE TABLE IF NOT EXISTS site.schema (
        single      boolean PRIMARY KEY DEFAULT true CHECK (single),
        min_version integer NOT NULL      -- programs below this can't run here
    );
    INSERT INTO site.schema (min_version) VALUES (1) ON CONFLICT DO NOTHING
"""
RAISE = "UPDATE site.schema SET min_version = $1 WHERE min_version < $1"


class TooOld(PermanentFailure):
    """Raised when this program is older than the database requires."""


def declared_version(sql: str) -> int:
    """Returns the program version that a migration's SQL requires (`min_version`), by default 1."""
    return max((int(found) for found in _DECLARED.findall(sql)), default=1)


async def check(connection: Connection) -> None:
    """Checks that this program's version is not below the database's `min_version`.

    Raises:
        TooOld: its `min_version` is above ours.
    """
    if not await connection.fetchval("SELECT to_regclass('site.schema') IS NOT NULL"):
        return
    needed: int = await connection.fetchval("SELECT min_version FROM site.schema")
    if needed > VERSION:
        raise TooOld(
            f"This database needs a program of version {needed} or later, and this one is "
            f"{VERSION}: install the newer program, or restore the backup made before it migrated."
        )
