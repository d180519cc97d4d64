"""Several services in one process: one door, one relay, one end, and each under its own name."""

import json
import signal
from collections.abc import Awaitable, Callable

from shared.platform.database import Pool, transaction
from shared.platform.messaging import outbox
from tests.plumbing_process import Running, taken
from tests.plumbing_reader import POISON, said

Publish = Callable[..., Awaitable[None]]
Eventually = Callable[..., Awaitable[None]]
Start = Callable[..., Awaitable[Running]]

JOINT = "tests.plumbing_joint"


async def _tells(pool: Pool, schema: str, item: str, *numbers: int) -> None:
    async with transaction(pool) as connection:
        await outbox.put(connection, schema, [said(item, number) for number in numbers])


async def test_its_services_share_a_door_and_a_relay_and_end_together(
    pool: Pool, postgres_url: str, start: Start, eventually: Eventually
) -> None:
    running = await start(module=JOINT)
    await eventually(running.status, 200)
    await _tells(pool, "sla", "a", 1, 2)
    await _tells(pool, "notify", "b", 1)  # the reader of `items` refuses it: of another producer
    await eventually(lambda: pool.fetchval("SELECT count(*) FROM notify.outbox_waiting"), 0)
    await eventually(lambda: pool.fetchval("SELECT count(*) FROM sla.outbox_waiting"), 0)
    relays = await pool.fetch(
        "SELECT application_name FROM pg_stat_activity WHERE datname = current_database()"
        " AND application_name LIKE '%relay'"
    )
    assert [row[0] for row in relays] == ["vaguemestre relay"]
    status, checks = await running.health()
    assert status == 200
    assert {"reader: listening", "reader: relay", "other: database", "other: relay"} <= set(checks)
    _, own = await running.get("/reader/health")
    assert json.loads(own)["service"] == "test reader"
    _, metrics = await running.get("/other/metrics")
    assert b'vaguemestre_relay_leads{schema="notify",site=""} 1.0' in metrics
    assert b"process_resident_memory_bytes" not in metrics
    _, metrics = await running.get("/metrics")
    assert b"process_resident_memory_bytes" in metrics
    assert (await running.get("/nobody/metrics"))[0] == 404
    running.process.send_signal(signal.SIGTERM)
    code, lines = await running.ended()
    assert (code, lines[-1]["event"]) == (0, "process_ended")
    assert ("ended", 0) in await taken(postgres_url)
    runs = {line["service"] for line in lines if line["event"] == "process_runs"}
    assert runs == {"run", "test reader", "other"}


async def test_what_ends_one_of_them_ends_the_process_and_nothing_is_lost(
    pool: Pool, postgres_url: str, start: Start, publish: Publish, eventually: Eventually
) -> None:
    running = await start(module=JOINT)
    await eventually(running.status, 200)
    await publish(said("a", 1))
    await eventually(lambda: taken(postgres_url), [("a", 1)])
    await pool.execute("INSERT INTO sla.effects (item, n) VALUES ('break', 0)")
    code, lines = await running.ended()
    assert code == 1
    assert [line["service"] for line in lines if line["event"] == "service_stopped"] == ["other"]
    assert lines[-1]["why"] == "It was asked to break."
    await publish(said("a", 2))
    await pool.execute("DELETE FROM sla.effects WHERE item = 'break'")
    again = await start(module=JOINT)
    await eventually(again.status, 200)
    await eventually(lambda: taken(postgres_url), [("a", 1), ("a", 2)])


async def test_twenty_records_in_a_row_end_it_with_code_three_and_the_other_in_good_order(
    pool: Pool, postgres_url: str, start: Start, publish: Publish
) -> None:
    await publish(*[said(f"item {n}", POISON) for n in range(25)])
    code, lines = await (await start(module=JOINT)).ended()
    assert code == 3
    assert "25 different keys of topic items in a row fail" in lines[-1]["why"]
    assert await pool.fetchval("SELECT count(*) FROM sla.dead_letters") == 0
    assert await taken(postgres_url) == [("ended", 0)]


async def test_without_its_servers_it_says_so_once_and_exits(pool: Pool, start: Start) -> None:
    del pool
    address = {"VAGUEMESTRE_KAFKA": "127.0.0.1:1", "VAGUEMESTRE_START_WAIT": "PT3S"}
    code, lines = await (await start(module=JOINT, **address)).ended()
    assert code == 1
    assert len([line for line in lines if "Kafka does not answer" in str(line.get("why"))]) == 1
