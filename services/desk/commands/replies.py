"""Commands of what is said to the sender and what the answer waits for."""

import sys
from collections.abc import Iterator
from datetime import date
from typing import TextIO

import click

from services.desk.commands.decision_options import (
    AS,
    CHRONO,
    DAY,
    UNTIL,
    WAY,
    OneOf,
    about,
    say,
    take,
)
from services.desk.commands.session import CommandSession
from services.desk.decider import Decider
from services.desk.domain.decisions.replies import Decide, Declare, HoldOn, SendReply, TransferItem
from services.desk.domain.decisions.sent_folder_replies import ConfirmReply, ObservedReply
from services.desk.domain.decisions.transfer import NotToTransmit, ToTransmit
from services.desk.domain.decisions.waits import (
    AskPieces,
    AwaitThird,
    FromSignature,
    HearThird,
    TakePieces,
    ToSignature,
)
from services.desk.domain.item import Item
from shared.content import plis
from shared.content.plis import Correspondent, Pli
from shared.errors import VaguemestreError
from shared.facts.envelope import Chrono
from shared.facts.vocabulary import Effect, NoticeKind, Way
from shared.paper.codes import DepartureCode
from shared.platform.shell import CODE

LEFT = (
    NoticeKind.REPLY,
    NoticeKind.HOLDING_REPLY,
    NoticeKind.PIECES,
    NoticeKind.TRANSFER,
    NoticeKind.SIMPLE,
    NoticeKind.SVR,
    NoticeKind.SVA,
)
"""Kinds of notice that the mail office may send on paper."""
SENT = click.option("--sent", is_flag=True, help="The service has written already.")


@click.command()
@CHRONO
@AS
@UNTIL
@click.option(
    "--piece",
    "asked",
    type=CODE,
    multiple=True,
    required=True,
    help="Code of a missing piece, as labels.yaml names it; once for each.",
)
@WAY
@SENT
def pieces(
    chrono: str, who: str, until: date, asked: tuple[str, ...], way: Way, *, sent: bool
) -> None:
    """Ask the sender for missing pieces by a day."""
    about(who, chrono, AskPieces(until, asked, way, sent=sent))


@click.command("pieces-received")
@CHRONO
@AS
def pieces_received(chrono: str, who: str) -> None:
    """Record that the sender's missing pieces arrived."""
    about(who, chrono, TakePieces())


@click.command("holding-reply")
@CHRONO
@AS
@UNTIL
@WAY
@SENT
def holding_reply(chrono: str, who: str, until: date, way: Way, *, sent: bool) -> None:
    """Send a holding reply that names a new date, after the deadline."""
    about(who, chrono, HoldOn(until, way, sent=sent))


@click.command("in-signature")
@CHRONO
@AS
@click.option("--with", "signatory", metavar="PERSON", help="Who signs, and holds it meanwhile.")
@click.option("--back", is_flag=True, help="It came back.")
def in_signature(chrono: str, who: str, signatory: str | None, *, back: bool) -> None:
    """Give the draft of the reply to a signatory, or take it back."""
    if (signatory is None) != back:
        raise click.UsageError("Say either --with PERSON or --back.")
    about(who, chrono, FromSignature() if signatory is None else ToSignature(signatory))


@click.command("third-party")
@CHRONO
@AS
@click.option("--awaiting", type=CODE, help="Who must speak first, such as ofii.")
@click.option("--expected", type=DAY, help="The local day on which they should speak.")
@click.option("--answered", is_flag=True, help="They spoke: nothing is awaited any more.")
def third_party(
    chrono: str, who: str, awaiting: str | None, expected: date | None, *, answered: bool
) -> None:
    """Record that the item waits for a third party, or that they answered; no clock stops."""
    if (awaiting is None) != answered:
        raise click.UsageError("Say either --awaiting CODE or --answered.")
    about(who, chrono, HearThird() if awaiting is None else AwaitThird(awaiting, expected))


