"""Figures to the last digit and day: ends of intervals, targets of their year, days of the site."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from pydantic import SecretStr

from services.__main__ import main
from services.desk.domain import wilson
from services.desk.pages.quality import year_figures
from services.desk.quality.domain.figures import ANSWERED, FigureTable
from services.desk.quality.store.figures import figures
from shared.facts.clocks import Outcome
from shared.platform.clock import open_clock
from shared.platform.database import Connection, Pool, transaction
from tests.desk_browser import Browser, pages
from tests.integration.desk.clocked import items, starts, stops
from tests.integration.desk.closed import JULY, close
from tests.integration.desk.quality.drawn_items import drawn, put
from tests.roles import one_transaction, under_role

pytestmark = pytest.mark.usefixtures("live_site", "environment")


@pytest.fixture
async def officer(pool: Pool, postgres_url: str, tmp_path: Path) -> AsyncIterator[Browser]:
    """The référent qualité, on the second of July."""
    async with one_transaction(postgres_url) as owner:
        await owner.execute("INSERT INTO site.story (moment) VALUES ($1)", JULY)
    clock = await open_clock(pool, SecretStr(under_role(postgres_url, "desk")))
    browser = await Browser(pages(pool, clock, tmp_path)).sign_in("q.officer")
    yield browser
    await browser.client.aclose()


async def test_the_interval_of_all_or_none_ends_exactly_in_sql_too(pool: Pool) -> None:
    rows = await pool.fetch(
        """
        SELECT n, (desk.wilson(0, n)).low AS low, (desk.wilson(n, n)).high AS high,
               (desk.wilson(n / 2, n)).low AS half
        FROM generate_series(1, 3000) AS n
        """
    )
    assert {row["low"] for row in rows} == {0}
    assert {row["high"] for row in rows} == {1}
    for row in rows:
        assert row["half"] == pytest.approx(wilson.interval(row["n"] // 2, row["n"])[0], abs=1e-12)


async def test_a_month_is_compared_with_its_closing_by_indexes(pool: Pool) -> None:
    async with transaction(pool) as connection:
        await connection.execute("SET LOCAL enable_seqscan = off")
        plan = await connection.fetch(
            "EXPLAIN SELECT * FROM desk.judged_in('2026-05-01', '2026-05-01')"
        )
    said = "\n".join(row[0] for row in plan)
    assert "clocks_day_zero" in said
    assert "items_received_on" in said
    assert "Function Scan on today" in said, "the day is asked once, not for each open promise"


async def test_a_past_year_is_judged_by_its_own_target(
    officer: Browser, pool: Pool, postgres_url: str
) -> None:
    await put(pool, drawn(9, 100))
    async with one_transaction(postgres_url) as owner:
        await owner.execute("SET LOCAL session_replication_role = replica")
        await owner.execute("UPDATE site.versions SET effective_from = '2025-01-02T00:00Z'")
        await owner.execute(
            """
            INSERT INTO site.versions (version, digest, bundle, days, author, why, effective_from)
            SELECT version + 1, digest, jsonb_set(bundle, '{commitments,target}', '0.95'), days,
                   author, why, '2026-01-01T00:00Z'
            FROM site.versions ORDER BY version DESC LIMIT 1
            """
        )
    for year, aim in ((2026, "95"), (2025, "90")):
        page = await officer.page(f"/chiffres/annee/{year}")
        assert f"objectif {aim}\N{NO-BREAK SPACE}%" in page


async def test_no_code_is_counted_for_a_year_that_its_page_does_not_show(
    officer: Browser, pool: Pool
) -> None:
    await put(pool, drawn(4, 200))
    asked_of = list[object]()

    async def noted(connection: Connection, *args: object, **named: object) -> FigureTable:
        asked_of.append(args[1] if len(args) > 1 else None)
        return await figures(connection, *args, **named)  # type: ignore[arg-type]  # unpacked, each of its own type

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(year_figures.store, "figures", noted)  # type: ignore[attr-defined]  # a name that the module only imports
        await officer.page("/chiffres/annee/2026")
    assert asked_of
    assert all(codes is not None and ANSWERED not in codes for codes in asked_of)  # type: ignore[operator]  # never empty here


async def test_the_command_tells_the_sites_day_of_a_closing(
    pool: Pool, environment: dict[str, str]
) -> None:
    del environment
    (item,) = await items(pool, "a")
    await starts(pool, item)
    await stops(pool, item, 2, Outcome.KEPT)
    await close(pool, now=datetime(2026, 7, 2, 22, 30, tzinfo=UTC))
    for words in (("show", "2026-05"), ("list",)):
        said = await asyncio.to_thread(CliRunner().invoke, main, ["desk", "month", *words])
        assert "2026-07-03" in said.output, said.output
