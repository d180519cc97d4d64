"""DESIGN law 5, of mails that were claimed together: each leaves once, whatever befalls another."""

import asyncio
import os
import signal
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

from services.notify.lanes import URGENT
from services.notify.sender import Sender
from services.notify.sender_session import ClaimedMails
from shared.site import store
from shared.site.applied_rules import applied_rules
from tests.integration.notify.conftest import GO_LIVE, House
from tests.roles import one_transaction
from tests.unit.notify.builders import MONDAY

LATER = timedelta(minutes=2)
SENT = "SELECT count(*) FROM notify.ledger WHERE state = 'sent'"
CLAIMED = "SELECT count(*) FROM notify.ledger WHERE worker < 0"
WITHOUT_PACE = 20_000
"""Mails a minute: as many are claimed together as may ever be, and the next while those leave."""
PROGRAM = Path(__file__).with_name("one_sender.py")


def environment(house: House, connections: int) -> dict[str, str]:
    return os.environ | {
        "TEST_DATABASE": house.url.get_secret_value(),
        "TEST_BLOBS": str(house.blobs._folder),  # noqa: SLF001  (the same folder, elsewhere)
        "TEST_SMTP": f"{house.sink.host}:{house.sink.port}",
        "TEST_NOW": MONDAY.isoformat(),
        "TEST_CONNECTIONS": str(connections),
        "PYTHONPATH": str(Path(__file__).parents[3]),
    }


async def _at_once() -> None:
    return


async def test_several_connections_killed_repeat_the_mail_in_hand_of_each_and_no_other(
    house: House, postgres_url: str
) -> None:
    """Each claimed six: four are told, two are in hand, nothing was said of the others."""
    reached, never, answered = asyncio.Event(), asyncio.Event(), list[str]()

    async def stop_after_four() -> None:
        answered.append(house.sink.taken[-1].recipient)
        if len(answered) == 6:
            reached.set()
        if len(answered) > 4:
            await never.wait()

    house.sink.before_answer = stop_after_four
    await hurried(house, postgres_url)
    mails = [await house.mail(str(n), f"p{n}@exemple{n}.fr") for n in range(1, 13)]
    mails = [fact.model_copy(update={"correspondent": f"{n:08x}"}) for n, fact in enumerate(mails)]
    await house.hear(*mails)
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(PROGRAM), env=environment(house, 2)
    )
    async with asyncio.timeout(100):
        await reached.wait()
    # An answer is kept before the next DATA on its connection, whatever was claimed with it.
    assert await house.pool.fetchval(SENT) == 4
    process.send_signal(signal.SIGKILL)
    await process.wait()
    never.set()
    house.sink.before_answer = _at_once
    async with house.sending():
        async with asyncio.timeout(100):
            while await house.pool.fetchval(SENT) < 10:  # noqa: ASYNC110  (rows)
                await asyncio.sleep(0.02)
        house.clock.move(MONDAY + LATER)
        await house.until(*[("receipt", "sent", None)] * 12)
    counted = Counter(str(taken.message["Message-ID"]) for taken in house.sink.taken)
    assert sorted(counted.values()) == [1] * 10 + [2] * 2
    repeated = await house.pool.fetch("SELECT silences, attempts FROM notify.ledger ORDER BY 1, 2")
    assert [tuple(row) for row in repeated] == [(0, 1)] * 10 + [(1, 2)] * 2


async def test_a_stop_tells_the_mail_in_hand_and_puts_back_what_was_claimed(
    house: House, postgres_url: str
) -> None:
    stopping = asyncio.Event()

    async def stop() -> None:
        stopping.set()

    house.sink.before_answer = stop
    await hurried(house, postgres_url)
    await house.hear(*[await house.mail(str(n), f"p{n}@exemple{n}.fr") for n in range(1, 4)])
    async with asyncio.timeout(100):
        await house.sender(stopping).run()
    rows = await house.pool.fetch(
        "SELECT state, attempts, worker FROM notify.ledger ORDER BY attempts DESC"
    )
    assert [tuple(row) for row in rows] == [("sent", 1, None), *[("planned", 0, None)] * 2]
    assert len(house.sink.taken) == 1