@click.command("confirm-reply")
@CHRONO
@AS
@click.argument("was", type=OneOf(ObservedReply))
@click.option("--until", type=DAY, help="Of a holding reply or a request for pieces.")
@click.option("--to", type=CODE, help="Of a transfer.")
def confirm_reply(
    chrono: str, who: str, was: ObservedReply, until: date | None, to: str | None
) -> None:
    """Say what our message seen in a Sent folder was: a reply, a holding reply, …, or none."""
    about(who, chrono, ConfirmReply(was, until, to))


@click.command()
@CHRONO
@AS
@click.option("--text", type=click.File(encoding="utf-8"), required=True, help="File, - for stdin.")
@WAY
def reply(chrono: str, who: str, text: TextIO, way: Way) -> None:
    """Send the reply to the sender; the item's clock stops when it has left."""
    content = text.read().strip()
    if not content:
        raise click.UsageError("The text is empty.")

    async def decision(session: CommandSession, by: Decider) -> Item:
        item_id = await session.item(chrono)
        nobody = Correspondent()
        pli = Pli(kind="composed", sender=nobody, answer_to=nobody, text=content)
        store = session.settings.originals
        key = await plis.write(store, session.today.year, by.decision, pli)
        return await by.about(item_id, SendReply(key, way))

    say(take(who, decision))


@click.command()
@click.argument("chrono", required=False)
@AS
@click.option(
    "--kind",
    type=OneOf(LEFT),
    default=NoticeKind.REPLY.value,
    show_default=True,
    help="What left, where no code says it.",
)
@click.option("--day", type=DAY, help="When it left; today without it.")
@click.option("--until", type=DAY, help="The date it gives, where no order says it.")
def depart(
    chrono: str | None, who: str, kind: NoticeKind, day: date | None, until: date | None
) -> None:
    """Record letters that were sent: CHRONO, label:NUMBER or a code; prints each departure.

    Without an argument, one a line on stdin. The code on our own letters says what kind it is.
    """
    refused = 0
    for text in [chrono] if chrono is not None else _keyed():
        try:
            item, departure = _depart(who, text, kind, day, until)
        except VaguemestreError as error:
            if chrono is not None:
                raise
            refused += 1
            click.echo(f"{text}: {error}", err=True)
        else:
            click.echo(f"{departure}  {item.chrono}: {item.state.replace('_', ' ')}")
    if refused:
        raise SystemExit(1)


def _keyed() -> Iterator[str]:
    for line in sys.stdin:
        if line.strip():
            yield line.strip()


def _depart(
    who: str, text: str, kind: NoticeKind, day: date | None, until: date | None
) -> tuple[Item, Chrono]:
    async def decision(session: CommandSession, by: Decider) -> tuple[Item, Chrono]:
        code = session.code(text)
        said = code.kind if isinstance(code, DepartureCode) else kind
        return await by.depart(await session.item(text), said, day, until)

    return take(who, decision)


@click.command()
@CHRONO
@AS
@click.option("--day", type=DAY, required=True, help="When the person was answered.")
def declare(chrono: str, who: str, day: date) -> None:
    """Record an answer given elsewhere: by telephone, from a mailbox of one's own."""
    about(who, chrono, Declare(day))


@click.command("to-transmit")
@CHRONO
@AS
@click.option("--not", "ours", is_flag=True, help="It is ours after all.")
def to_transmit(chrono: str, who: str, *, ours: bool) -> None:
    """Mark the item as another administration's, to be sent there: the deadline for that starts.

    With --not: take the mark back.
    """
    about(who, chrono, NotToTransmit() if ours else ToTransmit())


@click.command()
@CHRONO
@AS
@click.option("--to", type=CODE, required=True, help="Code of the office, or autre.")
@click.option("--told", is_flag=True, help="The person knows already.")
@WAY
def transfer(chrono: str, who: str, to: str, way: Way, *, told: bool) -> None:
    """Transmit the item to another administration and tell its sender (CRPA L114-2)."""
    about(who, chrono, TransferItem(to, way, told))


@click.command("decision")
@CHRONO
@AS
@click.option("--effect", type=OneOf(Effect), required=True, help="What was decided.")
@click.option("--day", type=DAY, required=True, help="The local day of the decision.")
def explicit_decision(chrono: str, who: str, effect: Effect, day: date) -> None:
    """Record that an explicit decision was taken, so that no implied one is born."""
    about(who, chrono, Decide(effect, day))
