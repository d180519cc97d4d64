"""Signing in and out, sessions, and what a form must carry to be believed."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import pytest
from argon2 import PasswordHasher
from pydantic import SecretStr
from starlette.responses import Response

from services.desk.domain.decisions.ending import Close
from services.desk.hearing.arrivals import hears_arrivals
from services.desk.oidc import Provider
from services.desk.pages import forms, routes
from services.desk.pages.drawing import TEMPLATES
from services.desk.pages.page import Page
from services.desk.pages.rights import Right
from services.desk.pages.serve import Pages
from services.desk.pages.signin import cookies
from services.desk.pages.visit import Visit
from shared.clock import Clock, open_clock
from shared.database import Pool, transaction
from tests.contract.oidc.proconnect import CLIENT, ISSUER, SECRET, ProConnect
from tests.desk_browser import HOME, Browser, pages
from tests.desk_builders import an_arrival, certain, rules
from tests.roles import one_transaction, under_role

pytestmark = pytest.mark.usefixtures("live_site")

TODAY = datetime(2026, 5, 12, 8, 0, tzinfo=UTC)
FIRST = "/courrier/36-2026-A-000001"
PASSWORD = "correct horse battery staple"
ACCOUNT = PasswordHasher(time_cost=1, memory_cost=32).hash(PASSWORD)
PEOPLE = {
    "sub-lerk": {"email": "C.Lerk@prefecture.example", "email_verified": True},
    "sub-stranger": {"email": "somebody@else.example"},
    "sub-admin": {"email": "x@else.example", "roles": ["vaguemestre-administrateur"]},
}


async def close(visit: Visit) -> Response:
    """What a colleague's page looks like."""
    found = await visit.item(visit.request.path_params["chrono"], decides=True)
    if visit.request.method == "GET":
        return await visit.html("try.html", chrono=found.item.chrono)
    form = await visit.form()
    reason = form.needed("motif", "Choisissez un motif.")
    await visit.decider(form.decision).about(found.item.item_id, Close(reason))
    return await visit.to(f"/courrier/{found.item.chrono}", said="Courrier classé.")


CLOSE = Page("/courrier/{chrono}/essai", close, Right.BELONG, methods=("GET", "POST"))
TRY = """{% extends "base.html" %}
{% from "macros.html" import form_head, field, submit with context %}
{% block main %}<form method="post">{{ form_head() }}{{ field("motif", "Motif") }}
{{ submit("Classer") }}</form>{% endblock %}"""


@pytest.fixture
async def clock(pool: Pool, postgres_url: str) -> Clock:
    async with one_transaction(postgres_url) as owner:
        await owner.execute("INSERT INTO site.story (moment) VALUES ($1)", TODAY)
    return await open_clock(pool, SecretStr(under_role(postgres_url, "desk")))


@pytest.fixture
def desk(pool: Pool, clock: Clock, tmp_path: Path) -> Pages:
    (tmp_path / "try.html").write_text(TRY)
    made = pages(pool, clock, tmp_path, local_account=ACCOUNT)
    return replace(made, table=(*routes.PAGES, CLOSE), templates=(TEMPLATES, tmp_path))


@pytest.fixture
async def clerk(pool: Pool, desk: Pages) -> Browser:
    async with transaction(pool) as connection:
        await hears_arrivals(rules)(connection, [an_arrival("a", routing=certain())], TODAY)
    return await Browser(desk).sign_in("c.lerk")


# Forms.


async def test_a_decision_is_said_once_on_the_next_page(clerk: Browser) -> None:
    answer = await clerk.send(f"{FIRST}/essai", f"{FIRST}/essai", {"motif": "sans-suite"})
    assert "Courrier classé." in await clerk.to(answer)
    assert "Courrier classé." not in await clerk.page(FIRST)


async def test_a_form_that_is_sent_twice_decides_once_and_leads_to_the_same_page(
    pool: Pool, clerk: Browser
) -> None:
    decision = str(uuid4())
    answers = [
        await clerk.send(
            f"{FIRST}/essai", f"{FIRST}/essai", {"motif": "sans-suite"}, decision=decision
        )
        for _ in range(2)
    ]
    assert [answer.headers.get("location") for answer in answers] == [FIRST, FIRST]
    closed = await pool.fetchval("SELECT count(*) FROM desk.facts WHERE type = 'ItemClosed'")
    assert closed == 1


