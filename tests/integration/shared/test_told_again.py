"""What was told stays in PostgreSQL, and is told again behind whatever is fresh."""

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta

from shared.platform.database import Pool, transaction
from shared.platform.messaging import outbox, outbox_retell, outbox_upkeep
from shared.platform.messaging.outbox_age import oldest_age
from shared.platform.messaging.relay import Relay
from shared.platform.messaging.relay_rounds import ROUND, next_sql
from tests.plumbing_reader import Said, said
from tests.relays import running, told

Eventually = Callable[..., Awaitable[None]]
SCHEMA = "sla"


async def test_what_was_told_stays_and_is_told_again_with_the_same_ids(
    pool: Pool, relay: Relay, kafka_address: str, prefix: str, eventually: Eventually
) -> None:
    facts = [said("a", n) for n in range(3)]

    async def waiting() -> tuple[int, int]:
        return await outbox_upkeep.depth(pool, SCHEMA), await outbox_upkeep.depth_again(
            pool, SCHEMA
        )

    async with running(relay):
        async with transaction(pool) as connection:
            await outbox.put(connection, SCHEMA, facts)
        await eventually(waiting, (0, 0))
        assert await pool.fetchval("SELECT count(*) FROM sla.outbox") == 3
        async with transaction(pool) as connection:
            await outbox.put(connection, SCHEMA, facts[:1])  # it was told: nothing to tell
        assert await outbox_retell.retell(pool, SCHEMA) == 3
        await eventually(waiting, (0, 0))
    assert sum(relay.lanes["sla"].told.values()) == 6
    again = await told(kafka_address, prefix, 3, records=6)
    assert [fact.event_id for fact in again] == [fact.event_id for fact in facts] * 2


async def test_only_what_was_told_since_a_moment_is_told_again(pool: Pool) -> None:
    async with transaction(pool) as connection:
        await outbox.put(connection, SCHEMA, [said("a", n) for n in range(3)])
        await connection.execute("DELETE FROM sla.outbox_waiting")
        await connection.execute(
            "UPDATE sla.outbox SET created_at = now() - interval '2 days' WHERE id = "
            "(SELECT min(id) FROM sla.outbox)"
        )
    yesterday = await pool.fetchval("SELECT now() - interval '1 day'")
    assert await outbox_retell.retell(pool, SCHEMA, yesterday) == 2
    assert await outbox_retell.retell(pool, SCHEMA, yesterday) == 0  # they wait already
    assert await oldest_age(pool, SCHEMA) == timedelta()  # nothing fresh waits


async def test_a_fresh_fact_leaves_before_whatever_is_told_again(
    pool: Pool, relay: Relay, kafka_address: str, prefix: str
) -> None:
    """A hundred thousand are to be told again when it comes; it is in the very next round."""
    old, fresh = said("a", 1), said("a", 2)
    async with transaction(pool) as connection:
        await outbox_retell.put_again(connection, SCHEMA, [old])
        await connection.execute(
            """
            INSERT INTO sla.outbox (event_id, topic, key, payload, headers)
            SELECT gen_random_uuid(), 'clocks', n::text, '{}', '{}'
            FROM generate_series(1, 100000) AS n
            """
        )
        await connection.execute("UPDATE sla.outbox_waiting SET again = true")
        await outbox.put(connection, SCHEMA, [fresh])
        (first, *_) = await connection.fetch(next_sql(SCHEMA), ROUND, [])
    assert Said.model_validate_json(first["payload"]) == fresh
    async with running(relay):
        facts = await told(kafka_address, prefix, 2)
    assert [fact.n for fact in facts] == [2, 1]


async def test_facts_that_the_owner_keeps_are_told_again_behind_what_is_fresh(pool: Pool) -> None:
    old, waiting, fresh = said("a", 1), said("a", 2), said("b", 1)
    async with transaction(pool) as connection:
        await outbox.put(connection, SCHEMA, [waiting])
        await outbox_retell.put_again(connection, SCHEMA, [old, waiting])
        await outbox.put(connection, SCHEMA, [fresh])
        rows = await connection.fetch(
            """
            SELECT event_id, again FROM sla.outbox JOIN sla.outbox_waiting USING (id)
            ORDER BY again, id
            """
        )
    assert [tuple(row) for row in rows] == [
        (waiting.event_id, False), (fresh.event_id, False), (old.event_id, True),
    ]  # fmt: skip


