"""The real process on real Kafka, PostgreSQL and SMTP: a fact comes, one mail leaves."""

import asyncio
import os
import sys
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from shared.facts.envelope import Topic
from shared.facts.notices import NOTICES, Notices
from shared.platform.clock import SystemClock
from shared.platform.kafka import topics
from tests.integration.notify.conftest import SECRET, House


@pytest.fixture
async def prefix(kafka_address: str) -> str:
    name = f"t{uuid4().hex}."
    await topics.provision(kafka_address, name, replication=1)
    return name


async def _notify(house: House, kafka_address: str, prefix: str) -> asyncio.subprocess.Process:
    environment = os.environ | {
        "VAGUEMESTRE_DATABASE_URL": house.url.get_secret_value(),
        "VAGUEMESTRE_KAFKA": kafka_address,
        "VAGUEMESTRE_PREFIX": prefix,
        "VAGUEMESTRE_START_WAIT": "PT5M",
        "VAGUEMESTRE_BLOBS": str(house.blobs._folder),  # noqa: SLF001  (the same folder, elsewhere)
        "VAGUEMESTRE_SECRET": SECRET.secret.decode(),
        "VAGUEMESTRE_SMTP_HOST": house.sink.host,
        "VAGUEMESTRE_SMTP_PORT": str(house.sink.port),
        "VAGUEMESTRE_SMTP_TLS": "false",
    }
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services", "notify", "run", env=environment
    )


async def test_a_fact_on_the_topic_becomes_one_mail_and_two_facts(
    house: House, kafka_address: str, prefix: str
) -> None:
    # The process follows the system's clock: its mail is of today.
    now = SystemClock().now()
    house.clock.at = now
    registration = await house.mail(at=now)
    process = await _notify(house, kafka_address, prefix)
    producer = AIOKafkaProducer(bootstrap_servers=kafka_address)
    consumer = AIOKafkaConsumer(
        topics.name_of(Topic.NOTICES, prefix),
        bootstrap_servers=kafka_address,
        auto_offset_reset="earliest",
    )
    await producer.start()
    await consumer.start()
    try:
        name = topics.name_of(Topic.ITEMS, prefix)
        record = registration.model_dump_json().encode()
        for _ in range(3):
            await producer.send_and_wait(name, record, key=registration.key.encode())
        # On a Monday the weekly pages leave beside it.
        told = list[Notices]()
        async with asyncio.timeout(400):
            while len(told) < 2:
                one = NOTICES.validate_json((await consumer.getone()).value)
                told += [one] if registration.item_id in one.item_ids else []
        assert [fact.type for fact in told] == ["NoticePlanned", "NoticeSent"]
        assert len(house.sink.to("jeanne@exemple.fr")) == 1
    finally:
        process.terminate()
        await producer.stop()
        await consumer.stop()
        assert await process.wait() == 0


async def test_a_normal_stop_waits_for_the_answer_of_the_mail_in_hand_and_claims_no_other(
    house: House, kafka_address: str, prefix: str
) -> None:
    now = SystemClock().now()
    house.clock.at = now
    await house.hear(
        await house.mail("1", at=now), await house.mail("2", "deux@exemple.fr", at=now)
    )
    await house.pool.execute("DELETE FROM notify.ledger WHERE kind <> 'receipt'")
    in_data, answered = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        in_data.set()
        await answered.wait()

    house.sink.before_answer = slow
    process = await _notify(house, kafka_address, prefix)
    async with asyncio.timeout(400):
        await in_data.wait()
        process.terminate()
        # Whatever else the process is made of has ended: its relay leads no more.
        free = "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()"
        others = f"{free} AND application_name LIKE '%relay%')"
        while not await house.pool.fetchval(others):  # noqa: ASYNC110  (rows)
            await asyncio.sleep(0.1)
        assert process.returncode is None, "a filter may take ten seconds for its answer"
        answered.set()
        assert await process.wait() == 0
    assert len(house.sink.taken) == 1
    # On a Monday the weekly pages wait beside them, and one may be what was in hand.
    states = [row["state"] for row in await house.pool.fetch("SELECT state FROM notify.ledger")]
    assert states.count("sent") == 1
    assert set(states) == {"planned", "sent"}
