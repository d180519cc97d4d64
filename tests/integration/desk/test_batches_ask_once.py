"""What a batch of mails asks the database grows with the batch, not with what is kept.

Counted by PostgreSQL itself, within the transaction: no clock judges here.
"""

from typing import NamedTuple

import pytest

from services.desk.handlers.arrivals import hears_arrivals
from shared.facts.arrivals import Arrived
from shared.platform.database import Connection, Pool, transaction
from tests.desk_browser import TODAY
from tests.desk_builders import an_arrival, digest, rules
from tests.roles import one_transaction

BATCH = 40

USED = """
    SELECT pg_stat_get_xact_function_calls('desk.perimeter_at'::regproc) AS label,
           (SELECT idx_tup_fetch FROM pg_stat_xact_user_tables
            WHERE relid = 'desk.arrivals'::regclass) AS arrivals
"""


class Used(NamedTuple):
    """What one batch asked."""

    label: int
    """Calls of the function that says whether the label covers a service."""
    arrivals: int
    """Rows of arrivals that were read by an index."""


async def registered(pool: Pool, batch: list[Arrived]) -> Used:
    async with transaction(pool) as connection:
        before = await used_until_now(connection)
        await hears_arrivals(rules)(connection, batch, TODAY)
        after = await used_until_now(connection)
    return Used(after.label - before.label, after.arrivals - before.arrivals)


async def used_until_now(connection: Connection) -> Used:
    """Since this session last told its counts, which it does when it likes."""
    row = await connection.fetchrow(USED)
    assert row is not None
    return Used(row["label"] or 0, row["arrivals"] or 0)


@pytest.fixture
async def counting(postgres_url: str, pool: Pool) -> Pool:
    """Calls of functions are counted in sessions that begin from now on."""
    async with one_transaction(postgres_url) as owner:
        name = await owner.fetchval("SELECT quote_ident(current_database())")
        await owner.execute(f"ALTER DATABASE {name} SET track_functions = 'all'")
    await pool.expire_connections()
    return pool


def mails(of: str) -> list[Arrived]:
    """Of senders who never wrote before."""
    names = [f"{of} {number}" for number in range(BATCH)]
    return [an_arrival(name, pli=None, correspondent=digest(name)) for name in names]


async def test_a_batch_asks_once_for_a_service_and_a_day_and_reads_no_other_arrival(
    counting: Pool,
) -> None:
    used = [await registered(counting, mails(f"batch {number}")) for number in range(6)]
    assert [each.label for each in used] == [1] * len(used)
    # The sixth reads no more of what is kept than the second did.
    assert used[-1].arrivals == used[1].arrivals
