"""Handler and ticker on a real PostgreSQL: one row a lock, one transaction an effect."""

import asyncio
from collections import Counter
from datetime import date, timedelta
from uuid import uuid5

import pytest

from services.sla import questions, rebuild
from services.sla.dead_letter_retry import retry
from services.sla.rulebook import Editions
from shared.facts.envelope import ItemId
from shared.facts.items import ITEMS
from shared.facts.items.pieces import PiecesRequested
from shared.facts.vocabulary import ClockName
from shared.platform.clock import SystemClock, WrongClock
from shared.platform.database import transaction
from shared.platform.messaging import dead_letters
from shared.platform.messaging.dead_letters import DeadLetter
from shared.site import store as site_store
from tests.integration.sla.conftest import Clocks
from tests.roles import one_transaction
from tests.unit.sla.builders import (
    AGENT,
    METROPOLE,
    NAMES,
    PROMISES,
    Register,
    a_site,
    may,
    paris,
    promise_of,
)

SOURCES = ("mailbox:pref-bmi", "sent:pref-bmi")
FOUR_DAYS = tuple(
    promise_of(ClockName.REPLY, "cinq", 4) if commitment.id == "reply-cinq-5" else commitment
    for commitment in PROMISES
)


def a_mail(number: int = 0) -> Register:
    """Of Monday 11 May 2026: −2 on 15, limit 19, +1 on 20, +3 on 22 May."""
    register = Register(ItemId(uuid5(NAMES, f"item {number}")))
    register.registered(paris(11), agent=AGENT)
    return register


def names(told: list[object]) -> list[tuple[str, str]]:
    replies = (fact for fact in told if getattr(fact, "clock", None) is ClockName.REPLY)
    return [(type(fact).__name__, getattr(fact, "rung", "")) for fact in replies]


async def test_an_item_registered_starts_its_clocks(clocks: Clocks) -> None:
    await clocks.hear(a_mail().facts, paris(11))
    told = await clocks.told()
    assert [(fact.type, fact.clock, fact.limit) for fact in told] == [
        ("ClockStarted", ClockName.RECEIPT, may(12)),
        ("ClockStarted", ClockName.SERVICES_PUBLICS, may(18)),
        ("ClockStarted", ClockName.REPLY, may(19)),
    ]


async def test_a_rung_is_told_once_however_often_the_ticker_looks(clocks: Clocks) -> None:
    await clocks.hear(a_mail().facts, paris(11))
    for _ in range(3):
        await clocks.wake(paris(15, 6))
    assert names(await clocks.told()) == [("ClockStarted", ""), ("RungReached", "-2")]


async def test_facts_that_come_again_or_out_of_order_change_nothing(clocks: Clocks) -> None:
    register = a_mail()
    reply = register.replied(paris(13))
    register.takes_back(reply, paris(15))
    await clocks.hear(reversed(register.facts), paris(15))
    first = await clocks.new()
    assert names(first) == [("ClockStarted", ""), ("RungReached", "-2")]
    await clocks.hear([*register.facts, *register.facts], paris(15, 11))
    assert await clocks.new() == []


async def test_a_reading_wakes_the_items_whose_rung_waited_for_it(clocks: Clocks) -> None:
    await clocks.hear(a_mail().facts, paris(11))
    await clocks.wake(paris(20, 6))
    await clocks.new()
    await clocks.read(SOURCES[:1], paris(20, 7), paris(20, 7))
    await clocks.wake(paris(20, 7))
    assert await clocks.new() == []
    await clocks.read(SOURCES[1:], paris(20, 7), paris(20, 8))
    await clocks.wake(paris(20, 8))
    [reached] = await clocks.new()
    assert (reached.rung, reached.unread_sources) == ("+1", False)


async def test_one_poison_fact_costs_one_row_and_the_others_go_on(clocks: Clocks) -> None:
    bad, good = a_mail(1), a_mail(2)
    poison = bad.says(PiecesRequested, paris(11), until=date(2099, 1, 1))
    refused = await clocks.hear([*bad.facts, *good.facts], paris(11))
    assert [(rejected.fact, "2099-01-01" in rejected.reason) for rejected in refused] == [
        (poison, True)
    ]
    started = Counter(fact.item_id for fact in await clocks.told())
    assert started == {bad.item: 3, good.item: 3}
    bad.replied(paris(12))
    assert await clocks.hear(bad.facts[-1:], paris(12)) == []


