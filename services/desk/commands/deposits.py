"""`desk deposit`: what became of a message of the public form, by the number that it was given."""

import re

import click

from services.desk.commands.session import CommandSession, run
from services.desk.store import deposits
from shared.content.spool import SOURCE
from shared.errors import Refused
from shared.facts import ids

_NUMBER = re.compile(r"[0-9a-f]{12}")


@click.command()
@click.argument("number")
def deposit(number: str) -> None:
    """Find a message of the public form by its number of deposit, such as 01ED-705B-9B18."""

    async def work(session: CommandSession) -> str:
        bare = number.replace("-", "").lower()
        if not _NUMBER.fullmatch(bare):
            raise Refused(f"{number[:40]!r} is no number of deposit: 01ED-705B-9B18 is one.")
        found = await deposits.find_deposit(session.connection, bare)
        if found is None:
            raise Refused("No deposit of the last ninety days bears this number.")
        site = session.applied.site
        arrival = ids.arrival_id(site.identity.id, SOURCE, str(found.deposit))
        registered = await deposits.registered_deposit(session.connection, arrival)
        at = f"{found.at.astimezone(site.zone):%Y-%m-%d %H:%M}"
        if registered is None:
            return f"Deposited on {at}; not registered yet: is `ingest run` well?"
        return f"Deposited on {at}: {registered.chrono or registered.word.replace('_', ' ')}."

    click.echo(run(work))
