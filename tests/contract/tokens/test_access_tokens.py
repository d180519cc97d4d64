"""What every `AccessTokens` promises, in memory and on a token server; what a bad server costs."""

import asyncio
import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from shared.platform.access_tokens import (
    AccessTokens,
    ClientCredentials,
    TokenRefused,
    TokenServer,
    TokenServerAway,
)
from shared.platform.observability.health import Unwell, Well
from tests.token_server import (
    CLIENT,
    SECRET,
    Given,
    MemoryTokens,
    RunningTokenServer,
    token_server,
)


@pytest.fixture
def server() -> Iterator[RunningTokenServer]:
    with token_server() as running:
        yield running


@dataclass
class Door:
    tokens: AccessTokens
    given: Given


@pytest.fixture(params=["memory", "server"])
def door(request: pytest.FixtureRequest) -> Iterator[Door]:
    if request.param == "memory":
        tokens = MemoryTokens()
        yield Door(tokens, tokens.given)
        return
    with token_server() as running:
        yield Door(ClientCredentials(running.server()), running.given)


def test_a_token_is_asked_for_once_and_kept(door: Door) -> None:
    first = door.tokens.current()
    assert first.get_secret_value() in door.given.tokens
    assert door.tokens.current() == first
    assert door.given.asked == 1


def test_a_token_that_was_refused_is_not_given_again(door: Door) -> None:
    first = door.tokens.current()
    door.tokens.drop(first)
    assert door.tokens.current() != first
    assert door.given.asked == 2


def test_a_client_that_is_refused_is_told_so(door: Door) -> None:
    door.given.secret = "another"
    with pytest.raises(TokenRefused, match="VAGUEMESTRE_OAUTH_CLIENT_ID"):
        door.tokens.current()


def test_a_refusal_names_its_code_and_nothing_else_that_the_server_says(
    server: RunningTokenServer,
) -> None:
    tokens = ClientCredentials(server.server("wrong"))
    with pytest.raises(TokenRefused) as no:
        tokens.current()
    assert str(no.value) == (
        "Token server 127.0.0.1 refuses this client (invalid_client, AADSTS7000222): check "
        "VAGUEMESTRE_OAUTH_CLIENT_ID and VAGUEMESTRE_OAUTH_CLIENT_SECRET, which may have expired, "
        "and VAGUEMESTRE_OAUTH_SCOPE."
    )
    assert asyncio.run(tokens.check()) == Unwell(str(no.value))


def test_trouble_is_said_by_health_until_the_next_token(server: RunningTokenServer) -> None:
    tokens = ClientCredentials(server.server())
    server.given.answer = (503, {})
    with pytest.raises(TokenServerAway, match="answers 503"):
        tokens.current()
    assert isinstance(asyncio.run(tokens.check()), Unwell)
    server.given.answer = None
    tokens.current()
    assert asyncio.run(tokens.check()) == Well()


def test_id_secret_and_scope_are_sent_in_the_form(server: RunningTokenServer) -> None:
    ClientCredentials(server.server()).current()
    assert server.given.form == {
        "grant_type": "client_credentials",
        "client_id": CLIENT,
        "client_secret": SECRET,
        "scope": "https://outlook.example/.default",
    }
    assert "authorization" not in server.given.headers


def test_id_and_secret_are_sent_in_the_header_where_the_server_wants_them_there(
    server: RunningTokenServer,
) -> None:
    ClientCredentials(server.server(header=True)).current()
    assert "client_secret" not in server.given.form
    assert server.given.headers["authorization"].startswith("Basic ")


@pytest.mark.parametrize(
    ("lasts", "still_at", "gone_at"),
    [
        (3600, 3299, 3301),
        ("3600", 3299, 3301),
        (400, 199, 201),
        (None, 149, 151),
        (-5, 149, 151),
        ("soon", 149, 151),
        (10**400, 149, 151),
    ],
)
def test_a_token_is_replaced_before_its_end(
    server: RunningTokenServer, lasts: object, still_at: float, gone_at: float
) -> None:
    now = 0.0
    server.given.lasts = lasts
    tokens = ClientCredentials(server.server(), lambda: now)
    first = tokens.current()
    now = still_at
    assert tokens.current() == first
    now = gone_at
    assert tokens.current() != first


def test_only_an_old_token_that_is_refused_makes_another_worth_a_try(
    server: RunningTokenServer,
) -> None:
    now = 0.0
    tokens = ClientCredentials(server.server(), lambda: now)
    assert not tokens.drop(tokens.current())
    old = tokens.current()
    now = 61.0
    assert tokens.drop(old)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"<html>",
        b"[" * 50_000,
        b"\xff\xfe",
        {"access_token": "with a blank"},
        {"access_token": "a\x01b"},
        {"access_token": "t" * 20_000},
        {"access_token": ["t"]},
        {"access_token": "t", "token_type": "mac"},
        {"token_type": "Bearer"},
    ],
)
def test_an_answer_without_a_token_is_no_token(
    server: RunningTokenServer, answer: dict[str, object] | bytes
) -> None:
    server.given.answer = (200, answer)
    with pytest.raises(TokenServerAway, match="without a bearer token"):
        ClientCredentials(server.server()).current()


def test_a_token_server_is_not_told_a_secret_in_clear(server: RunningTokenServer) -> None:
    abroad = TokenServer("http://login.example/token", CLIENT, server.server().secret)
    with pytest.raises(TokenServerAway, match="must begin with https"):
        ClientCredentials(abroad).current()


def test_a_server_that_drips_its_answer_is_left_and_those_who_waited_share_the_failure(
    server: RunningTokenServer,
) -> None:
    server.given.hangs = 0.4
    tokens = ClientCredentials(server.server(patience=1.0))
    failures = list[str]()
    together = threading.Barrier(6)

    def ask() -> None:
        together.wait(300)
        try:
            tokens.current()
        except TokenServerAway as failure:
            failures.append(str(failure))

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    assert len(failures) == 6
    assert set(failures) == {"Token server 127.0.0.1 does not answer (TimeoutError): logins wait."}
    # Whoever came while the first one waited has its failure, and asks nobody.
    assert server.given.asked < 6


def test_a_server_that_is_gone_is_away(server: RunningTokenServer) -> None:
    gone = TokenServer("http://127.0.0.1:1/token", CLIENT, server.server().secret)
    with pytest.raises(TokenServerAway, match="does not answer"):
        ClientCredentials(gone).current()


def test_neither_token_nor_secret_is_logged_or_said(
    server: RunningTokenServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    tokens = ClientCredentials(server.server())
    token = tokens.current().get_secret_value()
    server.given.answer = (400, {"error": SECRET, "error_description": SECRET})
    with pytest.raises(TokenRefused) as no:
        ClientCredentials(server.server()).current()
    said = caplog.text + repr(tokens) + repr(server.server()) + repr(no.value)
    assert SECRET not in said
    assert token not in said