async def test_a_refused_decision_shows_its_page_again_with_the_french_sentence(
    pool: Pool, clerk: Browser
) -> None:
    await clerk.send(f"{FIRST}/essai", f"{FIRST}/essai", {"motif": "sans-suite"})
    answer = await clerk.send(f"{FIRST}/essai", f"{FIRST}/essai", {"motif": "doublon"})
    assert answer.status_code == 422
    assert "Le courrier 36-2026-A-000001 est déjà classé." in answer.text
    assert 'value="doublon"' in answer.text
    kept = await pool.fetchval("SELECT count(*) FROM desk.decisions")
    assert kept == 1, "what was refused may be sent again"


async def test_what_is_mistyped_is_said_beside_its_field(clerk: Browser) -> None:
    answer = await clerk.send(f"{FIRST}/essai", f"{FIRST}/essai", {"motif": " "})
    assert answer.status_code == 422
    assert '<p class="error" id="motif-erreur">Choisissez un motif.</p>' in answer.text


FORGED = (
    ({"origin": "https://attaquant.example"}, True),
    ({"origin": "null"}, True),
    ({"sec-fetch-site": "cross-site"}, True),
    ({"origin": HOME}, False),
    ({}, False),
)
"""Where a form says that it comes from, and whether it has the session's token."""


async def test_a_form_of_another_page_decides_nothing(pool: Pool, clerk: Browser) -> None:
    secret = clerk.client.cookies[cookies.SESSION]
    for headers, token in FORGED:
        fields = {"motif": "sans-suite", "decision": str(uuid4())}
        fields |= {"jeton": forms.token(secret)} if token else {}
        answer = await clerk.client.post(f"{FIRST}/essai", data=fields, headers=headers)
        assert answer.status_code == 403, (headers, token)
    assert await pool.fetchval("SELECT state FROM desk.items") != "closed"


async def test_what_no_column_takes_breaks_no_page(clerk: Browser) -> None:
    assert (await clerk.get("/service/bmi?q=%00")).status_code == 404
    assert (await clerk.get("/courrier/%00")).status_code == 404
    answer = await clerk.send(f"{FIRST}/essai", f"{FIRST}/essai", {"motif": "\0"})
    assert answer.status_code == 422
    assert (await clerk.client.head(f"{FIRST}/essai")).status_code == 200


async def test_a_form_beyond_its_limit_is_not_read(clerk: Browser) -> None:
    answer = await clerk.client.post(f"{FIRST}/essai", data={"motif": "x" * 300_000})
    assert answer.status_code == 413


# The local account.


async def test_the_local_account_of_a_demo_acts_as_whom_it_chooses(desk: Pages) -> None:
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


async def test_wrong_passwords_close_the_account_for_a_while(desk: Pages, pool: Pool) -> None:
    browser, url = Browser(desk), "/connexion/mot-de-passe"
    for _ in range(5):
        answer = await browser.send("/connexion", url, {"secret": "wrong"})
        assert answer.status_code == 401
    answer = await browser.send("/connexion", url, {"secret": PASSWORD})
    assert (answer.status_code, "Trop d’essais" in answer.text) == (429, True)
    await pool.execute("UPDATE desk.attempts SET tried_at = tried_at - interval '6 minutes'")
    answer = await browser.send("/connexion", url, {"secret": PASSWORD})
    assert answer.status_code == 303


async def test_nobody_is_led_elsewhere_after_signing_in(desk: Pages) -> None:
    for wanted in ("https://attaquant.example/", "//attaquant.example", "/\\a.b"):
        answer = await Browser(desk).send(
            "/connexion", "/connexion/mot-de-passe", {"secret": PASSWORD, "suite": wanted}
        )
        assert answer.headers["location"] == "/connexion/agir-comme?suite=/"


# Sessions.


