"""A directory tells by SCIM who left: what ends, what it may not, and what it can't break."""

import asyncio
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from services.desk.api import leaver_service
from services.desk.api.domain.keys import KeyScope
from services.desk.pages.serve import PageServer
from services.desk.pages.signin import cookies
from shared.facts.authors import by_person
from shared.platform.clock import Clock
from shared.platform.database import Pool, transaction
from shared.site.staff import people_store
from tests.desk_browser import HOME, TODAY, Browser, pages
from tests.desk_builders import a_person
from tests.integration.desk.clocked import items
from tests.integration.desk.programs import given

pytestmark = pytest.mark.usefixtures("live_site")

USERS: Final = "/scim/v2/Users"
GENT: Final = "a.gent@prefecture.example"
LEAVES: Final = {"Operations": [{"op": "Replace", "path": "active", "value": "False"}]}


@pytest.fixture
def desk(pool: Pool, story_clock: Clock, tmp_path: Path) -> PageServer:
    return pages(pool, story_clock, tmp_path)


@pytest.fixture
async def directory(desk: PageServer) -> httpx.AsyncClient:
    return asking(desk, (await given(desk, KeyScope.DIRECTORY, services=None)).token)


def asking(desk: PageServer, token: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=desk.app),
        base_url=HOME,
        headers={"authorization": f"Bearer {token}"},
    )


async def lines(pool: Pool, what: str) -> list[tuple[str | None, str]]:
    rows = await pool.fetch(
        "SELECT person, about FROM desk.journal WHERE what = $1 ORDER BY id", what
    )
    return [(row["person"], row["about"]) for row in rows]


async def test_a_directory_that_says_inactive_ends_all_that_somebody_had(
    directory: httpx.AsyncClient, desk: PageServer, pool: Pool
) -> None:
    theirs = await Browser(desk).sign_in("a.gent")
    key_of_theirs = await given(desk, KeyScope.ITEMS, by=by_person("a.gent"))
    await pool.execute(
        "INSERT INTO desk.calendar_feeds VALUES ('a.gent', $1, '{bmi}', false, $2)",
        "0" * 64,
        TODAY,
    )
    found = (await directory.get(USERS, params={"filter": f'userName eq "{GENT.upper()}"'})).json()
    assert (found["totalResults"], found["Resources"][0]["active"]) == (1, True)
    url = f"{USERS}/{found['Resources'][0]['id']}"
    for _ in range(2):
        answer = await directory.patch(url, json=LEAVES)
        assert (answer.status_code, answer.json()["active"]) == (200, False)
        assert answer.headers["content-type"] == "application/scim+json"
    assert (await theirs.get("/")).headers["location"].startswith("/connexion")
    assert theirs.client.cookies[cookies.SESSION]
    assert (await asking(desk, key_of_theirs.token).get("/api/v1/key")).status_code == 401
    assert await pool.fetchval("SELECT count(*) FROM desk.calendar_feeds") == 0
    key = await pool.fetchval("SELECT key FROM desk.api_keys WHERE 'directory' = ANY (scopes)")
    by = f"application:{key}"
    assert await lines(pool, "leaver-told") == [(by, "a.gent")]
    assert await lines(pool, "calendar-ended") == [(by, "a.gent")]
    assert await lines(pool, "key-revoked") == [(by, key_of_theirs.key)]
    assert await pool.fetchval("SELECT count(*) FROM site.people WHERE gone") == 1
    gone = (await directory.get(USERS, params={"filter": f'userName eq "{GENT}"'})).json()
    assert gone["Resources"][0]["active"] is False


async def test_nobody_comes_back_is_added_or_renamed_by_a_directory(
    directory: httpx.AsyncClient, pool: Pool
) -> None:
    url = f"{USERS}/a.gent"
    renamed = await directory.put(url, json={"userName": "other@evil.example", "active": True})
    assert (renamed.status_code, renamed.json()["userName"]) == (200, GENT)
    assert (await directory.delete(url)).status_code == 204
    back = await directory.put(url, json={"userName": GENT, "active": True})
    assert (back.status_code, back.json()["status"]) == (403, "403")
    new = await directory.post(USERS, json={"userName": "new@prefecture.example", "active": True})
    assert new.status_code == 403
    known = await directory.post(USERS, json={"userName": "c.lerk@prefecture.example"})
    assert (known.status_code, known.json()["scimType"]) == (409, "uniqueness")
    assert (
        await pool.fetchval("SELECT count(*) FROM site.people WHERE author LIKE 'application:%'")
        == 1
    )


async def test_a_directory_that_lets_everybody_leave_is_not_believed(
    directory: httpx.AsyncClient, pool: Pool
) -> None:
    many = [f"p.{n}" for n in range(14)]
    async with transaction(pool) as connection:
        for id_ in many:
            await people_store.set_person(connection, a_person(id_), "owner", TODAY)
    answers = await asyncio.gather(*(directory.delete(f"{USERS}/{id_}") for id_ in many))
    assert sorted(answer.status_code for answer in answers) == [204] * 10 + [403] * 4
    assert await pool.fetchval("SELECT count(*) FROM site.people WHERE gone") == 10


