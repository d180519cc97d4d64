"""Roles carry the site: no préfecture reads another, and nobody may more than they need."""

import asyncio
import re
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import asyncpg
import pytest

from services.ops.status import questions
from shared.platform.database import Connection
from shared.platform.postgres import rights
from shared.platform.postgres.migrate import migrate
from shared.platform.postgres.rights import NoRole, prefix_of
from tests.roles import under_role

SERVICES = (*rights.PROCESSES, *rights.OTHERS)
GROWN = (
    *("facts", "roots", "root_heads", "readings", "closed_months", "closed_promises"),
    *("departures", "letter_uses", "past_lines", "labels", "messages"),
)
READABLE = {  # one table or view of each schema that holds what people wrote, or who they are
    "ingest": "ingest.arrivals",
    "desk": "desk.search",
    "web": "desk.search",
    "portal": "portal.followed",
    "public": "desk.deposits",
    "sla": "sla.facts",
    "notify": "notify.ledger",
    "status": "desk.words",
    "grafana": "desk.promises",
    "rehearsal": "desk.facts",
    "relay": "desk.outbox",
}


@pytest.fixture
async def two(postgres_server_url: str) -> AsyncIterator[dict[str, str]]:
    """Two préfectures installed on one server, each by an owner of its own: their addresses."""
    admin = await asyncpg.connect(postgres_server_url)
    urls = {}
    try:
        for site in ("cher", "creuse"):
            owner = f"owner_{site}"
            await admin.execute(f"CREATE ROLE {owner} LOGIN CREATEROLE PASSWORD 'x'")
            await admin.execute(f"CREATE DATABASE pref_{site} OWNER {owner}")
            urls[site] = _address(postgres_server_url, owner, f"pref_{site}")
        yield urls
    finally:
        for site in urls:
            await admin.execute(f"DROP DATABASE IF EXISTS pref_{site} WITH (FORCE)")
        for site in urls:
            for name in SERVICES:
                await admin.execute(f"DROP ROLE IF EXISTS {prefix_of(site)}_{name}")
            await admin.execute(f"DROP ROLE IF EXISTS owner_{site}")
        await admin.close()


def _address(url: str, role: str, database: str) -> str:
    parts = urlsplit(url)
    return f"postgresql://{role}:x@{parts.hostname}:{parts.port}/{database}"


async def test_two_prefectures_on_one_server_can_not_read_each_other(two: dict[str, str]) -> None:
    for site, url in two.items():
        connection = await asyncpg.connect(url)
        await migrate(connection, site=site)
        for name in SERVICES:
            await connection.execute(f"ALTER ROLE {prefix_of(site)}_{name} LOGIN PASSWORD 'x'")
        await connection.close()
    for role_of in two:
        for name in SERVICES:
            role = f"{prefix_of(role_of)}_{name}"
            for database_of, url in two.items():
                await _tries(role, name, _address(url, role, f"pref_{database_of}"),
                             own=role_of == database_of)  # fmt: skip


async def _tries(role: str, name: str, url: str, *, own: bool) -> None:
    if not own:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied for data"):
            await asyncpg.connect(url)
        return
    connection = await asyncpg.connect(url)
    try:
        assert await connection.fetchval("SELECT current_user") == role
        await connection.fetchval(f"SELECT count(*) FROM {READABLE[name]}")  # noqa: S608  (a name of ours)
        for other in ("ingest", "sla", "notify"):
            if other != name:
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.fetch(f"SELECT * FROM {READABLE[other]}")  # noqa: S608  (a name of ours)
    finally:
        await connection.close()


async def test_an_owner_can_not_take_the_roles_of_another_site(two: dict[str, str]) -> None:
    first, second = [await asyncpg.connect(url) for url in two.values()]
    try:
        await migrate(first, site="cher")
        await migrate(second, site="creuse")
        with pytest.raises(NoRole, match="begin with vaguemestre_creuse_"):
            await migrate(second, site="cher")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await second.execute(f"ALTER ROLE {prefix_of('cher')}_desk LOGIN PASSWORD 'y'")
    finally:
        await first.close()
        await second.close()


