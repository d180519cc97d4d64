"""After PostgreSQL was restored, or failed over, to an earlier moment: bring back what Kafka has.

The tables are the truth again, and Kafka is ahead of them: its groups stand behind facts that the
tables do not know, and the topics hold a future that was lost, whose numbers would clash with the
ones that now come. So the préfecture goes on under a new VAGUEMESTRE_PREFIX, whose topics begin
empty. What the outbox of its producer does not know was told in the lost hours; of that

arrivals         come in again: they are put into the outbox of who told them, same ids
chronos          an item that comes in again has the one that it was given, as has the departure of
                 a reply; counters go on behind all that were given, whoever may have them on paper
notices sent     stand in the ledger as sent: nobody is told a second time

and what was told before, and not heard yet, is told again (shared/platform/messaging/crosscheck.py
says what that is).
What people decided in the lost hours is said by chrono, with its content, for them to say it again;
and what they stated of months, lists, delegations and bordereaux, by its subject:
what they keyed or split off has its number in that list, and gets another when it is keyed again:
its former number is kept, and leads to it once `desk formerly` has said which one it is.
Known facts change nothing (their ids are the same), so that every step may be repeated.

Needs:  VAGUEMESTRE_DATABASE_URL of the database's owner, VAGUEMESTRE_KAFKA, VAGUEMESTRE_PREFIX
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import click
from pydantic import TypeAdapter, ValidationError

from services.desk.store import counters, former_chronos
from services.desk.store.former_chronos import FormerChrono
from services.notify.store import dispatches
from services.ops.crosscheck import READERS
from services.ops.installation import Installer
from services.ops.to_say_again import Said, by_subject, fields_of
from shared.content import chronos
from shared.errors import Refused
from shared.facts.arrivals import ARRIVALS, Arrivals
from shared.facts.authors import was_decided
from shared.facts.envelope import Fact, Topic
from shared.facts.items import ITEMS, Items
from shared.facts.items.registration import ItemRegistered
from shared.facts.notices import NOTICES, NoticeSent
from shared.facts.observations import SourceRead
from shared.facts.quality import QUALITY
from shared.platform.database import Pool, open_pool, transaction
from shared.platform.kafka import topics
from shared.platform.kafka.topic_log import held_records
from shared.platform.messaging import crosscheck, outbox_retell
from shared.platform.messaging.producers import PRODUCERS
from shared.platform.observability import logs
from shared.platform.settings import load

UNREAD = "records can't be read: what they say is in nothing of this."


PAGE = 1_000
KNOWN = """
    SELECT event_id FROM "{owner}".outbox WHERE event_id = ANY($1::uuid[])
    UNION SELECT event_id FROM desk.facts WHERE event_id = ANY($1::uuid[])
    UNION SELECT event_id FROM desk.quality_facts WHERE event_id = ANY($1::uuid[])
"""
PERSON_CHANGES = """
    SELECT event_id FROM desk.outbox WHERE headers ->> 'ce_type' = 'PersonChanged'
    AND created_at > clock_timestamp() - $1::interval
"""
"""They are not compared (services/notify/fact_memory.py): a few a day."""
GIVEN_AGAIN = """
    SELECT lost.chrono FROM unnest($1::uuid[], $2::text[]) AS lost (id, chrono)
    JOIN desk.items AS item ON item.chrono = lost.chrono AND item.item_id <> lost.id
