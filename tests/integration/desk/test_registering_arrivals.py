"""The register on a real PostgreSQL: words, chronos, threads, and telling everything twice."""

import asyncio
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.desk.handlers.arrivals import hears_arrivals
from services.desk.retention.purge import forget
from shared.facts.arrival_base import LikenessThread, MessageThread, TokenThread
from shared.facts.arrivals import Arrivals, Quarantine, Routing, SetAside
from shared.facts.envelope import Chrono
from shared.facts.items import ITEMS
from shared.facts.vocabulary import Authentication, Nature, NoticeKind, SenderKind
from shared.platform.database import Pool, transaction
from tests.desk_builders import (
    MONDAY,
    a_reply_seen,
    a_scan,
    a_scanned_departure,
    an_arrival,
    certain,
    digest,
    proposed,
    rules,
)

HEAR = hears_arrivals(rules)
NOW = MONDAY + timedelta(minutes=1)


async def hear(pool: Pool, *batch: Arrivals, now: datetime = NOW) -> None:
    async with transaction(pool) as connection:
        assert not await HEAR(connection, batch, now)


async def words(pool: Pool) -> dict[str, int]:
    rows = await pool.fetch("SELECT word, sum(arrivals)::int AS n FROM desk.words GROUP BY word")
    return {row["word"]: row["n"] for row in rows}


async def told(pool: Pool) -> list[Any]:
    rows = await pool.fetch("SELECT payload FROM desk.outbox ORDER BY id")
    return [ITEMS.validate_json(row["payload"]) for row in rows]


async def types(pool: Pool) -> list[str]:
    return [fact.type for fact in await told(pool)]


async def test_one_mail_becomes_an_item_that_waits_to_be_qualified(pool: Pool) -> None:
    await hear(pool, an_arrival())

    registered, wait = await told(pool)
    assert (registered.type, wait.type) == ("ItemRegistered", "WaitStarted")
    assert registered.chrono == "36-2026-A-000001"
    assert registered.service == "bmi"
    assert not registered.qualified
    row = await pool.fetchrow("SELECT * FROM desk.items")
    assert (row["state"], row["seq"]) == ("to_qualify", 2)  # type: ignore[index]  # the row was just written
    assert await pool.fetchval("SELECT service FROM desk.waits") == "courrier"


async def test_a_certain_rule_qualifies_at_once(pool: Pool) -> None:
    await hear(pool, an_arrival(routing=certain()))
    (registered,) = await told(pool)
    assert registered.qualified
    assert registered.by == "rule:guichet"
    assert await pool.fetchval("SELECT state FROM desk.items") == "open"


async def test_a_complaint_goes_to_the_head_with_the_quality_officer_in_copy(pool: Pool) -> None:
    routing = certain(nature=Nature.COMPLAINT, agent="a.gent")
    await hear(pool, an_arrival(routing=routing))
    (registered,) = await told(pool)
    assert registered.agent is None
    assert registered.informed == ("q.officer",)


async def test_a_letter_without_a_date_waits_for_one_and_is_registered_meanwhile(
    pool: Pool,
) -> None:
    await hear(pool, a_scan(provisional=True, routing=certain()))
    assert await types(pool) == ["ItemRegistered", "WaitStarted"]
    assert await pool.fetchval("SELECT waiting FROM desk.waits") == "receipt_to_confirm"


async def test_everything_told_twice_and_in_any_order_changes_nothing(pool: Pool) -> None:
    batch: list[Arrivals] = [
        an_arrival("a", fingerprint=digest("same")),
        an_arrival("b", fingerprint=digest("same"), source="mailbox:dre"),
        an_arrival("c", correspondent=digest("bob")),
        an_arrival("set aside", verdict=SetAside(reason="newsletter")),
        an_arrival("unread", verdict=Quarantine(reason="no_header"), pli=None),
        an_arrival("old", at=datetime(2026, 4, 1, tzinfo=UTC)),
        a_reply_seen(),
    ]
    await hear(pool, *batch)
    first = [fact.event_id for fact in await told(pool)]
    for seed in range(3):
        again = list(batch)
        random.Random(seed).shuffle(again)  # noqa: S311  (an order, no secret)
        await hear(pool, *again)
    assert [fact.event_id for fact in await told(pool)] == first
    assert await words(pool) == {
        "item": 2,
        "copy": 1,
        "set_aside": 1,
        "quarantine": 1,
        "history": 1,
    }
    assert await pool.fetchval("SELECT last FROM desk.counters") == 2


