"""One row that this program can't read costs one row, and comes back once it can be read."""

import json
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from services.notify.clock_handler import hears_clocks
from services.notify.dead_letter_retry import retry_parked
from services.notify.handlers import hears_items
from services.notify.quality_handler import hears_quality
from services.notify.store import hearings, rungs
from shared.facts.clocks import CLOCKS, ClockPaused, RungReached, RungWithdrawn
from shared.facts.envelope import Digest, EventId, ItemId, PersonId, Topic
from shared.facts.items import ITEMS
from shared.facts.items.directory import PersonChange, PersonChanged, Stage
from shared.facts.items.evidence import EvidenceSealed
from shared.facts.quality import MonthClosed, SubjectId
from shared.platform.database import transaction
from shared.platform.messaging import dead_letters
from shared.platform.messaging.dead_letter_commands import TOO_OLD, retry_one
from shared.platform.messaging.dead_letters import DeadLetter
from shared.platform.messaging.subscription import Subscription, passing_over
from shared.site.applied_rules import AppliedRules
from tests.integration.notify.conftest import House
from tests.integration.notify.test_digests import OPENING, body, clock, digests, rung
from tests.roles import one_transaction

UNREADABLE = "UPDATE notify.facts SET fact = fact - 'classification' WHERE item_id = $1"


async def letters(house: House) -> list[tuple[str, str]]:
    kept = await dead_letters.list_(house.pool, "notify")
    return [(letter.letter.topic, (letter.letter.key or b"").decode()) for letter in kept]


async def receipts(house: House) -> list[tuple[str, str, str | None]]:
    return [state for state in await house.states() if state[0] == "receipt"]


async def test_an_item_whose_facts_can_not_be_read_is_set_aside_alone(
    house: House, postgres_url: str
) -> None:
    broken, sound = await house.mail("1"), await house.mail("2", "deux@exemple.fr")
    await house.hear(broken)
    await house.pool.execute("DELETE FROM notify.ledger")
    fact = await house.pool.fetchval("SELECT fact FROM notify.facts")
    async with one_transaction(postgres_url) as owner:
        await owner.execute(UNREADABLE, broken.item_id)
    await house.pool.execute("UPDATE notify.items SET wake_at = $1", house.clock.at)
    await house.waker().round()
    await house.waker().round()
    await house.hear(sound)
    assert await letters(house) == [("item", str(broken.item_id))], "once, however often looked at"
    assert await receipts(house) == [("receipt", "planned", None)]
    (letter,) = await dead_letters.list_(house.pool, "notify")
    applied, now = house.rules.applied, house.clock.now()
    assert str(await retry_parked(house.pool, letter.id, applied, now)).startswith("failed again")
    async with one_transaction(postgres_url) as owner:
        await owner.execute(
            "UPDATE notify.facts SET fact = $2::text::jsonb WHERE item_id = $1",
            broken.item_id,
            json.dumps(fact),
        )
    assert await retry_parked(house.pool, letter.id, applied, now) == "taken"
    assert await receipts(house) == [("receipt", "planned", None)] * 2
    assert await letters(house) == []


async def test_nothing_is_said_of_an_item_whose_facts_can_not_be_read(
    house: House, postgres_url: str
) -> None:
    registration = await house.mail()
    await house.hear(registration)
    async with one_transaction(postgres_url) as owner:
        await owner.execute(UNREADABLE, registration.item_id)
    async with house.sending():
        await house.until(("receipt", "held", "unwritable"))
    assert house.sink.taken == []


async def test_a_notice_whose_row_can_not_be_read_is_parked_and_the_next_one_leaves(
    house: House,
) -> None:
    first, second = await house.mail("1"), await house.mail("2", "deux@exemple.fr")
    await house.hear(first)
    await house.hear(second)
    await house.pool.execute(
        "UPDATE notify.ledger SET kind = 'of_tomorrow' WHERE item_id = $1", first.item_id
    )
    async with house.sending():
        await house.sink.until(1)
        await house.until(("of_tomorrow", "parked", None), ("receipt", "sent", None))
    ((topic, key),) = await letters(house)
    assert topic == "notice"
    await house.hear(first.model_copy(update={"event_id": second.item_id, "seq": 2}))
    assert await house.states() == [("of_tomorrow", "parked", None), ("receipt", "sent", None)], (
        "nothing is planned over it: it may have left"
    )
    await house.pool.execute("UPDATE notify.ledger SET kind = 'receipt' WHERE state = 'parked'")
    (letter,) = await dead_letters.list_(house.pool, "notify")
    said = await retry_parked(house.pool, letter.id, house.rules.applied, house.clock.now())
    assert (said, key) == ("taken", str(await _notice(house, "planned")))
    async with house.sending():
        await house.sink.until(2)


async def _notice(house: House, state: str) -> object:
    return await house.pool.fetchval("SELECT notice_id FROM notify.ledger WHERE state = $1", state)


