"""Telling the past again: a reader rebuilds its tables from it."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

import click

from services.desk.commands.session import DeskQuestions
from services.desk.settings import DeskSettings
from services.desk.store import facts, quality
from shared import outbox
from shared.database import open_pool, transaction
from shared.errors import VaguemestreError
from shared.settings import load

PAGE = 200
"""Items told in one transaction."""


@click.command()
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]),
    help="Only items of which something was recorded since then (UTC).",
)
def republish(since: datetime | None) -> None:
    """Tell every fact again, with the same ids: readers that have them change nothing."""
    try:
        told = asyncio.run(_republish(load(DeskQuestions), since))
    except VaguemestreError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{told} facts wait in the outbox; `desk keep` tells them.")


async def _republish(settings: DeskSettings, since: datetime | None) -> int:
    pool = await open_pool(settings.database_url, "desk republish", size=2)
    told, after = 0, None
    moment = None if since is None else since.replace(tzinfo=UTC)
    try:
        while True:
            async with transaction(pool) as connection:
                page = await facts.since(connection, moment, after, PAGE)
                await outbox.put(connection, facts.SCHEMA, [fact for _, fact in page])
            if not page:
                break
            told, after = told + len(page), UUID(str(page[-1][0]))
        async with transaction(pool) as connection:
            rest = await quality.since(connection, moment)
            await outbox.put(connection, quality.SCHEMA, rest)
        return told + len(rest)
    finally:
        await pool.close()
