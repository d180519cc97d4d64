"""Roles that groups give: of an identity provider that answers JSON, and of one that signs."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.desk.accounts.oidc import Provider
from services.desk.handlers.arrivals import hears_arrivals
from services.desk.pages.serve import PageServer
from shared.platform.clock import Clock
from shared.platform.database import Pool, transaction
from shared.site import store
from shared.site.staff import people_store
from shared.site.tables.roles import GivenRoles
from tests.contract.oidc.plain import running
from tests.contract.oidc.proconnect import CLIENT, ISSUER, SECRET, ProConnect
from tests.desk_browser import TODAY, Browser, pages
from tests.desk_builders import DAYS, GO_LIVE, a_person, a_site, an_arrival, certain, digest, rules
from tests.roles import one_transaction

HOME = "https://courrier.example"
OF_BMI, OF_DRE = "/courrier/36-2026-A-000001", "/courrier/36-2026-A-000002"
ALSO_OF_BMI = "/courrier/36-2026-A-000003"
ZOE = {"given_name": "Zoé", "family_name": "Marty", "email": "zoe.marty@prefecture.example"}
ROLES = {
    "claim": ("groups",),
    "groups": (
        {"value": "PREF36-BMI", "role": "agent", "service": "bmi"},
        {"value": "PREF36-DRE", "role": "agent", "service": "dre"},
        {"value": "PREF36-BMI-chef", "role": "head", "service": "bmi"},
        {"value": "PREF36-INFORMATIQUE", "role": "administrator"},
    ),
}


@dataclass(frozen=True)
class There:
    """A provider: what it says of somebody, and how they sign in there."""

    provider: Provider
    say: Callable[[str, Mapping[str, Any]], Awaitable[None]]
    sign_in: Callable[[str, str], Awaitable[str]]
    """From the address that the pages gave, as a `sub`, to the one to which it leads back."""


@pytest.fixture(scope="module")
def plain() -> Iterator[str]:
    with running({"sub": "nobody"}) as issuer:
        yield issuer


@pytest.fixture(params=["json", "signed"])
def there(request: pytest.FixtureRequest) -> There:
    if request.param == "json":
        return _plain(request.getfixturevalue("plain"))
    people: dict[str, Mapping[str, Any]] = {}
    transport = httpx.ASGITransport(app=ProConnect(people).app)

    async def say(sub: str, claims: Mapping[str, Any]) -> None:
        people[sub] = claims

    async def sign_in(url: str, sub: str) -> str:
        async with httpx.AsyncClient(transport=transport) as client:
            return (await client.get(f"{url}&login_hint={sub}")).headers["location"]

    scope = "openid email profile"
    return There(Provider(ISSUER, CLIENT, SECRET, scope, transport), say, sign_in)


def _plain(issuer: str) -> There:
    async def say(sub: str, claims: Mapping[str, Any]) -> None:
        async with httpx.AsyncClient() as client:
            (await client.put(f"{issuer}/users/{sub}", json=claims)).raise_for_status()

    async def sign_in(url: str, sub: str) -> str:
        async with httpx.AsyncClient() as client:
            return (await client.post(url, data={"sub": sub})).headers["location"]

    return There(Provider(issuer, CLIENT, SECRET, "openid email profile"), say, sign_in)


@pytest.fixture
async def desk(
    pool: Pool,
    postgres_url: str,
    live_site: None,
    story_clock: Clock,
    tmp_path: Path,
    there: There,
) -> PageServer:
    """Groups give roles; the first and the third item are of bmi, the second of dre."""
    del live_site
    site = a_site().model_copy(update={"roles": GivenRoles.model_validate(ROLES)})
    async with one_transaction(postgres_url) as owner:
        await store.keep(owner, site, DAYS, "q.officer", "roles", GO_LIVE)
    batch = [
        an_arrival("a", routing=certain(), correspondent=digest("a")),
        an_arrival("b", routing=certain("association", "dre"), correspondent=digest("b")),
        an_arrival("c", routing=certain(), correspondent=digest("c")),
    ]
    async with transaction(pool) as connection:
        await hears_arrivals(rules)(connection, batch, TODAY)
    made = pages(pool, story_clock, tmp_path, desk_url=HOME)
    return replace(made, provider=there.provider)


async def signed_in(desk: PageServer, there: There, sub: str) -> tuple[Browser, httpx.Response]:
    """A browser that went the whole way, and where that led."""
    browser = Browser(desk)
    browser.client.base_url = httpx.URL(HOME)
    asked = await browser.get("/connexion/fournisseur?suite=/service/bmi")
    return browser, await browser.get(await there.sign_in(asked.headers["location"], sub))


async def taken(browser: Browser, item: str) -> int:
    """« Je m’en charge »: the status of the answer."""
    answer = await browser.send(item, f"{item}/prendre")
    return answer.status_code


async def test_somebody_whom_nobody_wrote_down_works_where_their_groups_say(
    desk: PageServer, there: There, pool: Pool
) -> None:
    await there.say("8f2c", {**ZOE, "groups": ["PREF36-BMI", "pref36-bmi-chef", 36, None]})
    browser, answer = await signed_in(desk, there, "8f2c")
    assert (answer.status_code, answer.headers["location"]) == (303, "/service/bmi")
    assert "Zoé Marty" in await browser.page("/service/bmi")
    statuses = [(await browser.get(url)).status_code for url in (OF_BMI, OF_DRE, "/sessions")]
    assert statuses == [200, 404, 403], "of another service nothing, not even that it is there"
    assert await taken(browser, OF_BMI) == 303
    answer = await browser.client.post(
        f"{OF_DRE}/prendre", data={"jeton": "x"}, headers={"origin": HOME}
    )
    assert answer.status_code in {403, 404}
    row = await pool.fetchrow(
        "SELECT by, payload FROM desk.facts WHERE type = 'ItemAssigned' ORDER BY recorded_at DESC"
    )
    assert row is not None
    assert row["by"].startswith("person:oidc-")
    assert not any(word in row["payload"].casefold() for word in ("zo", "marty", "8f2c"))


async def test_what_the_provider_withdraws_is_gone_here_in_every_session(
    desk: PageServer, there: There, pool: Pool
) -> None:
    await there.say("8f2c", {**ZOE, "groups": "PREF36-BMI-chef"})
    before, _ = await signed_in(desk, there, "8f2c")
    assert (await before.get("/service/bmi/charge")).status_code == 200, "a chef's page"
    flagged = {"priority": "signalee", "category": "titre-de-sejour"}
    answer = await before.send(f"{OF_BMI}/reclasser", f"{OF_BMI}/reclasser", flagged)
    assert answer.status_code == 303, "and a chef's word"
    await there.say("8f2c", {**ZOE, "groups": ["PREF36-BMI"]})
    await signed_in(desk, there, "8f2c")
    statuses = [(await before.get(url)).status_code for url in ("/service/bmi/charge", OF_BMI)]
    assert statuses == [403, 200]
    await there.say("8f2c", {**ZOE, "groups": {"PREF36-BMI": True}})
    _, answer = await signed_in(desk, there, "8f2c")
    assert (answer.status_code, "inconnu du registre" in answer.text) == (401, True)
    assert (await before.get(OF_BMI)).headers["location"].startswith("/connexion")
    assert await pool.fetchval("SELECT count(*) FROM desk.sessions") == 0
    gone = "SELECT gone FROM site.people WHERE person LIKE 'oidc-%' ORDER BY id"
    assert [row["gone"] for row in await pool.fetch(gone)] == [False, True]


async def test_what_the_provider_changes_of_somebody_is_a_fact_by_it(
    desk: PageServer, there: There, pool: Pool
) -> None:
    """Who came, moved, has another address and left: one fact each, and notify mails them."""
    said = {**ZOE, "groups": ["PREF36-BMI"]}
    moved = {**said, "groups": ["PREF36-BMI", "PREF36-DRE"], "email": "z.m@prefecture.example"}
    for claims in (said, said, moved, {**ZOE, "groups": []}):
        await there.say("8f2c", claims)
        await signed_in(desk, there, "8f2c")
    rows = await pool.fetch(
        "SELECT by, payload::jsonb AS said FROM desk.facts WHERE type = 'PersonChanged'"
        " ORDER BY item_id, seq"
    )
    assert [(row["by"], row["said"]["change"], row["said"]["via"]) for row in rows] == [
        ("source:provider", change, "application")
        for change in ("arrived", "mailbox", "services", "left")
    ]
    assert len({row["said"]["person"] for row in rows}) == 1
    told = await pool.fetchval("SELECT count(*) FROM desk.outbox")
    assert told >= len(rows)


async def test_groups_add_to_what_the_site_says_of_somebody_and_change_no_row(
    desk: PageServer, there: There, pool: Pool
) -> None:
    """An agent of dre, by the people, is one of bmi too, by their groups: in these sessions."""
    rows = await pool.fetchval("SELECT count(*) FROM site.people")
    known = {"email": "r.gent@prefecture.example", "groups": ["PREF36-BMI"]}
    await there.say("r-gent", known)
    browser, _ = await signed_in(desk, there, "r-gent")
    seen = [(await browser.get(url)).status_code for url in (OF_BMI, ALSO_OF_BMI, OF_DRE)]
    assert seen == [200, 200, 200]
    assert await taken(browser, OF_BMI) == 303
    assert await pool.fetchval("SELECT agent FROM desk.items WHERE chrono LIKE '%1'") == "r.gent"
    deputy = {"deputy": "r.head"}
    answer = await browser.send(
        "/personne/r.gent",
        "/personne/r.gent/suppleant",
        deputy,
    )
    assert answer.status_code == 303
    await there.say("r-gent", {**known, "groups": []})
    await signed_in(desk, there, "r-gent")
    seen = [(await browser.get(url)).status_code for url in (OF_BMI, ALSO_OF_BMI, OF_DRE)]
    assert seen == [200, 404, 200], "what they hold stays theirs, the rest of bmi does not"
    kept = await pool.fetch("SELECT services FROM site.people WHERE person = 'r.gent' ORDER BY id")
    assert [row["services"] for row in kept] == [["dre"], ["dre"]]
    assert await pool.fetchval("SELECT count(*) FROM site.people") == rows + 1


async def test_an_address_given_to_somebody_else_opens_nothing_of_its_former_owner(
    desk: PageServer, there: There, pool: Pool
) -> None:
    await there.say("8f2c", {**ZOE, "groups": ["PREF36-BMI"]})
    await signed_in(desk, there, "8f2c")
    await there.say("9a77", {**ZOE, "groups": []})
    _, answer = await signed_in(desk, there, "9a77")
    assert answer.status_code == 401
    await there.say("9a77", {**ZOE, "groups": ["PREF36-BMI"], "email_verified": False})
    _, answer = await signed_in(desk, there, "9a77")
    assert (answer.status_code, "adresse électronique vérifiée" in answer.text) == (401, True)
    assert await pool.fetchval("SELECT count(DISTINCT person) FROM desk.sessions") == 1


async def test_whom_the_site_writes_down_later_is_that_person_and_nobody_beside(
    desk: PageServer, there: There, pool: Pool
) -> None:
    theirs = {**ZOE, "email": "z.marty@prefecture.example", "groups": ["PREF36-BMI"]}
    await there.say("8f2c", theirs)
    before, _ = await signed_in(desk, there, "8f2c")
    async with transaction(pool) as connection:
        await people_store.set_person(connection, a_person("z.marty", "dre"), "tests", TODAY)
    await signed_in(desk, there, "8f2c")
    assert await pool.fetchval("SELECT array_agg(person) FROM desk.sessions") == ["z.marty"]
    assert (await before.get(OF_BMI)).headers["location"].startswith("/connexion")
    async with transaction(pool) as connection:
        directory = await people_store.people_at(connection, TODAY)
    assert not any(person.by_provider for person in directory.people.values())


async def test_an_administrator_by_group_reads_no_letter(desk: PageServer, there: There) -> None:
    await there.say("5e01", {**ZOE, "groups": ["PREF36-INFORMATIQUE"]})
    browser, answer = await signed_in(desk, there, "5e01")
    assert answer.headers["location"] == "/administration"
    assert [(await browser.get(url)).status_code for url in ("/sessions", "/", OF_BMI)] == [
        200, 403, 403,
    ]  # fmt: skip
