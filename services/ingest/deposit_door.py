"""The door of deposits over HTTP: from portal and desk on other machines into ingest's own spool.

The way of a request: who is it (a secret of its own, compared in constant time), does it send from
another spool than ours, is there a place and room on the disk; only then is a body read, within its
size and at a pace, and written as it comes. The answer follows the disk. No octet of a deposit, and
no name of one, comes into a log or an answer.

    204 ready   201 taken   200 taken before
    400 408 413 422 403    this one is malformed, too slow, too large, not whole, not theirs to send
    401 409 503 507        nothing is taken: unknown secret, our own folder, busy or disk, no room
"""

import asyncio
import hashlib
import hmac
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from shared.content.deposit_transfer import (
    MOST_MANIFEST,
    MOST_OCTETS,
    NONCE_HEADER,
    PATH,
    PROOF_HEADER,
    SPOOL_HEADER,
    Depositor,
    TransferKind,
    TransferManifest,
    TransferRefused,
    proof,
    read_manifest,
)
from shared.content.keyring import Keyring
from shared.content.transfer_intake import IncomingTransfer, forget_received, identity
from shared.errors import TemporaryFailure
from shared.platform import disk_space
from shared.platform.clock import SystemClock
from shared.platform.observability.logs import Log
from shared.web.bodies import bounded_request

AT_ONCE: Final = 8
OF_ONE: Final = 4
"""Bodies on their way at the same time, of all and of one depositor."""
LEAST_PACE: Final = 32_000
"""Octets a second, behind the first twenty seconds: a process has a line of its own."""
BUSY_SECONDS: Final = 2
_PIECE: Final = 1024 * 1024
"""Octets that are gathered before a thread writes them."""
_SAID_SECONDS: Final = 60.0
_NOT_WHOLE: Final = frozenset({"size", "digest", "name", "deposit"})

log = Log("deposits")