@pytest.mark.parametrize("service", ["desk", "web"])
@pytest.mark.parametrize("table", GROWN)
async def test_what_only_grows_can_not_be_changed_by_who_writes_it(
    postgres_url: str, service: str, table: str
) -> None:
    connection = await asyncpg.connect(under_role(postgres_url, service))
    try:
        await connection.fetch(f"SELECT * FROM desk.{table} LIMIT 1")  # noqa: S608  (GROWN)
        column = await connection.fetchval(
            "SELECT attname FROM pg_attribute WHERE attrelid = $1::regclass"
            " ORDER BY attnum DESC LIMIT 1",
            f"desk.{table}",
        )
        for statement in (
            f"UPDATE desk.{table} SET {column} = {column}",  # noqa: S608  (GROWN)
            f"DELETE FROM desk.{table}",  # noqa: S608  (GROWN)
            f"TRUNCATE desk.{table}",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
    finally:
        await connection.close()


@pytest.mark.parametrize(
    ("service", "statement"),
    [
        ("web", "INSERT INTO desk.inbox (reader, event_id) VALUES ('a', gen_random_uuid())"),
        ("web", "DELETE FROM desk.dead_letters"),
        ("web", "INSERT INTO desk.root_heads SELECT * FROM desk.root_heads"),
        ("web", "UPDATE site.people SET name = 'x'"),
        ("web", "INSERT INTO site.versions SELECT * FROM site.versions"),
        ("sla", "TRUNCATE sla.items"),
        ("notify", "DELETE FROM notify.facts"),
        ("public", "SELECT * FROM desk.items"),
        ("public", "SELECT told FROM desk.arrivals"),
        ("public", "SELECT * FROM desk.search"),
        ("public", "SELECT * FROM desk.sessions"),
        ("public", "DELETE FROM desk.deposits"),
        ("status", "SELECT * FROM desk.search"),
        ("status", "SELECT payload FROM desk.outbox"),
        ("status", "SELECT payload FROM desk.facts"),
        ("status", "SELECT correspondent FROM notify.ledger"),
        ("status", "SELECT * FROM desk.sessions"),
        ("status", "DELETE FROM desk.outbox"),
        ("grafana", "SELECT * FROM desk.items"),
        ("relay", "SELECT * FROM desk.items"),
        ("relay", "SELECT * FROM sla.facts"),
        ("relay", "SELECT * FROM site.people"),
        ("relay", "DELETE FROM notify.outbox"),
        ("relay", "INSERT INTO ingest.outbox_waiting (again, id) VALUES (false, 1)"),
    ],
)
async def test_a_role_may_no_more_than_it_needs(
    postgres_url: str, service: str, statement: str
) -> None:
    connection = await asyncpg.connect(under_role(postgres_url, service))
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    finally:
        await connection.close()


async def test_whoever_only_looks_may_ask_all_that_status_says(postgres_url: str) -> None:
    asked = [
        text
        for text in vars(questions).values()
        if isinstance(text, str) and re.match(r"\s*SELECT ", text) and "$" not in text
    ]
    assert len(asked) > 8
    connection = await asyncpg.connect(under_role(postgres_url, "status"))
    try:
        for statement in asked:
            await connection.fetch(statement)
    finally:
        await connection.close()


async def test_the_roles_of_an_older_installation_go_on_until_they_are_ended(
    postgres_server_url: str,
) -> None:
    """Installed as before roles carried the site: the old names and their grants."""
    admin = await asyncpg.connect(postgres_server_url)
    try:
        await admin.execute("CREATE DATABASE pref_older")
        for name in ("ingest", "desk", "sla", "notify", "grafana"):
            await rights.ensure(admin, f"{rights.FORMER}_{name}")
        url = _database(postgres_server_url, "pref_older")
        owner = await asyncpg.connect(url)
        await _older(owner)
        await migrate(owner, site="allier")
        await _switches(url, owner)
        await owner.close()
    finally:
        await admin.execute("DROP DATABASE IF EXISTS pref_older WITH (FORCE)")
        for name in SERVICES:
            await admin.execute(f"DROP ROLE IF EXISTS {prefix_of('allier')}_{name}")
            await admin.execute(f"DROP ROLE IF EXISTS {rights.FORMER}_{name}")
        await admin.close()


async def _older(owner: Connection) -> None:
    """What `migrate` had left: everything granted to roles without a site."""
    await migrate(owner, site="allier")
    for name in ("ingest", "desk", "sla", "notify"):
        old = f"{rights.FORMER}_{name}"
        await owner.execute(
            f"GRANT USAGE ON SCHEMA {name}, site TO {old};"
            f"GRANT ALL ON ALL TABLES IN SCHEMA {name} TO {old};"
            f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {name} TO {old};"
            f"GRANT SELECT ON ALL TABLES IN SCHEMA site TO {old};"
        )
    await owner.execute("GRANT INSERT ON site.people TO vaguemestre_desk")
    await owner.execute("DROP TABLE site.role_names")
    await owner.execute("DELETE FROM site.migrations WHERE scope = 'notify' AND number = 97")
    await owner.execute("DELETE FROM site.table_rights WHERE schema_name = 'notify'")


async def _switches(url: str, owner: Connection) -> None:
    parts = urlsplit(url)
    old = await asyncpg.connect(parts._replace(query="role=vaguemestre_desk").geturl())
    await old.fetch("SELECT * FROM desk.items")
    await old.execute("INSERT INTO desk.attempts DEFAULT VALUES")  # the pages', under that name
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await old.execute("DELETE FROM desk.facts")
    new = await asyncpg.connect(parts._replace(query="role=vaguemestre_allier_desk").geturl())
    assert await new.fetchval("SELECT has_table_privilege('site.people', 'INSERT')")
    assert "vaguemestre_desk" in await rights.part(owner)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await old.fetch("SELECT * FROM desk.items")
    await asyncio.gather(old.close(), new.close())


def _database(url: str, name: str) -> str:
    return urlsplit(url)._replace(path=f"/{name}").geturl()


@pytest.mark.parametrize(
    ("site", "prefix"),
    [
        ("indre", "vaguemestre_indre"),
        ("seine-saint-denis", "vaguemestre_seine_saint_denis"),
        ("la.reunion", "vaguemestre_la_reunion"),
    ],
)
def test_a_migration_says_the_service_and_gets_the_name_of_the_site(site: str, prefix: str) -> None:
    assert prefix_of(site) == prefix
    sql = "GRANT SELECT ON desk.rates TO vaguemestre_notify; -- vaguemestre_desk_items stays"
    assert rights.with_role_names(sql, prefix) == (
        f"GRANT SELECT ON desk.rates TO {prefix}_notify; -- vaguemestre_desk_items stays"
    )


@pytest.mark.parametrize("table", ["facts", "roots", "root_heads", "closed_months"])
async def test_not_even_the_owner_changes_what_the_evidence_stands_on_by_a_statement(
    postgres_url: str, table: str
) -> None:
    connection = await asyncpg.connect(postgres_url)
    try:
        with pytest.raises(asyncpg.RaiseError, match=r"never changed|stand"):
            await connection.execute(f"TRUNCATE desk.{table} CASCADE")
    finally:
        await connection.close()
