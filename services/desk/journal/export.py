"""The journal leaves for a collector of logs, and what is too old goes; no page waits for either.

`desk keep` reads what stands in the table: a collector that is away only makes it late, and what it
may have had when a connection broke is sent again.
"""

import asyncio
import socket
from datetime import datetime, timedelta

from services.desk.journal import store
from services.desk.journal.store import JournalLine, What
from services.desk.settings import DeskSettings
from shared.errors import TemporaryFailure
from shared.platform.clock import Clock, sure
from shared.platform.database import Pool, transaction
from shared.platform.jobs import Job, every
from shared.platform.observability import syslog
from shared.platform.observability.logs import Log
from shared.platform.observability.syslog import Collector
from shared.site.applied_rules import Rules

EACH_SECONDS = 5.0
PURGE_SECONDS = 3600.0
ROUND = 500
WARNS = frozenset({What.REFUSAL, What.SIGN_IN_REFUSED})
MONTH = timedelta(days=31)

log = Log("journal")


def collector_of(settings: DeskSettings) -> Collector | None:
    """Returns the log collector (syslog) named by the settings, or `None`.

    Raises PermanentFailure.
    """
    if settings.syslog is None:
        return None
    return syslog.collector(settings.syslog, settings.syslog_ca)


def exports(pool: Pool, to: Collector | None, stopping: asyncio.Event) -> Job:
    """Makes the background job that sends new journal lines to the log collector, if any."""
    away = False

    async def send() -> None:
        nonlocal away
        try:
            while to is not None and await export(pool, to) == ROUND and not stopping.is_set():
                away = False
            away = False
        except TemporaryFailure as failure:
            if not away:
                log.warning("journal_not_exported", why=str(failure))
            away = True

    return every(EACH_SECONDS, send, stopping)


async def export(pool: Pool, to: Collector) -> int:
    """Sends a batch of journal lines to the log collector; returns how many.

    Raises TemporaryFailure.
    """
    async with transaction(pool) as connection:
        place = await store.told(connection)
        found = await store.after(connection, place, ROUND)
    if not found:
        return 0
    host = socket.gethostname()
    await syslog.send(to, [_message(line, host) for _, line in found])
    async with transaction(pool) as connection:
        await store.is_told(connection, found[-1][0])
    return len(found)


def purges(pool: Pool, rules: Rules, clock: Clock, stopping: asyncio.Event) -> Job:
    """Makes the background job that each hour deletes journal lines past their retention."""

    async def purge() -> None:
        async with transaction(pool) as connection:
            applied = await rules.if_any(connection)
            if applied is not None:
                kept = applied.site.identity.journal_months
                now = sure(clock)
                await store.purge(connection, too_old(now, kept), now)

    return every(PURGE_SECONDS, purge, stopping)


def too_old(now: datetime, months: int) -> datetime:
    """Returns the moment before which journal lines are deleted, from the months to keep."""
    return now - months * MONTH


def _message(line: JournalLine, host: str) -> bytes:
    said = {
        "person": line.person or "-",
        "address": line.address or "-",
        "page": line.page,
        "about": line.about or "-",
    }
    if line.account is not None:
        said |= {"account": line.account, "why": line.why or "-"}
    severity = syslog.WARNING if line.what in WARNS else syslog.INFO
    return syslog.message(line.at, host, "vaguemestre", line.what.value, severity, said)
