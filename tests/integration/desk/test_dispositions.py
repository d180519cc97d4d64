"""What became of arrivals is counted as they come; answers to an exercise stand apart."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import asyncpg
import pytest

from services.desk.domain.disposition import Disposition
from services.desk.store import lists
from shared.platform.database import Pool
from tests.desk_builders import an_arrival
from tests.integration.desk.clocked import NOW, items
from tests.roles import under_role

pytestmark = pytest.mark.usefixtures("live_site")


async def test_words_are_counted_as_arrivals_come_and_change(pool: Pool) -> None:
    await items(pool, "a", "b")
    await pool.execute(
        "UPDATE desk.arrivals SET word = 'set_aside', item_id = NULL WHERE arrival_id = $1",
        an_arrival("a").arrival_id,
    )
    words = await pool.fetch("SELECT word, arrivals FROM desk.words ORDER BY word")
    assert words == [("item", 1), ("set_aside", 1)]


async def test_answers_to_an_exercise_stand_apart_from_what_was_set_aside(
    pool: Pool, postgres_url: str
) -> None:
    await items(pool, "a", "b", "c", "d")
    for name, reason in (("a", "newsletter"), ("b", "exercise"), ("c", "exercise")):
        await pool.execute(
            """
            UPDATE desk.arrivals SET word = 'set_aside', item_id = NULL, reason = $2
            WHERE arrival_id = $1
            """,
            an_arrival(name).arrival_id,
            reason,
        )
    expected = [("exercise_answers", 2), ("item", 1), ("set_aside", 1)]
    for role in ("status", "grafana"):
        looker = await asyncpg.connect(under_role(postgres_url, role))
        try:
            told = await looker.fetch("SELECT word, arrivals FROM desk.dispositions ORDER BY word")
            assert told == expected
        finally:
            await looker.close()
    hours = "SELECT word, n FROM desk.dispositions_by_hour($1, $2) ORDER BY word"
    assert await pool.fetch(hours, NOW - timedelta(days=1), NOW + timedelta(days=1)) == expected
    words = await pool.fetch("SELECT word, arrivals FROM desk.words ORDER BY word")
    assert words == [("item", 1), ("set_aside", 3)]  # law 1: one of its nine words each
    async with pool.acquire() as connection:
        day = NOW.date() - timedelta(days=1)
        front = await lists.counts(connection, day, ZoneInfo("Europe/Paris"))
        later = await lists.counts(
            connection, NOW.date() + timedelta(days=2), ZoneInfo("Europe/Paris")
        )
    assert front.words == front.words_today == {Disposition.ITEM: 1, Disposition.SET_ASIDE: 1}
    assert (front.drilled, front.drilled_today) == (2, 2)
    assert (later.words, later.drilled, later.drilled_today) == (front.words, 2, 0)
