"""The door to the identity provider: on one that answers JSON over HTTP, and on one that signs."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc.jwk import RSAKey

from deploy.embedded.ports import free_port
from services.desk.accounts.oidc import NotBelieved, Provider, ProviderAway, WeakSignIn
from services.desk.accounts.sign_in_strength import SignInStrength
from tests.contract.oidc.plain import running
from tests.contract.oidc.proconnect import CLIENT, ISSUER, SECRET, ProConnect, a_key

STATE, NONCE = "s" * 32, "n" * 32
"""As long as ProConnect wants them."""
BACK = "http://127.0.0.1:8000/connexion/retour"
EMAIL = "martine.perrot@indre.example"
PEOPLE = {"m-perrot": {"email": EMAIL, "given_name": "Martine"}}


@dataclass(frozen=True)
class Stand:
    """A provider and somebody who signs in there."""

    provider: Provider
    sign_in: Callable[[str], Awaitable[httpx.URL]]
    """Follows the address that the pages gave, as m-perrot; the address to which it leads back."""

    async def code(self, nonce: str = NONCE, verifier: str = "v" * 43) -> str:
        url = await self.provider.sign_in_url(BACK, STATE, nonce, verifier)
        back = await self.sign_in(url)
        assert str(back).startswith(f"{BACK}?")
        assert back.params["state"] == STATE
        return str(back.params["code"])


@pytest.fixture(scope="module")
def mock() -> Iterator[str]:
    with running({"sub": "m-perrot", **PEOPLE["m-perrot"]}) as issuer:
        yield issuer


@pytest.fixture(params=["json", "signed"])
async def stand(request: pytest.FixtureRequest) -> AsyncIterator[Stand]:
    if request.param == "signed":
        yield signed(ProConnect(PEOPLE))
        return
    issuer = request.getfixturevalue("mock")

    async def sign_in(url: str) -> httpx.URL:
        async with httpx.AsyncClient() as client:
            answer = await client.post(url, data={"sub": "m-perrot"})
            return httpx.URL(answer.headers["location"])

    yield Stand(Provider(issuer, CLIENT, SECRET, "openid email"), sign_in)


def signed(there: ProConnect) -> Stand:
    transport = httpx.ASGITransport(app=there.app)

    async def sign_in(url: str) -> httpx.URL:
        async with httpx.AsyncClient(transport=transport) as client:
            hint = "&login_hint=m-perrot" if "/authorize?" in url else ""
            answer = await client.get(f"{url}{hint}")
            return httpx.URL(answer.headers["location"])

    return Stand(Provider(ISSUER, CLIENT, SECRET, "openid email", transport), sign_in)


async def test_whoever_signs_in_is_named_by_the_provider(stand: Stand) -> None:
    identity = await stand.provider.identify(await stand.code(), BACK, NONCE, "v" * 43)
    assert (identity.claims["sub"], identity.claims["email"]) == ("m-perrot", EMAIL)


async def test_the_request_names_what_protects_it(stand: Stand) -> None:
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    url = await stand.provider.sign_in_url(BACK, STATE, NONCE, verifier)
    asked = parse_qs(urlsplit(url).query)
    assert (asked["response_type"], asked["code_challenge_method"]) == (["code"], ["S256"])
    # RFC 7636, appendix B.
    assert asked["code_challenge"] == ["E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"]
    assert verifier not in url


async def test_an_answer_to_another_request_is_not_believed(stand: Stand) -> None:
    with pytest.raises(NotBelieved, match="nonce"):
        await stand.provider.identify(await stand.code(), BACK, "another", "v" * 43)


async def test_a_code_is_worth_nothing_without_its_verifier() -> None:
    stand = signed(ProConnect(PEOPLE))
    code = await stand.code()
    with pytest.raises(NotBelieved, match="refuses"):
        await stand.provider.identify(code, BACK, NONCE, "w" * 43)


async def test_a_code_is_worth_nothing_twice(stand: Stand) -> None:
    code = await stand.code()
    await stand.provider.identify(code, BACK, NONCE, "v" * 43)
    with pytest.raises(NotBelieved, match="refuses"):
        await stand.provider.identify(code, BACK, NONCE, "v" * 43)


async def test_the_session_ends_at_the_provider_too(stand: Stand) -> None:
    url = await stand.provider.sign_out_url("http://127.0.0.1:8000/connexion", "token", STATE)
    assert url is not None
    assert parse_qs(urlsplit(url).query) == {
        "id_token_hint": ["token"],
        "post_logout_redirect_uri": ["http://127.0.0.1:8000/connexion"],
        "state": [STATE],
    }


async def test_without_a_token_the_sign_out_names_the_client(stand: Stand) -> None:
    url = await stand.provider.sign_out_url(BACK, None, STATE)
    assert url is not None
    asked = parse_qs(urlsplit(url).query)
    assert (asked["client_id"], "id_token_hint" in asked) == ([CLIENT], False)


async def test_the_provider_sends_the_browser_back_with_the_state_of_the_sign_out() -> None:
    there = ProConnect(PEOPLE)
    stand = signed(there)
    identity = await stand.provider.identify(await stand.code(), BACK, NONCE, "v" * 43)
    url = await stand.provider.sign_out_url(BACK, identity.id_token, STATE)
    assert url is not None
    assert await stand.sign_in(url) == f"{BACK}?state={STATE}"


@pytest.mark.parametrize(
    "there",
    [
        ProConnect(PEOPLE, signs_with=a_key()),
        ProConnect(PEOPLE, spoil={"iss": "http://autre.example"}),
        ProConnect(PEOPLE, spoil={"aud": "another-client"}),
        ProConnect(PEOPLE, spoil={"exp": 1_000_000_000}),
        ProConnect(PEOPLE, spoil_userinfo={"sub": "somebody-else"}),
        ProConnect(PEOPLE, spoil_userinfo={"aud": "another-client"}),
        ProConnect(PEOPLE, spoil_userinfo={"exp": 1_000_000_000}),
    ],
    ids=["forged", "issuer", "audience", "expired", "other-person", "other-client", "old-userinfo"],
)
async def test_what_does_not_hold_is_not_believed(there: ProConnect) -> None:
    stand = signed(there)
    with pytest.raises(NotBelieved):
        await stand.provider.identify(await stand.code(), BACK, NONCE, "v" * 43)


async def test_a_provider_may_change_its_keys() -> None:
    there = ProConnect(PEOPLE)
    stand = signed(there)
    await stand.provider.identify(await stand.code(), BACK, NONCE, "v" * 43)
    there.key = a_key()
    identity = await stand.provider.identify(await stand.code(), BACK, NONCE, "v" * 43)
    assert identity.claims["email"] == EMAIL


async def test_nothing_is_asked_over_a_network_without_https() -> None:
    """Roles come from userinfo too, and plain JSON has no signature of its own."""
    there = ProConnect(PEOPLE, discovered={"userinfo_endpoint": "http://proconnect.example/u"})
    stand = signed(there)
    with pytest.raises(NotBelieved, match="https"):
        await stand.provider.identify(await stand.code(), BACK, NONCE, "v" * 43)


async def test_a_provider_that_is_away_may_be_asked_again() -> None:
    provider = Provider(f"http://127.0.0.1:{free_port()}", CLIENT, SECRET, "openid")
    with pytest.raises(ProviderAway):
        await provider.sign_in_url(BACK, STATE, NONCE, "v" * 43)


# How our secret goes there, and what tokens may be signed with.


async def test_the_secret_is_posted_where_the_setting_says_so() -> None:
    """A provider that offers both, as far as it says, but takes the posted secret alone."""
    both = ["client_secret_basic", "client_secret_post"]
    there = ProConnect(PEOPLE, discovered={"token_endpoint_auth_methods_supported": both})
    stand = signed(there)
    with pytest.raises(NotBelieved, match="refuses"):
        await stand.provider.identify(await stand.code(), BACK, NONCE, "v" * 43)
    stand.provider.client_auth = "client_secret_post"
    identity = await stand.provider.identify(await stand.code(), BACK, NONCE, "v" * 43)
    assert identity.claims["email"] == EMAIL


async def test_a_token_holds_by_the_algorithms_of_the_setting_alone() -> None:
    key = RSAKey.generate_key(2048, {"kid": "rsa"})
    stand = signed(ProConnect(PEOPLE, key=key, algorithm="RS256"))
    identity = await stand.provider.identify(await stand.code(), BACK, NONCE, "v" * 43)
    assert identity.claims["email"] == EMAIL
    stand.provider.algorithms = ["ES256"]
    with pytest.raises(NotBelieved):
        await stand.provider.identify(await stand.code(), BACK, NONCE, "v" * 43)


# How surely somebody must have signed in.


async def test_levels_and_methods_are_asked_for_as_the_guide_of_proconnect_says() -> None:
    there = ProConnect(PEOPLE, acr="eidas2", amr=("pwd", "otp", "mfa"))
    stand = signed(there)
    stand.provider.demanded = SignInStrength(("eidas2", "eidas3"), ("mfa",))
    identity = await stand.provider.identify(await stand.code(), BACK, NONCE, "v" * 43)
    assert identity.claims["acr"] == "eidas2"
    assert there.asked[0]["claims"] == (
        '{"id_token":{"acr":{"essential":true,"values":["eidas2","eidas3"]},'
        '"amr":{"essential":true}}}'
    )
    assert "acr_values" not in there.asked[0]


async def test_without_a_demand_no_parameter_is_added() -> None:
    there = ProConnect(PEOPLE)
    await signed(there).code()
    assert "claims" not in there.asked[0]


@pytest.mark.parametrize(
    "demanded", [SignInStrength(("eidas2",)), SignInStrength((), ("mfa", "hwk"))]
)
async def test_whoever_signed_in_less_surely_is_refused_whatever_the_provider_heeds(
    demanded: SignInStrength,
) -> None:
    stand = signed(ProConnect(PEOPLE, spoil_userinfo={"acr": "eidas2", "amr": ["mfa"]}))
    stand.provider.demanded = demanded
    with pytest.raises(WeakSignIn):
        await stand.provider.identify(await stand.code(), BACK, NONCE, "v" * 43)


async def test_a_provider_that_takes_no_claims_is_asked_for_levels_otherwise() -> None:
    stand = signed(ProConnect(PEOPLE, discovered={"claims_parameter_supported": False}))
    stand.provider.demanded = SignInStrength(("silver", "gold"), ("mfa",))
    asked = parse_qs(urlsplit(await stand.provider.sign_in_url(BACK, STATE, NONCE, "v")).query)
    assert (asked["acr_values"], "claims" in asked) == (["silver gold"], False)