async def test_what_was_claimed_with_a_mail_that_is_refused_or_cut_leaves_after_it(
    house: House, postgres_url: str
) -> None:
    """Two of six are refused, and of one the line ends after DATA: each other leaves once."""
    await hurried(house, postgres_url)
    names = ("p", "gone", "full", "silent", "q", "r")
    mails = [await house.mail(str(n), f"{name}@{n}.example") for n, name in enumerate(names)]
    mails = [fact.model_copy(update={"correspondent": f"{n:08x}"}) for n, fact in enumerate(mails)]
    await house.hear(*mails)
    for number, _ in enumerate(names):
        await house.pool.execute(
            "UPDATE notify.ledger SET due_at = due_at - $2::interval FROM notify.items AS item"
            " WHERE item.item_id = ledger.item_id AND item.chrono LIKE $1",
            f"%-{number:06}",
            timedelta(seconds=10 - number),
        )
    async with house.sending(), asyncio.timeout(60):
        while await house.pool.fetchval(SENT) < 3:  # noqa: ASYNC110  (rows)
            await asyncio.sleep(0.02)
    rows = await house.pool.fetch(
        "SELECT state, why, attempts FROM notify.ledger JOIN notify.items USING (item_id)"
        " ORDER BY chrono"
    )
    assert [tuple(row) for row in rows] == [
        ("sent", None, 1),
        ("failed", "5.1.1", 1),
        ("planned", "4.2.2", 1),
        ("unknown", None, 1),
        ("sent", None, 1),
        ("sent", None, 1),
    ]
    assert [taken.recipient.partition("@")[0] for taken in house.sink.taken] == [
        *("p", "silent", "q", "r")
    ]


async def test_what_is_claimed_while_others_leave_is_put_back_at_a_stop(
    house: House, postgres_url: str
) -> None:
    """Of seventy one is told: thirty-one were claimed with it, thirty-two while it left."""
    stopping = asyncio.Event()

    async def stop() -> None:
        await claimed(house, 63)
        stopping.set()

    house.sink.before_answer = stop
    await seventy(house, postgres_url)
    async with asyncio.timeout(100):
        await house.sender(stopping).run()
    rows = await house.pool.fetch(
        "SELECT state, attempts, worker, count(*) FROM notify.ledger GROUP BY 1, 2, 3 ORDER BY 4"
    )
    assert [tuple(row) for row in rows] == [("sent", 1, None, 1), ("planned", 0, None, 69)]
    assert len(house.sink.taken) == 1


async def test_a_kill_while_the_next_are_claimed_repeats_the_mail_in_hand_alone(
    house: House, postgres_url: str
) -> None:
    reached, never = asyncio.Event(), asyncio.Event()

    async def stop() -> None:
        reached.set()
        await never.wait()

    house.sink.before_answer = stop
    await seventy(house, postgres_url)
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(PROGRAM), env=environment(house, 1)
    )
    async with asyncio.timeout(100):
        await reached.wait()
        await claimed(house, 63)
    process.send_signal(signal.SIGKILL)
    await process.wait()
    never.set()
    house.sink.before_answer = _at_once
    async with house.sending(), asyncio.timeout(100):
        while await house.pool.fetchval(SENT) < 69:  # noqa: ASYNC110  (rows)
            await asyncio.sleep(0.02)
        house.clock.move(MONDAY + LATER)
        while await house.pool.fetchval(SENT) < 70:  # noqa: ASYNC110  (rows)
            await asyncio.sleep(0.02)
    counted = Counter(str(taken.message["Message-ID"]) for taken in house.sink.taken)
    assert sorted(counted.values()) == [1] * 69 + [2]


