"""The cross-check: what was told and never heard is found, and told again.

Each service that hears says by which SQL a told fact is known again (`Remembers`): by its id where
the reader keeps facts or an inbox, by its content elsewhere. Each night, and when a person asks,
what the owner of a topic has told (outbox.py) is compared with that. So Kafka may lose its
disk, the end of a log, or a record that a committed offset has passed.

A fact is missing only when its reader has heard everything that Kafka holds and still does not know
it: what is on its way is not. Dead letters are known, and so are those that a person dropped.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.structs import OffsetAndMetadata

from shared.facts.envelope import Topic
from shared.platform.database import Connection, Pool, transaction
from shared.platform.jobs import Job, every
from shared.platform.kafka import topic_log
from shared.platform.kafka.connection import Kafka
from shared.platform.kafka.topics import admin, name_of
from shared.platform.messaging import outbox_retell
from shared.platform.messaging.inbox import DROPPED
from shared.platform.messaging.offsets import group_of
from shared.platform.messaging.producers import PRODUCERS
from shared.platform.observability import logs
from shared.platform.observability.logs import Log
from shared.platform.settings import Settings

PAGE = 5_000
CATCH_UP_SECONDS = 30.0
LOOK_SECONDS = 60.0

Remembers: TypeAlias = Mapping[Topic, str]
"""By topic, an SQL condition on `told` (event_id, key, type, payload, created_at): it is known."""

log = Log("crosscheck")


@dataclass(frozen=True, slots=True)
class Finding:
    """The cross-check's result for one reader and one topic: how many facts it never received."""

    schema: str
    topic: Topic
    missing: int
    """Facts that were told, are in Kafka no more, and were never heard."""
    retold: int
    behind: bool
    """The reader has not heard yet all that Kafka holds: nothing can be said of what it lacks."""


async def check(
    pool: Pool, kafka: Kafka, prefix: str, schema: str, remembers: Remembers
) -> Sequence[Finding]:
    """Compares the facts published with those a reader received; has missing ones published again.

    The result is stored.

    Raises:
        TemporaryFailure: PostgreSQL or Kafka does not answer.
    """
    findings = []
    for topic, known in remembers.items():
        finding = await _check(pool, kafka, prefix, schema, topic, known)
        findings.append(finding)
        if finding.missing:
            log.warning(
                "facts_never_heard",
                schema=schema,
                topic=topic.value,
                facts=finding.missing,
                told_again=finding.retold,
            )
    return findings


async def _check(
    pool: Pool, kafka: Kafka, prefix: str, schema: str, topic: Topic, known: str
) -> Finding:
    missing = await unknown(pool, schema, topic, known)
    behind = bool(missing) and not await _heard_all(kafka, prefix, schema, topic)
    if behind:
        missing = frozenset()
    elif missing:
        missing &= await unknown(pool, schema, topic, known)
    retold = 0
    async with transaction(pool) as connection:
        if missing and await _may_retell(connection, schema, topic):
            retold = len(missing)
            await outbox_retell.retell_these(connection, PRODUCERS[topic], sorted(missing))
        await connection.execute(
            f"""
            INSERT INTO "{schema}".crosschecks AS kept
                (topic, checked_at, missing, behind, retold_at)
            VALUES ($1, clock_timestamp(), $2, $3, CASE WHEN $4 THEN clock_timestamp() END)
            ON CONFLICT (topic) DO UPDATE SET
                checked_at = excluded.checked_at, missing = excluded.missing,
                behind = excluded.behind, retold_at = coalesce(excluded.retold_at, kept.retold_at)
            """,  # noqa: S608  (a schema is a name of our code, not input)
            topic.value,
            len(missing),
            behind,
            retold > 0,
        )
    return Finding(schema, topic, len(missing), retold, behind)


