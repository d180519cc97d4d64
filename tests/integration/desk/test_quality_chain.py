"""Closed months are facts of a chain of their own: what is changed of one is named by the night."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

import pytest

from services.desk.domain import evidence
from services.desk.domain.months import Month, proof
from services.desk.evidence import quality_check, seals
from services.desk.evidence.seals import seal
from services.desk.indicators import store as month_store
from services.desk.store import months, quality
from services.notify.quality_handler import hears_quality
from shared.facts import ids
from shared.facts.clocks import Outcome
from shared.facts.origin import SESSION
from shared.facts.quality import QUALITY, MonthClosed, Quality
from shared.platform.database import Connection, Pool, transaction
from shared.site import store
from shared.site.applied_rules import AppliedRules
from tests.integration.desk.clocked import items, starts, stops
from tests.integration.desk.closed import JULY, MAY, close
from tests.integration.desk.proven import named as found_by
from tests.roles import one_transaction, under_role

pytestmark = pytest.mark.usefixtures("live_site")

SITE = "indre"


@pytest.fixture
async def may(pool: Pool, live_site: None) -> Month:
    """May, closed: one answered in time, two late."""
    del live_site
    for one, outcome in zip(
        await items(pool, "a", "b", "c"), (Outcome.KEPT, Outcome.LATE, Outcome.LATE), strict=True
    ):
        await starts(pool, one)
        await stops(pool, one, 2, outcome)
    return await close(pool)


async def facts(pool: Pool) -> Sequence[Quality]:
    rows = await pool.fetch("SELECT payload FROM desk.quality_facts ORDER BY seq")
    return [QUALITY.validate_json(row["payload"]) for row in rows]


async def differing(pool: Pool) -> Sequence[str]:
    async with transaction(pool) as connection:
        found = await quality_check.differences(connection, SITE)
    assert await found_by(pool, "quality") == found
    return found


async def test_closing_a_month_is_a_fact_that_is_told_and_sealed_by_the_night(
    pool: Pool, may: Month
) -> None:
    [told] = await facts(pool)
    assert isinstance(told, MonthClosed)
    assert (told.month, told.hash, told.n, told.definition) == (MAY, may.hash, 3, 2)
    assert (told.by, told.via, told.seq) == ("person:q.officer", "session", 1)
    row = await pool.fetchrow("SELECT topic, key, payload FROM desk.outbox ORDER BY id DESC")
    assert row is not None
    assert (row["topic"], row["key"]) == ("quality", str(told.subject_id))
    assert QUALITY.validate_json(row["payload"]) == told
    assert await differing(pool) == []
    async with transaction(pool) as connection:
        await seal(connection, await store.current(connection), JULY)
    heads = await pool.fetch("SELECT item_id FROM desk.root_heads")
    assert ids.quality_chain(SITE) in {row["item_id"] for row in heads}
    assert await differing(pool) == []


async def test_the_chain_begins_with_the_months_that_were_closed_before_it(pool: Pool) -> None:
    await items(pool, "a")
    async with transaction(pool) as connection:
        for month in (MAY, date(2026, 6, 1)):
            old = Month(month, JULY, JULY.date(), "q.officer", 1, "digest", 0.9)
            await month_store.close(connection, replace(old, hash=proof(old, [])), [])
        applied = await store.current(connection)
    for day in (2, 3):
        await seals.once(pool, applied, JULY.replace(day=day))
    closed = [fact for fact in await facts(pool) if isinstance(fact, MonthClosed)]
    assert [(fact.seq, fact.month, fact.by) for fact in closed] == [
        (1, MAY, "service:desk"),
        (2, date(2026, 6, 1), "service:desk"),
    ]
    assert await differing(pool) == []


async def test_notify_keeps_a_copy_of_each_hash_once(
    pool: Pool, may: Month, postgres_url: str
) -> None:
    told = await facts(pool)
    async with one_transaction(under_role(postgres_url, "notify")) as connection:
        for _ in range(2):
            assert await hears_quality(AppliedRules())(connection, told, JULY) == ()
        rows = await connection.fetch("SELECT seq, type, sha256 FROM notify.quality")
    assert [tuple(row) for row in rows] == [(1, "MonthClosed", may.hash)]


async def test_no_role_of_ours_may_change_what_was_closed(pool: Pool) -> None:
    asked = "SELECT has_table_privilege(site.role_of($1), $2, $3)"
    for table in ("quality_facts", "closed_months", "closed_promises"):
        for role in ("desk", "web"):
            for right in ("UPDATE", "DELETE", "TRUNCATE"):
                assert not await pool.fetchval(asked, role, f"desk.{table}", right), table
            assert await pool.fetchval(asked, role, f"desk.{table}", "INSERT"), table


async def rewrites(postgres_url: str, work: Callable[[Connection], object], *tables: str) -> None:
    """An administrator who turns the triggers off, and on again."""
    async with one_transaction(postgres_url) as owner:
        for table in tables:
            await owner.execute(f"ALTER TABLE desk.{table} DISABLE TRIGGER USER")
        await work(owner)  # type: ignore[misc]  # a table of works of two kinds
        for table in tables:
            await owner.execute(f"ALTER TABLE desk.{table} ENABLE TRIGGER USER")


async def hash_again(owner: Connection) -> str:
    """What `closing` would have written of May as it stands in the tables now."""
    head = await months.read_closed_month(owner, MAY)
    assert head is not None
    return proof(head, await months.promises(owner, MAY))


async def all_kept(owner: Connection) -> None:
    await owner.execute("UPDATE desk.closed_promises SET result = 'kept', days = 4")


async def test_tamper_a_promise_of_a_closed_month_is_named(
    pool: Pool, may: Month, postgres_url: str
) -> None:
    del may
    await rewrites(postgres_url, all_kept, "closed_promises")
    assert await differing(pool) == ["2026-05: not the month that was closed (its list)"]


async def test_tamper_a_closed_month_rewritten_with_a_fresh_hash_is_named(
    pool: Pool, may: Month, postgres_url: str
) -> None:
    async def work(owner: Connection) -> None:
        await all_kept(owner)
        await owner.execute("UPDATE desk.closed_months SET hash = $1", await hash_again(owner))

    await rewrites(postgres_url, work, "closed_promises", "closed_months")
    assert (await pool.fetchval("SELECT hash FROM desk.closed_months")) != may.hash
    assert await differing(pool) == ["2026-05: not the month that was closed (hash, its list)"]


async def test_tamper_the_head_of_a_closed_month_is_named(
    pool: Pool, may: Month, postgres_url: str
) -> None:
    del may
    for column, value, named in (
        ("target", "0.5", "its list"),
        ("as_of", "'2026-06-30'", "its list"),
        ("rules", "7", "rules, its list"),
        ("definition", "1", "definition, its list"),
        ("calendar", "'x'", "calendar, its list"),
        ("by", "'b.head'", "who closed it"),
    ):
        before = await pool.fetchval(f"SELECT {column}::text FROM desk.closed_months")  # noqa: S608  (a name of ours)

        async def put(owner: Connection, column: str = column, value: str = value) -> None:
            await owner.execute(f"UPDATE desk.closed_months SET {column} = {value}")  # noqa: S608  (a name of ours)

        await rewrites(postgres_url, put, "closed_months")
        assert await differing(pool) == [f"2026-05: not the month that was closed ({named})"]

        async def back(owner: Connection, column: str = column, value: str = before) -> None:
            await put(owner, column, f"'{value}'")

        await rewrites(postgres_url, back, "closed_months")
        assert await differing(pool) == []


async def test_tamper_a_month_put_into_the_tables_alone_or_taken_out_of_them_is_named(
    pool: Pool, may: Month, postgres_url: str
) -> None:
    async with transaction(pool) as connection:
        june = replace(may, month=date(2026, 6, 1))
        await month_store.close(connection, replace(june, hash=proof(june, [])), [])
    assert await differing(pool) == ["2026-06: closed in the tables, and no fact says so"]

    async def work(owner: Connection) -> None:
        await owner.execute("DELETE FROM desk.closed_promises")
        await owner.execute("DELETE FROM desk.closed_months")

    await rewrites(postgres_url, work, "closed_promises", "closed_months")
    assert await differing(pool) == ["2026-05: closed by the chain, and in no table"]


async def rewritten_fact(owner: Connection) -> None:
    """The month, its hash, its fact and every link after it: all that stands in desk."""
    await all_kept(owner)
    fresh = await hash_again(owner)
    old = await owner.fetchval("UPDATE desk.closed_months SET hash = $1 RETURNING month", fresh)
    assert old == MAY
    previous = evidence.GENESIS
    for row in await owner.fetch("SELECT * FROM desk.quality_facts ORDER BY seq"):
        told = QUALITY.validate_json(row["payload"])
        if isinstance(told, MonthClosed):
            told = told.model_copy(update={"hash": fresh})
        payload = told.model_dump_json()
        previous = evidence.link(previous, payload, row["by"], row["recorded_at"])
        await owner.execute(
            "UPDATE desk.quality_facts SET payload = $2, link = $3 WHERE event_id = $1",
            row["event_id"],
            payload,
            previous,
        )


async def test_tamper_a_closed_month_rewritten_with_its_fact_and_links_differs_from_the_root(
    pool: Pool, may: Month, postgres_url: str
) -> None:
    del may
    async with transaction(pool) as connection:
        await seal(connection, await store.current(connection), JULY)
    await rewrites(
        postgres_url, rewritten_fact, "closed_promises", "closed_months", "quality_facts"
    )
    async with transaction(pool) as connection:
        assert await quality_check.differences(connection, SITE) == []
    chain = ids.quality_chain(SITE)
    assert await found_by(pool, "roots") == [
        f"{chain}: root 1: fact 1 is not the one that was sealed"
    ]


async def test_tamper_what_was_rewritten_before_its_first_night_differs_from_notify_s_copy(
    pool: Pool, may: Month, postgres_url: str
) -> None:
    del may
    async with one_transaction(under_role(postgres_url, "notify")) as connection:
        await hears_quality(AppliedRules())(connection, await facts(pool), JULY)
    assert await found_by(pool, "copies") == []
    await rewrites(
        postgres_url, rewritten_fact, "closed_promises", "closed_months", "quality_facts"
    )
    assert await differing(pool) == []
    assert await found_by(pool, "copies") == [
        "quality: fact 1 is not what it was as notify heard it"
    ]


async def test_tamper_a_fact_of_the_chain_changed_or_taken_away_is_named(
    pool: Pool, may: Month, postgres_url: str
) -> None:
    del may
    async with transaction(pool) as connection:
        june = quality.month_id(SITE, "2026-06-01")
        told = (await facts(pool))[0]
        assert isinstance(told, MonthClosed)
        said = told.model_dump(include={"hash", "n", "definition", "rules", "calendar"})
        author = quality.Author(SITE, "person:q.officer", JULY, SESSION)
        await quality.state(connection, author, june, MonthClosed, month=date(2026, 6, 1), **said)
    assert await differing(pool) == ["2026-06: closed by the chain, and in no table"]

    async def other_author(owner: Connection) -> None:
        await owner.execute("UPDATE desk.quality_facts SET by = 'person:b.head' WHERE seq = 1")

    await rewrites(postgres_url, other_author, "quality_facts")
    found = await differing(pool)
    assert found[:2] == [
        "quality: fact 1 is not what was kept",
        "quality: fact 1 does not say what stands beside it",
    ]

    async def rubbish(owner: Connection) -> None:
        await owner.execute("UPDATE desk.quality_facts SET payload = '{' WHERE seq = 1")

    await rewrites(postgres_url, rubbish, "quality_facts")
    assert "quality: fact 1 can't be read" in await differing(pool)

    async def taken_away(owner: Connection) -> None:
        await owner.execute("DELETE FROM desk.quality_facts WHERE seq = 1")

    await rewrites(postgres_url, taken_away, "quality_facts")
    assert "quality: fact 1 is missing" in await differing(pool)
