"""Migrations: plain SQL files, applied once, in order, and never edited afterwards.

`shared/sql/` makes schema `site`, `services/<each>/sql/` the schema of that name, files being named
`NNNN_what.sql`. For each service the runner first makes the schema, its role (no login: whoever
installs gives one) and the tables of `site.plumb`; after all files it says anew what every role may
(shared/platform/postgres/rights.py). Anything more is a GRANT written in a migration, to
`vaguemestre_<service>`: the runner puts the site's name in. A file waits ten seconds for a lock,
not longer: a register that works must not stand still behind a migration that waits.

An index on a table that is in use is built beside its writers: a file with `-- online` in its head
has nothing but `CREATE INDEX CONCURRENTLY schema.table…`, and runs outside a transaction, as long
as it takes. What a cut left of one is built anew.
"""

import asyncio
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from shared.errors import PermanentFailure
from shared.platform.database import Connection
from shared.platform.postgres import rights, schema_version

ROOT = Path(__file__).resolve().parents[3]
LOCK = 0x56616775  # "Vagu": one runner at a time in a database
LOCK_TIMEOUT = "10s"
NAME = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")

PAUSE_SECONDS = 0.5
_ONLINE = re.compile(r"^-- online$", re.MULTILINE)
_COMMENT = re.compile(r"--[^\n]*")
_CONCURRENT = re.compile(
    r"CREATE\s+(?:UNIQUE\s+)?INDEX\s+CONCURRENTLY\s+(?P<name>\w+)\s+ON\s+", re.IGNORECASE
)
VALID = """
    SELECT i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2
"""

LEDGER = """
    CREATE SCHEMA IF NOT EXISTS site;
    CREATE TABLE IF NOT EXISTS site.migrations (
        scope      text NOT NULL,
        number     integer NOT NULL,
        name       text NOT NULL,
        checksum   text NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        PRIMARY KEY (scope, number)
    )
"""
HAS_FORMER_ROLES = """
    SELECT EXISTS (SELECT FROM site.migrations) AND to_regclass('site.role_names') IS NULL
"""
RECORD = "INSERT INTO site.migrations (scope, number, name, checksum) VALUES ($1, $2, $3, $4)"


class BadMigration(PermanentFailure):
    """Raised when the migration files and the database contradict each other."""


@dataclass(frozen=True)
class Migration:
    """A single SQL migration file of a schema, with its number."""

    scope: str
    """`site`, or the service whose schema it makes."""
    number: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """The SHA-256 of the migration file's text, which must never change."""
        return hashlib.sha256(self.sql.encode()).hexdigest()

    @property
    def online(self) -> tuple[str, ...]:
        """The statements of a file that says `-- online`, without comments; empty for other files.

        Raises:
            BadMigration: it has something else than CREATE INDEX CONCURRENTLY.
        """
        if not _ONLINE.search(self.sql):
            return ()
        words = _COMMENT.sub("", self.sql).split(";")
        statements = tuple(part.strip() for part in words if part.strip())
        if wrong := [part for part in statements if not _CONCURRENT.match(part)]:
            raise BadMigration(
                f"{self} says `-- online` and has more than CREATE INDEX CONCURRENTLY: "
                f"{wrong[0][:80]}"
            )
        return statements

    def __str__(self) -> str:
        return f"{self.scope}/{self.name}"


def read(root: Path = ROOT) -> Mapping[str, Sequence[Migration]]:
    """Reads every SQL migration under `root` by scope: `site` first, then the services by name.

    Raises:
        BadMigration: a file is misnamed, or two of a scope have one number.
    """
    scopes = {"site": root / "shared" / "sql"}
    scopes |= {path.parent.name: path for path in sorted((root / "services").glob("*/sql"))}
    return {scope: _read_folder(scope, folder) for scope, folder in scopes.items()}


def _read_folder(scope: str, folder: Path) -> Sequence[Migration]:
    found: dict[int, Migration] = {}
    for path in sorted(folder.glob("*.sql")):
        if not (match := NAME.fullmatch(path.name)):
            raise BadMigration(f"{path} must be named NNNN_what.sql, in lower case.")
        number = int(match[1])
        if number in found:
            raise BadMigration(
                f"{found[number]} and {path.name} have one number: renumber the newer."
            )
        found[number] = Migration(scope, number, path.name, path.read_text(encoding="utf-8"))
    return list(found.values())


async def pending_migrations(
    connection: Connection, files: Mapping[str, Sequence[Migration]]
) -> Sequence[Migration]:
    """Returns the SQL migrations that the database has not applied yet.

    Raises:
        BadMigration: an applied file was edited, or another file has its number now.
    """
    applied = {}
    if await connection.fetchval("SELECT to_regclass('site.migrations') IS NOT NULL"):
        rows = await connection.fetch("SELECT scope, number, name, checksum FROM site.migrations")
        applied = {(row["scope"], row["number"]): row for row in rows}
    lacking = []
    for migration in (migration for scope in files.values() for migration in scope):
        row = applied.get((migration.scope, migration.number))
        if row is None:
            lacking.append(migration)
        elif row["checksum"] != migration.checksum:
            raise BadMigration(
                f"{migration} was edited after it was applied (as {row['name']}): "
                "put its text back and write the change as a new file with the next number."
            )
    return lacking


