"""The login roles of the embedded PostgreSQL: one for each process, one that owns the database.

The services' tables and rights are made by the migrations; here is only who may log in. Names carry
the site, as everywhere (shared/platform/postgres/rights.py). The owner may grant them, as one with
CREATEROLE could.
"""

from collections.abc import Mapping
from pathlib import Path

import asyncpg

from deploy.embedded.data_folder import kept_secret
from deploy.embedded.postgres import PostgresServer
from shared.platform.postgres.rights import FORMER, OTHERS, PROCESSES, prefix_of

OWNER = "owner"
NAMES = (OWNER, *PROCESSES, *OTHERS)
DATABASE = "vaguemestre"

_EXISTS = "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)"
# CREATE and ALTER ROLE take no parameters: PostgreSQL itself quotes the words.
_CREATE = "SELECT format('CREATE ROLE %I LOGIN PASSWORD %L', $1::text, $2::text)"
_ALTER = "SELECT format('ALTER ROLE %I LOGIN PASSWORD %L', $1::text, $2::text)"
_OWNER = """
    SELECT rolname FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba WHERE datname = $1
"""
_CREATE_DATABASE = "SELECT format('CREATE DATABASE %I OWNER %I', $1::text, $2::text)"
_LET_GRANT = "SELECT format('GRANT %I TO %I WITH ADMIN OPTION', $1::text, $2::text)"


async def make_roles(server: PostgresServer, data: Path, site: str) -> Mapping[str, str]:
    """Creates the missing database roles and the database; returns each role's URL.

    The passwords are kept in DATA/secrets; a second call changes nothing.
    """
    connection = await asyncpg.connect(server.url)
    try:
        # A folder from before roles carried the site: its database stays with its owner.
        kept: str | None = await connection.fetchval(_OWNER, DATABASE)
        owner = kept or f"{FORMER}_{OWNER}"
        urls = {}
        for name in NAMES:
            role = owner if name == OWNER else f"{prefix_of(site)}_{name}"
            password = kept_secret(data, role)
            statement = _ALTER if await connection.fetchval(_EXISTS, role) else _CREATE
            await connection.execute(await connection.fetchval(statement, role, password))
            urls[name] = server.url_for(role, password, DATABASE)
        for name in NAMES[1:]:
            role = f"{prefix_of(site)}_{name}"
            await connection.execute(await connection.fetchval(_LET_GRANT, role, owner))
        if kept is None:
            await connection.execute(await connection.fetchval(_CREATE_DATABASE, DATABASE, owner))
        return urls
    finally:
        await connection.close()
