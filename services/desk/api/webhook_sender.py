"""The sender of webhooks: of each item one fact after the other, of items as many as a few at once.

    claim a lane (a minute) → POST, without a connection to the database → note what came of it

A webhook whose receiver is slow keeps no other waiting: each has connections of its own, and all
together use two connections to PostgreSQL, for moments.
"""

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Final, Self

from services.desk.api.domain import signatures
from services.desk.api.domain.key_roles import roles_of_key
from services.desk.api.domain.public_addresses import Network, networks_of, parse_url
from services.desk.api.domain.webhooks import (
    GONE,
    MEDIA_TYPE,
    NO_SECRET,
    Webhook,
    WebhookId,
    pause_after,
)
from services.desk.api.store import webhook_lanes, webhooks
from services.desk.api.store.webhook_lanes import ClaimedLane
from services.desk.api.store.webhooks import BusyWebhook
from services.desk.api.webhook_client import ReceiverAnswer, WebhookClient
from services.desk.store.visibility import Visibility
from shared.content.site_keys import SiteKeys
from shared.errors import Refused, TemporaryFailure
from shared.platform.clock import Clock, sure
from shared.platform.database import UNREACHABLE, Pool, transaction
from shared.platform.failures import reason_of
from shared.platform.observability.logs import Log, where
from shared.site.applied_rules import Rules
from shared.site.tables.bundle import Site

AT_ONCE: Final = 8
"""Items of one webhook that are told at the same time."""
CONNECTIONS: Final = 2
"""Of the pool of letters, for all webhooks together."""
DRAIN_SECONDS: Final = 30.0
"""After so long rules, key and address of a webhook are read anew."""
REST_SECONDS: Final = 30.0
"""So long a webhook rests that failed by what is not its receiver's answer."""
GRACE_SECONDS: Final = 5.0
"""How long what is on its way has when the process ends."""

ClientMaker = Callable[[list[Network], int], WebhookClient]

log = Log("webhooks")


@dataclass(frozen=True, slots=True)
class _Drain:
    """All that one webhook is told with, until it is read anew."""

    webhook: Webhook
    client: WebhookClient
    seen: Visibility
    secrets: list[bytes]
    home: str
    reachable: bool
    until: float


