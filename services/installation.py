"""What is done once before the services run, and again after each upgrade.

Needs:  VAGUEMESTRE_DATABASE_URL of the database's owner, VAGUEMESTRE_KAFKA
"""

import asyncio
from typing import ClassVar

import asyncpg
import click

from shared import topics as topic_table
from shared.database import UNREACHABLE, away
from shared.errors import VaguemestreError
from shared.migrate import Migration
from shared.migrate import migrate as apply_migrations
from shared.settings import Settings, load


class Installer(Settings):
    """Tables belong to the owner of the database."""

    role: ClassVar[str] = "owner"


@click.command()
def migrate() -> None:
    """Apply the migrations that the database lacks."""
    try:
        applied = asyncio.run(_migrate(load(Installer)))
    except VaguemestreError as error:
        raise click.ClickException(str(error)) from error
    for migration in applied:
        click.echo(f"applied {migration}")
    click.echo("The database is up to date.")


@click.command()
@click.option("--replication", default=1, show_default=True, help="Copies: 3 on a cluster.")
def topics(replication: int) -> None:
    """Make the topics that are missing, and say what differs from the table."""
    try:
        created, differences = asyncio.run(_topics(load(Installer), replication))
    except VaguemestreError as error:
        raise click.ClickException(str(error)) from error
    for name in created:
        click.echo(f"created {name}")
    for sentence in differences:
        click.echo(sentence, err=True)
    click.echo("The topics are there.")


async def _migrate(settings: Installer) -> list[Migration]:
    # No time-out for a statement: an index on a large table takes what it takes.
    try:
        connection = await asyncpg.connect(settings.database_url.get_secret_value())
    except (*UNREACHABLE, asyncpg.PostgresError) as error:
        raise away(error) from error
    try:
        return list(await apply_migrations(connection))
    finally:
        await connection.close()


async def _topics(settings: Installer, replication: int) -> tuple[list[str], list[str]]:
    kafka, prefix = settings.broker, settings.prefix
    created = await topic_table.provision(kafka, prefix, replication=replication)
    return list(created), list(await topic_table.check(kafka, prefix))
