"""One row that this program can't read costs one row: named, and its neighbours go on."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid5

import pytest
from aiokafka import ConsumerRecord
from click.testing import CliRunner

from services.__main__ import main
from services.desk.evidence import seals
from services.desk.handlers.arrivals import hears_arrivals
from services.desk.handlers.clocks import hear_clocks
from services.desk.retention.blob_deletion import ASIDE_MONTHS, tidy
from services.desk.retention.purge import WAIT, forget
from services.desk.store import replies
from services.desk.store.waiting_lists import without_content
from shared.content.blobs import LocalBlobs
from shared.facts.arrival_base import TokenThread
from shared.facts.arrivals import ARRIVALS, Arrivals, Arrived, ScanMarks, SetAside
from shared.facts.clocks import ClockPaused, Holder, Outcome, RungReached
from shared.facts.envelope import Chrono, EventId, ItemId, ServiceId, Topic
from shared.facts.vocabulary import Audience, ClockName
from shared.platform.clock import SystemClock
from shared.platform.database import Pool, transaction
from shared.platform.messaging import dead_letters
from shared.platform.messaging.batch import BatchProcessor, read_record
from shared.platform.messaging.dead_letter_commands import TAKEN, retry_one
from shared.platform.messaging.subscription import Subscription, passing_over
from shared.platform.observability.health import Unwell
from shared.platform.observability.telemetry import Telemetry
from shared.platform.postgres import rows
from shared.site import store
from tests.desk_builders import MONDAY, SPACE, a_reply_seen, a_scan, an_arrival, digest, rules
from tests.integration.desk import clocked
from tests.integration.desk.closed import JULY, close
from tests.integration.desk.offices import a_clerk, chrono
from tests.roles import one_transaction

pytestmark = pytest.mark.usefixtures("live_site")

LATER = MONDAY + timedelta(hours=1)
DAY = LATER.date()
KIND = "ItemRegistered.item_id"


async def spoil_fact(postgres_url: str, n: int, *, back: bool = False) -> None:
    """The registration of an item loses the name of a field that it needs, or has it back."""
    names = ('"item_id"', '"id"')
    async with one_transaction(postgres_url) as owner:
        await owner.execute("ALTER TABLE desk.facts DISABLE TRIGGER keep_facts")
        await owner.execute(
            """
            UPDATE desk.facts SET payload = replace(payload, $2, $3)
            WHERE seq = 1 AND item_id = (SELECT item_id FROM desk.items WHERE chrono = $1)
            """,
            chrono(n),
            *(reversed(names) if back else names),
        )
        await owner.execute("ALTER TABLE desk.facts ENABLE TRIGGER keep_facts")


def record(offset: int, fact: Arrivals) -> "ConsumerRecord[Any, Any]":
    key, value = str(fact.key).encode(), fact.model_dump_json().encode()
    return ConsumerRecord("arrivals", 0, offset, 0, 0, key, value, None, 0, len(value), ())


def a_pause(item_id: ItemId, clock: ClockName) -> ClockPaused:
    service = ServiceId("bmi")
    return ClockPaused(
        event_id=EventId(uuid5(SPACE, f"pause {item_id} {clock}")), happened_at=LATER,
        recorded_at=LATER, by="service:sla", item_id=item_id, revision=9, chrono=Chrono(chrono(1)),
        service=service, holder=Holder(service=service), category="titre-de-sejour", clock=clock,
        limit=DAY, since=DAY, until=None,
    )  # fmt: skip


async def named() -> str:
    """What /health says of rows."""
    state = await rows.state()
    assert isinstance(state, Unwell)
    return state.why


async def item(pool: Pool, n: int) -> Any:
    return await pool.fetchval("SELECT item_id FROM desk.items WHERE chrono = $1", chrono(n))


@pytest.fixture
async def three(pool: Pool) -> None:
    """Three items of bmi, each of its own correspondent, whose clocks run."""
    for item_id in await clocked.items(pool, "a", "b", "c"):
        await clocked.starts(pool, item_id)


@pytest.mark.usefixtures("three")
async def test_what_concerns_an_item_that_can_not_be_read_waits_and_its_neighbours_go_on(
    pool: Pool, postgres_url: str
) -> None:
    await spoil_fact(postgres_url, 1)
    chasers = [
        an_arrival(
            f"chaser {n}",
            correspondent=digest("ab"[n - 1]),
            threads=(TokenThread(chrono=Chrono(chrono(n))),),
            at=LATER,
        )
        for n in (1, 2)
    ]
    ear: Subscription[Any] = Subscription(
        Topic.ARRIVALS, ARRIVALS.validate_json, hears_arrivals(rules)
    )
    telemetry = Telemetry("tests", None, None)
    taker = BatchProcessor[Arrivals](ear.topic, "desk", pool, telemetry.heard)
    batch = [
        read_record(ear.topic, ear.decode, record(n, chaser)) for n, chaser in enumerate(chasers)
    ]
    await taker.take(batch, ear.handle, LATER)
    [letter] = await dead_letters.list_(pool, "desk")
    assert letter.letter.key == str(chasers[0].arrival_id).encode()
    broken = f"{await item(pool, 1)}/1"
    assert letter.letter.reason == f"Row {broken} of desk.facts can't be read (missing at {KIND})."
    assert await pool.fetchval("SELECT word FROM desk.arrivals WHERE arrival_id = $1",
                               chasers[1].arrival_id) == "message"  # fmt: skip
    assert await named() == f"Rows can't be read: {broken} of desk.facts."
    await spoil_fact(postgres_url, 1, back=True)
    clock = SystemClock()
    ears = {"arrivals": ear}
    assert await retry_one(pool, clock, "desk", ears, letter.id) == f"{letter.id}: {TAKEN}"


@pytest.mark.usefixtures("three")
async def test_a_clock_that_can_not_be_read_sets_aside_what_concerns_it_alone(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    first = await item(pool, 1)
    await clocked.clock(
        pool, RungReached, first, 2, rung="-2", telling=1, tell=[Audience.HOLDER],
        fell=MONDAY.date(), days=-2,
    )  # fmt: skip
    told = await pool.fetchval("SELECT told FROM desk.clocks WHERE item_id = $1", first)
    await pool.execute("UPDATE desk.clocks SET told = '[{}]' WHERE item_id = $1", first)
    await pool.execute("UPDATE desk.warnings SET told = '{}'")
    paused = [
        a_pause(await item(pool, n), name)
        for n, name in ((1, ClockName.REPLY), (1, ClockName.SERVICES_PUBLICS), (2, ClockName.REPLY))
    ]
    async with transaction(pool) as connection:
        poisoned = await hear_clocks(connection, paused, LATER)
    assert [fact.fact for fact in poisoned] == [paused[0]]
    assert f"Row {first}/reply of desk.clocks can't be read" in poisoned[0].reason
    assert await pool.fetchval("SELECT count(*) FROM desk.clocks WHERE paused_since = $1", DAY) == 2

    clerk = await a_clerk(pool, postgres_url, tmp_path)
    page = await clerk.page(f"/courrier/{chrono(1)}")
    assert "Cette page est incomplète" in page
    assert "1 ligne de desk.clocks, 1 ligne de desk.warnings" in page
    assert "Cette page est incomplète" not in await clerk.page(f"/courrier/{chrono(2)}")

    await pool.execute("UPDATE desk.clocks SET told = $2 WHERE item_id = $1 AND clock = 'reply'",
                       first, told)  # fmt: skip
    with passing_over() as passed:
        async with transaction(pool) as connection:
            assert not await hear_clocks(connection, paused[:1], LATER)
    assert passed == [], "what was set aside is not remembered as taken"
    assert "desk.clocks" not in await named()


async def test_a_reply_that_can_not_be_read_waits_and_is_not_forgotten_with_the_others(
    pool: Pool,
) -> None:
    correspondent = digest("ana")
    seen = [a_reply_seen(name, to=(correspondent,)) for name in ("one", "two")]
    async with transaction(pool) as connection:
        await hears_arrivals(rules)(connection, seen, MONDAY)
    await pool.execute(
        "UPDATE desk.replies SET told = '{}' WHERE arrival_id = $1", seen[0].arrival_id
    )
    async with transaction(pool) as connection:
        waiting = await replies.waiting_for(connection, [correspondent])
    assert [reply_seen.arrival_id for reply_seen in waiting] == [seen[1].arrival_id]
    async with transaction(pool) as connection:
        await forget(connection, seen[0].sent_at + WAIT + timedelta(days=1))
    left = await pool.fetch("SELECT arrival_id FROM desk.replies")
    assert [row["arrival_id"] for row in left] == [seen[0].arrival_id]
    assert await pool.fetchval("SELECT count(*) FROM desk.erasures") == 1
    assert await named() == f"Rows can't be read: {seen[0].arrival_id} of desk.replies."


async def test_what_is_condemned_goes_whether_it_can_be_read_or_not(
    pool: Pool, tmp_path: Path
) -> None:
    letters = [an_arrival(name, verdict=SetAside(reason="newsletter")) for name in "ab"]
    async with transaction(pool) as connection:
        await hears_arrivals(rules)(connection, letters, MONDAY)
    await pool.execute(
        'UPDATE desk.arrivals SET told = \'{"subject": "x"}\' WHERE arrival_id = $1',
        letters[0].arrival_id,
    )
    await tidy(pool, rules, LocalBlobs(tmp_path), MONDAY + timedelta(days=31 * ASIDE_MONTHS))
    rows_ = await pool.fetch("SELECT told, erased_at FROM desk.arrivals ORDER BY told")
    assert [row["erased_at"] is None for row in rows_] == [False, False]
    assert rows_[-1]["told"] == "{}" or rows_[0]["told"] == "{}"


def test_what_is_left_of_an_erased_scan_names_no_other_item() -> None:
    other = Chrono("36-2026-A-000007")
    marks = ScanMarks(batch="f" * 64, refers_to=other, refers_by_code=True, coded_for=(other,))
    scan = a_scan(scan=marks)
    left = without_content(scan.arrival_id, scan.model_dump_json())
    assert Arrived.model_validate_json(left).scan == ScanMarks(batch="f" * 64)


@pytest.mark.usefixtures("environment")
@pytest.mark.usefixtures("three")
async def test_what_can_be_read_is_told_again_and_the_rest_is_named(
    pool: Pool, postgres_url: str
) -> None:
    await pool.execute("DELETE FROM desk.outbox")
    await spoil_fact(postgres_url, 2)
    said = await asyncio.to_thread(CliRunner().invoke, main, ["desk", "republish"])
    assert said.exit_code == 1, said.output
    broken = f"{await item(pool, 2)}/1"
    assert f"Not told: Row {broken} of desk.facts can't be read" in said.output
    told = await pool.fetch("SELECT payload FROM desk.outbox")
    kept = await pool.fetchval("SELECT count(*) FROM desk.facts")
    assert len(told) == kept - 1
    assert f"{kept - 1} facts wait in the outbox" in said.output


async def test_rows_that_nobody_can_read_cost_what_they_say_and_never_a_root(
    pool: Pool, postgres_url: str
) -> None:
    """Two promises of May moved; of one item nobody can read any more what was said."""
    for item_id in await clocked.items(pool, "a", "b"):
        await clocked.starts(pool, item_id)
        await clocked.stops(pool, item_id, 2, Outcome.KEPT)
    await close(pool)
    broken, sound = await pool.fetch("SELECT item_id FROM desk.items ORDER BY chrono LIMIT 2")
    unreadable = """UPDATE desk.{} SET payload = '{{"type": "Blessed"}}' WHERE {}"""
    async with transaction(pool) as connection:
        applied = await store.current(connection)
    async with one_transaction(postgres_url) as owner:
        await owner.execute("SET LOCAL session_replication_role = replica")
        moved = [broken["item_id"], sound["item_id"]]
        await owner.execute(
            "UPDATE desk.closed_promises SET days = 99 WHERE item_id = ANY($1::uuid[])", moved
        )
        await owner.execute(unreadable.format("facts", "item_id = $1"), broken["item_id"])
        await owner.execute(unreadable.format("quality_facts", "type = 'MonthClosed'"))
    await seals.once(pool, applied, JULY + timedelta(days=1))
    stated = "SELECT type, count(*) AS n FROM desk.quality_facts GROUP BY type ORDER BY type"
    once = [("BookOpened", 2), ("MonthClosed", 1), ("MonthCorrected", 1)]
    assert [tuple(row) for row in await pool.fetch(stated)] == once
    said = await pool.fetchval(
        "SELECT payload FROM desk.quality_facts WHERE type = 'MonthCorrected'"
    )
    assert json.loads(said)["item_id"] == str(sound["item_id"])

    async with one_transaction(postgres_url) as owner:
        await owner.execute("SET LOCAL session_replication_role = replica")
        await owner.execute(unreadable.format("quality_facts", "type <> 'MonthClosed'"))
    await seals.once(pool, applied, JULY + timedelta(days=2))
    assert [tuple(row) for row in await pool.fetch(stated)] == once, "nothing is said twice"
    assert await pool.fetchval("SELECT count(*) FROM desk.roots") == 2
    assert await pool.fetchval("SELECT count(*) FROM desk.facts WHERE type = 'EvidenceSealed'") == 2