"""
"""Somebody went on before this command."""


@dataclass
class Lost:
    """The facts that Kafka still has from the hours which a restored database lost, by kind."""

    partitions: int
    """Of the topics so far: the new ones have as many."""
    arrivals: list[Arrivals] = field(default_factory=list)
    given: list[str] = field(default_factory=list)
    """Chronos, as they were told."""
    promised: list[tuple[UUID, str]] = field(default_factory=list)
    """Whose they are: an item's, or a notice's whose reply left under one."""
    registered: list[ItemRegistered] = field(default_factory=list)
    departed: list[FormerChrono] = field(default_factory=list)
    """Departures of which no notice comes in again: a person keyed them."""
    decided: list[Said] = field(default_factory=list)
    """What people said."""
    sent: list[NoticeSent] = field(default_factory=list)
    unread: int = 0
    """Records of which this program can make nothing."""


@click.command()
@click.option("--from", "old", required=True, metavar="PREFIX", help="That of the topics so far.")
@click.option(
    "--told",
    is_flag=True,
    help="The second time, once `desk keep` has registered what came in again: the register hears"
    " what was sent in the lost hours.",
)
def restored(old: str, *, told: bool) -> None:
    """Bring back what Kafka still has, after a restore of PostgreSQL, before services run."""
    work = _tell_sent if told else _bring_back
    for line in asyncio.run(_restored(load(Installer), old, work)):
        click.echo(line)


Work = Callable[[Installer, Pool, Lost], Awaitable[Sequence[str]]]


async def _restored(settings: Installer, old: str, work: Work) -> Sequence[str]:
    if old == settings.prefix:
        raise Refused(
            "The topics so far can't be used again: set VAGUEMESTRE_PREFIX to a new prefix, for "
            f"every process, such as {old.rstrip('.')}.2."
        )
    if missing := await topics.missing_topics(settings.broker, old):
        raise Refused(f"Kafka has no topic {missing[0]}: give the prefix of the topics so far.")
    pool = await open_pool(settings.database_url, "restored", size=2, wait=settings.start_wait)
    try:
        # Leaders of new topics are still being chosen: aiokafka would say so at each try.
        with logs.silencing("aiokafka"):
            return await work(settings, pool, await _lost(settings, pool, old))
    finally:
        await pool.close()


async def _lost(settings: Installer, pool: Pool, old: str) -> Lost:
    lost = Lost(partitions=await topics.partitions_of(settings.broker, old))
    async for arrival in _untold(settings, pool, old, lost, Topic.ARRIVALS, ARRIVALS):
        # A source was read up to a moment that the register does not know of yet.
        lost.arrivals += [] if isinstance(arrival, SourceRead) else [arrival]
    async for fact in _untold(settings, pool, old, lost, Topic.ITEMS, ITEMS):
        if isinstance(fact, ItemRegistered):
            lost.given.append(fact.chrono)
            lost.promised.append((fact.item_id, fact.chrono))
            lost.registered.append(fact)
        if was_decided(fact.by):
            lost.decided.append(fact)
        if departure := getattr(fact, "departure", None):
            lost.given.append(departure)
            notice = getattr(fact, "notice_id", None)
            if notice is not None:
                lost.promised.append((notice, departure))
            else:
                lost.departed.append(FormerChrono(departure, fact.item_id, _said(fact)))
    async for stated in _untold(settings, pool, old, lost, Topic.QUALITY, QUALITY):
        lost.decided += [stated] if was_decided(stated.by) else []
    async for notice in _untold(settings, pool, old, lost, Topic.NOTICES, NOTICES):
        lost.sent += [notice] if isinstance(notice, NoticeSent) else []
    lost.given.sort()
    lost.decided.sort(key=lambda fact: (fact.recorded_at, fact.seq))
    return lost


async def _untold(
    settings: Installer, pool: Pool, old: str, lost: Lost, topic: Topic, decodes: TypeAdapter[Any]
) -> AsyncIterator[Any]:
    """The facts of a topic that its producer does not know any more to have told."""
    page = list[Fact]()
    async for record in held_records(settings.broker, topics.name_of(topic, old)):
        try:
            page.append(decodes.validate_json(record.value or b""))
        except ValidationError:
            lost.unread += 1
        if len(page) >= PAGE:
            for fact in await _unknown(pool, topic, page):
                yield fact
            page.clear()
    for fact in await _unknown(pool, topic, page):
        yield fact


async def _unknown(pool: Pool, topic: Topic, page: Sequence[Fact]) -> Sequence[Fact]:
    known = await pool.fetch(KNOWN.format(owner=PRODUCERS[topic]), [fact.event_id for fact in page])
    ids = {row["event_id"] for row in known}
    return [fact for fact in page if fact.event_id not in ids]


async def _bring_back(settings: Installer, pool: Pool, lost: Lost) -> Sequence[str]:
    await topics.provision(
        *(settings.broker, settings.prefix),
        replication=await _copies(settings),
        partitions=lost.partitions,
    )
    unheard = await _tell_unheard(pool)
    async with transaction(pool) as connection:
        for first in range(0, len(lost.arrivals), PAGE):
            await outbox_retell.put_again(connection, "ingest", lost.arrivals[first : first + PAGE])
        for number in map(_number, lost.given):
            await counters.at_least(connection, *number)
        ids, numbers = [one for one, _ in lost.promised], [one for _, one in lost.promised]
        twice = {row["chrono"] for row in await connection.fetch(GIVEN_AGAIN, ids, numbers)}
        await counters.promise(
            connection,
            [
                promised_chrono
                for promised_chrono in lost.promised
                if promised_chrono[1] not in twice
            ],
        )
        former = [
            FormerChrono(
                fact.chrono, None if fact.arrival_id is None else fact.item_id, _said(fact)
            )
            for fact in lost.registered
            if fact.arrival_id is None or fact.chrono in twice
        ]
        await former_chronos.keep(connection, [*former, *lost.departed])
        await dispatches.keep_sent(connection, lost.sent)
        decisions = await by_subject(connection, lost.decided, dict(lost.promised))
    return [
        f"{unheard} facts that were told and not heard yet are told again.",
        f"{len(lost.arrivals)} arrivals of the lost hours come in again.",
        f"{len(lost.given)} chronos were given; whoever comes in again has their own, nobody else"
        + (f": {', '.join(lost.given)}." if lost.given else "."),
        *(
            f"{chrono} was given to somebody else since: the item that had it gets another."
            for chrono in sorted(twice)
        ),
        *(
            f"{number.chrono} was keyed or split off: once it is so again, say "
            f"`vaguemestre desk formerly NEW {number.chrono}`."
            for number in former
            if number.item_id is None
        ),
        f"{len(lost.sent)} notices were sent and leave no more; once all is heard, add --told.",
        *([f"{lost.unread} {UNREAD}"] if lost.unread else ()),
        f"{len(lost.decided)} facts were said by people and are to be said again:",
        *(f"  {line}" for line in decisions),
    ]


async def _tell_unheard(pool: Pool) -> int:
    """What was on its way to a reader when the tables stood so: its record is under the old prefix.

    What waits in an outbox leaves by itself.
    """
    unheard = 0
    for schema, remembers in READERS.items():
        for topic, known in remembers.items():
            missing = await crosscheck.unknown(pool, schema, topic, known)
            async with transaction(pool) as connection:
                unheard += await outbox_retell.retell_these(
                    connection, PRODUCERS[topic], sorted(missing)
                )
    changes = [row["event_id"] for row in await pool.fetch(PERSON_CHANGES, topics.LONGEST)]
    async with transaction(pool) as connection:
        return unheard + await outbox_retell.retell_these(connection, "desk", changes)


async def _tell_sent(_: Installer, pool: Pool, lost: Lost) -> Sequence[str]:
    wanted = {item for notice in lost.sent if notice.reader is None for item in notice.item_ids}
    async with transaction(pool) as connection:
        known = await connection.fetchval(
            "SELECT count(*) FROM desk.items WHERE item_id = ANY($1::uuid[])", list(wanted)
        )
        if known < len(wanted):
            raise Refused(
                f"{len(wanted) - known} items to which something was sent are not registered again:"
                " wait until `desk keep` has heard all, and see `desk dead-letters list`."
            )
        await outbox_retell.put_again(connection, "notify", lost.sent)
    return [f"The register hears of {len(lost.sent)} notices that were sent."]


def _said(fact: Items) -> str:
    """What its number was given to, in codes and days."""
    return "  ".join([fact.type, *fields_of(fact)])


def _number(chrono: str) -> tuple[chronos.Direction, int, int]:
    _, year, direction, number = chrono.split("-")
    return chronos.Direction(direction), int(year), int(number)


async def _copies(settings: Installer) -> int:
    """On how many servers a topic may stand: three where there are as many."""
    async with topics.admin(settings.broker) as client:
        return min(3, len((await client.describe_cluster())["brokers"]))