async def test_history_is_silent(pool: Pool) -> None:
    await hear(pool, an_arrival("old", at=datetime(2026, 4, 1, tzinfo=UTC)))
    assert await words(pool) == {"history": 1}
    assert await told(pool) == []
    assert await pool.fetchval("SELECT count(*) FROM desk.counters") == 0


async def test_copies_heard_by_two_processes_at_once_are_one_item(pool: Pool) -> None:
    copies = [
        an_arrival(f"m{n}", fingerprint=digest("same"), source=f"mailbox:m{n}") for n in range(8)
    ]
    await asyncio.gather(*(hear(pool, copy) for copy in copies))
    assert await words(pool) == {"item": 1, "copy": 7}


async def test_chronos_of_two_processes_have_no_gap(pool: Pool) -> None:
    batches = [
        [an_arrival(f"{b}.{n}", correspondent=digest(f"{b}.{n}")) for n in range(20)]
        for b in range(6)
    ]
    await asyncio.gather(*(hear(pool, *batch) for batch in batches))
    rows = await pool.fetch("SELECT chrono FROM desk.items ORDER BY chrono")
    assert [row["chrono"] for row in rows] == [f"36-2026-A-{n:06d}" for n in range(1, 121)]


async def test_a_chaser_that_came_first_is_linked_when_its_letter_is_registered(
    pool: Pool,
) -> None:
    chaser = an_arrival("chaser", threads=(MessageThread(messages=(digest("message letter"),)),))
    await hear(pool, chaser)
    await hear(pool, an_arrival("letter"))
    row = await pool.fetchrow("SELECT linked_why FROM desk.items WHERE linked_to IS NOT NULL")
    assert row["linked_why"] == "came_first"  # type: ignore[index]  # the row was just written
    assert await words(pool) == {"item": 2}


async def test_a_second_message_of_the_thread_joins_and_restarts_nothing(pool: Pool) -> None:
    await hear(pool, an_arrival("letter", routing=certain()))
    later = an_arrival(
        "again",
        at=MONDAY + timedelta(days=1),
        threads=(MessageThread(messages=(digest("message letter"),)),),
        routing=proposed(danger=True),
    )
    await hear(pool, later, now=NOW + timedelta(days=1))
    opened, again = await told(pool)
    assert (opened.type, opened.subject) == ("ItemRegistered", digest("renewal"))
    assert (again.type, again.danger) == ("SenderWroteAgain", True)
    assert await words(pool) == {"item": 1, "message": 1}
    assert await pool.fetchval("SELECT received_at FROM desk.items") == MONDAY


async def test_our_own_reply_in_copy_is_a_message_and_an_observation(pool: Pool) -> None:
    await hear(pool, an_arrival("letter", routing=certain()))
    ours = an_arrival(
        "ours",
        correspondent=digest("bmi"),
        routing=Routing(rule="ours", sender_kind=SenderKind.INTERNAL),
        authentication=Authentication.PASS,
        threads=(MessageThread(messages=(digest("message letter"),)),),
    )
    await hear(pool, ours)
    assert await types(pool) == ["ItemRegistered", "ReplyObserved"]
    assert await words(pool) == {"item": 1, "message": 1}


@pytest.mark.parametrize("first", ["in copy", "in Sent", "together"])
async def test_one_reply_is_observed_once_whether_its_copy_or_sent_is_read_first(
    pool: Pool, first: str
) -> None:
    await hear(pool, an_arrival("letter", routing=certain()))
    named = (MessageThread(messages=(digest("message letter"),)),)
    ours = an_arrival(
        "ours",
        correspondent=digest("bmi"),
        routing=Routing(rule="ours", sender_kind=SenderKind.INTERNAL),
        authentication=Authentication.PASS,
        threads=named,
    )
    # Ingest tells the copy as a reply as well, under the same arrival.
    seen = a_reply_seen("ours", message=ours.message, threads=named)
    sent = a_reply_seen("sent", message=ours.message, threads=named)
    match first:
        case "in copy":
            await hear(pool, ours)
            await hear(pool, seen)
            await hear(pool, sent)
        case "in Sent":
            await hear(pool, sent)
            await hear(pool, seen)
            await hear(pool, ours)
        case _:
            await hear(pool, ours, seen, sent)
    assert await types(pool) == ["ItemRegistered", "ReplyObserved"]


