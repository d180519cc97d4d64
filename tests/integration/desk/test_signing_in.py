"""Signing in and out, by password and by an identity provider; and sessions."""

from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from argon2 import PasswordHasher

from services.desk.accounts.oidc import Provider
from services.desk.accounts.sign_in_strength import SignInStrength
from services.desk.pages.serve import PageServer
from services.desk.pages.signin import cookies
from services.desk.pages.signin.tries import Tries
from shared.platform.clock import Clock
from shared.platform.database import Pool
from shared.web import forms
from tests.contract.oidc.proconnect import CLIENT, ISSUER, SECRET, ProConnect
from tests.desk_browser import TODAY, Browser, from_address, pages
from tests.integration.desk.provider_pages import PEOPLE, pages_behind, through

pytestmark = pytest.mark.usefixtures("live_site")

PASSWORD = "correct horse battery staple"
ACCOUNT = PasswordHasher(time_cost=1, memory_cost=32).hash(PASSWORD)


@pytest.fixture
def desk(pool: Pool, story_clock: Clock, tmp_path: Path) -> PageServer:
    return pages(pool, story_clock, tmp_path, local_account=ACCOUNT)


@pytest.fixture
async def clerk(desk: PageServer) -> Browser:
    return await Browser(desk).sign_in("c.lerk")


# The local account.


async def test_the_local_account_of_a_demo_acts_as_whom_it_chooses(desk: PageServer) -> None:
    browser = Browser(desk)
    fields = {"secret": PASSWORD, "suite": "/service/bmi"}
    answer = await browser.send("/connexion", "/connexion/mot-de-passe", fields)
    assert answer.headers["location"] == "/connexion/agir-comme?suite=/service/bmi"
    first = browser.client.cookies[cookies.SESSION]
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    chosen = await browser.send(
        "/connexion/agir-comme?suite=/service/bmi",
        "/connexion/agir-comme",
        {"personne": "a.gent", "suite": "/service/bmi"},
    )
    assert "Camille A.gent" in await browser.to(chosen)
    assert browser.client.cookies[cookies.SESSION] != first, "a new token at each sign-in"
    stale = Browser(desk)
    stale.client.cookies.set(cookies.SESSION, first)
    assert (await stale.get("/")).status_code == 303


async def test_wrong_passwords_close_the_account_to_their_own_address_alone(
    desk: PageServer, pool: Pool
) -> None:
    stranger, url = from_address(desk, "203.0.113.7"), "/connexion/mot-de-passe"
    for _ in range(5):
        answer = await stranger.send("/connexion", url, {"secret": "wrong"})
        assert answer.status_code == 401
    assert await refusals(pool) == [(None, "203.0.113.7", url)] * 5
    answer = await stranger.send("/connexion", url, {"secret": PASSWORD})
    assert (answer.status_code, "Trop d’essais" in answer.text) == (429, True)
    honest = from_address(desk, "198.51.100.9")
    assert (await honest.send("/connexion", url, {"secret": PASSWORD})).status_code == 303
    assert "wrong" not in str(
        [tuple(row) for row in await pool.fetch("SELECT * FROM desk.journal")]
    )


async def refusals(pool: Pool) -> list[tuple[str | None, str | None, str]]:
    """The refused sign-ins that the journal has: who, from where, on which page."""
    rows = await pool.fetch(
        "SELECT person, address, page FROM desk.journal WHERE what = 'sign-in-refused' ORDER BY id"
    )
    return [tuple(row) for row in rows]


def test_each_address_has_its_tries_and_fewer_in_a_crowd_but_never_none() -> None:
    tries = Tries()
    for n in range(10):
        for _ in range(5):
            assert tries.may(f"203.0.113.{n}", TODAY)
            tries.count_wrong(f"203.0.113.{n}", TODAY)
        assert not tries.may(f"203.0.113.{n}", TODAY)
    assert tries.may("198.51.100.9", TODAY), "a crowd shuts nobody else out"
    tries.count_wrong("198.51.100.9", TODAY)
    assert not tries.may("198.51.100.9", TODAY), "and has one try each"
    assert tries.may("198.51.100.9", TODAY + timedelta(minutes=5))


