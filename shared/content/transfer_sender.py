"""The job that sends what waits in a spool of one's own to ingest's door, and removes it then.

The receipt that a person has was given on the local disk; here nothing is given up. A door that is
away ends the round, which is tried again within five seconds for as long as it takes; what the door
refuses for its own sake waits apart for a quarter of an hour, what broke on its way for half a
minute, and neither hinders what is behind it.
"""

import asyncio
import hmac
import secrets
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from pathlib import Path
from typing import Final

import httpx
from prometheus_client import CollectorRegistry

from shared.content import spool, transfer_queue
from shared.content.deposit_transfer import (
    NONCE_HEADER,
    PATH,
    PROOF_HEADER,
    SPOOL_HEADER,
    TransferManifest,
    TransferRefused,
    proof,
)
from shared.content.transfer_queue import WaitingTransfer
from shared.errors import TemporaryFailure
from shared.platform.clock import Clock, SystemClock
from shared.platform.observability.health import State, Unwell, Well
from shared.platform.observability.logs import Log
from shared.platform.observability.metric_definitions import GaugeOf, MetricDefinition

UNSENT: Final = GaugeOf(
    "vaguemestre_unsent_deposits",
    "Deposits, requests and sheets that wait on this disk to be sent to ingest's door.",
    "deposits",
)
OLDEST: Final = GaugeOf(
    "vaguemestre_unsent_deposits_oldest_seconds",
    "For how long the oldest of them has waited to be sent; 0: none does.",
    "seconds",
)
TABLE: Sequence[MetricDefinition] = (UNSENT, OLDEST)

EACH_SECONDS: Final = 1.0
PATIENCE: Final = timedelta(minutes=10)
"""So long one may wait before /health says that it is unwell."""
REFUSED_SECONDS: Final = 900.0
BROKEN_SECONDS: Final = 30.0
_SWEEP_SECONDS: Final = 3600.0
_TIMES: Final = httpx.Timeout(60.0, connect=10.0)
_TAKEN: Final = frozenset({200, 201})
_ITS_OWN: Final = frozenset({400, 403, 413, 422})
"""Answers that concern this deposit."""
_OF_ALL: Final = frozenset({401, 404, 409, 503, 507})
"""Answers that concern all of them; of any other nobody knows, since the door was ready."""
_NO_DOOR: Final = "what answers there is not ingest's door: check VAGUEMESTRE_DEPOSITS_URL"
_BROKEN_IN_A_ROW: Final = 3

WORDS: Final = {
    401: "the door does not know the secret: compare VAGUEMESTRE_DEPOSITS_SECRET with the door's"
    " VAGUEMESTRE_DEPOSITS_SECRETS",
    404: "no door answers there: check VAGUEMESTRE_DEPOSITS_URL",
    409: "VAGUEMESTRE_SPOOL is the folder that ingest itself reads: give this process a folder of"
    " its own, or unset VAGUEMESTRE_DEPOSITS_URL",
    413: "too large for the door, or for a proxy before it",
    507: "the disk of ingest's spool has no room",
}

log = Log("deposits")


class TransferBroken(TemporaryFailure):
    """The error that a deposit did not get through, and nobody knows whether others would."""


class DoorAway(TemporaryFailure):
    """The error that ingest's door takes nothing now; what waits stays and is tried again."""


@dataclass(frozen=True, slots=True)
class DoorAddress:
    """The address of ingest's door: its URL, our secret, who signed its certificate."""

    url: str
    secret: str
    authorities: Path | None = None


class _Sent(Enum):
    WENT = "went"
    REFUSED = "refused"
    BROKE = "broke"


@dataclass(frozen=True, slots=True)
class _Held:
    why: str
    again_at: float
    refused: bool


