"""Listening to PostgreSQL's notifications (LISTEN, NOTIFY) as a background job that reconnects.

A notification is a hint: it may be lost with its connection, so whoever listens also looks at once
when a connection opens, and now and then without being told.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeAlias

import asyncpg
from pydantic import SecretStr

from shared.errors import TemporaryFailure
from shared.platform.backoff import pause_after, pause_or
from shared.platform.database import UNREACHABLE, connect_alone
from shared.platform.observability.logs import Log

ListeningSession: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Look: TypeAlias = Callable[[ListeningSession, Sequence[str] | None], Awaitable[None]]
"""Called with the connection and the payloads heard since the last call, in order.

`None`: the connection is new, anything may have been missed; empty: the poll, nothing was heard.
"""

log = Log("notifications")


async def follow_channel(
    url: SecretStr, application: str, channel: str, poll: float, look: Look
) -> None:
    """Listens to a PostgreSQL NOTIFY channel until cancelled; calls `look` at each notification.

    Also on connecting, and every `poll` seconds. `application`: the connection's name in
    PostgreSQL. A connection that is lost, or a `look` that finds PostgreSQL away, is logged and
    tried again with a backoff.
    """
    failures = 0

    async def looked(session: ListeningSession, heard: Sequence[str] | None) -> None:
        nonlocal failures
        await look(session, heard)
        failures = 0

    while True:
        try:
            await _listen(url, application, channel, poll, looked)
        except (TemporaryFailure, *UNREACHABLE) as error:
            failures += 1
            log.warning("notifications_lost", channel=channel, error=type(error).__name__)
            await asyncio.sleep(pause_after(failures))


async def _listen(url: SecretStr, application: str, channel: str, poll: float, look: Look) -> None:
    """One connection; raises when it is lost."""
    session = await connect_alone(url, application)
    told = asyncio.Event()
    payloads = list[str]()

    def hear(_session: Any, _pid: int, _channel: str, payload: object) -> None:
        payloads.append(str(payload))
        told.set()

    try:
        session.add_termination_listener(lambda _: told.set())
        await session.add_listener(channel, hear)
        await look(session, None)
        while True:
            await pause_or(told, poll)
            told.clear()
            heard = tuple(payloads)
            payloads.clear()
            if not heard or session.is_closed():
                # Raises when the line was lost; one that a firewall cut says nothing by itself.
                await session.execute("SELECT 1")
            await look(session, heard)
    finally:
        session.terminate()