async def unknown(pool: Pool, schema: str, topic: Topic, known: str) -> AbstractSet[UUID]:
    """Returns the ids of facts published on a topic that the reader `schema` has not received.

    Only of facts that the producer's outbox still has. `known`: the SQL that finds what the
    reader knows. Dead letters count as received. Some facts may still be on their way in Kafka.
    """
    owner, found, after = PRODUCERS[topic], set[UUID](), 0
    while True:
        page = await pool.fetchrow(
            f"""
            WITH page AS MATERIALIZED (
                SELECT id, event_id, key, payload, created_at, headers ->> 'ce_type' AS type
                FROM "{owner}".outbox WHERE id > $1 AND topic = $2 ORDER BY id LIMIT $3
            )
            SELECT (SELECT max(id) FROM page) AS last, ARRAY (
                SELECT told.event_id FROM page AS told
                WHERE NOT coalesce({known}, false)
                  AND NOT EXISTS (SELECT FROM "{owner}".outbox_waiting w WHERE w.id = told.id)
                  AND NOT EXISTS (SELECT FROM "{schema}".inbox i
                                  WHERE i.reader = $4 AND i.event_id = told.event_id)
                  AND NOT EXISTS (SELECT FROM "{schema}".dead_letters d
                                  WHERE d.payload = convert_to(told.payload, 'UTF8'))
            ) AS unknown
            """,  # noqa: S608  (names and conditions of our code)
            after,
            topic.value,
            PAGE,
            DROPPED,
        )
        if page is None or page["last"] is None:
            return frozenset(found)
        found |= set(page["unknown"])
        after = page["last"]


async def _may_retell(connection: Connection, schema: str, topic: Topic) -> bool:
    """What was told again an hour ago and is missing still needs a person, not another telling."""
    return bool(
        await connection.fetchval(
            f"""
            SELECT NOT EXISTS (
                SELECT FROM "{schema}".crosschecks WHERE topic = $1 AND missing > 0
                AND retold_at > clock_timestamp() - interval '20 hours')
            """,  # noqa: S608  (as above)
            topic.value,
        )
    )


async def _heard_all(kafka: Kafka, prefix: str, schema: str, topic: Topic) -> bool:
    """Whether the reader has heard, within 30 s, all that the topic holds now."""
    name = name_of(topic, prefix)
    with logs.silencing("aiokafka"):
        spans = await topic_log.spans(kafka, [name], seconds=CATCH_UP_SECONDS)
        deadline = time.monotonic() + CATCH_UP_SECONDS
        async with admin(kafka) as client:
            while True:
                # A Kafka that was just begun knows of no group yet, and says so by an error.
                heard: Mapping[TopicPartition, OffsetAndMetadata] = {}
                with suppress(KafkaError):
                    heard = await topic_log.committed_offsets(
                        client, group_of(schema, topic, prefix)
                    )
                if all(
                    start == end or (one in heard and heard[one].offset >= end)
                    for one, (start, end) in spans.items()
                ):
                    return True
                if time.monotonic() > deadline:
                    return False
                await asyncio.sleep(0.5)


async def _due(pool: Pool, schema: str) -> bool:
    """Each night at three, local; and a quarter of an hour after something was missing."""
    return bool(
        await pool.fetchval(
            f"""
            SELECT coalesce(min(checked_at) < max(night)
                OR bool_or(missing > 0 OR behind)
                   AND min(checked_at) < clock_timestamp() - interval '15 minutes', true)
            FROM "{schema}".crosschecks, (
                SELECT (date_trunc('day', clock_timestamp() AT TIME ZONE zone
                                          - interval '3 hours') + interval '3 hours')
                       AT TIME ZONE zone AS night
                FROM (SELECT coalesce((SELECT bundle #>> '{{identity,timezone}}' FROM site.versions
                                       ORDER BY version DESC LIMIT 1), 'UTC') AS zone) AS site
            ) AS last
            """  # noqa: S608  (as above)
        )
    )


async def make_due(connection: Connection, schema: str) -> None:
    """Makes the cross-check job run in its next round, whatever the hour."""
    await connection.execute(
        f"""
        UPDATE "{schema}".crosschecks
        SET checked_at = least(checked_at, clock_timestamp() - interval '25 hours')
        """  # noqa: S608  (as above)
    )


def checks(
    pool: Pool, settings: Settings, schema: str, remembers: Remembers, stopping: asyncio.Event
) -> Job:
    """Makes the background job that runs the cross-check each night at three, local time.

    It runs again a quarter of an hour after facts were found missing.
    """

    async def look() -> None:
        if await _due(pool, schema):
            await check(pool, settings.broker, settings.prefix, schema, remembers)

    return every(LOOK_SECONDS, look, stopping)


async def last_findings(connection: Connection, schema: str) -> Mapping[str, tuple[int, float]]:
    """Returns, by topic, the facts a reader lacked at the last cross-check, and seconds since."""
    rows = await connection.fetch(
        f"""
        SELECT topic, missing, extract(epoch FROM clock_timestamp() - checked_at)::float8 AS age
        FROM "{schema}".crosschecks
        """  # noqa: S608  (as above)
    )
    return {row["topic"]: (row["missing"], row["age"]) for row in rows}
