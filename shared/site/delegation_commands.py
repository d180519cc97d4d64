"""`vaguemestre site delegate`, `delegations`, `end-delegation`: who signs « par délégation »."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import click

from shared.database import Connection
from shared.site import delegations_store, people_store, store
from shared.site.owner import BY, ask

DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.command()
@click.argument("person")
@click.option("--reference", required=True, help="Of the arrêté: its number and day.")
@click.option("--from", "first", type=DAY, required=True, help="First local day, YYYY-MM-DD.")
@click.option("--until", "last", type=DAY, required=True, help="Last local day, YYYY-MM-DD.")
@click.option("--service", "services", multiple=True, help="Whose letters; absent: all.")
@click.option("--kind", "kinds", multiple=True, help="Which texts, such as reply; absent: all.")
@BY
def delegate(
    person: str,
    reference: str,
    first: datetime,
    last: datetime,
    services: tuple[str, ...],
    kinds: tuple[str, ...],
    author: str,
) -> None:
    """Enter that PERSON signs « par délégation », as an arrêté says."""

    async def answer(connection: Connection, now: datetime) -> None:
        applied = await store.current(connection)
        directory = await people_store.people_at(connection, now)
        given = delegations_store.read(
            directory.somebody(person).id,
            reference,
            (first.date(), last.date()),
            services,
            kinds,
            applied.site,
        )
        number = await delegations_store.give(connection, given, author, now)
        click.echo(f"{person} signs from {given.first} to {given.last}: delegation {number}.")

    ask(answer)


@click.command("end-delegation")
@click.argument("number", type=int)
@BY
def end_delegation(number: int, author: str) -> None:
    """A delegation of signature ends today: the arrêté was withdrawn, or entered by mistake."""

    async def answer(connection: Connection, now: datetime) -> None:
        await delegations_store.end(connection, number, author, now)
        click.echo(f"Delegation {number} has ended.")

    ask(answer)


@click.command()
def delegations() -> None:
    """List who signs « par délégation », what, and until when."""

    async def answer(connection: Connection, now: datetime) -> None:
        today = now.astimezone((await store.current(connection)).site.zone).date()
        for one in await delegations_store.standing(connection, now, today):
            what = ", ".join([*one.services, *one.kinds]) or "everything"
            days = f"{one.first} to {one.last}"
            click.echo(f"{one.number:>4}  {one.person:<16} {days}  {what}: {one.reference}")

    ask(answer)


COMMANDS: Final[Sequence[click.Command]] = (delegate, end_delegation, delegations)
