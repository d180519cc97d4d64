"""Letters of the house by keys, in a real browser: a free reply, and a request for pieces."""

import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

from tests.e2e.browser import Person
from tests.e2e.house import House

WORDS: Final = "Votre titre est prêt : venez le retirer sans rendez-vous."


async def write_own(
    live: House, karima: Person, answered: int, number: int, last: str
) -> list[tuple[str, int, float]]:
    """Free replies, then requests for pieces, to mails that nobody answered: keys and seconds."""
    rows = (await to_answer(live, answered + 2 * number, last))[answered:]
    taken = []
    for what, act, chosen in (
        ("free replies", write_freely, rows[:number]),
        ("pieces", ask_pieces, rows[number:]),
    ):
        began, keys = time.monotonic(), karima.keys
        await act(karima, chosen)
        taken.append((what, karima.keys - keys, time.monotonic() - began))
    return taken


async def write_freely(karima: Person, rows: Sequence[Mapping[str, Any]]) -> None:
    """From an item's page: a free reply is opened, written where it stands, checked, sent."""
    for row in rows:
        await karima.go(f"/courrier/{row['chrono']}")
        await karima.press_on("y")
        await karima.press_on("0")
        await karima.page.wait_for_selector("[name=body]:focus")
        await karima.page.keyboard.type(WORDS)  # the words are not counted
        await karima.press_on("Escape", "v")
        await _send_checked(karima, row)


async def ask_pieces(karima: Person, rows: Sequence[Mapping[str, Any]]) -> None:
    """From an item's page: two pieces ticked, their date, the letter read, sent."""
    for row in rows:
        await karima.go(f"/courrier/{row['chrono']}")
        await karima.press_on("d")
        await karima.page.wait_for_selector("[name='pièces']:focus")
        await karima.press("1", "2", "j")
        await karima.page.fill("[name=date_limite]", "2026-06-12")
        karima.keys += 8  # the digits of a day
        await karima.page.focus("[name=date_limite]")
        await karima.press_on("Enter")
        await _send_checked(karima, row)


async def _send_checked(karima: Person, row: Mapping[str, Any]) -> None:
    await karima.page.wait_for_selector("text=complète")
    await karima.page.wait_for_selector("button[value=envoyer]:focus")
    await karima.page.wait_for_selector("html[data-awake]")
    await karima.press("Enter")
    await karima.page.wait_for_url(f"**/courrier/{row['chrono']}")


async def to_answer(live: House, number: int, last: str) -> Sequence[Mapping[str, Any]]:
    """Mails of the bmi that came after `last`, answered or not, oldest first."""
    rows = await live.rows(
        "SELECT chrono FROM desk.items WHERE service = 'bmi' AND merged_into IS NULL"
        " AND channel = 'email' AND chrono > $2 ORDER BY chrono LIMIT $1",
        number,
        last,
    )
    assert len(rows) == number
    return rows