@pytest.mark.parametrize("together", [True, False])
async def test_a_poison_fact_heard_before_its_registration_is_the_one_that_is_set_aside(
    clocks: Clocks, *, together: bool
) -> None:
    bad = a_mail(1)
    poison = bad.says(PiecesRequested, paris(11), until=date(2099, 1, 1))
    opening = [fact for fact in bad.facts if fact != poison]
    if together:
        [refused] = await clocks.hear([poison, *opening], paris(11))
        assert refused.fact == poison
    else:
        assert await clocks.hear([poison], paris(11)) == []
        assert await clocks.hear(opening, paris(11)) == []
        [letter] = await dead_letters.list_(clocks.pool, "sla")
        assert ITEMS.validate_json(letter.letter.payload or b"") == poison
        assert "2099-01-01" in letter.letter.reason
    assert {fact.type for fact in await clocks.told()} == {"ClockStarted"}
    bad.replied(paris(12))
    assert await clocks.hear(bad.facts[-1:], paris(12)) == []


async def test_an_item_that_can_t_be_woken_is_parked_and_the_others_go_on(
    clocks: Clocks, postgres_url: str
) -> None:
    await clocks.hear([*a_mail(1).facts, *a_mail(2).facts], paris(11))
    await clocks.new()
    await clocks.pool.execute("UPDATE sla.items SET edition = 0 WHERE item_id = $1", a_mail(1).item)
    async with one_transaction(postgres_url) as owner:
        await owner.execute(
            """UPDATE sla.facts SET payload = replace(payload, '2026-05-11', '2099-05-11')
               WHERE item_id = $1""",
            a_mail(1).item,
        )
    await clocks.wake(paris(15, 6))
    assert {fact.item_id for fact in await clocks.new()} == {a_mail(2).item}
    [letter] = await dead_letters.list_(clocks.pool, "sla")
    assert (letter.letter.topic, letter.letter.key) == ("wake", str(a_mail(1).item).encode())
    async with one_transaction(postgres_url) as owner:
        await owner.execute(
            "UPDATE sla.facts SET payload = replace(payload, '2099-05-11', '2026-05-11')"
        )
    async with transaction(clocks.pool) as connection:
        reason = await retry(connection, letter.id, Editions(), clocks.counts, paris(15, 7))
    assert reason is None
    assert {fact.item_id for fact in await clocks.new()} == {a_mail(1).item}


async def test_a_dead_letter_that_is_still_refused_stays_with_one_attempt_more(
    clocks: Clocks,
) -> None:
    register = a_mail()
    await clocks.hear(register.facts, paris(11))
    poison = register.says(PiecesRequested, paris(11), until=date(2099, 1, 1))
    payload = poison.model_dump_json().encode()
    letter = DeadLetter("items", 0, 7, str(register.item).encode(), (), payload, "first time")
    async with transaction(clocks.pool) as connection:
        await dead_letters.put(connection, "sla", [letter], paris(11))
        reason = await retry(connection, 1, clocks.editions, clocks.counts, paris(12))
    assert reason
    [kept] = await dead_letters.list_(clocks.pool, "sla")
    assert (kept.attempts, kept.letter.reason) == (2, reason)


async def test_two_tickers_share_what_is_due_and_tell_each_rung_once(clocks: Clocks) -> None:
    facts = [fact for number in range(300) for fact in a_mail(number).facts]
    await clocks.hear(facts, paris(11))
    await clocks.new()

    async def drain(done: list[int]) -> None:
        while taken := await clocks.ticker(batch=20).wake(paris(15, 6)):
            done.append(taken)

    shares: tuple[list[int], list[int]] = ([], [])
    await asyncio.gather(*(drain(share) for share in shares))
    assert sum(map(sum, shares)) == 300
    assert all(shares)
    told = await clocks.new()
    reached = [fact.item_id for fact in told if getattr(fact, "rung", "") == "-2"]
    assert Counter(reached) == Counter({a_mail(number).item: 1 for number in range(300)})


