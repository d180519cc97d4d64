"""The questions of one look; they change nothing."""

import asyncio
import json
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import asyncpg
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.structs import OffsetAndMetadata
from pydantic import SecretStr

from services.ops.status.overview import KeptReplies, Overview, ProcessState, Schema, WaitingWork
from shared.errors import PermanentFailure, TemporaryFailure
from shared.facts.envelope import Topic
from shared.platform.clock import open_clock
from shared.platform.database import Connection, open_pool, transaction
from shared.platform.kafka import topic_log
from shared.platform.kafka.connection import KafkaAccess
from shared.platform.kafka.topics import admin, name_of
from shared.platform.messaging import offsets
from shared.platform.messaging.offsets import group_of
from shared.site import store
from shared.site.tables.bundle import AppliedSite

HEARS: Mapping[str, Sequence[Topic]] = {
    "ingest": (),
    "desk": (Topic.ARRIVALS, Topic.CLOCKS, Topic.NOTICES),
    "sla": (Topic.ITEMS, Topic.ARRIVALS),
    "notify": (Topic.ITEMS, Topic.CLOCKS, Topic.ARRIVALS, Topic.QUALITY),
}
PATIENCE = timedelta(seconds=5)
SECONDS = 5.0

WORDS = """
    SELECT word, sum(arrivals)::bigint AS n FROM desk.dispositions GROUP BY word ORDER BY n DESC
"""
UNNAMED = """
    SELECT (SELECT coalesce(sum(n), 0) FROM ingest.arrivals_counts WHERE kind <> 'seen')::bigint
         - (SELECT coalesce(sum(arrivals), 0) FROM desk.words)::bigint
"""
KEPT = """
    SELECT service, sum(kept)::bigint AS kept, sum(due)::bigint AS due,
           sum(overdue)::bigint AS overdue, sum(open + observed)::bigint AS open
    FROM desk.rates WHERE clock = 'reply' AND month > $1::date - 92
    GROUP BY service ORDER BY service
"""
WAITS = """
    SELECT waiting, sum(n)::bigint AS n, min(oldest) AS oldest FROM desk.waiting
    GROUP BY waiting ORDER BY waiting
"""
RUNG = "SELECT min(wake_at) FROM sla.items WHERE wake_at IS NOT NULL"
HELD = "SELECT coalesce(sum(n), 0)::bigint FROM notify.ledger_counts WHERE state = 'held'"
SILENCED = "SELECT count(*) FROM notify.silenced WHERE lifted_at IS NULL"
MAIL = """
    SELECT min(due_at) FROM notify.ledger
    WHERE state IN ('planned', 'unknown') AND way = 'mail' AND due_at <= $1
"""
WEBHOOKS_FAILED = "SELECT count(*) FROM desk.webhook_lanes WHERE failed_at IS NOT NULL"
WEBHOOK_AGE = """
    SELECT coalesce(extract(epoch FROM clock_timestamp() - min(since)), 0)::float8
    FROM desk.webhook_lanes WHERE failed_at IS NULL
"""

PARAPHEUR_FAILED = "SELECT count(*) FROM desk.parapheur_letters WHERE state = 'failed'"
PARAPHEUR_UNANSWERED = """
    SELECT count(*) FROM desk.parapheur_letters WHERE state IN ('to_send', 'sent') AND attempts >= 3
"""
SECURE_MAILS = "SELECT failed, unanswered FROM desk.secure_mail_counts"
DEPOSITS = "SELECT failed, unanswered FROM desk.archive_deposit_counts"


@dataclass
class ReaderLag:
    """The consumer lag of a service behind its topics, as Kafka knows it."""

    lag: int = 0
    """Records that wait for it."""
    committed: dict[TopicPartition, OffsetAndMetadata] = field(default_factory=dict)


async def look(
    url: SecretStr, kafka: KafkaAccess, prefix: str, host: str, ports: Mapping[str, int]
) -> Overview:
    """Collects the state of all services, processes and topics once, for `status`.

    Raises:
        TemporaryFailure: the database is away or refuses the connection.
        PermanentFailure: the role may not see all of it.
    """
    pool = await open_pool(url, "status", size=2, wait=PATIENCE)
    try:
        clock = await open_clock(pool, url)
        processes, heard = await asyncio.gather(
            asyncio.gather(*(_health(name, host, port) for name, port in ports.items())),
            _heard(kafka, prefix),
        )
        async with transaction(pool) as connection:
            applied = await store.current(connection)
            schemas = [await _schema(connection, name, prefix, heard) for name in HEARS]
            return await _asked(connection, applied, clock.now(), processes, schemas)
    except asyncpg.InsufficientPrivilegeError as error:
        raise PermanentFailure(
            f"The role of VAGUEMESTRE_DATABASE_URL may not look at everything ({error}): give the "
            "address of the role that ends in _status."
        ) from error
    finally:
        await pool.close()


