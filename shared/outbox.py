"""The outbox: what a transaction tells leaves with what it changed, or not at all.

`put` is called inside the business transaction, after the aggregate was locked, so that the ids of
one key's rows follow the order of its commits. shared/relay.py carries the rows to Kafka.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from shared import tracing
from shared.database import Connection, Pool
from shared.errors import PermanentFailure
from shared.facts.envelope import Fact

MAX_BYTES = 900_000
"""Below what Kafka takes in one record, headers included: a larger fact is a fault."""


def channel(schema: str) -> str:
    """The name under which PostgreSQL tells the relay that something waits."""
    return f"{schema}_outbox"


def headers_of(fact: Fact) -> Mapping[str, str]:
    """The CloudEvents 1.0 attributes of a fact, as the Kafka binding names them."""
    return {
        "ce_specversion": "1.0",
        "ce_id": str(fact.event_id),
        "ce_type": fact.type,
        "ce_source": fact.by,
        "ce_time": fact.happened_at.isoformat(),
        "content-type": "application/json",
    }


async def put(connection: Connection, schema: str, facts: Sequence[Fact]) -> None:
    """Tells `facts`, in this order, when the transaction of `connection` commits.

    Telling a fact again while it still waits changes nothing.

    Raises:
        PermanentFailure: a fact too large for Kafka.
    """
    if not facts:
        return
    payloads = [fact.model_dump_json() for fact in facts]
    for fact, payload in zip(facts, payloads, strict=True):
        if len(payload.encode()) > MAX_BYTES:
            raise PermanentFailure(
                f"Fact {fact.type} {fact.event_id} is larger than {MAX_BYTES} bytes: "
                "what is large belongs in a blob."
            )
    traces = tracing.told(facts)
    await connection.execute(
        f"""
        WITH told AS (
            INSERT INTO "{schema}".outbox (event_id, topic, key, payload, headers)
            SELECT event_id, topic, key, payload, headers
            FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::jsonb[])
                 WITH ORDINALITY AS fact (event_id, topic, key, payload, headers, position)
            ORDER BY position
            ON CONFLICT (event_id) DO NOTHING
        )
        SELECT pg_notify($6, '')
        """,  # noqa: S608  (a schema is a name of our code, not input)
        [fact.event_id for fact in facts],
        [fact.topic.value for fact in facts],
        [fact.key for fact in facts],
        payloads,
        [{**headers_of(fact), **trace} for fact, trace in zip(facts, traces, strict=True)],
        channel(schema),
    )


async def depth(pool: "Pool | Connection", schema: str) -> int:
    """How many facts wait to be told."""
    question = f'SELECT count(*) FROM "{schema}".outbox'  # noqa: S608  (as above)
    return int(await pool.fetchval(question))


async def oldest_age(pool: "Pool | Connection", schema: str) -> timedelta:
    """For how long of real time the oldest has waited; zero when none does."""
    age: timedelta = await pool.fetchval(
        f"""
        SELECT coalesce(clock_timestamp() - min(created_at), interval '0') FROM "{schema}".outbox
        """  # noqa: S608  (as above)
    )
    return max(age, timedelta())
