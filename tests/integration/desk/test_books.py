"""Delegations and bordereaux are facts: what is changed beside them is named by the night."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from services.desk import books
from services.desk.decider import Decider
from services.desk.domain.decisions.closure import Close
from services.desk.evidence.seals import seal
from services.desk.retention import destruction_list
from services.notify.quality_handler import hears_quality
from shared.facts import ids
from shared.facts.envelope import PersonId
from shared.facts.origin import SESSION
from shared.facts.quality import QUALITY, Quality
from shared.platform.clock import Clock
from shared.platform.database import Connection, Pool, transaction
from shared.site import store
from shared.site.applied_rules import AppliedRules
from shared.site.staff import delegations_store, people_store
from tests.desk_browser import TODAY, Browser, pages
from tests.desk_builders import a_site, an_applied_site
from tests.integration.desk.clocked import items
from tests.integration.desk.proven import named
from tests.roles import one_transaction, under_role

pytestmark = pytest.mark.usefixtures("live_site")

ARRETE = "arrêté n° 36-2026-05-04-00001"
GIVEN = {
    "person": "b.head", "reference": ARRETE, "first": "2026-05-12", "last": "2026-12-31",
    "services": ["bmi"], "kinds": ["reply"],
}  # fmt: skip
LATER = datetime(2029, 6, 14, 8, 0, tzinfo=UTC)
SLIP, SECOND = "36-2029-E-0001", "36-2029-E-0002"


async def told(pool: Pool) -> list[Quality]:
    rows = await pool.fetch("SELECT payload FROM desk.quality_facts ORDER BY seq")
    return [QUALITY.validate_json(row["payload"]) for row in rows]


async def rewrites(postgres_url: str, statement: str, *tables: str) -> None:
    """An administrator who turns the triggers off, and on again."""
    async with one_transaction(postgres_url) as owner:
        for table in tables:
            await owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        await owner.execute(statement)
        for table in tables:
            await owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


@pytest.fixture
async def secretary(pool: Pool, story_clock: Clock, tmp_path: Path) -> AsyncIterator[Browser]:
    """Who gave a delegation before there was a chain, and one after."""
    browser = await Browser(pages(pool, story_clock, tmp_path)).sign_in("s.general")
    async with transaction(pool) as connection:
        days = (TODAY.date(), TODAY.date())
        one = delegations_store.read("r.head", "arrêté n° 1", days, (), (), a_site())
        await delegations_store.give(connection, one, "q.officer", TODAY)
    await browser.to(await browser.send("/delegations", "/delegations", GIVEN))
    yield browser
    await browser.client.aclose()


async def test_what_is_given_and_ended_is_told_sealed_and_mailed_without_its_reference(
    pool: Pool, secretary: Browser, postgres_url: str
) -> None:
    await secretary.to(await secretary.send("/delegations", "/delegations/2/fin"))
    facts = await told(pool)
    assert [(fact.type, fact.by) for fact in facts] == [
        ("DelegationGiven", "service:desk"),
        ("BookOpened", "service:desk"),
        ("BookOpened", "service:desk"),
        ("DelegationGiven", "person:s.general"),
        ("DelegationEnded", "person:s.general"),
    ]
    said = json.loads(facts[3].model_dump_json())
    assert (said["number"], said["person"], said["via"]) == (2, "b.head", "session")
    assert (said["first"], said["last"]) == ("2026-05-12", "2026-12-31")
    assert (said["services"], said["kinds"]) == (["bmi"], ["reply"])
    assert ARRETE not in facts[3].model_dump_json()
    changes = await pool.fetch("SELECT payload FROM desk.facts WHERE type = 'PersonChanged'")
    assert [json.loads(row["payload"])["change"] for row in changes] == ["delegation"] * 2
    async with transaction(pool) as connection:
        await seal(connection, await store.current(connection), TODAY)
    heads = {row["item_id"] for row in await pool.fetch("SELECT item_id FROM desk.root_heads")}
    assert {ids.quality_chain("indre"), ids.person_id("indre", "b.head")} <= heads
    assert await named(pool, "books", "quality", "roots") == []
    async with one_transaction(under_role(postgres_url, "notify")) as connection:
        assert await hears_quality(AppliedRules())(connection, facts, TODAY) == ()
        assert await connection.fetchval("SELECT count(*) FROM notify.quality") == len(facts)


async def test_tamper_a_delegation_that_is_changed_put_in_or_taken_out_is_named(
    pool: Pool, secretary: Browser, postgres_url: str
) -> None:
    await secretary.to(await secretary.send("/delegations", "/delegations/2/fin"))
    assert await named(pool, "books") == []
    for statement, back, found in (
        (
            "UPDATE site.delegations SET last_day = '2027-12-31' WHERE id = 2",
            "UPDATE site.delegations SET last_day = '2026-12-31' WHERE id = 2",
            "delegation 2: not what was told by DelegationGiven (last, sha256)",
        ),
        (
            "UPDATE site.delegations SET reference = 'arrêté n° 9' WHERE id = 2",
            f"UPDATE site.delegations SET reference = '{ARRETE}' WHERE id = 2",  # noqa: S608  (a name of ours)
            "delegation 2: not what was told by DelegationGiven (sha256)",
        ),
        (
            "UPDATE site.delegations SET author = 'person:q.officer' WHERE id = 2",
            "UPDATE site.delegations SET author = 'person:s.general' WHERE id = 2",
            "delegation 2: not what was told by DelegationGiven (by)",
        ),
        (
            """
            INSERT INTO site.delegations (person, reference, first_day, last_day, services, kinds,
                                          valid_from, author)
            VALUES ('a.gent', 'x', '2026-05-01', '2026-05-31', '{}', '{}', '2026-05-01',
                    'person:s.general')
            """,
            "DELETE FROM site.delegations WHERE person = 'a.gent'",
            "delegation 4: DelegationGiven in the tables, and no fact says so",
        ),
        (
            "DELETE FROM site.delegations WHERE cancels = 2",
            "SELECT 1",
            "delegation 2: DelegationEnded by the chain, and in no table",
        ),
    ):
        await rewrites(postgres_url, statement, "site.delegations")
        assert await named(pool, "books") == [found], statement
        await rewrites(postgres_url, back, "site.delegations")


Step = Callable[[Decider], Awaitable[object]]


@pytest.fixture
async def slips(pool: Pool) -> None:
    """One bordereau that was given up, and one that was carried out, of one item."""

    async def does(who: str, step: Step, now: datetime = LATER) -> None:
        async with transaction(pool) as connection:
            people = await people_store.people_at(connection, TODAY)
            person = people.people[PersonId(who)]
            await step(
                Decider(
                    connection, person, uuid4(), now, an_applied_site(), people, origin=SESSION,
                    sees=lambda _: True,
                )
            )  # fmt: skip

    [item] = await items(pool, "a")
    await does("b.head", lambda by: by.about(item, Close("sans-suite")), TODAY)
    await does("q.officer", destruction_list.propose)
    await does("s.general", lambda by: destruction_list.drop(by, SLIP))
    await does("q.officer", destruction_list.propose)
    day = date(2029, 6, 14)
    await does(
        "q.officer", lambda by: destruction_list.approve(by, SECOND, "AD36-17", "Mme Roux", day)
    )
    await does("s.general", lambda by: destruction_list.carry_out(by, SECOND))


async def test_each_step_of_a_bordereau_is_a_fact_without_the_archivist_s_name(
    pool: Pool, slips: None
) -> None:
    del slips
    facts = await told(pool)
    assert [(fact.type, fact.by) for fact in facts[2:]] == [
        ("SlipProposed", "person:q.officer"),
        ("SlipDropped", "person:s.general"),
        ("SlipProposed", "person:q.officer"),
        ("SlipApproved", "person:q.officer"),
        ("SlipCarriedOut", "person:s.general"),
    ]
    assert not any("Roux" in fact.model_dump_json() for fact in facts)
    done = json.loads(facts[-1].model_dump_json())
    assert (done["slip"], done["destroyed"], done["left"]) == (SECOND, 1, 0)
    assert await named(pool, "books", "quality") == []


async def test_tamper_any_word_of_a_bordereau_is_named(
    pool: Pool, slips: None, postgres_url: str
) -> None:
    del slips
    for table, column, value, found in (
        ("slips", "visa", "'AD36-18'", "not what was told by SlipApproved (sha256)"),
        ("slips", "archivist", "'M. Noir'", "not what was told by SlipApproved (sha256)"),
        ("slips", "visa_on", "'2029-06-13'",
         "not what was told by SlipApproved (approved_on, sha256)"),
        ("slips", "proposed_by", "'s.general'", "not what was told by SlipProposed (by)"),
        ("slips", "done_by", "'q.officer'", "not what was told by SlipCarriedOut (by)"),
        ("slips", "content", "content || '\\x00'", "not the table that was proposed"),
        ("slip_items", "chrono", "'36-2026-A-000009'",
         "not what was told by SlipCarriedOut (sha256)"),
        ("slip_items", "outcome", "'held'",
         "not what was told by SlipCarriedOut (destroyed, left, sha256)"),
    ):  # fmt: skip
        async with one_transaction(postgres_url) as owner:
            where = f"desk.{table} SET {column}"
            before = await owner.fetchval(
                f"SELECT {column} FROM desk.{table} WHERE slip = $1",  # noqa: S608  (a name of ours)
                SECOND,
            )
            await owner.execute(f"UPDATE {where} = {value} WHERE slip = $1", SECOND)
        names = await named(pool, "books")
        assert f"bordereau {SECOND}: {found}" in names, (column, names)
        async with one_transaction(postgres_url) as owner:
            await owner.execute(f"UPDATE {where} = $2 WHERE slip = $1", SECOND, before)
        assert await named(pool, "books") == []
    async with one_transaction(postgres_url) as owner:
        await owner.execute("DELETE FROM desk.slip_items WHERE slip = $1", SLIP)
        await owner.execute("DELETE FROM desk.slips WHERE slip = $1", SLIP)
    assert sorted(await named(pool, "books")) == [
        f"bordereau {SLIP}: SlipDropped by the chain, and in no table",
        f"bordereau {SLIP}: SlipProposed by the chain, and in no table",
    ]


async def test_books_that_were_written_before_are_opened_once_with_what_stands_in_them(
    pool: Pool, slips: None, postgres_url: str
) -> None:
    """An installation of before: the same rows, and no fact."""
    del slips
    await rewrites(postgres_url, "DELETE FROM desk.quality_facts", "desk.quality_facts")
    assert await named(pool, "books") == [], "a book that is not open is not compared"

    async def opens(connection: Connection) -> None:
        await books.open_all(connection, "indre", LATER)

    for _ in range(2):
        async with transaction(pool) as connection:
            await opens(connection)
    assert [fact.type for fact in await told(pool)] == [
        "BookOpened", "SlipProposed", "SlipDropped", "SlipProposed", "SlipApproved",
        "SlipCarriedOut", "BookOpened",
    ]  # fmt: skip
    assert {fact.by for fact in await told(pool)} == {"service:desk"}
    assert await named(pool, "books", "quality") == []
