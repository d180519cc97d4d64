"""`kill -9` in the middle of a stream: nothing lost, nothing twice, no gap, nobody told twice."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest

from tests.e2e.house import House

STREAM = 40

BEGUN = {
    "ingest": "SELECT count(*) FROM ingest.arrivals",
    "desk-keep": "SELECT count(*) FROM desk.items",
    "sla": "SELECT count(*) FROM sla.items",
    "notify": "SELECT count(*) FROM notify.ledger WHERE kind = 'receipt'",
}
"""What grows when the stream has reached a process."""
NEW = "chrono LIKE '%-A-%' AND right(chrono, 6)::integer > $1"
"""The stream's items: of before, some are of a later hour of the story."""


@pytest.mark.parametrize("process", BEGUN)
async def test_a_killed_process_loses_nothing_and_repeats_nothing(
    live: House, process: str
) -> None:
    mails = [live.mail("Salif Keita") for _ in range(STREAM)]
    await live.settle()
    before = await live.ask("SELECT coalesce(max(last), 0) FROM desk.counters WHERE direction='A'")
    stood = await live.ask(BEGUN[process])
    await live.write(*mails[: STREAM // 2])
    await live.when_asked(f"SELECT ({BEGUN[process]}) > $1", stood)
    killed = live.running.kill(process)
    await live.write(*mails[STREAM // 2 :])
    await live.when(lambda: live.run["pids"].get(process, killed) != killed, f"a new {process}")
    await live.settle()
    await live.settle()  # a mail whose fate was unknown leaves again a minute later

    chronos = [
        row["chrono"]
        for row in await live.rows(
            f"SELECT chrono FROM desk.items WHERE {NEW} ORDER BY chrono",  # noqa: S608  (ours)
            before,
        )
    ]
    assert chronos == [f"36-2026-A-{before + n:06}" for n in range(1, STREAM + 1)]
    inboxes = await asyncio.gather(*(live.inbox(mail["address"]) for mail in mails))
    receipts = [[str(mail["Message-ID"]) for mail in inbox] for inbox in inboxes]
    assert [len(set(receipt)) for receipt in receipts] == [1] * STREAM
    twice = [receipt for receipt in receipts if len(receipt) > 1]
    # The one window of SMTP: DATA was taken, the answer was not seen, the Message-ID is the same.
    assert len(twice) <= (1 if process == "notify" else 0)
    running = await live.rows(
        f"""
        SELECT i.chrono, c.limit_day FROM desk.clocks c JOIN desk.items i USING (item_id)
        WHERE c.clock = 'reply' AND {NEW}
        """,  # noqa: S608  (ours)
        before,
    )
    assert sorted(row["chrono"] for row in running) == chronos


async def test_each_rung_is_told_once_though_the_clocks_are_killed_while_they_tell(
    live: House,
) -> None:
    open_ones = {
        str(row["item_id"])
        for row in await live.rows(
            "SELECT item_id FROM desk.clocks WHERE clock = 'reply' AND stopped_at IS NULL"
            " AND rungs = '{}'"
        )
    }
    if not open_ones:  # this test alone: something must be due
        await live.write(*(live.mail("Salif Keita") for _ in range(STREAM)))
        await live.settle()
    told_before = {fact["event_id"] for fact in await live.told("clocks")}
    rungs = "SELECT coalesce(sum(cardinality(rungs)), 0) FROM desk.clocks"
    stood = await live.ask(rungs)
    # The first rung falls on the third jour ouvré, whichever day the story has come to.
    live.now += timedelta(days=7)
    await live.running.move(live.now)
    await live.when_asked(f"SELECT ({rungs}) > $1", stood)
    killed = live.running.kill("sla")
    await live.when(lambda: live.run["pids"].get("sla", killed) != killed, "a new sla")
    await live.settle()
    told = {
        fact["event_id"]: (fact["chrono"], fact["clock"], fact["rung"])
        for fact in await live.told("clocks")
        if fact["type"] == "RungReached" and fact["event_id"] not in told_before
    }
    assert told
    assert set(Counter(told.values()).values()) == {1}
    standing = await live.rows(
        "SELECT i.chrono, c.clock, unnest(c.rungs) AS rung FROM desk.clocks c"
        " JOIN desk.items i USING (item_id)"
    )
    assert set(told.values()) <= {(row["chrono"], row["clock"], row["rung"]) for row in standing}
