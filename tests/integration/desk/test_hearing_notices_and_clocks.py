"""What notify and sla tell becomes facts and limits of the register's items."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import uuid5

from services.desk.handlers.arrivals import hears_arrivals
from services.desk.handlers.clocks import hear_clocks
from services.desk.handlers.notices import hears_notices
from shared.facts import ids
from shared.facts.clocks import (
    ClockCorrected,
    ClockPaused,
    Clocks,
    ClockStarted,
    ClockStopped,
    Holder,
    LimitMoved,
    Outcome,
    RungReached,
    RungWithdrawn,
)
from shared.facts.envelope import ItemId, NoticeId, ServiceId
from shared.facts.items import ITEMS, Items
from shared.facts.notices import NoticeHeld, NoticePlanned, Notices, NoticeSent, NoticeWithdrawn
from shared.facts.vocabulary import Audience, ClockName, NoticeKind, Way
from shared.platform.database import Pool, transaction
from shared.platform.messaging.subscription import passing_over
from tests.desk_builders import MONDAY, SPACE, an_arrival, certain, digest, rules

ARRIVALS = hears_arrivals(rules)
NOTICES = hears_notices(rules)
NOW = MONDAY + timedelta(minutes=5)
ITEM = ids.item_id("indre", an_arrival().arrival_id)
NOTICE = NoticeId(uuid5(SPACE, "notice"))


async def an_item(pool: Pool) -> None:
    async with transaction(pool) as connection:
        await ARRIVALS(connection, [an_arrival(routing=certain())], NOW)


def notice(cls: type[Notices], n: int = 1, /, **kw: Any) -> Any:
    fields = {
        "event_id": uuid5(SPACE, f"{cls.__name__} {n}"),
        "happened_at": NOW,
        "recorded_at": NOW,
        "by": "service:notify",
        "notice_id": NOTICE,
        "item_ids": (ITEM,),
        "kind": NoticeKind.RECEIPT,
        "way": Way.MAIL,
        "occasion": "x",
    }
    return cls.model_validate(fields | kw)


def sent(n: int = 1, /, **kw: Any) -> NoticeSent:
    return NoticeSent.model_validate(
        notice(NoticeSent, n, **({"message": digest(f"sent {n}")} | kw)).model_dump()
    )


async def hear_notices(pool: Pool, *batch: Notices) -> None:
    async with transaction(pool) as connection:
        await NOTICES(connection, batch, NOW)


async def facts(pool: Pool) -> Sequence[Items]:
    rows = await pool.fetch("SELECT payload FROM desk.facts ORDER BY seq")
    return [ITEMS.validate_json(row["payload"]) for row in rows]


async def test_a_receipt_that_left_is_a_fact_once(pool: Pool) -> None:
    await an_item(pool)
    await hear_notices(pool, notice(NoticePlanned), sent(), sent())
    await hear_notices(pool, sent())
    assert [fact.type for fact in await facts(pool)] == ["ItemRegistered", "ReceiptSent"]
    assert await pool.fetchval("SELECT state FROM desk.notices") == "sent"


async def test_a_reply_that_left_stops_and_takes_a_departure_chrono(pool: Pool) -> None:
    await an_item(pool)
    await hear_notices(pool, sent(kind=NoticeKind.REPLY))
    reply = (await facts(pool))[-1]
    assert reply.type == "ReplySent"
    assert (reply.proof, reply.departure) == ("delivered", "36-2026-D-000001")
    assert await pool.fetchval("SELECT state FROM desk.items") == "answered"
    assert await pool.fetchval("SELECT item_id FROM desk.departures") == ITEM


async def test_our_own_messages_are_known_to_later_references(pool: Pool) -> None:
    await an_item(pool)
    await hear_notices(pool, sent())
    known = await pool.fetchval(
        "SELECT item_id FROM desk.messages WHERE message = $1", digest("sent 1")
    )
    assert known == ITEM


async def test_a_held_notice_waits_until_a_person_has_decided(pool: Pool) -> None:
    await an_item(pool)
    await hear_notices(pool, notice(NoticeHeld, why="elected"))
    assert await pool.fetchval("SELECT waiting FROM desk.waits") == "held"
    await hear_notices(pool, notice(NoticeWithdrawn, why="dropped"))
    assert await pool.fetchval("SELECT count(*) FROM desk.waits") == 0
    assert [fact.type for fact in await facts(pool)] == [
        "ItemRegistered",
        "WaitStarted",
        "WaitEnded",
    ]


async def test_what_is_told_to_one_of_ours_says_nothing_of_the_item(pool: Pool) -> None:
    await an_item(pool)
    await hear_notices(pool, sent(kind=NoticeKind.DIGEST, reader="a.gent"))
    assert len(await facts(pool)) == 1


def clock(cls: type[Clocks], revision: int, /, **kw: Any) -> Any:
    fields = {
        "event_id": uuid5(SPACE, f"{cls.__name__} {revision}"),
        "happened_at": NOW,
        "recorded_at": NOW,
        "by": "service:sla",
        "item_id": ITEM,
        "revision": revision,
        "chrono": "36-2026-A-000001",
        "service": "bmi",
        "holder": Holder(service=ServiceId("bmi")),
        "category": "titre-de-sejour",
        "clock": ClockName.REPLY,
        "limit": date(2026, 5, 19),
    }
    return cls.model_validate(fields | kw)


STARTED = clock(ClockStarted, 1, commitment="reply-5", day_zero=date(2026, 5, 11), rules=1)
RUNG = clock(
    RungReached, 2, rung="-2", telling=1, tell=[Audience.HOLDER], fell=date(2026, 5, 15), days=-2
)


async def hear_clock(pool: Pool, *batch: Clocks) -> None:
    async with transaction(pool) as connection:
        await hear_clocks(connection, batch, NOW)


async def due(pool: Pool) -> tuple[date | None, str | None, bool]:
    row = await pool.fetchrow("SELECT due, due_clock, at_risk FROM desk.items")
    assert row is not None
    return row["due"], row["due_clock"], row["at_risk"]


async def test_the_limit_and_the_risk_of_an_item_are_what_sla_last_told(pool: Pool) -> None:
    await an_item(pool)
    await hear_clock(pool, STARTED)
    assert await due(pool) == (date(2026, 5, 19), "reply", False)
    await hear_clock(pool, RUNG)
    assert await due(pool) == (date(2026, 5, 19), "reply", True)
    moved = clock(
        LimitMoved, 3, limit=date(2026, 5, 20), before=date(2026, 5, 19), why="rules", rules=2
    )
    gone = clock(RungWithdrawn, 3, limit=date(2026, 5, 20), rung="-2", telling=1)
    await hear_clock(pool, moved, gone)
    assert await due(pool) == (date(2026, 5, 20), "reply", False)


async def test_an_older_or_repeated_fact_changes_nothing(pool: Pool) -> None:
    await an_item(pool)
    stopped = clock(ClockStopped, 5, outcome=Outcome.KEPT, raw=2, net=2)
    await hear_clock(pool, STARTED, RUNG, stopped)
    await hear_clock(pool, RUNG, STARTED)
    await hear_clock(
        pool,
        clock(LimitMoved, 4, limit=date(2026, 6, 1), before=date(2026, 5, 19), why="x", rules=1),
    )
    assert await due(pool) == (None, None, False)
    row = await pool.fetchrow("SELECT outcome, raw, rungs FROM desk.clocks")
    assert row is not None
    assert (row["outcome"], row["raw"], row["rungs"]) == ("kept", 2, [])


async def test_a_clock_of_what_waits_without_item_is_kept(pool: Pool) -> None:
    alone = ItemId(uuid5(SPACE, "quarantined"))
    await hear_clock(
        pool,
        clock(
            ClockStarted,
            1,
            item_id=alone,
            chrono=None,
            commitment="registration",
            day_zero=date(2026, 5, 11),
            rules=1,
            clock=ClockName.REGISTRATION,
        ),
    )
    assert await pool.fetchval("SELECT item_id FROM desk.clocks") == alone


async def test_a_held_notice_that_left_after_all_waits_no_more(pool: Pool) -> None:
    await an_item(pool)
    await hear_notices(pool, notice(NoticeHeld, why="elected"))
    await hear_notices(pool, notice(NoticePlanned))
    assert await pool.fetchval("SELECT count(*) FROM desk.waits") == 0
    await hear_notices(pool, notice(NoticeHeld, 2, why="stale"))
    await hear_notices(pool, sent())
    assert await pool.fetchval("SELECT count(*) FROM desk.waits") == 0
    assert (await facts(pool))[-1].type == "WaitEnded"


async def test_a_clock_that_should_not_have_started_asks_for_nothing_and_may_start_again(
    pool: Pool,
) -> None:
    await an_item(pool)
    gone = clock(ClockStopped, 3, outcome=Outcome.WITHDRAWN, raw=None, net=None)
    await hear_clock(pool, STARTED, RUNG, gone)
    assert await due(pool) == (None, None, False)
    again = clock(
        ClockStarted, 4, limit=date(2026, 5, 20), commitment="x", day_zero=MONDAY.date(), rules=1
    )
    await hear_clock(pool, again)
    assert await due(pool) == (date(2026, 5, 20), "reply", False)


async def test_a_stop_that_is_taken_back_lets_the_clock_run_and_its_rungs_stand_again(
    pool: Pool,
) -> None:
    await an_item(pool)
    stopped = clock(ClockStopped, 3, outcome=Outcome.KEPT, raw=2, net=2)
    runs = clock(ClockCorrected, 4, outcome=None, raw=None, net=None, why="FactWithdrawn")
    told_again = clock(
        RungReached, 5, rung="-2", telling=2, tell=[Audience.HOLDER], fell=MONDAY.date(), days=-2
    )
    await hear_clock(pool, STARTED, RUNG, stopped)
    await hear_clock(pool, runs)
    assert await due(pool) == (date(2026, 5, 19), "reply", False)
    await hear_clock(pool, told_again)
    assert await due(pool) == (date(2026, 5, 19), "reply", True)
    row = await pool.fetchrow("SELECT stopped_at, outcome, raw FROM desk.clocks")
    assert row is not None
    assert tuple(row) == (None, None, None)


async def test_an_older_word_on_a_notice_changes_nothing_whatever_the_inbox_forgot(
    pool: Pool,
) -> None:
    await an_item(pool)
    planned, left = notice(NoticePlanned, revision=1), sent(revision=2)
    held = notice(NoticeHeld, revision=1, why="elected")
    await hear_notices(pool, planned, left)
    before = [fact.event_id for fact in await facts(pool)]
    await pool.execute("DELETE FROM desk.inbox")
    with passing_over() as passed:
        await hear_notices(pool, held, planned, left)
    assert passed == [held, planned, left]
    assert await pool.fetchval("SELECT state FROM desk.notices") == "sent"
    assert [fact.event_id for fact in await facts(pool)] == before


async def test_a_notice_told_before_revisions_is_stated_once_all_the_same(pool: Pool) -> None:
    await an_item(pool)
    await hear_notices(pool, notice(NoticePlanned), sent())
    await pool.execute("DELETE FROM desk.inbox")
    await hear_notices(pool, sent())
    assert [fact.type for fact in await facts(pool)] == ["ItemRegistered", "ReceiptSent"]


async def test_a_rung_that_comes_after_a_later_fact_is_shown(pool: Pool) -> None:
    await an_item(pool)
    paused = clock(ClockPaused, 3, since=date(2026, 5, 15), until=None)
    await hear_clock(pool, STARTED, paused, RUNG)
    assert await due(pool) == (date(2026, 5, 19), "reply", True)
    assert await pool.fetchval("SELECT count(*) FROM desk.warnings") == 1
    assert await pool.fetchval("SELECT revision FROM desk.clocks") == 3


async def test_a_rung_that_was_taken_back_before_it_came_is_passed_over(pool: Pool) -> None:
    await an_item(pool)
    gone = clock(RungWithdrawn, 3, rung="-2", telling=1)
    with passing_over() as passed:
        await hear_clock(pool, STARTED, gone, RUNG)
    assert passed == [RUNG]
    assert await due(pool) == (date(2026, 5, 19), "reply", False)
    assert await pool.fetchval("SELECT count(*) FROM desk.warnings") == 0
