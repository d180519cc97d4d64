"""notify takes its locks in one order everywhere (tests/lock_order.py)."""

from collections.abc import Mapping
from typing import Any

from services.notify import digests, held_notices
from services.notify.bounces import hears_arrivals
from services.notify.clock_handler import hears_clocks
from services.notify.domain.due import Urgency
from services.notify.handlers import hears_items, wake
from services.notify.store import attempts, caps, claims
from shared.facts.envelope import ArrivalId, BlobKey, NoticeId
from shared.facts.observations import BounceSeen
from shared.facts.vocabulary import Way
from tests.integration.notify.conftest import House
from tests.integration.notify.test_digests import OPENING, rung
from tests.integration.notify.test_roots import sealed
from tests.lock_order import Path, no_path_waits_for_one_that_waits_for_it
from tests.unit.notify.builders import MONDAY, NAMES, event, qualified

LIST = """
    SELECT notice_id FROM notify.ledger JOIN notify.items USING (item_id)
    WHERE kind = 'receipt' ORDER BY chrono
"""
MEET = (
    ("hears that the first two came back", "hears that the others came back"),
    ("hears that the first two came back", "hears of the first two"),
    ("hears that the first two came back", "claims what is due"),
    ("hears of the first two", "hears of them the other way round"),
    ("hears of the first two", "hears of a root and of the second"),
    ("hears of the first two", "wakes who sleeps"),
    ("hears of the first two", "drops the first"),
    ("hears rungs of both", "hears their rungs the other way round"),
    ("hears rungs of both", "makes the digests"),
)
"""Those that lock something in common; each pair is tried both ways."""
ADDRESSES = "pqqp"
"""Of the four letters' senders: two of them have two letters."""


def bounce(notice: NoticeId, number: int) -> BounceSeen:
    return BounceSeen(
        event_id=event(f"bounce {number}"), arrival_id=ArrivalId(NAMES), happened_at=OPENING,
        recorded_at=OPENING, by="source:mailbox:bmi", source="mailbox:bmi",
        original=BlobKey("2026/a/b"), notice_id=notice, action="failed", status="5.1.1",
    )  # fmt: skip


async def paths(house: House, registered: list[Any]) -> Mapping[str, Path]:
    """Each does something to the same four letters, in another order where it may."""
    applied = house.rules.applied
    notices = [NoticeId(row["notice_id"]) for row in await house.pool.fetch(LIST)]
    items, clocks, arrivals = hears_items(house.rules), hears_clocks(), hears_arrivals()
    news = [
        qualified().model_copy(
            update={"item_id": fact.item_id, "event_id": event(f"qualified {number}")}
        )
        for number, fact in enumerate(registered)
    ]
    rungs = [rung(number) for number in (1, 2)]
    bounces = [bounce(notice, number) for number, notice in enumerate(notices)]

    async def claims_one(connection: Any) -> None:
        await caps.one_at_a_time(connection)
        found = await claims.due(connection, Way.MAIL, OPENING, Urgency.AUTOMATIC, 2)
        if found:  # (another may have them)
            await attempts.claim(connection, [(row, None) for row in found], 1, OPENING)
            await attempts.move(connection, None, found[-1], 1, OPENING)
            await attempts.move(connection, found[-1], found[0], 1, OPENING)
        await attempts.left_by(connection, 1, OPENING)

    return {
        "hears of the first two": lambda one: items(one, news[:2], OPENING),
        "hears of them the other way round": lambda one: items(one, news[1::-1], OPENING),
        "hears of a root and of the second": lambda one: items(one, [sealed(1), news[1]], OPENING),
        "hears rungs of both": lambda one: clocks(one, rungs, OPENING),
        "hears their rungs the other way round": lambda one: clocks(one, rungs[::-1], OPENING),
        "hears that the first two came back": lambda one: arrivals(one, bounces[:2], OPENING),
        "hears that the others came back": lambda one: arrivals(one, bounces[2:], OPENING),
        "wakes who sleeps": lambda one: wake(one, applied, OPENING),
        "claims what is due": claims_one,
        "makes the digests": lambda one: digests.make(one, applied, OPENING),
        "drops the first": lambda one: held_notices.drop(one, notices[0], "k.haddad", OPENING),
    }


async def test_no_path_waits_for_one_that_waits_for_it(house: House, postgres_url: str) -> None:
    registered = [await house.mail(str(n), f"p{n}@exemple.fr") for n in range(1, 5)]
    registered = [
        one.model_copy(update={"correspondent": f"{n:08x}"}) for n, one in enumerate(registered)
    ]
    await house.hear(*registered)
    await house.hear(*(rung(number, name="-5") for number in (1, 2)))
    receipts = await house.pool.fetch(LIST)
    for address, row in zip(ADDRESSES, receipts, strict=True):
        await house.pool.execute(
            "UPDATE notify.ledger SET state = 'sent', address = $2 WHERE notice_id = $1",
            row["notice_id"],
            address * 64,
        )
    await house.pool.execute("UPDATE notify.items SET wake_at = $1", MONDAY)
    await house.pool.execute(
        "UPDATE notify.ledger SET state = 'planned' WHERE notice_id = $1", receipts[0]["notice_id"]
    )
    every = await paths(house, registered)
    pairs = [*MEET, *((second, first) for first, second in MEET)]
    await no_path_waits_for_one_that_waits_for_it(house.pool, postgres_url, "notify", every, pairs)
