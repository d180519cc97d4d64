"""Every figure comes from one definition, whose counts are kept as items and clocks change."""

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from click.testing import CliRunner
from prometheus_client import CollectorRegistry

from services.__main__ import main
from services.desk.domain.months import Month, proof
from services.desk.indicators import store
from services.desk.metrics import RegisterMetrics
from shared.errors import Refused
from shared.facts.clocks import ClockStarted, Outcome
from shared.facts.origin import MACHINE
from shared.platform.database import Pool
from shared.platform.messaging import trigger_counts
from shared.site.applied_rules import AppliedRules
from tests.desk_builders import MONDAY
from tests.integration.desk.clocked import NOW, clock, items, starts, stops
from tests.integration.desk.closed import close
from tests.roles import under_role

pytestmark = pytest.mark.usefixtures("live_site")


@dataclass(frozen=True)
class StandingClock:
    """A clock at one moment."""

    at: datetime

    def now(self) -> datetime:
        return self.at

    async def pause(self, longest: timedelta) -> None:
        await asyncio.sleep(longest.total_seconds())


async def promises(pool: Pool) -> list[tuple[Any, ...]]:
    rows = await pool.fetch("SELECT result, days, n FROM desk.promises ORDER BY 1, 2")
    return [tuple(row) for row in rows]


async def says(*words: str) -> tuple[int, str]:
    result = await asyncio.to_thread(CliRunner().invoke, main, ["desk", "month", *words])
    return result.exit_code, result.output


async def counts_are_those_of_the_rows(pool: Pool) -> bool:
    """Counted by triggers and counted again from the rows: the same, cell by cell."""
    return not await pool.fetchval(
        """
        SELECT count(*) FROM (
            (SELECT service, channel, complaint, clock, month, result, open_until, days,
                    count(*)::int AS n
             FROM desk.indicators GROUP BY 1, 2, 3, 4, 5, 6, 7, 8)
            EXCEPT ALL SELECT * FROM desk.promises
            UNION ALL
            (SELECT * FROM desk.promises
             EXCEPT ALL SELECT service, channel, complaint, clock, month, result, open_until, days,
                               count(*)::int
             FROM desk.indicators GROUP BY 1, 2, 3, 4, 5, 6, 7, 8)) AS different
        """
    )


async def test_a_promise_counts_as_open_then_as_kept_or_late_by_its_days(pool: Pool) -> None:
    first, second, third = await items(pool, "a", "b", "c")
    for item_id in (first, second, third):
        await starts(pool, item_id)
    assert await promises(pool) == [("open", -1, 3)]
    await stops(pool, first, 2, Outcome.KEPT)
    await stops(pool, second, 2, Outcome.LATE)
    assert await promises(pool) == [("kept", 4, 1), ("late", 7, 1), ("open", -1, 1)]
    await trigger_counts.fold(pool, "desk")
    assert await promises(pool) == [("kept", 4, 1), ("late", 7, 1), ("open", -1, 1)]
    assert await pool.fetchval("SELECT count(*) FROM desk.indicators_counts") == 3
    assert await counts_are_those_of_the_rows(pool)


async def test_closing_without_answer_after_the_limit_is_late_and_before_it_is_apart(
    pool: Pool,
) -> None:
    first, second = await items(pool, "a", "b")
    for item_id in (first, second):
        await starts(pool, item_id)
    await stops(pool, first, 2, Outcome.CLOSED)
    # Midnight in Paris of the day after the limit: 19 May is over, in UTC it is not.
    after = MONDAY.replace(day=19, hour=22, minute=30)
    await stops(pool, second, 2, Outcome.CLOSED, happened_at=after)
    assert await promises(pool) == [("closed", -1, 1), ("late", -1, 1)]


async def test_closing_without_answer_before_the_limit_is_due_and_not_kept_unless_out_of_perimeter(
    pool: Pool,
) -> None:
    first, second, third = await items(pool, "a", "b", "c")
    for item_id in (first, second, third):
        await starts(pool, item_id)
        await stops(pool, item_id, 2, Outcome.KEPT if item_id == first else Outcome.CLOSED)
    rates = "SELECT kept, late, closed, due FROM desk.rates"
    assert await pool.fetch(rates) == [(1, 0, 2, 3)]
    await pool.execute("UPDATE desk.items SET perimeter = false WHERE item_id = $1", third)
    assert await pool.fetchrow("SELECT sum(kept), sum(closed), sum(due) FROM desk.rates") == (
        1, 1, 2,
    )  # fmt: skip