async def _asked(
    connection: Connection,
    applied: AppliedSite,
    now: datetime,
    processes: Sequence[ProcessState],
    schemas: Sequence[Schema],
) -> Overview:
    local = now.astimezone(applied.site.zone)
    today = local.date()
    deposits = await connection.fetchrow(DEPOSITS)
    mails = await connection.fetchrow(SECURE_MAILS)
    assert deposits is not None  # noqa: S101  (one row of counts)
    assert mails is not None  # noqa: S101  (as above)
    return Overview(
        now=local,
        story=await connection.fetchval("SELECT EXISTS (SELECT FROM site.story)"),
        authority=applied.site.identity.authority,
        target=applied.site.commitments.target,
        live=applied.go_live is not None and applied.go_live <= now,
        processes=processes,
        schemas=schemas,
        words={row["word"]: row["n"] for row in await connection.fetch(WORDS)},
        unnamed=await connection.fetchval(UNNAMED),
        kept=[KeptReplies(**row) for row in await connection.fetch(KEPT, today)],
        waits=[
            WaitingWork(row["waiting"], row["n"], _days(applied, row["oldest"], today))
            for row in await connection.fetch(WAITS)
        ],
        held=await connection.fetchval(HELD),
        silenced=await connection.fetchval(SILENCED),
        rung_seconds=_age(await connection.fetchval(RUNG), now),
        mail_seconds=_age(await connection.fetchval(MAIL, now), now),
        webhooks_failed=await connection.fetchval(WEBHOOKS_FAILED),
        webhook_seconds=await connection.fetchval(WEBHOOK_AGE),
        parapheur_failed=await connection.fetchval(PARAPHEUR_FAILED),
        parapheur_unanswered=await connection.fetchval(PARAPHEUR_UNANSWERED),
        secure_mails_failed=mails["failed"],
        secure_mails_unanswered=mails["unanswered"],
        deposits_failed=deposits["failed"],
        deposits_unanswered=deposits["unanswered"],
    )


def _days(applied: AppliedSite, since: datetime, today: date) -> int:
    first = since.astimezone(applied.site.zone).date()
    return applied.days.between(min(first, today), today)


def _age(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())


async def _schema(
    connection: Connection, name: str, prefix: str, heard: Mapping[str, ReaderLag] | None
) -> Schema:
    row = await connection.fetchrow(
        f"""
        SELECT count(*) AS untold,
               coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0)::float8 AS age,
               (SELECT count(*) FROM "{name}".dead_letters) AS dead
        FROM "{name}".outbox JOIN "{name}".outbox_waiting USING (id) WHERE NOT again
        """  # noqa: S608  (a name of HEARS)
    )
    lag, unheard, went_back = None, 0, False
    if heard is not None:
        lag = heard[name].lag
        rows = await offsets.rows_of(connection, name, prefix)
        went_back = any(offsets.forgotten_partitions(rows, heard[name].committed))
    if HEARS[name]:
        unheard = await connection.fetchval(
            f'SELECT coalesce(sum(missing), 0)::bigint FROM "{name}".crosschecks'  # noqa: S608  (as above)
        )
    if row is None:
        return Schema(name, 0, 0.0, 0, lag, unheard, went_back)
    return Schema(name, row["untold"], row["age"], row["dead"], lag, unheard, went_back)


async def _health(name: str, host: str, port: int) -> ProcessState:
    return await asyncio.to_thread(_ask, name, f"http://{host}:{port}/health")


def _ask(name: str, url: str) -> ProcessState:
    try:
        with urllib.request.urlopen(url, timeout=SECONDS) as answer:  # noqa: S310  (our own process)
            health = answer.read()
            return ProcessState(
                name,
                look=health_warnings(health),
                at_rest=at_rest(health),
                writes=writing_key(health),
                version=version_of(health),
            )
    except urllib.error.HTTPError as unwell:
        with unwell, suppress(ValueError, KeyError, TypeError):
            health = unwell.read()
            checks = json.loads(health)["checks"]
            # Each once: several services of one process find the same server away.
            failing = dict.fromkeys(check["why"] for check in checks.values() if not check["ok"])
            why = " ".join(failing) or "It is unwell and does not say why."
            return ProcessState(name, why, version=version_of(health))
        return ProcessState(name, "It is unwell and does not say why.")
    except OSError:
        return ProcessState(name, "It does not answer.")


def health_warnings(health: bytes) -> Sequence[str]:
    """Returns the warnings in the /health answer of a healthy process, for somebody to look at."""
    return _details(health, "look")


def version_of(health: bytes) -> str:
    """Returns the version of the program in a /health answer; "" if it does not say."""
    with suppress(ValueError, KeyError, TypeError, AttributeError):
        return str(json.loads(health)["version"])
    return ""


def at_rest(health: bytes) -> str:
    """Returns how stored originals are encrypted, by a process's /health; "" if it does not say."""
    return " ".join(_details(health, "at_rest"))


def writing_key(health: bytes) -> str:
    """Returns the key that encrypts a process's new files, or `in clear`; "": it writes none."""
    return " ".join(dict.fromkeys(_details(health, "writes")))


def _details(health: bytes, name: str) -> Sequence[str]:
    with suppress(ValueError, KeyError, TypeError, AttributeError):
        details = [check.get("detail") for check in json.loads(health)["checks"].values()]
        return [
            str(detail[name]) for detail in details if isinstance(detail, dict) and name in detail
        ]
    return ()


async def _heard(kafka: KafkaAccess, prefix: str) -> Mapping[str, ReaderLag] | None:
    """What each service has heard, as Kafka says; `None` when it does not answer."""
    heard = {name: ReaderLag() for name in HEARS}
    try:
        spans = await topic_log.spans(
            kafka, [name_of(topic, prefix) for topic in Topic], seconds=SECONDS
        )
        async with admin(kafka) as client:
            for name, topics in HEARS.items():
                for topic in topics:
                    group = group_of(name, topic, prefix)
                    heard[name].committed |= await topic_log.committed_offsets(client, group)
    except (KafkaError, OSError, TimeoutError, TemporaryFailure):
        return None
    for name, topics in HEARS.items():
        names = {name_of(topic, prefix) for topic in topics}
        for place, (start, end) in spans.items():
            if place.topic in names:
                word = heard[name].committed.get(place)
                heard[name].lag += max(0, end - max(start, word.offset if word else start))
    return heard
