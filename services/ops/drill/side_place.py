"""The side place of a drill: another database and another folder, marked, emptied afterwards.

The database is told from the live one by a lock, not by its address: two names may lead to one
server. It must be empty or bear the mark of an earlier drill, and nobody else may connect to it:
it holds all that the register holds.
"""

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import asyncpg

from shared.errors import Refused
from shared.platform.database import Connection

MARK: Final = "vaguemestre_drill"
"""The schema that marks a database, and the file that marks a folder, as a drill's."""
_LOCK: Final = 0x6472696C6C  # "drill"
_OURS: Final = """
    SELECT nspname FROM pg_namespace
    WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'public')
"""
_TABLES: Final = """
    SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relkind IN ('r', 'p', 'v')
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
"""
_EXTENSIONS: Final = "SELECT extname FROM pg_extension WHERE extname <> 'plpgsql'"


async def claim_database(live: Connection, side: Connection) -> None:
    """Marks the side database as the backup drill's, and shuts everybody else out of it.

    Raises:
        Refused: it is the live one, another drill runs, or it holds something that no drill made.
    """
    if not await live.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK):
        raise Refused("Another drill runs on this database: wait until it has ended.")
    # Held already: by this very drill, in this very database.
    if not await side.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK):
        raise Refused(
            "VAGUEMESTRE_DRILL_DATABASE_URL leads to the live database, or to one in which another "
            "drill runs: give it an empty one."
        )
    marked = await side.fetchval("SELECT to_regnamespace($1) IS NOT NULL", MARK)
    if not marked and await side.fetchval(_TABLES):
        raise Refused(
            "The database of VAGUEMESTRE_DRILL_DATABASE_URL holds tables that no drill made: give "
            "an empty one."
        )
    await side.execute(f"CREATE SCHEMA IF NOT EXISTS {MARK}")
    await empty_database(side)
    name = await side.fetchval("SELECT quote_ident(current_database())")
    await side.execute(f"REVOKE CONNECT, TEMPORARY ON DATABASE {name} FROM PUBLIC")


async def empty_database(side: Connection) -> None:
    """Removes all that a backup drill restored into the side database; its mark stays."""
    for row in await side.fetch(_OURS):
        if row["nspname"] != MARK:
            await side.execute(f'DROP SCHEMA "{row["nspname"]}" CASCADE')
    for row in await side.fetch(_EXTENSIONS):
        await side.execute(f'DROP EXTENSION IF EXISTS "{row["extname"]}" CASCADE')


async def release_database(side: Connection) -> None:
    """Leaves the drill's side database empty and without mark, as it was given."""
    await empty_database(side)
    await side.execute(f"DROP SCHEMA IF EXISTS {MARK}")


def claim_folder(folder: Path, live: Iterable[Path]) -> None:
    """Marks the side folder, empty, as the backup drill's; blocks the calling thread.

    Raises:
        Refused: it is, holds or lies in a folder of the register, or holds what no drill made.
    """
    side = folder.resolve()
    for theirs in live:
        one = theirs.resolve()
        if side == one or side in one.parents or one in side.parents:
            raise Refused(
                f"{folder} and {theirs}, a folder of the register, are one or lie in each other: "
                "give the drill a folder of its own."
            )
    marked = (side / MARK).exists()
    if side.exists() and not marked and any(side.iterdir()):
        raise Refused(f"{folder} holds files that no drill made: give it an empty folder.")
    empty_folder(side)
    side.mkdir(mode=0o700, parents=True, exist_ok=True)
    (side / MARK).touch(mode=0o600)


def empty_folder(folder: Path) -> None:
    """Removes what a backup drill copied into its folder, its mark last.

    Blocks the calling thread.
    """
    if not folder.exists():
        return
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.name != MARK:
            path.unlink()
    (folder / MARK).unlink(missing_ok=True)


async def owner_may_copy(live: Connection) -> None:
    """Checks that the drill's role may read every table of the register.

    Raises:
        Refused: it does not; the address must be the owner's.
    """
    try:
        await live.fetchval("SELECT count(*) FROM (SELECT FROM desk.facts LIMIT 1) AS one")
        await live.fetchval("SELECT count(*) FROM (SELECT FROM notify.outbox LIMIT 1) AS one")
    except asyncpg.InsufficientPrivilegeError as error:
        raise Refused(
            "This role does not read the whole database: the drill needs the owner's address."
        ) from error