async def test_a_month_closed_today_counts_what_was_closed_without_reply_as_not_kept(
    pool: Pool, environment: dict[str, str], tmp_path: Path
) -> None:
    del environment
    kept, closed = await items(pool, "a", "b")
    for item_id in (kept, closed):
        await starts(pool, item_id)
    await stops(pool, kept, 2, Outcome.KEPT)
    await stops(pool, closed, 2, Outcome.CLOSED)

    await close(pool)
    code, said = await says("show", "2026-05")
    assert code == 0, said
    given = "SELECT what, page, about FROM desk.journal"
    assert await pool.fetch(given) == [], "figures on the screen are no file"
    assert (await says("show", "2026-05", "--promises", str(tmp_path / "mai.csv")))[0] == 0
    assert await pool.fetch(given) == [("download", "vaguemestre desk month show", "2026-05")]
    # Wilson, 1 of 2: 0.0945 to 0.9055.
    assert "50% of 2 [9%, 91%] (few)" in said
    assert "definition" not in said
    figures = "SELECT kept, due, kept_now, due_now, definition FROM desk.closed_rates"
    assert await pool.fetchrow(figures) == (1, 2, 1, 2, 2)


async def test_a_month_closed_by_the_first_definition_keeps_it_and_names_the_change(
    pool: Pool, environment: dict[str, str]
) -> None:
    del environment
    kept, closed = await items(pool, "a", "b")
    for item_id in (kept, closed):
        await starts(pool, item_id)
    await stops(pool, kept, 2, Outcome.KEPT)
    await stops(pool, closed, 2, Outcome.CLOSED)
    may = date(2026, 5, 1)
    async with pool.acquire() as connection, connection.transaction():
        promises = await store.standing(connection, may)
        month = Month(may, NOW, NOW.date(), "q.officer", 1, "digest", 0.9, definition=1)
        await store.close(connection, replace(month, hash=proof(month, promises)), promises)
    said = await asyncio.to_thread(CliRunner().invoke, main, ["desk", "month", "show", "2026-05"])
    assert said.exit_code == 0, said.output
    assert "100% of 1 [21%, 100%] (few)" in said.output
    assert "Closed by the first definition" in said.output
    assert "0 corrections since" in said.output
    figures = "SELECT kept, due, kept_now, due_now, definition FROM desk.closed_rates"
    assert await pool.fetchrow(figures) == (1, 1, 1, 1, 1)


async def test_what_leaves_the_perimeter_or_changes_service_is_counted_where_it_now_is(
    pool: Pool,
) -> None:
    (item,) = await items(pool, "a")
    await starts(pool, item)
    await pool.execute("UPDATE desk.items SET service = 'dre'")
    assert await pool.fetch("SELECT service, n FROM desk.promises") == [("dre", 1)]
    await pool.execute("UPDATE desk.items SET perimeter = false")
    assert await promises(pool) == [("excluded", -1, 1)]
    await pool.execute("UPDATE desk.items SET perimeter = true, state = 'observed'")
    assert await promises(pool) == [("observed", -1, 1)]
    assert await counts_are_those_of_the_rows(pool)
    received = "SELECT service, state, perimeter, n FROM desk.received"
    assert await pool.fetch(received) == [("dre", "observed", True, 1)]


async def test_the_dashboards_see_sums_and_never_an_item(pool: Pool, postgres_url: str) -> None:
    await items(pool, "a")
    looker = await asyncpg.connect(under_role(postgres_url, "grafana"))
    try:
        assert await looker.fetchval("SELECT sum(n) FROM desk.received") == 1
        assert await looker.fetchval("SELECT target FROM desk.target")
        assert await looker.fetchval("SELECT count(*) FROM desk.service_names") == 4
        hours = "SELECT word FROM desk.arrivals_by_hour($1, $2)"
        assert await looker.fetchval(hours, NOW - timedelta(days=1), NOW) == "item"
        assert await looker.fetchval("SELECT desk.today()") is not None
        kept = (
            "SELECT has_table_privilege(c.oid, 'SELECT') FROM pg_class c WHERE c.oid = $1::regclass"
        )
        for table in ("items", "facts", "arrivals", "indicators", "clocks", "promises"):
            seen = await looker.fetchval(kept, f"desk.{table}")
            assert seen == (table == "promises"), table
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await looker.fetch("SELECT * FROM site.people")
    finally:
        await looker.close()