async def test_nobody_is_led_elsewhere_after_signing_in(desk: PageServer) -> None:
    for wanted in (
        *("https://attaquant.example/", "//attaquant.example", "/\\a.b", "/\t/attaquant.example"),
        *("javascript:alert(1)", "attaquant.example", "//[", "/connexion/fournisseur"),
    ):
        answer = await Browser(desk).send(
            "/connexion", "/connexion/mot-de-passe", {"secret": PASSWORD, "suite": wanted}
        )
        assert answer.headers["location"] == "/connexion/agir-comme?suite=/"


# Sessions.


async def test_a_session_ends_by_itself(desk: PageServer, pool: Pool) -> None:
    for late in (
        "UPDATE desk.sessions SET ends_at = now()",
        "UPDATE desk.sessions SET seen_at = now() - interval '3 hours'",
    ):
        browser = await Browser(desk).sign_in("c.lerk")
        await browser.page("/bureau")
        await pool.execute(late)
        assert (await browser.get("/")).headers["location"].startswith("/connexion")


async def test_signing_out_ends_the_session_for_whoever_has_its_cookie(
    clerk: Browser, pool: Pool
) -> None:
    assert (await clerk.send("/bureau", "/deconnexion")).headers["location"] == "/connexion"
    assert await pool.fetchval("SELECT count(*) FROM desk.sessions") == 0


async def test_an_administrator_ends_the_session_of_somebody_else(
    desk: PageServer, clerk: Browser
) -> None:
    administrator = await Browser(desk).sign_in(None, administrator=True)
    page = await administrator.page("/sessions")
    assert "Camille C.lerk" in page
    row = page[page.index("Camille C.lerk") :]
    action = row[row.index("/sessions/") : row.index("/terminer")] + "/terminer"
    assert "Session terminée." in await administrator.to(
        await administrator.send("/sessions", action)
    )
    assert (await clerk.get("/")).headers["location"].startswith("/connexion")


async def test_a_token_is_kept_as_a_digest_alone(clerk: Browser, pool: Pool) -> None:
    token = clerk.client.cookies[cookies.SESSION]
    assert token not in str(await pool.fetch("SELECT * FROM desk.sessions"))


# The identity provider.


@pytest.fixture
def there() -> ProConnect:
    return ProConnect(PEOPLE)


@pytest.fixture
def provided(pool: Pool, story_clock: Clock, tmp_path: Path, there: ProConnect) -> PageServer:
    return pages_behind(there, pool, story_clock, tmp_path)


async def test_whom_the_provider_names_is_found_by_address(
    provided: PageServer, pool: Pool
) -> None:
    answer = await through(provided, "sub-lerk")
    assert (answer.status_code, answer.headers["location"]) == (303, "/service/bmi")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-desk=")
    assert "Secure" in cookie
    row = await pool.fetchrow("SELECT person, way, administrator FROM desk.sessions")
    assert tuple(row or ()) == ("c.lerk", "oidc", False)


async def test_somebody_unknown_here_is_told_so_and_gets_no_session(
    provided: PageServer, pool: Pool
) -> None:
    answer = await through(provided, "sub-stranger")
    assert (answer.status_code, "inconnu du registre" in answer.text) == (401, True)
    assert await pool.fetchval("SELECT count(*) FROM desk.sessions") == 0
    assert await refusals(pool) == [(None, "127.0.0.1", "/connexion/retour")]
    everything = str([tuple(row) for row in await pool.fetch("SELECT * FROM desk.journal")])
    assert "somebody" not in everything


async def test_an_identity_that_can_not_be_verified_is_refused_and_noted(
    provided: PageServer, pool: Pool
) -> None:
    """The provider knows no such code: who came back with it has no name."""
    browser = Browser(provided)
    browser.client.base_url = httpx.URL("https://courrier.example")
    asked = await browser.client.get("/connexion/fournisseur")
    state = parse_qs(urlsplit(asked.headers["location"]).query)["state"][0]
    answer = await browser.get(f"/connexion/retour?code=invented&state={state}")
    assert (answer.status_code, "n’a pas pu être vérifiée" in answer.text) == (401, True)
    assert await refusals(pool) == [(None, "127.0.0.1", "/connexion/retour")]


async def test_an_administrator_of_the_provider_looks_after_accounts_and_reads_no_letter(
    provided: PageServer,
) -> None:
    browser = Browser(provided)
    assert (await through(provided, "sub-admin", browser=browser)).status_code == 303
    assert (await browser.get("/")).status_code == 403


