"""The journal leaves for a collector of logs, and what is too old goes; no page waits for either.

`desk keep` reads what stands in the table: a collector that is away only makes it late, and what it
may have had when a connection broke is sent again.
"""

import socket
from datetime import datetime, timedelta

from services.desk.jobs import JobContext
from services.desk.journal import store
from services.desk.settings import DeskSettings
from services.desk.store.access_journal import JournalLine, What
from shared.errors import TemporaryFailure
from shared.platform.clock import sure
from shared.platform.database import Pool, transaction
from shared.platform.jobs import Job, every
from shared.platform.observability import syslog
from shared.platform.observability.logs import Log
from shared.platform.observability.syslog import Collector

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


def sends(parts: JobContext) -> Job:
    """Makes the background job that sends new journal lines to the log collector."""
    pool, to, stopping = parts.pool, collector_of(parts.settings), parts.stopping
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
        place = await store.lock_sent_place(connection)
        found = await store.after(connection, place, ROUND)
    if not found:
        return 0
    host = socket.gethostname()
    await syslog.send(to, [_message(line, host) for _, line in found])
    async with transaction(pool) as connection:
        await store.is_told(connection, found[-1][0])
    return len(found)


def purges(parts: JobContext) -> Job:
    """Makes the background job that each hour deletes journal lines past their retention."""

    async def purge() -> None:
        async with transaction(parts.pool) as connection:
            applied = await parts.rules.if_any(connection)
            if applied is not None:
                kept = applied.site.identity.journal_months
                now = sure(parts.clock)
                await store.purge(connection, too_old(now, kept), now)

    return every(PURGE_SECONDS, purge, parts.stopping)


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
    return syslog.message(line.at, host, "vaguemestre", str(line.what), severity, said)
