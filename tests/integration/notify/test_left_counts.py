"""What left lately is counted by minute as it leaves, not row by row at each mail."""

import random
from dataclasses import replace
from datetime import datetime, timedelta

from services.notify.domain.loop_guard import RecentNotice
from services.notify.store import caps, ledger
from services.notify.store.ledger import LedgerRow
from shared.facts.envelope import Digest
from shared.platform.database import transaction
from shared.platform.messaging import trigger_counts
from tests.integration.notify.conftest import House
from tests.unit.notify.builders import MONDAY

NOBODY = Digest("0" * 64)
DAY = MONDAY.date()
OTHERS = """
INSERT INTO notify.ledger (notice_id, item_id, occasion, kind, way, state, due_at, planned_at,
                           changed_at, mailbox, domain, told_on, told_at)
SELECT gen_random_uuid(), gen_random_uuid(), 'other ' || n, 'receipt', 'mail', 'sent', $1, $1, $1,
       'm' || n, 'd' || n, $2, $1
FROM generate_series(1, $3::int) AS n
"""
STATES = ("planned", "attempting", "unknown", "sent", "bounced", "held", "failed")
COUNTED = """
SELECT count(*) FILTER (WHERE told_on = $1)::int AS of_the_day,
       count(*) FILTER (WHERE date_trunc('minute', told_at) > $2)::int AS of_the_hour
FROM notify.ledger
WHERE told_at > $3 AND state IN ('attempting', 'unknown', 'sent', 'bounced')
"""


async def in_hand(house: House) -> LedgerRow:
    """A receipt that may leave now, as a worker has it in hand."""
    await house.hear(await house.mail())
    async with transaction(house.pool) as connection:
        rows = await connection.fetch("SELECT * FROM notify.ledger")
        (row,) = await ledger.readable(connection, rows)
    return replace(row, mailbox=Digest("1" * 64), domain=Digest("2" * 64))


async def others(house: House, at: datetime, many: int) -> None:
    await house.pool.execute(OTHERS, at, at.date(), many)


async def told(house: House, row: LedgerRow, now: datetime) -> RecentNotice:
    async with transaction(house.pool) as connection:
        (heard,) = await caps.read_circumstances(connection, [(row, NOBODY)], now.date(), now)
    return heard.told


async def test_an_hour_is_sixty_whole_minutes_and_a_day_is_the_local_one(house: House) -> None:
    row = await in_hand(house)
    await others(house, MONDAY - timedelta(days=1), 1)
    await others(house, MONDAY - timedelta(minutes=61), 2)
    await others(house, MONDAY - timedelta(minutes=60), 4)
    await others(house, MONDAY, 8)
    assert await told(house, row, MONDAY) == RecentNotice(in_all_in_an_hour=12, in_all=14)


async def test_a_mail_that_is_tried_again_does_not_count_for_itself(house: House) -> None:
    row = await in_hand(house)
    await others(house, MONDAY, 3)
    await house.pool.execute(
        "UPDATE notify.ledger SET state = 'unknown', told_on = $2, told_at = $3"
        " WHERE notice_id = $1",
        row.entry.notice_id,
        DAY,
        MONDAY,
    )
    heard = await told(house, row, MONDAY + timedelta(minutes=1))
    assert (heard.in_all_in_an_hour, heard.in_all) == (3, 3)


async def test_the_counts_are_those_of_the_rows_whatever_happens_to_them(house: House) -> None:
    row = await in_hand(house)
    chance = random.Random(7)  # noqa: S311  (drawn rows)
    for step in range(40):
        at = MONDAY - timedelta(minutes=chance.randrange(120))
        await others(house, at, chance.randrange(4))
        await house.pool.execute(
            "UPDATE notify.ledger SET state = $1, told_at = told_at + $2::interval"
            " WHERE notice_id <> $3 AND hashtext(notice_id::text) % 3 = $4",
            chance.choice(STATES),
            timedelta(minutes=chance.randrange(-5, 5)),
            row.entry.notice_id,
            chance.randrange(3),
        )
        if step % 10 == 9:
            await house.pool.execute(
                "DELETE FROM notify.ledger WHERE notice_id <> $1"
                " AND hashtext(notice_id::text) % 5 = $2",
                row.entry.notice_id,
                chance.randrange(5),
            )
            await trigger_counts.fold(house.pool, "notify")
        counted = await house.pool.fetchrow(
            COUNTED, DAY, MONDAY - timedelta(minutes=61), MONDAY - timedelta(hours=26)
        )
        heard = await told(house, row, MONDAY)
        assert counted is not None
        assert (heard.in_all, heard.in_all_in_an_hour) == tuple(counted.values())


async def test_a_mail_costs_no_more_because_thousands_have_left(house: House) -> None:
    row = await in_hand(house)
    await others(house, MONDAY, 3_000)
    async with transaction(house.pool) as connection:
        (heard,) = await caps.read_circumstances(connection, [(row, NOBODY)], DAY, MONDAY)
        read = await connection.fetchval(
            "SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables"
            " WHERE relid = 'notify.ledger'::regclass"
        )
    assert heard.told.in_all == 3_000
    assert read < 50, "rows of the ledger"


async def test_what_no_cap_asks_for_any_more_is_forgotten(house: House) -> None:
    await others(house, MONDAY - timedelta(days=3), 5)
    await others(house, MONDAY - timedelta(hours=20), 2)
    house.clock.at = MONDAY
    await house.waker().round()
    assert await house.pool.fetchval("SELECT sum(n) FROM notify.left_counts") == 2