async def test_a_provider_that_is_away_is_said_and_keeps_nobody_from_signing_out(
    provided: PageServer, pool: Pool
) -> None:
    browser = Browser(provided)
    await through(provided, "sub-lerk", browser=browser)
    nowhere = Provider("http://127.0.0.1:1", CLIENT, SECRET, "openid")
    away = replace(provided, provider=nowhere)
    after = Browser(away)
    after.client.base_url = browser.client.base_url
    after.client.cookies = browser.client.cookies
    assert "ne répond pas" in (await after.get("/connexion/fournisseur")).text
    token = forms.token(after.client.cookies["__Host-desk"])
    origin = {"origin": "https://courrier.example"}
    answer = await after.client.post("/deconnexion", data={"jeton": token}, headers=origin)
    assert answer.headers["location"] == "/connexion"
    assert await pool.fetchval("SELECT count(*) FROM desk.sessions") == 0


async def test_signing_out_here_leads_to_the_end_of_the_session_there(provided: PageServer) -> None:
    browser = Browser(provided)
    await through(provided, "sub-lerk", browser=browser)
    token = forms.token(browser.client.cookies["__Host-desk"])
    origin = {"origin": "https://courrier.example"}
    answer = await browser.client.post("/deconnexion", data={"jeton": token}, headers=origin)
    url = unescape(answer.text.partition('class="button" href="')[2].partition('"')[0])
    assert url.startswith(f"{ISSUER}/logout?id_token_hint=")
    assert (await browser.get("/")).status_code == 303
    assert provided.provider is not None
    async with httpx.AsyncClient(transport=provided.provider.transport) as elsewhere:
        back = (await elsewhere.get(url)).headers["location"]
    assert "ici et chez le fournisseur" not in (await browser.get("/connexion?state=other")).text
    assert "Vous êtes déconnecté, ici et chez le fournisseur" in (await browser.get(back)).text
    assert "ici et chez le fournisseur" not in (await browser.get(back)).text, "once"


# How surely, and until when.


async def test_a_sign_in_that_is_not_sure_enough_is_refused_in_a_sentence_and_noted(
    provided: PageServer, pool: Pool
) -> None:
    assert provided.provider is not None
    provided.provider.demanded = SignInStrength(("eidas2",), ("mfa",))
    answer = await through(provided, "sub-lerk")
    assert (answer.status_code, "exige une identification plus sûre" in answer.text) == (403, True)
    assert await pool.fetchval("SELECT count(*) FROM desk.sessions") == 0
    assert await refusals(pool) == [(None, "127.0.0.1", "/connexion/retour")]
    browser = Browser(provided)
    browser.client.base_url = httpx.URL("https://courrier.example")
    asked = await browser.client.get("/connexion/fournisseur")
    state = parse_qs(urlsplit(asked.headers["location"]).query)["state"][0]
    said = await browser.get(
        f"/connexion/retour?error=unmet_authentication_requirements&state={state}"
    )
    assert (said.status_code, "exige une identification plus sûre" in said.text) == (403, True)


async def test_an_answer_that_another_browser_asked_for_signs_nobody_in(
    provided: PageServer, pool: Pool
) -> None:
    victim = Browser(provided)
    victim.client.base_url = httpx.URL("https://courrier.example")
    asked = await Browser(provided).client.get("/connexion/fournisseur")
    state = parse_qs(urlsplit(asked.headers["location"]).query)["state"][0]
    answer = await victim.get(f"/connexion/retour?code=stolen&state={state}")
    assert answer.status_code == 401
    assert await pool.fetchval("SELECT count(*) FROM desk.sessions") == 0


async def test_a_demo_site_lets_nobody_choose_whom_they_are_behind_a_public_address(
    pool: Pool, story_clock: Clock, tmp_path: Path
) -> None:
    public = pages(
        pool, story_clock, tmp_path, local_account=ACCOUNT, desk_url="https://courrier.example"
    )
    browser = Browser(public)
    browser.client.base_url = httpx.URL("https://courrier.example")
    answer = await browser.send(
        "/connexion", "/connexion/mot-de-passe", {"secret": PASSWORD, "suite": "/"}
    )
    assert answer.headers["location"] == "/administration"
    assert (await browser.get("/connexion/agir-comme")).status_code == 404
