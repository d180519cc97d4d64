"""What waits for a person: to qualify, quarantine, set aside, history."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from uuid import uuid4

import click
import orjson

from services.desk.commands.deciding import AS, REASON, say, take
from services.desk.commands.session import Session, run
from services.desk.deciding import Decider
from services.desk.domain.item import Item
from services.desk.domain.registering import Word
from services.desk.store import lists
from services.desk.store import waiting as store
from services.desk.store.lists import Wait
from shared import spool
from shared.errors import Refused
from shared.facts.envelope import PersonId
from shared.facts.words import Waiting
from shared.spool import RereadRequest

LISTS = (*(waiting.value for waiting in Waiting), "set_aside", "history")


@click.group()
def waiting() -> None:
    """What waits for a person, and what to do with it."""


@waiting.command("list")
@click.option("--list", "which", type=click.Choice(LISTS), help="Without it, all that climbs.")
@click.option("--json", "as_json", is_flag=True, help="For a program.")
def list_(which: str | None, *, as_json: bool) -> None:
    """Oldest first. JSON: [{id, waiting, service, since, chrono, reason, source}]."""

    async def work(session: Session) -> tuple[Session, Sequence[Wait]]:
        return session, await lists.waiting(session.connection, which=which)

    session, found = run(work)
    if as_json:
        click.echo(orjson.dumps([asdict(one) for one in found], default=str).decode())
        return
    if not found:
        click.echo("Nothing waits here.")
    for one in found:
        since = one.since.astimezone(session.applied.site.zone)
        name = one.chrono or str(one.id)[:13]
        why = " ".join(word for word in (one.reason, one.source) if word)
        click.echo(f"{name:<18} {one.waiting:<18} since {since:%Y-%m-%d %H:%M}  {why}".rstrip())


@waiting.command("take")
@click.argument("arrival")
@AS
def take_(arrival: str, who: str) -> None:
    """It becomes an item, to be qualified."""

    async def decision(session: Session, by: Decider) -> Item:
        return await by.take(await store.named(session.connection, arrival))

    say(take(who, decision))


@waiting.command("set-aside")
@click.argument("arrival")
@AS
@REASON
def set_aside(arrival: str, who: str, reason: str) -> None:
    """What lies in quarantine is nothing to answer."""

    async def decision(session: Session, by: Decider) -> None:
        await by.set_aside(await store.named(session.connection, arrival), reason)

    take(who, decision)
    click.echo("Set aside: kept six months, and one key from becoming an item.")


@waiting.command()
@click.argument("arrival")
@AS
def retry(arrival: str, who: str) -> None:
    """Have ingest read it again, with the rules as they are now."""

    async def decision(session: Session, by: Decider) -> None:
        arrival_id = await store.named(session.connection, arrival)
        word, _ = await store.lock(session.connection, arrival_id)
        if word is Word.HISTORY:
            raise Refused("It was read well: it is history. Take it to make it an item.")
        request = RereadRequest(
            id=uuid4(),
            at=session.now,
            arrival_id=arrival_id,
            by=PersonId(by.person.id),
            **by.origin.fields,
        )
        await asyncio.to_thread(spool.deposit, session.settings.spool, request)

    take(who, decision)
    click.echo("Asked: ingest tells what it reads within a minute.")
