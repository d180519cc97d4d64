"""A number that a restore gave to two letters: who bears it comes first, and paper waits."""

from datetime import timedelta

import pytest

from services.desk.domain.query import Numbers
from services.desk.search.store import search
from services.desk.store import former_chronos, item_numbers
from services.desk.store.former_chronos import FormerChrono
from services.desk.store.search_types import SearchReader
from services.desk.store.sheets import sheet
from services.desk.store.visibility import ALL
from shared.errors import Refused
from shared.facts.arrival_base import MessageThread, TokenThread
from shared.facts.envelope import Chrono, ItemId
from shared.facts.vocabulary import NoticeKind
from shared.platform.database import Pool, transaction
from tests.desk_builders import MONDAY, a_scanned_departure, an_arrival, digest
from tests.integration.desk.test_registering_arrivals import hear
from tests.roles import one_transaction

pytestmark = pytest.mark.usefixtures("live_site")

NOW = MONDAY + timedelta(hours=1)
FIRST, SECOND = Chrono("36-2026-A-000001"), Chrono("36-2026-A-000002")
LEFT = Chrono("36-2026-D-000001")


async def two_letters(pool: Pool) -> tuple[ItemId, ItemId]:
    for name in ("first", "second"):
        await hear(pool, an_arrival(name, correspondent=digest(name)))
    first, second = await pool.fetch("SELECT item_id FROM desk.items ORDER BY chrono")
    return ItemId(first["item_id"]), ItemId(second["item_id"])


async def lost(postgres_url: str, chrono: Chrono, item_id: ItemId | None) -> None:
    async with one_transaction(postgres_url) as owner:
        await former_chronos.keep(owner, [FormerChrono(chrono, item_id, "ReplySent")])


async def test_a_number_that_a_departure_bears_leads_to_its_letter(
    pool: Pool, postgres_url: str
) -> None:
    """Not to the letter whose departure had it in hours that a restore lost."""
    had, bears = await two_letters(pool)
    await lost(postgres_url, LEFT, had)
    async with transaction(pool) as connection:
        assert await item_numbers.by_chrono(connection, LEFT) == had
        await connection.execute(
            "INSERT INTO desk.departures VALUES ($1, $2, $3)", LEFT, bears, NOW
        )
        assert await item_numbers.by_chrono(connection, LEFT) == bears
        assert await item_numbers.by_chronos(connection, [LEFT]) == {}, (
            "no mail is taken for the former's"
        )
        found = await search.by_numbers(connection, SearchReader(ALL), Numbers((LEFT,)))
        assert [hit.item_id for hit in found] == [bears, had]
        assert (await sheet(connection, bears)).namesakes == {LEFT: FIRST}
        assert (await sheet(connection, had)).former == [LEFT]
    await hear(pool, a_scanned_departure(LEFT, NoticeKind.REPLY))
    waits = await pool.fetchval("SELECT reason FROM desk.arrivals WHERE word = 'quarantine'")
    assert waits == "chrono_given_twice", "signed paper with it: a person is told of the two"


@pytest.mark.parametrize("named", [True, False])
async def test_paper_with_a_number_that_two_letters_had_waits_for_a_person(
    pool: Pool, postgres_url: str, *, named: bool
) -> None:
    """It may have been printed in the lost hours, for the other one."""
    had, bears = await two_letters(pool)
    await lost(postgres_url, SECOND, had if named else None)
    before = await pool.fetchval("SELECT count(*) FROM desk.facts WHERE item_id = $1", bears)
    await hear(pool, a_scanned_departure(SECOND, NoticeKind.REPLY))
    await hear(pool, a_scanned_departure(FIRST, NoticeKind.REPLY, "of one letter alone"))
    rows = await pool.fetch(
        "SELECT word, reason, item_id FROM desk.arrivals WHERE word <> 'item' ORDER BY word"
    )
    assert [tuple(row) for row in rows] == [
        ("departure", None, had), ("quarantine", "chrono_given_twice", None)
    ]  # fmt: skip
    after = await pool.fetchval("SELECT count(*) FROM desk.facts WHERE item_id = $1", bears)
    assert after == before, "no clock of today's bearer stops"


@pytest.mark.parametrize("named", [True, False])
async def test_a_mail_with_a_number_that_two_letters_had_joins_what_it_answers_or_nothing(
    pool: Pool, postgres_url: str, *, named: bool
) -> None:
    """Its token may be of the lost hours: the message that it answers decides, or a person."""
    had, bears = await two_letters(pool)
    await lost(postgres_url, SECOND, had if named else None)
    before = await pool.fetchval("SELECT count(*) FROM desk.facts WHERE item_id = $1", bears)
    token = TokenThread(chrono=SECOND)
    answered = MessageThread(messages=(digest("message first"),))
    await hear(
        pool,
        an_arrival("a stranger's", correspondent=None, threads=(token,)),
        an_arrival("the first's", correspondent=digest("first"), threads=(token, answered)),
    )
    rows = await pool.fetch("SELECT word, item_id FROM desk.arrivals ORDER BY recorded_at, word")
    items_of = [row["item_id"] for row in rows]
    assert (len(items_of), len(set(items_of))) == (4, 3)
    assert (items_of.count(had), items_of.count(bears)) == (2, 1)
    after = await pool.fetchval("SELECT count(*) FROM desk.facts WHERE item_id = $1", bears)
    assert after == before


async def test_whose_a_number_was_is_not_said_otherwise_than_it_is_known(
    pool: Pool, postgres_url: str
) -> None:
    first, second = await two_letters(pool)
    known, keyed = Chrono("36-2026-A-000008"), Chrono("36-2026-A-000009")
    await lost(postgres_url, known, first)
    await lost(postgres_url, keyed, None)
    async with transaction(pool) as connection:
        with pytest.raises(Refused, match=f"{known} was given to the item that is {FIRST} now"):
            await former_chronos.name(connection, known, second, "c.lerk", NOW)
        assert await former_chronos.name(connection, known, first, "c.lerk", NOW)
        for item in (first, second):  # a person's mistake is mended by a person
            assert await former_chronos.name(connection, keyed, item, "c.lerk", NOW)
        assert await item_numbers.by_chrono(connection, known) == first
        assert await item_numbers.by_chrono(connection, keyed) == second
        rows = await connection.fetch(
            "SELECT chrono, named_by FROM desk.former_chronos ORDER BY chrono"
        )
    assert [tuple(row) for row in rows] == [(known, None), (keyed, "c.lerk")]