async def test_other_rules_move_open_limits_in_the_open_and_nothing_settled(
    clocks: Clocks, postgres_url: str
) -> None:
    running, stopped = a_mail(1), a_mail(2)
    stopped.replied(paris(12))
    await clocks.hear([*running.facts, *stopped.facts], paris(12))
    await clocks.new()
    async with transaction(clocks.pool) as connection:
        before = await site_store.current(connection)
        site = a_site(FOUR_DAYS)
        after = before.model_copy(update={"version": 2, "site": site, "effective_from": paris(13)})
        [moved] = await questions.moves(connection, before, after)
    async with one_transaction(postgres_url) as owner:
        await site_store.keep(owner, site, METROPOLE, "q", "essai", paris(13))
    assert (moved.chrono, moved.clock, moved.before, moved.after) == (
        "36-2026-A-000001", ClockName.REPLY, may(19), may(18),
    )  # fmt: skip
    while await clocks.ticker().plan_again(paris(13)):
        pass
    [told] = [fact for fact in await clocks.new() if fact.clock is ClockName.REPLY]
    assert (told.type, told.item_id, told.limit, told.why) == (
        "LimitMoved", running.item, may(18), "rules",
    )  # fmt: skip


async def test_a_rebuild_keeps_what_stands_and_tells_nothing_again(clocks: Clocks) -> None:
    register = a_mail()
    await clocks.hear(register.facts, paris(11))
    await clocks.wake(paris(20, 6))
    await clocks.wake(paris(21, 6))
    register.replied(paris(21))
    await clocks.hear(register.facts[-1:], paris(21))
    before = await clocks.pool.fetchval("SELECT standing FROM sla.items")
    await clocks.new()
    async with transaction(clocks.pool) as connection:
        assert await rebuild.empty(connection) == 1
    for fact in reversed(register.facts):
        await clocks.hear([fact], paris(22))
        await clocks.wake(paris(22))
        assert await clocks.new() == []
    assert await clocks.pool.fetchval("SELECT standing FROM sla.items") == before
    register.takes_back(register.facts[-1], paris(22))
    await clocks.hear(register.facts[-1:], paris(22, 11))
    [corrected, *_] = [fact for fact in await clocks.new() if fact.clock is ClockName.REPLY]
    assert (corrected.type, corrected.outcome) == ("ClockCorrected", None)


async def test_what_a_clock_ahead_told_is_taken_back_and_told_when_its_time_comes(
    clocks: Clocks,
) -> None:
    await clocks.hear(a_mail().facts, paris(11))
    await clocks.new()
    await clocks.wake(paris(25, month=6))  # a host forty days ahead
    assert names(await clocks.new()) == [
        ("RungReached", "-2"),
        ("RungReached", "+1"),
        ("RungReached", "+3"),
    ]
    assert await clocks.pool.fetchval("SELECT wake_at FROM sla.items") is None
    assert await clocks.ticker().take_back(paris(15, 7)) == 1
    assert names(await clocks.new()) == [("RungWithdrawn", "+1"), ("RungWithdrawn", "+3")]
    assert await clocks.ticker().take_back(paris(15, 7)) == 0
    await clocks.read(SOURCES, paris(20, 7), paris(20, 7))
    await clocks.wake(paris(20, 7))
    assert names(await clocks.new()) == [("RungReached", "+1")]


async def test_two_clocks_that_differ_a_little_take_nothing_back(clocks: Clocks) -> None:
    register = a_mail()
    await clocks.hear(register.facts, paris(11))
    await clocks.wake(paris(15, 6))
    await clocks.new()
    slow = paris(15, 6) - timedelta(seconds=25)
    register.assigned(slow)
    await clocks.hear(register.facts, slow)
    assert await clocks.ticker().take_back(slow) == 0
    assert "RungWithdrawn" not in {type(fact).__name__ for fact in await clocks.new()}


async def test_the_ticker_announces_nothing_while_the_clock_is_wrong(
    clocks: Clocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    await clocks.hear(a_mail().facts, paris(11))
    await clocks.new()
    ticker = clocks.ticker()
    clock = ticker._clock  # noqa: SLF001  (the computer's own)
    assert isinstance(clock, SystemClock)
    await clock.compare(clocks.pool)
    ahead = clock.now() + timedelta(days=40)
    monkeypatch.setattr(SystemClock, "now", lambda _: ahead)
    with pytest.raises(WrongClock):
        await ticker.run()
    assert await clocks.new() == []