async def test_thanks_for_an_answer_open_an_item_that_no_receipt_answers(pool: Pool) -> None:
    await hear(pool, an_arrival("letter", routing=certain()))
    await hear(pool, a_scanned_departure("36-2026-A-000001", NoticeKind.REPLY))
    token = (TokenThread(chrono=Chrono("36-2026-A-000001")),)
    await hear(pool, an_arrival("thanks", threads=token, thanks=True))
    await hear(pool, an_arrival("new demand", threads=token))
    opened = [fact for fact in await told(pool) if fact.type == "ItemRegistered"]
    assert [fact.automatic for fact in opened] == [None, "thanks", None]


async def test_a_like_subject_is_only_a_proposal(pool: Pool) -> None:
    await hear(pool, an_arrival("a"))
    alike = (LikenessThread(subject=digest("renewal")),)
    await hear(pool, an_arrival("b", threads=alike))
    assert await words(pool) == {"item": 2}
    assert await pool.fetchval("SELECT count(*) FROM desk.items WHERE linked_why='likeness'") == 1


async def test_a_reply_seen_before_its_item_waits_for_it(pool: Pool) -> None:
    await hear(pool, a_reply_seen())
    assert await told(pool) == []
    await hear(pool, an_arrival(routing=certain()))
    assert await types(pool) == ["ItemRegistered", "ReplyObserved"]
    assert await pool.fetchval("SELECT state FROM desk.items") == "observed"


async def test_a_reply_seen_after_its_item_is_observed_once(pool: Pool) -> None:
    await hear(pool, an_arrival(routing=certain()))
    await hear(pool, a_reply_seen())
    await hear(pool, a_reply_seen())
    assert await types(pool) == ["ItemRegistered", "ReplyObserved"]


async def test_a_message_in_sent_that_answers_nothing_leaves_no_trace(pool: Pool) -> None:
    await hear(pool, a_reply_seen())
    async with transaction(pool) as connection:
        await forget(connection, a_reply_seen().sent_at + timedelta(days=34))
        assert await connection.fetchval("SELECT count(*) FROM desk.replies") == 1
        await forget(connection, a_reply_seen().sent_at + timedelta(days=36))
        assert await connection.fetchval("SELECT count(*) FROM desk.replies") == 0


async def test_a_reply_that_may_answer_two_items_answers_neither(pool: Pool) -> None:
    await hear(pool, an_arrival("a", routing=certain()), an_arrival("b", routing=certain()))
    await hear(pool, a_reply_seen())
    assert await types(pool) == ["ItemRegistered", "ItemRegistered"]
    named = (MessageThread(messages=(digest("message b"),)),)
    await hear(pool, a_reply_seen("named", threads=named))
    assert (await types(pool))[-1] == "ReplyObserved"


async def test_a_scanned_reply_stops_the_clock_and_a_strange_code_waits(pool: Pool) -> None:
    await hear(pool, an_arrival(routing=certain()))
    await hear(pool, a_scanned_departure("36-2026-A-000001", NoticeKind.REPLY))
    await hear(pool, a_scanned_departure("36-2026-A-000999", NoticeKind.REPLY, "strange"))
    facts = await told(pool)
    assert [fact.type for fact in facts] == ["ItemRegistered", "ReplySent", "WaitStarted"]
    assert facts[1].proof == "scanned"
    assert await pool.fetchval("SELECT state FROM desk.items") == "answered"
    assert await words(pool) == {"item": 1, "departure": 1, "quarantine": 1}


async def test_a_scanned_letter_is_what_was_seen_in_sent_when_it_is_its_like(pool: Pool) -> None:
    await hear(pool, an_arrival(routing=certain()))
    await hear(pool, a_reply_seen(looks_like=NoticeKind.SIMPLE))
    await hear(pool, a_scanned_departure("36-2026-A-000001", NoticeKind.SIMPLE))
    seen, left = (await told(pool))[-2:]
    assert (left.type, left.observation) == ("AcknowledgementSent", seen.event_id)
    assert await pool.fetchval("SELECT state FROM desk.items") == "open"


async def test_a_scanned_holding_reply_without_an_order_is_a_question(pool: Pool) -> None:
    await hear(pool, an_arrival(routing=certain()))
    await hear(pool, a_scanned_departure("36-2026-A-000001", NoticeKind.HOLDING_REPLY))
    assert (await told(pool))[-1].type == "ReplyObserved"


async def test_the_database_refuses_to_change_a_fact(pool: Pool) -> None:
    await hear(pool, an_arrival())
    with pytest.raises(Exception, match="permission denied for table facts"):
        await pool.execute("UPDATE desk.facts SET by = 'person:x'")
