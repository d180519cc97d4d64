"""Commands about letters of ours at the post: registered, delivered, brought back."""

from datetime import date

import click

from services.desk.commands.decision_options import AS, DAY, WHO, OneOf, about, say, take
from services.desk.commands.replies import LEFT
from services.desk.commands.session import CommandSession
from services.desk.decider import Decider
from services.desk.domain.decisions.letter_returns import SettleReturn, TakeBack
from services.desk.domain.decisions.postal_proofs import NoteDelivery, RegisterLetter
from services.desk.domain.item import Item
from shared.facts.vocabulary import NoticeKind, ReturnReason, Settled
from shared.paper.codes import DepartureCode
from shared.platform.shell import CODE, keep_why


@click.command()
@click.argument("chrono")
@AS
@click.option("--reason", type=OneOf(ReturnReason), required=True, help="What its sticker says.")
@click.option("--day", type=DAY, help="When it came back; today without it.")
@click.option("--kind", type=OneOf(LEFT), help="What it was; without it, the last that left.")
def returned(
    chrono: str, who: str, reason: ReturnReason, day: date | None, kind: NoticeKind | None
) -> None:
    """Record a letter returned by the post: CHRONO of departure or item, label:NUMBER, or code."""

    async def decision(session: CommandSession, by: Decider) -> Item:
        code = session.code(chrono)
        said = code.kind if isinstance(code, DepartureCode) else kind
        item_id = await session.item(chrono)
        return await by.take_back(item_id, session.departure(chrono), TakeBack(reason, day, said))

    say(take(who, decision))


@click.command("settle-return")
@click.argument("chrono")
@WHO
@click.option("--outcome", type=OneOf(Settled), required=True, help="What was done of it.")
@click.option(
    "--why",
    type=CODE,
    help="A code: why nothing more is done. Why by a command, where VAGUEMESTRE_WHY says nothing.",
    callback=keep_why,
)
@click.option("--fact", "seq", type=int, help="Which, as `desk show` numbers it; else the oldest.")
def settle_return(
    chrono: str, who: str, outcome: Settled, why: str | None, seq: int | None
) -> None:
    """Record how a returned letter was dealt with; sending it again records itself."""
    about(who, chrono, SettleReturn(outcome, why, seq))


_FACT = click.option(
    "--fact", "letter", type=int, help="Which letter, as `desk show` numbers it; else the last."
)


@click.command("registered")
@click.argument("chrono")
@AS
@click.option("--number", required=True, help="Of the post: 2C 123 456 7890 5, RK 12 345 678 5 FR.")
@_FACT
def register_number(chrono: str, who: str, number: str, letter: int | None) -> None:
    """Record that a letter of ours left registered, under the number of its label."""
    about(who, chrono, RegisterLetter(number, letter))


@click.command("delivered")
@click.argument("chrono")
@AS
@click.option(
    "--day", type=DAY, required=True, help="Of the signature, else of the first presentation."
)
@click.option("--reason", type=OneOf(ReturnReason), help="Why nobody signed; without it, one did.")
@_FACT
def note_delivery(
    chrono: str, who: str, day: date, reason: ReturnReason | None, letter: int | None
) -> None:
    """Record what the avis de réception of a registered letter says, once it came back."""
    about(who, chrono, NoteDelivery(day, reason, letter))
