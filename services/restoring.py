"""After PostgreSQL was restored to an earlier moment: bring back what Kafka still has.

The restored tables are the truth again, and Kafka is ahead of them: its groups stand behind facts
that the tables do not know, and the topics hold a future that was lost, whose numbers would clash
with the ones that now come. So the préfecture goes on under a new VAGUEMESTRE_PREFIX, and this
command fills its topics with what is true of both:

arrivals         all of them: what was taken in during the lost hours comes in again, same ids
other topics     what was told before the moment, so that no reader misses what it had not heard
chronos          an item that comes in again has the one that it was given, as has the departure of
                 a reply; counters go on behind all that were given, whoever may have them on paper
notices sent     stand in the ledger as sent: nobody is told a second time

What people decided in the lost hours is said by chrono, with its content, for them to say it again:
what they keyed or split off has its number in that list, and gets another when it is keyed again.
Known facts change nothing
(their ids are the same), so that every step may be repeated.

Needs:  VAGUEMESTRE_DATABASE_URL of the database's owner, VAGUEMESTRE_KAFKA, VAGUEMESTRE_PREFIX
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import click
from aiokafka import ConsumerRecord
from pydantic import TypeAdapter, ValidationError

from services.desk.store import counters
from services.installation import Installer
from shared import chronos, logs, topics
from shared.database import Connection, open_pool, transaction
from shared.errors import Refused, VaguemestreError
from shared.facts.envelope import Topic
from shared.facts.item import ItemFact
from shared.facts.items import ITEMS, Items
from shared.facts.notices import NOTICES, NoticeSent
from shared.facts.opened import ItemRegistered
from shared.kafka_topics import copy, held
from shared.settings import load
from shared.site import said

ENVELOPE = {*ItemFact.model_fields, "type", "chrono"}
"""What a line says by itself, or a person can't say."""
MACHINES = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-|[0-9a-f]{64}")
"""An id, a digest, a key of a blob."""


T = TypeVar("T")


@dataclass
class Lost:
    """What the topics tell of the hours that the tables lost."""

    arrivals: int = 0
    carried: int = 0
    given: list[str] = field(default_factory=list)
    """Chronos, as they were told."""
    promised: list[tuple[UUID, str]] = field(default_factory=list)
    """Whose they are: an item's, or a notice's whose reply left under one."""
    decided: list[Items] = field(default_factory=list)
    """What people said."""
    sent: list[NoticeSent] = field(default_factory=list)
    unread: int = 0
    """Records of which this program can make nothing."""


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
            fact = _read(record, ITEMS)
            if fact is None:
                lost.unread += 1
                continue
            if isinstance(fact, ItemRegistered):
                lost.given.append(fact.chrono)
                lost.promised.append((fact.item_id, fact.chrono))
            if fact.by.startswith("person:"):
                lost.decided.append(fact)
            if departure := getattr(fact, "departure", None):
                lost.given.append(departure)
                notice = getattr(fact, "notice_id", None)
                lost.promised += [(notice, departure)] if notice is not None else []
    async for record in held(settings.broker, topics.name_of(Topic.NOTICES, old)):
        if not _before(record, until):
            notice = _read(record, NOTICES)
            lost.unread += notice is None
            lost.sent += [notice] if isinstance(notice, NoticeSent) else []
    lost.given.sort()
    lost.decided.sort(key=lambda fact: (fact.recorded_at, fact.seq))
    return lost


def _read(record: "ConsumerRecord[Any, Any]", decodes: TypeAdapter[T]) -> T | None:
    """What a record says; `None`: this program can't read it."""
    try:
        return decodes.validate_json(record.value or b"")
    except ValidationError:
        return None


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
    await counters.promise(connection, lost.promised)
    await _as_sent(connection, lost.sent)
    return [
        f"{lost.carried} facts told until {said.moment(until)} are told again.",
        f"{lost.arrivals} arrivals of the lost hours come in again.",
        f"{len(lost.given)} chronos were given; whoever comes in again has their own, nobody else"
        + (f": {', '.join(lost.given)}." if lost.given else "."),
        f"{len(lost.sent)} notices were sent and leave no more; once all is heard, add --told.",
        *(
            [f"{lost.unread} records can't be read: what they say is in nothing of this."]
            if lost.unread
            else []
        ),
        f"{len(lost.decided)} facts were said by people and are to be said again:",
        *(f"  {line}" for line in await _by_chrono(connection, lost)),
    ]


async def _by_chrono(connection: Connection, lost: Lost) -> Sequence[str]:
    """What people said: when, of which number, what, and who."""
    rows = await connection.fetch(
        "SELECT item_id, chrono FROM desk.items WHERE item_id = ANY($1::uuid[])",
        [fact.item_id for fact in lost.decided],
    )
    chronos_of = {row["item_id"]: row["chrono"] for row in rows} | dict(lost.promised)
    return [
        "  ".join(
            [
                said.moment(fact.recorded_at),
                chronos_of.get(fact.item_id, "no number"),
                fact.type,
                *content(fact.model_dump(mode="json", exclude=ENVELOPE, exclude_none=True)),
                fact.by.removeprefix("person:"),
            ]
        )
        for fact in lost.decided
    ]


def content(fields: Mapping[str, object], before: str = "") -> Iterator[str]:
    """What a person can say again of a fact's fields: no id, no digest, no key of a blob."""
    for name, value in fields.items():
        if isinstance(value, Mapping):
            yield from content(value, f"{before}{name}.")
        elif value not in (None, "", False, [], ()) and not MACHINES.search(str(value)):
            yield f"{before}{name}={value}"


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
