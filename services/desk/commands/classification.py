"""Commands that say what an item is and who answers it."""

from datetime import date

import click

from services.desk import reply_address
from services.desk.commands.decision_options import AS, CHRONO, DAY, REASON, OneOf, about, say, take
from services.desk.commands.session import CommandSession
from services.desk.decider import Decider
from services.desk.domain.decisions.classification import Assign, Qualify, Reclassify
from services.desk.domain.decisions.corrections import CorrectReceipt
from services.desk.domain.decisions.counter import ON_PAPER, RegisterAtCounter
from services.desk.domain.decisions.reclassification import SortAgain
from services.desk.domain.decisions.regimes import ConfirmRegime, ExtendPeriod
from services.desk.domain.item import Item
from services.desk.rights import Right
from services.desk.service import RegisterService
from services.desk.store import former_chronos, item_numbers, items
from shared.content.plis import Correspondent
from shared.errors import Refused
from shared.facts.envelope import Chrono
from shared.facts.vocabulary import (
    Channel,
    Confidentiality,
    Nature,
    Priority,
    RegimeStart,
    SenderKind,
)
from shared.platform.shell import CODE

CATEGORY = click.option("--category", help="A category of the site.")
NATURE = click.option("--nature", type=OneOf(Nature))
SENDER = click.option("--sender-kind", type=OneOf(SenderKind))
THEME = click.option("--theme", type=CODE, help="Of a complaint or suggestion.")
AGENT = click.option("--agent", metavar="PERSON", help="Without it, the head holds the item.")


@click.command()
@CHRONO
@AS
@CATEGORY
@NATURE
@SENDER
@THEME
@click.option("--service", help="Without it, the proposed one, or the new category's.")
@AGENT
def qualify(
    chrono: str,
    who: str,
    category: str | None,
    nature: Nature | None,
    sender_kind: SenderKind | None,
    *,
    theme: str | None,
    service: str | None,
    agent: str | None,
) -> None:
    """Qualify the item: confirm or change its proposed service and category."""
    what = Reclassify(category, nature, sender_kind=sender_kind, theme=theme)
    about(who, chrono, Qualify(what, service, agent))


@click.command("sort-again")
@CHRONO
@AS
def sort_again(chrono: str, who: str) -> None:
    """Have the item qualified again: its service and category were wrong."""
    about(who, chrono, SortAgain())


@click.command()
@CHRONO
@AS
@click.option("--service", required=True)
@AGENT
@click.option("--copy", "copies", multiple=True, metavar="SERVICE", help="For information.")
def assign(chrono: str, who: str, service: str, agent: str | None, copies: tuple[str, ...]) -> None:
    """Assign the item to a service, perhaps to one of its agents."""
    about(who, chrono, Assign(service, agent, copies))


@click.command()
@CHRONO
@AS
@CATEGORY
@NATURE
@SENDER
@click.option("--in-perimeter/--out-of-perimeter", default=None)
@click.option("--reason", type=CODE, help="Why it is out of the perimeter.")
@click.option("--priority", type=OneOf(Priority))
@click.option("--confidentiality", type=OneOf(Confidentiality))
@THEME
def reclassify(
    chrono: str,
    who: str,
    category: str | None,
    nature: Nature | None,
    sender_kind: SenderKind | None,
    *,
    in_perimeter: bool | None,
    reason: str | None,
    priority: Priority | None,
    confidentiality: Confidentiality | None,
    theme: str | None,
) -> None:
    """Change the item's category, nature, priority …; category and nature choose its deadline."""
    command = Reclassify(
        category, nature, in_perimeter, reason, priority, confidentiality, sender_kind, theme
    )
    about(who, chrono, command)


