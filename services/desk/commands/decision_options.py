"""What the commands that decide have in common: who, what about, and what was done."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import date
from enum import StrEnum
from typing import Any, Final, TypeVar
from uuid import uuid4

import click

from services.desk import rights
from services.desk.commands.session import CommandSession, run
from services.desk.decider import Decider
from services.desk.domain.acts import ON_PAGES
from services.desk.domain.decisions import Command
from services.desk.domain.decisions.confidentiality import Asks
from services.desk.domain.item import Item
from services.desk.rights import Right, Sight
from services.desk.roles import Roles, roles_of
from services.desk.service import RegisterService
from shared.errors import Refused
from shared.facts.envelope import PersonId
from shared.facts.vocabulary import Way
from shared.platform.shell import CODE, by_page, decides, origin_here

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)


class DayParam(click.ParamType[date]):
    """A type of command-line value: a local day, YYYY-MM-DD."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Parses a day; for anything else the command fails with a sentence."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no day: write it YYYY-MM-DD", param, ctx)


class OneOf(click.Choice[E]):
    """A type of command-line value: one of an enumeration, written as facts write it."""

    def normalize_choice(self, choice: object, ctx: click.Context | None) -> str:
        """Returns the value of an enumeration's member as facts write it, not its name."""
        del ctx
        return str(choice)


DAY = DayParam()

WHO = click.option("--as", "who", required=True, metavar="PERSON", help="Who decides (an id).")
AS = decides(WHO)
CHRONO = click.argument("chrono")
REASON = click.option("--reason", type=CODE, required=True, help="A code, such as sans-suite.")
UNTIL = click.option("--until", type=DAY, required=True, help="A local day, YYYY-MM-DD.")
WAY = click.option(
    "--way", type=OneOf(Way), default=Way.MAIL.value, show_default=True, help="How it leaves."
)


def on_page(path: str, does: str) -> click.Command:
    """Makes a command that only says on which web page its act is done (ADR 0041)."""
    return by_page(path.rpartition(" ")[2], ON_PAGES[path], does)


def take(
    who: str,
    decision: Callable[[CommandSession, RegisterService], Awaitable[T]],
    right: Right | None = None,
) -> T:
    """Executes one decision in one transaction, as a person of the site.

    `right`: the permission that the page for it requires, where it is not about one item that they
    know.
    """

    async def work(session: CommandSession) -> T:
        roles = has(session, who, right)

        def knows(item: Item) -> bool:
            return _sight(roles, item) is not Sight.NOTHING

        return await decision(replace(session, knows=knows), _decider(session, who, roles))

    return run(work)


def has(session: CommandSession, who: str, right: Right | None = None) -> Roles:
    """Returns a person's roles today. Raises Refused when they lack this right (permission)."""
    person = PersonId(session.person(who).id)
    roles = roles_of(person, session.applied.site, session.directory, session.today)
    if right is not None and not rights.may(roles, right):
        raise Refused(f"{who} may not: {_WHO_MAY[right]}.", "may-not")
    return roles


_WHO_MAY: Final[Mapping[Right, str]] = {Right.SORT: "the mail office does this, nobody else"}


def _sight(roles: Roles, item: Item) -> Sight:
    return rights.sight(roles, item, item.classification.confidentiality)


def _decider(session: CommandSession, who: str, roles: Roles) -> RegisterService:
    """Who decides, with the rights that their pages would give them."""

    def may(item: Item, asks: Asks) -> bool:
        match asks:
            case Asks.DECIDE:
                return rights.may_decide(roles, item, item.classification.confidentiality)
            case Asks.PROVE:
                known = _sight(roles, item) is not Sight.NOTHING
                return known and rights.may_prove(roles, item)
            case Asks.DESTROY:
                return roles.proves

    return RegisterService(
        session.connection,
        session.person(who),
        uuid4(),
        session.now,
        session.applied,
        session.directory,
        leads=bool(roles.leads) or roles.secretary,
        origin=origin_here(),
        sees=lambda item: _sight(roles, item) is Sight.WHOLE,
        may=may,
    )


def about(who: str, chrono: str, command: Command) -> None:
    """Executes a command about one item, as a person, and prints the item's new state."""

    async def decision(session: CommandSession, by: Decider) -> Item:
        return await by.about(await session.item(chrono), command)

    say(take(who, decision))


def say(item: Item) -> None:
    """Prints one line on an item: its state, service and holder."""
    holder = item.signatory or item.agent or "its head"
    click.echo(f"{item.chrono}: {item.state.replace('_', ' ')}, with {item.service} ({holder}).")
