"""How the owner of the database asks and changes what a site is: one transaction, its own time."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import ClassVar, TypeVar

import click

from shared.platform.clock import open_clock
from shared.platform.database import Connection, open_pool, transaction
from shared.platform.settings import Settings, load
from shared.site.checks.validation_errors import BadSite

T = TypeVar("T")

BY = click.option("--by", "author", required=True, help="Your name: it is kept for ever.")


class OwnerSettings(Settings):
    """The settings of commands that run as the database's owner, without Kafka."""

    role: ClassVar[str] = "owner"
    kafka: str = ""


def ask(answer: Callable[[Connection, datetime], Awaitable[T]]) -> T:
    """Runs a command's work in one transaction as the database's owner, at the site's time.

    A refusal rolls the transaction back and ends the command with its sentence.
    """

    async def run() -> T:
        settings = load(OwnerSettings)
        pool = await open_pool(settings.database_url, "site", size=2, wait=settings.start_wait)
        try:
            now = (await open_clock(pool, settings.database_url)).now().astimezone(UTC)
            async with transaction(pool) as connection:
                return await answer(connection, now)
        finally:
            await pool.close()

    try:
        return asyncio.run(run())
    except BadSite as error:
        raise click.ClickException(mistakes_text(error)) from error


def mistakes_text(error: BadSite) -> str:
    """Returns the error text for a site folder with mistakes: their number and each of them."""
    count = len(error.mistakes)
    return f"{count} mistake{'s' if count > 1 else ''}, nothing was applied.\n{error}"
