"""What a report reads of an item's facts is kept beside it, and never of yesterday."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from services.desk import statements
from services.desk.domain.stamp import Stamp
from services.desk.evidence.domain.history import History, history_of
from services.desk.quality import history_job
from services.desk.store import items as item_rows
from shared.facts.envelope import ItemId, ServiceId
from shared.facts.items import ITEMS
from shared.facts.items.routing import ItemAssigned
from shared.platform.database import Pool, transaction
from shared.site import store
from tests.integration.desk.clocked import items
from tests.integration.desk.closed import MAY

pytestmark = pytest.mark.usefixtures("live_site", "environment")


async def told(pool: Pool) -> list[tuple[object, ...]]:
    """How the letters of May went through the house, as the report says it."""
    rows = await pool.fetch("SELECT * FROM desk.passages($1, $1)", MAY)
    return sorted((tuple(row) for row in rows), key=str)


async def reassigned(pool: Pool) -> int:
    return int(
        await pool.fetchval(
            """
            SELECT reassigned FROM desk.passages($1, $1) WHERE service IS NULL AND channel IS NULL
            """,
            MAY,
        )
    )


async def keep(pool: Pool, most: int = 100) -> int:
    async with transaction(pool) as connection:
        return await history_job.keep(connection, most)


async def assign(pool: Pool, item: ItemId, service: str) -> None:
    """b.head gives an item to another service."""
    at = datetime(2026, 5, 20, 9, tzinfo=UTC)
    async with transaction(pool) as connection:
        applied = await store.current(connection)
        kept = await item_rows.lock(connection, [item])
        stamp = Stamp(item, kept[item].item.seq, uuid4(), "person:b.head", at)
        said = ItemAssigned(**stamp(1), service=ServiceId(service))
        await statements.state(connection, kept, [said], applied.site.zone)


async def test_the_report_says_the_same_with_and_without_and_after_each_new_fact(
    pool: Pool,
) -> None:
    item, *others = await items(pool, "a", "b", "c")
    assert len(others) == 2
    first = await told(pool)
    before = await reassigned(pool)
    assert await keep(pool) == 3
    assert await keep(pool) == 0
    assert await told(pool) == first
    # A fact later than what was kept: the report reads it before the job does.
    await assign(pool, item, "dre")
    second = await told(pool)
    assert await reassigned(pool) == before + 1
    assert await keep(pool) == 1
    assert await told(pool) == second
    await pool.execute("DELETE FROM desk.item_histories")
    assert await told(pool) == second


async def again(pool: Pool) -> list[History]:
    """The histories of all items, made by Python from their facts."""
    rows = await pool.fetch(
        """
        SELECT array_agg(f.payload ORDER BY f.seq) AS facts FROM desk.facts f
        JOIN desk.items USING (item_id) GROUP BY item_id ORDER BY item_id
        """
    )
    return [history_of([ITEMS.validate_json(fact) for fact in row["facts"]]) for row in rows]


async def kept(pool: Pool) -> list[History]:
    rows = await pool.fetch(
        "SELECT seq, reassigned, proof FROM desk.item_histories ORDER BY item_id"
    )
    return [History(*row) for row in rows]


async def test_a_row_of_more_facts_than_there_are_is_made_anew_and_stops_nothing(
    pool: Pool,
) -> None:
    item, *_ = await items(pool, "a", "b", "c")
    await assign(pool, item, "dre")
    assert await keep(pool) == 3
    right = await kept(pool)
    assert right == await again(pool), "by two ways"
    assert {(kept_row.seq, kept_row.reassigned) for kept_row in right} == {(1, False), (2, True)}
    await pool.execute("UPDATE desk.item_histories SET seq = 9, reassigned = NOT reassigned")
    assert [await keep(pool, 2), await keep(pool, 2)] == [2, 1]
    assert await kept(pool) == right


async def test_many_items_are_kept_by_some_at_a_time(pool: Pool) -> None:
    await items(pool, *"abcde")
    assert [await keep(pool, 2) for _ in range(4)] == [2, 2, 1, 0]
