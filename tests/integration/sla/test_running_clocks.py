"""Rows of the running clocks on a real PostgreSQL: who starts, and what leaves them alone."""

import asyncpg

from shared.facts.clocks import Outcome
from tests.integration.sla.conftest import Clocks
from tests.integration.sla.test_hearing_and_waking import a_mail
from tests.unit.sla.builders import paris


async def test_the_running_clocks_are_those_that_gauges_count(clocks: Clocks) -> None:
    register = a_mail()
    await clocks.hear(register.facts, paris(11))
    rows = await clocks.pool.fetch("SELECT clock, limit_at, risk_at FROM sla.running ORDER BY 1")
    assert [(row["clock"], row["limit_at"], row["risk_at"]) for row in rows] == [
        ("receipt", paris(13, 0), paris(12, 6)),
        ("reply", paris(20, 0), paris(15, 6)),
        ("services_publics", paris(19, 0), paris(18, 6)),
    ]
    register.replied(paris(12))
    await clocks.hear(register.facts[-1:], paris(12))
    assert await clocks.pool.fetchval("SELECT count(*) FROM sla.running") == 0
    outcomes = {fact.outcome for fact in await clocks.told() if fact.type == "ClockStopped"}
    assert outcomes == {Outcome.KEPT, Outcome.MOOT}


async def test_a_rung_leaves_the_rows_of_the_running_clocks_as_they_are(clocks: Clocks) -> None:
    rows = "SELECT ctid, clock, service, limit_at, risk_at FROM sla.running ORDER BY clock"
    await clocks.hear(a_mail().facts, paris(11))
    before = await clocks.pool.fetch(rows)
    await clocks.wake(paris(15, 6))
    assert len(before) == 3
    assert await clocks.pool.fetch(rows) == before
    reply = a_mail()
    reply.replied(paris(15, 9))
    await clocks.hear(reply.facts[-1:], paris(15, 9))
    assert await clocks.pool.fetch(rows) == []


async def test_the_running_clocks_go_with_their_items(clocks: Clocks, postgres_url: str) -> None:
    """sla may delete no item: an operator who does leaves no clock behind."""
    one, other = a_mail(1), a_mail(2)
    rows = "SELECT DISTINCT item_id FROM sla.running"
    await clocks.hear([*one.facts, *other.facts], paris(11))
    operator = await asyncpg.connect(postgres_url)
    await operator.execute("DELETE FROM sla.items WHERE item_id = $1", one.item)
    assert [row["item_id"] for row in await clocks.pool.fetch(rows)] == [other.item]
    await operator.execute("TRUNCATE sla.items")
    assert await clocks.pool.fetch(rows) == []
    await operator.close()
