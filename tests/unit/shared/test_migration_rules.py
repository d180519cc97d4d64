"""Migrations since the last release are borne by a register that works, or say why not."""

from pathlib import Path

import pytest

from shared.platform.postgres.migrate import Migration, read
from tests.migration_rules import faults

RELEASES = Path(__file__).parents[2] / "golden/upgrade"
KNOWN = {
    tuple(line.split()[:2])
    for path in RELEASES.glob("*/migrations")
    for line in path.read_text(encoding="ascii").splitlines()
}
SINCE = [
    migration
    for scope in read().values()
    for migration in scope
    if (migration.scope, migration.name) not in KNOWN
]
BEFORE_THE_RULES = {
    "desk/0221_figures_exact.sql": "two indexes, seconds for a million items: said in the guide",
    "desk/0250_quality_kinds.sql": "an index on the chain of quality, which is short",
}
"""Made before there were these rules, with the reason why they stay."""


@pytest.mark.parametrize("migration", SINCE, ids=str)
def test_a_migration_since_the_last_release_stops_nobody(migration: Migration) -> None:
    if str(migration) not in BEFORE_THE_RULES:
        assert list(faults(migration.sql)) == []


@pytest.mark.parametrize(
    ("sql", "word"),
    [
        ("DROP TABLE desk.old;", "a table goes"),
        ("ALTER TABLE desk.items DROP COLUMN old;", "a column goes"),
        ("ALTER TABLE desk.items RENAME chrono TO number;", "another name"),
        ("ALTER TABLE desk.items ALTER sender SET NOT NULL;", "may not be empty"),
        ("ALTER TABLE desk.items ADD place text NOT NULL;", "does not fill"),
        ("ALTER TABLE desk.items ALTER COLUMN seq TYPE bigint;", "written anew"),
        ("ALTER TABLE desk.items ADD at timestamptz DEFAULT clock_timestamp();", "written anew"),
        ("CREATE INDEX items_place ON desk.items (place);", "index on desk.items"),
        ("CREATE UNIQUE INDEX ON desk.items (place) WHERE place <> '';", "index on desk.items"),
        ("LOCK TABLE desk.items;", "others wait"),
    ],
)
def test_what_stops_a_register_is_seen(sql: str, word: str) -> None:
    (fault,) = faults(sql)
    assert word in fault


@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE desk.items ADD place text;",
        "ALTER TABLE desk.items ADD place text NOT NULL DEFAULT '';",
        "CREATE TABLE desk.new (n int NOT NULL); CREATE INDEX new_n ON desk.new (n);",
        "-- online\nCREATE INDEX CONCURRENTLY items_place ON desk.items (place);",
        "-- min_version: 2\nALTER TABLE desk.items DROP COLUMN old;",
        "-- waits: a hundred rows\nCREATE INDEX ON desk.months (month);",
        "CREATE FUNCTION desk.f() RETURNS void LANGUAGE sql AS $f$ DROP TABLE x; $f$;",
        "-- DROP TABLE was weighed\nGRANT SELECT ON desk.items TO vaguemestre_web;",
    ],
)
def test_what_only_adds_is_borne(sql: str) -> None:
    assert list(faults(sql)) == []
