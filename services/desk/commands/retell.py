"""Telling the past again: a reader rebuilds its tables from it."""

import asyncio
from datetime import UTC, datetime

import click

from services.desk.commands.session import DeskQuestions
from services.desk.retell import tell_again
from services.desk.settings import DeskSettings
from shared.platform.database import open_pool
from shared.platform.postgres import rows
from shared.platform.settings import load


@click.command()
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]),
    help="Only items of which something was recorded since then (UTC).",
)
def republish(since: datetime | None) -> None:
    """Publish every fact of the register again, with the same ids, for readers that lost them.

    The same as `vaguemestre retell desk`, under the role of the register. Exit code 1 when one of
    them can't be read; all the others are put into the outbox.
    """
    with rows.leaving_out() as left:
        told = asyncio.run(_republish(load(DeskQuestions), since))
    click.echo(f"{told} facts wait in the outbox; `desk keep` tells them.")
    for reason in left:
        click.echo(f"Not told: {reason}", err=True)
    if left:
        raise SystemExit(1)


async def _republish(settings: DeskSettings, since: datetime | None) -> int:
    pool = await open_pool(settings.database_url, "desk republish", size=2)
    try:
        return await tell_again(pool, None if since is None else since.replace(tzinfo=UTC))
    finally:
        await pool.close()
