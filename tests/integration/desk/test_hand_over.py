"""All that somebody holds in a service is given on at once: each item shown first, judged alone."""

from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import pytest
from bs4 import BeautifulSoup

from shared.platform.clock import Clock
from shared.platform.database import Pool, transaction
from shared.site.staff import people_store
from tests.desk_browser import Browser, pages
from tests.desk_builders import MONDAY, a_person
from tests.integration.desk.clocked import items

pytestmark = pytest.mark.usefixtures("live_site")

ITEMS: Final = tuple(f"36-2026-A-00000{number}" for number in (1, 2, 3, 4))
LOAD: Final = "/service/bmi/charge"
PAGE: Final = f"{LOAD}/a.gent/remise"


@pytest.fixture
async def people(
    pool: Pool, story_clock: Clock, tmp_path: Path
) -> AsyncIterator[Mapping[str, Browser]]:
    """Of four items of bmi a.gent has three, one of them réservé; b.gent's lies in a signature."""
    await items(pool, "a", "b", "c", "d")
    site = pages(pool, story_clock, tmp_path)
    who = ("b.head", "d.rector", "a.gent", "b.gent", "q.officer")
    found = {person: await Browser(site).sign_in(person) for person in who}
    for chrono in ITEMS[:3]:
        here = f"/courrier/{chrono}"
        await found["a.gent"].to(await found["a.gent"].send(here, f"{here}/prendre"))
    secret, signed = f"/courrier/{ITEMS[2]}", f"/courrier/{ITEMS[3]}"
    head = found["b.head"]
    await head.to(await head.send(secret, f"{secret}/reclasser", {"confidentiality": "reserve"}))
    await found["b.gent"].to(await found["b.gent"].send(signed, f"{signed}/prendre"))
    way = f"{signed}/signature"
    await head.to(await head.send(way, way, {"signatory": "a.gent"}))
    yield found
    for browser in found.values():
        await browser.client.aclose()


async def holders(pool: Pool) -> Mapping[str, tuple[str | None, str | None]]:
    rows = await pool.fetch("SELECT chrono, agent, signatory FROM desk.items ORDER BY chrono")
    return {row["chrono"]: (row["agent"], row["signatory"]) for row in rows}


def shown(page: str) -> Sequence[tuple[str, str]]:
    """The items that the page would give on, and what becomes of each."""
    rows = BeautifulSoup(page, "html.parser").select("tbody tr")
    return [
        (
            row.select("th a")[0].get_text(),
            " ".join(row.select("td")[-1].get_text().split()).partition(" : ")[2],
        )
        for row in rows
    ]


def ticked(page: str) -> Sequence[str]:
    found = BeautifulSoup(page, "html.parser").select("input[name=chrono]")
    return [str(tag["value"]) for tag in found]


async def test_a_head_sees_all_that_a_colleague_holds_and_gives_it_on_by_one_decision(
    people: Mapping[str, Browser], pool: Pool
) -> None:
    head = people["b.head"]
    assert f'href="{PAGE}"' in await head.page(LOAD)
    page = await head.page(PAGE)
    assert shown(page) == [
        (ITEMS[0], "remis"),
        (ITEMS[1], "remis"),
        (ITEMS[2], "remis"),
        (ITEMS[3], "revient de la signature à Camille B.gent"),
    ]
    answer = await head.send(PAGE, PAGE, {"vers": "b.gent", "chrono": ticked(page)})
    after = await head.to(answer)
    told = (
        "4 courriers de Camille A.gent : 3 remis à Camille B.gent,"
        " 1 revenu de la signature à Camille B.gent."
    )
    assert told in " ".join(after.split())
    assert await holders(pool) == dict.fromkeys(ITEMS, ("b.gent", None))
    assert "n’a plus aucun courrier à traiter" in await head.page(PAGE)
    lines = await pool.fetch(
        "SELECT person, about, page FROM desk.journal WHERE what = 'handed-over'"
    )
    assert [tuple(line) for line in lines] == [("b.head", "a.gent", PAGE)]


async def test_given_to_the_service_alone_they_are_its_heads_to_distribute(
    people: Mapping[str, Browser], pool: Pool
) -> None:
    head = people["b.head"]
    fields = {"vers": "service", "chrono": ITEMS[:2]}
    await head.to(await head.send(PAGE, PAGE, fields))
    found = await holders(pool)
    assert [found[chrono] for chrono in ITEMS] == [
        (None, None),
        (None, None),
        ("a.gent", None),
        ("b.gent", "a.gent"),
    ]


async def test_what_a_colleague_took_meanwhile_stays_theirs_and_the_rest_goes(
    people: Mapping[str, Browser], pool: Pool
) -> None:
    head, other = people["b.head"], people["b.gent"]
    page = await head.page(PAGE)
    here = f"/courrier/{ITEMS[0]}"
    await other.to(await other.send(here, f"{here}/prendre"))
    answer = await head.send(PAGE, PAGE, {"vers": "service", "chrono": ticked(page)})
    assert answer.status_code == 200
    refused = BeautifulSoup(answer.text, "html.parser").select_one(".outcome")
    assert refused is not None
    said = " ".join(refused.get_text().split())
    assert (
        "3 courriers de Camille A.gent : 2 remis à Bureau bmi,"
        " 1 revenu de la signature à Camille B.gent." in said
    )
    assert f"{ITEMS[0]} : Le courrier {ITEMS[0]} n’est pas, ou n’est plus, tel que" in said
    assert (await holders(pool))[ITEMS[0]] == ("b.gent", None)


async def test_what_comes_back_from_a_signature_says_that_its_agent_has_left(
    people: Mapping[str, Browser], pool: Pool
) -> None:
    head = people["b.head"]
    async with transaction(pool) as connection:
        await people_store.set_person(
            connection, a_person("b.gent", "bmi"), "person:b.head", MONDAY, gone=True
        )
    assert shown(await head.page(PAGE))[-1] == (
        ITEMS[3],
        "revient de la signature à b.gent, qui a quitté la préfecture",
    )
    answer = await head.send(PAGE, PAGE, {"vers": "service", "chrono": ITEMS[3:]})
    assert (
        "1 courrier de Camille A.gent : revenu de la signature"
        " à b.gent, qui a quitté la préfecture." in " ".join((await head.to(answer)).split())
    )
    assert (await holders(pool))[ITEMS[3]] == ("b.gent", None)


async def test_neither_an_empty_choice_nor_somebody_of_another_service_takes_them(
    people: Mapping[str, Browser], pool: Pool
) -> None:
    head = people["b.head"]
    before = await holders(pool)
    for fields, why in (
        ({"vers": "", "chrono": ITEMS}, "Choisissez à qui remettre ces courriers."),
        ({"vers": "r.gent", "chrono": ITEMS}, "Cette page ne proposait pas ce choix"),
        ({"vers": "b.gent"}, "Il n’y a rien à remettre."),
    ):
        answer = await head.send(PAGE, PAGE, fields)
        assert (answer.status_code, why in answer.text) == (422, True), answer.text
    assert await holders(pool) == before
    # Nobody of this name: not there. Somebody who holds nothing: said so.
    assert (await head.get(f"{LOAD}/n.obody/remise")).status_code == 404
    assert (await head.get("/service/nulle-part/charge/a.gent/remise")).status_code in {403, 404}
    assert "n’a plus aucun courrier" in await head.page(f"{LOAD}/r.gent/remise")
