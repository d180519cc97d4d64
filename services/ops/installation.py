"""What is done once before the services run, and again after each upgrade.

Needs:  VAGUEMESTRE_DATABASE_URL of the database's owner, VAGUEMESTRE_KAFKA
"""

import asyncio
from collections.abc import Mapping
from typing import ClassVar, Final

import asyncpg
import click

from services.ops.rehearsal.upgrade import refuse_undeclared
from shared.platform.database import UNREACHABLE, away, open_pool, transaction
from shared.platform.kafka import topics as topic_table
from shared.platform.kafka.former_topics import Former, others, remove
from shared.platform.messaging import crosscheck, offsets
from shared.platform.postgres import rights
from shared.platform.postgres.migrate import Migration
from shared.platform.postgres.migrate import migrate as apply_migrations
from shared.platform.settings import Settings, load

SIZES: Final[Mapping[str, int]] = {"small": topic_table.SMALL, "large": topic_table.LARGE}


class Installer(Settings):
    """The settings of the installing commands: access to the database as its owner."""

    role: ClassVar[str] = "owner"


@click.command()
@click.option("--site", help="Id of the site, after which the roles of a new database are named.")
@click.option(
    "--end-former-roles",
    is_flag=True,
    help="Roles named without the site (vaguemestre_desk, …) may do nothing here any more.",
)
@click.option(
    "--rehearsal", type=int, help="The kept rehearsal of this release that the upgrade rests on."
)
def migrate(site: str | None, rehearsal: int | None, *, end_former_roles: bool) -> None:
    """Apply the missing database migrations, and grant every role its rights anew.

    A release whose last kept rehearsal moved something that it does not declare is refused.
    """
    applied, prefix, ended = asyncio.run(
        _migrate(load(Installer), site, rehearsal, end_former_roles)
    )
    for migration in applied:
        click.echo(f"applied {migration}")
    for role in ended:
        click.echo(f"{role} may do nothing here any more")
    click.echo(f"The database is up to date; its roles are {prefix}_….")


@click.command()
@click.option(
    "--replication",
    type=click.IntRange(min=1),
    help="On how many of Kafka's servers each topic stands: 3, or 1 where there is but one.",
)
@click.option(
    "--size",
    type=click.Choice(list(SIZES)),
    default="large",
    show_default=True,
    help="Of the préfecture: a small topic has 3 partitions, a large one 12, for ever.",
)
def topics(replication: int | None, size: str) -> None:
    """Create the missing Kafka topics; exit code 1 if one differs from its settings."""
    if replication is None:
        raise click.UsageError(
            "Say on how many of Kafka's servers each topic is to stand: --replication 3, "
            "or --replication 1 on a single server, whose disk is then the only copy."
        )
    created, differences = asyncio.run(_topics(load(Installer), replication, SIZES[size]))
    for name in created:
        click.echo(f"created {name}")
    if differences:
        raise click.ClickException("\n".join(differences))
    click.echo("The topics are there.")


@click.command(name="former-topics")
@click.option("--remove", "former", metavar="PREFIX", help="Remove what stands under it, for ever.")
@click.option("--yes", is_flag=True, help="Don't ask.")
def former_topics(former: str | None, *, yes: bool) -> None:
    """List the Kafka topics and consumer groups under other prefixes; remove those of one.

    Another préfecture of the same Kafka has another prefix too: name only one that yours has left.
    """
    settings = load(Installer)
    if former is None:
        for prefix, found in asyncio.run(others(settings.broker, settings.prefix)).items():
            heard = f", {len(found.heard)} heard now" if found.heard else ""
            click.echo(
                f"{prefix or '(none)'}  {len(found.topics)} topics,"
                f" {len(found.groups)} groups{heard}"
            )
        return
    if not yes:
        click.confirm(f"All facts under {former} leave Kafka for ever. Remove them?", abort=True)
    gone = asyncio.run(_remove(settings, former))
    for name in (*gone.topics, *gone.groups):
        click.echo(f"removed {name}")


async def _migrate(
    settings: Installer,
    site: str | None,
    rehearsal: int | None,
    end_former_roles: bool,  # noqa: FBT001  (passed through)
) -> tuple[list[Migration], str, list[str]]:
    # No time-out for a statement: an index on a large table takes what it takes.
    try:
        connection = await asyncpg.connect(settings.database_url.get_secret_value())
    except (*UNREACHABLE, asyncpg.PostgresError) as error:
        raise away(error) from error
    try:
        await refuse_undeclared(connection, rehearsal)
        applied = list(await apply_migrations(connection, site=site))
        ended = await rights.part(connection) if end_former_roles else []
        return applied, await rights.prefix(connection, site), ended
    finally:
        await connection.close()


async def _remove(settings: Installer, former: str) -> Former:
    gone = await remove(settings.broker, settings.prefix, former)
    pool = await open_pool(settings.database_url, "former topics", size=1, wait=settings.start_wait)
    try:
        async with transaction(pool) as connection:
            for schema in rights.PROCESSES:
                await offsets.forget(connection, schema, gone.topics)
    finally:
        await pool.close()
    return gone


async def _compare_soon(settings: Installer) -> None:
    """What Kafka lost with a topic is compared and told again as soon as there is one."""
    pool = await open_pool(settings.database_url, "topics", size=1, wait=settings.start_wait)
    try:
        async with transaction(pool) as connection:
            for schema in rights.PROCESSES:
                if await connection.fetchval("SELECT to_regclass($1)", f"{schema}.crosschecks"):
                    await crosscheck.make_due(connection, schema)
    finally:
        await pool.close()


async def _topics(
    settings: Installer, replication: int, partitions: int
) -> tuple[list[str], list[str]]:
    kafka, prefix = settings.broker, settings.prefix
    if await topic_table.missing_topics(kafka, prefix):
        await _compare_soon(settings)
    size = {"replication": replication, "partitions": partitions}
    created = await topic_table.provision(kafka, prefix, **size)
    return list(created), list(await topic_table.check(kafka, prefix, **size))
