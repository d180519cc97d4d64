"""The outbox: what a transaction tells leaves with what it changed, or not at all.

`put` is called inside the business transaction, after the aggregate was locked, so that the ids of
one key's rows follow the order of its commits. relay.py carries the rows to Kafka.

A fact stays after it was told, longer than any topic keeps its record, so that Kafka may lose
everything: outbox_retell.py has the relay tell it again, with the same id. What waits is a row of
`outbox_waiting` (shared/sql/0110_told_rows.sql), which a trigger adds; outbox_upkeep.py counts it.
"""

from collections.abc import Sequence

from shared.errors import PermanentFailure
from shared.facts.publication import Publication
from shared.platform.database import Connection
from shared.platform.messaging.headers import HeaderWriter
from shared.platform.observability import tracing

MAX_BYTES = 900_000
"""Below what Kafka takes in one record, headers included: a larger fact is a fault."""


def channel(schema: str) -> str:
    """Returns the PostgreSQL NOTIFY channel that wakes the relay when the outbox has new rows."""
    return f"{schema}_outbox"


def columns(
    schema: str, facts: Sequence[Publication], payloads: Sequence[str] = ()
) -> tuple[str | Sequence[str], ...]:
    """Returns the columns of rows that tell facts, for `insert`. Raises PermanentFailure."""
    payloads = payloads or [fact.model_dump_json() for fact in facts]
    for fact, payload in zip(facts, payloads, strict=True):
        if len(payload.encode()) > MAX_BYTES:
            raise PermanentFailure(
                f"Fact {fact.type} {fact.id_text} is larger than {MAX_BYTES} bytes: "
                "what is large belongs in a blob."
            )
    headers = HeaderWriter(schema)
    # asyncpg asks in Python of each element of an array whether it is one: half of what it costs.
    return (
        ",".join([fact.id_text for fact in facts]),
        ",".join([fact.topic for fact in facts]),
        ",".join([fact.key for fact in facts]),
        payloads,
        [headers.write(*told) for told in zip(facts, tracing.trace_published(facts), strict=True)],
    )


def insert(schema: str, first: int, where: str = "true") -> str:
    """Writes the INSERT of `columns`, its parameters from `$first` on; it returns the new ids.

    A fact that is there changes nothing. `where`: SQL of our code, without which none is inserted.
    """
    return f"""
        INSERT INTO "{schema}".outbox (event_id, topic, key, payload, headers)
        SELECT event_id::uuid, topic, key, payload, headers::jsonb
        FROM ROWS FROM (string_to_table(${first}, ','), string_to_table(${first + 1}, ','),
                        string_to_table(${first + 2}, ','),
                        unnest(${first + 3}::text[], ${first + 4}::text[]))
             WITH ORDINALITY AS fact (event_id, topic, key, payload, headers, position)
        WHERE {where} ORDER BY position ON CONFLICT (event_id) DO NOTHING RETURNING id
        """  # noqa: S608  (a schema is a name of our code, not input)


async def put(
    connection: Connection, schema: str, facts: Sequence[Publication], payloads: Sequence[str] = ()
) -> Sequence[int]:
    """Inserts facts into the schema's outbox, in order: the relay publishes them after the commit.

    Inserting a fact that is in the outbox already changes nothing (idempotent). Returns the ids of
    the rows that are new. `payloads`: the facts as JSON, where that is written already. Raises
    PermanentFailure: a fact too large for Kafka.
    """
    if not facts:
        return []
    row = await connection.fetchrow(
        f"WITH told AS ({insert(schema, 1)})"  # noqa: S608  (as above)
        " SELECT ARRAY (SELECT id FROM told) AS ids, pg_notify($6, '')",
        *columns(schema, facts, payloads),
        channel(schema),
    )
    return [] if row is None else row["ids"]