@click.command()
@CHRONO
@AS
@SENDER
@click.option("--name", help="As they sign.")
@click.option("--email", help="Where what leaves by mail goes.")
@click.option("--postal", multiple=True, help="A line of the postal address; once for each.")
def sender(
    chrono: str,
    who: str,
    sender_kind: SenderKind | None,
    name: str | None,
    email: str | None,
    postal: tuple[str, ...],
) -> None:
    """Correct the name, addresses or kind of the item's sender; what is not given stays."""
    if email and not reply_address.usable(email):
        raise click.UsageError(f"{email!r} is no e-mail address.")

    async def decision(session: CommandSession, by: RegisterService) -> Item:
        item_id, blobs = await session.item(chrono), session.settings.originals
        item = (await items.lock(session.connection, [item_id]))[item_id].item
        item = await by.correct_kind(item, sender_kind)
        known = await reply_address.addressee(blobs, item) or Correspondent()
        said = Correspondent(
            name=known.name if name is None else name,
            address=known.address if email is None else email,
            postal="\n".join(postal) or known.postal,
        )
        if said == known:
            return item
        return await by.note_sender(item, said, blobs)

    say(take(who, decision))


@click.command("confirm-regime")
@CHRONO
@AS
@click.option("--regime", type=CODE, help="A regime of the site, which the category allows.")
@click.option("--none", "no_regime", is_flag=True, help="A demande without implied decision.")
@click.option("--start", type=OneOf(RegimeStart))
@click.option("--received", type=DAY, help="At the office that --start names.")
@click.option(
    "--recepisse",
    "certificate",
    type=DAY,
    help="The day of a récépissé: the file is presumed complete, and the period counts from it.",
)
def confirm_regime(
    chrono: str,
    who: str,
    regime: str | None,
    *,
    no_regime: bool,
    start: RegimeStart | None,
    received: date | None,
    certificate: date | None,
) -> None:
    """Confirm the item's regime: what silence will mean, and counted from which day."""
    if (regime is None) != no_regime:
        raise click.UsageError("Say either --regime CODE or --none.")
    about(who, chrono, ConfirmRegime(regime, start, received, certificate))


@click.command("extend-period")
@CHRONO
@AS
@REASON
def extend_period(chrono: str, who: str, reason: str) -> None:
    """Extend the period of the item's implied decision, once, where its regime allows it."""
    about(who, chrono, ExtendPeriod(reason))


@click.command("correct-receipt")
@CHRONO
@AS
@click.option("--day", type=DAY, required=True, help="The true local day, YYYY-MM-DD.")
@REASON
def correct_receipt(chrono: str, who: str, day: date, reason: str) -> None:
    """Confirm or correct the day on which the item was received; every deadline follows."""
    about(who, chrono, CorrectReceipt(day, reason))


@click.command()
@AS
@CATEGORY
@click.option("--day", type=DAY, help="Day of receipt; today without it.")
@click.option("--channel", type=OneOf(ON_PAPER), default=Channel.HAND_DELIVERED)
@NATURE
@SENDER
@click.option("--service")
@AGENT
@click.option("--label", help="Number of the sticker put on the paper.")
def register(  # noqa: PLR0917  (click gives one argument for each option)
    who: str,
    category: str | None,
    day: date | None,
    channel: Channel,
    nature: Nature | None,
    sender_kind: SenderKind | None,
    service: str | None,
    agent: str | None,
    label: str | None,
) -> None:
    """Register an item at the counter; a scan of its paper joins later by label."""

    async def decision(session: CommandSession, by: Decider) -> Item:
        def command(chrono: Chrono) -> RegisterAtCounter:
            return RegisterAtCounter(
                chrono,
                category or session.applied.site.routing.fallback,
                day or session.today,
                channel,
                nature,
                sender_kind or SenderKind.UNKNOWN,
                service,
                agent,
            )

        return await by.register(command, None if label is None else label.zfill(6))

    say(take(who, decision, Right.SORT))


@click.command()
@click.argument("chrono")
@click.argument("old")
@AS
def formerly(chrono: str, old: str, who: str) -> None:
    """Make OLD, a number given in hours that a restore lost, lead to the item CHRONO."""

    async def work(session: CommandSession, by: RegisterService) -> tuple[Chrono, Chrono]:
        item_id, number = await session.item(chrono), session.chrono(old)
        bears = await item_numbers.chrono_of(session.connection, item_id)
        if not await former_chronos.name(
            session.connection, number, item_id, by.person.id, session.now
        ):
            raise Refused(f"{number} was not given in hours that a restore lost: check the number.")
        return number, bears

    number, bears = take(who, work, Right.SORT)
    click.echo(f"{number} is found from now on: it is {bears}.")
