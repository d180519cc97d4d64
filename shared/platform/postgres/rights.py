"""Who may what in the database: the roles of a site, and what is granted to them.

Roles belong to the whole server, so their names carry the site: `vaguemestre_indre_desk`. What
stands before the service is kept in the database (`site.role_names`), and migrations, written for
any site, say `vaguemestre_desk`. Nobody else may connect to the database.

    ingest, sla, notify   the processes of that name
    desk                  `desk keep` and the register's commands
    web                   `desk serve`
    portal                `portal serve`: a deposit more, what is followed, the rules; no register
    public                what the pages of the public went on as before they were the portal
    status                `vaguemestre status`: sums and moments, no word that anybody wrote
    grafana               the dashboards: what their migrations grant
    rehearsal             `vaguemestre rehearse`: reads facts and rules, adds a kept rehearsal
    relay                 the one relay of `vaguemestre run`: outboxes, and nothing else

Before there was a version of the schema roles were `vaguemestre_desk`, …, for every préfecture of
the server. `migrate` moves what they were granted to the new ones and makes them
members of these, so that a process under an old name goes on until its operator has switched.
"""

import re

import asyncpg

from shared.errors import PermanentFailure
from shared.platform.database import Connection

PROCESSES = ("ingest", "desk", "sla", "notify")
"""Roles with a schema of their own; a new service adds its own."""
OTHERS = ("web", "portal", "public", "status", "grafana", "rehearsal", "relay")
FORMER = "vaguemestre"
"""What stood before the name of a service when roles did not carry the site."""
FORMERLY = {name: (name,) for name in (*PROCESSES, "grafana")} | {"desk": ("desk", "web")}
"""Each old role, and what it is a member of."""

_GENERIC = re.compile(rf"\b{FORMER}_({'|'.join((*PROCESSES, *OTHERS))})\b")
_LONGEST = 40
NAMES = """
    CREATE TABLE IF NOT EXISTS site.role_names (
        single boolean PRIMARY KEY DEFAULT true CHECK (single),
        prefix text NOT NULL
    )
"""
APPLIED = "SELECT bundle #>> '{identity,id}' FROM site.versions ORDER BY version DESC LIMIT 1"


class NoRole(PermanentFailure):
    """Raised when a database role is missing, or this user may not grant it."""


def prefix_of(site: str) -> str:
    """Returns the prefix of a site's database roles: `vaguemestre_seine_saint_denis`."""
    return f"{FORMER}_{re.sub(r'[^a-z0-9]', '_', site.lower())[:_LONGEST]}"


def with_role_names(sql: str, prefix: str) -> str:
    """Returns a migration's SQL with the generic role names replaced by those of this site."""
    return _GENERIC.sub(rf"{prefix}_\1", sql)


async def prefix(connection: Connection, site: str | None) -> str:
    """Returns the prefix of this database's roles, decided once and stored.

    It is made from `site`, else the site whose rules are applied, else the database's name.

    Raises:
        NoRole: the database is of another site, or nothing says of which.
    """
    await connection.execute(NAMES)
    kept: str | None = await connection.fetchval("SELECT prefix FROM site.role_names")
    wanted = None if site is None else prefix_of(site)
    if kept is not None:
        if wanted not in {None, kept}:
            raise NoRole(f"The roles of this database begin with {kept}_, not {wanted}_.")
        return kept
    if wanted is None:
        wanted = prefix_of(await _site(connection))
    await connection.execute("INSERT INTO site.role_names (prefix) VALUES ($1)", wanted)
    return wanted


async def _site(connection: Connection) -> str:
    if await connection.fetchval("SELECT to_regclass('site.versions') IS NOT NULL"):
        applied: str | None = await connection.fetchval(APPLIED)
        if applied is not None:
            return applied
    database: str = await connection.fetchval("SELECT current_database()")
    name = database.removeprefix(f"{FORMER}_")
    if name == FORMER:
        raise NoRole(
            "Roles carry the name of the site: run `vaguemestre migrate --site ID`, with the id "
            "that site.yaml has."
        )
    return name


