"""`/retenus`: what is held, why, what would free it; released or dropped several at once."""

from pathlib import Path
from uuid import UUID, uuid4

import pytest
from bs4 import BeautifulSoup

from shared.content import plis
from shared.content.blobs import LocalBlobs
from shared.content.plis import Correspondent, Pli
from shared.platform.database import Pool
from tests.desk_browser import Browser
from tests.desk_builders import MONDAY, a_scan, an_arrival, certain
from tests.integration.desk.findings import registered
from tests.integration.desk.offices import a_clerk, chrono

pytestmark = pytest.mark.usefixtures("live_site")

PAGE, SEVERAL = "/retenus", "/retenus/lot"
JEANNE = Correspondent(name="Jeanne Martin", address="jeanne@exemple.fr")
NOBODY = Correspondent(name="Jeanne Martin")


@pytest.fixture
async def clerk(pool: Pool, postgres_url: str, tmp_path: Path) -> Browser:
    """A clerk before three items of bmi: a mail, a letter without any address, a mail of dre."""
    blobs = LocalBlobs(tmp_path)
    mail = an_arrival("a", routing=certain())
    letter = a_scan("b", routing=certain())
    other = an_arrival("c", routing=certain("association", "dre"))
    for arrival, who, kind in (
        (mail, JEANNE, "mail"), (letter, NOBODY, "scan"), (other, JEANNE, "mail"),
    ):  # fmt: skip
        pli = Pli.model_validate({"kind": kind, "sender": who, "answer_to": who, "subject": "x"})
        key = await plis.write(blobs, 2026, arrival.arrival_id, pli)
        await registered(pool, arrival.model_copy(update={"pli": key}))
    return await a_clerk(pool, postgres_url, tmp_path)


async def held(
    pool: Pool, n: int, kind: str = "receipt", why: str = "no_rule", way: str = "mail"
) -> str:
    """A notice of an item is held; its value among the boxes of the list."""
    item = await pool.fetchval("SELECT item_id FROM desk.items WHERE chrono = $1", chrono(n))
    notice = uuid4()
    await pool.execute(
        "INSERT INTO desk.notices VALUES ($1, $2, $3, $4, 'held', $5, $6, NULL)",
        notice, item, kind, way, why, MONDAY,
    )  # fmt: skip
    return f"{chrono(n)}:{notice}"


async def said(pool: Pool, value: str) -> list[str]:
    """What persons said of a held notice, by type of fact."""
    rows = await pool.fetch(
        """
        SELECT type FROM desk.facts WHERE type IN ('NoticeReleased', 'NoticeDropped')
            AND payload::jsonb ->> 'notice_id' = $1
        """,
        str(UUID(value.partition(":")[2])),
    )
    return [row["type"] for row in rows]


def rows(page: str) -> list[tuple[str, str, str]]:
    """Chrono, reason and remedy of each line, and nothing of a page without lines."""
    lines = BeautifulSoup(page, "html.parser").select("#retenus tbody tr")
    found = []
    for line in lines:
        cells = [cell.get_text(" ", strip=True) for cell in line.select("td")]
        name = line.select_one("th a")
        assert name is not None
        found.append((name.get_text(), *(cell.partition(" : ")[2] for cell in cells[-3:-1])))
    return found  # type: ignore[return-value]  # typed by hand


async def test_the_list_says_why_and_what_would_free_it_and_the_office_has_its_tile(
    pool: Pool, clerk: Browser
) -> None:
    await held(pool, 1, "simple", "expediteur-inconnu")
    await held(pool, 2, "pieces", "no_address")
    page = await clerk.page(PAGE)
    assert rows(page) == [
        (
            chrono(1),
            "expediteur inconnu",
            "dites qui écrit : il part alors de lui-même",
        ),
        (
            chrono(2),
            "aucune adresse pour répondre",
            "donnez une adresse électronique, ou imprimez",
        ),
    ]
    assert "2 envois attendent un mot de quelqu’un." in page
    assert ">2</strong> envois retenus" in await clerk.page("/bureau")


async def test_several_leave_at_once_and_what_can_t_is_refused_with_its_reason(
    pool: Pool, clerk: Browser
) -> None:
    first, second = await held(pool, 1), await held(pool, 2, "pieces", "no_address")
    third = await held(pool, 3, "svr", "regime_not_confirmed")
    fields = {"envoi": [first, second, third], "faire": "partir"}
    page = (await clerk.send(PAGE, SEVERAL, fields)).text
    assert "1 envoi part." in page
    assert (
        f"Aucune adresse électronique n’est connue pour {chrono(2)} : imprimez, ou donnez-en une."
        in page
    )
    assert f"Personne n’a confirmé ce que vaut le silence pour {chrono(3)}" in page
    assert await said(pool, first) == ["NoticeReleased"]
    assert await said(pool, second) == await said(pool, third) == []
    ticked = BeautifulSoup(page, "html.parser").select("input[name=envoi][checked]")
    assert [tag["value"] for tag in ticked] == [second, third]
    dropped = await clerk.send(PAGE, SEVERAL, {"envoi": [second, third], "faire": "abandonner"})
    assert "2 envois abandonnés." in await clerk.to(dropped)
    assert await said(pool, second) == await said(pool, third) == ["NoticeDropped"]
    assert "Aucun envoi n’est retenu" in await clerk.page(PAGE)


