"""The portal's role may what is listed here, and nobody else writes what is the portal's."""

import asyncpg
import pytest

from shared.site import store
from tests.roles import under_role

OF_THE_PORTAL = {
    "portal.deposits": {"SELECT", "INSERT"},
    "portal.deposit_keys": {"SELECT"},
    "portal.followed": {"SELECT"},
    "portal.followed_letters": {"SELECT"},
    "portal.place_exceptions": {"SELECT"},
    "portal.surveys": {"SELECT"},
    "portal.survey_visits": {"INSERT"},
    "site.versions": {"SELECT version, digest, bundle, days, effective_from"},
    "site.go_live": {"SELECT id, moment"},
    "site.unsigned_codes": {"SELECT"},
    "site.story": {"SELECT"},
    "site.migrations": {"SELECT"},
    "site.schema": {"SELECT"},
}
"""All that the process of the public's form may, in any table of any schema."""


async def test_the_portal_tries_every_table_of_every_schema(postgres_url: str) -> None:
    portal = await asyncpg.connect(under_role(postgres_url, "portal"))
    try:
        tables = await portal.fetch(
            """
            SELECT format('%I.%I', n.nspname, c.relname) AS name,
                   has_schema_privilege(n.oid, 'USAGE') AS reached,
                   ARRAY(SELECT right_ FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE',
                             'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS right_
                         WHERE has_table_privilege(c.oid, right_)) AS whole,
                   (SELECT string_agg(a.attname, ', ' ORDER BY a.attnum) FROM pg_attribute a
                    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                      AND has_column_privilege(c.oid, a.attnum, 'SELECT')) AS read,
                   has_any_column_privilege(c.oid, 'INSERT, UPDATE, REFERENCES') AS wrote
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
              AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
            """
        )
        may = {}
        for row in tables:
            found = set(row["whole"])
            if row["read"] and "SELECT" not in found:
                found.add(f"SELECT {row['read']}")
            assert not row["wrote"] or "INSERT" in found, row["name"]
            if found:
                may[row["name"]] = found
            else:
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await portal.execute(f"SELECT * FROM {row['name']}")  # noqa: S608  (the catalogue's names)
    finally:
        await portal.close()
    assert len(tables) > 100
    assert {row["name"].split(".")[0] for row in tables if row["reached"]} == {"portal", "site"}
    assert may == OF_THE_PORTAL


async def test_the_portal_reads_the_rules_with_what_it_has(postgres_url: str) -> None:
    portal = await asyncpg.connect(under_role(postgres_url, "portal"))
    try:
        with pytest.raises(store.NoSite):  # it may look, and none were applied
            await store.current(portal)
    finally:
        await portal.close()


@pytest.mark.parametrize(
    ("role", "may"), [("desk", {"SELECT"}), ("web", set()), ("public", set()), ("status", set())]
)
async def test_nobody_writes_what_is_the_portals(
    postgres_url: str, role: str, may: set[str]
) -> None:
    connection = await asyncpg.connect(under_role(postgres_url, role))
    try:
        found = await connection.fetch(
            """
            SELECT c.relname AS name, ARRAY(
                SELECT right_ FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE',
                                                'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS right_
                WHERE has_table_privilege(c.oid, right_)) AS rights
            FROM pg_class c WHERE c.relnamespace = 'portal'::regnamespace
              AND c.relkind IN ('r', 'p', 'v', 'm')
            """
        )
    finally:
        await connection.close()
    assert {row["name"]: set(row["rights"]) for row in found} == dict.fromkeys(
        ("deposits", "followed", "following", "place_exceptions", "surveys", "survey_visits"), may
    ) | {"deposit_keys": set(), "follow_codes": set(), "followed_letters": set()}