async def test_a_session_ends_by_itself(desk: Pages, pool: Pool) -> None:
    for late in (
        "UPDATE desk.sessions SET ends_at = now()",
        "UPDATE desk.sessions SET seen_at = now() - interval '3 hours'",
    ):
        browser = await Browser(desk).sign_in("c.lerk")
        await browser.page("/")
        await pool.execute(late)
        assert (await browser.get("/")).headers["location"].startswith("/connexion")


async def test_signing_out_ends_the_session_for_whoever_has_its_cookie(
    clerk: Browser, pool: Pool
) -> None:
    assert (await clerk.send("/", "/deconnexion")).headers["location"] == "/connexion"
    assert await pool.fetchval("SELECT count(*) FROM desk.sessions") == 0


async def test_an_administrator_ends_the_session_of_somebody_else(
    desk: Pages, clerk: Browser
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
def provided(pool: Pool, clock: Clock, tmp_path: Path) -> Pages:
    made = pages(pool, clock, tmp_path, desk_url="https://courrier.example")
    transport = httpx.ASGITransport(app=ProConnect(PEOPLE).app)
    provider = Provider(ISSUER, CLIENT, SECRET, "openid email", transport)
    return replace(made, provider=provider)


async def through(desk: Pages, sub: str, *, browser: Browser | None = None) -> httpx.Response:
    """The whole way: to the provider, and back with its code."""
    client = (browser or Browser(desk)).client
    client.base_url = httpx.URL("https://courrier.example")
    asked = await client.get("/connexion/fournisseur?suite=/service/bmi")
    url = asked.headers["location"]
    assert parse_qs(urlsplit(url).query)["redirect_uri"] == [
        "https://courrier.example/connexion/retour"
    ]
    assert desk.provider is not None
    async with httpx.AsyncClient(transport=desk.provider.transport) as elsewhere:
        back = (await elsewhere.get(f"{url}&login_hint={sub}")).headers["location"]
    return await client.get(back)


async def test_whom_the_provider_names_is_found_by_address(provided: Pages, pool: Pool) -> None:
    answer = await through(provided, "sub-lerk")
    assert (answer.status_code, answer.headers["location"]) == (303, "/service/bmi")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-desk=")
    assert "Secure" in cookie
    row = await pool.fetchrow("SELECT person, way, administrator FROM desk.sessions")
    assert tuple(row or ()) == ("c.lerk", "oidc", False)


async def test_somebody_unknown_here_is_told_so_and_gets_no_session(
    provided: Pages, pool: Pool
) -> None:
    answer = await through(provided, "sub-stranger")
    assert (answer.status_code, "inconnu du registre" in answer.text) == (401, True)
    assert await pool.fetchval("SELECT count(*) FROM desk.sessions") == 0


async def test_an_administrator_of_the_provider_looks_after_accounts_and_reads_no_letter(
    provided: Pages,
) -> None:
    browser = Browser(provided)
    assert (await through(provided, "sub-admin", browser=browser)).status_code == 303
    assert (await browser.get("/")).status_code == 403


async def test_a_provider_that_is_away_is_said_and_keeps_nobody_from_signing_out(
    provided: Pages, pool: Pool
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


async def test_signing_out_here_leads_to_the_end_of_the_session_there(provided: Pages) -> None:
    browser = Browser(provided)
    await through(provided, "sub-lerk", browser=browser)
    token = forms.token(browser.client.cookies["__Host-desk"])
    origin = {"origin": "https://courrier.example"}
    answer = await browser.client.post("/deconnexion", data={"jeton": token}, headers=origin)
    assert f'href="{ISSUER}/logout?post_logout_redirect_uri=' in answer.text
    assert (await browser.get("/")).status_code == 303


async def test_an_answer_that_another_browser_asked_for_signs_nobody_in(
    provided: Pages, pool: Pool
) -> None:
    victim = Browser(provided)
    victim.client.base_url = httpx.URL("https://courrier.example")
    asked = await Browser(provided).client.get("/connexion/fournisseur")
    state = parse_qs(urlsplit(asked.headers["location"]).query)["state"][0]
    answer = await victim.get(f"/connexion/retour?code=stolen&state={state}")
    assert answer.status_code == 401
    assert await pool.fetchval("SELECT count(*) FROM desk.sessions") == 0