class DepositSender:
    """The sender of what waits in a spool of one's own; `round` is the work of its job."""

    def __init__(
        self,
        folder: Path,
        door: DoorAddress,
        registry: CollectorRegistry,
        clock: Clock | None = None,
    ) -> None:
        """`clock`: the machine's, also while a story is told: files carry its time."""
        self._folder, self._door, self._clock = folder, door, clock or SystemClock()
        self._unsent, self._oldest = UNSENT.on(registry), OLDEST.on(registry)
        self._tls = ssl.create_default_context(cafile=door.authorities)
        self._held: dict[str, _Held] = {}
        self._why = ""
        self._swept = -_SWEEP_SECONDS

    async def round(self) -> None:
        """Sends all that waits, the oldest first; each is removed once the door has it.

        Raises TemporaryFailure: the door or the disk is away, and the rest stays.
        """
        await self._sweep()
        waiting = await asyncio.to_thread(transfer_queue.waiting_transfers, self._folder)
        names = {transfer.name for transfer in waiting}
        self._held = {name: held for name, held in self._held.items() if name in names}
        now = time.monotonic()
        due = [
            transfer
            for transfer in waiting
            if transfer.name not in self._held or self._held[transfer.name].again_at <= now
        ]
        if due:
            try:
                await self._send_all(due)
            except TemporaryFailure as failure:
                self._why = str(failure)
                raise
        self._why = ""

    async def measure(self) -> None:
        """Sets the gauges of what waits. Raises TemporaryFailure: the disk can't be read now."""
        waiting, age = await self._waiting()
        self._unsent.set(waiting)
        self._oldest.set(age.total_seconds())

    async def check(self) -> State:
        """Returns the health of the sending: how many wait, and unwell once one waits too long."""
        waiting, age = await self._waiting()
        refused = [held.why for held in self._held.values() if held.refused]
        if refused:
            return Unwell(
                f"{self._folder}: {len(refused)} of {waiting} deposits that wait can't be sent"
                f" ({refused[0]}); they stay here."
            )
        if age > PATIENCE:
            return Unwell(
                f"{self._folder}: {waiting} deposits wait to be sent to ingest's door, the oldest"
                f" for {age // timedelta(minutes=1)} minutes. {self._why}".strip()
            )
        return Well({"waits": waiting} if waiting else None)

    async def _waiting(self) -> tuple[int, timedelta]:
        found = await asyncio.to_thread(transfer_queue.waiting_transfers, self._folder)
        since = await asyncio.to_thread(transfer_queue.oldest, found)
        age = timedelta(0) if since is None else self._clock.now() - since
        return len(found), max(age, timedelta(0))

    async def _sweep(self) -> None:
        """Here no ingest deletes what was left half written."""
        if time.monotonic() - self._swept >= _SWEEP_SECONDS:
            await asyncio.to_thread(spool.sweep, self._folder, self._clock.now())
            self._swept = time.monotonic()

    async def _send_all(self, due: Sequence[WaitingTransfer]) -> None:
        headers = {
            "authorization": f"Bearer {self._door.secret}",
            SPOOL_HEADER: await asyncio.to_thread(transfer_queue.identity, self._folder),
        }
        sent = 0
        try:
            async with httpx.AsyncClient(
                base_url=self._door.url, headers=headers, timeout=_TIMES, verify=self._tls,
                trust_env=False,
            ) as client:  # fmt: skip
                # Asked before: whoever answers while a body is still coming is not always heard.
                nonce = secrets.token_hex()
                ready = await _heard(client.get(PATH, headers={NONCE_HEADER: nonce}))
                self._judge_ready(ready, f"ready {nonce}".encode())
                broken = 0
                for transfer in due:
                    went = await self._try(client, transfer)
                    sent += went is _Sent.WENT
                    broken = broken + 1 if went is _Sent.BROKE else 0
                    if broken == _BROKEN_IN_A_ROW:
                        raise DoorAway(_away("connections break"))
        finally:
            if sent:
                log.info("deposits_sent", deposits=sent)

    async def _try(self, client: httpx.AsyncClient, transfer: WaitingTransfer) -> "_Sent":
        """Sends one; what concerns it alone holds it. Raises DoorAway."""
        try:
            gone = await self._send(client, transfer)
        except DoorAway:
            raise
        except TransferRefused as failure:
            self._hold(transfer, str(failure), REFUSED_SECONDS)
            return _Sent.REFUSED
        except TemporaryFailure as failure:
            self._hold(transfer, str(failure), BROKEN_SECONDS)
            return _Sent.BROKE if isinstance(failure, TransferBroken) else _Sent.REFUSED
        except httpx.TransportError as error:
            # A proxy may end the connection of what it does not let pass.
            self._hold(transfer, f"the connection broke: {type(error).__name__}", BROKEN_SECONDS)
            return _Sent.BROKE
        self._held.pop(transfer.name, None)
        return _Sent.WENT if gone else _Sent.REFUSED

    async def _send(self, client: httpx.AsyncClient, transfer: WaitingTransfer) -> bool:
        """Sends one and removes it. Raises DoorAway, TransferRefused, TemporaryFailure, httpx's."""
        manifest = await asyncio.to_thread(transfer_queue.manifest_of, transfer)
        if manifest is None:
            return False
        size = len(manifest.line) + manifest.size
        try:
            answer = await client.post(
                PATH,
                content=_body(manifest, transfer),
                headers={"content-length": str(size), "content-type": "application/octet-stream"},
            )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise DoorAway(_away(type(error).__name__)) from error
        except OSError as error:
            raise spool.trouble(transfer.path, error) from error
        self._judge_taken(answer, manifest.line)
        await asyncio.to_thread(transfer_queue.remove, transfer)
        return True

    def _judge_ready(self, answer: httpx.Response, said: bytes) -> None:
        """Raises DoorAway: it is not ready, or no door of ours."""
        if answer.status_code != httpx.codes.NO_CONTENT:
            raise DoorAway(_away(_why(answer)))
        if not self._proves(answer, said):
            raise DoorAway(_away(_NO_DOOR))

    def _judge_taken(self, answer: httpx.Response, said: bytes) -> None:
        """Raises TransferRefused, TransferBroken or DoorAway, unless the door proves it has it."""
        status = answer.status_code
        if status in _TAKEN and self._proves(answer, said):
            return
        if status in _ITS_OWN:
            raise TransferRefused(_why(answer))
        if status in _OF_ALL:
            raise DoorAway(_away(_why(answer)))
        raise TransferBroken(_NO_DOOR if status in _TAKEN else _why(answer))

    def _proves(self, answer: httpx.Response, said: bytes) -> bool:
        given = answer.headers.get(PROOF_HEADER, "").encode("utf-8", "replace")
        return hmac.compare_digest(given, proof(self._door.secret, said).encode())

    def _hold(self, transfer: WaitingTransfer, why: str, seconds: float) -> None:
        refused = seconds == REFUSED_SECONDS
        self._held[transfer.name] = _Held(why, time.monotonic() + seconds, refused)
        log.warning("deposit_not_taken", kind=transfer.kind.value, why=why)


async def _body(manifest: TransferManifest, transfer: WaitingTransfer) -> AsyncIterator[bytes]:
    yield manifest.line
    pieces = transfer_queue.octets_of(transfer)
    while piece := await asyncio.to_thread(next, pieces, b""):
        yield piece


async def _heard(asked: Awaitable[httpx.Response]) -> httpx.Response:
    try:
        return await asked
    except httpx.TransportError as error:
        raise DoorAway(_away(type(error).__name__)) from error


def _why(answer: httpx.Response) -> str:
    status = answer.status_code
    return f"HTTP {status}: {WORDS.get(status, 'see the log of ingest')}"


def _away(why: str) -> str:
    return f"Ingest's door takes no deposit now ({why}); what waits stays on this disk."