async def test_a_closed_month_stays_and_later_facts_stand_beside_it(
    pool: Pool, environment: dict[str, str], tmp_path: Path
) -> None:
    del environment
    kept, open_, late = await items(pool, "a", "b", "c")
    for item_id in (kept, open_, late):
        await starts(pool, item_id)
    await stops(pool, kept, 2, Outcome.KEPT)
    await stops(pool, late, 2, Outcome.LATE)

    with pytest.raises(Refused, match="quality officer"):
        await close(pool, may=False)
    with pytest.raises(Refused, match="page /mois"):
        await close(pool, origin=MACHINE)
    await close(pool)
    with pytest.raises(Refused, match="closed already"):
        await close(pool)
    # Of 19 May the open one is overdue long since: one of three was kept.
    code, said = await says("show", "2026-05")
    assert "33% of 3 [6%, 79%] (few)" in said
    assert "1 en-retard, 1 limite-passee" in said

    await stops(pool, open_, 2, Outcome.LATE)
    out = tmp_path / "2026-05.csv"
    figures = tmp_path / "figures.csv"
    code, said = await says("show", "2026-05", "--promises", str(out), "--csv", str(figures))
    assert code == 0, said
    assert "33% of 3 [6%, 79%] (few)" in said
    assert (
        "limite-passee, bmi, courriel -> en-retard 7 j, bmi, courriel, by time or the rules" in said
    )
    assert "1 correction since" in said
    lines = out.read_text().splitlines()
    assert (len(lines), lines[0].split(";")[:2]) == (4, ["chrono", "clock"])
    head, *rows = (line.split(";")[:8] for line in figures.read_text().splitlines())
    assert head == ["service", "canal", "engagement", "tenus", "juges", "taux", "bas_95", "haut_95"]
    of = ["reponse", "1", "3", "0.3333", "0.0615", "0.7923"]
    assert rows == [
        ["bmi", "courriel", *of], ["bmi", "tous", *of], ["tous", "courriel", *of],
        ["tous", "tous", *of],
    ]  # fmt: skip
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await pool.execute("UPDATE desk.closed_promises SET result = 'kept'")


async def test_a_month_of_which_promises_still_run_is_closed_only_on_purpose(
    pool: Pool, environment: dict[str, str]
) -> None:
    del environment
    overdue, running = await items(pool, "a", "b")
    await starts(pool, overdue)
    await clock(
        pool, ClockStarted, running, 1, commitment="reponse", rules=1,
        day_zero=date(2026, 5, 11), limit=date(2199, 9, 30),
    )  # fmt: skip

    with pytest.raises(Refused, match="1 of the 2 promises of 2026-05 still run"):
        await close(pool)
    assert await pool.fetchval("SELECT count(*) FROM desk.closed_months") == 0
    await close(pool, early=True)
    code, said = await says("show", "2026-05")
    assert (code, "2 promises, 1 still running when it was closed" in said) == (0, True)


@pytest.mark.parametrize(
    ("moment", "worked", "is_open"),
    [
        (datetime(2026, 5, 4, 8, 0, tzinfo=UTC), 1, 1),
        (datetime(2026, 5, 4, 20, 0, tzinfo=UTC), 1, 0),
        (datetime(2026, 5, 1, 8, 0, tzinfo=UTC), 0, 0),
        (datetime(2026, 5, 3, 21, 0, tzinfo=UTC), 0, 0),
    ],
    ids=["a Monday at ten", "a Monday night", "the first of May", "a Sunday night"],
)
async def test_who_is_open_is_said_by_the_register(
    pool: Pool, moment: datetime, worked: int, is_open: int
) -> None:
    registry = CollectorRegistry()
    register = RegisterMetrics(registry, pool, StandingClock(moment), AppliedRules())
    await register.hours()
    assert registry.get_sample_value("vaguemestre_working_day") == worked
    assert registry.get_sample_value("vaguemestre_open_hours", {"service": "bmi"}) == is_open