class DepositDoor:
    """The web application of ingest that takes deposits in; `app` is what a server serves."""

    def __init__(
        self,
        spool: Path,
        secrets: Mapping[Depositor, Sequence[str]],
        keyring: Keyring,
        floor: int = 0,
    ) -> None:
        """Knows who may deposit, each by one or two secrets; `floor`: megabytes kept free."""
        self._spool, self._keyring, self._floor = spool, keyring, floor
        self._known = [
            (name, secret, hashlib.sha256(secret.encode()).digest())
            for name, values in secrets.items()
            for secret in values
        ]
        self._places = Counter[Depositor]()
        self._identity = ""
        self._unknown_said = -_SAID_SECONDS
        self.app = Starlette(
            routes=[
                Route(PATH, self._ready, methods=["GET"]),
                Route(PATH, self._take, methods=["POST"]),
            ],
            exception_handlers={HTTPException: _problem, TemporaryFailure: _away},
        )

    async def prepare(self) -> None:
        """Names the spool and forgets what was taken in long ago, before anybody is answered.

        Raises TemporaryFailure: the disk is full, read-only or away.
        """
        self._identity = await asyncio.to_thread(identity, self._spool)
        await self.forget()

    async def forget(self) -> None:
        """Forgets the ids of deposits that were taken in over thirty days ago."""
        await asyncio.to_thread(forget_received, self._spool, SystemClock().now())

    async def _ready(self, request: Request) -> Response:
        _, secret = await self._let_in(request)
        nonce = request.headers.get(NONCE_HEADER, "").encode()
        return Response(status_code=204, headers={PROOF_HEADER: proof(secret, b"ready " + nonce)})

    async def _take(self, request: Request) -> Response:
        depositor, secret = await self._let_in(request)
        async with self._place(depositor):
            try:
                manifest, new = await self._received(request, depositor)
            except TransferRefused as refused:
                why = str(refused)
                log.warning("transfer_refused", depositor=depositor, why=why)
                status = 403 if why == "kind" else 422 if why in _NOT_WHOLE else 400
                raise HTTPException(status, why) from None
            except ClientDisconnect:
                log.warning("transfer_refused", depositor=depositor, why="cut")
                raise HTTPException(400, "cut") from None
        if manifest.kind is TransferKind.DEPOSIT:  # when a sheet came is nobody's to know
            log.info("transfer_taken", depositor=depositor, new=new)
        headers = {PROOF_HEADER: proof(secret, manifest.line)}
        return PlainTextResponse("taken\n", 201 if new else 200, headers)

    async def _let_in(self, request: Request) -> tuple[Depositor, str]:
        """Returns who asks, and by which secret.

        Raises HTTPException: a stranger, our own folder, no room.
        """
        scheme, _, secret = request.headers.get("authorization", "").partition(" ")
        said = hashlib.sha256(secret.encode("utf-8", "replace")).digest()
        found = None
        for name, value, known in self._known:  # all of them, whichever it is
            if hmac.compare_digest(said, known):
                found = name, value
        if found is None or scheme.lower() != "bearer":
            self._say_unknown()
            raise HTTPException(401, "secret", {"www-authenticate": "Bearer"})
        if request.headers.get(SPOOL_HEADER, "") == self._identity:
            raise HTTPException(409, "spool")
        if await asyncio.to_thread(disk_space.why_full, self._spool, self._floor):
            raise HTTPException(507, "room")
        return found

    def _say_unknown(self) -> None:
        """Once a minute: whoever knocks again and again fills no log."""
        now = time.monotonic()
        if now - self._unknown_said >= _SAID_SECONDS:
            self._unknown_said = now
            log.warning("depositor_unknown")

    @asynccontextmanager
    async def _place(self, depositor: Depositor) -> AsyncIterator[None]:
        if self._places[depositor] >= OF_ONE or self._places.total() >= AT_ONCE:
            raise HTTPException(503, "busy", {"retry-after": str(BUSY_SECONDS)})
        self._places[depositor] += 1
        try:
            yield
        finally:
            self._places[depositor] -= 1

    async def _received(
        self, request: Request, depositor: Depositor
    ) -> tuple[TransferManifest, bool]:
        """Reads a body and puts it into the spool; returns what it is, and whether it is new there.

        Raises TransferRefused, TemporaryFailure, ClientDisconnect, HTTPException (408, 413).
        """
        body = bounded_request(request, MOST_MANIFEST + MOST_OCTETS, LEAST_PACE).stream()
        manifest, rest = await _manifest(body)
        transfer = IncomingTransfer(self._spool, self._keyring, manifest, depositor)
        await asyncio.to_thread(transfer.__enter__)
        try:
            gathered = bytearray(rest)
            async for part in body:
                gathered += part
                if len(gathered) >= _PIECE:
                    await asyncio.to_thread(transfer.write, bytes(gathered))
                    gathered.clear()
            await asyncio.to_thread(transfer.write, bytes(gathered))
            return manifest, await asyncio.to_thread(transfer.place)
        finally:
            # In a thread of its own also where the request was cancelled: nothing is left half.
            await asyncio.shield(asyncio.to_thread(transfer.__exit__, None, None, None))


async def _manifest(body: AsyncIterator[bytes]) -> tuple[TransferManifest, bytes]:
    """Reads the first line; returns also what came behind it. Raises TransferRefused."""
    begun = bytearray()
    async for part in body:
        begun += part
        line, end, rest = bytes(begun).partition(b"\n")
        if end:
            return read_manifest(line), rest
        if len(begun) > MOST_MANIFEST:
            break
    raise TransferRefused("manifest")


async def _problem(request: Request, error: Exception) -> Response:
    del request
    if not isinstance(error, HTTPException):
        raise error
    said = {408: "slow", 413: "large"}.get(error.status_code, error.detail)
    return PlainTextResponse(f"{said}\n", error.status_code, dict(error.headers or {}))


async def _away(request: Request, error: Exception) -> Response:
    del request
    log.warning("transfer_failed", why=str(error))
    return PlainTextResponse("disk\n", 503)
