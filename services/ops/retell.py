"""`vaguemestre retell`: what a service told is told again, with the same ids.

For when Kafka has lost it: its disk, a topic, the end of one. Whoever has heard a fact drops it,
whoever has not takes it as if it came late. Fresh facts are told first.

desk             every fact of the register, whatever its age
the others       what they told in the last 60 days (TOLD_DAYS of
                 shared/platform/messaging/outbox_upkeep.py)

Needs:  VAGUEMESTRE_DATABASE_URL of the database's owner, or of that service's role
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime

import click

from services.desk.retell import tell_again
from services.ops.installation import Installer
from shared.platform.database import Pool, open_pool
from shared.platform.messaging import outbox_retell
from shared.platform.postgres import rights, rows
from shared.platform.settings import load
from shared.site.cli import text


@click.command()
@click.argument("schema", required=False, type=click.Choice(rights.PROCESSES))
@click.option("--all", "everything", is_flag=True, help="What all four services told.")
@click.option("--since", help="Only what was told since this ISO moment, with its offset.")
def retell(schema: str | None, since: str | None, *, everything: bool) -> None:
    """Publish facts again, with the same ids, after Kafka lost them; known ones change nothing."""
    if everything == (schema is not None):
        raise click.UsageError(
            f"Say whose facts are to be told again: one of {', '.join(rights.PROCESSES)}, or --all."
        )
    chosen = rights.PROCESSES if schema is None else (schema,)
    moment = None if since is None else text.instant(since)
    with rows.leaving_out() as left:
        told = asyncio.run(_retell(load(Installer), chosen, moment))
    for name, facts in told:
        click.echo(f"{name}: {facts} facts are told again, after whatever is fresh.")
    for unreadable_row in left:
        click.echo(f"Not told: {unreadable_row}", err=True)
    if left:
        raise SystemExit(1)


async def _retell(
    settings: Installer, schemas: Sequence[str], since: datetime | None
) -> Sequence[tuple[str, int]]:
    pool = await open_pool(settings.database_url, "retell", size=2, wait=settings.start_wait)
    try:
        return [(schema, await of_schema(pool, schema, since)) for schema in schemas]
    finally:
        await pool.close()


async def of_schema(pool: Pool, schema: str, since: datetime | None) -> int:
    """Marks one service's facts since a moment to be published again; returns how many.

    `since`: `None` for all of them.
    """
    if schema == "desk":
        return await tell_again(pool, since)
    return await outbox_retell.retell(pool, schema, since)
