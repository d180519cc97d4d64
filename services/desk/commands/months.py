"""`desk month`: a closed month read again, and what stands beside it since."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from services.desk import month_corrections
from services.desk.commands.decision_options import on_page
from services.desk.commands.session import CommandSession, run
from services.desk.domain.codes import CHANNELS, CLOCKS, RESULTS
from services.desk.domain.month_corrections import in_words
from services.desk.domain.months import (
    DEFINITION,
    FEW,
    NAMES,
    RUNNING,
    Month,
    MonthPromise,
    fields,
    lines,
    proof,
    with_totals,
)
from services.desk.month_corrections import CorrectedPromise
from services.desk.store import months
from shared.calendar.local_days import month_named
from shared.errors import Refused
from shared.platform.output_files import write_table


class MonthParam(click.ParamType[date]):
    """A type of command-line value: a month, YYYY-MM, read as its first day."""

    name = "month"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Parses a month; for anything else the command fails with a sentence."""
        try:
            return month_named(value)
        except ValueError:
            self.fail(f"{value!r} is no month: write it YYYY-MM", param, ctx)


MONTH = click.argument("month", type=MonthParam())
CSV = click.option(
    "--csv",
    "out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write its figures with totals and 95 % intervals, in the codes that officers read.",
)
PROMISES = click.option(
    "--promises",
    "every",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write its promises, one line each, as the hash reads them.",
)


@click.group("month")
def month_() -> None:
    """Commands about closed months: no later fact changes their figures."""


month_.add_command(on_page("month close", "Close a month, for ever"))


@month_.command()
@MONTH
@CSV
@PROMISES
def show(month: date, out: Path | None, every: Path | None) -> None:
    """Show the closed figures of MONTH and corrections; exit code 1 if the hash is wrong."""

    async def work(
        session: CommandSession,
    ) -> tuple[Month, Sequence[MonthPromise], Sequence[CorrectedPromise], ZoneInfo]:
        closed = await months.read_closed_month(session.connection, month)
        if closed is None:
            raise Refused(f"{month:%Y-%m} is not closed: it is closed on the page /mois.")
        then = await months.promises(session.connection, month)
        site = session.applied.site
        later = await month_corrections.month_corrections(session.connection, site, closed)
        return closed, then, later, site.zone

    closed, then, later, zone = run(work)
    _say(closed, then, zone)
    for change in later:
        was, became = (
            in_words(side) or "not in this month" for side in (change.before, change.now)
        )
        author, at, reason = change.why
        why = (
            "by time or the rules" if at is None else f"by {author} on {at.astimezone(zone).date()}"
        )
        click.echo(
            f"  {change.chrono} {change.clock}: {was} -> {became},"
            f" {why}{f': {reason}' if reason else ''}"
        )
    click.echo(f"{len(later)} correction{'' if len(later) == 1 else 's'} since.")
    if out is not None:
        head, *table = lines(with_totals(then, closed.definition))
        write_table(out, list(map(str, head)), table)
    if every is not None:
        rows = sorted(then, key=lambda promise: (promise.chrono, promise.clock))
        write_table(every, NAMES, map(fields, rows))
    if proof(closed, then) != closed.hash:
        click.echo("The hash does not hold: the list is not the one that was closed.", err=True)
        raise SystemExit(1)


@month_.command("list")
def list_() -> None:
    """List the months whose figures are closed, the latest first."""

    async def work(session: CommandSession) -> tuple[Sequence[Month], ZoneInfo]:
        return await months.every(session.connection), session.applied.site.zone

    closed, zone = run(work)
    for month in closed:
        click.echo(f"{month.month:%Y-%m}  {month.closed_on(zone)}  {month.by}  {month.hash}")


def _say(month: Month, promises: Sequence[MonthPromise], zone: ZoneInfo) -> None:
    click.echo(
        f"{month.month:%Y-%m} closed on {month.closed_on(zone)} by {month.by}: "
        f"rules {month.rules}, days and rules {month.calendar[:12]}, target {month.target * 100:g}%"
    )
    if month.definition < DEFINITION:
        click.echo(
            "  Closed by the first definition: what was closed without reply before its limit is in"
            " no rate of this month. From the next definition on it counts as not kept."
        )
    for figure in with_totals(promises, month.definition):
        low, high = figure.interval
        rate = "no rate" if figure.rate is None else f"{figure.rate:.0%} of {figure.n}"
        sure = "" if figure.rate is None else f" [{low:.0%}, {high:.0%}]"
        few = " (few)" if 0 < figure.n < FEW else ""
        beside = ", ".join(
            f"{count} {RESULTS.get(result, result)}"
            for result, count in sorted(figure.counts.items())
            if result != "kept"
        )
        channel = CHANNELS.get(figure.channel, figure.channel) or "tous"
        where = f"{figure.service or 'tous':<12} {channel:<22}"
        click.echo(f"  {where} {CLOCKS[figure.clock]:<22} {rate}{sure}{few}  {beside}")
    running = sum(promise.result in RUNNING for promise in promises)
    still = f", {running} still running when it was closed" if running else ""
    click.echo(f"  {len(promises)} promises{still}, sha256 {month.hash}")
