"""« Je m'en occupe » keeps what was typed into the form of a letter that a colleague has open."""

from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest
from bs4 import BeautifulSoup

from shared.platform.database import Pool
from tests.desk_browser import Browser, drawn, offers
from tests.desk_builders import proposed
from tests.integration.desk.offices import QUEUE, a_clerk, chrono, mails, state

pytestmark = pytest.mark.usefixtures("live_site")

FIRST = f"{QUEUE}/{chrono(1)}"


@pytest.fixture
async def clerk(pool: Pool, postgres_url: str, tmp_path: Path) -> Browser:
    return await a_clerk(pool, postgres_url, tmp_path)


@pytest.fixture
async def head(clerk: Browser) -> Browser:
    """A colleague of the mail office."""
    return await Browser(clerk.pages).sign_in("c.head")


TYPED = {"subject": "Titre perdu", "service": "dre", "sender_kind": "association"}


async def take_over(head: Browser, shown: str, typed: Mapping[str, str]) -> httpx.Response:
    """Presses « Je m’en occupe » on a page that was shown, with what was typed there."""
    confirm = f"{FIRST}/confirmer"
    fields = {**form(shown), **typed, "offre": offers(shown, confirm), "page": FIRST}
    return await head.send("/bureau/file", f"{FIRST}/prendre-la-main", fields)


def form(page: str) -> dict[str, str]:
    """The form that confirms, as it stands on a page; nothing is chosen of who writes and what."""
    held = drawn(page, f"{FIRST}/confirmer")
    return {name: value for name, value in held.items() if name not in {"sender_kind", "theme"}}


async def test_whoever_takes_over_finds_again_what_they_had_typed(
    pool: Pool, clerk: Browser, head: Browser, tmp_path: Path
) -> None:
    await mails(pool, tmp_path, proposed())
    await clerk.page(FIRST)
    taken = await take_over(head, await head.page(FIRST), TYPED)
    assert taken.status_code == 200
    assert "Ce n’est pas fait" not in taken.text
    held = form(taken.text)
    assert (held["subject"], held["service"]) == ("Titre perdu", "dre")
    page = BeautifulSoup(taken.text, "html.parser")
    assert [tag["value"] for tag in page.select("[name=sender_kind][checked]")] == ["association"]
    assert (await state(pool, 1))[0] == "to_qualify", "a claim decides nothing"
    fields = {**held, **TYPED, "offre": offers(taken.text, f"{FIRST}/confirmer")}
    assert (await head.send(FIRST, f"{FIRST}/confirmer", fields)).status_code == 303
    assert await state(pool, 1) == ("open", "dre", "titre-de-sejour")


async def test_what_was_typed_on_a_page_that_shows_another_letter_by_now_is_not_kept(
    pool: Pool, clerk: Browser, head: Browser, tmp_path: Path
) -> None:
    await mails(pool, tmp_path, proposed())
    await clerk.page(FIRST)
    shown = await head.page(FIRST)
    item = f"/courrier/{chrono(1)}"
    moved = {"nature": "complaint", "category": "association"}
    await clerk.send(f"{item}/reclasser", f"{item}/reclasser", moved)
    taken = await take_over(head, shown, {"subject": "Titre perdu"})
    assert "Ce courrier est à vous." in taken.text
    held = form(taken.text)
    assert (held["subject"], held["category"]) == ("", "association")
