"""One row that this program can't read costs one row, and comes back once it can be read."""

import json
from typing import Any

import pytest

from services.sla.dead_letter_retry import retry
from services.sla.rulebook import Editions
from shared.facts.vocabulary import ClockName
from shared.platform.database import transaction
from shared.platform.messaging import dead_letters
from shared.platform.messaging.dead_letters import KeptLetter
from tests.integration.sla.conftest import Clocks
from tests.integration.sla.test_hearing_and_waking import a_mail, names
from tests.roles import one_transaction
from tests.unit.sla.builders import paris

LOSES = "UPDATE sla.items SET {0} = ({0}::jsonb - '{1}')::text WHERE item_id = $1"
BROKEN, SOUND = a_mail(1), a_mail(2)


async def spoil(clocks: Clocks, column: str, field: str) -> None:
    """The row of BROKEN loses a field that it needs."""
    await clocks.pool.execute(LOSES.format(column, field), BROKEN.item)


async def letters(clocks: Clocks) -> list[KeptLetter]:
    return list(await dead_letters.list_(clocks.pool, "sla"))


async def again(clocks: Clocks, letter: KeptLetter, hour: int) -> str | None:
    async with transaction(clocks.pool) as connection:
        return await retry(connection, letter.id, Editions(), clocks.counts, paris(15, hour))


async def rows(clocks: Clocks) -> dict[str, Any]:
    row = await clocks.pool.fetchrow("SELECT * FROM sla.items WHERE item_id = $1", BROKEN.item)
    assert row is not None
    return dict(row)


@pytest.fixture
async def two(clocks: Clocks) -> Clocks:
    """Two mails of 11 May, whose first rungs fall on the 15th."""
    await clocks.hear([*BROKEN.facts, *SOUND.facts], paris(11))
    await clocks.new()
    return clocks


async def test_a_plan_that_can_not_be_read_is_made_again_from_the_facts(two: Clocks) -> None:
    await spoil(two, "plan", "last")
    await two.wake(paris(15, 6))
    told = await two.new()
    assert sorted(str(fact.item_id) for fact in told if fact.clock is ClockName.REPLY) == sorted(
        [str(BROKEN.item), str(SOUND.item)]
    )
    assert names(told) == [("RungReached", "-2")] * 2
    assert await letters(two) == []
    assert "last" in json.loads((await rows(two))["plan"])


async def test_a_standing_that_can_not_be_read_costs_one_item_and_a_retry_salvages_it(
    two: Clocks,
) -> None:
    await spoil(two, "standing", "item_id")
    await two.wake(paris(15, 6))
    assert {fact.item_id for fact in await two.new()} == {SOUND.item}
    [letter] = await letters(two)
    assert (letter.letter.topic, letter.letter.key) == ("wake", str(BROKEN.item).encode())
    assert (await rows(two))["wake_at"] is None
    assert await again(two, letter, 7) is None
    assert names(await two.new()) == [("RungReached", "-2")], "and no clock is started twice"
    assert await letters(two) == []


async def test_a_fact_of_an_item_whose_standing_can_not_be_read_is_kept(two: Clocks) -> None:
    await spoil(two, "standing", "item_id")
    twin = a_mail(1)
    reply = twin.replied(paris(14))
    assert await two.hear([reply], paris(14)) == []
    await two.hear([reply], paris(14))
    await two.wake(paris(15, 6))
    [letter] = await letters(two)
    assert letter.attempts == 1, "one letter, however often it was looked at"
    assert {fact.item_id for fact in await two.new()} == {SOUND.item}
    assert await again(two, letter, 7) is None
    assert names(await two.new()) == [("ClockStopped", "")], "the reply was not forgotten"


async def test_a_standing_of_which_nothing_is_left_stays_set_aside_with_a_reason(
    two: Clocks,
) -> None:
    await two.pool.execute("UPDATE sla.items SET standing = '{' WHERE item_id = $1", BROKEN.item)
    await two.wake(paris(15, 6))
    [letter] = await letters(two)
    reason = await again(two, letter, 7)
    assert reason == (
        "What stands of it can't be read, and nothing says which revision was told last."
    )
    [letter] = await letters(two)
    assert (letter.attempts, letter.letter.reason) == (2, reason)


async def test_a_row_of_a_later_version_is_left_as_it_is(two: Clocks) -> None:
    await two.pool.execute("UPDATE sla.items SET shape = 2 WHERE item_id = $1", BROKEN.item)
    before = await rows(two)
    await two.wake(paris(15, 6))
    [letter] = await letters(two)
    assert "install the later version" in str(await again(two, letter, 7))
    after = await rows(two)
    assert (after["standing"], after["plan"], after["shape"]) == (
        before["standing"], before["plan"], 2,
    )  # fmt: skip
    await two.pool.execute("UPDATE sla.items SET shape = 1")
    assert await again(two, letter, 8) is None
    assert {fact.item_id for fact in await two.new()} == {BROKEN.item, SOUND.item}


async def test_a_fact_that_can_not_be_read_any_more_costs_its_item_alone(
    two: Clocks, postgres_url: str
) -> None:
    async with one_transaction(postgres_url) as owner:
        await owner.execute(
            "UPDATE sla.facts SET payload = (payload::jsonb - 'channel')::text WHERE item_id = $1",
            BROKEN.item,
        )
    await two.pool.execute("UPDATE sla.items SET edition = 0")
    await two.wake(paris(15, 6))
    assert {fact.item_id for fact in await two.new()} == {SOUND.item}
    [letter] = await letters(two)
    assert str(await again(two, letter, 7)).startswith("missing at ")
    twin = a_mail(1)
    assert await two.hear([twin.assigned(paris(15, 8))], paris(15, 8)) == []
    assert len(await letters(two)) == 1
