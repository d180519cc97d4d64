"""`vaguemestre sla`: run the clocks, explain a deadline, deal with what could not be taken."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar

import click
from prometheus_client import CollectorRegistry
from pydantic import TypeAdapter

from services.sla import brake, dead_letter_retry, questions, sheet_text
from services.sla import rebuild as derived_tables
from services.sla.app import create_app
from services.sla.domain.explain import ComputationSheet
from services.sla.metrics import SlaCounters
from services.sla.rulebook import Editions
from services.sla.settings import SlaQuestions, SlaSettings
from services.sla.steps import SCHEMA, BatchContext
from shared.calendar.territories import Territory
from shared.calendar.working_days import working_calendar
from shared.content import chronos
from shared.platform import process
from shared.platform.clock import open_clock
from shared.platform.database import Connection, Pool, open_pool, transaction
from shared.platform.messaging.dead_letter_commands import TAKEN, TOO_OLD, dead_letters_commands
from shared.platform.settings import load
from shared.site import store as site_store

T = TypeVar("T")


@click.group()
def sla() -> None:
    """Commands about the clocks (deadline timers) of items."""


@sla.command()
def run() -> None:
    """Run the service sla until told to end: it times items and publishes reminders."""
    settings = load(SlaSettings)
    process.run(create_app(settings))


@sla.command()
@click.argument("chrono")
@click.option("--json", "as_json", is_flag=True, help="For a program.")
@click.option(
    "--compare-forgetting", "holiday", help="Also say the limit without a holiday: `ascension`."
)
def explain(chrono: str, holiday: str | None, *, as_json: bool) -> None:
    """Show day by day how the limits of the item CHRONO (or its number this year) are counted."""

    async def answer(connection: Connection, now: datetime) -> None:
        site = (await site_store.current(connection)).site
        year = now.astimezone(site.zone).year
        wanted = chronos.read(chrono, site.identity.department, year)
        sheet, rulebook = await questions.explain_item(connection, wanted, now)
        if as_json:
            click.echo(TypeAdapter(ComputationSheet).dump_json(sheet, indent=2).decode())
            return
        for line in sheet_text.lines(sheet, rulebook, holiday):
            click.echo(line)

    _ask(answer)


@sla.command()
@click.option("--received", type=click.DateTime(["%Y-%m-%d"]), required=True, help="Day 0.")
@click.option("--working-days", type=click.IntRange(0, 1000), required=True, help="Jours ouvrés.")
@click.option(
    "--territory",
    type=click.Choice([territory.value for territory in Territory]),
    default=Territory.METROPOLE.value,
    show_default=True,
    help="Whose public holidays count.",
)
def deadline(received: datetime, working_days: int, territory: str) -> None:
    """Print the limit of a promise of so many jours ouvrés, counted from a day of receipt."""
    day = received.date()
    calendar = working_calendar(Territory(territory), (), day.year, day.year + 5)
    limit = calendar.add(day, working_days)
    limit = limit if working_days else calendar.first_worked_not_before(day)
    click.echo(limit.isoformat())


@sla.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
def rebuild(*, yes: bool) -> None:
    """Empty sla's tables that are derived from facts, before `vaguemestre desk republish`.

    What was published of clocks stays.
    """
    if not yes:
        click.confirm("Empty the facts and plans of sla? Stop `sla run` first.", abort=True)

    async def answer(connection: Connection, _: datetime) -> None:
        items = await derived_tables.empty(connection)
        click.echo(f"{items} items wait for their facts: run `vaguemestre desk republish`.")

    _ask(answer)


@sla.command()
@click.option("--by", required=True, help="Your name: it is kept for ever.")
@click.option("--why", required=True, help="Why so much is due at once.")
def release(by: str, why: str) -> None:
    """Release reminders that wait since too many are due at once, and all until local midnight.

    More reminders at once than on any day before wait for this command. Given before an expected
    wave, such as the day after a long stop, it lets that wave pass.
    """
    if not by.strip() or not why.strip():
        raise click.ClickException("Say who lets it go and why: --by NAME --why REASON.")

    async def answer(connection: Connection, now: datetime) -> None:
        ground = BatchContext(await Editions()(connection), {}, now)
        waited, until = await brake.release(connection, ground, by.strip(), why.strip())
        zone = ground.edition.rulebook.last.applied.site.zone
        end = f"{until.astimezone(zone):%Y-%m-%d %H:%M}"
        if waited is None:
            click.echo(f"Nothing waits. Whatever falls due until {end} will be announced.")
        else:
            click.echo(f"{waited.due} items or more are let go, and what falls due until {end}.")

    _ask(answer)


async def _again(pool: Pool, letter: int, now: datetime) -> str:
    counts = SlaCounters(CollectorRegistry())
    async with transaction(pool) as connection:
        reason = await dead_letter_retry.retry(connection, letter, Editions(), counts, now)
    if reason is None:
        return TAKEN
    return reason if reason == TOO_OLD else f"failed again, {reason}"


sla.add_command(dead_letters_commands(SCHEMA, SlaQuestions, again=_again))


def _ask(answer: Callable[[Connection, datetime], Awaitable[T]]) -> T:
    """Runs `answer` in one transaction, at the site's own time."""

    async def inside(pool: Pool, now: datetime) -> T:
        async with transaction(pool) as connection:
            return await answer(connection, now)

    return _with_pool(inside)


def _with_pool(answer: Callable[[Pool, datetime], Awaitable[T]]) -> T:
    async def opened() -> T:
        settings = load(SlaQuestions)
        pool = await open_pool(settings.database_url, SCHEMA, size=2, wait=settings.start_wait)
        try:
            return await answer(pool, (await open_clock(pool, settings.database_url)).now())
        finally:
            await pool.close()

    return asyncio.run(opened())
