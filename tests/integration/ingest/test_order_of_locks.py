"""Two doors that keep the same arrivals in another order do not wait for each other."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import asyncpg

from services.ingest import store
from shared.facts.envelope import ArrivalId
from tests.desk_builders import an_arrival
from tests.integration.ingest.bench import Bench
from tests.lock_order import blocked

NOW = datetime(2026, 5, 11, 8, tzinfo=UTC)
IDS = sorted(ArrivalId(an_arrival(name).arrival_id) for name in "ab")
GATE = 4711
GATED = """
    CREATE FUNCTION ingest.gate() RETURNS trigger LANGUAGE plpgsql AS $gate$
    BEGIN
        IF pg_backend_pid() = {pid} AND NEW.arrival_id = '{second}' THEN
            PERFORM pg_advisory_xact_lock({gate});
        END IF;
        RETURN NEW;
    END $gate$;
    CREATE TRIGGER gate BEFORE INSERT ON ingest.arrivals
    FOR EACH ROW EXECUTE FUNCTION ingest.gate();
"""
"""Holds back one door before one of its arrivals."""


def row(arrival_id: ArrivalId) -> store.ArrivalRow:
    nothing = (None,) * 5
    return store.ArrivalRow(arrival_id, "spool", "enter", *nothing, NOW)


async def test_arrivals_are_kept_in_the_order_of_their_ids(bench: Bench, postgres_url: str) -> None:
    first, second = IDS
    one, other, holder = [await asyncpg.connect(postgres_url) for _ in range(3)]
    try:
        gated = GATED.format(pid=one.get_server_pid(), second=first, gate=GATE)
        await bench.pool.execute(gated)
        await holder.execute("SELECT pg_advisory_lock($1)", GATE)

        async def keeps(connection: Any, *ids: ArrivalId) -> set[ArrivalId]:
            async with connection.transaction():
                return await store.insert(connection, [row(arrival_id) for arrival_id in ids], NOW)

        async with asyncio.timeout(60):
            early = asyncio.ensure_future(keeps(one, second, first))
            while not await blocked(bench.pool, one.get_server_pid()):  # noqa: ASYNC110  (a lock)
                await asyncio.sleep(0.002)
            late = asyncio.ensure_future(keeps(other, first, second))
            pid = other.get_server_pid()
            while not late.done() and not await blocked(bench.pool, pid):  # noqa: ASYNC110  (a lock)
                await asyncio.sleep(0.002)
            await holder.execute("SELECT pg_advisory_unlock($1)", GATE)
            assert [await early, await late] == [set(), {first, second}]
    finally:
        for connection in (one, other, holder):
            await connection.close()
