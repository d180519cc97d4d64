"""A database as text: the rows of every table of ours, one row a line, and how they come back.

Rows only: the tables are made by the migrations that `migrations` names, which are never edited.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from shared.platform.postgres.migrate import Migration, migrate
from shared.platform.postgres.migrate import read as files

SCOPES: Final = ("site", "ingest", "desk", "sla", "notify")
LIST: Final = "migrations"
OF_THE_DATABASE: Final = ("site.migrations", "site.role_names")
"""They say what was done to this database, and say it by themselves."""
TABLES = """
    SELECT format('%I.%I', n.nspname, c.relname) AS name, n.nspname AS scope,
           array_agg(format('%I', a.attname) ORDER BY a.attnum) AS columns,
           array_agg(a.atttypid = 'timestamptz'::regtype ORDER BY a.attnum) AS moments
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relkind = 'r' AND n.nspname = ANY($1::text[])
      AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    GROUP BY n.nspname, c.relname
    ORDER BY array_position($1::text[], n.nspname::text), c.relname
"""
REAL = "CASE WHEN {0} BETWEEN clock.begun AND clock_timestamp() THEN clock.now ELSE {0} END"
SEQUENCES = """
    SELECT format('%I.%I', schemaname, sequencename) AS name, schemaname AS scope, last_value
    FROM pg_sequences WHERE schemaname = ANY($1::text[]) AND last_value IS NOT NULL ORDER BY 1
"""


async def write(connection: Any, begun: datetime, now: datetime) -> Mapping[str, str]:
    """By file, its text; for what the real clock said since it was `begun` stands `now`."""
    applied = await connection.fetch(
        "SELECT scope, name, checksum FROM site.migrations"
        " ORDER BY array_position($1::text[], scope), number",
        SCOPES,
    )
    texts = {f"{scope}.sql": "" for scope in SCOPES}
    for table in await connection.fetch(TABLES, SCOPES):
        if table["name"] in OF_THE_DATABASE:
            continue
        if rows := await _rows(connection, table, begun, now):
            texts[f"{table['scope']}.sql"] += (
                f"INSERT INTO {table['name']} ({', '.join(table['columns'])})"
                " OVERRIDING SYSTEM VALUE VALUES\n" + ",\n".join(rows) + ";\n\n"
            )
    for sequence in await connection.fetch(SEQUENCES, SCOPES):
        setting = f"SELECT setval('{sequence['name']}', {sequence['last_value']});\n"
        texts[f"{sequence['scope']}.sql"] += setting
    return {LIST: "".join(" ".join(migration) + "\n" for migration in applied)} | texts


async def _rows(connection: Any, table: Any, begun: datetime, now: datetime) -> Sequence[str]:
    values = ", ".join(
        f"quote_nullable({REAL.format(column) if is_moment else column}::text)"
        for column, is_moment in zip(table["columns"], table["moments"], strict=True)
    )
    rows = await connection.fetch(
        f"""
        SELECT line FROM (
            SELECT '(' || concat_ws(', ', {values}) || ')' AS line FROM {table["name"]},
                   (SELECT $1::timestamptz AS begun, $2::timestamptz AS now) AS clock
        ) AS lines ORDER BY length(split_part(line, ',', 1)), line COLLATE "C"
        """,  # noqa: S608  (names of our tables)
        begun,
        now,
    )
    return [row["line"] for row in rows]


def migrations(folder: Path) -> Mapping[str, Sequence[Migration]]:
    """Those of the version that left this folder."""
    wanted = {tuple(line.split()) for line in (folder / LIST).read_text().splitlines()}
    found = {
        scope: [file for file in known if (scope, file.name, file.checksum) in wanted]
        for scope, known in files().items()
    }
    missing = wanted - {
        (file.scope, file.name, file.checksum) for of in found.values() for file in of
    }
    assert not missing, f"edited, renamed or removed: {sorted(missing)}"
    return found


async def read(connection: Any, folder: Path) -> None:
    """Makes of an empty database what the version of this folder left.

    `connection`: a superuser's, for whom no trigger stands while rows come in.
    """
    await migrate(connection, migrations(folder), site="indre")
    async with connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        tables = [table["name"] for table in await connection.fetch(TABLES, SCOPES)]
        own = ", ".join(name for name in tables if name not in OF_THE_DATABASE)
        await connection.execute(f"TRUNCATE {own}")
        for scope in SCOPES:
            await connection.execute((folder / f"{scope}.sql").read_text(encoding="utf-8"))
