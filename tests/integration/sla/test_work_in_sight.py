"""One look says what a ticker would find, and what is not in sight is not asked for."""

from datetime import datetime, timedelta

import pytest

from services.sla import brake, claims
from services.sla.claims import WorkInSight
from shared.platform.clock import SystemClock
from shared.platform.database import single_statements, transaction
from shared.site import store as site_store
from tests.integration.sla.conftest import Clocks
from tests.integration.sla.test_brake import ticking, until
from tests.integration.sla.test_hearing_and_waking import FOUR_DAYS, a_mail
from tests.roles import one_transaction
from tests.unit.sla.builders import METROPOLE, a_site, paris

FIRST = paris(15, 6)
"""When the first rung of a mail of 11 May falls."""


async def look(clocks: Clocks, moment: datetime = FIRST) -> WorkInSight:
    async with single_statements(clocks.pool) as connection:
        return await claims.look(connection, moment)


async def test_a_register_without_a_letter_has_no_work(clocks: Clocks) -> None:
    seen = await look(clocks)
    assert seen == WorkInSight(due=None, braked=False, outdated=False, ahead=False)
    assert not seen.is_due(FIRST)


async def test_a_letter_is_in_sight_by_when_it_is_due_and_when_it_was_taken(
    clocks: Clocks,
) -> None:
    await clocks.hear(a_mail().facts, paris(11))
    seen, morning = await look(clocks), paris(12, 6)
    assert seen == WorkInSight(due=morning, braked=False, outdated=False, ahead=False)
    assert not seen.is_due(morning - timedelta(microseconds=1))
    assert seen.is_due(morning)
    assert (await look(clocks, paris(11) - timedelta(microseconds=1))).ahead
    assert not (await look(clocks, paris(11))).ahead


async def test_letters_planned_under_former_rules_are_in_sight_until_they_are_planned_again(
    clocks: Clocks, postgres_url: str
) -> None:
    await clocks.hear(a_mail().facts, paris(11))
    async with one_transaction(postgres_url) as owner:
        await site_store.keep(owner, a_site(FOUR_DAYS), METROPOLE, "q", "essai", paris(13))
    assert (await look(clocks)).outdated
    await clocks.pool.execute("UPDATE sla.items SET awaits = 1")
    assert not (await look(clocks)).outdated, "it is being rebuilt"
    await clocks.pool.execute("UPDATE sla.items SET awaits = 0")
    assert await clocks.ticker().plan_again(paris(13)) == 1
    assert not (await look(clocks)).outdated


async def test_a_wave_that_is_held_back_is_in_sight_also_once_nothing_is_due(
    clocks: Clocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(brake, "AT_LEAST", 0)
    await clocks.hear(a_mail().facts, paris(11))
    ticker = clocks.ticker()
    assert await ticker.is_held(await look(clocks), FIRST)
    assert (await look(clocks)).braked
    assert not await ticker.is_held(await look(clocks), paris(11, 12)), "the hour had been wrong"
    async with transaction(clocks.pool) as connection:
        assert await brake.held_wave(connection) is None


class RestedError(Exception):
    """Raised where a ticker would rest."""


async def test_where_nothing_is_in_sight_a_ticker_asks_for_nothing_else(
    clocks: Clocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    await clocks.hear(a_mail().facts, paris(11))
    await clocks.wake(SystemClock().now())
    ticker = clocks.ticker()

    async def asked(*_: object) -> int:
        raise AssertionError

    async def rests(*_: object) -> None:
        raise RestedError

    for name in ("holds_back", "wake", "plan_again", "take_back"):
        monkeypatch.setattr(ticker, name, asked)
    monkeypatch.setattr(ticker.watch, "rest", rests)
    with pytest.raises(RestedError):
        await ticker.run()


@pytest.mark.parametrize(
    ("happened", "mended"),
    [
        ("UPDATE sla.items SET edition = 0", "SELECT edition > 0 FROM sla.items"),
        (
            "UPDATE sla.items SET stepped_at = now() + interval '1 hour'",
            "SELECT stepped_at <= now() FROM sla.items",
        ),
    ],
    ids=["planned under former rules", "taken by a clock ahead"],
)
async def test_a_ticker_sees_to_what_is_in_sight(
    clocks: Clocks, happened: str, mended: str
) -> None:
    await clocks.hear(a_mail().facts, paris(11))
    await clocks.wake(SystemClock().now())
    await clocks.pool.execute(happened)
    assert not await clocks.pool.fetchval(mended)
    async with ticking(clocks):
        await until(clocks, mended)