@dataclass
class WebhookSender:
    """The sender that delivers due facts to webhooks; `async with` ends deliveries under way."""

    pool: Pool
    rules: Rules
    keys: SiteKeys
    clock: Clock
    stopping: asyncio.Event
    client: ClientMaker = WebhookClient
    _drains: dict[WebhookId, asyncio.Task[None]] = field(default_factory=dict)
    _rests: dict[WebhookId, float] = field(default_factory=dict)
    """Until when, by the loop's clock."""
    _gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(CONNECTIONS))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        del kind, error, trace
        await self.end()

    async def end(self) -> None:
        """Lets what is on its way end, for a few seconds; then cancels it and gives it back."""
        left = list(self._drains.values())
        try:
            if left:
                await asyncio.wait(left, timeout=GRACE_SECONDS)
        finally:
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)

    async def round(self) -> None:
        """Starts a task for each webhook that has facts due, and does not wait for its end.

        What an ended webhook had still to be told is deleted. A webhook whose task failed in an
        earlier round is logged, and rests for a while; no other stops for it. Raises
        TemporaryFailure when PostgreSQL is away.
        """
        self._collect()
        moment = asyncio.get_running_loop().time()
        self._rests = {webhook: end for webhook, end in self._rests.items() if end > moment}
        async with self._gate, transaction(self.pool) as connection:
            found = await webhooks.busy(connection, AT_ONCE)
            applied = await self.rules.if_any(connection) if found else None
            if applied is None:
                return
            now = sure(self.clock)
            told = [busy for busy in found if _stands(busy, now)]
            for over in found:
                if over not in told:
                    await webhook_lanes.forget(connection, over.webhook.webhook)
        for due in told:
            if due.due and not {due.webhook.webhook} & {*self._drains, *self._rests}:
                work = self._drain(due, applied.site, now)
                self._drains[due.webhook.webhook] = asyncio.create_task(work)

    async def idle(self) -> None:
        """Waits until all started deliveries have ended; raises what failed."""
        failures: list[BaseException] = []
        while self._drains:
            await asyncio.wait(self._drains.values())
            failures += self._collect()
        if failures:
            raise failures[0]

    def _collect(self) -> list[BaseException]:
        """Takes leave of what has ended; logs what failed, whose webhook rests, and returns it."""
        failures = []
        done = [(webhook, task) for webhook, task in self._drains.items() if task.done()]
        for webhook, task in done:
            del self._drains[webhook]
            error = None if task.cancelled() else task.exception()
            if error is not None:
                self._rests[webhook] = asyncio.get_running_loop().time() + REST_SECONDS
                why = reason_of(error) if isinstance(error, Exception) else type(error).__name__
                log.error("webhook_failed", webhook=webhook, why=why, where=where(error))
                failures.append(error)
        return failures

    async def _drain(self, due: BusyWebhook, site: Site, now: datetime) -> None:
        """Tells one webhook until nothing is due."""
        webhook, places = due.webhook, site.identity.webhooks
        roles = roles_of_key(due.key, site)
        until = asyncio.get_running_loop().time() + DRAIN_SECONDS
        async with self.client(list(networks_of(places)), AT_ONCE) as client:
            drain = _Drain(
                webhook=webhook,
                client=client,
                seen=roles.seen._replace(secrets=roles.reads_all),
                secrets=webhook.secrets(self.keys, now),
                home=site.identity.desk_url,
                reachable=_is_reachable(webhook.url, site),
                until=until,
            )
            workers = [self._work(drain) for _ in range(due.due)]
            for ended in await asyncio.gather(*workers, return_exceptions=True):
                if isinstance(ended, BaseException):
                    raise ended

    async def _work(self, drain: _Drain) -> None:
        webhook, more = drain.webhook, True
        types = None if webhook.types is None else sorted(webhook.types)
        while more and not self._ends(drain):
            async with self._gate, transaction(self.pool) as connection:
                await webhook_lanes.hasty(connection)
                lane, more = await webhook_lanes.claim(
                    connection, webhook.webhook, types, drain.seen
                )
            if lane is not None:
                await self._attempt(drain, lane)

    async def _attempt(self, drain: _Drain, lane: ClaimedLane) -> None:
        try:
            answer = await self._told(drain, lane)
        except asyncio.CancelledError:
            # The process ends: that is no failure of the receiver's.
            with suppress(TemporaryFailure, *UNREACHABLE):
                async with transaction(self.pool) as connection:
                    await webhook_lanes.give_back(connection, lane)
            raise
        await self._note(lane, answer)

    async def _note(self, lane: ClaimedLane, answer: ReceiverAnswer) -> None:
        async with self._gate, transaction(self.pool) as connection:
            await webhook_lanes.hasty(connection)
            if answer.accepted:
                # Before its lane, as whoever ends a webhook locks them.
                await webhooks.note_told(connection, lane.webhook)
                await webhook_lanes.note_delivery(connection, lane)
                return
            pause = None
            if answer.status != GONE:
                luck = random.random()  # noqa: S311  (it only spreads attempts)
                pause = pause_after(lane.attempts, luck, answer.wanted)
            await webhook_lanes.note_failure(connection, lane, answer.why, pause)
        if pause is None:
            log.warning("webhook_given_up", webhook=lane.webhook, why=answer.why)

    def _ends(self, drain: _Drain) -> bool:
        return self.stopping.is_set() or asyncio.get_running_loop().time() > drain.until

    async def _told(self, drain: _Drain, lane: ClaimedLane) -> ReceiverAnswer:
        if not drain.reachable:
            return ReceiverAnswer(None, "address")
        if not drain.secrets:
            return ReceiverAnswer(None, NO_SECRET)
        body = lane.event.body(drain.home)
        signed = signatures.headers(
            drain.secrets, str(lane.event.event_id), int(lane.at.timestamp()), body
        )
        headers = (*signed, ("content-type", MEDIA_TYPE), ("user-agent", "Vaguemestre"))
        return await drain.client.post(drain.webhook.url, headers, body)


def _stands(one: BusyWebhook, now: datetime) -> bool:
    """Whether a webhook is told now: neither it nor its key has ended."""
    return one.webhook.ended_at is None and one.key.holds(now)


def _is_reachable(url: str, site: Site) -> bool:
    """Whether the site still lets webhooks have this address; names are judged when it connects."""
    try:
        parse_url(url, site.identity.webhooks)
    except Refused:
        return False
    return True
