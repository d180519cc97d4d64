"""Sessions that the identity provider ends, by its own word (Back-Channel Logout)."""

from base64 import urlsafe_b64encode
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from services.desk.accounts.oidc import Provider
from services.desk.pages.serve import PageServer
from services.desk.pages.signin.from_elsewhere import WRONG_PER_MINUTE
from shared.platform.clock import Clock
from shared.platform.database import Pool
from tests.contract.oidc.proconnect import CLIENT, ISSUER, SECRET, ProConnect
from tests.desk_browser import Browser, from_address, pages
from tests.integration.desk.provider_pages import PEOPLE, pages_behind, through

pytestmark = pytest.mark.usefixtures("live_site")

ENDED = "/connexion/fin-de-session"
PROVIDER, STRANGER = "198.51.100.20", "203.0.113.99"


@pytest.fixture
def there() -> ProConnect:
    return ProConnect(PEOPLE)


@pytest.fixture
def provided(pool: Pool, story_clock: Clock, tmp_path: Path, there: ProConnect) -> PageServer:
    return pages_behind(there, pool, story_clock, tmp_path)


async def told(desk: PageServer, token: str, ended: int = 200, address: str = PROVIDER) -> None:
    """The provider, or somebody else, tells that a session ended there."""
    browser = from_address(desk, address)
    browser.client.base_url = httpx.URL("https://courrier.example")
    answer = await browser.client.post(ENDED, data={"logout_token": token})
    assert answer.status_code == ended, answer.text


async def test_sessions_that_the_provider_ends_end_here_and_no_other_does(
    provided: PageServer, there: ProConnect, pool: Pool
) -> None:
    for sub in ("sub-lerk", "sub-lerk", "sub-admin"):
        await through(provided, sub)
    await Browser(provided).sign_in("b.head")
    await told(provided, there.logout_token(sub="sub-stranger"))
    await told(provided, there.logout_token(sid="sid-sub-admin", sub="sub-lerk"))
    assert await pool.fetchval("SELECT count(*) FROM desk.sessions") == 4
    await told(provided, there.logout_token(sub="sub-lerk"))
    await told(provided, there.logout_token(sid="sid-sub-admin"))
    left = await pool.fetch("SELECT person FROM desk.sessions")
    assert [row["person"] for row in left] == ["b.head"]
    lines = await pool.fetch(
        "SELECT person, page FROM desk.journal WHERE what = 'provider-sign-out' ORDER BY id"
    )
    assert [tuple(line) for line in lines] == [("c.lerk", ENDED)] * 2 + [(None, ENDED)]


async def test_a_logout_token_that_is_sent_again_ends_no_later_session(
    provided: PageServer, there: ProConnect, pool: Pool
) -> None:
    old = there.logout_token(sub="sub-lerk", iat=1_700_000_000)
    await through(provided, "sub-lerk")
    await told(provided, old)
    assert await pool.fetchval("SELECT count(*) FROM desk.sessions") == 1
    await told(provided, there.logout_token(sub="sub-lerk"))
    assert await pool.fetchval("SELECT count(*) FROM desk.sessions") == 0


async def test_a_token_of_a_stranger_ends_nothing_and_soon_has_to_wait(
    provided: PageServer, pool: Pool
) -> None:
    await through(provided, "sub-lerk")
    forged = ProConnect(PEOPLE).logout_token(sub="sub-lerk")
    odd = urlsafe_b64encode(b'{"alg": "RS256", "crit": 1}').decode().rstrip("=") + ".e30.e30"
    for token in (forged, "", "x.y.z", "\x00", "é" * 1_000, odd, *["e30.e30."] * 4):
        await told(provided, token, 400, STRANGER)
    await told(provided, forged, 429, STRANGER)
    assert await pool.fetchval("SELECT count(*) FROM desk.sessions") == 1


async def test_a_provider_whose_keys_can_not_be_had_is_asked_to_come_back_and_does_not_wait(
    provided: PageServer, there: ProConnect, pool: Pool
) -> None:
    await through(provided, "sub-lerk")
    provider = provided.provider
    assert provider is not None

    def away(_: httpx.Request) -> httpx.Response:
        return httpx.Response(502)

    unreached = Provider(ISSUER, CLIENT, SECRET, "openid email", httpx.MockTransport(away))
    token = there.logout_token(sub="sub-lerk")
    for _ in range(WRONG_PER_MINUTE + 2):
        await told(replace(provided, provider=unreached), token, 503)
    await told(provided, token)
    assert await pool.fetchval("SELECT count(*) FROM desk.sessions") == 0


async def test_without_a_provider_nobody_ends_sessions_from_outside(
    pool: Pool, story_clock: Clock, tmp_path: Path
) -> None:
    answer = await Browser(pages(pool, story_clock, tmp_path)).client.post(
        ENDED, data={"logout_token": "x"}
    )
    assert answer.status_code == 404
