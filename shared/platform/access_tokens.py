"""The door to a token server (OAuth 2.0): tokens by which mail servers let a program in.

    client id + secret → POST token_url (RFC 6749 §4.4) → token, kept until shortly before its end

One process asks once for all its mailboxes. A token server that does not answer costs whoever
wants a token ten seconds, and nobody else anything; those who waited meanwhile share the failure.
No sentence, log line or exception holds a token, the secret or what the server wrote freely.
"""

import asyncio
import re
import ssl
import threading
import time
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote_plus, urlsplit

import httpx
from pydantic import SecretStr

from shared.errors import TemporaryFailure
from shared.platform.observability.health import State, Unwell, Well

ANSWER_SECONDS = 10.0
"""For the whole answer: one octet a second would keep a mailbox waiting for ever."""
YOUNG_SECONDS = 60.0
"""A token refused at this age is refused for good: another would not be let in either."""
_EARLY_SECONDS = 300.0
_UNSAID_SECONDS = 300.0
"""How long a token holds of which the server does not say it."""
_LARGEST = 65_536
_LONGEST_TOKEN = 16_384
_TOKEN = re.compile(r"[\x21-\x7e]+")
_ERROR = re.compile(r"[a-z_]{3,40}")
_MICROSOFT = re.compile(r"\bAADSTS\d{4,9}\b")
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


TOKENS = "tokens"
"""The name of the health check."""


class TokenServerAway(TemporaryFailure):
    """Raised when the token server does not answer, or answers something else than a token."""


class TokenRefused(TemporaryFailure):
    """Raised when the token server refuses our client id or secret: somebody must renew it."""


class AccessTokens(Protocol):
    """The interface that gives access tokens; its methods block and any thread may call them."""

    def current(self) -> SecretStr:
        """Returns an access token that is valid now.

        Raises TokenServerAway: nobody answers, try again later; TokenRefused: the server
        knows us no more.
        """
        ...

    def drop(self, token: SecretStr) -> bool:
        """Drops a token that a mail server refused; returns whether a new one is worth a try."""
        ...


@dataclass(frozen=True, slots=True)
class TokenServer:
    """The address of a token server, and what it knows our program by."""

    url: str
    client_id: str
    secret: Callable[[], SecretStr]
    """Gives the client secret as it is now: its file may have been written anew."""
    scope: str = ""
    header: bool = False
    """Whether id and secret stand in the header (RFC 6749 §2.3.1) instead of the form."""
    patience: float = ANSWER_SECONDS


@dataclass(frozen=True, slots=True)
class _Token:
    value: SecretStr
    given_at: float
    until: float


