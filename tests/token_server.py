"""A token server on this machine and one in memory: two forms of one door, for the contract tests.

It gives tokens for a client id and secret (POST /token) and tells a mail server whether one holds
and for whom (POST /introspect, RFC 7662). What it does wrong is set on it while it runs.
"""

import json
import threading
import time
from base64 import b64decode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote_plus
from uuid import uuid4

from pydantic import SecretStr

from shared.platform.access_tokens import TokenRefused, TokenServer, TokenServerAway

CLIENT = "0f1c2d3e-vaguemestre"
SECRET = "s3cret/of+the=client"
ACCOUNT = "vaguemestre@indre.example"
"""For whom its tokens are; Dovecot lets it open every mailbox of the domain."""


@dataclass
class Given:
    """What a token server knows and does, whichever form it has."""

    secret: str = SECRET
    asked: int = 0
    lasts: object = 3600
    account: str = ACCOUNT
    tokens: set[str] = field(default_factory=set)
    answer: tuple[int, Mapping[str, Any] | bytes] | None = None
    """Said instead of a token: status and JSON, or octets."""
    hangs: float = 0.0
    """Seconds before each octet of an answer."""
    headers: dict[str, str] = field(default_factory=dict)
    """Of the last question."""
    form: dict[str, str] = field(default_factory=dict)

    def give(self) -> str:
        """A new token."""
        token = f"eyJ-{uuid4().hex}"
        self.tokens.add(token)
        return token


class MemoryTokens:
    """An `AccessTokens` without a server: the form that tests of other things use."""

    def __init__(self, given: Given | None = None) -> None:
        self.given = given or Given()
        self._kept: SecretStr | None = None

    def current(self) -> SecretStr:
        """See `AccessTokens`."""
        if self._kept is not None:
            return self._kept
        self.given.asked += 1
        if self.given.hangs:
            raise TokenServerAway("The token server in memory does not answer.")
        if self.given.answer is not None or self.given.secret != SECRET:
            raise TokenRefused("The token server in memory refuses VAGUEMESTRE_OAUTH_CLIENT_ID.")
        self._kept = SecretStr(self.given.give())
        return self._kept

    def drop(self, token: SecretStr) -> bool:
        """See `AccessTokens`."""
        self._kept = None
        return token.get_secret_value() not in self.given.tokens


class _Handler(BaseHTTPRequestHandler):
    given: Given
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        given = self.given
        length = int(self.headers.get("Content-Length", "0"))
        asked = parse_qs(self.rfile.read(length).decode())
        form = {name: values[0] for name, values in asked.items()}
        if self.path == "/introspect":
            holds = form.get("token") in given.tokens
            self._say(200, {"active": holds, "username": given.account if holds else ""})
            return
        given.asked += 1
        given.headers, given.form = {k.lower(): v for k, v in self.headers.items()}, form
        if given.answer is not None:
            self._say(*given.answer)
        elif self._client(form) != (CLIENT, given.secret):
            self._say(401, {"error": "invalid_client", "error_description": REFUSAL})
        else:
            said = {"access_token": given.give(), "token_type": "Bearer"}
            self._say(200, said | ({} if given.lasts is None else {"expires_in": given.lasts}))

    def _client(self, form: Mapping[str, str]) -> tuple[str, str]:
        kind, _, pair = self.headers.get("Authorization", "").partition(" ")
        if kind != "Basic":
            return form.get("client_id", ""), form.get("client_secret", "")
        name, _, secret = b64decode(pair).decode().partition(":")
        return unquote_plus(name), unquote_plus(secret)

    def _say(self, status: int, answer: Mapping[str, Any] | bytes) -> None:
        octets = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(octets)))
        self.end_headers()
        try:
            if not self.given.hangs:
                self.wfile.write(octets)
                return
            for octet in octets:
                time.sleep(self.given.hangs)
                self.wfile.write(bytes([octet]))
                self.wfile.flush()
        except OSError:
            self.close_connection = True  # whoever asked has lost patience

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the library's name)
        """Says nothing."""


REFUSAL = "AADSTS7000222: The provided client secret keys for app 'Courrier de Jeanne' are expired."


@dataclass(frozen=True)
class RunningTokenServer:
    """The address of a running token server, and what it does."""

    port: int
    given: Given

    def server(
        self, secret: str = SECRET, *, header: bool = False, patience: float = 300.0
    ) -> TokenServer:
        """Returns the server as a program's settings name it."""
        return TokenServer(
            f"http://127.0.0.1:{self.port}/token", CLIENT, lambda: SecretStr(secret),
            scope="https://outlook.example/.default", header=header, patience=patience,
        )  # fmt: skip


@contextmanager
def token_server() -> Iterator[RunningTokenServer]:
    """Runs a token server on a free port of 127.0.0.1."""
    given = Given()
    handler = type("_OneHandler", (_Handler,), {"given": given})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.block_on_close = False
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield RunningTokenServer(server.server_address[1], given)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
