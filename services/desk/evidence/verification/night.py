"""Each night everything is verified, once a local day, by whichever process comes first.

A process that was down verifies on its return. The blobs are the recent ones and a thirtieth of the
store, so that within thirty nights all of it was read.
"""

from contextlib import suppress
from datetime import date, datetime, time, timedelta

import asyncpg
from pydantic import SecretStr

from services.desk.evidence.store import verifications
from services.desk.evidence.verification.ground import SLICES, Documents, VerificationContext
from services.desk.evidence.verification.registry import Report, verify
from services.desk.jobs import JobContext, Replanning
from shared.content.blobs import Blobs
from shared.platform.clock import sure
from shared.platform.database import UNREACHABLE, Connection, Pool, connect_alone, transaction
from shared.platform.jobs import Job, every
from shared.platform.kafka.connection import KafkaAccess
from shared.platform.observability.logs import Log
from shared.site.applied_rules import Rules
from shared.site.tables.bundle import AppliedSite

EACH_SECONDS = 60.0
FROM = time(3)
"""Local time from which on a night is verified: the day is sealed, and nobody works."""
RECENT = timedelta(days=2)
"""Documents of facts so old are read each night."""

PATIENCE = 15.0
"""Seconds after which what differs is looked at again."""

_ALONE = 0x76657269  # "veri": one process verifies

log = Log("verification")


def tonight(day: date, now: datetime) -> Documents:
    """Chooses the documents that the verification reads in the night of a local day."""
    return Documents(since=now - RECENT, part=day.toordinal() % SLICES)


async def record(ground: VerificationContext, report: Report) -> int:
    """Stores the result of the nightly verification; returns its number."""
    day = ground.now.astimezone(ground.applied.site.zone).date()
    async with transaction(ground.pool) as connection:
        return await verifications.keep(
            connection,
            (day, ground.now),
            (report.items, report.clocks, report.differ),
            report.checked,
            report.differences,
            report.said,
        )


async def once(
    pool: Pool,
    url: SecretStr,
    rules: Rules,
    replanning: Replanning,
    blobs: Blobs,
    kafka: tuple[KafkaAccess, str] | None,
    now: datetime,
    *,
    patience: float = PATIENCE,
) -> Report | None:
    """Runs the nightly verification if it is due; `None` if not, or if another process runs it.

    The lock against other processes is held while files are read, on a database connection of its
    own, which is opened with `url` and is not from the pool.

    Raises:
        TemporaryFailure: disk or database are away; the next look tries again.
    """
    if await _due(pool, rules, now) is None:
        return None
    alone = await connect_alone(url, "verification")
    try:
        if not await alone.fetchval("SELECT pg_try_advisory_lock($1)", _ALONE):
            return None
        due = await _due(pool, rules, now)  # unless somebody was faster
        if due is None:
            return None
        async with transaction(pool, readonly=True) as connection:
            replan = await replanning(connection)
        documents = tonight(now.astimezone(due.site.zone).date(), now)
        ground = VerificationContext(pool, due, replan, blobs, documents, now, kafka, patience)
        report = await verify(ground)
        await record(ground, report)
    finally:
        await _leave(alone)
    say = log.info if report.holds else log.error
    say("evidence_verified", items=report.items, clocks=report.clocks, differ=report.differ)
    return report


async def _leave(alone: Connection) -> None:
    """Gives the lock back now: a server notices a moment later that a connection has ended."""
    try:
        with suppress(asyncpg.PostgresError, *UNREACHABLE):
            await alone.execute("SELECT pg_advisory_unlock_all()")
    finally:
        alone.terminate()


async def _due(pool: Pool, rules: Rules, now: datetime) -> AppliedSite | None:
    """The rules, when this local day's verification is due and not made."""
    async with transaction(pool, readonly=True) as connection:
        applied = await rules.if_any(connection)
        if applied is None:
            return None
        local = now.astimezone(applied.site.zone)
        if local.time() < FROM or await verifications.has_verification(connection, local.date()):
            return None
        return applied


def verifies(parts: JobContext) -> Job:
    """Makes the background job that checks each minute whether the verification is due."""
    settings = parts.settings
    kafka = (settings.broker, settings.prefix)

    async def look() -> None:
        await once(
            parts.pool, settings.database_url, parts.rules, parts.replanning, parts.blobs, kafka,
            sure(parts.clock),
        )  # fmt: skip

    return every(EACH_SECONDS, look, parts.stopping)
