"""Commands that end, reopen, join, part and take back."""

from datetime import date

import click

from services.desk.commands.decision_options import (
    AS,
    CHRONO,
    REASON,
    UNTIL,
    OneOf,
    about,
    say,
    take,
)
from services.desk.commands.session import CommandSession
from services.desk.decider import Decider
from services.desk.domain.decisions.closure import AnswerReminder, Close, Reopen, Undo
from services.desk.domain.decisions.lateness import ExplainLate
from services.desk.domain.item import Item
from shared.facts.items import Items
from shared.facts.vocabulary import ClockName, LateCause
from shared.platform.shell import CODE


@click.command()
@CHRONO
@AS
@REASON
def close(chrono: str, who: str, reason: str) -> None:
    """Close the item, with a reason; an auditor reads it if the item has no reply."""
    about(who, chrono, Close(reason))


@click.command()
@CHRONO
@AS
@REASON
def reopen(chrono: str, who: str, reason: str) -> None:
    """Reopen a closed item."""
    about(who, chrono, Reopen(reason))


@click.command("answer-reminder")
@CHRONO
@AS
@click.option(
    "--clock",
    type=OneOf(ClockName),
    default=ClockName.REPLY.value,
    show_default=True,
    help="Whose reminder.",
)
@REASON
@UNTIL
def answer_reminder(chrono: str, who: str, clock: ClockName, reason: str, until: date) -> None:
    """Answer a deadline reminder: why it is late, and until when (10 jours ouvrés at most)."""
    about(who, chrono, AnswerReminder(clock, reason, until))


@click.command("explain-late")
@CHRONO
@AS
@click.argument("cause", type=OneOf(LateCause))
def explain_late(chrono: str, who: str, cause: LateCause) -> None:
    """Record the cause of the item's late reply; given again, the last cause counts."""
    about(who, chrono, ExplainLate(cause))


@click.command()
@CHRONO
@AS
@click.option("--into", required=True, metavar="CHRONO", help="The item that goes on.")
def merge(chrono: str, who: str, into: str) -> None:
    """Merge the item into another one, of which it was only a further message."""

    async def decision(session: CommandSession, by: Decider) -> Item:
        return await by.merge(await session.item(chrono), await session.item(into))

    say(take(who, decision))


@click.command()
@CHRONO
@AS
@click.argument("seq", type=int)
def split(chrono: str, who: str, seq: int) -> None:
    """Split message SEQ (its number in `desk show`) off into an item of its own."""

    async def decision(session: CommandSession, by: Decider) -> Item:
        return await by.split(await session.item(chrono), seq)

    say(take(who, decision))


@click.command()
@CHRONO
@AS
@click.option("--fact", "seq", type=int, help="Its number in `desk show`; the last without it.")
@click.option("--reason", type=CODE, default="erreur", show_default=True, help="A code.")
def undo(chrono: str, who: str, seq: int | None, reason: str) -> None:
    """Withdraw a statement about the item (undo); what happened in the world stays."""

    async def decision(session: CommandSession, by: Decider) -> tuple[Item, Items]:
        return await by.undo(await session.item(chrono), Undo(reason, seq))

    item, target = take(who, decision)
    click.echo(f"Fact {target.seq} ({target.type}) is taken back.")
    say(item)
