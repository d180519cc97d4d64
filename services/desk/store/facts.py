"""The facts of the register: appended with their evidence and told in one transaction."""

from collections.abc import Sequence

from services.desk.domain import evidence
from shared.facts.envelope import ItemId
from shared.facts.items import Items
from shared.facts.items.routing import WaitEnded, WaitStarted
from shared.platform.database import Connection
from shared.platform.messaging import outbox

SCHEMA = "desk"


async def keep(connection: Connection, facts: Sequence[Items]) -> None:
    """Appends facts to the register, extends the items' hash chains, fills the outbox.

    In the order of `seq`; the caller holds the lock under which the last `seq` was read.
    """
    if not facts:
        return
    heads = await _heads(connection, [fact.item_id for fact in facts if fact.seq > 1])
    payloads, links = [fact.model_dump_json() for fact in facts], []
    for fact, payload in zip(facts, payloads, strict=True):
        previous = heads.get(fact.item_id, evidence.GENESIS)
        heads[fact.item_id] = evidence.link(previous, payload, fact.by, fact.recorded_at)
        links.append(heads[fact.item_id])
    await connection.execute(
        """
        INSERT INTO desk.facts
            (event_id, item_id, seq, type, by, happened_at, recorded_at, payload, link)
        SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::text[], $5::text[],
                             $6::timestamptz[], $7::timestamptz[], $8::text[], $9::text[])
        """,
        [fact.event_id for fact in facts],
        [fact.item_id for fact in facts],
        [fact.seq for fact in facts],
        [fact.type for fact in facts],
        [fact.by for fact in facts],
        [fact.happened_at for fact in facts],
        [fact.recorded_at for fact in facts],
        payloads,
        links,
    )
    await _keep_waits(connection, facts)
    await outbox.put(connection, SCHEMA, facts, payloads)


async def _heads(connection: Connection, item_ids: Sequence[ItemId]) -> dict[ItemId, str]:
    if not item_ids:
        return {}
    stored = await connection.fetch(
        """
        SELECT DISTINCT ON (item_id) item_id, link FROM desk.facts
        WHERE item_id = ANY($1::uuid[]) ORDER BY item_id, seq DESC
        """,
        item_ids,
    )
    return {ItemId(row["item_id"]): row["link"] for row in stored}


async def _keep_waits(connection: Connection, facts: Sequence[Items]) -> None:
    """The lists, each wait as the batch leaves it."""
    last = {
        (fact.item_id, fact.waiting): fact
        for fact in facts
        if isinstance(fact, (WaitStarted, WaitEnded))
    }
    started = [fact for fact in last.values() if isinstance(fact, WaitStarted)]
    ended = [fact for fact in last.values() if isinstance(fact, WaitEnded)]
    if started:
        await connection.execute(
            """
            INSERT INTO desk.waits (id, waiting, service, since)
            SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[])
            ON CONFLICT (id, waiting) DO NOTHING
            """,
            [fact.item_id for fact in started],
            [fact.waiting.value for fact in started],
            [fact.service for fact in started],
            [fact.happened_at for fact in started],
        )
    if ended:
        await connection.execute(
            """
            DELETE FROM desk.waits USING unnest($1::uuid[], $2::text[]) AS ended (id, waiting)
            WHERE waits.id = ended.id AND waits.waiting = ended.waiting
            """,
            [fact.item_id for fact in ended],
            [fact.waiting.value for fact in ended],
        )