async def test_a_line_that_ends_gives_back_those_behind_it_and_the_next_ones(
    house: House, postgres_url: str
) -> None:
    """No answer is seen to the first of seventy: it leaves once more, each other once."""
    first = list[str]()

    async def with_the_next_in_hand() -> None:
        if not first:
            first.append(house.sink.taken[-1].recipient)
            await claimed(house, 63)

    house.sink.before_answer = with_the_next_in_hand
    await seventy(house, postgres_url, first="silent")
    async with house.sending(), asyncio.timeout(100):
        while await house.pool.fetchval(SENT) < 69:  # noqa: ASYNC110  (rows)
            await asyncio.sleep(0.02)
    rows = await house.pool.fetch(
        "SELECT state, attempts, worker, count(*) FROM notify.ledger GROUP BY 1, 2, 3 ORDER BY 4"
    )
    assert [tuple(row) for row in rows] == [("unknown", 1, None, 1), ("sent", 1, None, 69)]
    assert first == ["silent@exemple1.fr"]
    assert set(Counter(taken.recipient for taken in house.sink.taken).values()) == {1}


async def test_nothing_urgent_is_claimed_ahead_behind_a_slow_answer(
    house: House, postgres_url: str
) -> None:
    """What is due by then leaves on its own connection, while the server answers nobody else."""
    await seventy(house, postgres_url)
    urgent = await house.pool.fetchval(
        "SELECT notice_id FROM notify.ledger JOIN notify.items USING (item_id)"
        " WHERE chrono LIKE '%-000070'"
    )
    before = "UPDATE notify.ledger SET urgency = 0, due_at = due_at - interval '1 minute'"
    answered, waits = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        if house.sink.taken[-1].recipient != "p70@exemple70.fr":
            waits.set()
            await answered.wait()

    class Overtaken(Sender):
        """A worker whose next batch is claimed a moment after something urgent fell due."""

        async def _ahead(self, batch: ClaimedMails) -> ClaimedMails:
            await house.pool.execute(f"{before} WHERE notice_id = $1", urgent)
            return await super()._ahead(batch)

    house.sink.before_answer = slow
    stopping = asyncio.Event()
    ordinary = house.sender(stopping)
    ordinary.__class__ = Overtaken
    worker = asyncio.create_task(ordinary.run())
    async with asyncio.timeout(100):
        await waits.wait()
        async with house.sending(URGENT):
            while "p70@exemple70.fr" not in [mail.recipient for mail in house.sink.taken]:  # noqa: ASYNC110  (what was taken)
                await asyncio.sleep(0.01)
        assert len(house.sink.taken) == 2
        stopping.set()
        answered.set()
        await worker


async def claimed(house: House, count: int) -> None:
    """Until so many are in hand of which nothing was said to the server."""
    async with asyncio.timeout(60):
        while await house.pool.fetchval(CLAIMED) != count:  # noqa: ASYNC110  (rows)
            await asyncio.sleep(0.01)


async def seventy(house: House, postgres_url: str, first: str = "p1") -> None:
    """So many receipts are due, of a site whose rate holds none of them back."""
    await hurried(house, postgres_url, WITHOUT_PACE)
    names = [first, *(f"p{n}" for n in range(2, 71))]
    mails = [await house.mail(str(n), f"{p}@exemple{n}.fr") for n, p in enumerate(names, 1)]
    mails = [fact.model_copy(update={"correspondent": f"{n:08x}"}) for n, fact in enumerate(mails)]
    await house.hear(*mails)
    await house.pool.execute(
        "UPDATE notify.ledger SET due_at = due_at - interval '1 second' FROM notify.items AS item"
        " WHERE item.item_id = ledger.item_id AND item.chrono LIKE '%-000001'"
    )


async def hurried(house: House, postgres_url: str, a_minute: int = 1_700) -> None:
    """The site lets so many mails leave that a worker claims six together, or more."""
    applied = house.rules.applied
    notices = applied.site.notices.model_copy(update={"outgoing_per_minute": a_minute})
    site = applied.site.model_copy(update={"notices": notices})
    async with one_transaction(postgres_url) as connection:
        await store.keep(connection, site, applied.days, "tests", "tests", GO_LIVE)
    house.rules = await applied_rules(house.pool)