async def migrate(
    connection: Connection,
    files: Mapping[str, Sequence[Migration]] | None = None,
    *,
    site: str | None = None,
) -> Sequence[Migration]:
    """Applies the missing SQL migrations, each in its own transaction; returns those applied.

    `site` names the roles of a new database: see `rights.prefix`.

    Raises:
        BadMigration: see `pending_migrations`; a newer program migrated before; or a file's SQL
            fails, and nothing of that file stays.
        NoRole: a role is missing and may not be made, or is of another site.
        TooOld: the database needs a newer program.
    """
    files = read() if files is None else files
    await schema_version.check(connection)
    await _refuse_newer(connection, files)
    lacking = await pending_migrations(connection, files)
    if not lacking and await _has_schemas(connection, files):
        await rights.prefix(connection, site)
        return []
    # Asked again and again: an index that is built online waits for every statement that runs.
    while not await connection.fetchval(  # noqa: ASYNC110  (another process has it: no event)
        "SELECT pg_try_advisory_lock($1)", LOCK
    ):
        await asyncio.sleep(PAUSE_SECONDS)
    try:
        async with connection.transaction():
            await connection.execute(LEDGER)
            old = await connection.fetchval(HAS_FORMER_ROLES)
            await connection.execute(schema_version.TABLE)
            own = await rights.prefix(connection, site)
        lacking = await pending_migrations(connection, files)
        schemas = [scope for scope in files if scope != "site"]
        for name in (*schemas, *rights.OTHERS):
            await rights.ensure(connection, f"{own}_{name}")
        for scope in files:
            if scope != "site":
                await _prepare(connection, scope)
            for migration in lacking:
                if migration.scope == scope:
                    await _apply(connection, migration, own)
        if old:
            await rights.take_over(connection, own)
        await rights.grant(connection, schemas)
    finally:
        await connection.execute("SELECT pg_advisory_unlock($1)", LOCK)
    return lacking


async def _refuse_newer(connection: Connection, files: Mapping[str, Sequence[Migration]]) -> None:
    """An old program must not migrate what a newer one did: it does not know what is there."""
    if not await connection.fetchval("SELECT to_regclass('site.migrations') IS NOT NULL"):
        return
    known = {(migration.scope, migration.number) for scope in files.values() for migration in scope}
    rows = await connection.fetch(
        "SELECT scope, number, name FROM site.migrations WHERE scope = ANY($1::text[])", list(files)
    )
    if newer := sorted(f"{r['scope']}/{r['name']}" for r in rows if tuple(r)[:2] not in known):
        raise BadMigration(
            f"A newer program migrated this database ({newer[-1]} is unknown here): "
            "migrate with that program."
        )


async def _has_schemas(connection: Connection, scopes: Mapping[str, object]) -> bool:
    return bool(
        await connection.fetchval(
            "SELECT count(to_regnamespace(scope)) = count(*) FROM unnest($1::text[]) AS scope",
            list(scopes),
        )
    )


async def _prepare(connection: Connection, schema: str) -> None:
    async with connection.transaction():
        await connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{schema}"')
        await connection.execute("SELECT site.plumb($1)", schema)


async def _apply(connection: Connection, migration: Migration, own: str) -> None:
    try:
        for statement in migration.online:
            await _build(connection, migration, statement)
        async with connection.transaction():
            await connection.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
            if not migration.online:
                await connection.execute(rights.with_role_names(migration.sql, own))
            await connection.execute(
                schema_version.RAISE, schema_version.declared_version(migration.sql)
            )
            await connection.execute(
                RECORD, migration.scope, migration.number, migration.name, migration.checksum
            )
    except asyncpg.LockNotAvailableError as error:
        raise BadMigration(
            f"{migration} waited {LOCK_TIMEOUT} for a table that is in use, and gave up: nothing "
            "of it was kept. Stop the processes, or run it again at a quiet hour."
        ) from error
    except asyncpg.PostgresError as error:
        raise BadMigration(f"{migration} fails, nothing of it was kept: {error}") from error


async def _build(connection: Connection, migration: Migration, statement: str) -> None:
    """Builds an index beside its writers, once; what a cut left unfinished is removed first."""
    found = _CONCURRENT.match(statement)
    if found is None:
        return
    valid = await connection.fetchval(VALID, migration.scope, found["name"].lower())
    if valid:
        return
    if valid is False:
        await connection.execute(f'DROP INDEX CONCURRENTLY "{migration.scope}"."{found["name"]}"')
    # It makes nobody wait, so it may wait itself for those who began before.
    await connection.execute(statement, timeout=None)
