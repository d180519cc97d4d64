"""Logout tokens of a provider: what one names, and what is none."""

from typing import Any

import httpx
import pytest

from services.desk.accounts.oidc import NotBelieved
from tests.contract.oidc.proconnect import ProConnect
from tests.contract.oidc.test_provider import BACK, NONCE, PEOPLE, signed


async def test_a_logout_token_names_what_ended() -> None:
    there = ProConnect(PEOPLE)
    provider = signed(there).provider
    both = await provider.read_logout_token(there.logout_token(sub="m-perrot", sid="sid-m-perrot"))
    alone = await provider.read_logout_token(there.logout_token(sub="m-perrot"))
    assert both.mark.subject == alone.mark.subject
    assert both.mark.session is not None
    assert (alone.mark.session, "m-perrot" in str(both)) == (None, False)


@pytest.mark.parametrize(
    "said",
    [
        {"events": None},
        {"events": {}},
        {"events": {"http://schemas.openid.net/event/backchannel-logout": True}},
        {"events": "http://schemas.openid.net/event/backchannel-logout"},
        {"nonce": "n"},
        {"sub": None},
        {"sub": ["m-perrot"]},
        {"iat": None},
        {"iat": 4_000_000_000},
        {"iat": -1e300},
        {"iat": "now"},
        {"exp": None},
        {"exp": 1_000_000_000},
        {"aud": "another-client"},
        {"aud": None},
        {"iss": "https://autre.example"},
    ],
)
async def test_a_token_that_is_no_logout_token_of_ours_ends_nothing(said: dict[str, Any]) -> None:
    there = ProConnect(PEOPLE)
    with pytest.raises(NotBelieved):
        await signed(there).provider.read_logout_token(
            there.logout_token(**{"sub": "m-perrot", **said})
        )


async def test_an_identity_token_is_no_logout_token() -> None:
    stand = signed(ProConnect(PEOPLE))
    identity = await stand.provider.identify(await stand.code(), BACK, NONCE, "v" * 43)
    with pytest.raises(NotBelieved, match="no logout token"):
        await stand.provider.read_logout_token(identity.id_token)


async def test_strangers_tokens_do_not_make_us_ask_for_the_keys_each_time() -> None:
    there, forger = ProConnect(PEOPLE), ProConnect(PEOPLE)
    stand = signed(there)
    asked = 0

    async def counted(scope: Any, receive: Any, send: Any) -> None:
        nonlocal asked
        asked += scope["path"] == "/jwks"
        await there.app(scope, receive, send)

    stand.provider.transport = httpx.ASGITransport(app=counted)
    for _ in range(20):
        with pytest.raises(NotBelieved):
            await stand.provider.read_logout_token(forger.logout_token(sub="m-perrot"))
    assert asked <= 2
