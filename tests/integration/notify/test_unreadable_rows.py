"""One row that this program can't read costs one row, and comes back once it can be read."""

import json

from services.notify.retrying import retry_parked
from shared import dead_letters
from tests.integration.notify.conftest import House
from tests.roles import one_transaction

UNREADABLE = "UPDATE notify.facts SET fact = fact - 'classification' WHERE item_id = $1"


async def letters(house: House) -> list[tuple[str, str]]:
    kept = await dead_letters.list_(house.pool, "notify")
    return [(one.letter.topic, (one.letter.key or b"").decode()) for one in kept]


async def receipts(house: House) -> list[tuple[str, str, str | None]]:
    return [one for one in await house.states() if one[0] == "receipt"]


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
