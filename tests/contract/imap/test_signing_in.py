"""How a mailbox is signed in to, on Dovecot that asks a token server (OAuth 2.0, RFC 7662)."""

import logging
from collections.abc import Iterator
from contextlib import closing

import pytest
from imapclient import IMAPClient
from pydantic import SecretStr

from services.ingest.imap import ImapSource
from services.ingest.imap_session import ImapAccount
from services.ingest.mailbox import AccessRefused, MailFailure
from services.ingest.sign_in import ByPassword, ByToken, SignIn
from shared.platform.access_tokens import AccessTokens, ClientCredentials, TokenServerAway
from shared.platform.token_settings import TokenMechanism
from tests.token_server import ACCOUNT, MemoryTokens, RunningTokenServer

BOX = "pref-bmi@indre.example"
MECHANISMS: tuple[TokenMechanism, ...] = ("XOAUTH2", "OAUTHBEARER")


@pytest.fixture(autouse=True)
def well(token_giver: RunningTokenServer) -> Iterator[None]:
    """The token server as it is by itself, before each test and after it."""
    yield
    token_giver.given.answer, token_giver.given.account = None, ACCOUNT


def source(port: int, sign_in: SignIn) -> ImapSource:
    return ImapSource(
        ImapAccount("bmi", "127.0.0.1", port, tls=False, sign_in=sign_in, folder="INBOX")
    )


def by_token(
    tokens: AccessTokens, mechanism: TokenMechanism = "XOAUTH2", user: str = BOX
) -> ByToken:
    return ByToken(user, tokens, mechanism)


@pytest.mark.parametrize("mechanism", MECHANISMS)
@pytest.mark.parametrize("box", [BOX, "pref-bsr@indre.example", "pref-bmi+suivi@indre.example"])
def test_one_token_opens_each_mailbox_that_the_program_may_open(
    dovecot: int, token_giver: RunningTokenServer, mechanism: TokenMechanism, box: str
) -> None:
    tokens = ClientCredentials(token_giver.server())
    with closing(source(dovecot, by_token(tokens, mechanism, box))) as opened:
        assert opened.open() > 0
        assert opened.uids() == []


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_a_token_without_the_right_to_a_mailbox_is_said_as_such(
    dovecot: int, token_giver: RunningTokenServer, mechanism: TokenMechanism
) -> None:
    token_giver.given.account = "autre@ailleurs.example"
    refused = source(dovecot, by_token(ClientCredentials(token_giver.server()), mechanism))
    with pytest.raises(AccessRefused, match="refuses a fresh token for mailbox bmi"):
        refused.open()


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_a_token_that_ended_on_the_way_is_replaced_at_the_next_login(
    dovecot: int, token_giver: RunningTokenServer, mechanism: TokenMechanism
) -> None:
    now = 0.0
    tokens = ClientCredentials(token_giver.server(), lambda: now)
    with closing(source(dovecot, by_token(tokens, mechanism))) as opened:
        opened.open()
        token_giver.given.tokens.clear()
        now = 120.0
        with pytest.raises(MailFailure, match="a new one is asked for"):
            opened.open()
        assert opened.open() > 0


def test_a_client_that_is_refused_waits_as_a_refused_password_does(
    dovecot: int, token_giver: RunningTokenServer
) -> None:
    token_giver.given.answer = (401, {"error": "invalid_client"})
    with pytest.raises(AccessRefused, match="VAGUEMESTRE_OAUTH_CLIENT_SECRET, which may have"):
        source(dovecot, by_token(ClientCredentials(token_giver.server()))).open()


def test_a_token_server_that_is_away_is_asked_again_soon(
    dovecot: int, token_giver: RunningTokenServer
) -> None:
    token_giver.given.answer = (503, {})
    with pytest.raises(TokenServerAway):
        source(dovecot, by_token(ClientCredentials(token_giver.server()))).open()


def test_a_token_that_no_server_gave_is_refused(dovecot: int) -> None:
    with pytest.raises(AccessRefused, match="fresh token"):
        source(dovecot, by_token(MemoryTokens())).open()


def test_a_shared_mailbox_is_opened_by_another_accounts_password(dovecot: int) -> None:
    with IMAPClient("127.0.0.1", port=dovecot, ssl=False) as client:
        client.login("partagee@indre.example", "secret")
        client.append("INBOX", b"From: a@example.org\r\n\r\nBonjour\r\n")
    shared = ByPassword(
        "partagee@indre.example", lambda: SecretStr("opens-others"), "lecteur@indre.example"
    )
    with closing(source(dovecot, shared)) as opened:
        opened.open()
        assert len(opened.uids()) == 1


def test_another_accounts_wrong_password_names_both(dovecot: int) -> None:
    wrong = ByPassword(BOX, lambda: SecretStr("secret"), "lecteur@indre.example")
    with pytest.raises(AccessRefused, match="`user` and `signs_in_as`"):
        source(dovecot, wrong).open()


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_a_token_is_neither_logged_nor_said(
    dovecot: int,
    token_giver: RunningTokenServer,
    mechanism: TokenMechanism,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    tokens = ClientCredentials(token_giver.server())
    token = tokens.current().get_secret_value()
    with closing(source(dovecot, by_token(tokens, mechanism))) as opened:
        opened.open()
    token_giver.given.tokens.clear()
    refused = source(dovecot, by_token(tokens, mechanism))
    with pytest.raises(AccessRefused) as no:
        refused.open()
    assert token not in caplog.text + str(no.value) + repr(refused.__dict__)