async def ensure(connection: Connection, role: str) -> None:
    """Creates a PostgreSQL role without login, unless it exists.

    Raises:
        NoRole: this user may not.
    """
    if await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role):
        return
    try:
        await connection.execute(f'CREATE ROLE "{role}" NOLOGIN')
    except (asyncpg.DuplicateObjectError, asyncpg.UniqueViolationError):
        # Roles belong to the whole server: a runner in another database was faster.
        return
    except asyncpg.InsufficientPrivilegeError as error:
        raise NoRole(
            f"Role {role} does not exist and this user may not create it: "
            f"have the administrator run `CREATE ROLE {role}`, or migrate with CREATEROLE."
        ) from error


async def grant(connection: Connection, schemas: "list[str]") -> None:
    """Grants each database role of the site all its rights anew; nobody else may connect."""
    async with connection.transaction():
        own: str = await connection.fetchval("SELECT prefix FROM site.role_names")
        # Not before its own migration: what a version before this one left is read as it stands.
        relays = await connection.fetchval(
            "SELECT to_regprocedure('site.grant_relay(text)') IS NOT NULL"
        )
        for schema in schemas:
            await connection.execute("SELECT site.grant_schema($1, $1)", schema)
            await connection.execute("SELECT site.grant_site($1)", schema)
            await connection.execute("SELECT site.grant_sight($1, 'status')", schema)
            if relays:
                await connection.execute("SELECT site.grant_relay($1)", schema)
        await connection.execute("SELECT site.grant_site('status')")
        if "desk" in schemas:
            await connection.execute("SELECT site.grant_schema('desk', 'web')")
            await connection.execute("SELECT site.grant_same('site', 'desk', 'web')")
            await connection.execute("SELECT site.grant_site('public')")
            await connection.execute("SELECT site.grant_site('rehearsal')")
        roles = [f"{own}_{name}" for name in (*schemas, *OTHERS)]
        database: str = await connection.fetchval("SELECT current_database()")
        await connection.execute(
            f'REVOKE CONNECT, TEMPORARY ON DATABASE "{database}" FROM PUBLIC;'
            + "".join(f'GRANT CONNECT ON DATABASE "{database}" TO "{role}";' for role in roles)
        )
        await _join(connection, f"{own}_public", f"{own}_web")


async def take_over(connection: Connection, own: str) -> None:
    """Moves to the new database roles of the site what was granted to the former ones.

    The names of those lacked the site's. They become members of the new ones, so that old logins go
    on working.
    """
    async with connection.transaction():
        for name, members in FORMERLY.items():
            former = f"{FORMER}_{name}"
            if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", former):
                continue
            await connection.execute("SELECT site.move_rights($1, $2)", former, f"{own}_{name}")
            for member in members:
                await _join(connection, f"{own}_{member}", former)


async def part(connection: Connection) -> "list[str]":
    """Ends the memberships that keep former database roles working; returns the roles changed."""
    own: str = await connection.fetchval("SELECT prefix FROM site.role_names")
    ended = []
    async with connection.transaction():
        for name, members in FORMERLY.items():
            former = f"{FORMER}_{name}"
            for member in members:
                role = f"{own}_{member}"
                if await _is_member(connection, former, role):
                    await connection.execute(f'REVOKE "{role}" FROM "{former}"')
                    ended.append(former)
    return sorted(set(ended))


async def _join(connection: Connection, role: str, member: str) -> None:
    if await _is_member(connection, member, role):
        return
    try:
        async with connection.transaction():
            await connection.execute(f'GRANT "{role}" TO "{member}"')
    except asyncpg.InsufficientPrivilegeError as error:
        raise NoRole(
            f"This user may not grant {role} to {member}: "
            f"have the administrator run `GRANT {role} TO {member}`, and migrate again."
        ) from error


async def _is_member(connection: Connection, member: str, role: str) -> bool:
    """Whether it was made one: a superuser is a member of all, and was made none of any."""
    return bool(
        await connection.fetchval(
            """
            SELECT EXISTS (SELECT FROM pg_auth_members m
                           WHERE m.roleid = to_regrole($2) AND m.member = to_regrole($1))
            """,
            member,
            role,
        )
    )
