"""`vaguemestre crosscheck`: is all that was told known to whoever hears it? What is not is retold.

The same as each process does at night (shared/platform/messaging/crosscheck.py), now and for all of
them. Exit code 1 when something was missing, or can't be said yet.

Needs:  VAGUEMESTRE_DATABASE_URL of the database's owner, VAGUEMESTRE_KAFKA, VAGUEMESTRE_PREFIX
"""

import asyncio
from collections.abc import Mapping, Sequence

import click

from services.desk import fact_memory as desk
from services.notify import fact_memory as notify
from services.ops.installation import Installer
from services.sla import fact_memory as sla
from shared.platform.database import Pool, open_pool
from shared.platform.messaging import crosscheck as checking
from shared.platform.messaging.crosscheck import Finding, Remembers
from shared.platform.settings import load

READERS: Mapping[str, Remembers] = {
    "desk": desk.REMEMBERS,
    "sla": sla.REMEMBERS,
    "notify": notify.REMEMBERS,
}
UNTELLABLE = """
    SELECT count(*) FROM ingest.arrivals a
    WHERE a.kind <> 'seen'
      AND NOT EXISTS (SELECT FROM desk.arrivals d WHERE d.arrival_id = a.arrival_id)
      AND NOT EXISTS (SELECT FROM ingest.outbox o WHERE o.key = a.arrival_id::text)
"""
"""Kept before facts stayed in the outbox, or longer ago than they stay."""


@click.command()
def crosscheck() -> None:
    """Find facts that were published and never received, and publish them again.

    Exit code 1 if there are any, if a reader is behind, or if arrivals can't be published again.
    """
    findings, untellable = asyncio.run(_crosscheck(load(Installer)))
    for finding in findings:
        if sentence := finding_sentence(finding):
            click.echo(sentence)
    if untellable:
        click.echo(
            f"{untellable} arrivals are kept, not registered, and told too long ago to be told "
            "again: their originals are in the folder of originals, under the arrival's id."
        )
    if untellable or any(finding.missing or finding.behind for finding in findings):
        raise SystemExit(1)
    click.echo("All that was told is known to whoever hears it.")


def finding_sentence(finding: Finding) -> str:
    """Formats a finding of the cross-check as one sentence; empty when all is well."""
    topic = finding.topic.value
    if finding.behind:
        return (
            f"{finding.schema}: it has not heard yet all that Kafka holds of {topic}; "
            "look at its /health, then ask again."
        )
    if finding.missing and finding.retold:
        return (
            f"{finding.schema}: {finding.missing} facts of {topic} were told and never heard; "
            "they are told again."
        )
    if finding.missing:
        return (
            f"{finding.schema}: {finding.missing} facts of {topic} were told again today and are "
            "not known still: look at its log and its dead letters."
        )
    return ""


async def _crosscheck(settings: Installer) -> tuple[Sequence[Finding], int]:
    pool = await open_pool(settings.database_url, "crosscheck", size=2, wait=settings.start_wait)
    try:
        return await of_all(pool, settings)
    finally:
        await pool.close()


async def of_all(pool: Pool, settings: Installer) -> tuple[Sequence[Finding], int]:
    """Finds the facts that any service never received, and publishes them again; returns findings.

    Also the number of arrivals that can't be published again.
    """
    findings = list[Finding]()
    for schema, remembers in READERS.items():
        findings += await checking.check(pool, settings.broker, settings.prefix, schema, remembers)
    return findings, int(await pool.fetchval(UNTELLABLE))
