"""After PostgreSQL was restored to an earlier moment: bring back what Kafka still has.

The restored tables are the truth again, and Kafka is ahead of them: its groups stand behind facts
that the tables do not know, and the topics hold a future that was lost, whose numbers would clash
with the ones that now come. So the préfecture goes on under a new VAGUEMESTRE_PREFIX, and this
command fills its topics with what is true of both:

arrivals         all of them: what was taken in during the lost hours comes in again, same ids
other topics     what was told before the moment, so that no reader misses what it had not heard
counters         go on behind every chrono that was given, since somebody may have it on paper
notices sent     stand in the ledger as sent: nobody is told a second time

What people decided in the lost hours is said, for them to say it again. Known facts change nothing
(their ids are the same), so that every step may be repeated.

Needs:  VAGUEMESTRE_DATABASE_URL of the database's owner, VAGUEMESTRE_KAFKA, VAGUEMESTRE_PREFIX
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import click
from aiokafka import ConsumerRecord

from services.desk.store import counters
from services.installation import Installer
from shared import chronos, logs, topics
from shared.database import Connection, open_pool, transaction
from shared.errors import Refused, VaguemestreError
from shared.facts.envelope import Topic
from shared.facts.items import ITEMS
from shared.facts.notices import NOTICES, NoticeSent
from shared.facts.opened import ItemRegistered
from shared.kafka_topics import copy, held
from shared.settings import load
from shared.site import said


@dataclass
class Lost:
    """What the topics tell of the hours that the tables lost."""

    arrivals: int = 0
    carried: int = 0
    given: list[str] = field(default_factory=list)
    """Chronos, as they were told."""
    decided: list[str] = field(default_factory=list)
    """A line for each fact that a person said."""
    sent: list[NoticeSent] = field(default_factory=list)


@click.command()
@click.option("--from", "old", required=True, metavar="PREFIX", help="That of the topics so far.")
@click.option("--until", "moment", required=True, help="The restored ISO moment, with its offset.")
@click.option(
    "--told",
    is_flag=True,
    help="The second time, once `desk keep` has registered what came in again: the register hears"
    " what was sent in the lost hours.",
)
def restored(old: str, moment: str, *, told: bool) -> None:
    """After a restore of PostgreSQL, before the services run: bring back what Kafka still has."""
    work = _tell_sent if told else _bring_back
    try:
        for line in asyncio.run(_restored(load(Installer), old, said.instant(moment), work)):
            click.echo(line)
    except VaguemestreError as error:
        raise click.ClickException(str(error)) from error


Work = Callable[[Installer, Connection, Lost, str, datetime], Awaitable[Sequence[str]]]


async def _restored(settings: Installer, old: str, until: datetime, work: Work) -> Sequence[str]:
    if old == settings.prefix:
        raise Refused(
            "The topics so far can't be used again: set VAGUEMESTRE_PREFIX to a new prefix, for "
            f"every process, such as {old.rstrip('.')}.2."
        )
    if missing := await topics.missing(settings.broker, old):
        raise Refused(f"Kafka has no topic {missing[0]}: give the prefix of the topics so far.")
    pool = await open_pool(settings.database_url, "restored", size=2, wait=settings.start_wait)
    try:
        # Leaders of new topics are still being chosen: aiokafka would say so at each try.
        with logs.hushed("aiokafka"):
            lost = await _lost(settings, old, until)
            async with transaction(pool) as connection:
                return await work(settings, connection, lost, old, until)
    finally:
        await pool.close()


async def _lost(settings: Installer, old: str, until: datetime) -> Lost:
    lost = Lost()
    async for record in held(settings.broker, topics.name_of(Topic.ITEMS, old)):
        if not _before(record, until):
            fact = ITEMS.validate_json(record.value or b"")
            if isinstance(fact, ItemRegistered):
                lost.given.append(fact.chrono)
            if fact.by.startswith("person:"):
                at = said.moment(fact.recorded_at)
                lost.decided.append(f"{at}  {fact.type}  {fact.item_id}  {fact.by}")
            lost.given += [departure] if (departure := getattr(fact, "departure", None)) else []
    async for record in held(settings.broker, topics.name_of(Topic.NOTICES, old)):
        if not _before(record, until):
            notice = NOTICES.validate_json(record.value or b"")
            lost.sent += [notice] if isinstance(notice, NoticeSent) else []
    lost.given.sort()
    lost.decided.sort()
    return lost


async def _bring_back(
    settings: Installer, connection: Connection, lost: Lost, old: str, until: datetime
) -> Sequence[str]:
    await topics.provision(settings.broker, settings.prefix, replication=await _copies(settings))
    for topic in Topic:

        def keeps(record: "ConsumerRecord[Any, Any]", topic: Topic = topic) -> bool:
            if _before(record, until):
                lost.carried += 1
                return True
            # A source was read up to a moment that the register does not know of yet.
            again = topic is Topic.ARRIVALS and b'"SourceRead"' not in (record.value or b"")
            lost.arrivals += again
            return again

        into = topics.name_of(topic, settings.prefix)
        await copy(settings.broker, topics.name_of(topic, old), into, keeps)
    for number in map(_number, lost.given):
        await counters.at_least(connection, *number)
    await _as_sent(connection, lost.sent)
    return [
        f"{lost.carried} facts told until {said.moment(until)} are told again.",
        f"{lost.arrivals} arrivals of the lost hours come in again.",
        f"{len(lost.given)} chronos were given and are given to nobody else"
        + (f": {', '.join(lost.given)}." if lost.given else "."),
        f"{len(lost.sent)} notices were sent and leave no more; once all is heard, add --told.",
        f"{len(lost.decided)} facts were said by people and are to be said again:",
        *(f"  {line}" for line in lost.decided),
    ]


async def _tell_sent(
    settings: Installer, connection: Connection, lost: Lost, old: str, until: datetime
) -> Sequence[str]:
    wanted = {item for notice in lost.sent if notice.reader is None for item in notice.item_ids}
    known = await connection.fetchval(
        "SELECT count(*) FROM desk.items WHERE item_id = ANY($1::uuid[])", list(wanted)
    )
    if known < len(wanted):
        raise Refused(
            f"{len(wanted) - known} items to which something was sent are not registered again:"
            " wait until `desk keep` has heard all, and see `desk dead-letters list`."
        )
    events = {str(notice.event_id).encode() for notice in lost.sent}

    def keeps(record: "ConsumerRecord[Any, Any]") -> bool:
        return not _before(record, until) and any(one in (record.value or b"") for one in events)

    into = topics.name_of(Topic.NOTICES, settings.prefix)
    await copy(settings.broker, topics.name_of(Topic.NOTICES, old), into, keeps)
    return [f"The register hears of {len(lost.sent)} notices that were sent."]


async def _as_sent(connection: Connection, sent: Sequence[NoticeSent]) -> None:
    """Stands in the ledger as sent what left, whether the tables knew of it or not."""
    await connection.executemany(
        """
        INSERT INTO notify.ledger AS kept
            (notice_id, item_id, occasion, kind, reader, way, state, ordered, document,
             due_at, planned_at, changed_at)
        VALUES ($1, $2, $3, $4, $5, $6, 'sent', $7, $8, $9, $9, $9)
        ON CONFLICT (notice_id) DO UPDATE SET state = 'sent', why = NULL, document = $8,
            changed_at = $9, revision = kept.revision + 1
        WHERE kept.state NOT IN ('sent', 'bounced')
        """,
        [
            (
                one.notice_id,
                one.item_ids[0] if one.reader is None and one.item_ids else None,
                one.occasion,
                one.kind.value,
                one.reader,
                one.way.value,
                one.ordered,
                one.document,
                one.happened_at,
            )
            for one in sent
        ],
    )


def _number(chrono: str) -> tuple[chronos.Direction, int, int]:
    _, year, direction, number = chrono.split("-")
    return chronos.Direction(direction), int(year), int(number)


def _before(record: "ConsumerRecord[Any, Any]", until: datetime) -> bool:
    return bool(record.timestamp < until.timestamp() * 1000)


async def _copies(settings: Installer) -> int:
    """On how many servers a topic may stand: three where there are as many."""
    async with topics.admin(settings.broker) as client:
        return min(3, len((await client.describe_cluster())["brokers"]))
