"""The last root over every chain: papers and bordereaux bear it as a witness outside the database.

How roots are made, kept for ever and compared is of the evidence (evidence/store/roots.py).
"""

from typing import Final

import asyncpg

from services.desk.domain.roots import Root
from shared.facts.envelope import Digest
from shared.platform.database import Connection

COLUMNS: Final = "night, day, heads, root, chains, sealed_at"


async def last(connection: Connection) -> Root | None:
    """Reads the last root (seal of the evidence), or `None`."""
    row = await connection.fetchrow(
        f"SELECT {COLUMNS} FROM desk.roots ORDER BY night DESC LIMIT 1"  # noqa: S608  (a constant of ours)
    )
    return None if row is None else root_of(row)


def root_of(row: asyncpg.Record) -> Root:
    """Makes a root (seal of the evidence) from a row of `desk.roots`."""
    return Root(
        row["night"],
        row["day"],
        row["heads"],
        Digest(row["root"]),
        row["chains"],
        row["sealed_at"],
    )
