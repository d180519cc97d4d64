"""What waits for a person: to qualify, quarantine, set aside, history."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from uuid import uuid4

import click
import orjson

from services.desk.commands.decision_options import AS, REASON, say, take
from services.desk.commands.session import CommandSession, run
from services.desk.decider import Decider
from services.desk.domain.disposition import Disposition
from services.desk.domain.item import Item
from services.desk.rights import Right
from services.desk.store import arrivals_without_item, lists
from services.desk.store import waiting_lists as store
from services.desk.store.arrivals_without_item import UnregisteredArrival
from services.desk.store.lists import WaitLine
from shared.content import plis, spool
from shared.content.plis import Pli
from shared.content.spool import RereadRequest
from shared.errors import Refused
from shared.facts.envelope import PersonId
from shared.facts.vocabulary import Waiting

LISTS = (*(waiting.value for waiting in Waiting), "set_aside", "history")


@click.group()
def waiting() -> None:
    """List the arrivals and tasks that wait for a person, and deal with them."""


@waiting.command("list")
@click.option("--list", "which", type=click.Choice(LISTS), help="Without it, all that climbs.")
@click.option("--json", "as_json", is_flag=True, help="For a program.")
def list_(which: str | None, *, as_json: bool) -> None:
    """List the arrivals and tasks that wait for a person, oldest first.

    JSON: [{id, waiting, service, since, chrono, reason, source}].
    """

    async def work(session: CommandSession) -> tuple[CommandSession, Sequence[WaitLine]]:
        return session, await lists.open_tasks(session.connection, which=which)

    session, found = run(work)
    if as_json:
        click.echo(orjson.dumps([asdict(task) for task in found], default=str).decode())
        return
    if not found:
        click.echo("Nothing waits here.")
    for task in found:
        since = task.since.astimezone(session.applied.site.zone)
        name = task.chrono or str(task.id)[:13]
        why = " ".join(word for word in (task.reason, task.source) if word)
        click.echo(f"{name:<18} {task.waiting:<18} since {since:%Y-%m-%d %H:%M}  {why}".rstrip())


@waiting.command()
@click.argument("arrival")
@click.option("--json", "as_json", is_flag=True, help="For a program.")
def show(arrival: str, *, as_json: bool) -> None:
    """Show who wrote the waiting ARRIVAL, when our server took it, and what it says."""

    async def work(
        session: CommandSession,
    ) -> tuple[CommandSession, UnregisteredArrival, Pli | None]:
        arrival_id = await store.find_arrival(session.connection, arrival)
        found = await arrivals_without_item.read_arrival(session.connection, arrival_id)
        if found is None:
            raise Refused("It waits no more: somebody has dealt with it.", "waits-no-more")
        blobs = session.settings.originals
        return session, found, await plis.read(blobs, found.pli) if found.pli else None

    session, found, pli = run(work)
    said = {
        "word": found.word.value,
        "reason": found.reason or "",
        "source": found.source,
        "received": found.received_at.astimezone(session.applied.site.zone).isoformat(
            timespec="seconds"
        ),
        "from": f"{pli.sender.name} <{pli.sender.address}>" if pli else "",
        "subject": pli.subject if pli else "",
        "text": pli.text if pli else "",
    }
    if as_json:
        click.echo(orjson.dumps({"id": str(found.arrival_id), **said}).decode())
        return
    for name, value in said.items():
        if name != "text":
            click.echo(f"{name:<9} {value or '-'}")
    click.echo(f"\n{said['text'] or 'Nothing of its text can be read; the original is kept.'}")


@waiting.command("take")
@click.argument("arrival")
@AS
def take_(arrival: str, who: str) -> None:
    """Register ARRIVAL as an item, which is then to be qualified."""

    async def decision(session: CommandSession, by: Decider) -> Item:
        return await by.take(await store.find_arrival(session.connection, arrival))

    say(take(who, decision, Right.SORT))


@waiting.command("set-aside")
@click.argument("arrival")
@AS
@REASON
def set_aside(arrival: str, who: str, reason: str) -> None:
    """Set a quarantined ARRIVAL aside: it needs no answer."""

    async def decision(session: CommandSession, by: Decider) -> None:
        await by.set_aside(await store.find_arrival(session.connection, arrival), reason)

    take(who, decision, Right.SORT)
    click.echo("Set aside: kept six months, and one key from becoming an item.")


@waiting.command()
@click.argument("arrival")
@AS
def retry(arrival: str, who: str) -> None:
    """Have the service ingest read the waiting ARRIVAL again, with the present rules."""

    async def decision(session: CommandSession, by: Decider) -> None:
        arrival_id = await store.find_arrival(session.connection, arrival)
        word, _ = await store.lock(session.connection, arrival_id)
        if word is Disposition.HISTORY:
            raise Refused("It was read well: it is history. Take it to make it an item.")
        request = RereadRequest(
            id=uuid4(),
            at=session.now,
            arrival_id=arrival_id,
            by=PersonId(by.person.id),
            **by.origin.fields,
        )
        await asyncio.to_thread(spool.deposit, session.settings.spool, request)

    take(who, decision, Right.SORT)
    click.echo("Asked: ingest tells what it reads within a minute.")