async def left(house: House) -> tuple[int, int]:
    """What no digest has told, and what stands."""
    async with transaction(house.pool) as connection:
        untold = await hearings.count_untold(connection)
        return untold, len(await rungs.standing(connection))


async def again(house: House) -> str | None:
    (letter,) = await dead_letters.list_(house.pool, "notify")
    return await retry_parked(house.pool, letter.id, house.rules.applied, house.clock.now())


async def test_a_rung_that_can_not_be_read_costs_one_rung_and_comes_back(house: House) -> None:
    broken, sound = rung(1), rung(2)
    await house.hear(broken, sound)
    await house.pool.execute(
        "UPDATE notify.rungs SET fact = fact - 'days' WHERE item_id = $1", broken.item_id
    )
    (first,) = await digests(house, 1)
    assert "000002" in body(first)
    assert "000001" not in body(first)
    assert await letters(house) == [("rung", f"{broken.item_id}/reply/-2")]
    assert await left(house) == (0, 1)
    assert str(await again(house)).startswith("failed again, missing at days")
    await house.pool.execute("UPDATE notify.rungs SET fact = fact || '{\"days\": -2}'")
    assert await again(house) == "taken"
    assert await left(house) == (1, 2)
    _, second = await digests(house, 2, at=OPENING + timedelta(minutes=20))
    assert "000001" in body(second), "no digest had told it"


async def test_a_hearer_of_another_version_costs_one_rung(house: House) -> None:
    broken, sound = rung(1), rung(2)
    await house.hear(broken, sound)
    await house.pool.execute(
        "UPDATE notify.hearings SET audience = 'of_tomorrow' WHERE item_id = $1", broken.item_id
    )
    (taken,) = await digests(house, 1)
    assert "000002" in body(taken)
    assert await letters(house) == [("rung", f"{broken.item_id}/reply/-2")]
    assert await left(house) == (0, 1)


async def set_aside(house: House, fact: RungReached) -> None:
    letter = DeadLetter("clocks", 0, 1, fact.key.encode(), (), fact.model_dump_json().encode(), "x")
    async with transaction(house.pool) as connection:
        await dead_letters.put(connection, "notify", [letter], house.clock.now())


async def heard_again(house: House) -> str:
    (letter,) = await dead_letters.list_(house.pool, "notify")
    ears: dict[str, Subscription[Any]] = {
        "clocks": Subscription(Topic.CLOCKS, CLOCKS.validate_json, hears_clocks()),
        "items": Subscription(Topic.ITEMS, ITEMS.validate_json, hears_items(house.rules)),
    }
    said = await retry_one(house.pool, house.clock, "notify", ears, letter.id)
    return said.partition(": ")[2]


async def test_a_letter_heard_again_after_a_later_fact_of_its_item_is_taken(house: House) -> None:
    await set_aside(house, rung(1, revision=5))
    await house.hear(clock(ClockPaused, 1, revision=6, since=date(2026, 5, 12), until=None))
    assert await heard_again(house) == "taken"
    assert await left(house) == (1, 1)
    assert await letters(house) == []


async def test_a_letter_that_was_overtaken_says_so_and_stays(house: House) -> None:
    await set_aside(house, rung(1, revision=5))
    await house.hear(clock(RungWithdrawn, 1, revision=6, rung="-2", telling=1))
    for _ in range(2):
        assert await heard_again(house) == TOO_OLD
    assert await left(house) == (0, 0)
    assert await letters(house) == [("clocks", str(rung(1).item_id))]


async def test_what_notify_keeps_already_says_so_when_it_is_heard_again(house: House) -> None:
    month = MonthClosed(
        event_id=EventId(uuid4()), subject_id=SubjectId(uuid4()), seq=1, happened_at=OPENING,
        recorded_at=OPENING, by="service:desk", month=date(2026, 4, 1), hash=Digest("a" * 64),
        n=0, definition=1, rules=1, calendar=Digest("c" * 64),
    )  # fmt: skip
    root = EvidenceSealed(
        event_id=EventId(uuid4()), item_id=ItemId(uuid4()), seq=1, happened_at=OPENING,
        recorded_at=OPENING, by="service:desk", day=OPENING.date(), root=Digest("b" * 64), chains=1,
    )  # fmt: skip
    change = PersonChanged(
        event_id=EventId(uuid4()), item_id=ItemId(uuid4()), seq=1, happened_at=OPENING,
        recorded_at=OPENING, by="person:l.petit", person=PersonId("c.aubry"),
        change=PersonChange.MAILBOX, stage=Stage.DONE,
    )  # fmt: skip
    for repeated in (False, True):
        for handle, fact in (
            (hears_quality(AppliedRules()), month),
            (hears_items(house.rules), root),
            (hears_items(house.rules), change),
        ):
            with passing_over() as passed:
                async with transaction(house.pool) as connection:
                    assert not await handle(connection, [fact], house.clock.now())  # type: ignore[list-item]  # typed by hand
            assert passed == ([fact] if repeated else [])