@pytest.mark.parametrize(("colleagues", "most"), [(1, 0), (9, 4), (20, 10), (99, 10), (250, 25)])
def test_half_of_a_small_prefecture_stays_and_nine_in_ten_of_a_large_one(
    colleagues: int, most: int
) -> None:
    assert leaver_service.most_a_day(colleagues) == most


async def test_the_last_who_answers_for_the_proof_leaves_by_no_key(
    directory: httpx.AsyncClient,
) -> None:
    assert (await directory.delete(f"{USERS}/q.officer")).status_code == 204
    refused = await directory.delete(f"{USERS}/s.general")
    assert (refused.status_code, "proof" in refused.text) == (403, True)


@pytest.mark.parametrize("scope", [KeyScope.ITEMS, KeyScope.FIGURES])
async def test_another_key_is_refused_and_noted(
    desk: PageServer, pool: Pool, scope: KeyScope
) -> None:
    other = asking(desk, (await given(desk, scope)).token)
    for answer in (await other.get(USERS), await other.patch(f"{USERS}/a.gent", json=LEAVES)):
        assert (answer.status_code, answer.json()["status"]) == (403, "403")
    assert len(await lines(pool, "refusal")) == 2
    nobody = await asking(desk, "").get(USERS)
    assert (nobody.status_code, "www-authenticate" in nobody.headers) == (401, True)
    assert await pool.fetchval("SELECT count(*) FROM site.people WHERE gone") == 0


async def test_a_key_of_a_directory_reads_no_letter(directory: httpx.AsyncClient) -> None:
    assert (await directory.get("/api/v1/items")).status_code == 403


async def test_the_list_has_pages_and_what_is_offered_is_said(
    directory: httpx.AsyncClient, pool: Pool
) -> None:
    there = await pool.fetchval("SELECT count(DISTINCT person) FROM site.people")
    first = (await directory.get(USERS, params={"count": "2"})).json()
    second = (await directory.get(USERS, params={"startIndex": "3", "count": "2"})).json()
    assert (first["totalResults"], first["itemsPerPage"]) == (there, 2)
    assert first["Resources"][1]["id"] < second["Resources"][0]["id"]
    assert set(first["Resources"][0]) == {
        *("schemas", "id", "userName", "active", "name", "displayName", "emails", "meta")
    }
    said: Any = (await directory.get("/scim/v2/ServiceProviderConfig")).json()
    assert (said["patch"]["supported"], said["bulk"]["supported"]) == (True, False)
    for path in ("ResourceTypes", "Schemas"):
        assert (await directory.get(f"/scim/v2/{path}")).json()["totalResults"] == 1


async def test_what_is_hostile_is_answered_by_a_document(
    directory: httpx.AsyncClient, pool: Pool
) -> None:
    for method, path, content, status in (
        ("GET", "/Users?filter=userName%20eq%20%22%5Cu0000%22", b"", 200),
        ("GET", "/Users?filter=x", b"", 400),
        ("GET", "/Users?startIndex=x", b"", 400),
        ("GET", "/Users?count=99999999999", b"", 400),
        ("GET", "/Users?startIndex=-5&count=-5", b"", 200),
        ("GET", "/Users/%0A", b"", 404),
        ("GET", "/Users/nobody", b"", 404),
        ("PATCH", "/Users/a.gent", b"", 400),
        ("PATCH", "/Users/a.gent", b"[" * 5_000, 400),
        ("PATCH", "/Users/a.gent", b"\xff", 400),
        ("PATCH", "/Users/a.gent", b"x" * 70_000, 413),
        ("PUT", "/Users/a.gent", b"3", 400),
        ("POST", "/Users", b'{"userName": "\\u0000"}', 403),
        ("POST", "/Bulk", b"{}", 404),
        ("PATCH", "/Users", b"{}", 405),
    ):
        answer = await directory.request(method, f"/scim/v2{path}", content=content)
        assert answer.status_code == status, (method, path, answer.text)
        assert answer.headers["content-type"] == "application/scim+json", (method, path)
    assert await pool.fetchval("SELECT count(*) FROM site.people WHERE gone") == 0


async def test_what_a_leaver_holds_is_shown_to_who_gives_it_on(
    directory: httpx.AsyncClient, desk: PageServer, pool: Pool
) -> None:
    await items(pool, "a", "b")
    agent = await Browser(desk).sign_in("a.gent")
    for n in (1, 2):
        here = f"/courrier/36-2026-A-00000{n}"
        await agent.to(await agent.send(here, f"{here}/prendre"))
    head, elsewhere = [await Browser(desk).sign_in(who) for who in ("b.head", "r.head")]
    assert "leurs courriers attendent" not in await head.page("/personnes")
    await directory.patch(f"{USERS}/a.gent", json=LEAVES)
    page = await head.page("/personnes")
    assert "2 courriers à remettre à un collègue" in page
    assert 'href="/service/bmi/charge/a.gent/remise"' in page
    assert "2 courriers à remettre à un collègue" in await elsewhere.page("/personnes")
    assert "/remise" not in await elsewhere.page("/personnes")
    assert "36-2026-A-000002" in await head.page("/service/bmi/charge/a.gent/remise")
