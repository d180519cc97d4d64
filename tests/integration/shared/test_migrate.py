"""Migrations are applied once, in order, and never edited."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from shared.platform.database import Connection
from shared.platform.postgres import schema_version
from shared.platform.postgres.migrate import ROOT as PROJECT
from shared.platform.postgres.migrate import (
    BadMigration,
    Migration,
    migrate,
    pending_migrations,
    read,
)
from shared.platform.postgres.schema_version import TooOld
from tests.migration_rules import faults


@pytest.fixture
async def connection(postgres_url: str) -> AsyncIterator[Connection]:
    connection = await asyncpg.connect(postgres_url)
    yield connection
    await connection.close()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with the shared migrations and one service."""
    shared = tmp_path / "shared" / "sql"
    shared.mkdir(parents=True)
    for file in (PROJECT / "shared" / "sql").glob("*.sql"):
        (shared / file.name).write_text(file.read_text())
    (tmp_path / "services" / "fifth" / "sql").mkdir(parents=True)
    (tmp_path / "services/fifth/sql/0001_first.sql").write_text("CREATE TABLE fifth.one (n int);")
    return tmp_path


async def test_the_project_is_migrated_once_and_then_nothing_is_left(
    connection: Connection,
) -> None:
    assert await migrate(connection) == []


async def test_a_new_service_gets_its_schema_its_role_and_its_plumbing(
    connection: Connection, root: Path
) -> None:
    assert [str(migration) for migration in await migrate(connection, read(root))] == [
        "fifth/0001_first.sql"
    ]
    await connection.execute("SET ROLE vaguemestre_indre_fifth")
    await connection.execute("INSERT INTO fifth.one VALUES (1)")
    for table in ("outbox", "inbox", "dead_letters"):
        question = f"SELECT count(*) FROM fifth.{table}"  # noqa: S608  (three names, above)
        assert await connection.fetchval(question) == 0
    await connection.fetch("SELECT * FROM site.story")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute("INSERT INTO site.story (moment) VALUES (clock_timestamp())")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute("CREATE TABLE fifth.two (n int)")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute("SELECT * FROM sla.outbox")


