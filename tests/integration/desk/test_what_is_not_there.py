"""One answer for what one may not know of and for what is not there, by every page."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Final
from uuid import uuid4

import httpx
import pytest

from services.desk import features
from services.desk.pages.signin import cookies
from shared.platform.clock import Clock
from shared.platform.database import Pool
from shared.web import forms
from tests.desk_browser import HOME, Browser, pages
from tests.integration.desk.clocked import items

pytestmark = pytest.mark.usefixtures("live_site", "environment")

FIRST, SECOND, NOWHERE = (f"36-2026-A-000{number}" for number in ("001", "002", "999"))
WHO: Final = ("r.gent", "a.gent", "q.officer", "o.call")
UUID: Final = "00000000-0000-4000-8000-000000000000"

TYPED: Final[Mapping[str, Mapping[str, str]]] = {
    "/recherche": {},
    f"/courrier/{SECOND}/fusionner": {"into": "…"},
    "/courriers/lot": {"chrono": "…", "faire": "classer", "reason": "sans-suite"},
    "/retenus/lot": {"envoi": f"…:{UUID}", "faire": "part"},
}
"""Where a number is typed or ticked, and not in the address; the pages of the mail office, which
knows of every item, are none of them."""


@pytest.fixture
async def people(
    pool: Pool, story_clock: Clock, tmp_path: Path
) -> AsyncIterator[Mapping[str, Browser]]:
    """Two items of bmi, the first réservé: none of these persons may know of it."""
    await items(pool, "a", "b")
    site = pages(pool, story_clock, tmp_path)
    found = {who: await Browser(site).sign_in(who) for who in (*WHO, "b.head")}
    here = f"/courrier/{FIRST}"
    made = await found["b.head"].send(here, f"{here}/reclasser", {"confidentiality": "reserve"})
    assert made.status_code == 303, made.text
    yield found
    for browser in found.values():
        await browser.client.aclose()


def answer(got: httpx.Response, chrono: str) -> tuple[int, str, str]:
    """What a browser is told, but for the number that it gave and what no two answers share."""
    said = re.sub(r'name="(jeton|decision|offre|page)" value="[^"]*"', "", got.text)
    said = re.sub(r'data-session="\d+ \d+"', "", said)  # seconds that are left of it
    said = said.replace(chrono, "…").replace(chrono[-6:], "…")
    return got.status_code, got.headers.get("location", "").replace(chrono, "…"), said


def _differ(*told: tuple[int, str, str]) -> Sequence[str]:
    one, other = (str(each).split("\\n") for each in told)
    return [f"{left} | {right}" for left, right in zip(one, other, strict=False) if left != right]


async def posted(browser: Browser, url: str, fields: Mapping[str, str]) -> httpx.Response:
    token = forms.token(browser.client.cookies.get(cookies.SESSION, ""))  # type: ignore[arg-type]  # typed by hand
    data = {forms.CSRF: token, forms.DECISION: str(uuid4()), forms.AGAIN: "/", **fields}
    return await browser.client.post(url, data=data, headers={"origin": HOME})


def addresses() -> Sequence[tuple[str, str]]:
    """Every page of an item, by method, with the other parts of its address filled."""
    found = []
    for page in features.all_pages():
        if "{chrono}" not in page.path:
            continue
        path = re.sub(r"\{[a-z_]+:uuid\}", UUID, page.path)
        path = re.sub(r"\{[a-z_]+:int\}", "1", path)
        path = re.sub(r"\{(?!chrono)[a-z_]+\}", "rien", path)
        found += [(method, path) for method in page.methods]
    return found


async def test_every_page_of_an_item_answers_alike_for_what_is_hidden_and_what_is_not_there(
    people: Mapping[str, Browser],
) -> None:
    wrong = []
    assert len(addresses()) > 40
    for method, path in addresses():
        for who in WHO:
            told = []
            for chrono in (FIRST, NOWHERE):
                url = path.replace("{chrono}", chrono)
                browser = people[who]
                got = await browser.get(url) if method == "GET" else await posted(browser, url, {})
                told.append(answer(got, chrono))
            if told[0] != told[1]:
                wrong.append((method, path, who, _differ(*told)))
    assert not wrong, wrong


@pytest.mark.parametrize("url", sorted(TYPED))
async def test_a_number_that_is_typed_or_ticked_is_answered_alike(
    people: Mapping[str, Browser], pool: Pool, url: str
) -> None:
    before = await pool.fetchval("SELECT count(*) FROM desk.facts")
    for who in WHO:
        for whole in (True, False):
            told = []
            for chrono in (FIRST, NOWHERE):
                said = chrono if whole else chrono[-6:]
                if fields := TYPED[url]:
                    given = {name: value.replace("…", said) for name, value in fields.items()}
                    got = await posted(people[who], url, given)
                else:
                    got = await people[who].client.get(url, params={"q": said})
                assert got.status_code < 500
                told.append(answer(got, chrono))
            assert told[0] == told[1], (who, url, whole, _differ(*told))
    assert await pool.fetchval("SELECT count(*) FROM desk.facts") == before
