"""A relay that lets a program in by an access token, and what is said where it does not."""

import asyncio
import logging
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator

import pytest

from services.notify.domain.ledger import Accepted
from services.notify.mailer import Envelope, SmtpMailer
from services.notify.smtp_connection import SmtpServer, Tls
from services.notify.smtp_sign_in import SmtpTokens
from shared.errors import TemporaryFailure
from shared.platform.access_tokens import AccessTokens, ClientCredentials
from shared.platform.token_settings import TokenMechanism
from tests.contract.smtp.sink import Sink
from tests.token_server import MemoryTokens, RunningTokenServer, token_server

BOX = "pref-courrier@indre.example"
ENVELOPE = Envelope("", "jeanne@exemple.fr", b"Subject: essai\r\n\r\nBonjour\r\n")


@pytest.fixture
def token_giver() -> Iterator[RunningTokenServer]:
    with token_server() as running:
        yield running


@pytest.fixture
async def relay(token_giver: RunningTokenServer) -> AsyncIterator[Sink]:
    async with Sink(tokens=token_giver.given.tokens) as server:
        yield server


def mailer(relay: Sink, tokens: AccessTokens, mechanism: TokenMechanism = "XOAUTH2") -> SmtpMailer:
    by_token = SmtpTokens(BOX, tokens, mechanism)
    return SmtpMailer(SmtpServer(relay.host, relay.port, Tls.NONE, by_token=by_token))


@pytest.mark.parametrize(
    ("mechanism", "start"),
    [("XOAUTH2", f"user={BOX}\1auth=Bearer "), ("OAUTHBEARER", f"n,a={BOX},\1auth=Bearer ")],
)
async def test_a_mail_leaves_by_a_token(
    relay: Sink, token_giver: RunningTokenServer, mechanism: TokenMechanism, start: str
) -> None:
    sending = mailer(relay, ClientCredentials(token_giver.server()), mechanism)
    await sending.connect()
    assert await sending.send(ENVELOPE) == Accepted()
    await sending.close()
    (answer,) = relay.signed_in
    (token,) = token_giver.given.tokens
    assert answer.decode() == f"{start}{token}\1\1"


async def test_a_token_that_ended_is_replaced_at_the_next_connection(
    relay: Sink, token_giver: RunningTokenServer
) -> None:
    now = 0.0
    sending = mailer(relay, ClientCredentials(token_giver.server(), lambda: now))
    await sending.connect()
    await sending.close()
    token_giver.given.tokens.clear()
    now = 120.0
    with pytest.raises(TemporaryFailure, match="refuses our token, a new one is asked for"):
        await sending.connect()
    await sending.connect()
    assert await sending.send(ENVELOPE) == Accepted()
    await sending.close()


async def test_a_fresh_token_that_is_refused_says_who_must_do_what(relay: Sink) -> None:
    with pytest.raises(TemporaryFailure, match="right to send as VAGUEMESTRE_SMTP_USER"):
        await mailer(relay, MemoryTokens()).connect()
    assert relay.taken == []


async def test_a_client_that_is_refused_costs_no_attempt(
    relay: Sink, token_giver: RunningTokenServer
) -> None:
    sending = mailer(relay, ClientCredentials(token_giver.server("wrong")))
    with pytest.raises(TemporaryFailure, match="VAGUEMESTRE_OAUTH_CLIENT_SECRET"):
        await sending.connect()
    assert relay.signed_in == []


async def test_a_relay_that_takes_no_tokens_is_said(token_giver: RunningTokenServer) -> None:
    async with Sink() as without:
        sending = mailer(without, ClientCredentials(token_giver.server()), "OAUTHBEARER")
        with pytest.raises(TemporaryFailure, match="VAGUEMESTRE_OAUTH_MECHANISM"):
            await sending.connect()


async def test_a_token_is_neither_logged_nor_said(
    relay: Sink, token_giver: RunningTokenServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "aiosmtplib")
    tokens = ClientCredentials(token_giver.server())
    token = (await asyncio.to_thread(tokens.current)).get_secret_value()
    token_giver.given.tokens.clear()
    with pytest.raises(TemporaryFailure) as no:
        await mailer(relay, tokens).connect()
    said = caplog.text + str(no.value)
    assert token not in said
    assert b64encode(token.encode()).decode()[4:-8] not in said
