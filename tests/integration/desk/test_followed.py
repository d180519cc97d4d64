"""What the register tells the portal of each deposit: in its transaction, no more than is shown."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid5

import asyncpg
import pytest
from prometheus_client import CollectorRegistry

from services.desk.evidence.verification import counts
from services.desk.evidence.verification.ground import WHOLE_STORE, VerificationContext
from services.desk.handlers.arrivals import hears_arrivals
from services.desk.metrics import RegisterMetrics
from services.desk.store import deposits
from services.ops.replanner import make_replanning
from shared.content.blobs import LocalBlobs
from shared.facts.arrivals import Arrived
from shared.facts.ids import arrival_id
from shared.facts.vocabulary import Channel
from shared.platform.database import Pool, transaction
from shared.site.applied_rules import AppliedRules
from tests.desk_builders import SPACE, an_applied_site, an_arrival, certain, proposed, rules
from tests.integration.desk.test_indicators import StandingClock
from tests.roles import one_transaction, under_role

pytestmark = pytest.mark.usefixtures("live_site")

NOW = datetime(2026, 5, 11, 9, 0, tzinfo=UTC)
A = "36-2026-A-000001"
REPLIED = "answered_at = '2026-05-12 08:00+00'"
"""A reply has left."""


def a_deposit(name: str = "form", **kw: object) -> Arrived:
    return an_arrival(name, **({"source": "spool", "channel": Channel.FORM} | kw))


async def hear(pool: Pool, *arrivals: Arrived) -> None:
    async with transaction(pool) as connection:
        await hears_arrivals(rules)(connection, arrivals, NOW)


async def shown(pool: Pool) -> Sequence[tuple[str | None, ...]]:
    rows = await pool.fetch("SELECT state, chrono, service, missing FROM portal.followed")
    return [tuple(row) for row in rows]


async def test_a_deposit_is_followed_from_its_registration_and_nothing_else_is(pool: Pool) -> None:
    await hear(pool, an_arrival("a mail"), a_deposit(routing=proposed()))
    assert await shown(pool) == [("registered", "36-2026-A-000002", None, None)], "to qualify"
    known = await pool.fetchval("SELECT arrival_id FROM portal.followed")
    assert known == uuid5(SPACE, "form")


async def test_whoever_has_it_is_said_once_a_certain_rule_or_a_person_did(pool: Pool) -> None:
    await hear(pool, a_deposit(routing=certain()))
    assert await shown(pool) == [("registered", A, "bmi", None)]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("service = 'pan'", ("registered", A, "pan", None)),
        ("state = 'to_qualify'", ("registered", A, None, None)),
        ("state = 'observed'", ("registered", A, "bmi", None)),
        ("state = 'in_signature'", ("registered", A, "bmi", None)),
        ("state = 'awaiting_third'", ("registered", A, "bmi", None)),
        ("state = 'awaiting_pieces'", ("registered", A, "bmi", "pieces")),
        (f"state = 'answered', {REPLIED}", ("answered", A, "bmi", None)),
        (f"state = 'closed', {REPLIED}", ("answered", A, None, None)),
        (f"state = 'returned', {REPLIED}", ("answered", A, None, None)),
        (f"state = 'destroyed', {REPLIED}", ("answered", A, None, None)),
        ("state = 'closed'", ("registered", A, None, None)),
        ("state = 'returned'", ("registered", A, None, None)),
        ("state = 'transferred'", ("registered", A, None, None)),
        ("state = 'merged'", ("registered", A, None, None)),
        ("state = 'destroyed'", ("registered", A, None, None)),
        ("perimeter = false", ("registered", A, None, None)),
        ("confidentiality = 'reserve'", ("registered", A, None, None)),
        ("confidentiality = 'personal'", ("registered", A, None, None)),
    ],
)
async def test_what_changes_is_shown_in_that_very_transaction(
    pool: Pool, change: str, expected: tuple[str | None, ...]
) -> None:
    await hear(pool, a_deposit(routing=certain()))
    await pool.execute(f"UPDATE desk.items SET {change}")  # noqa: S608  (the table above)
    assert await shown(pool) == [expected]


@pytest.mark.parametrize(
    ("word", "state"),
    [("quarantine", "looked_at"), ("set_aside", "looked_at"), ("history", "received")],
)
async def test_what_is_no_item_has_no_number(pool: Pool, word: str, state: str) -> None:
    await hear(pool, a_deposit(routing=certain()))
    await pool.execute("UPDATE desk.arrivals SET word = $1, item_id = NULL", word)
    assert await shown(pool) == [(state, None, None, None)]


async def test_after_ninety_days_nothing_is_left_to_follow(pool: Pool) -> None:
    await hear(pool, a_deposit(routing=certain()))
    async with transaction(pool) as connection:
        await deposits.forget(connection, NOW)
        assert await shown(pool) != [], "of this very moment"
        await deposits.forget(connection, NOW + timedelta(seconds=1))
    assert await shown(pool) == []
    await pool.execute("UPDATE desk.items SET state = 'answered'")
    assert await shown(pool) == [], "what is forgotten stays so"


async def test_who_forgets_waits_for_nobody(pool: Pool) -> None:
    await hear(pool, a_deposit(routing=certain()), a_deposit("another", routing=certain()))
    async with transaction(pool) as busy:
        await busy.execute("UPDATE desk.items SET state = 'in_signature', service = 'pan' "
                           "WHERE chrono = $1", A)  # fmt: skip
        async with transaction(pool) as night:
            await night.execute("SET LOCAL lock_timeout = '1s'")
            await deposits.forget(night, NOW + timedelta(days=1))
    assert await shown(pool) == [("registered", A, "pan", None)], "left for the next night"
    async with transaction(pool) as night:
        await deposits.forget(night, NOW + timedelta(days=1))
    assert await shown(pool) == []


async def test_whoever_waited_says_what_the_other_committed(pool: Pool) -> None:
    """Its snapshot is older than what it waited for."""
    await hear(pool, a_deposit(routing=certain()))

    async def touch() -> None:
        async with transaction(pool) as other:
            await other.execute("UPDATE desk.arrivals SET word = word")

    async with transaction(pool) as first:
        await first.execute("UPDATE desk.items SET state = 'awaiting_pieces'")
        touching = asyncio.create_task(touch())
        async with asyncio.timeout(60):
            while not await pool.fetchval(
                "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid) "
                "WHERE NOT l.granted AND a.datname = current_database()"
            ):
                assert not touching.done(), "it did not wait"
                await asyncio.sleep(0.01)
    await touching
    assert await shown(pool) == [("registered", A, "bmi", "pieces")]


async def test_the_night_compares_it_with_the_register(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    await hear(pool, a_deposit(routing=certain()), a_deposit("another", routing=proposed()))

    async def found(now: datetime = NOW) -> list[str]:
        async with transaction(pool, readonly=True) as connection:
            replan = await make_replanning()(connection)
        ground = VerificationContext(
            pool,
            an_applied_site(),
            replan,
            LocalBlobs(tmp_path),
            WHOLE_STORE,
            now,
        )
        return [str(difference) async for difference in counts.check_followed(ground)]

    assert await found() == []
    async with one_transaction(postgres_url) as owner:
        await owner.execute("UPDATE portal.followed SET state = 'answered' WHERE chrono = $1", A)
        await owner.execute("DELETE FROM portal.followed WHERE chrono <> $1", A)
    said = [
        f"{A}: shown to the public: from registered {A} bmi to answered {A} bmi",
        "36-2026-A-000002: shown to the public: from registered 36-2026-A-000002 to nothing",
    ]
    assert await found() == said
    assert await found(NOW + timedelta(days=91)) == said[:1], "what is old may be forgotten"


async def test_the_register_says_how_old_a_deposit_is_of_which_it_never_heard(
    pool: Pool, postgres_url: str
) -> None:
    site = an_applied_site().site.identity.id
    heard, lost, late, old = (uuid5(SPACE, name) for name in ("heard", "lost", "late", "old"))
    ages = {heard: 50, late: 10, lost: 20, old: 8 * 24 * 60}
    async with one_transaction(under_role(postgres_url, "portal")) as portal:
        for deposit, minutes in ages.items():
            await portal.execute(
                "INSERT INTO portal.deposits VALUES ($1, $2)",
                deposit,
                NOW - timedelta(minutes=minutes),
            )
    known = a_deposit().model_copy(update={"arrival_id": arrival_id(site, "spool", str(heard))})
    await hear(pool, known)

    async def unheard() -> float | None:
        registry = CollectorRegistry()
        await RegisterMetrics(registry, pool, StandingClock(NOW), AppliedRules()).figures()
        return registry.get_sample_value("vaguemestre_desk_deposits_unheard_oldest_seconds")

    assert await unheard() == 20 * 60
    for deposit in (lost, late):
        await hear(
            pool,
            a_deposit(str(deposit)).model_copy(
                update={"arrival_id": arrival_id(site, "spool", str(deposit))}
            ),
        )
    assert await unheard() == 0


async def test_programs_below_find_the_deposits_under_their_old_name(
    pool: Pool, postgres_url: str
) -> None:
    """Its pages of the public, and what forgets, went on by desk.deposits."""
    for role in ("public", "web"):
        old = await asyncpg.connect(under_role(postgres_url, role))
        try:
            insert = "INSERT INTO desk.deposits VALUES ($1, $2) ON CONFLICT DO NOTHING"
            for _ in range(2):
                await old.execute(insert, uuid5(SPACE, role), NOW)
            assert await old.fetchval("SELECT count(*) FROM desk.deposits WHERE at = $1", NOW) > 0
        finally:
            await old.close()
    assert await pool.fetchval("SELECT count(*) FROM portal.deposits") == 2
    async with one_transaction(under_role(postgres_url, "desk")) as old:  # type: ignore[assignment]  # a connection either way
        await old.execute("DELETE FROM desk.deposits WHERE at <= $1", NOW)
    assert await pool.fetchval("SELECT count(*) FROM portal.deposits") == 0
