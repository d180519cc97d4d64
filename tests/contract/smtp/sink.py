"""A real SMTP server (aiosmtpd) that keeps what it takes, and misbehaves as the recipient says.

later@    451 at RCPT            gone@     550 at RCPT
full@     452 after DATA         spam@     554 after DATA
cut@      the line ends at RCPT  silent@   the line ends after DATA, the mail being kept

With `tokens` it lets nobody send who has not signed in by one of them.
"""

import asyncio
from base64 import b64decode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, Self

from aiosmtpd.smtp import MISSING, SMTP, AuthResult

from deploy.embedded.ports import free_port

AT_RCPT = {"later": "451 4.7.1 Greylisted, come back", "gone": "550 5.1.1 No such user"}
AFTER_DATA = {"full": "452 4.2.2 Mailbox full", "spam": "554 5.7.1 Refused by content"}


@dataclass(frozen=True)
class Taken:
    """One mail that the server took."""

    return_path: str
    recipient: str
    octets: bytes

    @property
    def message(self) -> EmailMessage:
        message = message_from_bytes(self.octets, policy=default)
        assert isinstance(message, EmailMessage)
        return message

    @property
    def text(self) -> str:
        """What its reader reads as plain text."""
        part = self.message.get_body(("plain",))
        assert part is not None
        return str(part.get_content())


async def _at_once() -> None:
    return


@dataclass
class Sink:
    """Open it with `async with`; `stop` and `start` keep the port."""

    host: str = "127.0.0.1"
    port: int = 0
    taken: list[Taken] = field(default_factory=list)
    before_answer: Callable[[], Awaitable[None]] = _at_once
    """Awaited after DATA ended and the mail was kept, before its answer."""
    tokens: set[str] | None = None
    signed_in: list[bytes] = field(default_factory=list)
    """What each session that was let in had answered."""
    _took: asyncio.Event = field(default_factory=asyncio.Event)
    _server: asyncio.Server | None = None
    _sessions: set["_Session"] = field(default_factory=set)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        # A port of its own from the first start on: `stop` would give back one that it was lent.
        self.port = self.port or free_port()
        self._server = await loop.create_server(self._session, self.host, self.port)

    async def stop(self) -> None:
        """Ends when nothing of it is open any more, however late the loop is."""
        if self._server is None:
            return
        for listening in self._server.sockets:
            asyncio.get_running_loop().remove_reader(listening.fileno())
        # What was accepted a turn ago is given its session in the next one.
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        self._server.close()
        for session in self._sessions:
            await session.end()
        self._sessions.clear()
        await self._server.wait_closed()
        self._server = None

    def _session(self) -> SMTP:
        session = _Session(
            _Handler(self),
            enable_SMTPUTF8=True,
            loop=asyncio.get_running_loop(),
            auth_require_tls=False,
        )
        self._sessions.add(session)
        return session

    def to(self, recipient: str) -> list[Taken]:
        """What was taken for one recipient."""
        return [mail for mail in self.taken if mail.recipient == recipient]

    async def until(self, count: int, *, within: float = 300.0) -> list[Taken]:
        """Waits until `count` mails were taken."""
        async with asyncio.timeout(within):
            while len(self.taken) < count:
                await self._took.wait()
                self._took.clear()
        return self.taken


class _Session(SMTP):
    """A session that tells when its line was opened and closed."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._line_opened = asyncio.Event()
        self._line_closed = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._line_opened.set()

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self._line_closed.set()

    async def end(self) -> None:
        """Cuts the line, and waits for whoever still served it."""
        await self._line_opened.wait()
        _cut(self)
        await self._line_closed.wait()
        if self._handler_coroutine is not None:
            await asyncio.wait({self._handler_coroutine})


class _Handler:
    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802  (aiosmtpd's name)
        return await self._by_token(server, args)

    async def auth_OAUTHBEARER(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802  (aiosmtpd's name)
        return await self._by_token(server, args)

    async def _by_token(self, server: SMTP, args: list[str]) -> AuthResult:
        answer = b64decode(args[1])
        bearer = next(part for part in answer.split(b"\1") if part.startswith(b"auth=Bearer "))
        if bearer.partition(b" ")[2].decode() in (self._sink.tokens or ()):
            self._sink.signed_in.append(answer)
            return AuthResult(success=True)
        # As RFC 7628 wants: why, in a challenge that is to be answered by nothing.
        if await server.challenge_auth('{"status":"invalid_token"}') is MISSING:
            return AuthResult(success=False)
        return AuthResult(success=False, handled=False)

    async def handle_RCPT(  # noqa: N802  (aiosmtpd's name)
        self, server: SMTP, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        del options
        if self._sink.tokens is not None and not session.authenticated:
            return "530 5.7.0 Authentication required"
        local = address.partition("@")[0]
        if local == "cut":
            _cut(server)
        if local in AT_RCPT:
            return AT_RCPT[local]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802  (the library calls it so)
        del session
        (recipient,) = envelope.rcpt_tos
        local = recipient.partition("@")[0]
        if local in AFTER_DATA:
            return AFTER_DATA[local]
        self._sink.taken.append(
            Taken(envelope.mail_from or "", recipient, envelope.original_content)
        )
        self._sink._took.set()  # noqa: SLF001  (one module)
        await self._sink.before_answer()
        if local == "silent":
            _cut(server)
        return "250 2.0.0 Ok: queued as 4XyZ00001"


def _cut(session: SMTP) -> None:
    if isinstance(session.transport, asyncio.Transport):
        session.transport.abort()
