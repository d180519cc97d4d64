"""How fast the outbox reaches Kafka: `make bench WHAT=relay`.

On embedded servers, PostgreSQL with fsync on. Each time the outbox keeps all that was told before.
"""

import asyncio
import tempfile
import time
from pathlib import Path
from uuid import uuid4

import asyncpg
from pydantic import SecretStr

from deploy.embedded.kafka import KafkaServer
from deploy.embedded.postgres import PostgresServer
from shared.platform.database import Pool, open_pool
from shared.platform.kafka import topics
from shared.platform.messaging import outbox
from shared.platform.messaging.relay import OutboxPlace, Relay
from shared.platform.postgres.migrate import migrate

FACTS = 60_000
ROUNDS = 3
SCHEMA = "sla"
FILL = """
    INSERT INTO sla.outbox (event_id, topic, key, payload, headers)
    SELECT gen_random_uuid(), 'clocks', (n % 1000)::text, repeat('x', 700), '{"ce_type": "Bench"}'
    FROM generate_series(1, $1::int) AS n
"""


def say(what: str, rate: float, unit: str) -> None:
    print(f"{what:<58} {rate:>12,.0f} {unit}")  # noqa: T201  (a bench speaks to a terminal)


async def carried(pool: Pool, relay: Relay) -> float:
    """Facts a second, from the moment the relay leads until nothing waits."""
    await pool.execute(FILL, FACTS)
    before = sum(relay.lanes[SCHEMA].told.values())
    start = time.perf_counter()
    await pool.execute("SELECT pg_notify($1, '')", outbox.channel(SCHEMA))
    while sum(relay.lanes[SCHEMA].told.values()) < before + FACTS:  # noqa: ASYNC110  (a bench)
        await asyncio.sleep(0.01)
    return FACTS / (time.perf_counter() - start)


async def bench(url: str, kafka: str) -> None:
    prefix = f"b{uuid4().hex[:8]}."
    await topics.provision(kafka, prefix, replication=1)
    pool = await open_pool(SecretStr(url), "bench")
    relay = Relay(SecretStr(url), (SCHEMA,), kafka, prefix)
    running = asyncio.create_task(relay.run())
    try:
        while relay.lanes[SCHEMA].place is not OutboxPlace.LEADER:  # noqa: ASYNC110  (a bench)
            await asyncio.sleep(0.01)
        for number in range(ROUNDS):
            say(f"{FACTS:,} facts told, time {number + 1}", await carried(pool, relay), "a second")
    finally:
        relay.stop()
        await running
        await pool.close()


async def prepared(url: str, kafka: str) -> None:
    connection = await asyncpg.connect(url)
    await migrate(connection, site="indre")
    await connection.close()
    await bench(url, kafka)


def main() -> None:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        postgres, kafka = PostgresServer(Path(folder)), KafkaServer(Path(folder))
        postgres.start()
        try:
            kafka.start()
            try:
                asyncio.run(prepared(postgres.url, kafka.address))
            finally:
                kafka.stop()
        finally:
            postgres.stop()


if __name__ == "__main__":
    main()