async def test_the_example_of_the_how_to_is_a_migration_that_a_register_bears(
    connection: Connection,
) -> None:
    page = (PROJECT / "docs/how-to/add-a-migration.md").read_text(encoding="utf-8")
    (sql,) = re.findall(r"^```sql\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert list(faults(sql)) == []
    files = dict(read())
    number = files["desk"][-1].number + 1
    files["desk"] = [*files["desk"], Migration("desk", number, f"{number:04}_visits.sql", sql)]
    assert [found.number for found in await migrate(connection, files)] == [number]
    await connection.execute("SET ROLE vaguemestre_indre_desk")
    assert await connection.fetchval("SELECT count(*) FROM desk.visits") == 0
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute("DELETE FROM desk.visits")


async def test_an_edited_migration_is_refused_by_name(connection: Connection, root: Path) -> None:
    await migrate(connection, read(root))
    (root / "services/fifth/sql/0001_first.sql").write_text("CREATE TABLE fifth.other (n int);")
    with pytest.raises(BadMigration, match=r"fifth/0001_first.sql was edited"):
        await migrate(connection, read(root))


async def test_a_migration_that_fails_leaves_nothing_of_itself(
    connection: Connection, root: Path
) -> None:
    (root / "services/fifth/sql/0002_bad.sql").write_text(
        "CREATE TABLE fifth.two (n int); SELECT 1 / 0;"
    )
    with pytest.raises(BadMigration, match=r"fifth/0002_bad.sql fails"):
        await migrate(connection, read(root))
    assert await connection.fetchval("SELECT to_regclass('fifth.two')") is None
    assert [str(migration) for migration in await pending_migrations(connection, read(root))] == [
        "fifth/0002_bad.sql"
    ]


async def test_two_runners_at_once_apply_each_file_once(
    postgres_url: str, connection: Connection, root: Path
) -> None:
    other = await asyncpg.connect(postgres_url)
    try:
        files = read(root)
        applied = await asyncio.gather(migrate(connection, files), migrate(other, files))
    finally:
        await other.close()
    assert sorted(len(migrations) for migrations in applied) == [0, 1]


async def test_a_migration_says_which_programs_it_leaves_behind(
    connection: Connection, root: Path
) -> None:
    (root / "services/fifth/sql/0002_contract.sql").write_text(
        "-- What nobody reads any more.\n-- min_version: 7\nALTER TABLE fifth.one DROP n;"
    )
    await migrate(connection, read(root))
    assert await connection.fetchval("SELECT min_version FROM site.schema") == 7
    with pytest.raises(TooOld, match="needs a program of version 7 or later, and this one is 1"):
        await schema_version.check(connection)
    with pytest.raises(TooOld, match="version 7"):
        await migrate(connection, read(root))


async def test_a_row_of_a_newer_program_is_let_be_where_its_version_allows_it(
    connection: Connection,
) -> None:
    await connection.execute(
        "INSERT INTO site.migrations (scope, number, name, checksum)"
        " VALUES ('sla', 9999, '9999_next_year.sql', '')"
    )
    await schema_version.check(connection)
    assert await pending_migrations(connection, read()) == []
    with pytest.raises(BadMigration, match=r"newer program .*sla/9999_next_year.sql is unknown"):
        await migrate(connection)


def test_no_migration_asks_for_a_newer_program_than_this_one() -> None:
    needed = [
        schema_version.declared_version(migration.sql)
        for scope in read().values()
        for migration in scope
    ]
    assert max(needed) <= schema_version.VERSION


async def test_a_migration_does_not_wait_long_for_a_table_in_use(
    postgres_url: str, connection: Connection, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await migrate(connection, read(root))
    monkeypatch.setattr("shared.platform.postgres.migrate.LOCK_TIMEOUT", "100ms")
    (root / "services/fifth/sql/0002_wider.sql").write_text("ALTER TABLE fifth.one ADD m int;")
    reader = await asyncpg.connect(postgres_url)
    try:
        async with reader.transaction():
            await reader.fetch("SELECT * FROM fifth.one")
            with pytest.raises(BadMigration, match=r"fifth/0002_wider.sql waited 100ms"):
                await migrate(connection, read(root))
    finally:
        await reader.close()
    assert [str(migration) for migration in await migrate(connection, read(root))] == [
        "fifth/0002_wider.sql"
    ]


async def test_an_index_is_built_beside_its_writers(
    postgres_url: str, connection: Connection, root: Path
) -> None:
    """Whoever wrote before and has not committed yet, and whoever writes meanwhile, goes on."""
    await migrate(connection, read(root))
    (root / "services/fifth/sql/0002_online.sql").write_text(
        "-- online\nCREATE INDEX CONCURRENTLY one_n ON fifth.one (n); -- by number\n"
    )
    writer = await asyncpg.connect(postgres_url)
    ours = writer.transaction()
    await ours.start()
    await writer.execute("INSERT INTO fifth.one VALUES (1)")
    building = asyncio.create_task(migrate(connection, read(root)))
    asked = """
        SELECT count(*) FROM pg_stat_activity
        WHERE query LIKE 'CREATE INDEX CONC%' AND state = 'active' AND datname = current_database()
    """
    other = await asyncpg.connect(postgres_url)
    while not await other.fetchval(asked):
        assert not building.done()
        await asyncio.sleep(0.05)
    await other.execute("SET lock_timeout = '60s'; INSERT INTO fifth.one VALUES (2)")
    assert not building.done(), "it waits for who began before, and nobody for it"
    await ours.commit()
    assert [str(migration) for migration in await building] == ["fifth/0002_online.sql"]
    assert await other.fetchval(
        "SELECT indisvalid FROM pg_index WHERE indexrelid = 'fifth.one_n'::regclass"
    )
    assert await pending_migrations(connection, read(root)) == []
    await writer.close()
    await other.close()


async def test_an_index_that_a_cut_left_unfinished_is_built_anew(
    connection: Connection, root: Path
) -> None:
    await migrate(connection, read(root))
    await connection.execute("INSERT INTO fifth.one VALUES (1), (1)")
    path = root / "services/fifth/sql/0002_online.sql"
    path.write_text("-- online\nCREATE UNIQUE INDEX CONCURRENTLY one_n ON fifth.one (n);\n")
    with pytest.raises(BadMigration, match=r"fifth/0002_online\.sql fails"):
        await migrate(connection, read(root))
    await connection.execute("DELETE FROM fifth.one")
    assert [str(migration) for migration in await migrate(connection, read(root))] == [
        "fifth/0002_online.sql"
    ]
    assert await connection.fetchval(
        "SELECT indisvalid FROM pg_index WHERE indexrelid = 'fifth.one_n'::regclass"
    )


async def test_online_is_for_indexes_alone(connection: Connection, root: Path) -> None:
    (root / "services/fifth/sql/0002_online.sql").write_text(
        "-- online\nALTER TABLE fifth.one ADD m int;"
    )
    with pytest.raises(BadMigration, match="more than CREATE INDEX CONCURRENTLY"):
        await migrate(connection, read(root))
