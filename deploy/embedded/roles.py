"""The login roles of the embedded PostgreSQL: one for each service, one that owns the database.

The services' tables and rights are made by the migrations; here is only who may log in.
"""

from collections.abc import Mapping
from pathlib import Path

import asyncpg

from deploy.embedded.kept import kept_secret
from deploy.embedded.postgres import PostgresServer

OWNER = "owner"
NAMES = (OWNER, "site", "ingest", "desk", "sla", "notify", "grafana")
DATABASE = "vaguemestre"

_EXISTS = "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)"
# CREATE and ALTER ROLE take no parameters: PostgreSQL itself quotes the words.
_CREATE = "SELECT format('CREATE ROLE %I LOGIN PASSWORD %L', $1::text, $2::text)"
_ALTER = "SELECT format('ALTER ROLE %I LOGIN PASSWORD %L', $1::text, $2::text)"
_DATABASE_EXISTS = "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)"
_CREATE_DATABASE = "SELECT format('CREATE DATABASE %I OWNER %I', $1::text, $2::text)"


async def make_roles(server: PostgresServer, data: Path) -> Mapping[str, str]:
    """Make the roles and the database that are missing; the URL of each role by its short name.

    The passwords are kept in DATA/secrets; a second call changes nothing.
    """
    connection = await asyncpg.connect(server.url)
    try:
        urls = {}
        for name in NAMES:
            role = f"vaguemestre_{name}"
            password = kept_secret(data, role)
            statement = _ALTER if await connection.fetchval(_EXISTS, role) else _CREATE
            await connection.execute(await connection.fetchval(statement, role, password))
            urls[name] = server.url_for(role, password, DATABASE)
        if not await connection.fetchval(_DATABASE_EXISTS, DATABASE):
            await connection.execute(
                await connection.fetchval(_CREATE_DATABASE, DATABASE, f"vaguemestre_{OWNER}")
            )
        return urls
    finally:
        await connection.close()