async def test_the_relay_looks_at_what_waits_however_much_was_told(pool: Pool) -> None:
    async with pool.acquire() as connection:
        # Its plan is made while the outbox is empty, as that of a service which starts for the
        # first time.
        await connection.execute("SET plan_cache_mode = force_generic_plan")
        await connection.execute(f"PREPARE next AS {next_sql(SCHEMA)}")
        await connection.execute("EXECUTE next (500, '{}')")
        await connection.execute(
            """
            INSERT INTO sla.outbox (event_id, topic, key, payload, headers)
            SELECT gen_random_uuid(), 'items', n::text, '{}', '{}' FROM generate_series(1, 50000) n
            """
        )
        await connection.execute("DELETE FROM sla.outbox_waiting")
        await pool.execute("VACUUM sla.outbox_waiting")
        await outbox.put(connection, SCHEMA, [said("a", 1)])
        plan = await connection.fetchval(
            "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE next (500, '{}')"
        )
        await connection.execute("DEALLOCATE next; RESET plan_cache_mode")
    (top,) = json.loads(plan)
    assert top["Plan"]["Actual Rows"] == 1
    assert top["Plan"]["Shared Hit Blocks"] + top["Plan"]["Shared Read Blocks"] < 20


async def test_told_facts_go_after_sixty_days_and_what_waits_stays(pool: Pool) -> None:
    async with transaction(pool) as connection:
        await outbox.put(connection, SCHEMA, [said("a", n) for n in range(4)])
        await connection.execute(
            "DELETE FROM sla.outbox_waiting WHERE id > (SELECT min(id) FROM sla.outbox)"
        )
        await connection.execute(
            """
            UPDATE sla.outbox SET created_at = now() - ('{61,61,61,59}'::int[])[place]
                * interval '1 day'
            FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM sla.outbox) AS nth
            WHERE nth.id = outbox.id
            """
        )
        assert await outbox_upkeep.prune(connection, SCHEMA) == 2
        left = await connection.fetch("SELECT payload FROM sla.outbox ORDER BY id")
    assert [Said.model_validate_json(row["payload"]).n for row in left] == [0, 3]


async def test_a_program_of_before_tells_as_it_did(pool: Pool) -> None:
    """It writes into the outbox alone, and deletes what it told."""
    await pool.execute(
        """
        INSERT INTO sla.outbox (event_id, topic, key, payload, headers)
        SELECT gen_random_uuid(), 'items', 'a', '{}', '{}' FROM generate_series(1, 3)
        """
    )
    assert await outbox_upkeep.depth(pool, SCHEMA) == 3
    await pool.execute("DELETE FROM sla.outbox WHERE id = (SELECT min(id) FROM sla.outbox)")
    assert await outbox_upkeep.depth(pool, SCHEMA) == 2


async def test_what_several_readers_miss_is_told_again_in_the_order_of_its_ids(pool: Pool) -> None:
    """Whatever plan PostgreSQL makes: else two of them could wait for each other."""
    facts = sorted((said("a", n) for n in range(8)), key=lambda fact: fact.event_id, reverse=True)
    async with transaction(pool) as connection:
        await outbox.put(connection, SCHEMA, facts)
        await connection.execute("DELETE FROM sla.outbox_waiting")
        await connection.execute("SET LOCAL enable_seqscan = off")
        await connection.execute("SET LOCAL enable_bitmapscan = off")
        missing = sorted(fact.event_id for fact in facts)
        assert await outbox_retell.retell_these(connection, SCHEMA, missing) == len(facts)
    rows = await pool.fetch("SELECT id FROM sla.outbox_waiting ORDER BY ctid")
    assert [row["id"] for row in rows] == sorted(row["id"] for row in rows)