class ClientCredentials:
    """The source of access tokens that asks a token server by client id and secret.

    It has the methods of `AccessTokens`.
    """

    def __init__(
        self, server: TokenServer, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._server = server
        self._now = monotonic
        self._lock = threading.Lock()
        self._token: _Token | None = None
        self._failure: tuple[float, TemporaryFailure] | None = None
        self._trouble: str | None = None

    def current(self) -> SecretStr:
        """Returns the access token asked for before while it is valid, else asks for a new one.

        Raises TokenServerAway: nobody answers, try again later; TokenRefused: the server
        knows us no more.
        """
        began = self._now()
        with self._lock:
            if self._token is not None and self._now() < self._token.until:
                return self._token.value
            if self._failure is not None and self._failure[0] >= began:
                raise type(self._failure[1])(str(self._failure[1]))
            try:
                self._token = self._asked()
            except TemporaryFailure as failure:
                self._failure, self._trouble = (self._now(), failure), str(failure)
                raise
            self._trouble = None
            return self._token.value

    def drop(self, token: SecretStr) -> bool:
        """Drops a token that a mail server refused; returns whether a new one is worth a try."""
        with self._lock:
            kept = self._token
            if kept is None or kept.value != token:
                return True
            self._token = None
            return self._now() - kept.given_at > YOUNG_SECONDS

    async def check(self) -> State:
        """Returns the state for the health check: unwell if the last request for a token failed."""
        return Well() if self._trouble is None else Unwell(self._trouble)

    def _asked(self) -> _Token:
        status, answer = asyncio.run(self._ask())
        host = urlsplit(self._server.url).hostname
        if status == httpx.codes.OK:
            return self._token_of(answer)
        if status in {httpx.codes.TOO_MANY_REQUESTS, httpx.codes.REQUEST_TIMEOUT} or (
            status >= httpx.codes.INTERNAL_SERVER_ERROR
        ):
            raise TokenServerAway(f"Token server {host} answers {status}: logins wait.")
        raise TokenRefused(
            f"Token server {host} refuses this client ({_why(status, answer)}): check "
            "VAGUEMESTRE_OAUTH_CLIENT_ID and VAGUEMESTRE_OAUTH_CLIENT_SECRET, which may have "
            "expired, and VAGUEMESTRE_OAUTH_SCOPE."
        )

    async def _ask(self) -> tuple[int, dict[str, Any]]:
        server = self._server
        parts = urlsplit(server.url)
        if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
            raise TokenServerAway(
                "VAGUEMESTRE_OAUTH_TOKEN_URL must begin with https: it is sent a secret."
            )
        form = {"grant_type": "client_credentials"} | (
            {"scope": server.scope} if server.scope else {}
        )
        headers = {"Accept": "application/json"}
        secret = server.secret().get_secret_value()
        if server.header:
            pair = f"{quote_plus(server.client_id)}:{quote_plus(secret)}"
            headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
        else:
            form |= {"client_id": server.client_id, "client_secret": secret}
        # As IMAP and SMTP do: those whom the machine trusts, or SSL_CERT_FILE.
        trusted = ssl.create_default_context() if parts.scheme == "https" else False
        asking = httpx.AsyncClient(timeout=server.patience, verify=trusted)
        try:
            async with (
                asyncio.timeout(server.patience),
                asking as client,
                client.stream("POST", server.url, data=form, headers=headers) as answer,
            ):
                octets = b""
                async for piece in answer.aiter_bytes():
                    octets += piece
                    if len(octets) > _LARGEST:
                        break
                return answer.status_code, _json(answer, octets)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, TimeoutError) as error:
            # Without a cause: the request, which it would show, holds the secret.
            raise TokenServerAway(
                f"Token server {parts.hostname} does not answer ({type(error).__name__}): "
                "logins wait."
            ) from None

    def _token_of(self, answer: dict[str, Any]) -> _Token:
        value = answer.get("access_token")
        kind = answer.get("token_type", "Bearer")
        if (
            not isinstance(value, str)
            or len(value) > _LONGEST_TOKEN
            or _TOKEN.fullmatch(value) is None
            or not isinstance(kind, str)
            or kind.lower() != "bearer"
        ):
            host = urlsplit(self._server.url).hostname
            raise TokenServerAway(f"Token server {host} answers without a bearer token.")
        lasts = _seconds(answer.get("expires_in"))
        now = self._now()
        return _Token(SecretStr(value), now, now + max(lasts - _EARLY_SECONDS, lasts / 2))


def _seconds(said: object) -> float:
    """How long a token holds; servers write the number as a text as well."""
    try:
        seconds = float(said) if isinstance(said, int | float | str) else 0.0
    except (ValueError, OverflowError):
        return _UNSAID_SECONDS
    return min(seconds, 86_400.0) if seconds > 0 else _UNSAID_SECONDS


def _json(answer: httpx.Response, octets: bytes) -> dict[str, Any]:
    try:
        found = httpx.Response(answer.status_code, content=octets[:_LARGEST]).json()
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _why(status: int, answer: dict[str, Any]) -> str:
    """The code of the refusal, and Microsoft's number of it; nothing else that the server says."""
    code = answer.get("error")
    said = code if isinstance(code, str) and _ERROR.fullmatch(code) else str(status)
    number = _MICROSOFT.search(str(answer.get("error_description", "")))
    return f"{said}, {number[0]}" if number else said