async def test_on_the_item_s_page_a_release_that_can_t_leave_is_refused_too(
    pool: Pool, clerk: Browser
) -> None:
    value = await held(pool, 2, "pieces", "no_address")
    item = f"/courrier/{chrono(2)}"
    url = f"{item}/retenu/{value.partition(':')[2]}"
    refused = await clerk.send(item, url, {"faire": "partir"})
    assert refused.status_code == 422
    assert "imprimez, ou donnez-en une" in refused.text
    assert await said(pool, value) == []
    page = await clerk.page(item)
    assert "Donnez une adresse électronique, ou imprimez." in page
    on_paper = await held(pool, 2, "simple", "no_rule", "paper")
    left = await clerk.send(
        item, f"{item}/retenu/{on_paper.partition(':')[2]}", {"faire": "partir"}
    )
    assert "la lettre retenue rejoint celles à imprimer." in await clerk.to(left)


async def test_a_service_judges_what_is_held_of_its_items_alone(pool: Pool, clerk: Browser) -> None:
    mine, theirs = await held(pool, 1), await held(pool, 3)
    agent = await Browser(clerk.pages).sign_in("a.gent")
    page = await agent.page(PAGE)
    assert [row[0] for row in rows(page)] == [chrono(1)]
    assert "1 envoi retenu</a> : il attend un mot pour partir." in await agent.page("/courriers")
    both = (await agent.send(PAGE, SEVERAL, {"envoi": [mine, theirs], "faire": "partir"})).text
    assert "1 envoi part." in both
    assert "Ce courrier est suivi par un autre service." in both
    assert (await said(pool, mine), await said(pool, theirs)) == (["NoticeReleased"], [])
    quality = await Browser(clerk.pages).sign_in("q.officer")
    read_only = await quality.page(PAGE)
    assert [row[0] for row in rows(read_only)] == [chrono(3)]
    assert "Laisser partir" not in read_only
    assert 'type="checkbox"' not in read_only


async def test_nothing_chosen_or_something_made_up_is_refused(clerk: Browser, pool: Pool) -> None:
    value = await held(pool, 1)
    for fields, sentence in (
        ({"faire": "partir"}, "Cochez d’abord"),
        ({"faire": "partir", "envoi": "n’importe quoi"}, "Cochez les envois dans la liste."),
        ({"faire": "autre", "envoi": value}, "Dites si ces envois partent ou non."),
    ):
        answer = await clerk.send(PAGE, SEVERAL, fields)
        assert (answer.status_code, sentence in answer.text) == (422, True), fields
    assert await said(pool, value) == []


async def test_by_mail_nothing_is_ordered_for_whom_no_address_is_known(
    pool: Pool, clerk: Browser
) -> None:
    """An order by mail is refused; the page notes what was sent, and leads to the letter."""
    for slug, letter, more in (
        ("pieces", "_pieces", {"piece": "passeport", "until": "2026-06-08"}),
        ("attente", "_attente", {"until": "2026-06-08"}),
        ("transmettre", "_transmission", {"to": "ofii"}),
    ):
        page = f"/courrier/{chrono(2)}/{slug}"
        form = BeautifulSoup(await clerk.page(page), "html.parser")
        assert form.select("#way") == [], slug
        assert form.select_one(f"a[href='/courrier/{chrono(2)}/repondre/{letter}']"), slug
        refused = await clerk.send(page, page, more | {"way": "mail"})
        assert (refused.status_code, "donnez-en une" in refused.text) == (422, True), slug
        assert (
            await pool.fetchval("SELECT count(*) FROM desk.facts WHERE type='NoticeOrdered'") == 0
        )


async def test_what_is_said_waits_for_the_page_it_is_for_whatever_one_behind_asks_anew(
    pool: Pool, clerk: Browser
) -> None:
    """The news of a decision make the page before ask its parts anew, at times first."""
    released = await clerk.send(PAGE, SEVERAL, {"envoi": await held(pool, 1), "faire": "partir"})
    behind = await clerk.get("/bureau", **{"HX-Request": "true"})
    assert behind.status_code == 200
    assert "1 envoi part." in await clerk.to(released)
    assert "1 envoi part." not in await clerk.page(PAGE)
